"""The result of a scan for a terminal: about one screen, or with every detail before it."""

from auditor.audit.findings import Verdict
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.result import ScanResult
from auditor.report.shown import ShownFindings
from auditor.report.terminal.coverage import write_coverage
from auditor.report.terminal.findings import FindingDetails
from auditor.report.terminal.page import Page
from auditor.report.terminal.problem_table import ProblemTable
from auditor.report.terminal.style import TableStyle
from auditor.report.terminal.summary import write_origin, write_summary


def render(result: ScanResult, style: TableStyle) -> str:
    """Return the result as text; whatever resources are called, it is inert.

    With `verbose` it has every detail and then the table of the problems, otherwise that alone; with `all_verdicts`
    also what needs no attention.
    """
    page, table = Page(style), ProblemTable(result, style)
    details = FindingDetails(page, result, style)
    if not style.verbose:
        if style.all_verdicts:
            details.write_settled(result.findings)
        return page.text() + table.text()
    write_origin(page, result)
    details.write(result.listed(all_verdicts=style.all_verdicts))
    if result.unlisted_words:
        page.gap()
        page.labelled("? ", prose(result.unlisted_words), style="bold yellow")
    page.gap()
    write_coverage(page, result.coverage, result.with_verdict(Verdict.UNKNOWN), verbose=True)
    table.problems.write(page)
    page.gap()
    write_summary(page, result)
    return page.text()


def render_shown(result: ScanResult, shown: ShownFindings, style: TableStyle) -> str:
    """Return a part of the result with its details, also of what is in order, and the conclusion of the whole."""
    page = Page(style)
    write_origin(page, result)
    applying = [one for one in shown.findings if one.verdict is not Verdict.NOT_APPLICABLE]
    listed = shown.findings if style.all_verdicts or not applying else applying
    FindingDetails(page, result, style).write(listed)
    page.gap()
    if len(listed) < len(shown.findings):
        page.line(f"{counted(len(shown.findings) - len(listed), 'rule')} did not apply (`--all-verdicts` lists them)")
    for rule in shown.without_subject:
        page.line(f"nothing that the rule `{rule}` is about is in what was read")
    page.line((f"{counted(len(listed), 'verdict')} shown, of this result:", "dim"))
    write_summary(page, result)
    return page.text()
