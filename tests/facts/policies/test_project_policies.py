from typing import Any

import pytest

from auditor.facts.fact import Unknown
from tests.facts.small import RG, Body, S, found, gap, inventory, project, value

KIND = "Microsoft.Authorization"
POLICY = f"/providers/{KIND}/policyDefinitions/{{}}"
LOCATIONS, TAG = "e56962a6-4747-49cd-b67b-bf8b01975c4c", "871b6d14-10aa-478d-b590-94f262ecfa99"
PUBLIC_VAULTS = "405c5871-3e91-4644-8a63-58e19d68ff5b"


def assigned(name: str, definition: str, at: str = S, **values: Any) -> Body:
    properties = {
        "displayName": f"The policy {name}",
        "policyDefinitionId": definition,
        "scope": at,
        "enforcementMode": "Default",
        "parameters": {key: {"value": item} for key, item in values.items()},
    }
    kind = f"{KIND}/policyAssignments"
    return {"id": f"{at}/providers/{kind}/{name}", "type": kind, "name": name, "properties": properties}


def exempted(assignment: Body, at: str = RG) -> Body:
    kind = f"{KIND}/policyExemptions"
    identity = f"{at}/providers/{kind}/spared"
    return {"id": identity, "type": kind, "name": "spared", "properties": {"policyAssignmentId": assignment["id"]}}


def facts(*arm: Body, **more: Any) -> Any:
    return found(inventory({**project(), "location": "westeurope"}, *arm, **more), "project", accounts=())


DENIED = assigned("a", POLICY.format(PUBLIC_VAULTS), effect="Deny")


@pytest.mark.parametrize(
    ("arm", "may_refuse"),
    [
        ([], False),
        ([DENIED], True),
        ([assigned("a", POLICY.format(PUBLIC_VAULTS), effect="Audit")], False),
        ([assigned("a", POLICY.format(PUBLIC_VAULTS), at=f"{S}/resourceGroups/other", effect="Deny")], False),
        ([DENIED, exempted(DENIED)], False),
        ([DENIED, exempted(DENIED, at=f"{S}/resourceGroups/other")], True),
        ([assigned("a", POLICY.format(LOCATIONS), listOfAllowedLocations=["West Europe"])], False),
        ([assigned("a", POLICY.format(LOCATIONS), listOfAllowedLocations=["northeurope"])], True),
        ([assigned("a", POLICY.format(LOCATIONS))], True),
        ([assigned("a", POLICY.format(TAG), tagName="Migrate Project")], False),
        ([assigned("a", POLICY.format(TAG), tagName="costcenter")], True),
    ],
)
def test_a_policy_that_is_enforced_around_the_project_may_refuse(arm: list[Body], may_refuse: bool) -> None:
    seen = facts(*arm)
    assert value(seen.facts["project.policy_may_refuse"]) is may_refuse
    assert ("The policy a" in seen.texts["project.policies"]) is may_refuse


@pytest.mark.parametrize(
    ("arm", "unread"),
    [
        ([], gap(f"{KIND}/policyAssignments", S)),
        ([DENIED], gap(f"{KIND}/policyExemptions", S)),
        ([assigned("a", POLICY.format("own"))], gap(f"{KIND}/policyDefinitions", POLICY.format("own"))),
    ],
)
def test_what_was_not_read_leaves_it_unknown(arm: list[Body], unread: Any) -> None:
    fact = facts(*arm, gaps=[unread]).facts["project.policy_may_refuse"]
    assert isinstance(fact, Unknown)
    assert [one.what for one in fact.why] == [unread.what]


def test_a_policy_whose_effect_is_not_told_is_a_doubt_and_no_finding() -> None:
    own = {
        "type": f"{KIND}/policyDefinitions",
        "name": "own",
        "properties": {"policyRule": {"then": {"effect": "[f()]"}}},
    }
    fact = facts(assigned("a", POLICY.format("own")), {"id": POLICY.format("own"), **own}).facts
    doubt = fact["project.policy_may_refuse"]
    assert isinstance(doubt, Unknown)
    assert {one.what for one in doubt.why} == {f"{KIND}/policyDefinitions"}
