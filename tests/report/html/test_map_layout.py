"""The picture: every place once, none on another, no line behind a box, what belongs together side by side."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.audit.findings import Finding, SubjectRef, Verdict
from auditor.facts.landscape import KINDS, Landscape, MapPlace, Relation
from auditor.facts.subjects.landscape import landscape as landscape_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.report.html.map import FITS, Picture, picture
from auditor.report.html.map_layout import MANY, MOST_ROWS
from auditor.report.html.map_lines import HEIGHT, WIDTH
from auditor.report.result import ScanResult
from tests.report.conftest import registration
from tests.sampling import examples

IDS = [f"{kind}{number}" for kind in KINDS for number in range(6)]
PLACES = tuple(MapPlace(one[:-1], one, one) for one in IDS)
_COMMAND = re.compile(r"([MLC])([^MLC]+)")
Point = tuple[float, float]


@st.composite
def landscapes(draw: st.DrawFn) -> Landscape:
    places = draw(st.lists(st.sampled_from(PLACES), unique=True))
    ids = [place.id for place in places]
    ends = st.sampled_from(ids) if ids else st.nothing()
    ways = draw(st.lists(st.builds(Relation, ends, ends), max_size=25)) if ids else []
    return Landscape(
        tuple(places), tuple(way for way in ways if KINDS.index(way.from_[:-1]) < KINDS.index(way.to[:-1]))
    )


def points(path: str) -> Iterator[Point]:
    """Points of an SVG path, close to each other."""
    at: Point = (0, 0)
    for command, numbers in _COMMAND.findall(path):
        values = [float(one) for one in numbers.split()]
        corners = [at, *zip(values[::2], values[1::2], strict=True)]
        for step in range(49) if command != "M" else ():
            yield _along(corners, step / 48)
        at = corners[-1]


def _along(corners: list[Point], share: float) -> Point:
    """The point of a straight line or a Bézier curve, as de Casteljau constructs it."""
    while len(corners) > 1:
        corners = [
            (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for (x1, y1), (x2, y2) in itertools.pairwise(corners)
        ]
    return corners[0]


def touched(made: Picture, path: str) -> set[str]:
    """The boxes that a line runs through or behind, or along the edge of; at its ends it touches the edges of two."""
    corners = [
        *((one.place.id, one.x, one.y) for one in made.boxes),
        *((one.names, one.x, one.y) for one in made.bundles),
    ]
    every = list(points(path))[1:-1]
    return {
        name
        for name, left, top in corners
        if any(left < x < left + WIDTH and top - 1 < y < top + HEIGHT + 1 for x, y in every)
    }


def assert_lines_are_clear(made: Picture) -> None:
    assert {path: through for path in made.curves if (through := touched(made, path))} == {}


@given(landscapes())
def test_every_place_is_drawn_once_and_none_on_another(landscape: Landscape) -> None:
    made = picture(landscape, ())
    assert sorted(box.place.id for box in made.boxes) == sorted(place.id for place in landscape.places)
    assert len({(box.x, box.y) for box in made.boxes}) == len(made.boxes)
    assert all(box.y + HEIGHT <= made.height and box.x + WIDTH <= made.width for box in made.boxes)
    assert len(made.curves) == len(landscape.ways)


@examples(120)
@given(landscapes())
def test_no_line_runs_behind_a_box_that_it_does_not_touch(landscape: Landscape) -> None:
    assert_lines_are_clear(picture(landscape, ()))


def test_a_line_through_a_box_is_noticed() -> None:
    made = picture(Landscape(PLACES, ()), ())
    box = made.boxes[7]
    middle = box.y + HEIGHT // 2
    assert touched(made, f"M{box.x - 20} {middle}L{box.x + WIDTH + 20} {middle}") == {box.place.id}


@pytest.mark.parametrize("name", ["contoso", "fabrikam", "tailspin", "contoso-gov"])
def test_no_line_of_a_fixture_runs_behind_a_box(fixtures: Path, name: str) -> None:
    inventory = Inventory.of(load(fixtures / f"{name}.yaml"))
    made = picture(landscape_of(inventory, Access.of(inventory)), ())
    assert_lines_are_clear(made)
    assert made.left_out == 0


def test_what_belongs_together_stands_in_one_row(everything: ScanResult) -> None:
    rows = {box.place.name: box.y for box in picture(everything.landscape, everything.findings).boxes}
    together = ("contoso-exit", "contosovm01", "contosovm01agentauthaadapp", "contosovm01kv")
    assert len({rows[name] for name in together}) == 1
    assert rows["contoso-pilot"] == rows["contoso-pilot-ws"] > rows["contoso-exit"]


def test_a_box_shows_the_worst_that_is_said(everything: ScanResult) -> None:
    verdicts = {box.place.name: box.verdict for box in picture(everything.landscape, everything.findings).boxes}
    assert verdicts["contoso-exit"] is Verdict.FAIL
    assert verdicts["contoso-pilot-ws"] is Verdict.UNKNOWN
    assert verdicts["contosovm01"] is None


def test_problems_come_first(everything: ScanResult) -> None:
    one = everything.findings[0]
    failing = replace(one, subject=replace(one.subject, id="project3"))
    assert picture(Landscape(PLACES, ()), [failing]).boxes[3].y < picture(Landscape(PLACES, ()), ()).boxes[3].y


def test_a_workspace_has_a_row_below_the_appliances_of_its_project() -> None:
    ways = (
        Relation("project0", "appliance0"),
        Relation("project0", "appliance1"),
        Relation("project0", "workspace0"),
    )
    made = picture(Landscape(tuple(one for one in PLACES if one.id[-1] in "01"), ways), ())
    rows = {box.place.id: box.y for box in made.boxes}
    assert rows["appliance0"] < rows["appliance1"] < rows["workspace0"]


def project_id(subscription: int, number: int) -> str:
    return f"/subscriptions/s{subscription}/resourceGroups/rg/providers/Microsoft.Migrate/migrateProjects/p{number}"


def estate(projects: int, subscriptions: int) -> Landscape:
    """Projects with an appliance, its application and vault, and a workspace that all of a subscription share."""
    places: list[MapPlace] = []
    ways: list[Relation] = []
    for number in range(projects):
        at = number % subscriptions
        ids = [project_id(at, number), *(f"/subscriptions/s{at}/{kind}{number}" for kind in KINDS[1:4])]
        places += [MapPlace(kind, one, f"{kind}-{number}") for kind, one in zip(KINDS, ids, strict=False)]
        ways += [Relation(one, other) for one, other in itertools.pairwise(ids)]
        ways.append(Relation(ids[0], f"/subscriptions/s{at}/shared"))
    places += [MapPlace("workspace", f"/subscriptions/s{at}/shared", f"shared-{at}") for at in range(subscriptions)]
    lower = tuple(Relation(one.from_.lower(), one.to.lower()) for one in ways)
    return Landscape(tuple(places), lower)


def failing(*ids: str) -> list[Finding]:
    return [replace(registration("a", "a"), subject=SubjectRef("project", one, one)) for one in ids]


def test_of_many_projects_those_without_a_problem_are_one_box_per_subscription() -> None:
    many = estate(100, 5)
    made = picture(many, failing(project_id(3, 3), project_id(3, 8), project_id(1, 6)), {"s3": "Contoso Shared"})
    drawn = [box.place.name for box in made.boxes if box.place.kind == "project"]
    assert drawn == ["project-3", "project-6", "project-8"]
    assert [one.text for one in made.texts] == ["Contoso Shared", "s1", "3 subscriptions without a problem"]
    assert sorted(one.label for one in made.bundles) == [
        "18 without problem",
        "19 without problem",
        "60 without problem",
    ]
    assert made.left_out == 0
    assert made.height < 1_000
    assert_lines_are_clear(made)


def test_few_projects_are_all_drawn_whatever_their_verdicts() -> None:
    made = picture(estate(MANY, 3), ())
    assert (made.bundles, made.left_out) == ((), 0)
    assert [one.text for one in made.texts] == ["s0", "s1", "s2"]
    assert_lines_are_clear(made)


def test_everything_is_drawn_bundled_or_counted_as_left_out() -> None:
    many = estate(400, 3)
    ids = [project_id(number % 3, number) for number in range(300)]
    made = picture(many, failing(*ids))
    assert made.height <= 52 * (MOST_ROWS + 20)
    assert any(re.fullmatch(r"and \d+ more projects with a problem", one.text) for one in made.texts)
    bundled = sum(int(one.label.split()[0]) for one in made.bundles)
    beside = sum(int(found[1]) for one in made.bundles if (found := re.match(r"with (\d+) place", one.beside)))
    assert len(made.boxes) + bundled + beside + made.left_out == len(many.places)
    assert_lines_are_clear(made)


def test_a_long_name_is_shortened_in_the_middle() -> None:
    [box] = picture(Landscape((MapPlace("vault", "v", "contoso" * 9),), ()), ()).boxes
    assert len(box.label) <= FITS
    assert "…" in box.label
