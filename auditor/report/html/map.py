"""The map of the environment: its layout as a picture, and the same places as a table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.audit.findings import Finding, Verdict
from auditor.facts.landscape import KINDS, Landscape, MapPlace
from auditor.report.counted import counted
from auditor.report.html.map_layout import WORST, Bundle, MapNote, key_of, map_layout
from auditor.report.html.map_lines import ACROSS, DOWN, EDGE, HEIGHT, TOP, WIDTH, corner, line

FITS = 19
"""Maximum number of characters of a name in a box; a longer name is shortened."""
NAMED = 20
"""Maximum number of projects that a box for several names."""


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
class BundleBox:
    """A box for several projects without a problem: its position, its label, and what it stands for in words."""

    x: int
    y: int
    label: str
    beside: str
    names: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """A line of text in the picture."""

    y: int
    text: str
    is_heading: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture: what is drawn, its size, and how many places were left out; `curves` are SVG paths."""

    boxes: tuple[Box, ...]
    bundles: tuple[BundleBox, ...]
    texts: tuple[TextRow, ...]
    curves: tuple[str, ...]
    heads: tuple[tuple[int, str], ...]
    width: int
    height: int
    left_out: int


def picture(landscape: Landscape, findings: Iterable[Finding], titles: Mapping[str, str] | None = None) -> Picture:
    """Return the picture of `landscape`, subscriptions and projects with problems first.

    `titles` are the names of the subscriptions by id (lower case).
    """
    verdicts = worst_verdicts(findings)
    layout = map_layout(landscape, verdicts, titles or {})
    drawn = [place for place in landscape.places if key_of(place) in layout.rows]
    cells = {key_of(place): (KINDS.index(place.kind), layout.rows[key_of(place)]) for place in drawn}
    taken = set(cells.values()) | {(0, bundle.row) for bundle in layout.bundles}
    return Picture(
        boxes=tuple(Box(place, verdicts.get(key_of(place)), *corner(cells[key_of(place)])) for place in drawn),
        bundles=tuple(map(_bundle_box, layout.bundles)),
        texts=tuple(map(_text_row, layout.notes)),
        curves=tuple(
            line(cells[way.from_], cells[way.to], taken)
            for way in landscape.ways
            if way.from_ in cells and way.to in cells
        ),
        heads=tuple((EDGE + ACROSS * number, kind) for number, kind in enumerate(KINDS)),
        width=EDGE * 2 + ACROSS * (len(KINDS) - 1) + WIDTH,
        height=TOP + DOWN * max(layout.height, 1),
        left_out=layout.left_out,
    )


def _bundle_box(bundle: Bundle) -> BundleBox:
    count = len(bundle.projects)
    names = ", ".join(one.name for one in bundle.projects[:NAMED])
    more = f" and {count - NAMED:,} more" if count > NAMED else ""
    x, y = corner((0, bundle.row))
    places = f"with {counted(bundle.others, 'place')} below them"
    return BundleBox(x, y, f"{count:,} without problem", places if bundle.others else "", f"{names}{more}")


def _text_row(note: MapNote) -> TextRow:
    return TextRow(corner((0, note.row))[1] + HEIGHT // 2 + 10, note.text, note.is_heading)


def worst_verdicts(findings: Iterable[Finding]) -> Mapping[str, Verdict]:
    """Return the worst verdict about each subject, without notes; one about a registration counts for its project."""
    worst: dict[str, Verdict] = {}
    for finding in findings:
        if finding.verdict not in WORST:
            continue
        identity = finding.subject.id.lower().rpartition("@")[2]
        before = worst.get(identity, Verdict.PASS)
        verdict = Verdict.PASS if finding.is_note else finding.verdict
        worst[identity] = min(before, verdict, key=WORST.index)
    return worst


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
