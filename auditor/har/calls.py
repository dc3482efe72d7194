"""The calls to Azure in a capture, each with what it came to; those that batches contain are calls of their own."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

import jwt

from auditor.har.addresses import Address, address_of, cut, mark_of
from auditor.har.answers.accepted_failures import AcceptedFailure, failure_in, failure_in_body, is_unread, tells_of_work
from auditor.har.answers.batches import Batch, BatchAnswer, batch_of, status_of
from auditor.har.answers.said import LONGEST_BODY, Said, said_in, said_in_document, said_in_headers
from auditor.har.answers.sign_in import said_by_sign_in, said_in_form, said_in_redirect, said_on_way_back
from auditor.har.bodies import CapturedBody, request_body, response_body
from auditor.har.operations import Operation, operation_of
from auditor.har.services import Service, service_of
from auditor.inventory.instants import instant

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_METHOD = re.compile(r"[A-Z]{3,10}")
_LONGEST_TOKEN = 32_768
_CORRELATION = ("x-ms-correlation-request-id", "x-ms-request-id", "request-id", "x-ms-correlation-id")
_MOST_WAITING = 10_000
_PENDING = frozenset({"authorization_pending", "aadsts70016"})
"""What Entra answers while somebody has yet to type a device code; no failure."""


class CallOutcome(Enum):
    """What a call came to."""

    ANSWERED = "answered"
    FAILED = "failed"
    UNANSWERED = "unanswered"


class Within(Enum):
    """Where a call, or its failure, stands in the capture."""

    ITSELF = "itself"
    BATCH = "batch"
    LATER = "later"
    """The request was accepted, and its work failed later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `status` is 0 where there was no answer, and then `why` says what the browser knows.

    Its texts hold the secrets that Azure repeated, until `removed_secrets` took them out.
    """

    service: Service
    method: str
    address: Address
    operation: Operation
    outcome: CallOutcome
    status: int = 0
    said: Said = field(default_factory=Said)
    why: str = ""
    at: datetime | None = None
    page: str = ""
    """The id of the page in the capture."""
    command: str = ""
    """The portal's own name for what it does, from `x-ms-command-name`."""
    correlation: str = ""
    caller: str = ""
    """The object id of the account that asked, from the call's token; empty where the capture has none."""
    caller_tenant: str = ""
    """The tenant of that token."""
    asked: int = 0
    """A hash of its parameters and, of a POST, its body; 0 where the capture does not have that."""
    within: Within = Within.ITSELF


class Calls:
    """The calls of a capture, entry by entry; after that, what was looked at.

    `looked_at` counts calls by service, `others` are requests to anything else, of which `others_failed` counts by host
    those that failed or got no answer. Of failed calls, `binary` have an answer that is no text, `cut` one that is too
    long to be read whole; `unread` are accepted ones whose answer may hold a failure and is missing or cut. `odd` are
    entries without a request.
    """

    def __init__(self) -> None:
        self.looked_at: Counter[Service] = Counter()
        self.others = 0
        self.others_failed: Counter[str] = Counter()
        self.binary = 0
        self.unread = 0
        self.cut = 0
        self.odd = 0
        self._waiting: dict[str, BatchAnswer] = {}
        """Requests of batches that were accepted, by their names, until their answers come."""
        self._carriers: dict[str, Call] = {}
        self._nameless = 0
        """Accepted requests without a name, whose answers did not come yet."""
        self._sent_back: Counter[tuple[str, str]] = Counter()
        """Refusals that were seen on one end of their way alone: at the sign-in (positive), or where they arrived."""
        self._begun: datetime | None = None
        """The earliest time so far."""

    def of(self, entry: dict[str, Any]) -> Iterator[Call]:
        """Yield the calls of one entry, with the secrets that Azure repeated."""
        request = entry.get("request")
        address = address_of(_url(request)) if isinstance(request, dict) else None
        if not isinstance(request, dict) or address is None:
            self.odd += not isinstance(request, dict) or not _is_of_page(request.get("url"))
            return
        yield from self._returned(entry, request, address)
        service = service_of(address.host, address.path)
        if service is None:
            self.others += 1
            if not _is_answered(entry):
                self.others_failed[address.host] += 1
            return
        at = _time(entry.get("startedDateTime"))
        self._begun = at if self._begun is None or (at is not None and at < self._begun) else self._begun
        call, body = self._call(entry, request, address, service)
        if call.method == "OPTIONS" and call.outcome is CallOutcome.ANSWERED:
            return  # the browser's own question whether it may ask
        batch = batch_of(service, call.method, address, request_body(request.get("postData")), body)
        if batch is not None and call.outcome is CallOutcome.ANSWERED:
            yield from self._inside(batch, body, call)
            return
        if call.method == "CONNECT" and call.outcome is CallOutcome.ANSWERED:
            return  # the tunnel that a proxy made
        self.looked_at[service] += 1
        yield call

    def _returned(self, entry: dict[str, Any], request: dict[str, Any], address: Address) -> Iterator[Call]:
        """Yield the error with which Entra sent the browser back, in an address or in a form."""
        said = said_in_redirect(request.get("url"))
        said = said_in_form(request.get("postData")) if said.is_empty else said
        if said.is_empty or service_of(address.host, address.path) is Service.SIGN_IN:
            return
        if not self._is_known(said, -1):
            self.looked_at[Service.SIGN_IN] += 1
            yield self._base(entry, request, address, Service.SIGN_IN, Operation("sign in"), CallOutcome.FAILED, said)

    def _is_on_its_way(self, said: Said) -> bool:
        """Whether a refusal was noted at the sign-in and has not arrived yet."""
        return self._sent_back[(said.code, said.message)] > 0

    def _is_known(self, said: Said, way: int) -> bool:
        """Whether a refusal was noted before, at the other end of its way from the sign-in (1) to who asked (-1)."""
        known = self._sent_back[(said.code, said.message)]
        self._sent_back[(said.code, said.message)] += way
        return known * way < 0

    def _base(
        self,
        entry: dict[str, Any],
        request: dict[str, Any],
        address: Address,
        service: Service,
        operation: Operation,
        outcome: CallOutcome,
        said: Said,
    ) -> Call:
        method = str(request.get("method", "")).upper()
        response = entry.get("response")
        answered = _headers(response if isinstance(response, dict) else {})
        caller, tenant = caller_of(_headers(request).get("authorization", ""))
        found = (_GUID.search(answered.get(name, "")) for name in _CORRELATION)
        return Call(
            service=service,
            method=method if _METHOD.fullmatch(method) else "?",
            address=address,
            operation=operation,
            outcome=outcome,
            said=said,
            at=_time(entry.get("startedDateTime")),
            page=str(entry.get("pageref", ""))[:200],
            command=cut(_headers(request).get("x-ms-command-name", ""), 200),
            correlation=next((one[0].lower() for one in found if one), ""),
            caller=caller,
            caller_tenant=tenant,
            asked=_asked(method, request),
        )

    def _call(
        self, entry: dict[str, Any], request: dict[str, Any], address: Address, service: Service
    ) -> tuple[Call, CapturedBody]:
        method = str(request.get("method", "")).upper()
        operation = operation_of(service, method, address)
        call = self._base(entry, request, address, service, operation, CallOutcome.UNANSWERED, Said())
        response = entry.get("response")
        response = response if isinstance(response, dict) else {}
        status = status_of(response.get("status"))
        body = response_body(response.get("content"))
        if not status:
            return replace(call, why=_why(entry, response)), body
        call = replace(call, status=status, outcome=CallOutcome.ANSWERED)
        if status >= 400:
            self.binary += body.is_binary
            self.cut += len(body.text) > LONGEST_BODY
            said = said_by_sign_in(body) if service is Service.SIGN_IN else Said()
            said = said_in(body) if said.is_empty and body.text else said
            said = said if said.errors else said_in_headers(_headers(response)) or said
            is_pending = any(one.code.lower() in _PENDING for one in said.errors)
            return replace(call, outcome=CallOutcome.ANSWERED if is_pending else CallOutcome.FAILED, said=said), body
        if service is Service.SIGN_IN:
            ways = (response.get("redirectURL"), _headers(response).get("location"))
            back = next(filter(None, (*map(said_in_redirect, ways), said_on_way_back(body))), Said())
            said = back or said_by_sign_in(body)
            is_passed_on = back and back == said_in_redirect(request.get("url")) and self._is_on_its_way(back)
            if said.is_empty or is_passed_on or (back and self._is_known(back, 1)):
                return call, body
            return replace(call, outcome=CallOutcome.FAILED, said=said), body
        is_work = tells_of_work(service, method, address)
        failed = failure_in_body(body, is_work=is_work, since=self._begun)
        self.unread += failed is None and is_unread(service, body, is_work=is_work, size=_size(response.get("content")))
        return (call if failed is None else _failed(call, failed)), body

    def _inside(self, batch: Batch, body: CapturedBody, around: Call) -> Iterator[Call]:
        """Yield the calls of a batch that was answered; `around` is the call that carried it."""
        for answer in batch.answers(body, self._waiting):
            if not answer.status and around.status == 202:  # the answer comes with a later call
                if answer.name and len(self._waiting) < _MOST_WAITING:
                    self._waiting[answer.name] = answer
                    self._carriers[answer.name] = around
                else:
                    self._nameless += 1
                continue
            self._nameless -= answer.method == "?" and self._nameless > 0
            self._waiting.pop(answer.name, None)
            yield self._within(answer, self._carriers.pop(answer.name, around))

    def unfinished(self) -> Iterator[Call]:
        """Yield the requests of batches that were accepted and whose answers never came; at the end of the capture."""
        self.unread += self._nameless
        for name, answer in self._waiting.items():
            yield self._within(answer, self._carriers[name])

    def _within(self, answer: BatchAnswer, around: Call) -> Call:
        """Return one request of a batch as a call."""
        service = service_of(answer.address.host, answer.address.path) or around.service
        self.looked_at[service] += 1
        call = replace(
            around,
            service=service,
            method=answer.method,
            address=answer.address,
            operation=operation_of(service, answer.method, answer.address),
            outcome=CallOutcome.ANSWERED,
            status=answer.status,
            command=cut(answer.command, 200) or around.command,
            asked=answer.asked,
            within=Within.BATCH,
        )
        if answer.status >= 400:
            return replace(call, outcome=CallOutcome.FAILED, said=said_in_document(answer.content))
        is_work = tells_of_work(service, answer.method, answer.address)
        failed = failure_in(answer.content, is_work=is_work, since=self._begun)
        if failed is not None:
            return _failed(call, failed)
        if not answer.status:
            why = "the answer of the batch that carried it is not in the capture"
            return replace(call, outcome=CallOutcome.UNANSWERED, why=why)
        return call


def _url(request: dict[str, Any]) -> object:
    """Return the address of a request; some proxies write the path, and the host as a header or alone."""
    url = request.get("url")
    if isinstance(url, str) and request.get("method") == "CONNECT" and "://" not in url:
        return f"https://{url}"
    if isinstance(url, str) and url.startswith("/") and not url.startswith("//"):
        headers = _headers(request)
        return f"https://{headers.get(':authority') or headers.get('host', '')}{url}"
    return url


def _is_of_page(url: object) -> bool:
    """Whether an address is of no server, such as `data:` and that of an extension of the browser."""
    return isinstance(url, str) and re.match(r"(?!https?:|wss?:)[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) is not None


def _asked(method: str, request: dict[str, Any]) -> int:
    url, posted = request.get("url"), request.get("postData")
    if method != "POST" or request.get("bodySize") == 0:
        return mark_of(url)
    sent = (posted.get("text") or posted.get("params")) if isinstance(posted, dict) else None
    return mark_of(url, sent) if sent else 0


def _size(content: object) -> int:
    """Return the size of a body as the browser counted it."""
    size = content.get("size") if isinstance(content, dict) else None
    return size if isinstance(size, int) else 0


def _failed(call: Call, failed: AcceptedFailure) -> Call:
    """Return a call that was answered with success, as the failure that its answer holds."""
    within = Within.LATER if failed.is_later else call.within
    return replace(call, outcome=CallOutcome.FAILED, said=failed.said, within=within)


def _is_answered(entry: dict[str, Any]) -> bool:
    """Whether an entry has an answer that is no failure."""
    response = entry.get("response")
    return isinstance(response, dict) and 100 <= status_of(response.get("status")) < 400


def _why(entry: dict[str, Any], response: dict[str, Any]) -> str:
    """Return what the browser says of a request without an answer."""
    told = (response.get("_error"), entry.get("_error"), response.get("statusText"), response.get("comment"))
    return next((cut(one, 200) for one in told if isinstance(one, str) and one.strip()), "")


def _time(value: object) -> datetime | None:
    return instant(value) if isinstance(value, str) else None


def _headers(message: dict[str, Any]) -> dict[str, str]:
    """Return the headers of a request or an answer, by their names in lower case."""
    held = message.get("headers")
    if isinstance(held, dict):
        return {name.lower(): value for name, value in held.items() if isinstance(value, str)}
    return {
        str(one.get("name", "")).lower(): one["value"]
        for one in (held if isinstance(held, list) else ())
        if isinstance(one, dict) and isinstance(one.get("value"), str)
    }


def caller_of(authorization: str) -> tuple[str, str]:
    """Return the object id and the tenant (lower case) for which a bearer token was issued; empty where it is silent.

    Nobody verifies the token: the ids are as true as the capture is. The token itself is not kept.
    """
    kind, _, token = authorization[:_LONGEST_TOKEN].partition(" ")
    if kind.lower() != "bearer":
        return "", ""
    try:
        claims = jwt.decode(token.strip(), options={"verify_signature": False})
    except jwt.PyJWTError:
        return "", ""
    return _guid(claims.get("oid")), _guid(claims.get("tid"))


def _guid(value: Any) -> str:
    return value.lower() if isinstance(value, str) and _GUID.fullmatch(value) else ""
