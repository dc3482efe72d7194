"""Applications, vaults and accounts that exist, are deleted, or could not be read."""

from typing import Any

import pytest

from auditor.access.access import Access
from auditor.facts.fact import Unknown
from auditor.facts.subjects.every import subjects
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import Link
from tests.facts.small import (
    APP_ID,
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
    service_principal,
    site,
    tenant_policy,
    user,
    value,
    vault,
)


def facts(kind: str, *arm: Body, **more: Any) -> dict[str, Any]:
    accounts = (USER,) if kind == "account" else ()
    seen = found(inventory(*arm, **more), kind, accounts=accounts)
    return {name.partition(".")[2]: value(fact) for name, fact in seen.facts.items()} | dict(seen.texts)


@pytest.mark.parametrize("odd", [{"displayName": 5}, {"appId": 5}, {"keyCredentials": "none"}])
def test_an_application_that_came_and_was_not_understood_is_not_missing(odd: Body) -> None:
    seen = found(inventory(site(identity()), graph=[{**application(), **odd}]), "application")
    assert isinstance(seen.facts["application.exists"], Unknown)


@pytest.mark.parametrize(
    ("graph", "gaps", "exists"),
    [
        ([application()], [], True),
        ([service_principal()], [], True),
        ([application()], [gap("graph/servicePrincipals", APP_ID)], True),
        ([], [], False),
        ([], [gap("graph/applications", APP_ID)], None),
        ([], [gap("graph/servicePrincipals", APP_ID)], None),
    ],
)
def test_an_application_is_gone_only_if_both_of_its_objects_are(
    graph: list[Body], gaps: list[Gap], exists: bool | None
) -> None:
    assert facts("application", site(), graph=graph, gaps=gaps)["exists"] is exists


def test_a_deleted_application_can_be_restored() -> None:
    seen = facts("application", site(), deleted_graph=[application()])
    assert (seen["exists"], seen["soft_deleted"]) == (False, True)
    assert "can be restored" in seen["application.restorable"]
    gone = facts("application", site())
    assert (gone["soft_deleted"], gone["application.restorable"]) == (False, "it cannot be restored")
    unread = facts("application", site(), gaps=[gap("graph/deletedApplications", "/")])
    assert unread["soft_deleted"] is None


def test_an_application_of_another_tenant_cannot_be_told() -> None:
    seen = facts("application", site(identity(tenantId="fab00001-0000-4000-8000-000000000000")))
    assert (seen["exists"], seen["foreign"]) == (None, True)
    assert facts("application", site(identity(tenantId=TENANT.upper())))["foreign"] is False


def test_owners_and_credentials_of_an_application() -> None:
    held = application(keyCredentials=[{"endDateTime": "2026-12-03T10:00:00Z"}], passwordCredentials=[])
    links = [Link("owner", held["id"], USER), Link("owner", held["id"], "a5e70099-0000-4000-8000-000000000099")]
    seen = facts("application", site(), graph=[held, user()], links=links)
    assert seen["owners"] == ["a5e70099-0000-4000-8000-000000000099", "megan@contoso.com"]
    assert (seen["has_credential"], seen["credential_days_left"]) == (True, 10)


def test_an_arc_machine_has_no_application_as_a_subject() -> None:
    of = inventory(site({"tenantId": TENANT, "machineResourceId": f"{S}/x", "applicationId": APP_ID}))
    assert not [one for one in subjects(of, Access.of(of), accounts=()) if one.kind.value == "application"]


@pytest.mark.parametrize(
    ("arm", "gaps", "exists", "deleted"),
    [
        ([vault()], [], True, False),
        ([], [], False, False),
        ([], [gap("Microsoft.KeyVault/vaults", S)], None, False),
        ([], [gap("Microsoft.KeyVault/deletedVaults", S)], False, None),
        (
            [
                {
                    "id": f"{S}/providers/Microsoft.KeyVault/locations/weu/deletedVaults/contosoexitkv",
                    "type": "Microsoft.KeyVault/deletedVaults",
                    "name": "ContosoExitKV",
                    "properties": {"vaultId": VAULT.upper()},
                }
            ],
            [],
            False,
            True,
        ),
    ],
)
def test_a_vault_is_there_gone_or_soft_deleted(
    arm: list[Body], gaps: list[Gap], exists: bool | None, deleted: bool | None
) -> None:
    seen = facts("vault", site(), *arm, gaps=gaps)
    assert (seen["exists"], seen["soft_deleted"]) == (exists, deleted)


@pytest.mark.parametrize(
    ("properties", "rbac", "public"),
    [
        ({"enableRbacAuthorization": True}, True, True),
        ({"enableRbacAuthorization": None, "publicNetworkAccess": "disabled"}, False, False),
        ({"networkAcls": {"defaultAction": "Deny"}}, False, False),
        ({"networkAcls": {"defaultAction": "Allow"}, "publicNetworkAccess": "Enabled"}, False, True),
    ],
)
def test_model_and_network_of_a_vault(properties: Body, rbac: bool, public: bool) -> None:
    seen = facts("vault", site(), vault(**properties))
    assert (seen["rbac"], seen["public"]) == (rbac, public)


def test_a_vault_without_the_flag_uses_access_policies() -> None:
    silent = vault()
    del silent["properties"]["enableRbacAuthorization"]
    assert facts("vault", site(), silent)["rbac"] is False


@pytest.mark.parametrize("properties", [{}, None, ...])
def test_a_vault_read_without_its_properties_leaves_its_model_open(properties: object) -> None:
    bare = {name: value for name, value in vault().items() if name != "properties"}
    bare |= {} if properties is ... else {"properties": properties}
    assert facts("vault", site(), bare)["rbac"] is None


@pytest.mark.parametrize(
    ("fields", "pending"),
    [
        ({"externalUserState": "PendingAcceptance"}, True),
        ({"externalUserState": "pendingacceptance", "userType": "Member"}, True),
        ({"externalUserState": "Accepted"}, False),
        ({"externalUserState": None, "userType": "Guest"}, False),
        ({"externalUserState": ...}, False),
        ({"externalUserState": ..., "userType": "Guest"}, None),
        ({"externalUserState": ..., "userPrincipalName": "nestor_fabrikam.com#EXT#@contoso.com"}, None),
    ],
)
def test_an_invitation_is_pending_only_if_the_directory_says_so(fields: Body, pending: bool | None) -> None:
    body = {key: held for key, held in user(**fields).items() if held is not ...}
    assert facts("account", graph=[body, tenant_policy()])["invitation_pending"] is pending


def test_an_account_nobody_could_read_is_unknown() -> None:
    seen = facts("account", graph=[], gaps=[gap("graph/users", USER)])
    assert (seen["enabled"], seen["guest"], seen["invitation_pending"]) == (None, None, None)
    assert (seen["name"], seen["account.who"], seen["type"]) == (None, "megan@contoso.com", "User")


def test_guests_that_hold_a_role_are_judged_unasked_and_others_are_not() -> None:
    guest = user(id="a5e70007-0000-4000-8000-000000000007", userType="Guest", externalUserState="PendingAcceptance")
    member = user(id="a5e70008-0000-4000-8000-000000000008")
    of = inventory(assignment(S, guest["id"]), graph=[guest, member, tenant_policy()])
    asked = [one.id for one in subjects(of, Access.of(of), accounts=()) if one.kind.value == "account"]
    assert asked == [guest["id"]]
