"""Readiness on about one screen: the answer, the assessments, the causes with remedies, discovery, what is unknown.

Where the screen is too small for all of it, the answer and the assessments come last, right above the prompt.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from auditor.audit.readiness.remedies import CauseRemedy
from auditor.audit.readiness.report import ReadinessReport
from auditor.report.inert import prose
from auditor.report.readiness.lines import not_looked_at, site_line, wave_line
from auditor.report.shown import ShownFindings
from auditor.report.terminal.coverage import write_refusals
from auditor.report.terminal.findings import FindingDetails
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.problem_rows import ProblemRows
from auditor.report.terminal.style import TableStyle

FEW = 8
"""Maximum number of assessments, causes, sites and remarks on the screen; `verbose` shows all of them."""
_NAMED = 3
_UNKNOWN = "?"
_BROAD = 100
"""Columns from which on there is room for the groups of assessments and the names of machines."""
_BROADEST = 130
"""Columns from which on there is room for the projects of assessments."""


def render(report: ReadinessReport, style: TableStyle, shown: ShownFindings | None = None) -> str:
    """Return readiness as text for a terminal; whatever machines are called, it is inert.

    With `shown`, the findings that it names are there with their details, and the answer.
    """
    if shown is not None:
        return _Screen(report, style).shown(shown)
    text = _Screen(report, style).text(answer_last=False)
    return text if style.holds(text) else _Screen(report, style).text(answer_last=True)


class _Screen:
    """The screen as it is written."""

    def __init__(self, report: ReadinessReport, style: TableStyle) -> None:
        self.page = Page(style)
        self.report = report
        self.style = style

    def text(self, *, answer_last: bool) -> str:
        """Return all parts, the answer first or last."""
        parts: list[Callable[[], None]] = [
            self._answer,
            lambda: self._waves(remarks_first=answer_last),
            lambda: self._causes("WHAT KEEPS MACHINES FROM MOVING", self.report.obstacles),
            lambda: self._causes("WHAT MAKES SIZES AND COSTS LESS CERTAIN", self.report.remarks),
            self._sites,
            lambda: self._findings(worst_last=answer_last),
            self._unknown,
        ]
        self._origin()
        for part in reversed(parts) if answer_last else parts:
            part()
        self._more()
        return self.page.text()

    def shown(self, shown: ShownFindings) -> str:
        """Return the findings that `shown` names, and the answer."""
        self._origin()
        FindingDetails(self.page, self.report, self.style).write(shown.findings)
        self.page.gap()
        for rule in shown.without_subject:
            self.page.line(f"nothing that the rule `{rule}` is about is in what was read")
        self._answer()
        return self.page.text()

    def _origin(self) -> None:
        when = f"{self.report.evaluated_at:%Y-%m-%d %H:%M} UTC"
        self.page.origin((f"{self.report.tenant_name} · as of {when} · read by {self.report.read_by}", "dim"))

    def _answer(self) -> None:
        report = self.report
        self.page.gap()
        style = "bold yellow" if report.is_undecided else "bold green" if not report.obstacles else "bold"
        self.page.line((f"{report.headline}.", style))

    def _most(self, count: int) -> int:
        return count if self.style.verbose else min(FEW, count)

    def _rest(self, left_out: int) -> None:
        if left_out > 0:
            self.page.line(f"and {left_out:,} more; `--verbose` shows all of them", indent=2)

    def _section(self, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Part]]) -> None:
        self.page.gap()
        self.page.heading(title)
        self.page.table(columns, rows, indent=2)

    def _waves(self, *, remarks_first: bool) -> None:
        """Write a row for each assessment, and what to know of them, each remark once."""
        waves = self.report.readiness.waves
        if not waves:
            return
        lines = [wave_line(wave) for wave in waves[: self._most(len(waves))]]
        columns = [
            *(Column(name=name, whole=True, right=True) for name in ("machines", "ready", "check", "not", "unknown")),
            Column(name="stars", whole=True),
            Column(name="assessment"),
        ]
        broad, broadest = self.page.width >= _BROAD, self.page.width >= _BROADEST
        columns += [Column(name="group"), Column(name="state", whole=True)] if broad else []
        columns += [Column(name="project")] if broadest else []
        rows: list[list[Part]] = []
        for line in lines:
            total = f"{_number(line.machines)}{'+' if line.least else ''}"
            rows.append([total, *map(_number, line.numbers), line.confidence, (line.name, "bold")])
            rows[-1] += [line.group, (line.state, "dim")] if broad else []
            rows[-1] += [line.project] if broadest else []
        remarks = [*((line.name, line.remarks) for line in lines), *((one.name, (one.criterion,)) for one in lines)]
        if remarks_first:
            self.page.gap()
            self._remarks(remarks)
        self._section("ASSESSMENTS", columns, rows)
        self._rest(len(waves) - len(lines))
        if not remarks_first:
            self._remarks(remarks)

    def _remarks(self, remarks: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Write each remark once, with the names of what it is about."""
        by_words: dict[str, list[str]] = defaultdict(list)
        for name, said in remarks:
            for words in said:
                by_words[words].append(name)
        most = self._most(len(by_words))
        for words, names in list(by_words.items())[:most]:
            self.page.labelled("  - ", (f"{', '.join(self._few(names))}: ", "dim"), prose(words))
        self._rest(len(by_words) - most)

    def _few(self, names: Sequence[str]) -> list[str]:
        """Return the first names, and the number of the others."""
        most = len(names) if self.style.verbose else _NAMED
        more = [f"{len(names) - most:,} more"] if len(names) > most else []
        return [*names[:most], *more]

    def _causes(self, title: str, causes: tuple[CauseRemedy, ...]) -> None:
        """Write a row for each cause: its machines, what it is, and what to do."""
        if not causes:
            return
        held = causes[: self._most(len(causes))]
        columns = [
            Column(name="machines", whole=True, right=True),
            Column(name="cause", wraps=True),
            Column(name="what to do", wraps=True),
        ]
        rows: list[list[Part]] = [
            [
                (f"{one.count.machines:,}", "bold"),
                (prose(one.title if one.level == "machine" else f"{one.title} ({one.level})"), "bold"),
                prose(f"{one.remedy} {one.note}"),
            ]
            for one in held
        ]
        if self.page.width >= _BROAD:
            columns.insert(2, Column(name="such as"))
            for row, one in zip(rows, held, strict=True):
                row.insert(2, (_such_as(one, 1), "dim"))
        self._section(title, columns, rows)
        self._rest(len(causes) - len(held))
        if self.style.verbose:
            for one in held:
                self.page.labelled("  - ", prose(one.title), (f"  {_such_as(one, len(one.count.names))}", "dim"))
                if one.entry:
                    self.page.command("    ", f"migaudit explain {one.value if one.is_known else one.entry}")

    def _sites(self) -> None:
        """Write a row for each site, and below the table what to know of them, each remark once."""
        sites = self.report.readiness.sites
        if not sites:
            return
        held = sites[: self._most(len(sites))]
        lines = [site_line(site, self.report.readiness.now) for site in held]
        columns = (
            Column(name="machines", whole=True, right=True),
            Column(name="newest data", whole=True),
            Column(name="heartbeat", whole=True),
            Column(name="platform", whole=True),
            Column(name="site"),
        )
        self._section(
            "DISCOVERY",
            columns,
            [
                (line.machines, line.newest or "-", line.heartbeat or "none", site.platform, (site.name, "bold"))
                for site, line in zip(held, lines, strict=True)
            ],
        )
        self._rest(len(sites) - len(held))
        self._remarks((site.name, line.remarks) for site, line in zip(held, lines, strict=True))

    def _findings(self, *, worst_last: bool) -> None:
        """Write a row for each problem, with `verbose` its details before; notes are counted."""
        report, page = self.report, self.page
        less = report.less_severe
        if not (report.problems or report.notes or less):
            return
        if self.style.verbose:
            FindingDetails(page, report, self.style).write((*report.problems, *report.notes))
        ProblemRows(report, self.style).write(page, worst_last=worst_last, title="WHAT TO LOOK AT")
        if report.notes:
            page.line(f"{len(report.notes):,} of the findings are notes (`--verbose`)")
        if less and less.words:
            page.line((f"left out as less severe than {less.least.value}: {less.words}", "dim"))

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
        page, report, command = self.page, self.report, self.style.command
        page.gap()
        if not report.was_read:
            page.line("`migaudit readiness --subscription NAME` reads them; `scan` reads them with `--deep`")
            return
        page.line("more: `--format csv` or `xlsx` has a row for each machine; `migaudit explain TERM` explains a term")
        first = ProblemRows(report, self.style).first
        if command:
            show = (f"{command} --show {first.rule}", "why, and what to do; also --show NAME") if first else None
            page.commands([*filter(None, (show,)), (f"{command} --verbose", "everything, with the names of machines")])


def _such_as(one: CauseRemedy, most: int) -> str:
    """Return the first names of machines with a cause, and the number of the others."""
    names = one.count.names[:most]
    others = one.count.machines - len(names)
    return f"{', '.join(names)}{f' and {others:,} more' if others > 0 else ''}"


def _number(count: int | None) -> str:
    return _UNKNOWN if count is None else f"{count:,}"
