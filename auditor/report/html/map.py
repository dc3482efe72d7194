"""The map of the environment: its layout as a picture, and the same places as a table.

The picture has one column per kind of place, and each project with what belongs to it on neighbouring rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.audit.findings import Finding, Verdict
from auditor.facts.landscape import KINDS, Landscape, MapPlace

WIDTH, HEIGHT = 200, 40
ACROSS, DOWN = 248, 52
TOP, EDGE = 34, 6
FITS = 19
"""Maximum number of characters of a name in a box; a longer name is shortened."""
MOST_ROWS = 120
"""Maximum number of rows that are drawn; a higher picture would be unreadable."""

_WORST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Box:
    """A place with its position in the picture and its worst verdict."""

    place: MapPlace
    verdict: Verdict | None
    x: int
    y: int

    @property
    def label(self) -> str:
        """The name, shortened to fit."""
        name = self.place.name
        return name if len(name) <= FITS else f"{name[: FITS // 2 - 1]}…{name[1 - FITS // 2 :]}"


@dataclass(frozen=True, slots=True)
class Curve:
    """A line between two boxes, as an SVG path."""

    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture: what is drawn, its size, and how many places were left out."""

    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    heads: tuple[tuple[int, str], ...]
    width: int
    height: int
    left_out: int


def picture(landscape: Landscape, findings: Iterable[Finding]) -> Picture:
    """Return the picture of `landscape`, projects with problems first."""
    verdicts = worst_verdicts(findings)
    rows = _Rows(landscape, verdicts).rows
    drawn = {key: row for key, row in rows.items() if row < MOST_ROWS}
    boxes = {
        _key(place): Box(place, verdicts.get(place.id.lower()), *_corner(place, drawn[_key(place)]))
        for place in landscape.places
        if _key(place) in drawn
    }
    curves = tuple(
        Curve(_curve(boxes[way.from_], boxes[way.to]))
        for way in landscape.ways
        if way.from_ in boxes and way.to in boxes
    )
    return Picture(
        boxes=tuple(boxes.values()),
        curves=curves,
        heads=tuple((EDGE + ACROSS * number, kind) for number, kind in enumerate(KINDS)),
        width=EDGE * 2 + ACROSS * (len(KINDS) - 1) + WIDTH,
        height=TOP + DOWN * (max(drawn.values(), default=0) + 1),
        left_out=len(landscape.places) - len(boxes),
    )


def _key(place: MapPlace) -> str:
    return place.id.lower()


def _corner(place: MapPlace, row: int) -> tuple[int, int]:
    return EDGE + ACROSS * KINDS.index(place.kind), TOP + DOWN * row


def _curve(a: Box, b: Box) -> str:
    """Return an SVG path from the right edge of `a` to the left edge of `b`."""
    x1, y1, x2, y2 = a.x + WIDTH, a.y + HEIGHT // 2, b.x, b.y + HEIGHT // 2
    near = x1 + (ACROSS - WIDTH)
    return f"M{x1} {y1}C{near} {y1} {x1} {y2} {near} {y2}L{x2} {y2}"


def worst_verdicts(findings: Iterable[Finding]) -> Mapping[str, Verdict]:
    """Return the worst verdict about each subject, without notes; one about a registration counts for its project."""
    worst: dict[str, Verdict] = {}
    for finding in findings:
        if finding.verdict not in _WORST:
            continue
        identity = finding.subject.id.lower().rpartition("@")[2]
        before = worst.get(identity, Verdict.PASS)
        verdict = Verdict.PASS if finding.is_note else finding.verdict
        worst[identity] = min(before, verdict, key=_WORST.index)
    return worst


@dataclass(slots=True)
class _Rows:
    """The rows of all places, assigned beginning with the projects."""

    landscape: Landscape
    verdicts: Mapping[str, Verdict]
    rows: dict[str, int] = field(default_factory=dict)
    free: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    bottom: int = 0

    def __post_init__(self) -> None:
        kinds: dict[str, list[MapPlace]] = defaultdict(list)
        for place in self.landscape.places:
            kinds[place.kind].append(place)
        below: dict[str, list[str]] = defaultdict(list)
        for way in self.landscape.ways:
            below[way.from_].append(way.to)
        by_key = {_key(place): place for place in self.landscape.places}
        for project in sorted(kinds["project"], key=self._urgency):
            self._project(project, [by_key[key] for key in below[_key(project)]], below, by_key)
        for kind in KINDS:
            for place in kinds[kind]:
                if _key(place) not in self.rows:
                    self._block(place, below, by_key)

    def _urgency(self, place: MapPlace) -> tuple[int, str]:
        verdict = self.verdicts.get(_key(place))
        return (_WORST.index(verdict) if verdict else len(_WORST), _key(place))

    def _project(
        self,
        project: MapPlace,
        owned: Sequence[MapPlace],
        below: Mapping[str, list[str]],
        by_key: Mapping[str, MapPlace],
    ) -> None:
        self._put(project, self.bottom)
        start = self.bottom
        for appliance in (one for one in owned if one.kind == "appliance" and _key(one) not in self.rows):
            self._block(appliance, below, by_key)
        for workspace in (one for one in owned if one.kind == "workspace" and _key(one) not in self.rows):
            # In a row of its own if the project has appliances, so that its line crosses no other box.
            self._put(workspace, self.bottom)
            self.bottom = self.rows[_key(workspace)] + 1
        self.bottom = max(self.bottom, start + 1)

    def _block(self, place: MapPlace, below: Mapping[str, list[str]], by_key: Mapping[str, MapPlace]) -> None:
        """Put a place into the next row, and what it uses into the same row."""
        row = self.bottom
        self._put(place, row)
        pending = list(below.get(_key(place), ()))
        while pending:
            key = pending.pop(0)
            if key not in self.rows:
                self._put(by_key[key], row)
                pending.extend(below.get(key, ()))
        self.bottom += 1

    def _put(self, place: MapPlace, row: int) -> None:
        at = max(row, self.free[place.kind])
        self.rows[_key(place)] = at
        self.free[place.kind] = at + 1
        self.bottom = max(self.bottom, row)


@dataclass(frozen=True, slots=True)
class MapRow:
    """A row of the table: a place, its worst verdict, and the places that it uses, in the order of the picture."""

    place: MapPlace
    verdict: Verdict | None
    uses: tuple[MapPlace, ...]


def map_rows(landscape: Landscape, findings: Iterable[Finding]) -> tuple[MapRow, ...]:
    """Return the table, one row per place of `landscape`, sorted by kind and name."""
    verdicts = worst_verdicts(findings)
    by_id = {place.id.lower(): place for place in landscape.places}
    used: dict[str, list[MapPlace]] = defaultdict(list)
    for way in landscape.ways:
        if way.to in by_id:
            used[way.from_].append(by_id[way.to])
    rows = (
        MapRow(place, verdicts.get(place.id.lower()), tuple(sorted(used[place.id.lower()], key=_order)))
        for place in landscape.places
    )
    return tuple(sorted(rows, key=lambda row: _order(row.place)))


def _order(place: MapPlace) -> tuple[int, str, str]:
    return (KINDS.index(place.kind), place.name.lower(), place.id.lower())
