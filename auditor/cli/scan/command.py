"""`migaudit scan`: read the environment, evaluate the rule book, show findings and coverage."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.formats import SNAPSHOT_FILE, TABLE, Output, format_option, show_each, show_rendered
from auditor.cli.options import (
    all_verdicts_option,
    at_option,
    azure_options,
    docs_url_option,
    fail_on_option,
    output_option,
    resume_options,
    rule_options,
    save_snapshot_option,
    scope_options,
    source_option,
)
from auditor.cli.outputs import show_result
from auditor.cli.scan.options import ScanOptions, refuse_contradictions
from auditor.cli.shown_part import chosen, least_severe, refuse_unknown, severity_option, show_option
from auditor.cli.terminal import Terminal

if TYPE_CHECKING:
    from auditor.report.result import ScanResult
    from auditor.report.shown import ShownFindings

MODES = ("user", "app", "arc")
INPUT_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command(epilog="Example: migaudit scan --subscription contoso-prod --account adele@contoso.com")
@scope_options
@click.option(
    "--account",
    "-a",
    multiple=True,
    metavar="WHO",
    help="Audit this account: UPN, mail, object id, app id (repeatable; default: the one signed in).",
)
@click.option(
    "--deep",
    is_flag=True,
    help="Also look for every use of workspaces, and ask every resource for its diagnostic settings, workspaces for "
    "their latest data, and projects for their assessments and machines.",
)
@source_option
@click.option("--project", "-p", metavar="NAME", help="Only this Azure Migrate project.")
@click.option("--resource-group", "-g", metavar="NAME", help="Only the projects of this resource group.")
@click.option(
    "--registration-mode",
    type=click.Choice(MODES),
    help="How the appliance will sign in: as the user who registers it, by a pre-made Entra app, through Azure Arc.",
)
@rule_options
@click.option("--demo", is_flag=True, help="Scan the embedded environment; needs no Azure.")
@click.option("--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Evaluate a saved snapshot, offline.")
@save_snapshot_option
@resume_options
@at_option
@format_option
@output_option
@docs_url_option
@fail_on_option
@click.option("--suppress", type=INPUT_FILE, metavar="FILE", help="YAML file of findings that somebody has accepted.")
@click.option(
    "--baseline",
    type=INPUT_FILE,
    metavar="FILE",
    help="Show only what is new since this JSON result or snapshot; the rest is only counted.",
)
@click.option("--strict", is_flag=True, help="Exit with 4 when nothing fails but some verdicts are unknown.")
@all_verdicts_option
@severity_option
@show_option
@azure_options
@click.pass_context
def scan(context: click.Context, /, **options: Any) -> ExitCode:
    """Read the environment, evaluate the rule book, show findings and coverage.

    Nothing in Azure is changed. What could not be read is shown as unknown.
    """
    from auditor.cli.environment.keeping import Keeper
    from auditor.cli.scan.accepted import Accepted, remarks
    from auditor.cli.scan.run import resumption_of, scan_result

    asked = ScanOptions(**options)
    refuse_contradictions(asked)
    wanted = asked.outputs()
    terminal = Terminal.of(context)
    accepted = Accepted.read(asked)
    keeper = Keeper(asked.save_snapshot, terminal)
    resumption = resumption_of(asked, terminal)
    with nullcontext() if resumption is None else resumption.telling(), keeper.telling():
        result = accepted.applied(scan_result(asked, terminal, keeper, resumption))
        wanted_part = least_severe(result, asked.severity)
        part = chosen(wanted_part, asked.show)
        show_each(wanted, lambda one: _show(wanted_part, one, part, asked, context))
        for remark in remarks(result):
            terminal.note(remark)
    refuse_unknown(part.unknown if part else ())
    return _exit_code(result, asked)


def _show(
    result: "ScanResult", output: Output, part: "ShownFindings | None", asked: ScanOptions, context: click.Context
) -> None:
    """Write the result in one format to its file or to stdout."""
    terminal = Terminal.of(context)
    if output.form == TABLE:
        from auditor.cli.table_style import table_style
        from auditor.report.terminal.scan_text import render, render_shown

        style = table_style(terminal, output.path, all_verdicts=asked.all_verdicts, command=asked.command(context))
        if part is not None and not part.has_answer:
            return  # it is said at the end that nothing has these names
        text = render(result, style) if part is None else render_shown(result, part, style)
        show_result((text,), output.path, terminal)
    else:
        show_rendered(result, output, terminal, all_verdicts=asked.all_verdicts)
    if asked.demo and output.form == TABLE and output.path is None and not asked.show:
        from auditor.cli.environment.demo import WHAT_NEXT

        terminal.note(f"\n{WHAT_NEXT}")


def _exit_code(result: "ScanResult", asked: ScanOptions) -> ExitCode:
    """Return 1 for findings at or above `--fail-on`, 4 for unknown verdicts with `--strict`, otherwise 0."""
    from auditor.audit.findings import Severity, Verdict

    if asked.fail_on != "never" and result.fails_at(Severity(asked.fail_on)):
        return ExitCode.FINDINGS
    unknown_before = result.baseline is not None and result.baseline.unknown > 0
    if asked.strict and (unknown_before or result.unjudged or result.with_verdict(Verdict.UNKNOWN)):
        return ExitCode.UNDECIDED
    return ExitCode.CLEAN
