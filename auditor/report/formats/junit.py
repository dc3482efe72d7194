"""Findings as a JUnit report for build servers: each rule is a suite, each subject a test case."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from auditor.audit.findings import Finding, Fix, Verdict
from auditor.report.conclusion import left_open
from auditor.report.inert import inert
from auditor.report.result import ScanResult

_SKIPPED = {Verdict.UNKNOWN: "unknown", Verdict.NOT_APPLICABLE: "does not apply", Verdict.FAIL: "note"}
"""Why a case is skipped; one that fails only if it is a note."""


def render(result: ScanResult, *, all_verdicts: bool = True) -> str:
    """Return all findings as JUnit XML: problems fail; what is unknown, a note or not applicable is skipped as such.

    An unknown finding neither fails nor passes; use `--strict` for a build that must not pass with one.
    """
    return "".join(pieces(result, all_verdicts=all_verdicts))


def pieces(result: ScanResult, *, all_verdicts: bool = True) -> Iterator[str]:  # noqa: ARG001 - passing findings are always included
    """Yield the document in pieces, a test case at a time: there can be a million."""
    # Those of one rule stay in their order, which is that of a report.
    findings = sorted((*left_open(result), *result.findings), key=lambda one: one.rule)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield _opening("testsuites", {"name": "migaudit", **_counts(findings)})
    for rule, group in groupby(findings, key=lambda one: one.rule):
        held = list(group)
        named = {"name": rule, "timestamp": result.moment.removesuffix("Z"), **_counts(held)}
        yield f"\n  {_opening('testsuite', named)}"
        for finding in held:
            case = _case(finding)
            ET.indent(case, level=2)
            yield f"\n    {ET.tostring(case, encoding='unicode')}"
        yield "\n  </testsuite>"
    yield "\n</testsuites>\n"


def _opening(tag: str, attributes: Mapping[str, str]) -> str:
    """Return the opening tag of an element."""
    whole = ET.tostring(ET.Element(tag, dict(attributes)), encoding="unicode", short_empty_elements=False)
    return whole.removesuffix(f"</{tag}>")


def _counts(findings: Iterable[Finding]) -> dict[str, str]:
    held = list(findings)
    failures = sum(finding.is_problem and finding.suppressed is None for finding in held)
    return {
        "tests": str(len(held)),
        "failures": str(failures),
        "errors": "0",
        "skipped": str(sum(finding.verdict is not Verdict.PASS for finding in held) - failures),
        "time": "0",
    }


def _case(finding: Finding) -> ET.Element:
    name = f"{finding.subject.name} ({finding.subject.id})"
    case = ET.Element("testcase", {"name": inert(name), "classname": finding.rule, "time": "0"})
    if finding.suppressed is not None:
        ET.SubElement(case, "skipped", {"message": inert(f"suppressed: {finding.suppressed.words}; {finding.message}")})
    elif finding.is_problem:
        failure = ET.SubElement(case, "failure", {"type": finding.severity.value, "message": inert(finding.message)})
        failure.text = "\n".join(_details(finding))
    elif finding.verdict in _SKIPPED:
        ET.SubElement(case, "skipped", {"message": inert(f"{_SKIPPED[finding.verdict]}: {finding.message}")})
    return case


def _details(finding: Finding) -> Iterable[str]:
    yield inert(finding.title) + (f" (error {', '.join(finding.errors)})" if finding.errors else "")
    yield from (inert(f"seen: {item.id} {item.note}".rstrip()) for item in finding.evidence)
    for fix in finding.fixes:
        yield from _fix(fix)


def _fix(fix: Fix) -> Iterable[str]:
    yield inert(f"fix: {fix.title}") + ("" if fix.safe else " (can lose something)")
    yield from (inert(f"  {number}. {step}") for number, step in enumerate(fix.portal, start=1))
    if fix.az:
        yield inert(f"  $ {fix.az}", 8_000)
