from typing import Any

import pytest

from auditor.access.access import Access
from auditor.data import fixtures_dir
from auditor.facts.schema import facts_of
from auditor.facts.subject import Subject
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from auditor.inventory.resources.directory import DirectoryObject, ServicePrincipal, User
from auditor.inventory.snapshot.files import load
from tests.facts.small import PROJECT, RG, USER, Body, S, gap, inventory, project, site, value, vault, workspace

PYTHON = {"bool": bool, "string": str, "int": int, "list<string>": list, "timestamp": object}


def all_subjects(name: str) -> tuple[Subject, ...]:
    of = Inventory.of(load(fixtures_dir() / f"{name}.yaml"))
    people: list[DirectoryObject] = [*of.objects(User), *of.objects(ServicePrincipal)]
    return tuple(subjects(of, Access.of(of), accounts=[one.id for one in people]))


@pytest.mark.parametrize("name", ["contoso", "fabrikam", "tailspin"])
def test_every_subject_has_every_declared_fact_with_its_type(name: str) -> None:
    for subject in all_subjects(name):
        declared = facts_of(subject.kind)
        texts = {fact.name for fact in declared.values() if fact.in_messages_only}
        assert set(subject.facts) == set(declared) - texts
        assert set(subject.texts) <= texts
        for fact_name, fact in subject.facts.items():
            held = value(fact)
            assert held is None or isinstance(held, PYTHON[declared[fact_name].type.value]), fact_name


@pytest.mark.parametrize("name", ["contoso", "fabrikam", "tailspin"])
def test_no_two_subjects_of_a_kind_share_an_id(name: str) -> None:
    ids = [(subject.kind, subject.id.lower()) for subject in all_subjects(name)]
    assert len(ids) == len(set(ids))


def seen(*arm: Body, gaps: tuple[Gap, ...] = (), **asked: Any) -> dict[str, list[Subject]]:
    of = inventory(*arm, gaps=gaps)
    found: dict[str, list[Subject]] = {}
    for subject in subjects(of, Access.of(of), **{"accounts": [USER], **asked}):
        found.setdefault(subject.kind.value, []).append(subject)
    return found


OTHER_RG = f"{S}/resourceGroups/rg-other"
OTHER = f"{OTHER_RG}/providers/Microsoft.Migrate/migrateProjects/contoso-exit"


def test_an_asked_project_narrows_to_what_belongs_to_it() -> None:
    estate = (project(), site(), vault(), workspace(), project(f"{PROJECT}-2"))
    narrowed = seen(*estate, projects=["CONTOSO-EXIT-2"])
    assert [one.name for one in narrowed["project"]] == ["contoso-exit-2"]
    assert [one.name for one in narrowed["registration"]] == ["megan@contoso.com → contoso-exit-2"]
    assert not {"appliance", "vault", "application", "workspace"} & set(narrowed)
    assert {"appliance", "vault", "application"} <= set(seen(*estate, projects=[PROJECT]))


@pytest.mark.parametrize(
    ("wish", "group", "exists"),
    [
        ("contoso-exit", None, True),
        ("contoso-exit", "RG-OTHER", True),
        ("contoso-exit", "rg-migrate", False),
        ("contoso-gone", None, False),
        (PROJECT, None, False),
        (OTHER.upper(), None, True),
    ],
)
def test_a_project_is_looked_for_where_it_was_asked_for(wish: str, group: str | None, exists: bool) -> None:
    (only,) = seen(project(OTHER), projects=[wish], resource_group=group)["project"]
    assert value(only.facts["project.exists"]) is exists
    assert value(only.facts["project.asked"]) is True


def test_a_project_that_is_not_there_tells_where_its_namesake_is() -> None:
    (only,) = seen(project(OTHER), projects=["contoso-exit"], resource_group="rg-migrate")["project"]
    assert value(only.facts["project.found_elsewhere"]) == [OTHER]
    assert OTHER in only.texts["project.elsewhere"]


@pytest.mark.parametrize(
    ("place", "state", "offered", "words"),
    [
        (OTHER, "Succeeded", True, "a project of this name is at"),
        (OTHER, "Failed", False, "exists, but was not deployed: its provisioning state is `Failed`"),
        (OTHER, "Creating", False, "exists, but its deployment has not ended"),
        (OTHER.replace("migrateProjects", "projects"), "Succeeded", False, "is of the old experience"),
    ],
)
def test_a_namesake_is_offered_only_where_an_appliance_can_register(
    place: str, state: str, offered: bool, words: str
) -> None:
    namesake = {**project(place), "properties": {"provisioningState": state}}
    if "/projects/" in place:
        namesake["type"] = "Microsoft.Migrate/projects"
    found = seen(namesake, projects=["contoso-exit"], resource_group="rg-migrate")["project"]
    (only,) = [one for one in found if one.facts["project.exists"].is_false]
    assert value(only.facts["project.found_elsewhere"]) == ([place] if offered else [])
    assert words in only.texts["project.elsewhere"]
    assert place in only.texts["project.elsewhere"]


@pytest.mark.parametrize("what", ["Microsoft.Migrate/migrateProjects", "Microsoft.Resources/resourceGroups"])
def test_an_unread_list_keeps_open_whether_an_asked_project_exists(what: str) -> None:
    for wish in ("contoso-gone", PROJECT):
        (only,) = seen(gaps=(gap(what, S),), projects=[wish])["project"]
        assert value(only.facts["project.exists"]) is None


def test_a_project_an_appliance_points_at_is_a_subject_though_it_is_gone() -> None:
    found = seen(site())
    (only,) = found["project"]
    assert only.id == PROJECT
    assert value(only.facts["project.wanted"]) is True
    assert value(only.facts["project.appliances"]) == ["appliance01"]
    assert "registration" not in found


def test_an_old_project_has_its_own_experience_and_no_registration() -> None:
    old = {
        "id": f"{RG}/providers/Microsoft.Migrate/projects/classic",
        "type": "Microsoft.Migrate/projects",
        "properties": {"provisioningState": "Succeeded"},
    }
    found = seen(old)
    (only,) = found["project"]
    assert value(only.facts["project.experience"]) == "old"
    assert "registration" not in found


def test_without_a_named_account_the_one_that_read_is_asked_about() -> None:
    assert [one.id for one in seen(project(), accounts=None)["account"]] == [USER]
