"""Findings as a JUnit report for build servers: each rule is a suite, each subject a test case, made by junitparser."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from auditor.audit.findings import Finding, Fix, Verdict
from auditor.report.conclusion import left_open
from auditor.report.inert import LONGEST_STEP, inert
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult

if TYPE_CHECKING:
    from junitparser import JUnitXml, Properties, TestCase, TestSuite


def render(result: ScanResult, *, all_verdicts: bool = True) -> str:
    """Return all findings as JUnit XML: problems fail; what is unknown, a note or not applicable is skipped as such.

    An unknown finding neither fails nor passes; use `--strict` for a build that must not pass with one.
    """
    return "".join(pieces(result, all_verdicts=all_verdicts))


def pieces(result: ScanResult, *, all_verdicts: bool = True) -> Iterator[str]:  # noqa: ARG001 - passing findings are always included
    """Yield the document in pieces, a test case at a time: there can be a million, of which nearly all pass."""
    from junitparser import JUnitXml, TestSuite

    # Those of one rule stay in their order, which is that of a report.
    findings = sorted((*left_open(result), *result.findings), key=lambda one: one.rule)
    places = Places(result)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield _opening(JUnitXml("migaudit"), findings)
    for rule, group in groupby(findings, key=lambda one: one.rule):
        held, suite = list(group), TestSuite(rule)
        suite.timestamp = result.moment.removesuffix("Z")
        yield f"\n  {_opening(suite, held)}"
        for finding in held:
            yield f"\n    {_case(finding, places).tostring().decode()}"
        yield "\n  </testsuite>"
    yield "\n</testsuites>\n"


def _opening(element: "JUnitXml | TestSuite", findings: list[Finding]) -> str:
    """Return the opening tag of an element with the counts of its findings."""
    failures = sum(finding.is_problem and finding.suppressed is None for finding in findings)
    element.tests, element.failures, element.errors = len(findings), failures, 0
    element.skipped = sum(finding.verdict is not Verdict.PASS for finding in findings) - failures
    element.time = 0
    whole: bytes = element.tostring()  # type: ignore[no-untyped-call]  # mypy does not exclude methods of a union
    return f"{whole.decode().removesuffix('/>').rstrip()}>"


def _case(finding: Finding, places: Places) -> "TestCase":
    """Return the case of a finding; one that passes or does not apply says in its name alone where it is."""
    from junitparser import Failure, Skipped, TestCase

    case = TestCase(inert(f"{finding.subject.name} ({finding.subject.id})"), finding.rule, 0)
    if finding.verdict is Verdict.PASS:
        return case
    if finding.verdict is Verdict.NOT_APPLICABLE:
        case.append(Skipped(inert(f"does not apply: {finding.message}")))
        return case
    outcome: Failure | Skipped
    if finding.suppressed is not None:
        outcome = Skipped(inert(f"suppressed: {finding.suppressed.words}; {finding.message}"))
    elif finding.is_problem:
        outcome = Failure(inert(finding.message), finding.severity.value)
    else:
        outcome = Skipped(inert(f"{'note' if finding.is_note else 'unknown'}: {finding.message}"))
    place = places.of(finding)
    outcome.text = "\n".join(_details(finding, place))
    case.append(_properties(finding, place))
    case.append(outcome)
    return case


def _properties(finding: Finding, place: Place) -> "Properties":
    """Return what a build server can show beside a case and filter by."""
    from junitparser import Properties, Property

    properties = Properties()
    values = (
        ("verdict", finding.verdict.value),
        ("severity", finding.severity.value),
        ("confidence", finding.confidence.value),
        ("tenant_id", place.tenant.id),
        ("tenant_name", place.tenant.name),
        ("subscription_id", place.subscription.id),
        ("subscription_name", place.subscription.name),
        ("resource_group", place.resource_group),
        ("location", place.location),
        *(("project", one.short) for one in place.projects),
        ("account", place.account.text),
        ("portal", place.portal),
        ("rule_link", place.rule_link),
    )
    for name, value in values:
        if value:
            properties.add_property(Property(name, inert(value)))
    return properties


def _details(finding: Finding, place: Place) -> Iterable[str]:
    yield inert(finding.title) + (f" (error {', '.join(finding.errors)})" if finding.errors else "")
    yield inert(f"where: {place.words}")
    yield from (f"link: {link}" for link in (place.portal, place.rule_link) if link)
    yield from (inert(f"seen: {item.id} {item.note}".rstrip()) for item in finding.evidence)
    yield from (inert(f"unread: {gap.words}") for gap in finding.gaps)
    for fix in finding.fixes:
        yield from _fix(fix)


def _fix(fix: Fix) -> Iterable[str]:
    yield inert(f"fix: {fix.title}") + ("" if fix.safe else " (can lose something)") + inert(f": {fix.changes}")
    yield from (inert(f"  {number}. {step}", LONGEST_STEP) for number, step in enumerate(fix.portal, start=1))
    if fix.az:
        yield inert(f"  $ {fix.az}", LONGEST_STEP)
