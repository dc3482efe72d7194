"""Small environments for tests: one subscription, one resource group, and the bodies that a test adds."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from auditor.access.access import Access
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Fact, Known, Unknown
from auditor.facts.rights.steps import steps
from auditor.facts.subject import Subject, Value
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import By, Header, Link, ScanScope, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

Body = dict[str, Any]

TENANT = "72c0a7b1-0000-4000-8000-000000000000"
SUBSCRIPTION = "0d1e2c3b-0000-4000-8000-000000000001"
S = f"/subscriptions/{SUBSCRIPTION}"
RG = f"{S}/resourceGroups/rg-migrate"
PROJECT = f"{RG}/providers/Microsoft.Migrate/migrateProjects/contoso-exit"
SITE = f"{RG}/providers/Microsoft.OffAzure/VMwareSites/appliance01site"
VAULT = f"{RG}/providers/Microsoft.KeyVault/vaults/contosoexitkv"
WORKSPACE = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/contoso-exit-ws"
ASSESSMENT = f"{RG}/providers/Microsoft.Migrate/assessmentProjects/contoso-exit-assessment"
APP_ID = "ab1d0001-0000-4000-8000-000000000001"
USER = "a5e70001-0000-4000-8000-000000000001"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
USER_APP = "appliance014f2aauthandaccessaadapp"


def inventory(
    *arm: Body,
    graph: Iterable[Body] = (),
    deleted_graph: Iterable[Body] = (),
    links: Iterable[Link] = (),
    gaps: Iterable[Gap] = (),
    reads: Iterable[Read] | None = None,
    subscriptions: tuple[str, ...] = (SUBSCRIPTION,),
) -> Inventory:
    """Return the inventory of these bodies, the subscription and its group; every list counts as read."""
    bodies = {body["id"].lower(): body for body in (*scaffold(), *arm)}
    snapshot = Snapshot.of(
        Header(tenant_id=TENANT, collected_at=NOW, by=By(USER, "megan@contoso.com"), scope=ScanScope(subscriptions)),
        arm=[arm_record(body) for body in bodies.values()],
        graph=[*(graph_record(body) for body in graph), *(graph_record(body, deleted=True) for body in deleted_graph)],
        links=links,
        gaps=gaps,
        reads=reads,
    )
    return Inventory.of(snapshot)


def scaffold() -> tuple[Body, ...]:
    """Return the subscription, its group, its registered providers, and a role that allows nearly everything."""
    registered = (
        {"id": f"{S}/providers/{name}", "namespace": name, "registrationState": "Registered"}
        for name in {name for step in steps().values() for name in step.providers}
    )
    return (
        {"id": S, "subscriptionId": SUBSCRIPTION, "displayName": "Contoso", "state": "Enabled"},
        {"id": RG, "type": "Microsoft.Resources/resourceGroups", "name": "rg-migrate"},
        *registered,
        role(
            CONTRIBUTOR, "Contributor", ["*"], ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"]
        ),
    )


def role(guid: str, name: str, actions: list[str], not_actions: list[str] | None = None) -> Body:
    return {
        "id": f"/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": guid,
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "permissions": [{"actions": actions, "notActions": not_actions or []}],
        },
    }


def assignment(scope: str, principal: str = USER, role_guid: str = CONTRIBUTOR) -> Body:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/a5510001-0000-4000-8000-000000000001",
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role_guid}",
            "principalId": principal,
            "principalType": "User",
            "scope": scope,
        },
    }


def project(identity: str = PROJECT, state: str = "Succeeded") -> Body:
    return {
        "id": identity,
        "type": "Microsoft.Migrate/migrateProjects",
        "name": identity.rpartition("/")[2],
        "properties": {"provisioningState": state},
    }


def identity(**details: Any) -> Body:
    """Return an appliance's identity as in newer sites, where only the directory contains the application's name."""
    return {"tenantId": TENANT, "applicationId": APP_ID, "audience": APP_ID, **details}


def site(
    who: Body | None = None, *, of: str = PROJECT, heartbeat: str | None = "2026-11-23T09:00:00Z", vault: str = VAULT
) -> Body:
    return {
        "id": SITE,
        "type": "Microsoft.OffAzure/VMwareSites",
        "name": SITE.rpartition("/")[2],
        "properties": {
            "applianceName": "appliance01",
            "discoverySolutionId": f"{of}/Solutions/Servers-Discovery-ServerDiscovery",
            "agentDetails": {"id": "agent", "lastHeartBeatUtc": heartbeat, "keyVaultId": vault},
            "servicePrincipalIdentityDetails": identity() if who is None else who,
        },
    }


def vault(**properties: Any) -> Body:
    settings = {"tenantId": TENANT, "enableRbacAuthorization": False, "accessPolicies": [], **properties}
    return {"id": VAULT, "type": "Microsoft.KeyVault/vaults", "name": "contosoexitkv", "properties": settings}


def policy(principal: str = USER, permissions: tuple[str, ...] = ("all",)) -> Body:
    granted = {kind: list(permissions) for kind in ("keys", "secrets", "certificates")}
    return {"tenantId": TENANT, "objectId": principal, "permissions": granted}


def user(**fields: Any) -> Body:
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": USER,
        "userPrincipalName": "megan@contoso.com",
        "userType": "Member",
        "accountEnabled": True,
        "externalUserState": None,
        **fields,
    }


def application(name: str = USER_APP, app_id: str = APP_ID, **fields: Any) -> Body:
    return {
        "@odata.type": "#microsoft.graph.application",
        "id": "ab0b0001-0000-4000-8000-000000000001",
        "appId": app_id,
        "displayName": name,
        **fields,
    }


def service_principal(kind: str = "Application", name: str = USER_APP) -> Body:
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": "5be00001-0000-4000-8000-000000000001",
        "appId": APP_ID,
        "displayName": name,
        "servicePrincipalType": kind,
        "accountEnabled": True,
    }


def tenant_policy(*, may_create: bool = True) -> Body:
    return {
        "@odata.type": "#microsoft.graph.authorizationPolicy",
        "id": "authorizationPolicy",
        "defaultUserRolePermissions": {"allowedToCreateApps": may_create},
    }


def workspace(identity_: str = WORKSPACE, tags: object = None, **properties: Any) -> Body:
    return {
        "id": identity_,
        "type": "Microsoft.OperationalInsights/workspaces",
        "name": identity_.rpartition("/")[2],
        "tags": tags,
        "properties": {"provisioningState": "Succeeded", "retentionInDays": 30, **properties},
    }


def assessment(of: str = PROJECT, workspace_id: str | None = WORKSPACE) -> Body:
    return {
        "id": ASSESSMENT,
        "type": "Microsoft.Migrate/assessmentProjects",
        "name": ASSESSMENT.rpartition("/")[2],
        "properties": {
            "assessmentSolutionId": f"{of}/Solutions/Servers-Assessment-ServerAssessment",
            "customerWorkspaceId": workspace_id,
        },
    }


def gap(what: str, scope: str, status: int = 403) -> Gap:
    return Gap(what, scope, status, "AuthorizationFailed", "refused", f"{what}/read")


def context(of: Inventory) -> Context:
    return Context(of, Access.of(of))


def found(of: Inventory, kind: str, *, accounts: tuple[str, ...] | None = (USER,), mode: Mode | None = None) -> Subject:
    """Return the one subject of a kind."""
    every = subjects(of, Access.of(of), accounts=accounts, registration_mode=mode)
    (only,) = [subject for subject in every if subject.kind.value == kind]
    return only


def value(fact: Fact[Value]) -> Value | None:
    """Return the value of a fact, or None if it is unknown."""
    return fact.value if isinstance(fact, Known) else None


def whats(fact: Fact[Value]) -> set[str]:
    """Return the lists that hide a fact."""
    assert isinstance(fact, Unknown)
    return {gap.what for gap in fact.why}
