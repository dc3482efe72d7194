"""`migaudit preflight`: whether registering an appliance will work."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.formats import SNAPSHOT_FILE, Output, output_formats, show_each
from auditor.cli.options import azure_options, output_option
from auditor.cli.outputs import show_result
from auditor.cli.preflight.options import FORMATS, PreflightRequest, refuse_contradictions
from auditor.cli.terminal import Terminal

if TYPE_CHECKING:
    from auditor.report.preflight_result import PreflightResult

MODES = ("user", "app", "arc")
KINDS = ("vmware", "hyperv", "physical")
STEPS = ("create-project", "generate-key", "register", "start-discovery", "replicate")


@click.command(
    epilog="Example: migaudit preflight --subscription contoso-prod --project contoso-dc-exit "
    "--account adele@contoso.com"
)
@click.option("--subscription", "-s", metavar="ID|NAME", help="The project's subscription.")
@click.option("--project", "-p", metavar="NAME|ID", help="The project; a new one needs `--create`.")
@click.option(
    "--resource-group", "-g", metavar="NAME", help="Its resource group; required for a project to be created."
)
@click.option("--create", is_flag=True, help="Judge a project that does not exist as one to be created.")
@click.option(
    "--account", "-a", metavar="WHO", help="Who registers: UPN, mail, object id, app id (default: the one signed in)."
)
@click.option("--discovery-account", metavar="WHO", help="Who starts discovery, if that is another account.")
@click.option(
    "--mode",
    type=click.Choice(MODES),
    help="How the appliance will sign in: as the user who registers it, by a pre-made Entra app, through Azure Arc.",
)
@click.option("--kind", type=click.Choice(KINDS), default="vmware", show_default=True, help="What it discovers.")
@click.option(
    "--target-resource-group",
    metavar="NAME|ID",
    help="The resource group that machines are migrated to: a name in the project's subscription, or an id.",
)
@click.option(
    "--private-subnet",
    metavar="ID",
    help="The subnet of the private endpoints, for a project with private connectivity that names none or is new.",
)
@click.option(
    "--step",
    "steps",
    multiple=True,
    type=click.Choice(STEPS),
    help="Check only this step (repeatable; default: all). Each is judged as if the steps before it were done.",
)
@click.option(
    "--appliance-address",
    "appliance_addresses",
    multiple=True,
    metavar="IP|CIDR",
    help="The address that the appliance shows to the key vault (repeatable); a private one if it uses an endpoint.",
)
@click.option("--who", is_flag=True, help="Also list everyone who could register this appliance today.")
@click.option("--demo", is_flag=True, help="Check the embedded environment; needs no Azure.")
@click.option("--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Check a saved snapshot, offline.")
@click.option("--at", metavar="TIME", help="Judge as of this time, such as 2026-11-23T10:00:00Z.")
@output_formats(FORMATS)
@output_option
@azure_options
@click.pass_context
def preflight(context: click.Context, /, **options: Any) -> ExitCode:
    """Show step by step whether registering an appliance will work, and how to fix what will not.

    Nothing in Azure is changed. What could not be read is shown as unknown. Exit codes: 0 every step up to the start of
    discovery will work, 1 a step will fail, 4 a step is unknown.
    """
    from auditor.cli.preflight.run import preflight_result

    asked = PreflightRequest(**options)
    refuse_contradictions(asked)
    wanted = asked.outputs()
    terminal = Terminal.of(context)
    result = preflight_result(asked, terminal)
    show_each(wanted, lambda one: show_result([_shown(result, one, terminal)], one.path, terminal))
    return _exit_code(result)


def _shown(result: "PreflightResult", output: Output, terminal: Terminal) -> str:
    result = replace(result, shells=terminal.document_shells)
    if output.form == "json":
        from auditor.report.formats.preflight_json import render as as_json

        return as_json(result)
    if output.form == "markdown":
        from auditor.report.preflight.markdown import render as as_markdown

        return as_markdown(result)
    if output.form == "html":
        from auditor.report.html.preflight import render as as_page

        return as_page(result)
    from dataclasses import asdict

    from auditor.cli.table_style import page_style
    from auditor.report.terminal.preflight import PreflightStyle
    from auditor.report.terminal.preflight import render as render_table

    style = PreflightStyle(**asdict(page_style(terminal, output.path)), verbose=terminal.verbose)
    return render_table(result, style)


def _exit_code(result: "PreflightResult") -> ExitCode:
    """Return 0 only if every step that the verdict covers will work."""
    from auditor.audit.preflight.report import StepVerdict

    codes = {
        StepVerdict.GO: ExitCode.CLEAN,
        StepVerdict.NO_GO: ExitCode.FINDINGS,
        StepVerdict.UNKNOWN: ExitCode.UNDECIDED,
    }
    return codes[result.preflight.verdict]
