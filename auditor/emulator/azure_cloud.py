"""The loopback cloud: routes a request to Entra, ARM, Graph or Log Analytics, all behind one origin."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.service import ArmService
from auditor.emulator.entra.identities import SignInIdentities
from auditor.emulator.entra.service import MANAGED_IDENTITY_PATHS, EntraService
from auditor.emulator.entra.tokens import BadToken, Caller, TokenAudience, TokenFault, TokenService
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_response
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.service import GraphService, Part
from auditor.emulator.log_analytics import LogAnalyticsService
from auditor.emulator.resource_graph import service as resource_graph
from auditor.emulator.response_headers import arm_headers, graph_headers, untouched_budget
from auditor.emulator.throttling.quota_sizes import QuotaSizes, directory_size
from auditor.emulator.throttling.quotas import Quotas
from auditor.inventory.snapshot.snapshot import Snapshot

_ARM_ROOTS = frozenset({"subscriptions", "providers", "tenants", "resources"})
_GRAPH_ROOTS = frozenset({"v1.0", "beta"})
_BATCHES = frozenset({"/v1.0/$batch", "/beta/$batch"})
_LOGS_ROOT = "v1"
_USER = "#microsoft.graph.user"
_FIRST_OBJECT_VERSION = "2022-09-01"
_FIRST_LIST_VERSION = "2018-05-01"
_CLOUD_NAME = "MigauditEmulator"
"""Must not be AzureCloud: clients assume the login host of that one."""


class AzureCloud:
    """The services of one snapshot, independent of sockets and web frameworks."""

    def __init__(
        self,
        snapshot: Snapshot,
        origins: tuple[str, ...],
        page_size: int | None,
        token_lifetime: int,
        lag: Mapping[str, str] = MappingProxyType({}),
        *,
        accept_cures: bool = False,
        quotas: QuotaSizes | None = None,
    ) -> None:
        self.identities = SignInIdentities.of(snapshot)
        self._tokens = TokenService(self.identities.tenant_id, origins[0], frozenset(origins), token_lifetime)
        self._entra = EntraService(self.identities, self._tokens)
        self._environment = ArmEnvironment(snapshot, lag)
        self._replays = snapshot.header.cloud
        self._arm = ArmService(self._environment, page_size, accept_cures=accept_cures)
        self._resource_graph = resource_graph.ResourceGraphService(self._environment, page_size)
        self._graph = GraphService(snapshot, self.identities, page_size, accept_cures=accept_cures)
        self._logs = LogAnalyticsService(self._environment, snapshot.reads)
        self._quotas: Quotas | None = None
        if quotas is not None:
            users = sum(one.odata_type.lower() == _USER for one in snapshot.graph)
            self._quotas = Quotas(quotas, directory_size(users), self.identities.tenant_id, time.monotonic)

    @property
    def subscription_ids(self) -> tuple[str, ...]:
        """The ids of the subscriptions that are served."""
        return self._environment.subscription_ids

    def answer(self, request: HttpRequest, part: Part) -> HttpResponse:
        """Return the answer to `request`; `part` may answer single requests of a Graph batch instead."""
        root = request.key[1:].partition("/")[0]
        left = untouched_budget(request) if self._quotas is None else {}
        try:
            if root in _ARM_ROOTS:
                return arm_headers(self._arm_answer(request, left), request, left)
            if root in _GRAPH_ROOTS:
                return graph_headers(self._graph_answer(request, part, left), request, left)
            return self._logs_answer(request) if root == _LOGS_ROOT else self._open_answer(request, root)
        except Refusal as refusal:
            if root in _ARM_ROOTS:
                return arm_headers(refusal.response, request, left)
            return graph_headers(refusal.response, request, left) if root in _GRAPH_ROOTS else refusal.response

    def _open_answer(self, request: HttpRequest, root: str) -> HttpResponse:
        """Return the answer to a request that needs no token; raise `Refusal` for an unknown path."""
        if request.key in MANAGED_IDENTITY_PATHS:
            return self._entra.managed_identity_token(request)
        if request.key == "/metadata/endpoints" and request.method == "GET":
            return _metadata(request, self._replays)
        rest = request.key.strip("/").partition("/")[2]
        if self._entra.handles(request.method, rest):
            return self._entra.answer(request)
        raise arm_errors.refuse(404, "NotFound", f"Nothing is served at '{request.path}' ({root or 'root'}).")

    def _arm_answer(self, request: HttpRequest, left: dict[str, str]) -> HttpResponse:
        """Return the answer of Resource Manager; `left` gets the headers that say what is left of its budgets."""
        try:
            caller = self._tokens.verify(request.header("Authorization"), TokenAudience.ARM)
        except BadToken as bad:
            raise self._unauthenticated(bad, request.origin) from bad
        if self._quotas is not None:
            left |= self._quotas.of_arm(request, caller)
        if request.key == resource_graph.PATH:
            return self._resource_graph.answer(request)
        return self._arm.answer(request, caller)

    def _graph_answer(self, request: HttpRequest, part: Part, left: dict[str, str]) -> HttpResponse:
        try:
            caller: Caller = self._tokens.verify(request.header("Authorization"), TokenAudience.GRAPH)
        except BadToken as bad:
            refusal = graph_errors.refuse(401, "InvalidAuthenticationToken", _GRAPH_WORDS[bad.fault])
            challenge = f'Bearer realm="", authorization_uri="{request.origin}/common/oauth2/authorize"'
            raise Refusal(HttpResponse(401, refusal.response.body, {"WWW-Authenticate": challenge})) from bad
        quotas = self._quotas
        if quotas is None:
            return self._graph.answer(request, caller, part)
        if request.key not in _BATCHES:
            left |= quotas.of_directory(request, caller)
            return self._graph.answer(request, caller, part)

        def counted(inner: HttpRequest, answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse | None:
            """Take the units of one request of the batch; it may be refused although the batch is not."""
            quotas.of_directory(inner, caller)
            return part(inner, answer)

        answer = self._graph.answer(request, caller, counted)
        left |= quotas.directory_share(caller)
        return answer

    def _logs_answer(self, request: HttpRequest) -> HttpResponse:
        try:
            self._tokens.verify(request.header("Authorization"), TokenAudience.LOGS)
        except BadToken as bad:
            raise arm_errors.refuse(401, "AuthorizationRequiredError", "Valid authentication was not provided") from bad
        return self._logs.answer(request)

    def _unauthenticated(self, bad: BadToken, origin: str) -> Refusal:
        code, message = _ARM_WORDS[bad.fault]
        return arm_errors.unauthenticated(origin, self.identities.tenant_id, code, message.format(bad.detail, origin))


_ARM_WORDS = {
    TokenFault.MISSING: (
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
    ),
    TokenFault.MALFORMED: ("InvalidAuthenticationToken", "The access token is invalid."),
    TokenFault.EXPIRED: (
        "ExpiredAuthenticationToken",
        "The access token expiry UTC time is earlier than current UTC time.",
    ),
    TokenFault.AUDIENCE: (
        "InvalidAuthenticationTokenAudience",
        (
            "The access token has been obtained for wrong audience or resource '{0}'. It should exactly match with one "
            "of the allowed audiences '{1}','https://management.core.windows.net/','https://management.azure.com/'."
        ),
    ),
    TokenFault.ISSUER: (
        "InvalidAuthenticationTokenTenant",
        "The access token is from the wrong issuer '{0}'. It must match the tenant associated with this subscription.",
    ),
}
_GRAPH_WORDS = {
    TokenFault.MISSING: "Access token is empty.",
    TokenFault.MALFORMED: "CompactToken parsing failed with error code: 80049217",
    TokenFault.EXPIRED: "Lifetime validation failed, the token is expired.",
    TokenFault.AUDIENCE: "Access token validation failure. Invalid audience.",
    TokenFault.ISSUER: "Access token validation failure. Invalid issuer.",
}


def _metadata(request: HttpRequest, replays: str) -> HttpResponse:
    """Return the endpoints of the cloud: an object since 2022-09-01, a list since 2018-05-01, the short form before.

    `replays` is the name of the cloud in which the snapshot was collected; Azure has no such field.
    """
    version = request.query.get("api-version")
    if not version:
        raise arm_errors.missing_api_version()
    cloud = {**_cloud(request.origin), "replays": replays}
    if version >= _FIRST_OBJECT_VERSION:
        return json_response(cloud)
    if version >= _FIRST_LIST_VERSION:
        return json_response([cloud])
    short = ("galleryEndpoint", "graphEndpoint", "portalEndpoint")
    return json_response({**dict.fromkeys(short, request.origin), "authentication": cloud["authentication"]})


def _cloud(origin: str) -> dict[str, object]:
    host = origin.removeprefix("https://").partition(":")[0]
    return {
        "name": _CLOUD_NAME,
        "portal": origin,
        "authentication": {
            "loginEndpoint": origin,
            "audiences": [origin, "https://management.core.windows.net", "https://management.azure.com"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": f"{origin}/",
        "microsoftGraphResourceId": f"{origin}/",
        "graphAudience": "https://graph.windows.net/",
        "graph": "https://graph.windows.net/",
        "logAnalyticsResourceId": origin,
        "appInsightsResourceId": "https://api.applicationinsights.io",
        "gallery": origin,
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": origin,
        "vmImageAliasDoc": f"{origin}/aliases.json",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "suffixes": {
            "acrLoginServer": f"azurecr.{host}",
            "keyVaultDns": "vault.azure.net",
            "mhsmDns": "managedhsm.azure.net",
            "sqlServerHostname": "database.windows.net",
            "storage": "core.windows.net",
            "storageSyncEndpointSuffix": "afs.azure.net",
            "synapseAnalytics": "dev.azuresynapse.net",
        },
    }
