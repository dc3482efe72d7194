"""`migaudit fleet`: scan many tenants as independent pieces of work, and compare two runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed
from auditor.cli.fleet.comparing import diff
from auditor.cli.fleet.options import FORMATS, FleetOptions, chosen_tenants, refuse_bad_options
from auditor.cli.formats import TABLE, WORKBOOK, Output, output_formats, show_each
from auditor.cli.options import (
    all_verdicts_option,
    docs_url_option,
    fail_on_option,
    output_option,
    pace_options,
    rule_options,
    source_option,
)
from auditor.cli.outputs import show_binary, show_result
from auditor.cli.shown_part import refuse_unknown, severity_option, show_option
from auditor.cli.terminal import Terminal, to_stderr

if TYPE_CHECKING:
    from auditor.report.fleet.result import FleetResult
    from auditor.report.fleet.shown import ShownInFleet

_RENDERERS = {
    "json": "auditor.report.fleet.machine:as_json",
    "jsonl": "auditor.report.fleet.machine:as_json_lines",
    "csv": "auditor.report.fleet.machine:as_csv",
    "sarif": "auditor.report.fleet.machine:as_sarif",
    "markdown": "auditor.report.fleet.markdown:render",
    "html": "auditor.report.fleet.page:render",
}
"""The function of each format, imported only when needed; the table is rendered separately, with a style."""
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group(
    short_help="Scan many tenants, on this machine or a Dask cluster.",
    epilog="Example: migaudit fleet run tenants.yaml --workers 4",
)
def fleet() -> None:
    """Scan many tenants, each with its own way to sign in, and compare two such runs."""


fleet.add_command(diff)


@fleet.command(epilog="Example: migaudit fleet run tenants.yaml --save runs/2026-11-30 --format html=fleet.html")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--only", multiple=True, metavar="NAME", help="Only this tenant of the file (repeatable).")
@click.option("--deep", is_flag=True, help="Read as much as `scan --deep` does.")
@source_option
@rule_options
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Read with N worker processes of this machine; needs the extra `fleet`.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Read on the Dask cluster of this scheduler, such as tls://dask.contoso.com:8786; needs the extra `fleet`.",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    metavar="N",
    help="Read tenants of more than N subscriptions in parts of N (default: 250 on workers, otherwise in one part).",
)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the run in this new folder: a snapshot a tenant, and the result for `fleet diff`.",
)
@output_formats(FORMATS)
@output_option
@docs_url_option
@fail_on_option
@click.option("--strict", is_flag=True, help="Exit with 4 when nothing fails but some verdicts are unknown.")
@all_verdicts_option
@severity_option
@show_option
@pace_options
@click.pass_context
def run(context: click.Context, /, **options: Any) -> ExitCode:
    """Scan every tenant in FILE; one that fails stops no other.

    FILE is YAML: `tenants`, a list of `name`, `cloud`, `auth`, `env`, and `subscriptions`, `management_groups` or
    `all: true`, and `accounts`. `env: CONTOSO` signs in with CONTOSO_AZURE_TENANT_ID, CONTOSO_AZURE_CLIENT_ID and
    CONTOSO_AZURE_CLIENT_SECRET of the process that reads. Nothing in Azure is changed.
    """
    from auditor.audit.findings import Severity
    from auditor.cli.fleet.running import FleetReading
    from auditor.cli.rules.choice import chosen_rules
    from auditor.fleet.file import load_fleet
    from auditor.report.fleet.shown import ShownInFleet

    asked = FleetOptions(**options)
    tenants = chosen_tenants(load_fleet(asked.file), asked.only)
    refuse_bad_options(asked, tenants)
    chosen_rules(asked.rules, asked.rule, asked.error)
    wanted = asked.outputs()
    terminal = Terminal.of(context)
    reading = FleetReading(asked, tenants, terminal)
    result = reading.result()
    shown = result if asked.severity is None else result.at_least(Severity(asked.severity))
    part = ShownInFleet(shown, asked.show) if asked.show else None
    with reading.telling(result):
        show_each(wanted, lambda one: _show(shown, one, part, asked, terminal))
        refuse_unknown(part.unknown if part else ())
    return _exit_code(result, asked)


def _show(
    result: "FleetResult", output: Output, part: "ShownInFleet | None", asked: FleetOptions, terminal: Terminal
) -> None:
    """Write the result in one format to its file or to stdout."""
    if output.form == TABLE:
        from auditor.cli.table_style import table_style
        from auditor.report.fleet.screen import render

        text = render(result, table_style(terminal, output.path, all_verdicts=asked.all_verdicts), part)
    elif output.form == WORKBOOK and output.path is not None:
        from auditor.report.fleet.machine import write_workbook

        show_binary(
            lambda stream: write_workbook(result, stream, all_verdicts=asked.all_verdicts), output.path, terminal
        )
        return
    else:
        text = _rendered(result.written_for(terminal.document_shells), output.form, all_verdicts=asked.all_verdicts)
    show_result((text,), output.path, terminal)


def _rendered(result: "FleetResult", form: str, *, all_verdicts: bool) -> str:
    from importlib import import_module

    module, _, name = _RENDERERS[form].partition(":")
    text: str = getattr(import_module(module), name)(result, all_verdicts=all_verdicts)
    return text


def _exit_code(result: "FleetResult", asked: FleetOptions) -> ExitCode:
    """Return that of a scan over all tenants; one that was not read is said, and is never 0.

    Raises `CommandFailed`: exit 3 where no tenant could be read, exit 4 where nothing fails in those that were.
    """
    from auditor.audit.findings import Severity
    from auditor.report.fleet.failures import not_read

    if not result.done:
        raise CommandFailed(ExitCode.UNREADABLE, "no tenant could be read; the result says why of each")
    lost = not_read(result)
    if asked.fail_on != "never" and result.fails_at(Severity(asked.fail_on)):
        if lost:
            to_stderr(f"error: {lost}")
        return ExitCode.FINDINGS
    if lost:
        raise CommandFailed(ExitCode.UNDECIDED, lost)
    return ExitCode.UNDECIDED if asked.strict and result.is_undecided else ExitCode.CLEAN
