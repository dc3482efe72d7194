"""The HTTP pipelines to Azure: which requests may be sent, how often they are repeated, how many run at once.

The steps of a pipeline, which azure-core calls policies, are in this order, outermost first: `Guard`, `Retries`,
`Authentication`, `Attempt`, transport. In the pipelines of azure-mgmt clients, steps that set headers come before them;
bulk reads set the headers themselves, which is faster. No step follows redirects, and none registers resource
providers, as azure-mgmt does by default: an auditor must not change anything.
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
from auditor.azure.failures import body_of, error_body, fault_name, is_final_fault
from auditor.azure.links import origin_of, same_origin
from auditor.azure.retry import RETRIED_STATUSES, Outage, Retry, retry_after
from auditor.azure.throttling.throttle import Throttle
from auditor.azure.writes import WritePermit

_LOG = logging.getLogger("auditor.azure")
_READING_METHODS = frozenset({"GET", "HEAD"})
# Queries that Azure takes as POST; none of them changes anything.
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
    """Return whether a request cannot change anything in Azure."""
    method = method.upper()
    return method in _READING_METHODS or (method == "POST" and _READING_POSTS.match(url) is not None)


class Guard(SansIOHTTPPolicy[Any, Any]):
    """The step that lets only requests to the pipeline's own origin pass, and of those only reads and permitted writes.

    Raises `ReadFailed` with the code `ForeignNextLink` for another origin, before the token is attached, so that a
    library that follows a forged next link does not reveal it; `WriteRefused` for a write that is not permitted.
    """

    def __init__(self, origin: str, permit: WritePermit | None = None) -> None:
        self._origin = origin
        self._permit = permit

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Raise unless the request may be sent."""
        method, url = request.http_request.method, request.http_request.url
        if not same_origin(url, self._origin):
            _LOG.warning("security: a request away from %s was stopped and got no token", self._origin)
            message = f"a link away from {self._origin} was not followed and got no token"
            raise ReadFailed(0, "ForeignNextLink", message, url)
        if not is_read(method, url) and not (self._permit is not None and self._permit.allows(method, url)):
            raise WriteRefused(method, url)


class Retries(AsyncHTTPPolicy[Any, Any]):
    """The step that repeats a failed request as its `Retry` allows; the last answer or fault is final.

    Reads are repeated after a fault and after a status in `RETRIED_STATUSES`. A write is repeated only after a 429 with
    a documented body: after anything else it may have happened. During an outage of the endpoint no request is sent.
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
                self._note(response.http_response)
                pause = await self._pause_after_answer(request, response, failures)
                if pause is None:
                    return response
            except (ServiceRequestError, ServiceResponseError, IncompleteReadError) as fault:
                self._outage.failed(fault_name(fault))
                pause = self._pause_after_fault(request, fault, failures)
                if pause is None:
                    raise
            await self._retry.sleep(pause)

    def _note(self, response: Any) -> None:
        if response.status_code in RETRIED_STATUSES:
            self._outage.failed(f"status {response.status_code}", retry_after(response.headers) or 0.0)
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
        if is_final_fault(fault) or not repeatable or self._outage.has_lasted:
            return None
        return self._retry.wait(failures, None, elapsed(request))


class Attempt(AsyncHTTPPolicy[Any, Any]):
    """The step that sends a request once, in its turn, for at most `timeout` seconds.

    All attempts at a request end `bound` seconds after it was first sent. Both times include reading the body, so an
    answer that comes byte by byte costs no more than one that never comes.
    """

    def __init__(self, throttle: Throttle, timeout: float, bound: float) -> None:
        super().__init__()
        self._throttle = throttle
        self._timeout = timeout
        self._bound = bound

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Return the answer, whatever its status."""
        sent = request.http_request
        clock = asyncio.get_running_loop().time
        queued = clock()
        async with self._throttle.turn(sent.method, sent.url, content_of(sent)) as turn:
            # Time in the queue does not count: the bound starts with the first turn, and stands still before others.
            begun = clock()
            first = request.context.get(_FIRST_SENT)
            request.context[_FIRST_SENT] = begun if first is None else first + begun - queued
            patience = max(0.0, min(self._timeout, self._bound - elapsed(request)))
            try:
                async with asyncio.timeout(patience):
                    response = await self.next.send(request)
            except TimeoutError as late:
                message = f"no complete answer within {patience:g} seconds"
                raise ServiceResponseTimeoutError(message, error=late) from late
        answer = response.http_response
        turn.heard(answer.status_code, answer.headers)
        return response


class Authentication(AsyncARMChallengeAuthenticationPolicy):
    """The step that adds the token; after a claims challenge only reads are repeated, as a write may have happened."""

    async def on_challenge(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> bool:
        """Return whether to send the request again with another token."""
        if not is_read(request.http_request.method, request.http_request.url):
            return False
        return bool(await super().on_challenge(request, response))


def content_of(request: Any) -> bytes:
    """Return the body of a request of azure-core, of its old or new class; empty where it has none."""
    content = getattr(request, "content", None) or getattr(request, "body", None)
    return content if isinstance(content, bytes) else b""


def elapsed(request: PipelineRequest[Any]) -> float:
    """Return the seconds since the request was first sent; 0 before."""
    now = asyncio.get_running_loop().time()
    return now - float(request.context.get(_FIRST_SENT, now))


@dataclass(frozen=True, slots=True)
class PipelineFactory:
    """The maker of pipelines to one origin, which share the token cache, the throttle and the outage.

    Each pipeline gets its own step objects, since azure-core links them to each other by an attribute.
    """

    base_url: str
    scope: str
    tokens: Tokens
    throttle: Throttle
    outage: Outage
    retry: Retry
    request_timeout: float
    user_agent: str

    def for_reads(self) -> Sequence[Any]:
        """Return the steps for bulk reads, which set their own headers and decode the bodies later."""
        return self._sending()

    def for_sdk(self, permit: WritePermit | None = None) -> Sequence[Any]:
        """Return the steps for azure-mgmt clients, which need decoded bodies and hooks that see only final answers."""
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
            Attempt(self.throttle, self.request_timeout, self.retry.bound),
        ]


def anonymous_steps(throttle: Throttle, retry: Retry, bounds: Bounds, origin: str) -> Sequence[Any]:
    """Return the steps for reads before signing in: the endpoints of a cloud."""
    return [Guard(origin), Retries(retry, Outage(bounds.outage)), Attempt(throttle, bounds.attempt, retry.bound)]
