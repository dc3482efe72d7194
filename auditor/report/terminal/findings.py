"""Findings for a terminal with all their details: where, why, what to do; what is unknown, and why."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from auditor.audit.environment_report import FindingsReport
from auditor.audit.findings import Finding, Fix, Severity, Verdict
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.portal import portal_link
from auditor.report.terminal.coverage import lists_by_answer
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import TableStyle
from auditor.report.terminal.summary import SEVERITY_STYLE, VERDICT_STYLE

MOST = 20
"""Maximum number of subjects listed per rule; `verbose` lists all of them."""
MOST_EVIDENCE = 5
"""Maximum number of records shown of one finding; `verbose` shows all of them."""

_SETTLED = {Verdict.PASS: "IN ORDER", Verdict.NOT_APPLICABLE: "DOES NOT APPLY"}
_PLACE = re.compile(r"/subscriptions/(?P<subscription>[^/]+)(/resourceGroups/(?P<group>[^/]+))?", re.IGNORECASE)


class FindingDetails:
    """Findings with all their details, as they are written on a page: problems, notes, what is unknown, the rest."""

    def __init__(self, page: Page, result: FindingsReport, style: TableStyle) -> None:
        self.page = page
        self.result = result
        self.style = style
        self.references = {rule.id: rule.references[0] for rule in result.rules if rule.references}

    def write(self, findings: Iterable[Finding]) -> None:
        """Write findings in the order of a report, those of a verdict and severity under a heading."""
        page, held = self.page, list(findings)
        for severity, failing in _by_severity(finding for finding in held if finding.verdict is Verdict.FAIL):
            page.gap()
            number = counted(len(failing), "problem")
            title = f"NOTES · {len(failing):,}" if severity is Severity.INFO else f"{severity.value.upper()} · {number}"
            page.heading(title, SEVERITY_STYLE[severity])
            self._problems(failing)
        unknown = [finding for finding in held if finding.verdict is Verdict.UNKNOWN]
        if unknown:
            page.gap()
            page.heading(f"UNKNOWN · {counted(len(unknown), 'verdict')}", "bold yellow")
            page.line(("These could not be checked; any of them may be a problem.", "dim"))
            self._unknown(unknown)
        self.write_settled(finding for finding in held if finding.verdict in _SETTLED)

    def write_settled(self, findings: Iterable[Finding]) -> None:
        """Write the findings that need no attention, a line each."""
        held = list(findings)
        for verdict, title in _SETTLED.items():
            self._settled(title, [finding for finding in held if finding.verdict is verdict])

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
        seen = finding.evidence if self.style.verbose else finding.evidence[:MOST_EVIDENCE]
        for item in seen:
            self.page.labelled("  seen   ", item.id, (f"  {prose(item.note)}" if item.note else "", "dim"))
        if len(seen) < len(finding.evidence):
            self.page.labelled("         ", f"and {len(finding.evidence) - len(seen):,} more (`--verbose`)")
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
        if self.style.verbose and fix.by:
            page.labelled(below, ("who can: ", "dim"), (prose(fix.by), "dim"))
        if self.style.verbose and fix.undo is not None:
            page.labelled(below, ("undo: ", "dim"), (prose(fix.undo.words), "dim"))
            if fix.undo.az:
                page.command(f"{below}$ ", fix.undo.az)
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

    def _settled(self, title: str, findings: list[Finding]) -> None:
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
            style=SEVERITY_STYLE[finding.severity] if finding.is_note else VERDICT_STYLE[finding.verdict][2],
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
        if finding.is_note:
            return "i"
        mark, ascii_mark, _ = VERDICT_STYLE[finding.verdict]
        return ascii_mark if self.page.ascii_only else mark


def _by_severity(findings: Iterable[Finding]) -> Iterator[tuple[Severity, list[Finding]]]:
    for severity, group in groupby(findings, key=lambda one: one.severity):
        yield severity, list(group)


def _by_rule(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    for _, group in groupby(findings, key=lambda one: one.rule):
        yield list(group)
