"""A small tenant with leftovers of deleted projects, and the plans and contexts built from it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from auditor.access.access import Access
from auditor.cleanup.plan import CleanupPlan, Item, PlanSource, plan_of
from auditor.facts.estate.environment import Context
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import By, Header, ScanScope, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

TENANT = "7a115910-0000-4000-8000-000000000001"
SUBSCRIPTION = "5ab50001-0000-4000-8000-000000000001"
OPERATOR = "09e2a702-0000-4000-8000-000000000001"
APPLICATION = "a9911ca7-0000-4000-8000-000000000001"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)

S = f"/subscriptions/{SUBSCRIPTION}"
RG = f"{S}/resourceGroups/rg-left"
OI = "providers/Microsoft.OperationalInsights/workspaces"


def workspace(name: str, number: int, **more: Any) -> dict[str, Any]:
    """Return a workspace with the tag of a project that does not exist."""
    return {
        "id": f"{RG}/{OI}/{name}",
        "name": name,
        "type": "Microsoft.OperationalInsights/workspaces",
        "location": "westeurope",
        "tags": {"Migrate Project": f"project-{number}"},
        "properties": {
            "customerId": customer(number),
            "provisioningState": "Succeeded",
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
            "createdDate": f"2024-03-0{number % 9 + 1}T10:00:00.0000000Z",
        },
        **more,
    }


def customer(number: int) -> str:
    return f"c0570e40-0000-4000-8000-{number:012}"


def solution(product: str, on: Mapping[str, Any]) -> dict[str, Any]:
    """Return a solution on a workspace."""
    name = f"{product}({on['name']})"
    return {
        "id": f"{RG}/providers/Microsoft.OperationsManagement/solutions/{name}",
        "name": name,
        "type": "Microsoft.OperationsManagement/solutions",
        "location": on["location"],
        "plan": {"name": name, "publisher": "Microsoft", "product": f"OMSGallery/{product}", "promotionCode": ""},
        "properties": {"workspaceResourceId": on["id"], "provisioningState": "Succeeded"},
    }


FIRST, SECOND, BUSY = workspace("left-1", 1), workspace("left-2", 2), workspace("busy", 3)
LEFT = (FIRST, SECOND)
"""The two workspaces that are left behind; the first has the solution ServiceMap."""


def tenant(
    more: Iterable[Mapping[str, Any]] = (),
    *,
    role: str | None = CONTRIBUTOR,
    without: Iterable[str] = (),
    gaps: Iterable[Gap] = (),
    at: datetime | None = None,
    again: bool = False,
) -> Snapshot:
    """Return the tenant: two workspaces left behind, one that Sentinel uses; the one who reads it holds `role`.

    `without` takes resources away; with `again`, `more` may hold others of the same ids.
    """
    away = {identity.lower() for identity in without}
    bodies = [
        {"id": f"/tenants/{TENANT}", "tenantId": TENANT, "type": "Microsoft.Resources/tenants"},
        {"id": S, "subscriptionId": SUBSCRIPTION, "displayName": "Left", "type": "Microsoft.Resources/subscriptions"},
        {"id": RG, "name": "rg-left", "location": "westeurope", "type": "Microsoft.Resources/resourceGroups"},
        role_definition("contributor", ["*"], CONTRIBUTOR),
        *([assignment(role)] if role else []),
        FIRST,
        SECOND,
        BUSY,
        solution("ServiceMap", FIRST),
        {
            "id": f"{BUSY['id']}/providers/Microsoft.SecurityInsights/onboardingStates/default",
            "name": "default",
            "type": "Microsoft.SecurityInsights/onboardingStates",
            "properties": {},
        },
    ]
    kept = [body for body in bodies if str(body["id"]).lower() not in away]
    kept += [body for body in map(dict, more) if again or str(body["id"]).lower() not in away]
    return Snapshot.of(
        Header(
            tenant_id=TENANT,
            collected_at=at or NOW,
            by=By(OPERATOR, "operator", "ServicePrincipal"),
            tool="migaudit",
            scope=ScanScope((SUBSCRIPTION,)),
        ),
        arm=[arm_record(body) for body in kept],
        graph=[_operator()],
        gaps=gaps,
    )


def role_definition(name: str, actions: list[str], guid: str) -> dict[str, Any]:
    """Return a built-in role."""
    return {
        "id": f"/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "name": guid,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "assignableScopes": ["/"],
            "permissions": [{"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}],
        },
    }


def assignment(role: str, scope: str = S, principal: str = OPERATOR) -> dict[str, Any]:
    """Return a role assigned at a scope."""
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/a5510001-0000-4000-8000-000000000001",
        "name": "a5510001-0000-4000-8000-000000000001",
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "scope": scope,
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        },
    }


def _operator() -> Any:
    return graph_record(
        {
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "id": OPERATOR,
            "appId": APPLICATION,
            "displayName": "operator",
            "accountEnabled": True,
            "servicePrincipalType": "Application",
        }
    )


def context(snapshot: Snapshot) -> Context:
    """Return the context of a snapshot."""
    inventory = Inventory.of(snapshot)
    return Context(inventory, Access.of(inventory))


def plan(snapshot: Snapshot | None = None, *, made: datetime | None = None) -> CleanupPlan:
    """Return the plan for a snapshot, made just now."""
    moment = made or datetime.now(UTC).replace(microsecond=0)
    return plan_of(context(snapshot or tenant()), tool="migaudit test", created_at=moment, source=PlanSource.SNAPSHOT)


def item(held: CleanupPlan, name: str) -> Item:
    return next(one for one in held.items if one.name == name)


DAY = timedelta(days=1)
