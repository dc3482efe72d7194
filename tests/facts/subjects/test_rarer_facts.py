"""Rarer facts: other tenants, leftovers, shared applications, ending roles, access policies for other accounts."""

from typing import Any

import pytest

from auditor.access.access import Access
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.records import Link
from tests.facts.small import (
    APP_ID,
    RG,
    SITE,
    SUBSCRIPTION,
    TENANT,
    USER,
    VAULT,
    Body,
    S,
    application,
    assignment,
    found,
    gap,
    identity,
    inventory,
    policy,
    project,
    site,
    user,
    value,
    vault,
    whats,
)

ELSEWHERE = "72c0a7b1-0000-4000-8000-00000000ffff"
HOME = {"id": S, "subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "displayName": "Contoso", "state": "Enabled"}
OTHER_USER = "a5e70002-0000-4000-8000-000000000002"
GROUP = "96e00001-0000-4000-8000-000000000001"


def known(of: Inventory, kind: str, name: str) -> Any:
    return value(found(of, kind).facts[f"{kind}.{name}"])


# ------------------------------------------------------------------------------------------------------------- tenants


@pytest.mark.parametrize(("tenant", "foreign"), [(TENANT, False), (TENANT.upper(), False), (ELSEWHERE, True)])
def test_appliance_and_vault_are_of_the_tenant_of_their_subscription(tenant: str, foreign: bool) -> None:
    of = inventory(HOME, project(), site(identity(tenantId=tenant)), vault(tenantId=tenant))
    assert known(of, "appliance", "foreign") is foreign
    assert known(of, "vault", "foreign") is foreign


def test_a_subscription_that_does_not_tell_its_tenant_leaves_it_open() -> None:
    of = inventory(project(), site(), vault())
    assert whats(found(of, "appliance").facts["appliance.foreign"]) == {"Microsoft.Resources/subscriptions"}
    assert whats(found(of, "vault").facts["vault.foreign"]) == {"Microsoft.Resources/subscriptions"}


def test_a_vault_that_is_gone_tells_no_tenant() -> None:
    of = inventory(HOME, project(), site())
    assert whats(found(of, "vault").facts["vault.foreign"]) == {"Microsoft.KeyVault/vaults"}


# -------------------------------------------------------------------------------------------------------------- shared


def twin() -> Body:
    second = site()
    second["id"], second["name"] = SITE.replace("appliance01", "appliance02"), "appliance02site"
    second["properties"]["applianceName"] = "appliance02"
    return second


def test_an_application_of_two_appliances_is_shared() -> None:
    assert known(inventory(site(), graph=[application()]), "application", "shared") is False
    shared = inventory(site(), twin(), graph=[application()], gaps=[gap("Microsoft.OffAzure/HyperVSites", S)])
    assert known(shared, "application", "shared") is True


def test_an_unread_site_may_share_it() -> None:
    of = inventory(site(), graph=[application()], gaps=[gap("Microsoft.OffAzure/HyperVSites", S)])
    assert whats(found(of, "application").facts["application.shared"]) == {"Microsoft.OffAzure/HyperVSites"}
    assert found(of, "application").id == APP_ID


# --------------------------------------------------------------------------------------------------- roles that end


def activation(ends: str | None, scope: str = RG) -> Body:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances/ac710001",
        "type": "Microsoft.Authorization/roleAssignmentScheduleInstances",
        "name": "ac710001",
        "properties": {
            "principalId": USER,
            "scope": scope,
            "endDateTime": ends,
            "originRoleAssignmentId": assignment(scope)["id"].upper(),
        },
    }


@pytest.mark.parametrize(
    ("ends", "soon"),
    [
        ("2026-11-23T14:00:00Z", True),
        ("2026-11-30T10:00:00Z", True),
        ("2026-11-30T10:00:01Z", False),
        ("2026-11-23T10:00:00Z", False),
        (None, False),
    ],
)
def test_a_role_that_ends_within_a_week_ends_soon(ends: str | None, soon: bool) -> None:
    seen = found(inventory(project(), assignment(RG), activation(ends)), "registration")
    assert value(seen.facts["registration.role_ending"]) is soon
    assert ("registration.role_ends" in seen.texts) is soon


def test_a_role_of_a_group_ends_for_its_members() -> None:
    held = activation("2026-11-23T14:00:00Z")
    held["properties"]["principalId"] = GROUP
    of = inventory(
        project(), assignment(RG, GROUP), held, links=[Link("transitiveMemberOf", USER, GROUP)], graph=[user()]
    )
    assert known(of, "registration", "role_ending") is True


@pytest.mark.parametrize(
    ("what", "scope"),
    [
        ("Microsoft.Authorization/roleAssignments", S),
        ("Microsoft.Authorization/roleAssignmentScheduleInstances", S),
        ("graph/transitiveMemberOf", USER),
    ],
)
def test_that_no_role_ends_takes_every_list_of_roles(what: str, scope: str) -> None:
    of = inventory(project(), assignment(RG), gaps=[gap(what, scope)])
    assert what in whats(found(of, "registration").facts["registration.role_ending"])


# ---------------------------------------------------------------------------------------------- policies for others


def other(**fields: Any) -> Body:
    return user(id=OTHER_USER, userPrincipalName="isaiah@contoso.com", **fields)


@pytest.mark.parametrize(
    ("policies", "for_another"),
    [
        ([], False),
        ([policy()], False),
        ([policy(USER.upper())], False),
        ([policy(OTHER_USER)], True),
        ([policy(), policy(OTHER_USER)], True),
        ([policy(GROUP)], None),
        ([policy(GROUP), policy(OTHER_USER)], True),
    ],
)
def test_for_whom_the_policies_of_a_vault_are(policies: list[Body], for_another: bool | None) -> None:
    of = inventory(project(), site(), vault(accessPolicies=policies), graph=[user(), other()])
    seen = found(of, "registration")
    assert value(seen.facts["registration.policy_for_another"]) is for_another
    assert ("`isaiah@contoso.com`" in seen.texts.get("registration.policy_holders", "")) is (for_another is True)


def test_all_for_whom_the_policies_are_written_are_named_or_counted() -> None:
    numbers = range(1, 7)
    people = [user(id=f"{OTHER_USER[:-1]}{one}", userPrincipalName=f"u{one}@contoso.com") for one in numbers]
    people[1]["accountEnabled"] = False
    team = {"@odata.type": "#microsoft.graph.group", "id": GROUP, "displayName": "migrators"}
    written = [policy(GROUP), *(policy(one["id"]) for one in people[:3])]
    few = inventory(project(), site(), vault(accessPolicies=written), graph=[user(), team, *people])
    holders = found(few, "registration").texts["registration.policy_holders"]
    assert holders == "`u1@contoso.com`, `u2@contoso.com` (disabled), `u3@contoso.com`, the members of `migrators`"
    written += [policy(one["id"]) for one in people[3:]]
    many = inventory(project(), site(), vault(accessPolicies=written), graph=[user(), team, *people])
    assert (
        found(many, "registration")
        .texts["registration.policy_holders"]
        .endswith("`u5@contoso.com` and 2 more, 7 in all")
    )


def test_a_service_principal_is_nobody_else_who_signs_in() -> None:
    machine = {"@odata.type": "#microsoft.graph.servicePrincipal", "id": GROUP, "appId": APP_ID}
    of = inventory(project(), site(), vault(accessPolicies=[policy(GROUP)]), graph=[user(), machine])
    assert known(of, "registration", "policy_for_another") is False


def test_a_vault_that_is_gone_and_a_site_that_was_not_read_leave_it_open() -> None:
    gone = inventory(project(), site())
    assert whats(found(gone, "registration").facts["registration.policy_for_another"]) == {"Microsoft.KeyVault/vaults"}
    hidden = inventory(project(), gaps=[gap("Microsoft.OffAzure/VMwareSites", S)])
    assert whats(found(hidden, "registration").facts["registration.policy_for_another"]) == {
        "Microsoft.OffAzure/VMwareSites"
    }


def test_a_vault_whose_policies_were_refused_leaves_it_open() -> None:
    stub = {"id": VAULT, "type": "Microsoft.KeyVault/vaults", "name": "contosoexitkv"}
    of = inventory(project(), site(), stub, gaps=[gap("Microsoft.KeyVault/vaults", VAULT)])
    every = subjects(of, Access.of(of), accounts=[USER])
    (only,) = [one for one in every if one.kind.value == "registration"]
    assert value(only.facts["registration.policy_for_another"]) is None
