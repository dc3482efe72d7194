"""The SDKs against the emulator: azure-identity, the azure-mgmt clients and msgraph-sdk read all that it serves."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import jwt
import msgspec
import pytest
from azure.core.pipeline.policies import AsyncRetryPolicy, HeadersPolicy, RequestIdPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from azure.identity import (
    ClientAssertionCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    ManagedIdentityCredential,
)
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.identity.aio import DefaultAzureCredential as AsyncDefaultAzureCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.core import AsyncARMPipelineClient
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from auditor.emulator.arm.catalogue import BY_TYPE
from auditor.emulator.arm.target import parent_of, type_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running, running_in_thread
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.snapshot import Snapshot

pytestmark = pytest.mark.conformance

ASSERTION_KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def snapshot(fixtures: Path) -> Snapshot:
    return load(fixtures / "contoso.yaml")


@pytest.fixture(scope="module")
def served(snapshot: Snapshot) -> Iterator[Endpoints]:
    with running_in_thread(snapshot, Options(page_size=3)) as endpoints:
        yield endpoints


def _authority(served: Endpoints) -> dict[str, Any]:
    return {"authority": served.login, "disable_instance_discovery": True, "connection_verify": served.ca_file}


@pytest.fixture(scope="module")
def credential(served: Endpoints) -> Iterator[ClientSecretCredential]:
    with ClientSecretCredential(served.tenant_id, served.client_id, served.client_secret, **_authority(served)) as one:
        yield one


def _client(kind: Any, served: Endpoints, credential: object, subscription: str | None = None) -> Any:
    return kind(
        credential,
        subscription or served.subscription_ids[0],
        base_url=served.arm,
        credential_scopes=[f"{served.arm}/.default"],
        connection_verify=served.ca_file,
    )


def held(snapshot: Snapshot, kind: str, within: str, *, deleted: bool = False) -> set[str]:
    return {
        record.id.lower()
        for record in snapshot.arm
        if type_of(record.id.lower()) == kind.lower() and within in record.id.lower() and record.deleted is deleted
    }


def ids(items: Any) -> set[str]:
    return {item.id.lower() for item in items}


def test_every_way_to_sign_in(served: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = f"{served.arm}/.default"
    assertion = jwt.encode({"sub": "workload"}, ASSERTION_KEY)
    by_assertion = ClientAssertionCredential(
        served.tenant_id, served.client_id, lambda: assertion, **_authority(served)
    )
    told: list[str] = []
    by_code = DeviceCodeCredential(
        tenant_id=served.tenant_id, prompt_callback=lambda _uri, code, _until: told.append(code), **_authority(served)
    )
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", served.arm)
    managed = ManagedIdentityCredential(connection_verify=served.ca_file)
    for way in (by_assertion, by_code, managed):
        with way:
            assert way.get_token(scope).token.count(".") == 2
    assert len(told) == 1


async def test_the_asynchronous_credentials(served: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in served.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", served.login)
    own = {"disable_instance_discovery": True, "connection_verify": served.ca_file}
    async with AsyncDefaultAzureCredential(**own) as default:
        assert (await default.get_token(f"{served.graph}/.default")).token
    async with AsyncClientSecretCredential(
        served.tenant_id, served.client_id, served.client_secret, **_authority(served)
    ) as secret:
        assert (await secret.get_token("https://graph.microsoft.com/.default")).token


def test_resource_management(served: Endpoints, snapshot: Snapshot, credential: ClientSecretCredential) -> None:
    with _client(ResourceManagementClient, served, credential) as client:
        here = served.subscription_ids[0]
        assert ids(client.resource_groups.list()) == held(snapshot, "Microsoft.Resources/resourceGroups", here)
        wanted = (
            "resourceType eq 'Microsoft.OffAzure/VMwareSites' or resourceType eq 'Microsoft.Migrate/migrateProjects'"
        )
        assert ids(client.resources.list(filter=wanted)) == (
            held(snapshot, "Microsoft.OffAzure/VMwareSites", here)
            | held(snapshot, "Microsoft.Migrate/migrateProjects", here)
        )
        assert client.providers.get("Microsoft.Migrate").registration_state
        assert client.resource_groups.check_existence("rg-migrate-prod")
        assert not client.resource_groups.check_existence("rg-nowhere")


def test_authorization(served: Endpoints, snapshot: Snapshot, credential: ClientSecretCredential) -> None:
    here = served.subscription_ids[0]
    scope = f"/subscriptions/{here}"
    with _client(AuthorizationManagementClient, served, credential) as client:
        rows = ids(client.role_assignments.list_for_subscription())
        assert rows >= held(snapshot, "Microsoft.Authorization/roleAssignments", here)
        megan = "a5e70001-6b1c-4d2e-8f30-c0a050000001"
        mine = list(client.role_assignments.list_for_scope(scope, filter=f"assignedTo('{megan}')"))
        assert mine
        assert {row.principal_id for row in mine} == {megan}
        customs = held(snapshot, "Microsoft.Authorization/roleDefinitions", here)
        assert ids(client.role_definitions.list(scope, filter="type eq 'CustomRole'")) == customs
        for group, kind in (
            (client.deny_assignments, "denyAssignments"),
            (client.role_eligibility_schedule_instances, "roleEligibilityScheduleInstances"),
            (client.role_assignment_schedule_instances, "roleAssignmentScheduleInstances"),
        ):
            assert ids(group.list_for_scope(scope)) >= held(snapshot, f"Microsoft.Authorization/{kind}", here), kind


def test_key_vault(served: Endpoints, snapshot: Snapshot, credential: ClientSecretCredential) -> None:
    for here in served.subscription_ids:
        with _client(KeyVaultManagementClient, served, credential, here) as client:
            vaults = held(snapshot, "Microsoft.KeyVault/vaults", here)
            assert ids(client.vaults.list_by_subscription(top=2)) == vaults
            assert ids(client.vaults.list()) == vaults
            assert ids(client.vaults.list_deleted()) == held(snapshot, "Microsoft.KeyVault/deletedVaults", here)


def test_log_analytics(served: Endpoints, snapshot: Snapshot, credential: ClientSecretCredential) -> None:
    kind = "Microsoft.OperationalInsights/workspaces"
    for here in served.subscription_ids:
        with _client(LogAnalyticsManagementClient, served, credential, here) as client:
            assert ids(client.workspaces.list()) == held(snapshot, kind, here)
            assert ids(client.deleted_workspaces.list()) == held(snapshot, kind, here, deleted=True)
            for workspace in client.workspaces.list():
                group = workspace.id.split("/")[4]
                for operations, child in (
                    (client.linked_services, "linkedServices"),
                    (client.linked_storage_accounts, "linkedStorageAccounts"),
                    (client.data_exports, "dataExports"),
                    (client.storage_insight_configs, "storageInsightConfigs"),
                    (client.tables, "tables"),
                ):
                    path = f"{workspace.id.lower()}/"
                    try:
                        rows = ids(operations.list_by_workspace(group, workspace.name))
                    except Exception as refused:  # noqa: BLE001  what the snapshot says was refused may be
                        assert "AuthorizationFailed" in str(refused)  # noqa: PT017
                    else:
                        assert rows == held(snapshot, f"{kind}/{child}", path), child


def test_a_workspace_is_deleted_and_recovered(snapshot: Snapshot) -> None:
    with running_in_thread(snapshot) as own:
        secret = ClientSecretCredential(own.tenant_id, own.client_id, own.client_secret, **_authority(own))
        with secret, _client(LogAnalyticsManagementClient, own, secret) as client:
            one = next(row for row in client.workspaces.list() if row.name == "contoso-dc-exit-oms")
            group = one.id.split("/")[4]
            client.workspaces.begin_delete(group, one.name).result()
            assert one.name in {row.name for row in client.deleted_workspaces.list()}
            back = client.workspaces.begin_create_or_update(group, one.name, {"location": one.location}).result()
            assert back.customer_id == one.customer_id


@asynccontextmanager
async def arm_pipeline(snapshot: Snapshot) -> AsyncIterator[tuple[Any, Endpoints]]:
    async with running(snapshot, Options(page_size=2)) as point:
        trust = ssl.create_default_context(cafile=point.ca_file)
        connector = aiohttp.TCPConnector(ssl=trust)
        async with (
            AsyncClientSecretCredential(
                point.tenant_id, point.client_id, point.client_secret, **_authority(point)
            ) as secret,
            aiohttp.ClientSession(connector=connector, auto_decompress=False) as session,
        ):
            transport = AioHttpTransport(session=session, session_owner=False)
            policies = [
                RequestIdPolicy(),
                HeadersPolicy(),
                AsyncRetryPolicy(),
                AsyncARMChallengeAuthenticationPolicy(secret, f"{point.arm}/.default"),
            ]
            client: Any = AsyncARMPipelineClient(base_url=point.arm, transport=transport, policies=policies)
            async with client:
                yield client, point


_NOT_LISTED_BY_ID = {
    "microsoft.authorization/permissions",  # Azure's items have no id
    "microsoft.insights/diagnosticsettings",  # Azure spells the ids of a subscription's settings in another way
    "microsoft.resources/providers",  # asked for one by one
    "microsoft.operationalinsights/workspaces/datasources",  # listed kind by kind
}


async def test_every_resource_is_found_by_its_id_and_in_its_list(snapshot: Snapshot) -> None:
    """Plain ARM requests read all types, including those without a client of their own."""
    refused = {(gap.what.lower(), gap.scope.lower()) for gap in snapshot.gaps}
    async with arm_pipeline(snapshot) as (client, point):
        for record in snapshot.arm:
            key = record.id.lower()
            kind = type_of(key)
            if record.deleted or key.startswith("/tenants/") or (kind, key) in refused:
                continue
            known = BY_TYPE.get(kind)
            version = known.versions[0] if known and known.versions else "2021-04-01"
            if known and not known.versions and known.first > version:
                version = known.first
            if kind in {"microsoft.authorization/roledefinitions", "microsoft.management/managementgroups"}:
                version = "2022-04-01"
            if kind == "microsoft.migrate/assessmentprojects/assessments":
                version = "2024-03-03-preview"  # older ones list the assessments of groups under this name
            answer = await client.send_request(HttpRequest("GET", f"{point.arm}{record.id}?api-version={version}"))
            assert answer.status_code == 200, (record.id, answer.text())
            if known is not None and known.bare:
                continue
            if kind in _NOT_LISTED_BY_ID:
                continue
            container = parent_of(key)
            if kind == "microsoft.keyvault/deletedvaults":
                container = "/".join(key.split("/")[:3])
            own = _spelled(answer.json())  # an item of a nested type keeps its own id in its list
            assert own == key or b'"x_id":' in record.body, record.id
            assert own in await _listed(client, point.arm, container, kind, version), record.id


async def _listed(client: Any, arm: str, container: str, kind: str, version: str) -> set[str]:
    namespace, _, rest = kind.partition("/")
    plain = {
        "microsoft.resources/subscriptions": "/subscriptions",
        "microsoft.resources/resourcegroups": f"{container}/resourcegroups",
    }
    tail = rest.rpartition("/")[2]
    path = plain.get(kind) or (f"{container}/{tail}" if "/" in rest else f"{container}/providers/{namespace}/{rest}")
    url: str | None = f"{arm}{path}?api-version={version}"
    found: set[str] = set()
    while url:
        answer = await client.send_request(HttpRequest("GET", url))
        assert answer.status_code == 200, (url, answer.text())
        page = msgspec.json.decode(answer.content)
        found.update(_spelled(item) for item in page["value"])
        url = page.get("nextLink")
    return found


def _spelled(item: dict[str, Any]) -> str:
    """Return the id of an item; some lists leave out its leading slash."""
    return "/" + str(item["id"]).lower().lstrip("/")


async def test_msgraph_sdk(snapshot: Snapshot) -> None:
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
    from msgraph import GraphRequestAdapter, GraphServiceClient
    from msgraph.generated.directory_objects.get_by_ids.get_by_ids_post_request_body import GetByIdsPostRequestBody
    from msgraph_core import GraphClientFactory, PageIterator  # type: ignore[import-untyped]

    async with running(snapshot, Options(page_size=2)) as point:
        trust = ssl.create_default_context(cafile=point.ca_file)
        async with (
            httpx.AsyncHTTPTransport(verify=trust) as wire,  # Graph's middleware takes it over and never closes it
            httpx.AsyncClient(transport=wire, base_url=f"{point.graph}/v1.0") as http,
            AsyncClientSecretCredential(
                point.tenant_id, point.client_id, point.client_secret, **_authority(point)
            ) as secret,
        ):
            provider = AzureIdentityAuthenticationProvider(
                secret, scopes=[f"{point.graph}/.default"], allowed_hosts=["127.0.0.1"]
            )
            adapter = GraphRequestAdapter(
                provider, GraphClientFactory.create_with_default_middleware(host=point.graph, client=http)
            )
            adapter.base_url = f"{point.graph}/v1.0"
            graph = GraphServiceClient(request_adapter=adapter)

            async def every(first: Any) -> set[str]:
                found: set[str] = set()

                def take(item: Any) -> bool:
                    found.add(item.id)
                    return True

                await PageIterator(first, adapter).iterate(take)
                return found

            def of_kind(kind: str, *, deleted: bool = False) -> set[str]:
                name = f"#microsoft.graph.{kind}"
                return {r.id for r in snapshot.graph if r.odata_type == name and r.deleted is deleted}

            assert await every(await graph.users.get()) == of_kind("user")
            assert await every(await graph.groups.get()) == of_kind("group")
            assert await every(await graph.applications.get()) == of_kind("application")
            assert await every(await graph.service_principals.get()) == of_kind("servicePrincipal")
            gone = await graph.directory.deleted_items.graph_application.get()
            assert await every(gone) == of_kind("application", deleted=True)
            policy = await graph.policies.authorization_policy.get()
            assert policy is not None
            assert policy.default_user_role_permissions is not None
            people = of_kind("user")
            member = next(link for link in snapshot.links if link.rel == "transitiveMemberOf" and link.from_ in people)
            groups = await every(await graph.users.by_user_id(member.from_).transitive_member_of.get())
            assert member.to in groups
            owned = next(
                link for link in snapshot.links if link.rel == "owner" and link.from_ in of_kind("application")
            )
            assert owned.to in await every(await graph.applications.by_application_id(owned.from_).owners.get())
            roles = await graph.role_management.directory.role_assignments.get()
            assert len(await every(roles)) == sum(link.rel == "directoryRole" for link in snapshot.links)
            wanted = GetByIdsPostRequestBody(ids=[member.from_, member.to])
            got = await graph.directory_objects.get_by_ids.post(wanted)
            assert got is not None
            assert {item.id for item in got.value or []} == {member.from_, member.to}
