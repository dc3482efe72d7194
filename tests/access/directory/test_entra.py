import pytest

from auditor.access.verdicts import AccessVerdict, NoteKind, ReasonKind
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
        ([MEMBER, tenant(allowed=True)], AccessVerdict.ALLOW),
        ([MEMBER, tenant(allowed=False)], AccessVerdict.DENY),
        ([MEMBER, tenant(allowed=None)], AccessVerdict.UNKNOWN),
        ([MEMBER], AccessVerdict.UNKNOWN),
        ([GUEST, tenant(allowed=True)], AccessVerdict.DENY),
        ([GUEST, tenant(allowed=True, guests=GUESTS_AS_MEMBERS)], AccessVerdict.UNKNOWN),
        ([GUEST, tenant(allowed=True, guests=OWN_OBJECT_ONLY)], AccessVerdict.DENY),
        ([GUEST, tenant(allowed=True), holds(DEVELOPER)], AccessVerdict.ALLOW),
        *[([MEMBER, tenant(allowed=False), holds(role)], AccessVerdict.DENY) for role in NO_MATTER.values()],
        *[([MEMBER, tenant(allowed=False), holds(role)], AccessVerdict.DENY) for role in (PARTNER, PARTNER_TIER_1)],
        ([user(ADELE), tenant(allowed=True)], AccessVerdict.UNKNOWN),
        ([tenant(allowed=True)], AccessVerdict.UNKNOWN),
        *[
            ([MEMBER, tenant(allowed=False), holds(role)], AccessVerdict.ALLOW)
            for role in (GLOBAL, APPLICATION_ADMIN, CLOUD_APPLICATION_ADMIN, DEVELOPER, DEVELOPER.upper(), HYBRID)
        ],
        ([MEMBER, tenant(allowed=False), holds(PRIVILEGED)], AccessVerdict.DENY),
        ([MEMBER, tenant(allowed=False), holds(READER)], AccessVerdict.DENY),
        ([MEMBER, tenant(allowed=False), holds(DEVELOPER, scope="/")], AccessVerdict.ALLOW),
        ([MEMBER, tenant(allowed=False), holds(APPLICATION_ADMIN, scope="/administrativeUnits/x")], AccessVerdict.DENY),
        ([MEMBER, tenant(allowed=False), member(ADELE, TEAM), holds(DEVELOPER, TEAM)], AccessVerdict.ALLOW),
        ([MEMBER, tenant(allowed=False), gap("graph/directoryRoles", ADELE)], AccessVerdict.UNKNOWN),
        ([MEMBER, tenant(allowed=False), gap("graph/transitiveMemberOf", ADELE)], AccessVerdict.UNKNOWN),
        ([MEMBER, tenant(allowed=True), gap("graph/directoryRoles", ADELE)], AccessVerdict.ALLOW),
        ([MEMBER, gap("graph/authorizationPolicy", "/"), holds(DEVELOPER)], AccessVerdict.ALLOW),
        ([thing("servicePrincipal", ADELE, appId=CLIENT), tenant(allowed=True)], AccessVerdict.DENY),
        (
            [thing("servicePrincipal", ADELE, appId=CLIENT), gap("graph/appRoleAssignments", ADELE)],
            AccessVerdict.UNKNOWN,
        ),
        ([thing("servicePrincipal", ADELE, appId=CLIENT), holds(APPLICATION_ADMIN)], AccessVerdict.ALLOW),
        (
            [
                MEMBER,
                tenant(allowed=False),
                thing("group", TEAM, securityEnabled=True, isAssignableToRole=True),
                member(ADELE, TEAM),
                gap("graph/directoryRoles", TEAM),
            ],
            AccessVerdict.UNKNOWN,
        ),
    ],
)
def test_who_may_register_applications(rows: list[Row], expected: AccessVerdict) -> None:
    found = environment(*rows).access().may_create_applications(ADELE)
    assert found.verdict is expected
    assert bool(found.gaps) is (expected is AccessVerdict.UNKNOWN)


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
    assert access.administers_applications(ADELE).verdict is AccessVerdict.UNKNOWN
    without = [row for row in rows if not isinstance(row, Gap)]
    assert environment(*without).access().administers_applications(ADELE).verdict is AccessVerdict.DENY


APPLICATION = thing("application", REGISTRATION, appId=CLIENT, displayName="appliance")
PRINCIPAL = thing("servicePrincipal", APP, appId=CLIENT, displayName="appliance")


def world(*rows: Row | Link) -> Environment:
    return environment(MEMBER, APPLICATION, PRINCIPAL, *rows)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], AccessVerdict.DENY),
        ([Link("owner", REGISTRATION, ADELE)], AccessVerdict.ALLOW),
        ([Link("owner", APP, ADELE)], AccessVerdict.ALLOW),
        ([Link("owner", REGISTRATION.upper(), ADELE.upper())], AccessVerdict.ALLOW),
        ([Link("owner", REGISTRATION, ALEX)], AccessVerdict.DENY),
        ([Link("owner", REGISTRATION, TEAM), member(ADELE, TEAM)], AccessVerdict.DENY),
        *[
            ([holds(role)], AccessVerdict.ALLOW)
            for role in (GLOBAL, APPLICATION_ADMIN, CLOUD_APPLICATION_ADMIN, PARTNER)
        ],
        ([holds(APPLICATION_ADMIN, scope=f"/{REGISTRATION}")], AccessVerdict.ALLOW),
        ([holds(APPLICATION_ADMIN, scope=f"/{guid('another')}")], AccessVerdict.DENY),
        ([holds(APPLICATION_ADMIN, scope="/administrativeUnits/x")], AccessVerdict.DENY),
        ([holds(DEVELOPER)], AccessVerdict.DENY),
        ([holds(PARTNER_TIER_1)], AccessVerdict.ALLOW),
        ([holds(APPLICATION_ADMIN, scope=f"/{APP}")], AccessVerdict.ALLOW),
        *[([holds(role)], AccessVerdict.DENY) for role in NO_MATTER.values()],
        (
            [MAY_JOIN, holds(APPLICATION_ADMIN, TEAM)],
            AccessVerdict.ELIGIBLE,
        ),
        ([gap("graph/groupEligibilities", ADELE)], AccessVerdict.UNKNOWN),
        ([gap("graph/directoryRoleEligibilities", ADELE, 400, "AadPremiumLicenseRequired")], AccessVerdict.DENY),
        ([gap("graph/owners", REGISTRATION)], AccessVerdict.UNKNOWN),
        ([gap("graph/owners", REGISTRATION), Link("owner", APP, ADELE)], AccessVerdict.ALLOW),
        ([gap("graph/directoryRoles", ADELE)], AccessVerdict.UNKNOWN),
    ],
)
def test_who_controls_an_application(rows: list[Row], expected: AccessVerdict) -> None:
    found = world(*rows).access()
    assert found.controls_application(ADELE, CLIENT).verdict is expected
    assert found.controls_application(ADELE, REGISTRATION.upper()).verdict is expected


@pytest.mark.parametrize("role", [HYBRID, PRIVILEGED])
def test_roles_that_must_first_give_themselves_rights_become_notes(role: str) -> None:
    found = world(holds(role)).access().controls_application(ADELE, CLIENT)
    assert found.verdict is AccessVerdict.DENY
    assert [note.kind for note in found.notes] == [NoteKind.ESCALATION]


def test_an_absent_application_is_reported_as_such() -> None:
    found = environment(MEMBER).access().controls_application(ADELE, CLIENT)
    assert found.verdict is AccessVerdict.DENY
    assert (found.because[0].kind, "no application" in found.because[0].text) == (ReasonKind.NOTHING, True)


def test_a_deleted_application_is_reported_as_restorable() -> None:
    gone = environment(MEMBER)
    gone.deleted.append(APPLICATION)
    assert "restored" in gone.access().controls_application(ADELE, CLIENT).because[0].text


@pytest.mark.parametrize("what", ["graph/applications", "graph/servicePrincipals"])
def test_an_application_that_was_not_read_is_unknown(what: str) -> None:
    found = environment(MEMBER, gap(what, CLIENT)).access().controls_application(ADELE, CLIENT)
    assert (found.verdict, found.gaps[0].what) == (AccessVerdict.UNKNOWN, what)
