"""Failures in answers of success: errors beside a result, states of work that ended badly, names that are not free.

The shapes are those of Resource Manager's asynchronous operations (`status` or `properties.provisioningState`, with
`error`), of the jobs of Site Recovery and Azure Migrate (`properties.state`, with `errors`), of Log Analytics
(`PartialError` beside the tables) and of `checkNameAvailability`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.error_details import Details
from auditor.har.addresses import Address
from auditor.har.answers.said import Said, said_in_document
from auditor.har.bodies import CapturedBody
from auditor.har.services import Service
from auditor.inventory.instants import instant

_TRACES = (
    '"error',
    '"code"',
    "fail",
    "cancel",
    "abort",
    "fault",
    "timedout",
    "denied",
    "partial",
    "witherr",
    "with err",
    "withfail",
    "with fail",
    'available":',
)
"""What the text of every such answer has, in lower case, so that the others cost nothing."""
_FAILED = re.compile(
    r"\w*fail(?:ed|ure)|cancell?ed|aborted|faulted|timedout|error|(?:admin)?denied"
    r"|partial(?:ly)?(?:succe\w+|failed|completed)|\w+with(?:errors|failures)"
)
"""States in which work ends without success, in lower case and without blanks."""
_STATES = ("status", "state", "provisioningstate", "jobstate", "jobstatus", "operationstatus", "operationstate")
_ENDED = ("endtime", "endtimeutc", "endtimestamp", "completedtime", "completiontime", "timestamp")
_OF_AN_ERROR = frozenset(
    {"code", "errorcode", "message", "errormessage", "details", "target", "innererror", "additionalinfo", "statuscode"}
    | {"httpstatuscode", "messages", "severity", "possiblecauses", "recommendedaction", "correlationid", "requestid"}
)
"""All that an answer which is an error has; with anything else it is about something that has a code."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,80}|0[xX][0-9A-Fa-f]{4,8}|-?\d{3,9}")
_NO_CODES = frozenset({"none", "success", "succeeded", "noerror", "null", "200", "201", "202", "204"})
_FOLLOWED = re.compile(
    r"/(?:\w*operation\w*|deployments|\w*jobs?|\w*status(?:es)?|\w*results?|pending|tasks?|workflows?)(?:/|$)",
    re.IGNORECASE,
)
"""What is asked again and again until it has ended: operations, deployments, jobs."""
_MOST_ROWS = 5_000
_PAGE = re.compile(r"\ufeff?\s*(?:<!doctype html|<html)", re.IGNORECASE)
_OF_JSON = frozenset({Service.ARM, Service.GRAPH, Service.ENTRA, Service.KEY_VAULT, Service.LOG_ANALYTICS})
"""Services that answer with JSON; a page comes from what stands between."""


@dataclass(frozen=True, slots=True)
class AcceptedFailure:
    """A failure in an answer of success: what it says, and whether it is work that was accepted and failed later."""

    said: Said
    is_later: bool = False


def may_hold_failure(text: str) -> bool:
    """Whether the text of an answer can hold a failure at all."""
    lower = text.lower()
    return any(trace in lower for trace in _TRACES)


def tells_of_work(service: Service, method: str, address: Address) -> bool:
    """Whether an answer is about work under way; a resource that is merely read may have failed long ago."""
    return method != "GET" or service is Service.APPLIANCE or _FOLLOWED.search(address.path) is not None


def failure_in_body(body: CapturedBody, *, is_work: bool, since: datetime | None) -> AcceptedFailure | None:
    """Return the failure in a body, as `failure_in` does."""
    return failure_in(body.json(), is_work=is_work, since=since) if may_hold_failure(body.text) else None


def is_unread(service: Service, body: CapturedBody, *, is_work: bool, size: int) -> bool:
    """Whether a body that `failure_in_body` found nothing in was not seen to its end, or is the page of a proxy.

    `size` is what the capture states.
    """
    if body.is_absent or body.is_binary:
        return is_work and (size > 0 or body.is_binary)
    if _PAGE.match(body.text[:500]):
        return service in _OF_JSON
    return body.text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["} and may_hold_failure(body.text) and body.json() is None


def failure_in(document: Any, *, is_work: bool, since: datetime | None = None) -> AcceptedFailure | None:
    """Return the failure in the JSON of an answer of success; None if there is none.

    States count where the answer tells of work (`is_work`). Of a list of jobs, those count that ended after `since`,
    when the capture began; operations of a deployment always do.
    """
    if isinstance(document, list):
        found = [
            one for part in document[:_MOST_ROWS] if (one := failure_in(part, is_work=is_work, since=since)) is not None
        ]
        return found[0] if found else None
    if not isinstance(document, dict):
        return None
    held = lowered(document)
    inner = lowered(held.get("properties")) if is_work else {}
    state = _failed_state(held, inner) if is_work else ""
    has_ended = bool(state) or not any(isinstance(inner.get(name), str) for name in _STATES)
    errors = [*_errors(held, inner if has_ended else {}), *([document] if _is_error(held) else [])]
    if errors or state:
        said = said_in_document(document if state else errors)
        if not said.errors and state:
            said = Said((), said.message or f"the state is {state}")
        return AcceptedFailure(said, is_later=bool(state))
    if held.get("nameavailable", held.get("isnameavailable")) is False:
        return AcceptedFailure(_name_not_free(held))
    rows = held.get("value")
    if is_work and isinstance(rows, list):
        failed = [said for row in rows[:_MOST_ROWS] if (said := _failed_row(row, since))]
        return AcceptedFailure(said_in_document(failed), is_later=True) if failed else None
    return None


def lowered(value: Any) -> dict[str, Any]:
    """Return an object by the names of its fields in lower case, in which services differ; empty for anything else."""
    return {str(name).lower(): one for name, one in value.items()} if isinstance(value, dict) else {}


def _errors(*places: dict[str, Any]) -> Iterator[Any]:
    """Yield the errors that stand in `error` or `errors`, where they have a code."""
    for held in places:
        one, several = held.get("error"), held.get("errors")
        if isinstance(one, dict) and _has_code(lowered(one)):
            yield one
        if isinstance(several, list) and any(_has_code(lowered(each)) for each in several[:_MOST_ROWS]):
            yield several


def _has_code(error: dict[str, Any]) -> bool:
    inside = error.get("error")
    if isinstance(inside, dict):
        return _has_code(lowered(inside))
    code = error.get("code", error.get("errorcode"))
    if isinstance(code, bool) or not isinstance(code, str | int):
        return False
    return bool(_CODE.fullmatch(str(code))) and str(code).lower() not in _NO_CODES


def _is_error(held: dict[str, Any]) -> bool:
    """Whether an answer is an error without anything around it."""
    has_words = isinstance(held.get("message", held.get("errormessage")), str)
    return has_words and held.keys() <= _OF_AN_ERROR and _has_code(held)


def _failed_state(*places: dict[str, Any]) -> str:
    """Return the state that says that work ended without success, as it is written; empty if none does."""
    states = (held.get(name) for held in places for name in _STATES)
    return next((one[:40] for one in states if isinstance(one, str) and _FAILED.fullmatch(_squeezed(one))), "")


def _squeezed(state: str) -> str:
    return re.sub(r"[\s_-]", "", state[:60]).lower()


def _failed_row(row: Any, since: datetime | None) -> Any:
    """Return what a row of a list of operations or jobs says of its failure; nothing if it is none of this capture."""
    held = lowered(row)
    inner = lowered(held.get("properties"))
    state = _failed_state(held, inner)
    if not state:
        return None
    name = held.get("name") if isinstance(held.get("name"), str) else "?"
    told = {"message": f"the state of `{name}` is {state}"}
    if "statusmessage" in inner:  # of an operation of a deployment
        return inner["statusmessage"] or told
    ended = (place.get(name) for place in (inner, held) for name in _ENDED)
    at = next((instant(one) for one in ended if isinstance(one, str)), None)
    if since is None or at is None or at < since:
        return None
    return [*_errors(held, inner)] or told


def _name_not_free(held: dict[str, Any]) -> Said:
    reason, message = held.get("reason"), held.get("message")
    code = reason if isinstance(reason, str) and _CODE.fullmatch(reason) else "NameUnavailable"
    words = message[:2_000] if isinstance(message, str) and message else "the name is not available"
    return Said((AzureError(code, words, Details()),), words)
