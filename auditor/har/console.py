"""The log of a browser's console as calls: lines about requests that failed, and errors of Azure beside them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from auditor.audit.explain.azure_errors import AzureError
from auditor.har.addresses import Address, address_of
from auditor.har.answers.said import Said, said_in
from auditor.har.bodies import CapturedBody
from auditor.har.calls import Call, CallOutcome
from auditor.har.operations import Operation, operation_of
from auditor.har.services import Service, service_of

_URL = r"(?P<url>(?:https?://)?(?<![\w.-])[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24}(?::\d+)?/[^\s'\"()\[\]]{0,4000})"
_METHOD = r"(?P<method>GET|HEAD|PUT|POST|PATCH|DELETE|OPTIONS)"
_LINES = (
    re.compile(rf"(?:XHR\s*)?{_METHOD}\s+{_URL}\s+(?P<status>\d{{3}})\b"),
    re.compile(rf"(?:XHR\s*)?{_METHOD}\s*{_URL}\s*\[HTTP/[\d.]+\s+(?P<status>\d{{3}})"),
    re.compile(rf"(?:XHR\s*)?{_METHOD}\s+{_URL}\s+(?P<why>net::ERR_\w+)"),
    re.compile(rf"{_URL}\s+Failed to load resource:.{{0,60}}?status of (?P<status>\d{{3}})"),
    re.compile(rf"{_URL}\s+Failed to load resource:\s*(?P<why>net::ERR_\w+)"),
    re.compile(rf"Failed to load resource:.{{0,60}}?status of (?P<status>\d{{3}}).{{0,40}}?{_URL}"),
    re.compile(rf"(?P<why>Access to (?:fetch|XMLHttpRequest)) at ['\"]{_URL}['\"] from .{{0,300}}? blocked by CORS"),
    re.compile(rf"(?P<why>Cross-Origin Request Blocked):.{{0,200}}?{_URL}"),
)
"""How Chromium and Firefox write a request that failed."""
LONGEST = 8_000_000
"""Characters of a log in which errors are looked for; lines about calls are looked for in all of it."""
_LONGEST_LINE = 6_000
_LONG_PART = 4_096
_BEGINS = re.compile(r"\n(?![\s}\])])(?!\"[^\"\n]{0,200}\"\s*:)(?!(?i:message|code|inner|details|target)\b)")
"""The end of a line after which another message begins, rather than more of a document."""
_TRACE = re.compile(rf"Failed to load|net::ERR_|\[HTTP/|CORS|Cross-Origin|{_METHOD}\s+https?://")
"""What every line about a request has, so that the others cost nothing."""
_PLACE = re.compile(r":\d+$")
_BLOCKED = "the rules between web sites (CORS) blocked it"


def calls_in_log(text: str) -> Iterator[Call]:
    """Yield the failed calls that the lines name, then the errors in the text that belong to none of them."""
    errors = list(_errors(text[:LONGEST]))
    for call in _recognised(text):
        told = next((one for one in errors if call.outcome is CallOutcome.FAILED and _belongs(one, call)), None)
        if told is not None:
            errors.remove(told)
            yield replace(call, said=Said((told,), told.message))
        else:
            yield call
    for error in errors:
        yield _of_error(error)


def _errors(text: str) -> Iterator[AzureError]:
    """Yield the errors in a log, each once; part by part, for of one text only so many are read."""
    seen = set()
    for part in _parts(text):
        said = said_in(CapturedBody(part), len(part))
        for error in [one for one in said.errors if not one.is_wrapper] or said.errors[:1]:
            if (mark := (error.code.lower(), error.message, error.details)) not in seen:
                seen.add(mark)
                yield error


def _parts(text: str) -> Iterator[str]:
    """Yield a log in parts of whole messages: a part ends before a line that goes on with nothing."""
    start = 0
    while len(text) - start > _LONG_PART:
        found = _BEGINS.search(text, start + _LONG_PART)
        stop = found.start() + 1 if found else len(text)
        yield text[start:stop]
        start = stop
    yield text[start:]


def long_lines(text: str) -> int:
    """Return the number of lines that name a request behind what is looked at of them."""
    return sum(len(line) > _LONGEST_LINE and bool(_TRACE.search(line, _LONGEST_LINE)) for line in text.splitlines())


def failed_elsewhere(text: str) -> Counter[str]:
    """Return how many lines name a request to another service that failed or got no answer, by host."""
    named = (address.host for _, address in _named(text) if service_of(address.host, address.path) is None)
    return Counter(named)


def _recognised(text: str) -> Iterator[Call]:
    for parts, address in _named(text):
        service = service_of(address.host, address.path)
        if service is None:
            continue
        method, why, status = parts.get("method") or "?", parts.get("why") or "", int(parts.get("status") or 0)
        yield Call(
            service=service,
            method=method,
            address=address,
            operation=operation_of(service, method, address),
            outcome=CallOutcome.FAILED if status else CallOutcome.UNANSWERED,
            status=status,
            why=why if why.startswith("net::") or not why else _BLOCKED,
        )


def _named(text: str) -> Iterator[tuple[dict[str, str | None], Address]]:
    """Yield what each line says of a request that failed, with its address."""
    for whole in text.splitlines():
        line = whole[:_LONGEST_LINE]
        patterns = _LINES if _TRACE.search(line) else ()
        found = next((one for pattern in patterns if (one := pattern.search(line))), None)
        if found is None:
            continue
        parts = found.groupdict()
        url = _PLACE.sub("", str(parts["url"]))
        address = address_of(url if url.startswith("http") else f"https://{url}")
        if address is not None and not 0 < int(parts.get("status") or 0) < 400:
            yield parts, address


def _belongs(error: AzureError, call: Call) -> bool:
    """Whether an error is the answer to a call: it names what the call acts on."""
    scope = error.details.scope.lower()
    return bool(scope) and call.address.path.lower().startswith(scope)


def _of_error(error: AzureError) -> Call:
    """Return a call that only its error shows."""
    said, scope = error.details, error.details.scope
    service = (
        Service.SIGN_IN if error.code.startswith("AADSTS") else Service.KEY_VAULT if said.data_action else Service.ARM
    )
    words = f"do `{said.action}`" if said.action else "do what the log does not name"
    host = "login.microsoftonline.com" if service is Service.SIGN_IN else "management.azure.com"
    words = "sign in" if service is Service.SIGN_IN else words
    return Call(
        service=service,
        method="?",
        address=Address(host, scope or "/"),
        operation=Operation(words, action=said.action, scope=scope),
        outcome=CallOutcome.FAILED,
        said=Said((error,), error.message),
    )
