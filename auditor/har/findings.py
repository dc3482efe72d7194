"""The failures of a capture as findings, in the form that a scan's have."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from auditor.audit.explain.next_commands import next_commands
from auditor.audit.findings import Evidence, Finding, Fix, Gap, Severity, SubjectRef, Verdict
from auditor.har.calls import Call, CallOutcome, Within
from auditor.har.failure_kinds import ANSWERED, ELSEWHERE, NO_ANSWER, NOT_READ, SUBJECT, failure_kinds
from auditor.har.groups import FailureGroup
from auditor.har.services import Service
from auditor.inventory.reads import UNDECIDABLE

_LONGEST = 600
"""Characters of Azure's message in that of a finding; the evidence and the error have the rest."""
_MOST_COMMANDS = 6
_MOST_HOSTS = 12
_READS = ("migaudit ", "az policy assignment show", "az lock list", "az keyvault show-deleted", "az login")
_ASKED = frozenset({Service.ARM, Service.GRAPH, Service.ENTRA, Service.KEY_VAULT})
"""Services of whose operations the words do not name them."""
_NETWORK = (
    ("ERR_NAME_NOT_RESOLVED", "the name of the host was not found"),
    ("ERR_BLOCKED_BY_CLIENT", "an extension of the browser blocked it"),
    ("ERR_BLOCKED_BY_ADMINISTRATOR", "a rule of the organisation blocked it"),
    ("ERR_BLOCKED", "the browser blocked it"),
    ("ERR_CERT", "the certificate of the host is not trusted, as behind a proxy that opens TLS"),
    ("ERR_SSL", "no secure connection came about, as behind a proxy that opens TLS"),
    ("ERR_TUNNEL", "the proxy did not let it pass"),
    ("ERR_PROXY", "the proxy was not reached"),
    ("ERR_INTERNET_DISCONNECTED", "there was no network"),
    ("ERR_NETWORK_CHANGED", "the network changed meanwhile"),
    ("ERR_CONNECTION", "the connection was not made, or was lost"),
    ("ERR_TIMED_OUT", "no answer came in time"),
    ("ERR_ABORTED", "the page gave it up, or was left"),
    ("ERR_FAILED", "the network, or the rules between web sites (CORS), ended it"),
)
"""Chromium's names for why a request got no answer, in words."""


@dataclass(frozen=True, slots=True)
class CallFinding:
    """One finding, and the group of calls that it is about."""

    finding: Finding
    group: FailureGroup


def failure_findings(groups: Iterable[FailureGroup]) -> tuple[CallFinding, ...]:
    """Return one finding for each group, in the order of time; a call without an answer is unknown."""
    return tuple(CallFinding(_finding(group), group) for group in groups)


def answered_findings(looked_at: Counter[Service], failed: Iterable[FailureGroup]) -> tuple[Finding, ...]:
    """Return one passing finding for each service that was called and no call to which failed."""
    troubled = {group.call.service for group in failed}
    kind = failure_kinds()[ANSWERED]
    return tuple(
        Finding(
            rule=kind.id,
            title=kind.title,
            verdict=Verdict.PASS,
            severity=kind.severity,
            errors=(),
            subject=SubjectRef(SUBJECT, service.name.lower().replace("_", "-"), service.value),
            message=f"{_counted(count, 'call')}, none failed",
        )
        for service, count in sorted(looked_at.items(), key=lambda item: item[0].name)
        if count and service not in troubled
    )


def elsewhere_words(failed: Counter[str]) -> str:
    """Return how many calls to other services failed, by host; empty if none did."""
    if not failed:
        return ""
    named = ", ".join(f"{host} ({count:,})" for host, count in failed.most_common(_MOST_HOSTS))
    more = f" and {len(failed) - _MOST_HOSTS:,} more hosts" if len(failed) > _MOST_HOSTS else ""
    total = _counted(sum(failed.values()), "call")
    return f"{total} to other services failed or got no answer, not explained: {named}{more}"


def open_findings(failed: Counter[str], not_read: Iterable[str]) -> tuple[Finding, ...]:
    """Return what stays unknown beside single calls: failed calls to other services, and what was not read."""
    words = {
        (ELSEWHERE, "other-services", "other services"): elsewhere_words(failed),
        (NOT_READ, "not-read", "what was not read"): "; ".join(not_read),
    }
    return tuple(_open(*about, told) for about, told in words.items() if told)


def _open(rule: str, identity: str, name: str, told: str) -> Finding:
    kind = failure_kinds()[rule]
    return Finding(
        rule=rule,
        title=kind.title,
        verdict=Verdict.UNKNOWN,
        severity=kind.severity,
        errors=(),
        subject=SubjectRef(SUBJECT, identity, name),
        message=told,
        gaps=(Gap("call", name, 0, UNDECIDABLE, told),),
    )


def looked_at_words(looked_at: Counter[Service], others: int, *, is_log: bool = False) -> str:
    """Return how many calls to which services a capture holds, as a part of a sentence."""
    total = sum(looked_at.values())
    if not total and is_log:
        return "no failing call to Azure is named in the log, which does not show the others"
    if not total:
        requests = _counted(others, "request")
        return f"no call to Azure is among its {requests}" if others else "it holds no request"
    named = ", ".join(f"{count:,} to {service.value}" for service, count in looked_at.most_common())
    return f"no failing call among {_counted(total, 'call')}: {named}"


def _finding(group: FailureGroup) -> Finding:
    call, kind = group.call, group.kind
    codes = dict.fromkeys(error.code for error in call.said.errors if not error.is_wrapper)
    codes = codes or dict.fromkeys(error.code for error in call.said.errors)
    is_open = kind.id == NO_ANSWER and not group.worked_later
    severity = Severity.LOW if group.worked_later and kind.severity.at_least(Severity.LOW) else kind.severity
    verdict = Verdict.UNKNOWN if is_open else Verdict.PASS if kind.id == NO_ANSWER else Verdict.FAIL
    return Finding(
        rule=kind.id,
        title=kind.title,
        verdict=verdict,
        severity=severity,
        errors=tuple(islice(codes, 10)),
        subject=SubjectRef(SUBJECT, _identity(group), call.operation.words, at=call.operation.scope),
        message=_message(group),
        evidence=tuple(_evidence(group)),
        gaps=(Gap("call", call.address.text, 0, UNDECIDABLE, _message(group)),) if is_open else (),
        fixes=tuple(_fixes(group)) if verdict is Verdict.FAIL else (),
    )


def _identity(group: FailureGroup) -> str:
    """Return what identifies a group in every capture in which it occurs."""
    call = group.call
    answer = call.said.code or call.said.message[:80] or call.why[:80]
    return " ".join(filter(None, (str(call.status or ""), answer, call.method, call.address.text)))


def _message(group: FailureGroup) -> str:
    call = group.call
    parts = [_what(call)]
    if group.first is not None:
        parts[0] = f"{_clock(group.first)}: {parts[0]}"
    if group.count > 1:
        until = f", last at {_clock(group.last)}" if group.last != group.first and group.last else ""
        parts.append(f"it happened {group.count:,} times{until}")
    if group.worked_later:
        when = f" at {_clock(group.succeeded)}" if group.succeeded is not None else ""
        parts.append(f"the same call succeeded later{when}")
    return "; ".join(part.rstrip(".") for part in parts)


def _what(call: Call) -> str:
    asked = f"the portal asked {call.service.value} to {call.operation.words}"
    if call.service not in _ASKED:
        asked = f"the portal was to {call.operation.words}"
    if call.within is Within.BATCH:
        asked = f"{asked} (in a batch)"
    if call.outcome is CallOutcome.UNANSWERED:
        return f"{asked}, and no answer came: {_without_answer(call.why)}"
    answer = " ".join(filter(None, (str(call.status) if call.status >= 400 else "", call.said.code)))
    said = call.said.message
    said = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
    told = ": ".join(filter(None, (answer, said))) or "no reason is in the answer"
    ended = "was refused" if call.status in {401, 403} or not call.status else "failed"
    ended = "was accepted, and failed later" if call.within is Within.LATER else ended
    ended = f"failed, although it was answered with {call.status}" if _is_hidden(call) else ended
    return f"{asked}, which {ended}: {told}"


def _is_hidden(call: Call) -> bool:
    """Whether the failure stands in an answer of success; a sign-in page always comes with one."""
    return 200 <= call.status < 400 and call.within is not Within.LATER and call.service is not Service.SIGN_IN


def _without_answer(why: str) -> str:
    words = next((words for name, words in _NETWORK if name in why.upper()), "")
    return f"{words} ({why})" if words else why or "the capture does not say why"


def _evidence(group: FailureGroup) -> Iterable[Evidence]:
    call = group.call
    notes = [f"{call.method} {call.status or 'without an answer'}"]
    notes += [f"x-ms-command-name {call.command}"] if call.command else []
    notes += [f"correlation {group.correlated}"] if group.correlations else []
    yield Evidence(call.operation.scope or call.address.text, "; ".join(notes))
    if call.caller:
        yield Evidence(call.caller, "the account that asked, by the token of the call")
    for error in call.said.errors[:3]:
        if error.details.scope and error.details.scope.lower() != call.operation.scope.lower():
            yield Evidence(error.details.scope, f"named by {error.code}")


def _fixes(group: FailureGroup) -> Iterable[Fix]:
    """Yield the commands that the errors lead to, and the fixes of the kind; those that only read come first."""
    commands = dict.fromkeys(one for error in group.call.said.errors for one in next_commands(error))
    by_effect = sorted(islice(commands, _MOST_COMMANDS), key=lambda one: not one.command.startswith(_READS))
    reading = [one for one in by_effect if one.command.startswith(_READS)]
    for one in reading:
        yield Fix(f"See {one.purpose}", (), one.command, "Nothing in Azure.", safe=True)
    yield from (one.fix for one in group.kind.fixes)
    for one in by_effect[len(reading) :]:
        yield Fix(
            f"Run what {one.purpose}", (), one.command, "What its name says; look at it before you run it.", safe=True
        )


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
