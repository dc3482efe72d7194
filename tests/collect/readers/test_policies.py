"""Policies: read where there is a project, and their definitions only where they may refuse a request."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.collect.collect import collect
from auditor.collect.request import Request
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import collected, embedded, serving

SUBSCRIPTION = "/subscriptions/5fab0001-91e4-4a7c-b035-fab0b1c00001"
KIND = "Microsoft.Authorization/policyAssignments"
POLICY = "/providers/Microsoft.Authorization/policyDefinitions/{}"
INITIATIVE = "/providers/Microsoft.Authorization/policySetDefinitions/{}"
SCAN = Request(all=True)


def assigned(name: str, definition: str, **properties: Any) -> dict[str, Any]:
    stated = {"policyDefinitionId": definition, "scope": SUBSCRIPTION, **properties}
    return {"id": f"{SUBSCRIPTION}/providers/{KIND}/{name}", "type": KIND, "name": name, "properties": stated}


def effect(value: str) -> dict[str, Any]:
    return {"effect": {"value": value}}


def definition(name: str) -> dict[str, Any]:
    rule = {"if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"}, "then": {"effect": "deny"}}
    kind = "Microsoft.Authorization/policyDefinitions"
    return {"id": POLICY.format(name), "type": kind, "name": name, "properties": {"policyRule": rule}}


def initiative(name: str, *members: dict[str, Any]) -> dict[str, Any]:
    kind = "Microsoft.Authorization/policySetDefinitions"
    stated = {
        "parameters": {"vaults": {"defaultValue": "Audit"}, "tags": {"defaultValue": "Deny"}},
        "policyDefinitions": list(members),
    }
    return {"id": INITIATIVE.format(name), "type": kind, "name": name, "properties": stated}


def member(name: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"policyDefinitionId": POLICY.format(name), "parameters": parameters or {}}


def world(*rows: dict[str, Any]) -> Snapshot:
    held = embedded("fabrikam")
    arm = [*held.arm, *map(arm_record, rows)]
    return Snapshot.of(held.header, arm=arm, graph=held.graph, links=held.links, events=held.events, gaps=held.gaps)


async def asked(snapshot: Snapshot) -> list[str]:
    """Return the names of the policies, initiatives and lists of them that a plain scan reads."""
    async with serving(snapshot) as served:
        await collect(served.azure, SCAN)
        paths = [one.partition("?")[0].rpartition("/") for one in served.requests() if "/policy" in one.lower()]
    return sorted(last for _, _, last in paths)


LISTS = ["policyAssignments", "policyExemptions"]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([], LISTS[:1]),
        ([assigned("a", POLICY.format("audited"), parameters=effect("Audit"))], LISTS[:1]),
        ([assigned("a", POLICY.format("off"), enforcementMode="DoNotEnforce")], LISTS[:1]),
        ([assigned("a", POLICY.format("denied"), parameters=effect("Deny"))], ["denied", *LISTS]),
        ([assigned("a", POLICY.format("unstated"))], [*LISTS, "unstated"]),
        ([assigned("a", POLICY.format("x")), assigned("b", POLICY.format("X"))], [*LISTS, "x"]),
        ([assigned("a", "no id at all")], LISTS),
        (
            [assigned("a", POLICY.format("turned"), parameters=effect("Audit"), overrides=[{"kind": "policyEffect"}])],
            [*LISTS, "turned"],
        ),
        (
            [
                assigned("a", INITIATIVE.format("guardrails")),
                initiative(
                    "guardrails",
                    member("vaults", effect("[parameters('vaults')]")),
                    member("tags", effect("[parameters('tags')]")),
                    member("fixed"),
                    member("odd", effect("[concat('De', 'ny')]")),
                ),
            ],
            ["fixed", "guardrails", "odd", *LISTS, "tags"],
        ),
        (
            [
                assigned("a", INITIATIVE.format("guardrails"), parameters={"vaults": {"value": "Deny"}}),
                assigned("b", INITIATIVE.format("guardrails"), parameters={"tags": {"value": "Disabled"}}),
                initiative(
                    "guardrails",
                    member("vaults", effect("[parameters('vaults')]")),
                    member("never", effect("AuditIfNotExists")),
                ),
            ],
            ["guardrails", *LISTS, "vaults"],
        ),
    ],
)
async def test_only_what_may_refuse_is_read_in_full(rows: list[dict[str, Any]], names: list[str]) -> None:
    assert await asked(world(*rows)) == names


async def test_a_subscription_without_a_project_and_without_its_workspace_is_not_asked() -> None:
    held = world(assigned("a", POLICY.format("denied")), definition("denied"))
    kinds = ("microsoft.migrate/migrateprojects", "microsoft.operationalinsights/workspaces")
    workspace = without(held, kinds[0])
    assert await asked(workspace) == ["policyAssignments"]  # a parameter may name the workspace
    assert await asked(without(workspace, kinds[1])) == []


def without(held: Snapshot, kind: str) -> Snapshot:
    return replace(held, arm=tuple(one for one in held.arm if not one.type.lower().startswith(kind)))


async def test_a_definition_that_is_refused_is_a_gap() -> None:
    held = world(assigned("a", POLICY.format("denied")), definition("denied"))
    refused = Gap(
        "Microsoft.Authorization/policyDefinitions", POLICY.format("denied"), 403, "AuthorizationFailed", "no"
    )
    found = await collected(replace(held, gaps=(*held.gaps, refused)), SCAN)
    [gap] = [one for one in found.gaps if one.what == refused.what]
    assert (gap.status, gap.needs) == (403, "Microsoft.Authorization/policyDefinitions/read")


async def test_assignments_that_are_refused_leave_exemptions_to_be_asked_for() -> None:
    held = embedded("fabrikam")
    refused = Gap(KIND, SUBSCRIPTION, 403, "AuthorizationFailed", "no")
    assert await asked(replace(held, gaps=(*held.gaps, refused))) == LISTS
