"""The result of a scan for a terminal: problems first, then what is unknown, then the coverage."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from auditor.audit.findings import Finding, Fix, Severity, Verdict
from auditor.report.conclusion import ScanOutcome, conclusion, outcome
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.portal import portal_link
from auditor.report.result import ScanResult
from auditor.report.terminal.coverage import lists_by_answer, write_coverage
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

MOST = 20
"""Maximum number of subjects listed per rule; `verbose` lists all of them."""

_SEVERITY_STYLE = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
    Severity.INFO: "bold cyan",
}
_VERDICT_STYLE = {
    Verdict.FAIL: ("✗", "x", "bold red"),
    Verdict.UNKNOWN: ("?", "?", "bold yellow"),
    Verdict.PASS: ("✓", "+", "bold green"),
    Verdict.NOT_APPLICABLE: ("–", "-", "dim"),
}
_OUTCOME_STYLE = {
    ScanOutcome.PROBLEMS: "bold red",
    ScanOutcome.UNDECIDED: "bold",
    ScanOutcome.IN_ORDER: "bold green",
    ScanOutcome.NOTHING_CHECKED: "bold yellow",
}
_PLACE = re.compile(r"/subscriptions/(?P<subscription>[^/]+)(/resourceGroups/(?P<group>[^/]+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStyle(PageStyle):
    """Style of the table; `verbose` adds the evidence, `all_verdicts` the findings that pass or do not apply."""

    verbose: bool = False
    all_verdicts: bool = False


def render(result: ScanResult, style: TableStyle) -> str:
    """Return the findings as text for a terminal; whatever resources are called, it is inert."""
    table = _Table(Page(style), result, style)
    table.write()
    return table.page.text()


class _Table:
    """The table as it is written, top to bottom."""

    def __init__(self, page: Page, result: ScanResult, style: TableStyle) -> None:
        self.page = page
        self.result = result
        self.style = style
        self.references = {rule.id: rule.references[0] for rule in result.rules if rule.references}

    def write(self) -> None:
        """Write all parts; the summary is repeated at the end, where the prompt returns."""
        page, unknown = self.page, self.result.with_verdict(Verdict.UNKNOWN)
        self._origin()
        page.gap()
        self._summary()
        self._overview()
        for severity, findings in _by_severity(self.result.with_verdict(Verdict.FAIL)):
            page.gap()
            is_note = severity is Severity.INFO
            title = (
                f"NOTES · {len(findings):,}"
                if is_note
                else f"{severity.value.upper()} · {counted(len(findings), 'problem')}"
            )
            page.heading(title, _SEVERITY_STYLE[severity])
            self._problems(findings)
        if unknown:
            page.gap()
            page.heading(f"UNKNOWN · {counted(len(unknown), 'verdict')}", "bold yellow")
            page.line(("These could not be checked; any of them may be a problem.", "dim"))
            self._unknown(one for one in unknown if not one.is_only_unlisted)
            if self.result.unlisted_words:
                page.gap()
                page.labelled("? ", prose(self.result.unlisted_words), style="bold yellow")
        if self.style.all_verdicts:
            self._settled("IN ORDER", self.result.with_verdict(Verdict.PASS))
            self._settled("DOES NOT APPLY", self.result.with_verdict(Verdict.NOT_APPLICABLE))
        page.gap()
        write_coverage(page, self.result.coverage, unknown, verbose=self.style.verbose)
        if unknown or self.result.with_verdict(Verdict.FAIL):
            page.gap()
            self._summary()

    def _origin(self) -> None:
        """Write the tenant, the time, and who read it."""
        result = self.result
        where = counted(len(result.subscriptions), "subscription")
        when = f"{result.evaluated_at:%Y-%m-%d %H:%M} UTC"
        self.page.line((f"{result.about} · {where} · as of {when} · read by {result.read_by}", "dim"))

    def _summary(self) -> None:
        failing = self.result.with_verdict(Verdict.FAIL)
        baseline = self.result.baseline
        suppressed = sum(finding.suppressed is not None for finding in failing)
        unknown = len(self.result.with_verdict(Verdict.UNKNOWN))
        self.page.line(
            (prose(conclusion(self.result)), _OUTCOME_STYLE[outcome(self.result)]),
            " · ",
            (f"{unknown:,} unknown", "bold yellow" if unknown else ""),
            f" · {self.result.counts[Verdict.PASS]:,} in order",
            f" · {suppressed:,} suppressed" if suppressed else "",
            f" · left out: {baseline.known:,} known and {baseline.unknown:,} unknown before" if baseline else "",
        )

    def _overview(self) -> None:
        """Write one line per failing rule, as an overview of a long report."""
        failing = self.result.with_verdict(Verdict.FAIL)
        rules = [list(group) for _, group in groupby(failing, key=lambda one: one.rule)]
        if len(rules) < 2:
            return
        self.page.gap()
        for held in rules:
            first = held[0]
            errors = f"  error {', '.join(first.errors)}" if first.errors else ""
            label = f"  {len(held):>4,}  {first.severity.value:<8}  "
            self.page.labelled(label, first.title, (errors, "bold"), style=_SEVERITY_STYLE[first.severity])

    def _problems(self, findings: Iterable[Finding]) -> None:
        for held in _by_rule(findings):
            self.page.gap()
            self._title(held[0])
            shown = self._shown(held)
            written: set[Fix | str] = set()
            for number, finding in enumerate(shown):
                if number:
                    self.page.gap()
                self._problem(finding, written)
            self._rest(len(held) - len(shown))

    def _problem(self, finding: Finding, written: set[Fix | str]) -> None:
        """Write where it is, why, and what to do; fixes that are in `written` already only as far as they differ."""
        self._where(finding)
        self.page.labelled("  why    ", prose(finding.message))
        if finding.suppressed is not None:
            self.page.labelled("  known  ", ("suppressed: ", "bold"), prose(finding.suppressed.words))
            return
        if self.style.verbose:
            for item in finding.evidence:
                self.page.labelled("  seen   ", item.id, (f"  {prose(item.note)}" if item.note else "", "dim"))
        for number, fix in enumerate(finding.fixes, start=1):
            self._fix(fix, "  fix    " if len(finding.fixes) == 1 else f"  fix {number}  ", written)

    def _fix(self, fix: Fix, label: str, written: set[Fix | str]) -> None:
        """Write one fix; its steps in the portal only if no command does the same."""
        page, below = self.page, " " * len(label)
        warning = "" if fix.safe else "  can lose something"
        page.labelled(
            label, (prose(fix.title), "bold"), (warning, "bold yellow"), "  as above" if fix in written else ""
        )
        if fix in written:
            return
        for number, step in enumerate(fix.portal if self.style.verbose or not fix.az else (), start=1):
            page.labelled(f"{below}{number}. ", prose(step))
        if fix.az:
            page.command(f"{below}$ ", fix.az)
        if fix.changes not in written:
            page.labelled(below, ("changes: ", "dim"), (prose(fix.changes), "dim"))
        written |= {fix, fix.changes}

    def _unknown(self, findings: Iterable[Finding]) -> None:
        """Write the unknown findings by rule: their subjects, and the lists that were not read."""
        for held in _by_rule(findings):
            self.page.gap()
            self._title(held[0])
            shown = self._shown(held)
            for finding in shown:
                self._where(finding)
            self._rest(len(held) - len(shown))
            gaps = [gap for finding in held for gap in finding.gaps]
            for hint in dict.fromkeys(gap.message for gap in gaps if gap.is_undecidable):
                self.page.labelled("  open   ", prose(hint))
            for answer, lists in lists_by_answer(gap for gap in gaps if not gap.is_undecidable).items():
                self.page.labelled("  unread ", f"{', '.join(sorted(lists))}: ", (answer, "dim"))

    def _settled(self, title: str, findings: tuple[Finding, ...]) -> None:
        """Write findings that need no attention, one line each."""
        if not findings:
            return
        self.page.gap()
        self.page.heading(f"{title} · {len(findings):,}", "bold")
        for finding in findings:
            self.page.labelled(f"{self._mark(finding)} ", (f"{finding.rule}  ", "dim"), finding.subject.name)

    def _title(self, finding: Finding) -> None:
        """Write the title of the problem, the errors that appliances show for it, and the rule."""
        errors = f"  error {', '.join(finding.errors)}" if finding.errors else ""
        self.page.labelled(
            f"{self._mark(finding)} ",
            (prose(finding.title), "bold"),
            (errors, "bold"),
            "  ",
            (finding.rule, self.page.linked("dim", self.references.get(finding.rule))),
            style=_VERDICT_STYLE[finding.verdict][2],
        )

    def _where(self, finding: Finding) -> None:
        link = portal_link(self.result.cloud, self.result.tenant_id, finding.subject.id)
        name = (finding.subject.name, self.page.linked("bold", link))
        self.page.labelled("  where  ", name, (f"  {self._place(finding)}", "dim"))

    def _place(self, finding: Finding) -> str:
        """Return the resource group and subscription of the subject, or its id if it is in none."""
        identity = finding.subject.id
        found = _PLACE.search(identity)
        if found is None:
            return "" if identity == finding.subject.name else identity
        subscription = self.result.titles.get(found["subscription"].lower(), found["subscription"])
        return f"in {found['group']}, {subscription}" if found["group"] else f"in {subscription}"

    def _shown(self, held: list[Finding]) -> list[Finding]:
        return held if self.style.verbose else held[:MOST]

    def _rest(self, left_out: int) -> None:
        if left_out:
            self.page.labelled("         ", f"and {left_out:,} more; `--verbose` and `--format json` show all of them")

    def _mark(self, finding: Finding) -> str:
        mark, ascii_mark, _ = _VERDICT_STYLE[finding.verdict]
        return ascii_mark if self.page.ascii_only else mark


def _by_severity(findings: Iterable[Finding]) -> Iterator[tuple[Severity, list[Finding]]]:
    for severity, group in groupby(findings, key=lambda one: one.severity):
        yield severity, list(group)


def _by_rule(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    for _, group in groupby(findings, key=lambda one: one.rule):
        yield list(group)
