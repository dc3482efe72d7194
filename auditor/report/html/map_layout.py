"""The layout of the map: which row each place is drawn in, what stands for those without a problem, and what is cut.

Rows belong to subscriptions, those with the worst problem first. In each, a project is drawn with what belongs to it
on neighbouring rows. Where there are many projects, those without a problem are one box per subscription.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditor.audit.findings import Verdict
from auditor.facts.landscape import KINDS, Landscape, MapPlace
from auditor.report.counted import counted

MANY = 30
"""Maximum number of projects of which every one is drawn, whatever its verdicts."""
MOST_ROWS = 120
"""Maximum number of rows that are drawn; a higher picture would be unreadable."""
WORST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MapNote:
    """A row of text: the heading of a subscription, or the count of what is not drawn of it."""

    row: int
    text: str
    is_heading: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """A row with one box for projects without a problem, and the number of places that belong to them."""

    row: int
    projects: tuple[MapPlace, ...]
    others: int


@dataclass(frozen=True, slots=True)
class MapLayout:
    """The rows of the drawn places by their id (lower case), further rows, and how many places have none of them."""

    rows: Mapping[str, int]
    notes: tuple[MapNote, ...]
    bundles: tuple[Bundle, ...]
    height: int
    left_out: int


def map_layout(landscape: Landscape, verdicts: Mapping[str, Verdict], titles: Mapping[str, str]) -> MapLayout:
    """Return the layout; `verdicts` are by the ids of places, `titles` by those of subscriptions, all in lower case."""
    return _Rows(landscape, verdicts, titles).made()


@dataclass(frozen=True, slots=True)
class _Group:
    """What belongs to one subscription; `subscription` is empty for what names none.

    `loud` are the projects to draw, `quiet` those to bundle, `strays` the places that no project leads to.
    """

    subscription: str
    loud: tuple[MapPlace, ...]
    quiet: tuple[MapPlace, ...]
    strays: tuple[MapPlace, ...]


@dataclass(slots=True)
class _Rows:
    """The rows of all places, given from the top to the bottom."""

    landscape: Landscape
    verdicts: Mapping[str, Verdict]
    titles: Mapping[str, str]
    rows: dict[str, int] = field(default_factory=dict)
    notes: list[MapNote] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    free: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    below: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[str, MapPlace] = field(default_factory=dict)
    bundled: set[str] = field(default_factory=set)
    bottom: int = 0
    deepest: int = -1

    def made(self) -> MapLayout:
        """Return the layout."""
        self.by_key = {key_of(place): place for place in self.landscape.places}
        for way in self.landscape.ways:
            self.below[way.from_].append(way.to)
        groups = self._groups()
        named = len(groups) > 1
        silent: list[MapPlace] = []
        for group in groups:
            if not group.loud and not group.strays:
                silent += group.quiet
            elif self.bottom < MOST_ROWS:
                self._group(group, named=named)
        if silent and self.bottom < MOST_ROWS:
            subscriptions = {self._place_of(one) for one in silent}
            if named:
                self._note(f"{counted(len(subscriptions), 'subscription')} without a problem", heading=True)
            self._bundle(silent)
        left_out = len(self.by_key.keys() - self.rows.keys() - self.bundled)
        return MapLayout(self.rows, tuple(self.notes), tuple(self.bundles), self.deepest + 1, left_out)

    def _groups(self) -> list[_Group]:
        """Return the groups, the one with the worst place first, otherwise by name; what names no subscription last."""
        projects = [place for place in self.landscape.places if place.kind == "project"]
        reached = {key: self._reach(key_of(one)) for one in projects for key in [key_of(one)]}
        owned = {key for keys in reached.values() for key in keys}
        quiet = {key for key, keys in reached.items() if len(projects) > MANY and not any(map(self._is_loud, keys))}
        held: dict[str, list[MapPlace]] = defaultdict(list)
        for place in self.landscape.places:
            if place.kind == "project" or key_of(place) not in owned:
                held[self._place_of(place)].append(place)
        groups = [
            _Group(
                subscription,
                tuple(
                    sorted((it for it in places if it.kind == "project" and key_of(it) not in quiet), key=self._urgency)
                ),
                tuple(it for it in places if key_of(it) in quiet),
                tuple(it for it in places if it.kind != "project"),
            )
            for subscription, places in held.items()
        ]
        return sorted(
            groups, key=lambda group: (self._worst(group), not group.subscription, self._name(group.subscription))
        )

    def _group(self, group: _Group, *, named: bool) -> None:
        if named:
            self._note(self._name(group.subscription) or "in no known subscription", heading=True)
        cut = 0
        for project in group.loud:
            if self.bottom >= MOST_ROWS:
                cut += 1
            else:
                self._project(project)
        for stray in group.strays:
            if key_of(stray) not in self.rows and self.bottom < MOST_ROWS:
                self._block(stray)
        if cut:
            self._note(f"and {counted(cut, 'more project')} with a problem", heading=False)
        if group.quiet:
            self._bundle(group.quiet)

    def _note(self, text: str, *, heading: bool) -> None:
        self.notes.append(MapNote(self._whole_row(), text, heading))

    def _bundle(self, projects: Sequence[MapPlace]) -> None:
        """Add one box for projects, with the number of the places below them that are neither drawn nor counted yet."""
        mine = {key_of(one) for one in projects}
        others = {key for one in projects for key in self._reach(key_of(one))} - mine - self.rows.keys() - self.bundled
        self.bundled |= mine | others
        self.bundles.append(Bundle(self._whole_row(), tuple(projects), len(others)))

    def _whole_row(self) -> int:
        """Return a row below everything, in which nothing else is drawn."""
        row = self.deepest + 1
        for kind in KINDS:
            self.free[kind] = row + 1
        self.bottom, self.deepest = row + 1, row
        return row

    def _reach(self, key: str) -> set[str]:
        """Return the place and everything that it leads to."""
        found, pending = {key}, [key]
        while pending:
            for one in self.below.get(pending.pop(), ()):
                if one not in found:
                    found.add(one)
                    pending.append(one)
        return found

    def _place_of(self, place: MapPlace) -> str:
        """Return the subscription of a place, or that of the first thing that it leads to; empty if none has one."""
        for key in (key_of(place), *sorted(self._reach(key_of(place)))):
            found = _SUBSCRIPTION.match(key)
            if found:
                return found[1]
        return ""

    def _name(self, subscription: str) -> str:
        return self.titles.get(subscription, subscription)

    def _is_loud(self, key: str) -> bool:
        return self.verdicts.get(key) in {Verdict.FAIL, Verdict.UNKNOWN}

    def _urgency(self, place: MapPlace) -> tuple[int, str]:
        verdict = self.verdicts.get(key_of(place))
        return (WORST.index(verdict) if verdict else len(WORST), key_of(place))

    def _worst(self, group: _Group) -> int:
        return min((self._urgency(one)[0] for one in (*group.loud, *group.quiet, *group.strays)), default=len(WORST))

    def _project(self, project: MapPlace) -> None:
        owned = [self.by_key[key] for key in self.below[key_of(project)]]
        self._put(project, self.bottom)
        start = self.bottom
        for appliance in (one for one in owned if one.kind == "appliance" and key_of(one) not in self.rows):
            self._block(appliance)
        for workspace in (one for one in owned if one.kind != "appliance" and key_of(one) not in self.rows):
            # In a row of its own if the project has appliances, so that its line is a straight one.
            self._put(workspace, self.bottom)
            self.bottom = self.rows[key_of(workspace)] + 1
        self.bottom = max(self.bottom, start + 1)

    def _block(self, place: MapPlace) -> None:
        """Put a place into the next row, and what it uses into the same row."""
        row = self.bottom
        self._put(place, row)
        pending = list(self.below.get(key_of(place), ()))
        while pending:
            key = pending.pop(0)
            if key not in self.rows:
                self._put(self.by_key[key], row)
                pending.extend(self.below.get(key, ()))
        self.bottom += 1

    def _put(self, place: MapPlace, row: int) -> None:
        at = max(row, self.free[place.kind])
        self.rows[key_of(place)] = at
        self.free[place.kind] = at + 1
        self.bottom = max(self.bottom, row)
        self.deepest = max(self.deepest, at)


def key_of(place: MapPlace) -> str:
    """Return the key of a place: its id in lower case."""
    return place.id.lower()
