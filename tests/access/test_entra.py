import pytest

from auditor.access.verdicts import NoteKind, ReasonKind, Verdict
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    ALEX,
    APP,
    TEAM,
    Environment,
    Row,
    environment,
    gap,
    guid,
    member,
    thing,
    user,
)

GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
APPLICATION_ADMIN = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMIN = "158c047a-c907-4556-b7ef-446551a6b5f7"
DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
HYBRID = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
PRIVILEGED = "e8611ab8-c189-46e8-94e1-60213ab1f814"
READER = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
NO_MATTER = {
    "Directory Readers": READER,
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Directory Synchronization Accounts": "d29b2b05-8046-44ba-8758-1e26182fcf32",
    "Groups Administrator": "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
}
PARTNER_TIER_1 = "4ba39ca4-527c-499a-b93d-d9b492c50246"
OWN_OBJECT_ONLY = "2af84b1e-32c8-42b7-82bc-daa82404023b"
PARTNER = "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8"
CLIENT, REGISTRATION = guid("client"), guid("registration")
MEMBER, GUEST = user(ADELE, userType="Member"), user(ADELE, userType="Guest")
LIMITED_GUESTS = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
GUESTS_AS_MEMBERS = "a0b1b346-4d3e-4e8b-98f8-753987be4970"


def tenant(*, allowed: bool | None, guests: str = LIMITED_GUESTS) -> Row:
    defaults = {"allowedToCreateApps": allowed}
    return thing(
        "authorizationPolicy", "authorizationPolicy", defaultUserRolePermissions=defaults, guestUserRoleId=guests
    )


def holds(role: str, principal: str = ADELE, scope: str = "") -> Link:
    return Link("directoryRole", principal, role, scope)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([MEMBER, tenant(allowed=True)], Verdict.ALLOW),
        ([MEMBER, tenant(allowed=False)], Verdict.DENY),
        ([MEMBER, tenant(allowed=None)], Verdict.UNKNOWN),
        ([MEMBER], Verdict.UNKNOWN),
        ([GUEST, tenant(allowed=True)], Verdict.DENY),
        ([GUEST, tenant(allowed=True, guests=GUESTS_AS_MEMBERS)], Verdict.UNKNOWN),
        ([GUEST, tenant(allowed=True, guests=OWN_OBJECT_ONLY)], Verdict.DENY),
        ([GUEST, tenant(allowed=True), holds(DEVELOPER)], Verdict.ALLOW),
        *[([MEMBER, tenant(allowed=False), holds(role)], Verdict.DENY) for role in NO_MATTER.values()],
        *[([MEMBER, tenant(allowed=False), holds(role)], Verdict.DENY) for role in (PARTNER, PARTNER_TIER_1)],
        ([user(ADELE), tenant(allowed=True)], Verdict.UNKNOWN),
        ([tenant(allowed=True)], Verdict.UNKNOWN),
        *[
            ([MEMBER, tenant(allowed=False), holds(role)], Verdict.ALLOW)
            for role in (GLOBAL, APPLICATION_ADMIN, CLOUD_APPLICATION_ADMIN, DEVELOPER, DEVELOPER.upper(), HYBRID)
        ],
        ([MEMBER, tenant(allowed=False), holds(PRIVILEGED)], Verdict.DENY),
        ([MEMBER, tenant(allowed=False), holds(READER)], Verdict.DENY),
        ([MEMBER, tenant(allowed=False), holds(DEVELOPER, scope="/")], Verdict.ALLOW),
        ([MEMBER, tenant(allowed=False), holds(APPLICATION_ADMIN, scope="/administrativeUnits/x")], Verdict.DENY),
        ([MEMBER, tenant(allowed=False), member(ADELE, TEAM), holds(DEVELOPER, TEAM)], Verdict.ALLOW),
        ([MEMBER, tenant(allowed=False), gap("graph/directoryRoles", ADELE)], Verdict.UNKNOWN),
        ([MEMBER, tenant(allowed=False), gap("graph/transitiveMemberOf", ADELE)], Verdict.UNKNOWN),
        ([MEMBER, tenant(allowed=True), gap("graph/directoryRoles", ADELE)], Verdict.ALLOW),
        ([MEMBER, gap("graph/authorizationPolicy", "/"), holds(DEVELOPER)], Verdict.ALLOW),
        ([thing("servicePrincipal", ADELE, appId=CLIENT), tenant(allowed=True)], Verdict.DENY),
        ([thing("servicePrincipal", ADELE, appId=CLIENT), gap("graph/appRoleAssignments", ADELE)], Verdict.UNKNOWN),
        ([thing("servicePrincipal", ADELE, appId=CLIENT), holds(APPLICATION_ADMIN)], Verdict.ALLOW),
        (
            [
                MEMBER,
                tenant(allowed=False),
                thing("group", TEAM, securityEnabled=True, isAssignableToRole=True),
                member(ADELE, TEAM),
                gap("graph/directoryRoles", TEAM),
            ],
            Verdict.UNKNOWN,
        ),
    ],
)
def test_who_may_register_applications(rows: list[Row], expected: Verdict) -> None:
    found = environment(*rows).access().may_create_applications(ADELE)
    assert found.verdict is expected
    assert bool(found.gaps) is (expected is Verdict.UNKNOWN)


CARRIER = thing("group", TEAM, securityEnabled=True, isAssignableToRole=True)
MAY_JOIN = thing(
    "privilegedAccessGroupEligibilityScheduleInstance", "one", principalId=ADELE, groupId=TEAM, accessId="member"
)


@pytest.mark.parametrize(
    "rows",
    [
        [member(ADELE, TEAM), gap("graph/directoryRoles", TEAM), gap("graph/groups", TEAM)],
        [member(ADELE, TEAM), gap("graph/directoryRoles", TEAM), gap("graph/groups", ADELE), CARRIER],
        [MAY_JOIN, CARRIER, gap("graph/directoryRoles", TEAM)],
        [MAY_JOIN, CARRIER, gap("graph/directoryRoleEligibilities", TEAM)],
        [MAY_JOIN, gap("graph/transitiveMemberOf", TEAM)],
    ],
)
def test_roles_of_a_group_that_were_not_read_leave_a_denial_open(rows: list[Row]) -> None:
    access = environment(*rows).access()
    assert access.administers_applications(ADELE).verdict is Verdict.UNKNOWN
    without = [row for row in rows if not isinstance(row, Gap)]
    assert environment(*without).access().administers_applications(ADELE).verdict is Verdict.DENY


APPLICATION = thing("application", REGISTRATION, appId=CLIENT, displayName="appliance")
PRINCIPAL = thing("servicePrincipal", APP, appId=CLIENT, displayName="appliance")


def world(*rows: Row | Link) -> Environment:
    return environment(MEMBER, APPLICATION, PRINCIPAL, *rows)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], Verdict.DENY),
        ([Link("owner", REGISTRATION, ADELE)], Verdict.ALLOW),
        ([Link("owner", APP, ADELE)], Verdict.ALLOW),
        ([Link("owner", REGISTRATION.upper(), ADELE.upper())], Verdict.ALLOW),
        ([Link("owner", REGISTRATION, ALEX)], Verdict.DENY),
        ([Link("owner", REGISTRATION, TEAM), member(ADELE, TEAM)], Verdict.DENY),
        *[([holds(role)], Verdict.ALLOW) for role in (GLOBAL, APPLICATION_ADMIN, CLOUD_APPLICATION_ADMIN, PARTNER)],
        ([holds(APPLICATION_ADMIN, scope=f"/{REGISTRATION}")], Verdict.ALLOW),
        ([holds(APPLICATION_ADMIN, scope=f"/{guid('another')}")], Verdict.DENY),
        ([holds(APPLICATION_ADMIN, scope="/administrativeUnits/x")], Verdict.DENY),
        ([holds(DEVELOPER)], Verdict.DENY),
        ([holds(PARTNER_TIER_1)], Verdict.ALLOW),
        ([holds(APPLICATION_ADMIN, scope=f"/{APP}")], Verdict.ALLOW),
        *[([holds(role)], Verdict.DENY) for role in NO_MATTER.values()],
        (
            [MAY_JOIN, holds(APPLICATION_ADMIN, TEAM)],
            Verdict.ELIGIBLE,
        ),
        ([gap("graph/groupEligibilities", ADELE)], Verdict.UNKNOWN),
        ([gap("graph/directoryRoleEligibilities", ADELE, 400, "AadPremiumLicenseRequired")], Verdict.DENY),
        ([gap("graph/owners", REGISTRATION)], Verdict.UNKNOWN),
        ([gap("graph/owners", REGISTRATION), Link("owner", APP, ADELE)], Verdict.ALLOW),
        ([gap("graph/directoryRoles", ADELE)], Verdict.UNKNOWN),
    ],
)
def test_who_controls_an_application(rows: list[Row], expected: Verdict) -> None:
    found = world(*rows).access()
    assert found.controls_application(ADELE, CLIENT).verdict is expected
    assert found.controls_application(ADELE, REGISTRATION.upper()).verdict is expected


@pytest.mark.parametrize("role", [HYBRID, PRIVILEGED])
def test_roles_that_must_first_help_themselves_are_told(role: str) -> None:
    found = world(holds(role)).access().controls_application(ADELE, CLIENT)
    assert found.verdict is Verdict.DENY
    assert [note.kind for note in found.notes] == [NoteKind.ESCALATION]


def test_an_application_that_is_absent_is_said_to_be() -> None:
    found = environment(MEMBER).access().controls_application(ADELE, CLIENT)
    assert found.verdict is Verdict.DENY
    assert (found.because[0].kind, "no application" in found.because[0].text) == (ReasonKind.NOTHING, True)


def test_a_deleted_application_is_said_to_be_restorable() -> None:
    gone = environment(MEMBER)
    gone.deleted.append(APPLICATION)
    assert "restored" in gone.access().controls_application(ADELE, CLIENT).because[0].text


@pytest.mark.parametrize("what", ["graph/applications", "graph/servicePrincipals"])
def test_an_application_that_was_not_read_is_unknown(what: str) -> None:
    found = environment(MEMBER, gap(what, CLIENT)).access().controls_application(ADELE, CLIENT)
    assert (found.verdict, found.gaps[0].what) == (Verdict.UNKNOWN, what)
