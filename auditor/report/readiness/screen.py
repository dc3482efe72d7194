"""Readiness on one screen: the answer, the assessments, the causes with remedies, discovery, and what is unknown."""

from dataclasses import dataclass

from auditor.audit.findings import Verdict
from auditor.audit.readiness.remedies import CauseRemedy
from auditor.audit.readiness.report import ReadinessReport
from auditor.report.inert import prose
from auditor.report.readiness.lines import not_looked_at, site_words, wave_line
from auditor.report.terminal.coverage import write_refusals
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

FEW = 8
"""Maximum number of assessments, causes and sites on the screen; `verbose` shows all of them."""
_NAMED = 3
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenStyle(PageStyle):
    """Style of the screen; `verbose` leaves nothing out."""

    verbose: bool = False


def render(report: ReadinessReport, style: ScreenStyle) -> str:
    """Return readiness as text for a terminal; whatever machines are called, it is inert."""
    screen = _Screen(Page(style), report, style)
    screen.write()
    return screen.page.text()


class _Screen:
    """The screen as it is written, top to bottom."""

    def __init__(self, page: Page, report: ReadinessReport, style: ScreenStyle) -> None:
        self.page = page
        self.report = report
        self.style = style

    def write(self) -> None:
        """Write all parts."""
        report, page = self.report, self.page
        when = f"{report.evaluated_at:%Y-%m-%d %H:%M} UTC"
        page.line((f"{report.tenant_name} · as of {when} · read by {report.read_by}", "dim"))
        page.gap()
        style = "bold yellow" if report.is_undecided else "bold green" if not report.obstacles else "bold"
        page.line((f"{report.headline}.", style))
        self._waves()
        self._causes("WHAT KEEPS MACHINES FROM MOVING", report.obstacles)
        self._causes("WHAT MAKES SIZES AND COSTS LESS CERTAIN", report.remarks)
        self._sites()
        self._findings()
        self._unknown()
        self._more()

    def _most(self, count: int) -> int:
        return count if self.style.verbose else min(FEW, count)

    def _rest(self, left_out: int) -> None:
        if left_out > 0:
            self.page.labelled("         ", f"and {left_out:,} more; `--verbose` shows all of them")

    def _waves(self) -> None:
        waves = self.report.readiness.waves
        if not waves:
            return
        page = self.page
        page.gap()
        page.heading("ASSESSMENTS")
        page.labelled("  machines   ready conditions     not unknown  confid.  ", ("assessment", "dim"))
        most = self._most(len(waves))
        for wave in waves[:most]:
            line = wave_line(wave)
            total = f"{_number(line.machines)}{'+' if line.least else ''}"
            ready, conditional, not_ready, unknown = map(_number, line.numbers)
            label = f"  {total:>8} {ready:>7} {conditional:>10} {not_ready:>7} {unknown:>7}  {line.confidence:>7}  "
            place = f"  {' · '.join(one for one in (line.group, line.project) if one)}"
            page.labelled(label, (line.name, "bold"), (place, "dim"), style="")
            page.labelled(" " * 20, (line.criterion, "dim"), (f" · {line.state}", "dim"))
            for remark in line.remarks:
                page.labelled(" " * 20, prose(remark))
        self._rest(len(waves) - most)

    def _causes(self, title: str, causes: tuple[CauseRemedy, ...]) -> None:
        if not causes:
            return
        page = self.page
        page.gap()
        page.heading(title)
        most = self._most(len(causes))
        for one in causes[:most]:
            level = "" if one.level == "machine" else f"  {one.level}"
            names = one.count.names if self.style.verbose else one.count.names[:_NAMED]
            more = ", …" if one.count.machines > len(names) else ""
            page.labelled(
                f"  {one.count.machines:>6,}  ",
                (prose(one.title), "bold"),
                (level, "dim"),
                (f"  {', '.join(names)}{more}", "dim"),
                style="bold",
            )
            page.labelled("          ", prose(one.remedy))
            if one.note:
                page.labelled("          ", prose(one.note))
            if self.style.verbose and one.entry:
                page.labelled("          ", (f"migaudit explain {one.value if one.is_known else one.entry}", "cyan"))
        self._rest(len(causes) - most)

    def _sites(self) -> None:
        sites = self.report.readiness.sites
        if not sites:
            return
        self.page.gap()
        self.page.heading("DISCOVERY")
        most = self._most(len(sites))
        for site in sites[:most]:
            words = " · ".join(site_words(site, self.report.readiness.now))
            self.page.labelled("  ", (site.name, "bold"), f"  {site.platform} · {words}")
        self._rest(len(sites) - most)

    def _findings(self) -> None:
        failing = self.report.with_verdict(Verdict.FAIL)
        if not failing:
            return
        self.page.gap()
        self.page.heading("WHAT TO LOOK AT")
        most = self._most(len(failing))
        for finding in failing[:most]:
            label = f"  {finding.severity.value:<8}  "
            self.page.labelled(label, prose(finding.message), (f"  {finding.rule}", "dim"), style="bold")
            for fix in finding.fixes if self.style.verbose else ():
                self.page.labelled(" " * len(label), (prose(fix.title), "dim"))
        self._rest(len(failing) - most)

    def _unknown(self) -> None:
        page, report = self.page, self.report
        page.gap()
        page.heading("NOT LOOKED AT, NOT READ")
        page.line("not looked at: ", "; ".join(not_looked_at(report)), indent=2)
        if gaps := report.readiness.unread:
            write_refusals(page, gaps, {}, verbose=self.style.verbose)
        else:
            page.line("every list of assessments and machines in scope was read to its end", indent=2)

    def _more(self) -> None:
        page, report = self.page, self.report
        page.gap()
        if not report.was_read:
            page.line("`migaudit readiness --subscription NAME` reads them; `scan` reads them with `--deep`")
            return
        page.line("more: `--format csv` or `xlsx` has a row for each machine; `migaudit explain TERM` explains a term")


def _number(count: int | None) -> str:
    return _UNKNOWN if count is None else f"{count:,}"
