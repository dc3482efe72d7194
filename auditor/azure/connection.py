"""A connection to Azure: sign in once, then read ARM and Graph."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from auditor.azure.retry import Outage, Retry
from auditor.azure.throttle import Throttle
from auditor.azure.wire import Wire

if TYPE_CHECKING:
    from auditor.azure.auth.tokens import Tokens
    from auditor.azure.pipeline import PolicySet
    from auditor.azure.transport import PooledTransport

_LOG = logging.getLogger("auditor.azure")
_USER_AGENT = "migaudit"
_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Azure:
    """An open connection, signed in."""

    cloud: Cloud
    arm: ArmClient
    graph: GraphClient
    log_analytics: LogAnalyticsClient
    _tokens: "Tokens"

    async def identity(self) -> Identity:
        """Return who is signed in; raises `SignInFailed`."""
        token = await self._tokens.get_token_info(self.cloud.arm_scope)
        return identity_of(token.token)


@asynccontextmanager
async def connect(
    cloud: str = "AzureCloud",
    auth: str = "default",
    tenant: str | None = None,
    *,
    concurrency: int = 64,
    bounds: Bounds = _BOUNDS,
    retry: Retry | None = None,
    tell: Callable[[str], None] = _LOG.warning,
) -> AsyncIterator[Azure]:
    """Hold a connection open, signed in to ARM.

    Args:
        cloud: a name of `CLOUDS`, or the URL of any ARM endpoint, whose other endpoints are discovered.
        auth: one of `AUTH_MODES`.
        tenant: id or domain of the tenant to sign in to; None = the account's own.
        concurrency: the most requests under way at once.
        bounds: how long things may take, and how large an answer may get.
        retry: how often and when a failed request is repeated; by default within `bounds.request`.
        tell: shows the person what to do to sign in (device code).

    Raises:
        UnknownCloud: `cloud` is neither a name nor an ARM endpoint.
        Unreachable: the ARM endpoint to discover does not answer, or the trusted roots cannot be read.
        SignInFailed: no credential gave a token, or one of another tenant.
    """
    from auditor.azure.transport import open_transport, tls_context

    _leave_foreign_logs_to_the_application()
    patience = retry or Retry(bound=bounds.request)
    pace = Throttle(concurrency, patience.sleep)
    async with open_transport(concurrency, tls_context(), bounds) as transport:
        where = await _cloud(cloud, transport, pace, patience, bounds)
        sign_in = SignIn(auth, tenant, where, bounds.sign_in, patience.first_wait, tell)
        async with open_credential(sign_in, transport) as tokens:
            token = await tokens.get_token_info(where.arm_scope)
            _check_tenant(token.token, tenant)
            yield _azure(where, tokens, transport, pace, patience, bounds)


def _leave_foreign_logs_to_the_application() -> None:
    """The libraries warn about what is raised as an error here anyway; without a handler that would go to stderr."""
    for name in ("azure", "msal"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _azure(
    cloud: Cloud, tokens: "Tokens", transport: "PooledTransport", pace: Throttle, retry: Retry, bounds: Bounds
) -> Azure:
    from auditor.azure.pipeline import PolicySet

    def policies(base_url: str, scope: str) -> PolicySet:
        return PolicySet(base_url, scope, tokens, pace, Outage(bounds.outage), retry, bounds.attempt, _USER_AGENT)

    arm_policies = policies(cloud.arm, cloud.arm_scope)
    arm = ArmClient(_wire(arm_policies, transport), arm_policies, transport)
    graph_policies = policies(cloud.graph, cloud.graph_scope)
    graph = GraphClient(_wire(graph_policies, transport) if cloud.graph else None)
    logs_policies = policies(cloud.log_analytics, cloud.log_analytics_scope)
    logs = LogAnalyticsClient(_wire(logs_policies, transport) if cloud.log_analytics else None)
    return Azure(cloud, arm, graph, logs, tokens)


def _wire(policies: "PolicySet", transport: "PooledTransport") -> Wire:
    from azure.mgmt.core import AsyncARMPipelineClient

    client: Any = AsyncARMPipelineClient(base_url=policies.base_url, transport=transport, policies=policies.lean())
    return Wire(policies.base_url, client, policies.retry, policies.user_agent)


async def _cloud(name_or_url: str, transport: "PooledTransport", pace: Throttle, retry: Retry, bounds: Bounds) -> Cloud:
    """Resolve a cloud; discovery goes out without a token."""

    async def fetch(url: str) -> object:
        from azure.core import AsyncPipelineClient

        from auditor.azure.links import origin_of
        from auditor.azure.pipeline import anonymous_policies

        policies = anonymous_policies(pace, retry, bounds, origin_of(url))
        client: Any = AsyncPipelineClient(base_url=url, transport=transport, policies=policies)
        return await Wire(url, client, retry, _USER_AGENT).read(url)

    return await resolve_cloud(name_or_url, fetch)


def _check_tenant(token: str, tenant: str | None) -> None:
    """A tool's or machine's credential may ignore the tenant that was asked for; then everything read is another's."""
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
