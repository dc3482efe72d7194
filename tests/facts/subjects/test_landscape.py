"""The map of the embedded environment: existing places, places only referred to, and the ways between them."""

from auditor.access.access import Access
from auditor.data import fixtures_dir
from auditor.facts.landscape import KINDS, Landscape
from auditor.facts.subjects.landscape import landscape
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load


def contoso() -> Landscape:
    inventory = Inventory.of(load(fixtures_dir() / "contoso.yaml"))
    return landscape(inventory, Access.of(inventory))


def test_it_holds_every_kind_sorted_and_each_once() -> None:
    places = contoso().places
    assert {place.kind for place in places} == set(KINDS)
    assert list(places) == sorted(places, key=lambda one: (KINDS.index(one.kind), one.id.lower()))
    assert len({place.id.lower() for place in places}) == len(places)


def test_the_chain_of_one_appliance() -> None:
    world = contoso()
    names = {place.id.lower(): place.name for place in world.places}
    ways = {(names[way.from_], names[way.to]) for way in world.ways}
    assert ("contoso-dc-exit", "cdxvcenter01") in ways
    [application] = [to for before, to in ways if before == "cdxvcenter01"]
    assert (application, "ContosoDcExit4f2akv") in ways
    assert ("contoso-dc-exit", "contoso-dc-exit-oms") in ways


def test_a_deleted_project_is_pointed_at_and_its_workspace_hangs_on_it() -> None:
    world = contoso()
    [pilot] = [place for place in world.places if place.kind == "project" and place.name == "contoso-pilot"]
    assert not pilot.held
    below = {way.to for way in world.ways if way.from_ == pilot.id.lower()}
    names = {place.name for place in world.places if place.id.lower() in below}
    assert names == {"pilotvm01", "contoso-pilot-oms"}


def test_ways_lead_between_places_alone() -> None:
    world = contoso()
    ids = {place.id.lower() for place in world.places}
    assert all(way.from_ in ids and way.to in ids for way in world.ways)
