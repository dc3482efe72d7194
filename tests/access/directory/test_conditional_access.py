"""Conditional Access policies over one account: which refuse its sign-in by device code, and which leave it open."""

from typing import Any

import pytest

from auditor.access.verdicts import AccessVerdict, ReasonKind
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import Link
from tests.access.environments import ADELE, ALEX, TEAM, Row, environment, gap, guid, member, thing, user

ALLOW, DENY, UNKNOWN = AccessVerdict.ALLOW, AccessVerdict.DENY, AccessVerdict.UNKNOWN
ARM, GRAPH = "797f4846-ba00-4fd7-ba43-dac1f8f63013", "00000003-0000-0000-c000-000000000000"
KEY_VAULT = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
OTHER_APP = guid("another application")
DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
MEMBER = user(ADELE, userType="Member", userPrincipalName="adele@contoso.com", externalUserState=None)
GUEST = user(
    ADELE,
    userType="Guest",
    userPrincipalName="adele_fabrikam.com#EXT#@contoso.com",
    externalUserState="Accepted",
)
DEVICE_CODE = {"transferMethods": "deviceCodeFlow"}
BLOCK = {"operator": "OR", "builtInControls": ["block"]}
ODD_IDS = ("AllInternalUsers", "adele@contoso.com", "", f"{{{ADELE}}}", ADELE.replace("-", ""), "All\u200b", "*")


def users(**named: Any) -> dict[str, Any]:
    return {"includeUsers": [], "excludeUsers": [], "includeGroups": [], "excludeGroups": [], **named}


def policy(state: str = "enabled", *, controls: Any = BLOCK, name: str = "Block device code", **conditions: Any) -> Row:
    """Return a policy that blocks device code for everyone, with some of its conditions replaced."""
    usual = {
        "users": users(includeUsers=["All"]),
        "applications": {"includeApplications": ["All"], "excludeApplications": []},
        "clientAppTypes": ["all"],
        "authenticationFlows": DEVICE_CODE,
        "locations": None,
        "platforms": None,
        "devices": None,
        "signInRiskLevels": [],
        "userRiskLevels": [],
    }
    return thing(
        "conditionalAccessPolicy",
        guid(name),
        displayName=name,
        state=state,
        conditions={**usual, **conditions},
        grantControls=controls,
    )


def verdict(*rows: Row | Link | Gap, account: Row = MEMBER) -> AccessVerdict:
    return environment(account, *rows).access().device_code(ADELE).verdict


def controls(*named: str, operator: str = "OR", **more: Any) -> dict[str, Any]:
    return {"operator": operator, "builtInControls": list(named), **more}


def to(*applications: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"includeApplications": list(applications), "excludeApplications": list(without)}


def guests(kinds: str, membership: str = "all") -> dict[str, Any]:
    return {"guestOrExternalUserTypes": kinds, "externalTenants": {"membershipKind": membership}}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], ALLOW),
        ([policy()], DENY),
        ([policy("disabled")], ALLOW),
        ([policy("enabledForReportingButNotEnforced")], ALLOW),
        ([policy("someday")], UNKNOWN),
        ([policy("someday"), policy(name="another")], DENY),
        ([gap("graph/conditionalAccessPolicies", "/")], UNKNOWN),
        ([gap("graph/conditionalAccessPolicies", "/"), policy()], DENY),
    ],
)
def test_only_policies_in_force_refuse(held: list[Row], expected: AccessVerdict) -> None:
    assert verdict(*held) is expected


@pytest.mark.parametrize(
    ("named", "account", "expected"),
    [
        (users(includeUsers=[ADELE]), MEMBER, DENY),
        (users(includeUsers=[ADELE.upper()]), MEMBER, DENY),
        (users(includeUsers=[ALEX]), MEMBER, ALLOW),
        (users(includeUsers=["None"]), MEMBER, ALLOW),
        (users(includeUsers=["All"], excludeUsers=[ADELE]), MEMBER, ALLOW),
        (users(includeUsers=["All"], excludeGroups=[TEAM]), MEMBER, ALLOW),
        (users(includeUsers=[ADELE], excludeUsers=["GuestsOrExternalUsers"]), MEMBER, DENY),
        (users(includeUsers=[ADELE], excludeUsers=["GuestsOrExternalUsers"]), GUEST, ALLOW),
        (users(includeUsers=["GuestsOrExternalUsers"]), MEMBER, ALLOW),
        (users(includeUsers=["GuestsOrExternalUsers"]), GUEST, DENY),
        (users(includeGroups=[TEAM]), MEMBER, DENY),
        (users(includeGroups=[guid("another group")]), MEMBER, ALLOW),
        (users(includeRoles=[DEVELOPER]), MEMBER, DENY),
        (users(includeRoles=[guid("another role")]), MEMBER, ALLOW),
        (users(includeUsers=["All"], excludeRoles=[DEVELOPER]), MEMBER, ALLOW),
        (users(includeGuestsOrExternalUsers=guests("b2bCollaborationGuest,internalGuest")), GUEST, DENY),
        (users(includeGuestsOrExternalUsers=guests("internalGuest")), GUEST, ALLOW),
        (users(includeGuestsOrExternalUsers=guests("internalGuest,unknownFutureValue")), GUEST, UNKNOWN),
        (users(includeGuestsOrExternalUsers=guests("b2bCollaborationGuest", "enumerated")), GUEST, UNKNOWN),
        (users(includeGuestsOrExternalUsers=guests("b2bCollaborationGuest")), MEMBER, ALLOW),
        (users(includeUsers=["All"], excludeGuestsOrExternalUsers=guests("b2bCollaborationGuest")), GUEST, ALLOW),
        (users(includeUsers=["GuestsOrExternalUsers"]), user(ADELE), UNKNOWN),
        (users(includeUsers="All"), MEMBER, UNKNOWN),
        (users(), MEMBER, UNKNOWN),
        (users(excludeUsers=[ADELE]), MEMBER, ALLOW),
        (users(includeGuestsOrExternalUsers={"guestOrExternalUserTypes": "b2bCollaborationGuest"}), GUEST, DENY),
        (users(includeGuestsOrExternalUsers=guests("b2bCollaborationGuest") | {"externalTenants": {}}), GUEST, UNKNOWN),
        (users(includeUsers=[ADELE], includeSomebodyElse=["x"]), MEMBER, UNKNOWN),
        *((users(includeUsers=[odd]), MEMBER, UNKNOWN) for odd in ODD_IDS),
        *((users(includeGroups=[odd]), MEMBER, UNKNOWN) for odd in (*ODD_IDS, "All")),
        *((users(includeRoles=[odd]), MEMBER, UNKNOWN) for odd in (*ODD_IDS, "All")),
        *((users(includeUsers=["All"], excludeUsers=[odd]), MEMBER, UNKNOWN) for odd in (*ODD_IDS, "All")),
        (users(includeUsers=["All"], excludeGroups=["Break glass"]), MEMBER, UNKNOWN),
        (users(includeUsers=["All"], excludeRoles=["Cloud Application Administrator"]), MEMBER, UNKNOWN),
        (users(includeUsers=["All", "AllInternalUsers"]), MEMBER, DENY),
        (users(includeUsers=["All"], excludeUsers=[ADELE, "AllInternalUsers"]), MEMBER, ALLOW),
        (users(includeUsers=["None"], excludeUsers=["AllInternalUsers"]), MEMBER, ALLOW),
        ([], MEMBER, UNKNOWN),
    ],
)
def test_a_policy_covers_whom_it_includes_and_does_not_exclude(
    named: Any, account: Row, expected: AccessVerdict
) -> None:
    rows = (policy(users=named), member(ADELE, TEAM), Link("directoryRole", ADELE, DEVELOPER, ""))
    assert verdict(*rows, account=account) is expected


@pytest.mark.parametrize(
    ("named", "unread", "expected"),
    [
        (users(includeGroups=[TEAM]), "graph/transitiveMemberOf", UNKNOWN),
        (users(includeUsers=["All"], excludeGroups=[TEAM]), "graph/transitiveMemberOf", UNKNOWN),
        (users(includeUsers=["All"]), "graph/transitiveMemberOf", DENY),
        (users(includeRoles=[DEVELOPER]), "graph/directoryRoles", UNKNOWN),
        (users(includeUsers=[ALEX]), "graph/directoryRoles", ALLOW),
    ],
)
def test_what_was_not_read_of_the_account_leaves_open_what_rests_on_it(
    named: dict[str, Any], unread: str, expected: AccessVerdict
) -> None:
    assert verdict(policy(users=named), gap(unread, ADELE)) is expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (users(includeGroups=[TEAM]), DENY),
        (users(includeUsers=["All"], excludeGroups=[TEAM]), ALLOW),
        (users(includeGroups=[guid("above")]), DENY),
        (users(includeGroups=[guid("another group")]), ALLOW),
    ],
)
def test_the_members_of_a_microsoft_365_group_are_covered(named: dict[str, Any], expected: AccessVerdict) -> None:
    open_group = thing("group", TEAM, securityEnabled=False, groupTypes=["Unified"], mailEnabled=True)
    assert verdict(policy(users=named), open_group, member(ADELE, TEAM), member(TEAM, guid("above"))) is expected


def test_a_group_that_hides_its_members_may_hold_the_account() -> None:
    hiding = thing("group", TEAM, securityEnabled=False, visibility="HiddenMembership")
    assert verdict(policy(users=users(includeGroups=[TEAM])), hiding) is UNKNOWN


def test_a_role_over_a_part_of_the_directory_is_not_covered() -> None:
    held = Link("directoryRole", ADELE, DEVELOPER, "/administrativeUnits/x")
    assert verdict(policy(users=users(includeRoles=[DEVELOPER])), held) is ALLOW


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"applications": to(ARM)}, DENY),
        ({"applications": to(GRAPH)}, DENY),
        ({"applications": to("All", without=(ARM,))}, DENY),
        ({"applications": to("All", without=(ARM, GRAPH))}, UNKNOWN),
        ({"applications": to("All", without=(ARM, GRAPH, KEY_VAULT))}, ALLOW),
        ({"applications": to(KEY_VAULT)}, UNKNOWN),
        ({"applications": to(KEY_VAULT, ARM)}, DENY),
        ({"applications": to(ARM, without=(ARM,))}, ALLOW),
        ({"applications": to(OTHER_APP)}, ALLOW),
        ({"applications": to("None")}, ALLOW),
        ({"applications": to("Office365", "MicrosoftAdminPortals")}, ALLOW),
        ({"applications": to("SomethingNew")}, UNKNOWN),
        ({"applications": to("All-Apps-Of-This-Tenant")}, UNKNOWN),
        ({"applications": to(f"{{{ARM}}}")}, UNKNOWN),
        ({"applications": to("All", without=("SomethingNew",))}, UNKNOWN),
        ({"applications": to("All", without=("All",))}, UNKNOWN),
        ({"applications": to("All", without=("Office365", OTHER_APP))}, DENY),
        ({"applications": to("All", without=(ARM, GRAPH, KEY_VAULT, "SomethingNew"))}, ALLOW),
        ({"applications": to(OTHER_APP, without=("SomethingNew",))}, ALLOW),
        ({"applications": to("All") | {"applicationFilter": {"mode": "exclude", "rule": "x"}}}, UNKNOWN),
        ({"applications": {"includeApplications": [], "applicationFilter": {"mode": "include", "rule": "x"}}}, UNKNOWN),
        ({"applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}}, ALLOW),
        ({"applications": None}, UNKNOWN),
        ({"applications": {}}, UNKNOWN),
        ({"applications": to()}, UNKNOWN),
        ({"applications": {"IncludeApplications": ["All"]}}, UNKNOWN),
        ({"authenticationFlows": None}, DENY),
        ({"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}}, DENY),
        ({"authenticationFlows": {"transferMethods": "authenticationTransfer"}}, ALLOW),
        ({"authenticationFlows": {"transferMethods": "unknownFutureValue"}}, UNKNOWN),
        ({"authenticationFlows": {"transferMethods": None}}, UNKNOWN),
        ({"clientAppTypes": ["mobileAppsAndDesktopClients", "browser"]}, DENY),
        ({"clientAppTypes": ["browser"]}, UNKNOWN),
        ({"clientAppTypes": ["exchangeActiveSync", "other"]}, ALLOW),
        ({"locations": {"includeLocations": ["All"], "excludeLocations": []}}, DENY),
        ({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}, UNKNOWN),
        ({"platforms": {"includePlatforms": ["all"], "excludePlatforms": []}}, DENY),
        ({"platforms": {"includePlatforms": ["windows"], "excludePlatforms": []}}, UNKNOWN),
        ({"signInRiskLevels": ["high"]}, UNKNOWN),
        ({"userRiskLevels": ["high"]}, UNKNOWN),
        ({"insiderRiskLevels": "elevated"}, UNKNOWN),
        ({"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}}, UNKNOWN),
        ({"devices": {"includeDevices": [], "deviceFilter": None}}, DENY),
        ({"times": {"includedRanges": ["x"]}}, UNKNOWN),
        ({"times": None}, DENY),
        ({"times": {"includedRanges": ["x"]}, "applications": to(OTHER_APP)}, ALLOW),
    ],
)
def test_a_policy_refuses_only_where_all_its_conditions_are_met(
    conditions: dict[str, Any], expected: AccessVerdict
) -> None:
    assert verdict(policy(**conditions)) is expected


@pytest.mark.parametrize(
    ("demanded", "expected"),
    [
        (controls("mfa"), ALLOW),
        (controls("compliantDevice"), DENY),
        (controls("domainJoinedDevice"), DENY),
        (controls("compliantDevice", "domainJoinedDevice"), DENY),
        (controls("mfa", "compliantDevice"), ALLOW),
        (controls("mfa", "compliantDevice", operator="AND"), DENY),
        (controls("passwordChange"), UNKNOWN),
        (controls("passwordChange", "compliantDevice", operator="AND"), DENY),
        (controls("passwordChange", "mfa", operator="AND"), UNKNOWN),
        (controls("compliantApplication", "compliantDevice"), UNKNOWN),
        (controls(authenticationStrength={"id": "00000000-0000-0000-0000-000000000002"}), ALLOW),
        (controls(authenticationStrength={"id": "00000000-0000-0000-0000-000000000004"}), UNKNOWN),
        (controls(termsOfUse=[guid("terms")]), UNKNOWN),
        (controls(customAuthenticationFactors=["x"]), UNKNOWN),
        (controls(), ALLOW),
        (None, ALLOW),
        ({"operator": "OR"}, UNKNOWN),
        ({"operator": "OR", "builtInControls": None}, UNKNOWN),
        (controls(termsOfUse={}), UNKNOWN),
        (controls("mfa", "block"), UNKNOWN),
        (controls("mfa", "block", operator="AND"), DENY),
        (controls("mfa", "compliantDevice", operator="XOR"), UNKNOWN),
        (controls("domainJoinedDevice", "compliantDevice", operator="XOR"), DENY),
        ({"operator": "OR", "builtInControls": "block"}, UNKNOWN),
        ({}, UNKNOWN),
        ({"operator": "OR", "BuiltInControls": ["block"]}, UNKNOWN),
        (controls("mfa", somethingNew=["x"]), UNKNOWN),
    ],
)
def test_a_device_code_satisfies_what_needs_no_device(demanded: Any, expected: AccessVerdict) -> None:
    assert verdict(policy(controls=demanded)) is expected


def test_a_service_principal_uses_no_device_code() -> None:
    assert verdict(policy(), account=thing("servicePrincipal", ADELE, appId=guid("app"))) is ALLOW


def workload(sign_in_audience: str | None = "AzureADMyOrg", **more: Any) -> Row:
    """Return an application's service principal of this tenant, with the given audience."""
    more = {"appId": guid("app"), "servicePrincipalType": "Application", "accountEnabled": True, **more}
    return thing("servicePrincipal", ADELE, signInAudience=sign_in_audience, **more)


def clients(*included: str, without: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    named = {"includeServicePrincipals": list(included), "excludeServicePrincipals": list(without), **more}
    return {"clientApplications": named, "users": users(includeUsers=["None"]), "authenticationFlows": None}


EVERY = "ServicePrincipalsInMyTenant"
BY_ATTRIBUTE: dict[str, Any] = {"servicePrincipalFilter": {"mode": "exclude", "rule": "x"}}


@pytest.mark.parametrize(
    ("held", "account", "expected"),
    [
        ([], workload(), ALLOW),
        ([policy()], workload(), ALLOW),
        ([policy(**clients())], workload(), ALLOW),
        ([policy(**clients(EVERY))], workload(), DENY),
        ([policy(**clients(ADELE.upper()))], workload(), DENY),
        ([policy(**clients(ALEX))], workload(), ALLOW),
        ([policy(**clients(EVERY, without=(ADELE,)))], workload(), ALLOW),
        ([policy(**clients(EVERY, without=(ALEX,)))], workload(), DENY),
        ([policy(**clients(EVERY, without=("Break glass",)))], workload(), UNKNOWN),
        ([policy(**clients("SomeServicePrincipals"))], workload(), UNKNOWN),
        ([policy(**clients(without=(ALEX,)))], workload(), UNKNOWN),
        ([policy(**clients(EVERY, **BY_ATTRIBUTE))], workload(), UNKNOWN),
        ([policy(**clients(**BY_ATTRIBUTE))], workload(), UNKNOWN),
        ([policy(**clients(ADELE, includeAgents=["All"]))], workload(), UNKNOWN),
        (
            [policy(**{**clients(EVERY), "clientApplications": {"includeServicePrincipals": EVERY}})],
            workload(),
            UNKNOWN,
        ),
        ([policy(**{**clients(EVERY), "clientApplications": "All"})], workload(), UNKNOWN),
        ([policy(**clients(EVERY))], workload("AzureADMultipleOrgs"), ALLOW),
        ([policy(**clients(EVERY))], workload(None), UNKNOWN),
        ([policy(**clients(EVERY))], workload(None, appOwnerOrganizationId=guid("another tenant")), ALLOW),
        ([policy(**clients(EVERY))], workload(servicePrincipalType="ManagedIdentity"), ALLOW),
        ([policy(**clients(EVERY))], workload(servicePrincipalType="Legacy"), UNKNOWN),
        ([policy(**clients(ALEX))], workload(None), ALLOW),
        ([policy(**clients(EVERY), locations={"includeLocations": ["All"], "excludeLocations": []})], workload(), DENY),
        ([policy(**clients(EVERY), locations={"excludeLocations": ["AllTrusted"]})], workload(), UNKNOWN),
        ([policy(**clients(EVERY), servicePrincipalRiskLevels=["high"])], workload(), UNKNOWN),
        ([policy(**clients(EVERY), clientAppTypes=["browser"])], workload(), UNKNOWN),
        ([policy(**{**clients(EVERY), "authenticationFlows": DEVICE_CODE})], workload(), UNKNOWN),
        ([policy(**clients(EVERY), applications=to(ARM))], workload(), DENY),
        ([policy(**clients(EVERY), applications=to(GRAPH))], workload(), UNKNOWN),
        ([policy(**clients(EVERY), applications=to(OTHER_APP))], workload(), ALLOW),
        ([policy(controls=controls("mfa"), **clients(EVERY))], workload(), UNKNOWN),
        ([policy(controls=None, **clients(EVERY))], workload(), ALLOW),
        ([policy("disabled", **clients(EVERY))], workload(), ALLOW),
        ([policy("someday", **clients(EVERY))], workload(), UNKNOWN),
        ([gap("graph/conditionalAccessPolicies", "/")], workload(), UNKNOWN),
        ([policy(**clients(EVERY))], MEMBER, ALLOW),
    ],
)
def test_a_policy_for_workload_identities_decides_the_sign_in_of_an_application(
    held: list[Row], account: Row, expected: AccessVerdict
) -> None:
    engine = environment(account, *held).access()
    assert engine.own_credential(ADELE).verdict is expected
    assert engine.device_code(ADELE).verdict is ALLOW or account is MEMBER


def test_the_reason_of_an_application_does_not_speak_of_a_device_code() -> None:
    [reason] = environment(workload(), policy(**clients(EVERY))).access().own_credential(ADELE).because
    assert reason.text.endswith("covers the sign-in of the application, and blocks access (AADSTS53003)")


def test_the_reason_names_the_policy_and_what_it_does() -> None:
    [reason] = environment(MEMBER, policy()).access().device_code(ADELE).because
    assert reason.kind is ReasonKind.CONDITIONAL_ACCESS
    assert reason.id == guid("Block device code")
    assert "`Block device code` covers sign-in by device code, and blocks access (AADSTS53003)" in reason.text


def test_a_doubt_names_the_policy_and_what_it_depends_on() -> None:
    held = environment(MEMBER, policy(signInRiskLevels=["high"])).access().device_code(ADELE)
    assert [one.scope for one in held.gaps] == [guid("Block device code")]
    assert "`Block device code` may refuse sign-in by device code: it depends on the risk" in held.gaps[0].message


def test_a_report_only_policy_is_told_apart() -> None:
    engine = environment(MEMBER, policy("enabledForReportingButNotEnforced"), policy("disabled", name="off")).access()
    identities = engine.principals.identities(ADELE)
    assert [one.policy.label for one in engine.conditional_access.reported(identities)] == ["Block device code"]


def test_a_policy_that_cannot_be_understood_leaves_it_open() -> None:
    broken = thing("conditionalAccessPolicy", guid("broken"), state="enabled", conditions="none", grantControls=BLOCK)
    assert verdict(broken) is UNKNOWN
