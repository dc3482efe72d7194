"""The map in words, for whoever does not see the picture and for what is not drawn: a row a place, and what it uses."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.audit.findings import Finding, Verdict
from auditor.facts.landscape import KINDS, Landscape, MapPlace
from auditor.report.html.map_layout import worst_verdicts


@dataclass(frozen=True, slots=True)
class MapRow:
    """A place, the worst verdict about it, and the places it uses or owns, in the order of the picture."""

    place: MapPlace
    verdict: Verdict | None
    uses: tuple[MapPlace, ...]


def map_rows(landscape: Landscape, findings: Iterable[Finding]) -> tuple[MapRow, ...]:
    """Return a row for every place of `landscape`, by kind and name."""
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
