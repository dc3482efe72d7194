"""A small environment with one of each thing that the emulator treats specially, and a client for it."""

import base64
import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import (
    ArmRecord,
    By,
    EventRecord,
    GraphRecord,
    Header,
    Link,
    arm_record,
    event_record,
    graph_record,
)
from auditor.inventory.snapshot.snapshot import Snapshot

TENANT = "72f988bf-0000-4000-8000-000000000001"
SUB = "11111111-0000-4000-8000-000000000001"
OTHER = "11111111-0000-4000-8000-000000000002"
S, THERE = f"/subscriptions/{SUB}", f"/subscriptions/{OTHER}"
RG = f"{S}/resourceGroups/rg-migrate"
GROUPS = "/providers/Microsoft.Management/managementGroups"
MEGAN = "a5e70000-0000-4000-8000-000000000001"
GUEST = "a5e70000-0000-4000-8000-000000000002"
TEAM = "96e00000-0000-4000-8000-000000000001"
OUTER = "96e00000-0000-4000-8000-000000000002"
AUDITOR = "5be00000-0000-4000-8000-000000000001"
AUDITOR_APP = "ab1d0000-0000-4000-8000-000000000001"
APP = "ab0b0000-0000-4000-8000-000000000002"
APP_ID = "ab1d0000-0000-4000-8000-000000000002"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
APP_ADMIN = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
WORKSPACE = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/contoso-ws"
PROJECT = f"{RG}/providers/Microsoft.Migrate/MigrateProjects/contoso-exit"
VAULT = f"{RG}/providers/Microsoft.KeyVault/vaults/contosokv0"


def assignment(scope: str, number: int, principal: str, role: str = READER) -> ArmRecord:
    name = f"a5510000-0000-4000-8000-{number:012d}"
    return arm_record(
        {
            "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
            "type": "Microsoft.Authorization/roleAssignments",
            "name": name,
            "properties": {
                "scope": scope or "/",
                "principalId": principal,
                "roleDefinitionId": f"{S}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            },
        }
    )


def resource(identity: str, **more: object) -> ArmRecord:
    name = identity.rpartition("/")[2]
    namespace, *rest = identity.rpartition("/providers/")[2].split("/")
    kind = "/".join([namespace, *rest[::2]])
    return arm_record({"id": identity, "name": name, "type": kind, "location": "westeurope", **more})


def subscription(identity: str, name: str) -> ArmRecord:
    return arm_record(
        {"id": identity, "subscriptionId": identity[15:], "displayName": name, "state": "Enabled", "tenantId": TENANT}
    )


def _group(name: str) -> ArmRecord:
    return arm_record(
        {
            "id": f"{GROUPS}/{name}",
            "type": "Microsoft.Management/managementGroups",
            "name": name,
            "properties": {"tenantId": TENANT, "displayName": name.title()},
        }
    )


def _role(scope: str, name: str, kind: str, title: str, assignable: str) -> ArmRecord:
    return arm_record(
        {
            "id": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}",
            "type": "Microsoft.Authorization/roleDefinitions",
            "name": name,
            "properties": {
                "roleName": title,
                "type": kind,
                "permissions": [{"actions": ["*/read"], "notActions": []}],
                "assignableScopes": [assignable],
            },
        }
    )


def arm_records() -> list[ArmRecord]:
    return [
        arm_record(
            {"id": f"/tenants/{TENANT}", "tenantId": TENANT, "domains": ["contoso.com"], "defaultDomain": "contoso.com"}
        ),
        subscription(S, "Contoso Exit"),
        subscription(THERE, "Contoso Platform"),
        _group("contoso"),
        _group("landing"),
        arm_record(
            {
                "id": RG,
                "name": "rg-migrate",
                "type": "Microsoft.Resources/resourceGroups",
                "location": "westeurope",
                "tags": {"Owner": "Megan"},
            }
        ),
        arm_record(
            {
                "id": f"{S}/resourceGroups/rg-empty",
                "name": "rg-empty",
                "type": "Microsoft.Resources/resourceGroups",
                "location": "eastus",
            }
        ),
        arm_record(
            {
                "id": f"{S}/providers/Microsoft.Migrate",
                "namespace": "Microsoft.Migrate",
                "registrationState": "Registered",
            }
        ),
        _role("", READER, "BuiltInRole", "Reader", "/"),
        _role(S, "c0570000-0000-4000-8000-000000000001", "CustomRole", "Operator", S),
        assignment(f"{GROUPS}/contoso", 1, AUDITOR),
        assignment("", 2, MEGAN),
        assignment(S, 3, TEAM),
        assignment(RG, 4, MEGAN),
        assignment(VAULT, 5, GUEST),
        assignment(THERE, 6, MEGAN),
        *(
            resource(
                f"{RG}/providers/Microsoft.KeyVault/vaults/contosokv{number}",
                tags={"Kind": "kv"},
                properties={"enableRbacAuthorization": None},
            )
            for number in range(7)
        ),
        arm_record(
            {
                "id": f"{S}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/gonekv",
                "name": "gonekv",
                "type": "Microsoft.KeyVault/deletedVaults",
                "properties": {},
            }
        ),
        resource(PROJECT, tags="", properties={"registeredTools": []}),
        resource(f"{PROJECT}/Solutions/Servers-Discovery-ServerDiscovery", properties={"tool": "ServerDiscovery"}),
        resource(f"{RG}/providers/Microsoft.OffAzure/vmwareSites/cdx01site", properties={"applianceName": "cdx01"}),
        resource(f"{RG}/providers/Microsoft.OffAzure/vmwareSites/cdx01site/vCenters/vc01", properties={"errors": []}),
        resource(
            WORKSPACE,
            properties={"customerId": "c0de0000-0000-4000-8000-000000000001", "provisioningState": "Succeeded"},
        ),
        resource(f"{WORKSPACE}/linkedServices/automation", properties={}),
        resource(f"{WORKSPACE}/savedSearches/mine", properties={}),
        resource(f"{WORKSPACE}/dataSources/events", kind="WindowsEvent", properties={}),
        resource(f"{WORKSPACE}/intelligencePacks/ServiceMap", enabled=True),
        resource(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/onboardingStates/default", properties={}),
        resource(
            f"{RG}/providers/Microsoft.OperationsManagement/solutions/ServiceMap(contoso-ws)",
            plan={"product": "OMSGallery/ServiceMap"},
            properties={"workspaceResourceId": WORKSPACE.lower()},
        ),
        arm_record(
            {
                "id": f"{RG}/providers/Microsoft.OperationalInsights/workspaces/old-ws",
                "name": "old-ws",
                "type": "Microsoft.OperationalInsights/workspaces",
                "location": "westeurope",
                "properties": {},
            },
            deleted=True,
        ),
        resource(
            f"{THERE}/resourceGroups/rg-locked/providers/Microsoft.OperationalInsights/workspaces/locked-ws",
            properties={},
        ),
        resource(
            f"{THERE}/resourceGroups/rg-locked/providers/Microsoft.Authorization/locks/stay",
            properties={"level": "CanNotDelete"},
        ),
    ]


def graph_records() -> list[GraphRecord]:
    user = "#microsoft.graph.user"
    return [
        graph_record(
            {
                "@odata.type": user,
                "id": MEGAN,
                "displayName": "Megan Bowen",
                "userPrincipalName": "MeganB@contoso.com",
                "mail": "megan@contoso.com",
                "userType": "Member",
                "externalUserState": None,
            }
        ),
        graph_record(
            {
                "@odata.type": user,
                "id": GUEST,
                "displayName": "Nestor",
                "userPrincipalName": "nestor_fabrikam.com#EXT#@contoso.com",
                "mail": "nestor@fabrikam.com",
                "userType": "Guest",
                "externalUserState": "PendingAcceptance",
            }
        ),
        graph_record(
            {"@odata.type": "#microsoft.graph.group", "id": TEAM, "displayName": "Team", "securityEnabled": True}
        ),
        graph_record(
            {"@odata.type": "#microsoft.graph.group", "id": OUTER, "displayName": "Outer", "securityEnabled": False}
        ),
        graph_record(
            {
                "@odata.type": "#microsoft.graph.servicePrincipal",
                "id": AUDITOR,
                "appId": AUDITOR_APP,
                "displayName": "auditor",
                "servicePrincipalNames": [AUDITOR_APP],
            }
        ),
        graph_record(
            {
                "@odata.type": "#microsoft.graph.application",
                "id": APP,
                "appId": APP_ID,
                "displayName": "cdx01agentauthaadapp",
            }
        ),
        graph_record(
            {
                "@odata.type": "#microsoft.graph.application",
                "id": "ab0b0000-0000-4000-8000-000000000009",
                "appId": "ab1d0000-0000-4000-8000-000000000009",
                "displayName": "gone",
            },
            deleted=True,
        ),
        graph_record(
            {
                "@odata.type": "#microsoft.graph.authorizationPolicy",
                "id": "authorizationPolicy",
                "defaultUserRolePermissions": {"allowedToCreateApps": False},
            }
        ),
    ]


LINKS = (
    Link("parent", f"{GROUPS}/landing", f"{GROUPS}/contoso"),
    Link("parent", S, f"{GROUPS}/landing"),
    Link("parent", THERE, f"{GROUPS}/contoso"),
    Link("transitiveMemberOf", MEGAN, TEAM),
    Link("transitiveMemberOf", MEGAN, OUTER),
    Link("transitiveMemberOf", TEAM, OUTER),
    Link("owner", APP, MEGAN),
    Link("directoryRole", MEGAN, APP_ADMIN),
    Link("directoryRole", GUEST, APP_ADMIN, f"/{APP}"),
)


def _event(when: str) -> EventRecord:
    return event_record(
        {
            "eventTimestamp": when,
            "subscriptionId": SUB,
            "resourceGroupName": "rg-migrate",
            "operationName": {"value": "Microsoft.Migrate/migrateProjects/delete"},
        }
    )


def corner(
    *,
    arm: Sequence[ArmRecord] = (),
    gaps: Sequence[Gap] = (),
    reads: Sequence[Read] | None = None,
    by: By | None = None,
    links: Sequence[Link] = LINKS,
) -> Snapshot:
    """Return the environment, with additional resources, gaps and read records."""
    header = Header(
        tenant_id=TENANT,
        collected_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
        by=by or By(AUDITOR, "auditor", "ServicePrincipal"),
    )
    events = [_event("2026-11-20T10:00:00.1234567Z"), _event("2026-11-22T10:00:00Z")]
    return Snapshot.of(
        header, arm=[*arm_records(), *arm], graph=graph_records(), links=links, events=events, gaps=gaps, reads=reads
    )


@dataclass
class Client:
    """A signed-in client that returns responses as they were received."""

    endpoints: Endpoints
    http: aiohttp.ClientSession
    token: str = ""

    async def sign_in(self, **form: str) -> dict[str, object]:
        """Request a token; return the body of the response, with its `status`."""
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.endpoints.client_id,
            "client_secret": self.endpoints.client_secret,
            "scope": f"{self.endpoints.arm}/.default",
            **form,
        }
        async with self.http.post(f"{self.endpoints.login}/{TENANT}/oauth2/v2.0/token", data=asked) as answer:
            return {**await answer.json(), "status": answer.status}

    async def ask(self, method: str, path: str, body: object = None, **more: str) -> "Answered":
        """Send a request to a path or a URL and return the response."""
        url = path if path.startswith("https://") else self.endpoints.arm + path
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.http.request(
            method, url, json=body, headers={**headers, **more}, allow_redirects=False
        ) as answer:
            raw = await answer.read()
            return Answered(answer.status, raw, answer.headers)

    async def get(self, path: str, **more: str) -> "Answered":
        return await self.ask("GET", path, **more)

    async def every(self, path: str, link: str = "nextLink") -> list[dict[str, object]]:
        """Return all items of a list, page by page."""
        items: list[dict[str, object]] = []
        url: object = path
        while url:
            page = (await self.get(str(url))).json
            items.extend(page["value"])  # type: ignore[arg-type]
            url = page.get(link)
        return items


@dataclass(frozen=True)
class Answered:
    status: int
    raw: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> dict[str, object]:
        return json.loads(self.raw)  # type: ignore[no-any-return]

    @property
    def code(self) -> object:
        return self.json["error"]["code"]  # type: ignore[index]

    @property
    def names(self) -> list[object]:
        return [item["name"] for item in self.json["value"]]  # type: ignore[attr-defined]


@asynccontextmanager
async def signed_in(snapshot: Snapshot, options: Options | None = None) -> AsyncIterator[Client]:
    """Serve a snapshot while the block runs; yield a client that is signed in."""
    async with running(snapshot, options or Options()) as endpoints:
        trust = ssl.create_default_context(cafile=endpoints.ca_file)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http:
            client = Client(endpoints, http)
            client.token = str((await client.sign_in())["access_token"])
            yield client


def claims(token: object) -> dict[str, object]:
    """Return the claims of a token without verifying it."""
    middle = str(token).split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))  # type: ignore[no-any-return]


def path_of(link: object) -> str:
    """Return a link without its origin."""
    parts = urlsplit(str(link))
    return f"{parts.path}?{parts.query}"
