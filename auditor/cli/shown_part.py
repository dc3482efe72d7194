"""The part of a result that a command shows: what is severe enough, and what `--show` names.

Every command that prints findings in a terminal has both options, with the same words. Neither changes the exit code.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

import click

from auditor.cli.failures import UsageFailed
from auditor.cli.options import SEVERITIES

if TYPE_CHECKING:
    from auditor.audit.environment_report import FindingsReport
    from auditor.report.shown import ShownFindings

Report = TypeVar("Report", bound="FindingsReport")
severity_option = click.option(
    "--severity",
    type=click.Choice([*SEVERITIES[::-1], "info"]),
    metavar="LEAST",
    help="Show only what is at least so severe: critical, high, medium, low, info. It never changes the exit code.",
)
show_option = click.option(
    "--show",
    multiple=True,
    metavar="RULE|NAME",
    help="Show why and what to do, only of this rule, error, account, project, or thing by name or id (repeatable).",
)


def refuse_unseen(show: tuple[str, ...], forms: Iterable[str], table: str) -> None:
    """Raise `UsageFailed` for `--show` where none of the formats is the one for a terminal, called `table`."""
    if show and table not in forms:
        raise UsageFailed(f"`--show` chooses what the table shows: leave it out, or add `--format {table}`")


def refuse_unknown(sentences: Iterable[str]) -> None:
    """Raise `UsageFailed` for the texts of `--show` that name nothing, once the others are shown."""
    if said := "\n".join(sentences):
        raise UsageFailed(said)


def least_severe(report: Report, severity: str | None) -> Report:
    """Return what is at least so severe."""
    if severity is None:
        return report
    from auditor.audit.findings import Severity

    return report.at_least(Severity(severity))


def chosen(report: "FindingsReport", show: tuple[str, ...]) -> "ShownFindings | None":
    """Return the findings that `--show` names; None without it."""
    if not show:
        return None
    from auditor.report.shown import ShownFindings

    return ShownFindings(report, show)
