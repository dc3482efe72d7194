"""Unseen things are subjects with unknown facts, so that no rule is silent because a list is missing."""

from dataclasses import replace

import pytest
from msgspec import structs

from auditor.data import fixtures_dir
from auditor.facts.entities.projects import AskedProject
from auditor.facts.fact import Unknown
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import EVERYWHERE
from auditor.facts.subjects.unseen import unseen
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import ASSESSMENT_GROUPS, RESOURCE_GROUPS
from auditor.inventory.reads import Read
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import AskedAbout
from tests.facts.blind import fabrikam_without
from tests.facts.small import ASSESSMENT, SUBSCRIPTION, Body, S, assignment, gap, inventory, user

BESIDE = {
    "key vaults",
    "Recovery Services vaults",
    "storage accounts",
    "locks",
    "private endpoints",
    "role assignments",
}
"""The kinds whose association with a project is only shown by other resources of the project."""
ONE = "5fab0001-91e4-4a7c-b035-fab0b1c00001"


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam"])
def test_where_every_list_was_read_nothing_is_unseen(name: str) -> None:
    of = Inventory.of(with_reads(load(fixtures_dir() / f"{name}.yaml")))
    assert list(unseen(of, of.scanned)) == []


@pytest.mark.parametrize(
    ("hidden", "told"),
    [
        (
            "Microsoft.Migrate/migrateProjects",
            {"registrations with projects", "projects", "replication vaults", "replica disks"} | BESIDE,
        ),
        ("Microsoft.Migrate/projects", {"projects"}),
        (
            "Microsoft.OffAzure/HyperVSites",
            {
                "projects",
                "appliances",
                "key vaults of appliances",
                "applications of appliances",
                "applications",
                "sites",
                "discoveries of sites",
            }
            | BESIDE,
        ),
        ("Microsoft.OperationalInsights/workspaces", {"workspaces"}),
        ("Microsoft.Authorization/roleAssignments", {"accounts from outside", "role assignments"}),
        ("graph/directoryObjects", set()),
        ("Microsoft.KeyVault/vaults", BESIDE),
        ("Microsoft.Authorization/locks", {"locks"}),
        ("Microsoft.OperationalInsights/workspaces/tables", set()),
    ],
)
def test_a_list_hides_what_it_would_have_shown(hidden: str, told: set[str]) -> None:
    found = list(unseen(fabrikam_without(hidden), {ONE}))
    assert {one.name for one in found} == {f"{name} that were not seen" for name in told}
    assert {one.id for one in found} <= {EVERYWHERE}
    assert all(isinstance(fact, Unknown) for one in found for name, fact in one.facts.items() if name != "remain.kind")


@pytest.mark.parametrize(("known", "told"), [([], [SubjectKind.ACCOUNT]), ([user()], [])])
def test_who_holds_a_role_may_be_from_outside_where_the_directory_did_not_tell(
    known: list[Body], told: list[SubjectKind]
) -> None:
    of = inventory(assignment(S), graph=known, gaps=[gap("graph/directoryObjects", "/")])
    assert [one.kind for one in unseen(of, {SUBSCRIPTION})] == told


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        ([], set()),
        ([Read(ASSESSMENT_GROUPS, ASSESSMENT)], {SubjectKind.ASSESSMENT, SubjectKind.DISCOVERY}),
    ],
)
def test_machines_that_were_not_asked_for_are_not_unseen(reads: list[Read], told: set[SubjectKind]) -> None:
    by_hand = inventory(reads=reads, gaps=[gap(RESOURCE_GROUPS, S)]).snapshot
    of = Inventory.of(replace(by_hand, header=structs.replace(by_hand.header, asked=AskedAbout())))
    of_machines = {SubjectKind.ASSESSMENT, SubjectKind.DISCOVERY}
    assert {one.kind for one in unseen(of, {SUBSCRIPTION})} & of_machines == told


def test_a_refused_list_of_assessments_may_hide_some() -> None:
    of = inventory(gaps=[gap(ASSESSMENT_GROUPS, ASSESSMENT)])
    assert [one.name for one in unseen(of, {SUBSCRIPTION})] == ["assessments that were not seen"]


def test_without_the_groups_any_resource_may_be_unseen() -> None:
    found = unseen(fabrikam_without("Microsoft.Resources/resourceGroups"), {ONE})
    assert {one.kind for one in found} == set(SubjectKind)


def test_another_subscription_hides_nothing_of_this_one() -> None:
    assert list(unseen(fabrikam_without("Microsoft.Migrate/migrateProjects"), set())) == []


def test_workspaces_are_not_asked_about_where_a_project_is_named() -> None:
    of = fabrikam_without("Microsoft.OperationalInsights/workspaces")
    assert list(unseen(of, {ONE}, project=AskedProject("exit"))) == []
