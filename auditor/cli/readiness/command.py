"""`migaudit readiness`: whether the assessed machines can move, what keeps the others, and what is not known."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.formats import SNAPSHOT_FILE
from auditor.cli.options import (
    at_option,
    azure_options,
    docs_url_option,
    fail_on_option,
    output_option,
    save_snapshot_option,
    scope_options,
)
from auditor.cli.outputs import write_binary, write_text
from auditor.cli.readiness.options import FORMATS, WORKBOOK, ReadinessOptions, refuse_bad_options
from auditor.cli.repeating import OF_ONE_RUN, repeated
from auditor.cli.shown_part import chosen, least_severe, refuse_unknown, severity_option, show_option
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.audit.readiness.report import ReadinessReport
    from auditor.cli.readiness.run import AskedReadiness
    from auditor.report.shown import ShownFindings


@click.command(epilog="Example: migaudit readiness --subscription contoso-prod --project contoso-dc-exit --group wave1")
@scope_options
@click.option("--project", "-p", metavar="NAME", help="Only the assessments of this project.")
@click.option("--resource-group", "-g", metavar="NAME", help="Only the projects of this resource group.")
@click.option("--group", metavar="NAME", help="Only the assessments of this group of machines.")
@click.option("--assessment", metavar="NAME", help="Only this assessment.")
@click.option("--demo", is_flag=True, help="Show the embedded environment; needs no Azure.")
@click.option("--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Evaluate a saved snapshot, offline.")
@save_snapshot_option
@at_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="One screen, or a document; csv and xlsx have a row for each machine.",
)
@output_option
@docs_url_option
@fail_on_option
@click.option("--strict", is_flag=True, help="Exit with 4 when nothing fails but something is unknown.")
@severity_option
@show_option
@azure_options
@click.pass_context
def readiness(context: click.Context, /, **options: Any) -> ExitCode:
    """Show how many assessed machines can move as they are, and what keeps the others, by cause.

    Nothing in Azure is changed or calculated. What could not be read, or was not calculated, is unknown, never ready.
    """
    from auditor.cli.environment.keeping import Keeper
    from auditor.cli.readiness.run import asked_readiness

    asked = ReadinessOptions(**options)
    refuse_bad_options(asked)
    terminal = Terminal.of(context)
    keeper = Keeper(asked.save_snapshot, terminal)
    with keeper.telling():
        found = asked_readiness(asked, terminal, keeper)
        wanted_part = replace(found, report=least_severe(found.report, asked.severity))
        part = chosen(wanted_part.report, asked.show)
        if part is None or part.has_answer:
            _show(wanted_part, part, asked, context)
    refuse_unknown(part.unknown if part else ())
    return _exit_code(found.report, asked)


def _show(
    found: "AskedReadiness", part: "ShownFindings | None", asked: ReadinessOptions, context: click.Context
) -> None:
    """Write the result to its file or to stdout; rows of machines one by one."""
    terminal = Terminal.of(context)
    if asked.form == WORKBOOK and asked.output is not None:
        from auditor.report.readiness.workbook import write

        write_binary(lambda stream: write(found.report, found.rows(), stream), asked.output)
    elif asked.output is not None:
        write_text(_pieces(found, part, asked, context), asked.output)
    else:
        to_stdout(_pieces(found, part, asked, context))
        return
    terminal.note(f"wrote the result to `{asked.output}`")


def _pieces(
    found: "AskedReadiness", part: "ShownFindings | None", asked: ReadinessOptions, context: click.Context
) -> "Iterable[str]":
    """Return the result as text in pieces."""
    if asked.form == "csv":
        from auditor.report.readiness.rows import csv_lines

        return csv_lines(found.rows())
    if asked.form == "json":
        from auditor.report.readiness.document import render as as_json

        return [as_json(found.report)]
    if asked.form == "html":
        from auditor.report.html.readiness import render as as_page

        return [as_page(found.report)]
    if asked.form == "markdown":
        from auditor.report.readiness.markdown import render as as_markdown

        return [as_markdown(found.report)]
    from auditor.cli.table_style import table_style
    from auditor.report.readiness.screen import render as as_screen

    command = repeated(context, OF_ONE_RUN)
    style = table_style(Terminal.of(context), asked.output, all_verdicts=False, command=command)
    return [as_screen(found.report, style, part)]


def _exit_code(report: "ReadinessReport", asked: ReadinessOptions) -> ExitCode:
    """Return 1 for findings at or above `--fail-on`, 4 for anything unknown with `--strict`, otherwise 0."""
    from auditor.audit.findings import Severity

    if asked.fail_on != "never" and report.fails_at(Severity(asked.fail_on)):
        return ExitCode.FINDINGS
    return ExitCode.UNDECIDED if asked.strict and report.is_undecided else ExitCode.CLEAN
