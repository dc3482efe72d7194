"""`migaudit preflight`: whether registering an appliance will work."""

from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.formats import SNAPSHOT_FILE
from auditor.cli.options import azure_options
from auditor.cli.preflight.options import PreflightRequest, refuse_contradictions
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from auditor.report.preflight_result import PreflightResult

MODES = ("user", "app", "arc")
KINDS = ("vmware", "hyperv", "physical")
STEPS = ("create-project", "generate-key", "register", "start-discovery", "replicate")


@click.command(
    epilog="Example: migaudit preflight --subscription contoso-prod --project contoso-dc-exit "
    "--account adele@contoso.com. Exit codes: 0 every step up to the start of discovery will work, 1 a step will fail, "
    "4 a step is unknown."
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
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@azure_options
@click.pass_context
def preflight(context: click.Context, /, **options: Any) -> ExitCode:
    """Show step by step whether registering an appliance will work, and how to fix what will not.

    Nothing in Azure is changed. What could not be read is shown as unknown.
    """
    from auditor.cli.preflight.run import preflight_result

    asked = PreflightRequest(**options)
    refuse_contradictions(asked)
    terminal = Terminal.of(context)
    result = preflight_result(asked, terminal)
    to_stdout([_shown(result, asked, terminal)])
    return _exit_code(result)


def _shown(result: "PreflightResult", asked: PreflightRequest, terminal: Terminal) -> str:
    if asked.form == "json":
        from auditor.report.formats.preflight_json import render

        return render(result)
    from dataclasses import asdict

    from auditor.cli.table_style import page_style, screen_rows
    from auditor.report.terminal.preflight import PreflightStyle
    from auditor.report.terminal.preflight import render as render_table

    style = PreflightStyle(**asdict(page_style(terminal)), verbose=terminal.verbose, rows=screen_rows())
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
