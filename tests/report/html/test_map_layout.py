"""The picture: every place once, none on another, what belongs together side by side."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.findings import Verdict
from auditor.facts.landscape import KINDS, Landscape, MapPlace, Relation
from auditor.report.html.map import FITS, MOST_ROWS, picture
from auditor.report.result import ScanResult

IDS = [f"{kind}{number}" for kind in KINDS for number in range(4)]
PLACES = tuple(MapPlace(one[:-1], one, one) for one in IDS)


@st.composite
def landscapes(draw: st.DrawFn) -> Landscape:
    places = draw(st.lists(st.sampled_from(PLACES), unique=True))
    ids = [place.id for place in places]
    ends = st.sampled_from(ids) if ids else st.nothing()
    ways = draw(st.lists(st.builds(Relation, ends, ends), max_size=12)) if ids else []
    return Landscape(
        tuple(places), tuple(way for way in ways if KINDS.index(way.from_[:-1]) < KINDS.index(way.to[:-1]))
    )


@given(landscapes())
def test_every_place_is_drawn_once_and_none_on_another(landscape: Landscape) -> None:
    made = picture(landscape, ())
    assert sorted(box.place.id for box in made.boxes) == sorted(place.id for place in landscape.places)
    assert len({(box.x, box.y) for box in made.boxes}) == len(made.boxes)
    assert all(box.y < made.height and box.x < made.width for box in made.boxes)
    assert len(made.curves) == len(landscape.ways)


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


def test_a_large_environment_is_cut_and_says_so() -> None:
    many = Landscape(tuple(MapPlace("project", f"p{number}", f"p{number}") for number in range(MOST_ROWS + 7)), ())
    made = picture(many, ())
    assert (len(made.boxes), made.left_out) == (MOST_ROWS, 7)


def test_a_long_name_is_shortened_in_the_middle() -> None:
    [box] = picture(Landscape((MapPlace("vault", "v", "contoso" * 9),), ()), ()).boxes
    assert len(box.label) <= FITS
    assert "…" in box.label
