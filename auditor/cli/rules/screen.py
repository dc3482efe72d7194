"""The rule book, and a test of rules, as tables for a terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.audit.findings import Severity
from auditor.audit.rules.book import Rule
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.problem_rows import BROAD, BROAD_ERROR, NARROW, NARROWEST, SHORT, error_cell
from auditor.report.terminal.style import PageStyle
from auditor.report.terminal.summary import SEVERITY_STYLE

if TYPE_CHECKING:
    from auditor.cli.rules.testing import RuleTrial


def rule_table(rules: Iterable[Rule], style: PageStyle) -> str:
    """Return a row for each rule, those about one kind of thing together, and their number by severity below.

    On a page that is whole, a row has all errors of its rule.
    """
    page = Page(style)
    held = sorted(rules, key=lambda rule: (rule.subject.value, rule.id))
    broad = style.width >= BROAD
    columns = [
        Column(name="rule", whole=style.width >= NARROWEST),
        Column(name="severity", whole=True),
        Column(name="title"),
    ]
    rows: list[list[Part]] = [
        [(one.id, "bold"), (one.severity.value, SEVERITY_STYLE[one.severity]), prose(one.title)] for one in held
    ]
    if style.width >= NARROW:
        columns.append(Column(name="error", most=BROAD_ERROR if broad else SHORT))
        for row, one in zip(rows, held, strict=True):
            row.append((", ".join(one.errors) if style.whole else error_cell(one.errors, broad=broad), "dim"))
    page.table(columns, rows)
    by_severity = Counter(one.severity for one in held)
    said = ", ".join(f"{by_severity[one]:,} {one.value}" for one in Severity if by_severity[one])
    page.line(f"{counted(len(held), 'rule')} ({said}); `migaudit explain RULE` says what one finds and what to do")
    return page.text()


def tried_table(trials: "Sequence[RuleTrial]", style: PageStyle) -> str:
    """Return a row for each rule: how often it failed, passed and was unknown, and which of it it never did."""
    from auditor.cli.rules.testing import WANTED

    page = Page(style)
    numbers = [Column(name=verdict.value, whole=True, right=True) for verdict in WANTED]
    rows: list[list[Part]] = [
        [
            *(f"{one.counts.get(verdict, 0):,}" for verdict in WANTED),
            (one.rule.id, "bold"),
            (f"never {' nor '.join(verdict.value for verdict in one.lacking)}" if one.lacking else "", "bold red"),
        ]
        for one in trials
    ]
    page.table((*numbers, Column(name="rule", whole=True), Column(wraps=True)), rows)
    return page.text()
