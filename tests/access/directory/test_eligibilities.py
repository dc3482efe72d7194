"""Directory roles that can be activated: within their window, at their scope; unread ones mean unknown."""

import pytest

from auditor.access.verdicts import AccessVerdict
from auditor.inventory.snapshot.records import Link
from tests.access.environments import ADELE, Row, environment, gap, guid, thing, user

DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
READER = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
CLIENT, APPLICATION = guid("client"), guid("registration")
LIST = "graph/directoryRoleEligibilities"
MEMBER = user(ADELE, userType="Member")
CLOSED = thing("authorizationPolicy", "authorizationPolicy", defaultUserRolePermissions={"allowedToCreateApps": False})
OWNED = thing("application", APPLICATION, appId=CLIENT)


def may_become(role: str, scope: str = "/", **window: str) -> Row:
    kind = "unifiedRoleEligibilityScheduleInstance"
    return thing(kind, f"{role}-1-e", principalId=ADELE, roleDefinitionId=role, directoryScopeId=scope, **window)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (may_become(DEVELOPER), AccessVerdict.ELIGIBLE),
        (may_become(DEVELOPER.upper()), AccessVerdict.ELIGIBLE),
        (may_become(DEVELOPER, endDateTime="2026-11-23T10:00:00Z"), AccessVerdict.DENY),
        (may_become(DEVELOPER, startDateTime="2026-11-23T10:00:01Z"), AccessVerdict.DENY),
        (may_become(DEVELOPER, scope="/administrativeUnits/one"), AccessVerdict.DENY),
        (may_become(READER), AccessVerdict.DENY),
        (gap(LIST, ADELE), AccessVerdict.UNKNOWN),
    ],
)
def test_registering_applications(row: Row, expected: AccessVerdict) -> None:
    assert environment(MEMBER, CLOSED, row).access().may_create_applications(ADELE).verdict is expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (may_become(ADMINISTRATOR), AccessVerdict.ELIGIBLE),
        (may_become(ADMINISTRATOR, scope=f"/{APPLICATION}"), AccessVerdict.ELIGIBLE),
        (may_become(ADMINISTRATOR, scope=f"/{guid('other')}"), AccessVerdict.DENY),
        (may_become(DEVELOPER), AccessVerdict.DENY),
        (gap(LIST, ADELE), AccessVerdict.UNKNOWN),
        (Link("directoryRole", ADELE, ADMINISTRATOR, ""), AccessVerdict.ALLOW),
    ],
)
def test_controlling_an_application(row: Row | Link, expected: AccessVerdict) -> None:
    assert environment(MEMBER, OWNED, row).access().controls_application(ADELE, CLIENT).verdict is expected
