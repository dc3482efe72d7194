"""The answer of `why`, as text and as JSON."""

from collections import defaultdict
from typing import Any

from auditor.audit.explain.explanation import Explanation
from auditor.audit.findings import Finding
from auditor.cli.access.answers import answer_json as access_json
from auditor.cli.access.answers import answer_parts, write_answer
from auditor.cli.why.causes import AskedAccess, Causes
from auditor.cli.why.named_obstacles import CauseVerdict
from auditor.report.formats.explanation_json import found_json
from auditor.report.formats.json_report import finding_json
from auditor.report.place import Place
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

SCHEMA = "migaudit/why/1"

_AGAIN = (
    "The account may do this now. A role takes some minutes to arrive, and a token is as old as its sign-in: sign out, "
    "sign in again, and repeat what failed."
)
_CONCLUSIONS = {
    CauseVerdict.CONFIRMED: "confirmed: the cause holds here",
    CauseVerdict.REFUTED: "refuted: none of the causes that Azure shows holds here",
    CauseVerdict.UNKNOWN: "unknown: what decides it could not be read, or Azure does not show it",
}


def answer_json(found: Explanation, causes: Causes) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "schema": SCHEMA,
        "verdict": causes.verdict.value,
        "entries": [entry.id for entry in found.entries],
        **found_json(found),
        "questions": [question_json(one) for one in causes.questions],
        "named": [{"error": one.code, "cause": one.verdict.value, "words": one.words} for one in causes.named],
        "findings": [finding_json(one, place) for one, place in causes.placed((*causes.confirming, *causes.undecided))],
        "unjudged": list(causes.unjudged),
    }


def question_json(one: AskedAccess) -> dict[str, Any]:
    """Return one question about access with its answer, as it stands in the document."""
    return {
        "error": one.code,
        "cause": one.verdict.value,
        "az": one.cure or None,
        "answer": access_json(one.answer, one.who, one.action, one.plane, one.scope),
    }


def answer_text(found: Explanation, causes: Causes, style: PageStyle) -> str:
    """Return the answer as text: the error, what was asked, the conditions that hold with their cures, the verdict."""
    page = Page(style)
    for one in found.shown:
        for entry in one.entries:
            page.line((entry.heading, "bold"))
    for question in causes.questions:
        _write_question(page, question)
    for one_named in causes.named:
        page.gap()
        page.line((f"{one_named.code}: {one_named.verdict.value}", "bold"))
        page.labelled("  ", one_named.words)
    for finding, place in causes.placed(causes.confirming):
        _write_failing(page, finding, place)
    _write_undecided(page, causes.undecided)
    for words in causes.unjudged:
        page.labelled("? ", words)
    page.gap()
    page.line((_CONCLUSIONS[causes.verdict], "bold"))
    shown = [entry for one in found.shown for entry in one.entries]
    if causes.verdict is not CauseVerdict.CONFIRMED and shown:
        page.line(f"`migaudit explain {shown[0].id}` lists what else can cause it.")
    return page.text()


def _write_question(page: Page, question: AskedAccess) -> None:
    page.gap()
    page.line((f"{question.code}: {question.verdict.value}", "bold"))
    parts = answer_parts(question.answer, question.who, question.action, question.scope, question.names)
    write_answer(page, parts, "  ")
    if question.cure:
        page.labelled("  ", ("The smallest built-in role with this right:", "dim"))
        page.command("  $ ", question.cure)
    if question.verdict is CauseVerdict.REFUTED:
        page.labelled("  ", _AGAIN)


def _write_undecided(page: Page, undecided: tuple[Finding, ...]) -> None:
    """Write each reason once, however many rules and subjects it leaves open."""
    alike: dict[str, list[Finding]] = defaultdict(list)
    for finding in undecided:
        alike[finding.message].append(finding)
    for message, findings in alike.items():
        page.gap()
        rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
        page.labelled("? ", message, (f"  {rules}", "dim"))
        for words in dict.fromkeys(gap.words for finding in findings for gap in finding.gaps):
            if words not in message:
                page.labelled("    ", words)


def _write_failing(page: Page, finding: Finding, place: Place) -> None:
    page.gap()
    page.labelled(
        "✗ " if not page.ascii_only else "x ", finding.message, (f"  {finding.rule}, {finding.severity.value}", "dim")
    )
    page.labelled("  ", (place.words, "dim"))
    for number, fix in enumerate(finding.fixes, start=1):
        risk: tuple[tuple[str, str], ...] = () if fix.safe else (("  (can lose something)", "bold yellow"),)
        page.labelled(f"  {number}. ", (fix.title, "bold"), *risk)
        for step in fix.portal:
            page.labelled("     - ", step)
        if fix.az:
            page.command("     $ ", fix.az)
