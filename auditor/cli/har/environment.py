"""The failures of a capture put to an environment, as `why` does with an error that somebody pasted."""

import re
from collections.abc import Iterator
from dataclasses import replace

from auditor.audit.explain.explanation import Explanation
from auditor.audit.findings import Fix, Verdict
from auditor.cli.har.result import SIGN_IN_AGAIN, CaptureResult, explained_failure, scan_result
from auditor.cli.scan.options import ScanOptions
from auditor.cli.scan.run import ReadEnvironment
from auditor.cli.terminal import Terminal
from auditor.cli.why.about import PEOPLE
from auditor.cli.why.causes import Causes
from auditor.cli.why.environment import Judged, causes_of, read_about
from auditor.cli.why.named_obstacles import CauseVerdict
from auditor.har.calls import Call
from auditor.har.findings import CallFinding
from auditor.har.reading import SUBSCRIPTION, CaptureRead
from auditor.har.services import Service
from auditor.report.result import fingerprint

_NAMED = 2
"""How much of what could not be judged a sentence names; the rest is counted."""
_APPLICATIONS = re.compile(r"/[^/]+/applications(?P<one>[/(].+)?", re.IGNORECASE)
_CREATES, _CHANGES = "may-not-create-applications", "not-application-owner"
"""The rules about the two requests of a registration that Graph refuses."""
_NAMED_BY_HOST = frozenset({Service.KEY_VAULT, Service.STORAGE})
_ANYWHERE = frozenset({Service.APPLIANCE, Service.MIGRATE, Service.LOG_ANALYTICS, Service.PORTAL})
"""Services whose calls name their resource by the host, and those of which no part may name one."""
_AGAIN = (
    "the account may do this now, so the token was probably older than the role: sign out, sign in again, and repeat it"
)
_WORDS = {
    CauseVerdict.CONFIRMED: "confirmed in your environment",
    CauseVerdict.REFUTED: "refuted in your environment",
    CauseVerdict.UNKNOWN: "unknown in your environment: what decides it could not be read, or Azure does not show it",
}


def with_causes(found: CaptureResult, asked: ScanOptions, terminal: Terminal) -> CaptureResult:
    """Return the result with what the environment says of each failure."""
    failing = [
        one for one in found.failures if one.finding.verdict is Verdict.FAIL and not one.group.call.said.is_empty
    ]
    if not failing:
        return found
    explained = {id(one.group): explained_failure(one.group.call) for one in failing}
    accounts = [error.details.account for said in explained.values() for error in said.refusals]
    accounts += [one.group.call.caller for one in failing]
    read = read_about(asked, tuple(dict.fromkeys(filter(None, accounts))), terminal)
    judged: Judged = {}
    causes = {
        id(one.group): _causes(one, explained[id(one.group)], read, judged, found.read, is_asked=bool(asked.account))
        for one in failing
    }
    failures = tuple(_with_cause(one, causes.get(id(one.group))) for one in found.failures)
    by_finding = {fingerprint(one.finding): held for one in failures if (held := causes.get(id(one.group)))}
    return CaptureResult(found.read, failures, scan_result(found.read, failures), by_finding)


def _with_cause(one: CallFinding, causes: Causes | None) -> CallFinding:
    if causes is None:
        return one
    finding = one.finding
    words = f"{_WORDS[causes.verdict]}{_because(causes)}"
    fixes = (*_cures(causes), *finding.fixes)
    return CallFinding(
        replace(finding, message=f"{finding.message}; {words}", fixes=tuple(dict.fromkeys(fixes))), one.group
    )


def _causes(
    one: CallFinding, said: Explanation, read: ReadEnvironment, judged: Judged, capture: CaptureRead, *, is_asked: bool
) -> Causes:
    """Return the causes of one failure; nothing is known of a subscription, or a tenant, that was not read."""
    call, tenant = one.group.call, read.inventory.tenant_id.lower()
    named = SUBSCRIPTION.match(call.address.path)
    if named and named[1].lower() not in read.inventory.scanned:
        return Causes((), (), (f"the subscription `{named[1]}` of the call was not read",))
    tenants = [call.caller_tenant] if call.caller_tenant else [] if named else list(capture.tenants)
    if tenants and tenant not in tenants:
        return Causes((), (), (f"the call is of another tenant, `{tenants[0]}`",))
    place = named[0].rstrip("/").lower() if named else ""
    causes = _of_the_call(causes_of(said, read, call.caller, judged, place), call)
    return causes if call.caller or is_asked else _of_nobody(causes, said)


def _of_nobody(causes: Causes, said: Explanation) -> Causes:
    """Return the causes without what is true of an account, where neither the call nor its error names the account."""
    accounts = {error.details.account.lower() for error in said.refusals} - {""}
    questions = tuple(one for one in causes.questions if one.who.id.lower() in accounts)
    findings = causes.findings if accounts else tuple(it for it in causes.findings if it.subject.kind not in PEOPLE)
    if len(questions) == len(causes.questions) and len(findings) == len(causes.findings):
        return causes
    unjudged = (*causes.unjudged, "the capture does not name the account that asked; name it with `--account`")
    return replace(causes, questions=questions, findings=findings, unjudged=unjudged)


def _of_the_call(causes: Causes, call: Call) -> Causes:
    """Return the causes without what is judged about other requests, or other resources, than those of this call."""
    if call.service is Service.GRAPH:
        on_applications = _APPLICATIONS.match(call.address.path)
        creates = on_applications and call.method == "POST" and not on_applications["one"]
        judge = _CREATES if creates else _CHANGES if on_applications and call.method != "GET" else ""
        findings = tuple(one for one in causes.findings if one.rule == judge)
        return replace(causes, findings=findings, unjudged=() if judge else ("no rule judges this request to Graph",))
    if call.service in _NAMED_BY_HOST:
        name = call.address.host.partition(".")[0]
        findings = tuple(one for one in causes.findings if name in re.split(r"[/@#;,=]", "/".join(one.ids).lower()))
        nothing = (
            () if findings or causes.answers else (f"nothing that was judged is about `{name}`, which was called",)
        )
        return replace(causes, findings=findings, unjudged=(*causes.unjudged, *nothing))
    if (
        call.service in _ANYWHERE
        and causes.verdict is CauseVerdict.REFUTED
        and not SUBSCRIPTION.match(call.address.path)
    ):
        return replace(causes, unjudged=(*causes.unjudged, "the call does not say which resource it was about"))
    return causes


def _is_allowed(causes: Causes) -> bool:
    """Whether the refusal is refuted because the account may do by now what it was refused."""
    return causes.verdict is CauseVerdict.REFUTED and any(
        one.verdict is CauseVerdict.REFUTED for one in causes.questions
    )


def _because(causes: Causes) -> str:
    """Return what the verdict rests on, as the end of a sentence."""
    named = [one.words for one in causes.named if one.verdict is causes.verdict]
    if causes.verdict is CauseVerdict.REFUTED:
        if _is_allowed(causes):
            return f": {_AGAIN}"
        return f": {'; '.join(dict.fromkeys(named)) or 'none of the causes that Azure shows holds now'}"
    if causes.verdict is CauseVerdict.UNKNOWN:
        left_out = len(causes.unjudged) - _NAMED
        more = (f"and {left_out:,} more",) if left_out > 0 else ()
        return "".join(f"; {words}" for words in dict.fromkeys((*named, *causes.unjudged[:_NAMED], *more)))
    lacking = [
        f"`{one.who.name or one.who.id}` may not do `{one.action}` at `{one.scope}`"
        for one in causes.questions
        if one.verdict is CauseVerdict.CONFIRMED
    ]
    rules = dict.fromkeys(f"`{one.rule}`" for one in causes.confirming)
    return f": {'; '.join([*dict.fromkeys(lacking), *dict.fromkeys(named), *rules])}"


def _cures(causes: Causes) -> Iterator[Fix]:
    """Yield what cures a confirmed cause, or what is left to do about a refuted one."""
    if _is_allowed(causes):
        yield Fix(
            SIGN_IN_AGAIN,
            ("Sign out of the portal, sign in again, and repeat what failed.",),
            None,
            "Nothing in Azure.",
            safe=True,
        )
    for one in causes.questions:
        if one.cure:
            title = "Give the account the smallest built-in role with this right"
            yield Fix(title, (), one.cure, "The account gets this role at that scope.", safe=True)
    for finding in causes.confirming:
        yield from finding.fixes
