"""What every text about a scan begins and ends with: its origin, its conclusion with the numbers; and their styles."""

from auditor.audit.findings import Severity, Verdict
from auditor.report.conclusion import ScanOutcome, conclusion, outcome
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.result import ScanResult
from auditor.report.terminal.page import Page

SEVERITY_STYLE = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
    Severity.INFO: "bold cyan",
}
VERDICT_STYLE = {
    Verdict.FAIL: ("✗", "x", "bold red"),
    Verdict.UNKNOWN: ("?", "?", "bold yellow"),
    Verdict.PASS: ("✓", "+", "bold green"),
    Verdict.NOT_APPLICABLE: ("–", "-", "dim"),
}
"""The mark of each verdict, the one in ASCII, and its style."""
_OUTCOME_STYLE = {
    ScanOutcome.PROBLEMS: "bold red",
    ScanOutcome.UNDECIDED: "bold",
    ScanOutcome.IN_ORDER: "bold green",
    ScanOutcome.NOTHING_CHECKED: "bold yellow",
}


def write_origin(page: Page, result: ScanResult) -> None:
    """Write the tenant, the time, and who read it."""
    where = counted(len(result.subscriptions), "subscription")
    when = f"{result.evaluated_at:%Y-%m-%d %H:%M} UTC"
    page.origin((f"{result.tenant_name} · {where} · as of {when} · read by {result.read_by}", "dim"))


def write_summary(page: Page, result: ScanResult) -> None:
    """Write the conclusion, and how much is unknown, in order, suppressed or left out."""
    failing, baseline, less = result.with_verdict(Verdict.FAIL), result.baseline, result.less_severe
    suppressed = sum(finding.suppressed is not None for finding in failing)
    unknown = len(result.with_verdict(Verdict.UNKNOWN))
    page.line(
        (prose(conclusion(result)), _OUTCOME_STYLE[outcome(result)]),
        " · ",
        (f"{unknown:,} unknown", "bold yellow" if unknown else ""),
        f" · {result.counts[Verdict.PASS]:,} in order",
        f" · {suppressed:,} suppressed" if suppressed else "",
        f" · left out: {baseline.known:,} known and {baseline.unknown:,} unknown before" if baseline else "",
        f" · left out as less severe than {less.least.value}: {less.words}" if less and less.words else "",
    )
