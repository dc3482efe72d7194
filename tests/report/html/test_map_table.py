"""The map as a table: every place, its verdict, and what it uses."""

from hypothesis import given

from auditor.audit.findings import Verdict
from auditor.facts.landscape import Landscape
from auditor.report.html.map import map_rows
from auditor.report.result import ScanResult
from tests.report.html.test_map_layout import landscapes


def test_it_says_what_the_picture_shows(everything: ScanResult) -> None:
    rows = map_rows(everything.landscape, everything.findings)
    assert [(row.place.kind, row.place.name, row.verdict, [one.name for one in row.uses]) for row in rows] == [
        ("project", "contoso-exit", Verdict.FAIL, ["contosovm01"]),
        ("project", "contoso-pilot", None, ["contoso-pilot-ws"]),
        ("appliance", "contosovm01", None, ["contosovm01agentauthaadapp"]),
        ("application", "contosovm01agentauthaadapp", None, ["contosovm01kv"]),
        ("vault", "contosovm01kv", None, []),
        ("workspace", "contoso-pilot-ws", Verdict.UNKNOWN, []),
    ]


@given(landscapes())
def test_every_place_and_every_way_is_told_once(landscape: Landscape) -> None:
    rows = map_rows(landscape, ())
    assert sorted(row.place.id for row in rows) == sorted(place.id for place in landscape.places)
    told = sorted((row.place.id, used.id) for row in rows for used in row.uses)
    assert told == sorted((way.from_, way.to) for way in landscape.ways)
