"""Surroundings of a project: each fact with both known values, and unknown without the list it depends on."""

import json
from typing import Any

import pytest

from auditor.access.access import Access
from auditor.facts.subject import Subject
from auditor.facts.subjects.every import subjects
from auditor.facts.subjects.project_obstacles import NAMES
from auditor.inventory.inventory import Inventory
from tests.facts.small import (
    PROJECT,
    RG,
    SITE,
    TENANT,
    Body,
    S,
    assessment,
    gap,
    inventory,
    project,
    site,
    value,
    whats,
    workspace,
)

GONE = f"{RG}/providers/Microsoft.OffAzure/VMwareSites/gonesite"


def around(of: Inventory, name: str = "contoso-exit") -> Subject:
    every = subjects(of, Access.of(of), accounts=())
    (only,) = [one for one in every if one.kind.value == "project" and one.name == name]
    return only


def fact(of: Inventory, name: str) -> Any:
    return value(around(of).facts[f"project.{name}"])


def lock(scope: str, level: str) -> Body:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/frozen",
        "type": "Microsoft.Authorization/locks",
        "name": "frozen",
        "properties": {"level": level},
    }


def solution(*sites: str) -> Body:
    named = json.dumps({f"appliance{number}": {"SiteId": one} for number, one in enumerate(sites)})
    return {
        "id": f"{PROJECT}/Solutions/Servers-Discovery-ServerDiscovery",
        "type": "Microsoft.Migrate/migrateProjects/solutions",
        "name": "Servers-Discovery-ServerDiscovery",
        "properties": {"details": {"extendedDetails": {"applianceNameToSiteIdMapV3": named}}},
    }


def deleted_vault(group: str = RG) -> Body:
    return {
        "id": f"{S}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/oldkv",
        "type": "Microsoft.KeyVault/deletedVaults",
        "name": "oldkv",
        "properties": {"vaultId": f"{group}/providers/Microsoft.KeyVault/vaults/oldkv"},
    }


def subscription(state: str) -> Body:
    return {"id": S, "subscriptionId": S.rpartition("/")[2], "tenantId": TENANT, "displayName": "C", "state": state}


OLD = {
    "id": f"{RG}/providers/Microsoft.Migrate/projects/classic",
    "type": "Microsoft.Migrate/projects",
    "properties": {"provisioningState": "Succeeded"},
}
UNREGISTERED = {
    "id": f"{S}/providers/Microsoft.OffAzure",
    "namespace": "Microsoft.OffAzure",
    "registrationState": "NotRegistered",
}


@pytest.mark.parametrize(
    ("name", "arm", "expected"),
    [
        ("cloud", (), "AzureCloud"),
        ("locked", (), False),
        ("locked", (lock(RG, "ReadOnly"),), True),
        ("locked", (lock(S, "ReadOnly"),), True),
        ("locked", (lock(RG, "CanNotDelete"),), False),
        ("locked", (lock(SITE, "ReadOnly"),), False),
        ("subscription_works", (), True),
        ("subscription_works", (subscription("PastDue"),), True),
        ("subscription_works", (subscription("Disabled"),), False),
        ("subscription_state", (subscription("Expired"),), "Expired"),
        ("unregistered_providers", (), []),
        ("unregistered_providers", (UNREGISTERED,), ["Microsoft.OffAzure"]),
        ("taken_vault_names", (), []),
        ("taken_vault_names", (deleted_vault(),), ["oldkv"]),
        ("taken_vault_names", (deleted_vault(f"{S}/resourceGroups/rg-other"),), []),
        ("taken_workspace_names", (), []),
        ("missing_sites", (), []),
        ("missing_sites", (solution(SITE), site()), []),
        ("missing_sites", (solution(SITE, GONE), site()), [GONE]),
        ("has_workspace", (), False),
        ("has_workspace", (assessment(), workspace()), True),
        ("has_workspace", (assessment(workspace_id=None),), False),
        ("has_workspace", (assessment(of=f"{PROJECT}-2"),), False),
        ("both_experiences", (), False),
        ("both_experiences", (OLD,), True),
    ],
)
def test_what_stands_around_a_project(name: str, arm: tuple[Body, ...], expected: object) -> None:
    assert fact(inventory(project(), *arm), name) == expected


@pytest.mark.parametrize(
    ("name", "what", "arm"),
    [
        ("locked", "Microsoft.Authorization/locks", ()),
        ("taken_vault_names", "Microsoft.KeyVault/deletedVaults", ()),
        ("taken_workspace_names", "Microsoft.OperationalInsights/deletedWorkspaces", ()),
        ("has_workspace", "Microsoft.Migrate/assessmentProjects", ()),
        ("both_experiences", "Microsoft.Migrate/projects", ()),
        ("missing_sites", "Microsoft.OffAzure/VMwareSites", (solution(GONE),)),
    ],
)
def test_an_unread_list_keeps_it_open(name: str, what: str, arm: tuple[Body, ...]) -> None:
    of = inventory(project(), *arm, gaps=[gap(what, S)])
    assert what in whats(around(of).facts[f"project.{name}"])


def test_unread_solutions_hide_what_they_name() -> None:
    of = inventory(project(), gaps=[gap("Microsoft.Migrate/migrateProjects/solutions", PROJECT)])
    assert whats(around(of).facts["project.missing_sites"]) == {"Microsoft.Migrate/migrateProjects/solutions"}


def test_a_subscription_that_was_not_returned_has_no_known_state() -> None:
    of = inventory(project(), subscription(""), {"id": S, "subscriptionId": S.rpartition("/")[2]})
    assert fact(of, "subscription_works") is None
    assert fact(of, "subscription_state") is None


def test_the_lock_is_named_in_messages() -> None:
    of = inventory(project(), lock(RG, "ReadOnly"))
    assert f"`{RG}/providers/Microsoft.Authorization/locks/frozen`" in around(of).texts["project.locks"]


def test_of_a_project_that_could_be_anywhere_nothing_around_is_known() -> None:
    other = f"{S[:-1]}2"
    of = inventory({"id": other, "subscriptionId": other.rpartition("/")[2]}, subscriptions=(S[15:], other[15:]))
    every = subjects(of, Access.of(of), accounts=(), projects=("nowhere",))
    (only,) = [one for one in every if one.kind.value == "project"]
    assert {value(only.facts[f"project.{name}"]) for name in NAMES} == {None}
    assert value(only.facts["project.experience"]) == "new"


def test_a_project_nobody_sees_may_be_of_the_old_experience_where_those_were_not_read() -> None:
    of = inventory(gaps=[gap("Microsoft.Migrate/projects", S)])
    every = subjects(of, Access.of(of), accounts=(), projects=("nowhere",))
    (only,) = [one for one in every if one.kind.value == "project"]
    assert whats(only.facts["project.experience"]) == {"Microsoft.Migrate/projects"}
