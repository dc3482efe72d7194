"""The policies of every pipeline to Azure: what may leave, how often it is tried, and how many go at once.

Order, outermost first: `Guard`, `Retries`, authentication, `Attempt`, transport. Before them, azure-mgmt clients label
their requests by policies; bulk reads set the same headers themselves, which costs a fraction of it.
There is no redirect policy and no automatic provider registration: both would act where an auditor only looks.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import (
    AzureError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    AsyncHTTPPolicy,
    ContentDecodePolicy,
    CustomHookPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

from auditor.azure.auth.tokens import Tokens
from auditor.azure.bounds import Bounds
from auditor.azure.errors import ReadFailed, WriteRefused
from auditor.azure.failures import body_of, error_body, fault_name, is_certificate_fault
from auditor.azure.links import origin_of, same_origin
from auditor.azure.retry import RETRIED_STATUSES, Outage, Retry, retry_after
from auditor.azure.throttle import Throttle
from auditor.azure.writes import WritePermit

_LOG = logging.getLogger("auditor.azure")
_READING_METHODS = frozenset({"GET", "HEAD"})
# Reads that Azure spells as POST. Each only answers a question; none changes anything.
_READING_POSTS = re.compile(
    r"""(?ix) ^https://[^/]+ (?:
        /v1\.0/(?:\$|%24)batch
      | /v1\.0/directoryObjects/(?:microsoft\.graph\.)?getByIds
      | /providers/Microsoft\.ResourceGraph/resources
      | /providers/Microsoft\.Management/getEntities
      | (?:/[^/?]+){4}/providers/Microsoft\.OperationalInsights/workspaces/[^/?]+/(?:api/)?query
      | /v1/workspaces/[^/?]+/query
    ) (?:\?|$)"""
)
_FIRST_SENT = "migaudit_first_sent"


def is_read(method: str, url: str) -> bool:
    """Whether a request can change nothing in Azure."""
    method = method.upper()
    return method in _READING_METHODS or (method == "POST" and _READING_POSTS.match(url) is not None)


class Guard(SansIOHTTPPolicy[Any, Any]):
    """Lets out only what may leave: to the pipeline's own origin, and nothing but reads and what `permit` names.

    Raises `ReadFailed` with the code `ForeignNextLink` for another origin, so that a pager of any library that follows
    a planted link stops before the token is attached; `WriteRefused` for a write.
    """

    def __init__(self, origin: str, permit: WritePermit | None = None) -> None:
        self._origin = origin
        self._permit = permit

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Raise unless the request may leave."""
        method, url = request.http_request.method, request.http_request.url
        if not same_origin(url, self._origin):
            _LOG.warning("security: a request away from %s was stopped and got no token", self._origin)
            message = f"a link away from {self._origin} was not followed and got no token"
            raise ReadFailed(0, "ForeignNextLink", message, url)
        if not is_read(method, url) and not (self._permit is not None and self._permit.allows(method, url)):
            raise WriteRefused(method, url)


class Retries(AsyncHTTPPolicy[Any, Any]):
    """Sends a request again as its `Retry` allows; the last answer or fault is final.

    Only reads are repeated after a fault or a 5xx: of a write it is unknown whether it happened. A write is repeated
    only after a 429 in Azure's own words: any other may come from something behind which it happened.
    Where the endpoint has an outage, nothing leaves and nothing is repeated any more.
    """

    def __init__(self, retry: Retry, outage: Outage) -> None:
        super().__init__()
        self._retry = retry
        self._outage = outage

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Return the final answer."""
        self._outage.refuse(request.http_request.url)
        failures = 0
        while True:
            failures += 1
            try:
                response = await self.next.send(request)
                self._note(response.http_response.status_code)
                pause = await self._pause_after_answer(request, response, failures)
                if pause is None:
                    return response
            except (ServiceRequestError, ServiceResponseError, IncompleteReadError) as fault:
                self._outage.failed(fault_name(fault))
                pause = self._pause_after_fault(request, fault, failures)
                if pause is None:
                    raise
            await self._retry.sleep(pause)

    def _note(self, status: int) -> None:
        if status in RETRIED_STATUSES:
            self._outage.failed(f"status {status}")
        else:
            self._outage.answered()

    async def _pause_after_answer(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any], failures: int
    ) -> float | None:
        status = response.http_response.status_code
        if status not in RETRIED_STATUSES or self._outage.has_lasted:
            return None
        if not is_read(request.http_request.method, request.http_request.url):
            if status != 429:
                return None
            held: Any = response.http_response
            await (held.load_body() if hasattr(held, "load_body") else held.read())
            if not error_body(status, body_of(held)).documented:
                return None
        return self._retry.wait(failures, retry_after(response.http_response.headers), elapsed(request))

    def _pause_after_fault(self, request: PipelineRequest[Any], fault: AzureError, failures: int) -> float | None:
        repeatable = is_read(request.http_request.method, request.http_request.url)
        if is_certificate_fault(fault) or not repeatable or self._outage.has_lasted:
            return None
        return self._retry.wait(failures, None, elapsed(request))


class Attempt(AsyncHTTPPolicy[Any, Any]):
    """Sends a request once: in its turn, for `timeout` seconds at most, and within `bound` seconds since it first left.

    Both with its body: an answer that drips for ever costs no more than one that never comes.
    """

    def __init__(self, pace: Throttle, timeout: float, bound: float) -> None:
        super().__init__()
        self._pace = pace
        self._timeout = timeout
        self._bound = bound

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Return the answer, whatever its status."""
        url = request.http_request.url
        async with self._pace.turn(url):
            # The clock starts with the first turn: waiting in the queue is not the request's fault.
            request.context.setdefault(_FIRST_SENT, asyncio.get_running_loop().time())
            patience = max(0.0, min(self._timeout, self._bound - elapsed(request)))
            try:
                async with asyncio.timeout(patience):
                    response = await self.next.send(request)
            except TimeoutError as late:
                message = f"no whole answer within {patience:g} seconds"
                raise ServiceResponseTimeoutError(message, error=late) from late
        answer = response.http_response
        self._pace.heard(url, answer.status_code, answer.headers.items())
        return response


class Authentication(AsyncARMChallengeAuthenticationPolicy):
    """Signs requests. Where an answer asks for another token, only a read is sent again: a write may have happened."""

    async def on_challenge(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> bool:
        """Say whether the request is to be sent again, with another token."""
        if not is_read(request.http_request.method, request.http_request.url):
            return False
        return bool(await super().on_challenge(request, response))


def elapsed(request: PipelineRequest[Any]) -> float:
    """Seconds since the request first left; 0 before."""
    now = asyncio.get_running_loop().time()
    return now - float(request.context.get(_FIRST_SENT, now))


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Makes the policies for pipelines to one origin; state (token cache, pace, outage) is shared between all of them.

    azure-core chains policy objects by an attribute, so every pipeline needs objects of its own.
    """

    base_url: str
    scope: str
    tokens: Tokens
    pace: Throttle
    outage: Outage
    retry: Retry
    request_timeout: float
    user_agent: str

    def lean(self) -> Sequence[Any]:
        """For bulk reads, which label their requests themselves and decode the bodies elsewhere."""
        return self._sending()

    def for_sdk(self, permit: WritePermit | None = None) -> Sequence[Any]:
        """For azure-mgmt clients: they need decoded bodies, and hooks that see only final answers."""
        return [
            RequestIdPolicy(),
            HeadersPolicy({"Accept": "application/json"}),
            UserAgentPolicy(base_user_agent=self.user_agent, user_agent_use_env=False),
            CustomHookPolicy(),
            ContentDecodePolicy(),
            *self._sending(permit),
        ]

    def _sending(self, permit: WritePermit | None = None) -> Sequence[Any]:
        return [
            Guard(origin_of(self.base_url), permit),
            Retries(self.retry, self.outage),
            Authentication(self.tokens, self.scope, enable_cae=True),
            Attempt(self.pace, self.request_timeout, self.retry.bound),
        ]


def anonymous_policies(pace: Throttle, retry: Retry, bounds: Bounds, origin: str) -> Sequence[Any]:
    """For what is read before signing in: the endpoints of a cloud."""
    return [Guard(origin), Retries(retry, Outage(bounds.outage)), Attempt(pace, bounds.attempt, retry.bound)]
