"""The directory in a random environment: roles, owners, applications, eligible memberships."""

from collections.abc import Iterator
from random import Random

from auditor.inventory.snapshot.records import Link
from tests.access.environments import Environment, Row, guid, thing, user

USERS = [guid(name) for name in ("adele", "alex")]
SERVICE = guid("app")
TEAMS = [guid(name) for name in ("team", "parent-team", "open-team")]
CLIENT, REGISTRATION = guid("client"), guid("registration")
ROLES = [
    "62e90394-69f5-4237-9190-012177145e10",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "158C047A-c907-4556-b7ef-446551a6b5f7",
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
    "cf1c38e5-3621-4004-a7cb-879624dced7c",
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8",
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
]
SCOPES = ["", "/", "/", "/administrativeUnits/one", f"/{REGISTRATION}", f"/{SERVICE}"]
WINDOWS: list[Row] = [
    {},
    {"startDateTime": "2026-11-01T00:00:00+00:00", "endDateTime": "2026-12-01T00:00:00+00:00"},
    {"startDateTime": "2026-11-24T00:00:00+00:00"},
    {"endDateTime": "2026-11-23T09:59:59+00:00"},
]
DIRECTORY_LISTS = [
    *(
        (what, at)
        for what in ("graph/directoryRoles", "graph/directoryRoleEligibilities")
        for at in (*USERS, SERVICE, TEAMS[0])
    ),
    *(("graph/groupEligibilities", at) for at in (*USERS, SERVICE, *TEAMS[:2])),
    ("graph/authorizationPolicy", "/"),
    ("graph/applications", CLIENT),
    ("graph/servicePrincipals", CLIENT),
    ("graph/owners", REGISTRATION),
    ("graph/owners", SERVICE),
    ("graph/appRoleAssignments", SERVICE),
    *(("graph/users", name) for name in USERS),
    *(("graph/groups", team) for team in TEAMS),
]


def furnish(choices: Random, world: Environment) -> None:
    """Add users, groups, an application with its service principal, owners, and directory roles."""
    world.graph.extend(row for row in _objects(choices) if choices.randrange(100) < 85)
    world.graph.append(thing("group", TEAMS[2], securityEnabled=False, isAssignableToRole=choices.random() < 0.3))
    holders = [*USERS, SERVICE, *TEAMS]
    barred = {row["id"] for row in world.graph if row.get("isAssignableToRole", True) is not True}
    carriers = [holder for holder in holders if holder not in barred]
    for _ in range(choices.randrange(3)):
        held = Link("directoryRole", choices.choice(carriers), choices.choice(ROLES), choices.choice(SCOPES))
        world.links.append(held)
    for _ in range(choices.randrange(2)):
        world.links.append(Link("owner", choices.choice([REGISTRATION, SERVICE]), choices.choice(holders)))
    for index in range(choices.randrange(3)):
        world.graph.append(_may_activate(choices, index, choices.choice(carriers)))
    for index in range(choices.randrange(5)):
        world.graph.append(_may_join(choices, index, choices.choice(holders[:5])))


def _objects(choices: Random) -> Iterator[Row]:
    for name in USERS:
        yield user(name, **choices.choice([{"userType": "Member"}] * 4 + [{"userType": "guest"}, {}]))
    for team in TEAMS[:2]:
        yield thing("group", team, securityEnabled=True, isAssignableToRole=choices.random() < 0.5)
    yield thing("servicePrincipal", SERVICE, appId=CLIENT)
    yield thing("application", REGISTRATION, appId=CLIENT)
    yield _policy(choices)


def _policy(choices: Random) -> Row:
    guests = choices.choice(["10dae51f-b6af-4016-8d66-8c2a99b929b3", "a0b1b346-4d3e-4e8b-98f8-753987be4970"])
    defaults = {"allowedToCreateApps": choices.choice([True, False, False, None])}
    return thing(
        "authorizationPolicy", "authorizationPolicy", defaultUserRolePermissions=defaults, guestUserRoleId=guests
    )


def _may_activate(choices: Random, index: int, holder: str) -> Row:
    return thing(
        "unifiedRoleEligibilityScheduleInstance",
        f"role{index}",
        principalId=holder,
        roleDefinitionId=choices.choice(ROLES),
        directoryScopeId=choices.choice(SCOPES[1:]),
        **choices.choice(WINDOWS),
    )


def _may_join(choices: Random, index: int, holder: str) -> Row:
    return thing(
        "privilegedAccessGroupEligibilityScheduleInstance",
        f"member{index}",
        principalId=holder,
        groupId=choices.choice(TEAMS),
        accessId=choices.choice(["member", "member", "Member", "owner"]),
        **choices.choice([*WINDOWS[:2], *WINDOWS]),
    )
