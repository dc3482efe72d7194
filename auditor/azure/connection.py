"""The connection to Azure: signs in once, then reads ARM, Microsoft Graph and Log Analytics."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from auditor.azure.arm import ArmClient
from auditor.azure.auth.credentials import open_credential
from auditor.azure.auth.identity import Identity, identity_of
from auditor.azure.auth.sign_in import SignIn
from auditor.azure.bounds import Bounds
from auditor.azure.clouds import Cloud, resolve_cloud
from auditor.azure.errors import SignInFailed
from auditor.azure.graph.client import GraphClient
from auditor.azure.log_analytics import LogAnalyticsClient
from auditor.azure.memory import Memory
from auditor.azure.resource_graph import ResourceGraphClient
from auditor.azure.retry import Outage, Retry
from auditor.azure.throttling.limits import Pace
from auditor.azure.throttling.throttle import Clock, Throttle
from auditor.azure.wire import Wire

if TYPE_CHECKING:
    from auditor.azure.auth.tokens import Tokens
    from auditor.azure.pipeline import PipelineFactory
    from auditor.azure.transport import PooledTransport

_LOG = logging.getLogger("auditor.azure")
_USER_AGENT = "migaudit"
_BOUNDS = Bounds()
_UNPACED = Pace()


@dataclass(frozen=True, slots=True)
class Azure:
    """An open connection, signed in."""

    cloud: Cloud
    arm: ArmClient
    resource_graph: ResourceGraphClient
    graph: GraphClient
    log_analytics: LogAnalyticsClient
    _tokens: "Tokens"
    _wires: Sequence[Wire]

    async def identity(self) -> Identity:
        """Return the signed-in account; raises `SignInFailed`."""
        token = await self._tokens.get_token_info(self.cloud.arm_scope)
        return identity_of(token.token)

    def remember(self, memory: Memory) -> None:
        """Let reads take from `memory` what it holds, and keep there what Azure answers."""
        for wire in self._wires:
            wire.memory = memory


@asynccontextmanager
async def connect(
    cloud: str = "AzureCloud",
    auth: str = "default",
    tenant: str | None = None,
    *,
    concurrency: int = 64,
    pace: Pace = _UNPACED,
    bounds: Bounds = _BOUNDS,
    retry: Retry | None = None,
    tell: Callable[[str], None] = _LOG.warning,
) -> AsyncIterator[Azure]:
    """Open a connection that is signed in to ARM.

    Args:
        cloud: a name in `CLOUDS`, or the URL of any ARM endpoint, whose other endpoints are discovered.
        auth: one of `AUTH_MODES`.
        tenant: id or domain of the tenant to sign in to; None = the account's own.
        concurrency: the largest number of concurrent requests.
        pace: the largest number of requests per second, and the size of Azure's budgets.
        bounds: the limits of time and of the size of answers.
        retry: how often and when a failed request is repeated; by default within `bounds.request`.
        tell: shows the person how to sign in (device code).

    Raises:
        UnknownCloud: `cloud` is neither a name nor an ARM endpoint.
        Unreachable: the ARM endpoint does not answer, or the file of trusted roots cannot be read.
        SignInFailed: no credential returned a token, or the token is for another tenant.
    """
    from auditor.azure.transport import open_transport, tls_context

    _silence_library_logs()
    retry = retry or Retry(bound=bounds.request)
    clock = Clock(retry.sleep)
    retry = replace(retry, sleep=clock.sleep)
    throttle = Throttle(concurrency, clock, pace, retry.bound)
    async with open_transport(concurrency, tls_context(), bounds) as transport:
        target = await _cloud(cloud, transport, throttle, retry, bounds)
        sign_in = SignIn(auth, tenant, target, bounds.sign_in, retry.first_wait, tell)
        async with open_credential(sign_in, transport) as tokens:
            token = await tokens.get_token_info(target.arm_scope)
            _check_tenant(token.token, tenant)
            yield _azure(target, tokens, transport, throttle, retry, bounds)


def _silence_library_logs() -> None:
    """Keep the warnings of the libraries off stderr: what they warn about is raised as an error anyway."""
    for name in ("azure", "msal"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _azure(
    cloud: Cloud, tokens: "Tokens", transport: "PooledTransport", throttle: Throttle, retry: Retry, bounds: Bounds
) -> Azure:
    from auditor.azure.pipeline import PipelineFactory

    def factory(base_url: str, scope: str) -> PipelineFactory:
        return PipelineFactory(
            base_url, scope, tokens, throttle, Outage(bounds.outage), retry, bounds.attempt, _USER_AGENT
        )

    arm_pipelines = factory(cloud.arm, cloud.arm_scope)
    arm_wire = _wire(arm_pipelines, transport)
    arm = ArmClient(arm_wire, arm_pipelines, transport)
    graph_pipelines = factory(cloud.graph, cloud.graph_scope)
    graph_wire = _wire(graph_pipelines, transport) if cloud.graph else None
    logs_pipelines = factory(cloud.log_analytics, cloud.log_analytics_scope)
    logs_wire = _wire(logs_pipelines, transport) if cloud.log_analytics else None
    wires = [wire for wire in (arm_wire, graph_wire, logs_wire) if wire is not None]
    graph, logs = GraphClient(graph_wire), LogAnalyticsClient(logs_wire)
    return Azure(cloud, arm, ResourceGraphClient(arm_wire), graph, logs, tokens, wires)


def _wire(factory: "PipelineFactory", transport: "PooledTransport") -> Wire:
    from azure.mgmt.core import AsyncARMPipelineClient

    client: Any = AsyncARMPipelineClient(base_url=factory.base_url, transport=transport, policies=factory.for_reads())
    return Wire(factory.base_url, client, factory.retry, factory.throttle, factory.user_agent)


async def _cloud(
    name_or_url: str, transport: "PooledTransport", throttle: Throttle, retry: Retry, bounds: Bounds
) -> Cloud:
    """Return the cloud; its endpoints are discovered without a token."""

    async def fetch(url: str) -> object:
        from azure.core import AsyncPipelineClient

        from auditor.azure.links import origin_of
        from auditor.azure.pipeline import anonymous_steps

        steps = anonymous_steps(throttle, retry, bounds, origin_of(url))
        client: Any = AsyncPipelineClient(base_url=url, transport=transport, policies=steps)
        return await Wire(url, client, retry, throttle, _USER_AGENT).read(url)

    return await resolve_cloud(name_or_url, fetch)


def _check_tenant(token: str, tenant: str | None) -> None:
    """Raise `SignInFailed` for a token of another tenant: some credentials ignore the tenant that was asked for."""
    if tenant is None or not _is_guid(tenant):
        return
    signed_in = identity_of(token)
    if signed_in.tenant_id.lower() != tenant.lower():
        raise SignInFailed(
            (f"the token of `{signed_in.name}` is for the tenant {signed_in.tenant_id}, not for {tenant}",),
            f"sign in to that tenant (`az login --tenant {tenant}`), or correct `--tenant`",
        )


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
