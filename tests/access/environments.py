"""Small environments made of plain records, in which one line says who holds what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from auditor.access.access import Access
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import Header, Link, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

Row = dict[str, Any]

TENANT = "3f8f6a10-0000-4000-8000-00000000aaaa"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SUB = "/subscriptions/11111111-0000-4000-8000-000000000001"
OTHER_SUB = "/subscriptions/22222222-0000-4000-8000-000000000002"
RG = f"{SUB}/resourceGroups/rg-migrate"
VAULT = f"{RG}/providers/Microsoft.KeyVault/vaults/kv-contoso"
EVERYONE = "00000000-0000-0000-0000-000000000000"
AUTHORIZATION = "Microsoft.Authorization"


def guid(name: str) -> str:
    """Return a GUID that is always the same for the same name."""
    return str(uuid5(NAMESPACE_DNS, name))


ADELE, ALEX, APP, TEAM, PARENT_TEAM = (guid(name) for name in ("adele", "alex", "app", "team", "parent-team"))
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def management_group(name: str) -> str:
    return f"/providers/Microsoft.Management/managementGroups/{name}"


def role_id(name: str) -> str:
    return f"/providers/{AUTHORIZATION}/roleDefinitions/{name if len(name) == 36 else guid(name)}"


def definition(name: str, *permissions: Row) -> Row:
    properties = {"roleName": name, "type": "CustomRole", "permissions": list(permissions)}
    return {"id": role_id(name), "type": f"{AUTHORIZATION}/roleDefinitions", "properties": properties}


def assignment(principal: str, role: str, scope: str, **properties: Any) -> Row:
    name = properties.pop("name", guid(f"{principal}{role}{scope}{sorted(properties.items())}"))
    return {
        "id": f"{scope.rstrip('/')}/providers/{AUTHORIZATION}/roleAssignments/{name}",
        "type": f"{AUTHORIZATION}/roleAssignments",
        "properties": {"principalId": principal, "roleDefinitionId": role_id(role), "scope": scope, **properties},
    }


def instance(kind: str, principal: str, role: str, scope: str, **properties: Any) -> Row:
    name = properties.pop("name", guid(f"{kind}{principal}{role}{scope}{sorted(properties.items())}"))
    return {
        "id": f"{scope.rstrip('/')}/providers/{AUTHORIZATION}/{kind}/{name}",
        "type": f"{AUTHORIZATION}/{kind}",
        "properties": {"principalId": principal, "roleDefinitionId": role_id(role), "scope": scope, **properties},
    }


def eligibility(principal: str, role: str, scope: str, **properties: Any) -> Row:
    return instance("roleEligibilityScheduleInstances", principal, role, scope, **properties)


def activation(principal: str, role: str, scope: str, **properties: Any) -> Row:
    return instance("roleAssignmentScheduleInstances", principal, role, scope, **properties)


def denial(scope: str, principals: Iterable[Any], *permissions: Row, **properties: Any) -> Row:
    name = properties.pop("name", guid(f"deny{scope}{sorted(map(str, properties.items()))}{permissions}"))
    excluded = properties.pop("excluded", ())
    return {
        "id": f"{scope.rstrip('/')}/providers/{AUTHORIZATION}/denyAssignments/{name}",
        "type": f"{AUTHORIZATION}/denyAssignments",
        "properties": {
            "denyAssignmentName": "keep out",
            "scope": scope,
            "permissions": list(permissions),
            "principals": [named(item) for item in principals],
            "excludePrincipals": [named(item) for item in excluded],
            **properties,
        },
    }


def named(item: Any) -> Row:
    """Return a principal of a deny assignment: a mapping as it is, an id with its type."""
    if isinstance(item, dict):
        return item
    return {"id": item, "type": "SystemDefined"} if item == EVERYONE else {"id": item}


def vault(**properties: Any) -> Row:
    held = {"tenantId": TENANT, **properties}
    return {"id": VAULT, "type": "Microsoft.KeyVault/vaults", "name": "kv-contoso", "properties": held}


def policy(principal: str, application: str | None = None, **permissions: list[str]) -> Row:
    row: Row = {"tenantId": TENANT, "objectId": principal, "permissions": permissions}
    return row if application is None else {**row, "applicationId": application}


def delegation(scope: str, *authorizations: Row, eligible: Sequence[Row] = ()) -> Row:
    offer = {"authorizations": list(authorizations), "eligibleAuthorizations": list(eligible)}
    return {
        "id": f"{scope}/providers/Microsoft.ManagedServices/registrationAssignments/{guid(scope)}",
        "type": "Microsoft.ManagedServices/registrationAssignments",
        "properties": {"registrationDefinition": {"properties": offer}},
    }


def thing(kind: str, identity: str, **properties: Any) -> Row:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": identity, **properties}


def user(identity: str, **properties: Any) -> Row:
    return thing("user", identity, **properties)


def member(principal: str, group: str) -> Link:
    return Link("transitiveMemberOf", principal, group)


def parent(child: str, above: str) -> Link:
    return Link("parent", child, above)


def gap(what: str, scope: str, status: int = 403, code: str = "AuthorizationFailed") -> Gap:
    return Gap(what, scope, status, code)


@dataclass
class Environment:
    """The records of an environment; without `reads`, every list counts as read unless a gap names it."""

    arm: list[Row] = field(default_factory=list)
    graph: list[Row] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    reads: list[Read] | None = None
    deleted: list[Row] = field(default_factory=list)
    now: datetime = NOW

    def snapshot(self) -> Snapshot:
        return Snapshot.of(
            Header(tenant_id=TENANT, collected_at=self.now),
            arm=[arm_record(row) for row in self.arm],
            graph=[
                *(graph_record(row) for row in self.graph),
                *(graph_record(row, deleted=True) for row in self.deleted),
            ],
            links=self.links,
            reads=self.reads,
            gaps=self.gaps,
        )

    def access(self) -> Access:
        return Access.of(Inventory.of(self.snapshot()))


def environment(*rows: Row | Link | Gap | Read) -> Environment:
    """Return the environment of these records, sorted by kind."""
    made = Environment()
    for row in rows:
        if isinstance(row, Link):
            made.links.append(row)
        elif isinstance(row, Gap):
            made.gaps.append(row)
        elif isinstance(row, Read):
            made.reads = [*(made.reads or []), row]
        elif "@odata.type" in row:
            made.graph.append(row)
        else:
            made.arm.append(row)
    return made


def scope(text: str) -> ArmId:
    return ArmId.parse(text)
