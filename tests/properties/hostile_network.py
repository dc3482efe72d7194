"""Environments in which an account sees less than it seems, for the laws of the two sources of a scan.

Some subscriptions hide what is in them, without an error wherever Azure may leave something out without one, and the
account's role is one that does not rule that out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec

from auditor.emulator.resource_graph.wrong_rows import WRONG_ROWS
from auditor.inventory.instants import spell
from auditor.inventory.lists import DENY_ASSIGNMENTS, ROLE_ACTIVATIONS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, environment

SIZE = Size(subscriptions=6, projects=0.6, orphans=0.2, management_groups=2, resource_groups=1, users=3, inherited=1)
GROUPS = "/providers/microsoft.management/managementgroups/"
EVERYONE = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
CUSTOM = "7c000000-0000-4000-8000-0000000000ac"
OWN = ("microsoft.migrate/", "microsoft.offazure/", "microsoft.datareplication/", "microsoft.applicationmigration/")
STATES = ("Enabled", "Disabled", "Warned", "PastDue", None)
REASONS = (
    "young",
    "conditional",
    "of a group",
    "beside",
    "nowhere",
    "ends",
    "excluded",
    "denied",
    "unplaced",
    "other's",
)
"""Reasons for which a role does not show everything."""
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HostileWorld:
    """What there is, what the account is shown of it, and how the network answers otherwise."""

    true: Snapshot
    shown: Snapshot
    faults: tuple[Mapping[str, object], ...]
    page_size: int | None
    hidden: frozenset[str]
    """The ids (lower case) of the subscriptions in which the account is shown nothing, although something is there."""
    story: str


def hostile(seed: int, reason: str = "") -> HostileWorld:
    """Return the environment of a seed, in which a role does not show everything for any reason.

    With a `reason`, it is this one, and nothing else goes wrong that would show it.
    """
    random = Random(seed)
    true = _in_all_states(
        environment(replace(SIZE, unread=0.0 if reason else random.choice((0.0, 0.0, 0.2))), seed), random
    )
    subscriptions = [f"/subscriptions/{one}" for one in true.header.scope.subscriptions]
    hidden = random.sample(subscriptions, random.choice((1, 2, 3)))
    right = reason or random.choice(REASONS)
    silent = bool(reason) or (right in {"excluded", "denied", "young", "ends"} and random.random() < 0.6)
    shown, faults = _with_right(true, right, hidden, random)
    shown = replace(shown, arm=tuple(_changed(shown, hidden, random)))
    if not silent:
        spared = random.choice(("", "(?!Microsoft.Authorization)"))
        faults += [
            {"path": f"^{one}/(providers/{spared}|resourcegroups)", "status": 403, "code": "AuthorizationFailed"}
            for one in hidden
        ]
    if random.random() < 0.4 and not reason:
        wrong = random.choice(sorted(WRONG_ROWS))
        faults.append({"path": "^/providers/Microsoft.ResourceGraph/", "wrong": wrong, "skip": random.choice((0, 1))})
    else:
        wrong = ""
    if random.random() < 0.4 and not reason:
        faults.append(_refusal(random))
    story = f"{seed}: {right}{', silent' if silent else ''}, {wrong or 'true rows'}, {len(hidden)} hidden"
    return HostileWorld(true, shown, tuple(faults), random.choice((None, 1, 3)), frozenset(hidden), story)


def _in_all_states(world: Snapshot, random: Random) -> Snapshot:
    rows = []
    for record in world.arm:
        is_subscription = record.type == "Microsoft.Resources/subscriptions"
        body: Body = msgspec.json.decode(record.body)
        rows.append(arm_record({**body, "state": random.choice(STATES)}) if is_subscription else record)
    return replace(world, arm=tuple(rows))


def _refusal(random: Random) -> Mapping[str, object]:
    """Return a list that fails everywhere."""
    path = random.choice(("/locks", "/deletedVaults", "/resources[?]", "descendants", "/denyAssignments", "/vaults[?]"))
    return {"path": path, "status": random.choice((403, 404, 500, 200)), "code": "AuthorizationFailed", "body": None}


def _with_right(
    world: Snapshot, right: str, hidden: list[str], random: Random
) -> tuple[Snapshot, list[Mapping[str, object]]]:
    """Return the world with the role of the account that signs in changed, and what else answers differently."""
    own, rows, faults = world.header.by.object_id, list[ArmRecord](), list[Mapping[str, object]]()
    links = set(world.links)
    for record in world.arm:
        body: Body = msgspec.json.decode(record.body)
        held = body.get("properties")
        if record.type != ROLE_ASSIGNMENTS or not isinstance(held, dict) or held.get("principalId") != own:
            rows.append(record)
            continue
        links = {link for link in links if link.from_ != body["id"]}
        role = _role(body, right, own, world, hidden, random)
        # Without any role the emulator takes the account for one that reads everything.
        rows += [arm_record(one) for one in (role, _elsewhere(body, world)) if one is not None]
    if right == "excluded":
        rows.append(arm_record(_custom_role(world)))
    if right == "denied":
        rows += [arm_record(_denial(one, random)) for one in hidden]
    if right == "ends":
        rows += [
            arm_record(_activation(msgspec.json.decode(one.body)))
            for one in rows
            if one.type == ROLE_ASSIGNMENTS and own in one.body.decode()
        ]
    if right == "other's":
        others = [one.body.decode() for one in world.arm if one.type == ROLE_ASSIGNMENTS and own in one.body.decode()]
        text = ",".join(others).replace(own, "0" * 8 + own[8:])
        path = "managementGroups/[^/]+/providers/Microsoft.Authorization/roleAssignments"
        faults.append({"path": path, "status": 200, "body": f'{{"value": [{text}]}}'})
    if right == "unplaced":
        links = {link for link in links if link.rel != "parent" or link.from_ not in hidden}
    return replace(world, arm=tuple(rows), links=tuple(sorted(links))), faults


def _role(body: Body, right: str, own: str, world: Snapshot, hidden: list[str], random: Random) -> Body | None:
    held = dict(body["properties"])
    recent = spell(datetime.now(UTC) - timedelta(minutes=random.choice((0, 5, 20))))
    match right:
        case "nowhere" | "other's":
            return None
        case "young":
            held |= {"createdOn": recent, "updatedOn": recent}
        case "conditional":
            held["condition"] = "@Resource[Microsoft.Migrate/migrateProjects:name] StringEquals 'a'"
        case "of a group":
            held |= {"principalId": "0" * 8 + own[8:], "principalType": "Group"}
        case "excluded":
            held["roleDefinitionId"] = f"/providers/{ROLE_DEFINITIONS}/{CUSTOM}"
        case "beside":
            return _moved({**body, "properties": held}, world, hidden)
    return {**body, "properties": held}


def _elsewhere(body: Body, world: Snapshot) -> Body:
    """Return a role in a resource group, which shows nothing of any subscription."""
    place = f"/subscriptions/{world.header.scope.subscriptions[0]}/resourceGroups/somewhere"
    name = f"{body['name'][:-4]}00ee"
    return {
        **body,
        "name": name,
        "id": f"{place}/providers/{ROLE_ASSIGNMENTS}/{name}",
        "properties": {**body["properties"], "scope": place},
    }


def _moved(body: Body, world: Snapshot, hidden: list[str]) -> Body | None:
    """Return the role at a group or subscription that is above nothing hidden."""
    parents = {link.from_.lower(): link.to for link in world.links if link.rel == "parent"}
    above: set[str] = set()
    for one in hidden:
        place = parents.get(one.lower())
        while place is not None:
            above.add(place.lower())
            place = parents.get(place.lower())
    free = [one for one in parents.values() if one.lower() not in above]
    free += [
        f"/subscriptions/{one}" for one in world.header.scope.subscriptions if f"/subscriptions/{one}" not in hidden
    ]
    if not free:
        return None
    place = min(free)
    return {
        **body,
        "id": f"{place}/providers/{ROLE_ASSIGNMENTS}/{body['name']}",
        "properties": {**body["properties"], "scope": place},
    }


def _custom_role(world: Snapshot) -> Body:
    tops = sorted({link.to for link in world.links if link.rel == "parent"})
    excluded = [
        "Microsoft.Migrate/*",
        "Microsoft.OffAzure/*",
        "Microsoft.ApplicationMigration/*",
        "Microsoft.MySQLDiscovery/*",
        "Microsoft.DependencyMap/*",
    ]
    old = "2020-01-01T00:00:00Z"
    return {
        "id": f"/providers/{ROLE_DEFINITIONS}/{CUSTOM}",
        "type": ROLE_DEFINITIONS,
        "name": CUSTOM,
        "properties": {
            "roleName": "Everything else",
            "type": "CustomRole",
            "assignableScopes": tops,
            "permissions": [{"actions": ["*/read"], "notActions": [*excluded, "Microsoft.DataReplication/*"]}],
            "createdOn": old,
            "updatedOn": old,
        },
    }


def _denial(subscription: str, random: Random) -> Body:
    scope = random.choice((subscription, f"{subscription}/resourceGroups/managed"))
    actions = ["*/read", "*"]
    return {
        "id": f"{scope}/providers/{DENY_ASSIGNMENTS}/7d000000-0000-4000-8000-0000000000ac",
        "type": DENY_ASSIGNMENTS,
        "properties": {
            "scope": scope,
            "permissions": [
                {"actions": [one], "notActions": []} for one in ("Microsoft.OffAzure/*", random.choice(actions))
            ],
            "principals": [EVERYONE],
            "excludePrincipals": [],
        },
    }


def _activation(role: Body) -> Body:
    held = role["properties"]
    return {
        "id": f"{str(held['scope']).rstrip('/')}/providers/{ROLE_ACTIVATIONS}/{role['name']}",
        "type": ROLE_ACTIVATIONS,
        "name": role["name"],
        "properties": {
            **{name: held[name] for name in ("scope", "roleDefinitionId", "principalId", "principalType")},
            "assignmentType": "Activated",
            "startDateTime": "2020-01-01T00:00:00Z",
            "endDateTime": spell(datetime.now(UTC) + timedelta(minutes=2)),
            "originRoleAssignmentId": role["id"],
        },
    }


def _changed(world: Snapshot, hidden: list[str], random: Random) -> list[ArmRecord]:
    """Return the records that are shown, some of them with types in odd letters."""
    rows = []
    for record in world.arm:
        place = "/".join(record.id.split("/")[:3])
        if place in hidden and record.id != place and not record.type.startswith("Microsoft.Authorization/"):
            continue
        if record.type.lower().startswith(OWN) and random.random() < 0.2:
            body: Body = msgspec.json.decode(record.body)
            odd = random.choice((str.lower, str.upper))
            rows.append(arm_record({**body, "type": odd(body["type"])}))
        else:
            rows.append(record)
    return rows
