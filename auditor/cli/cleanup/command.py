"""`migaudit cleanup`: plan the removal of what deleted projects left behind, carry it out, undo it."""

from pathlib import Path
from typing import Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.formats import SNAPSHOT_FILE
from auditor.cli.options import Duration, azure_options
from auditor.cli.terminal import Terminal, to_stdout

PLAN_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
KINDS = (
    "assessment-project",
    "site",
    "master-site",
    "key-vault",
    "recovery-vault",
    "storage-account",
    "lock",
    "private-endpoint",
    "role-assignment",
    "application",
    "service-bus",
    "replication-vault",
    "replication-fabric",
    "replica-disk",
    "dependency-map",
    "workload-site",
    "private-dns-zone",
    "deleted-workspace",
    "deleted-key-vault",
)
OUTPUT_FILE = click.Path(dir_okay=False, path_type=Path)
FORM = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
PLAN_FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="How to show the plan; markdown is a change request.",
)
ONLY = click.option(
    "--only",
    multiple=True,
    metavar="ID|NAME|NUMBER",
    help="Only this item: its ARM id, its name, or its number in the plan (repeatable).",
)
WAIT = click.option(
    "--wait",
    type=Duration(),
    default="15m",
    show_default=True,
    metavar="SPAN",
    help="How long to wait for Azure to finish each operation.",
)


class InOrder(click.Group):
    """A group whose commands are listed in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, in the order in which they were added."""
        return list(self.commands)


@click.group(cls=InOrder, epilog="Example: migaudit cleanup plan --subscription contoso-prod --output plan.json")
def cleanup() -> None:
    """Find what deleted projects left behind, plan its removal, carry it out, and undo it.

    Deletes only Log Analytics workspaces that are proven to be left behind, and only softly: they can be recovered for
    14 days. Exit codes: 20 the plan no longer matches, 21 stopped partway, 22 refused.
    """


@cleanup.command(
    short_help="Judge the workspaces and write a plan.",
    epilog="Example: migaudit cleanup plan --subscription contoso-prod --output plan.json",
)
@click.option("--subscription", "-s", multiple=True, metavar="ID|NAME", help="Look at this subscription (repeatable).")
@click.option("--management-group", "-m", multiple=True, metavar="ID", help="Look at what is below it (repeatable).")
@click.option("--all", "all_subscriptions", is_flag=True, help="Look at every subscription you can see.")
@click.option(
    "--include",
    multiple=True,
    type=click.Choice(KINDS),
    help="Also list leftovers of this kind (repeatable); they are never deleted.",
)
@click.option("--demo", is_flag=True, help="Plan for the embedded environment; needs no Azure.")
@click.option("--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Plan from a saved snapshot, offline.")
@click.option("--output", "-o", type=OUTPUT_FILE, metavar="FILE", help="Write the plan to FILE, for `apply`.")
@PLAN_FORM
@azure_options
@click.pass_context
def plan(context: click.Context, /, **options: Any) -> ExitCode:
    """Judge every Log Analytics workspace in scope and plan what to do with it; nothing in Azure is changed.

    Only a workspace that is proven to be left behind is to be deleted; every other one is listed with the reason for
    keeping it.
    """
    from auditor.cli.cleanup.planning import PlanRequest, made_plan, next_commands, show, write

    form, output = options.pop("form"), options.pop("output")
    wanted = PlanRequest(**options, output=output)
    terminal = Terminal.of(context)
    document = made_plan(wanted, terminal)
    if output is not None:
        write(document, output, terminal)
    show(document, form, terminal, next_commands(document, output))
    return ExitCode.CLEAN


@cleanup.command(short_help="Show a plan.", epilog="Example: migaudit cleanup show plan.json")
@click.argument("plan_file", metavar="PLAN", type=PLAN_FILE)
@PLAN_FORM
@click.pass_context
def show(context: click.Context, plan_file: Path, form: str) -> ExitCode:
    """Show what a plan would delete, what it keeps, and why."""
    from auditor.cleanup.plan_file import as_document
    from auditor.cli.cleanup.files import read_plan
    from auditor.cli.cleanup.planning import next_commands
    from auditor.cli.cleanup.planning import show as show_document

    held = read_plan(plan_file)
    document = as_document(held.plan)
    show_document(document, form, Terminal.of(context), next_commands(document, plan_file))
    return ExitCode.CLEAN


@cleanup.command(
    short_help="Print a plan as a script for the Azure CLI.",
    epilog="Example: migaudit cleanup script plan.json --shell bash > cleanup.sh",
)
@click.argument("plan_file", metavar="PLAN", type=PLAN_FILE)
@click.option(
    "--shell",
    type=click.Choice(["bash", "pwsh", "powershell"]),
    default="bash",
    show_default=True,
    help="The shell to write for; pwsh and powershell are the same.",
)
def script(plan_file: Path, shell: str) -> ExitCode:
    """Print the plan as a script for `az`: one guarded step per item, and the commands that undo it.

    The script stops at the first error. It checks whether each workspace is still the same one; unlike `apply` it does
    not check again what uses it.
    """
    from auditor.cleanup.script import Shell
    from auditor.cleanup.script import script as script_of
    from auditor.cli.cleanup.files import read_plan, refuse_partial

    held = read_plan(plan_file)
    refuse_partial(held.plan)
    to_stdout([script_of(held.plan, Shell("powershell" if shell == "pwsh" else shell))])
    return ExitCode.CLEAN


@cleanup.command(
    short_help="Carry out a plan, item by item.",
    epilog="Example: migaudit cleanup apply plan.json --dry-run",
)
@click.argument("plan_file", metavar="PLAN", type=PLAN_FILE)
@click.option("--dry-run", is_flag=True, help="Do everything except the final request of each item.")
@ONLY
@click.option("--yes", is_flag=True, help="Do not ask; only with --only, which names the items.")
@click.option(
    "--max-age", type=Duration(), default="24h", show_default=True, metavar="SPAN", help="Refuse an older plan."
)
@WAIT
@FORM
@azure_options
@click.pass_context
def apply(context: click.Context, /, plan_file: Path, **options: Any) -> ExitCode:
    """Soft-delete what the plan says, after reading everything about each item again.

    First the sign-in and your rights are checked, then you are asked about each item. An item that has changed, or
    that cannot be checked, is left alone. What was done is written to a journal beside the
    plan; after an interruption the same command continues where it stopped.
    """
    from auditor.cli.cleanup.applying import Applying, apply_plan

    return apply_plan(plan_file, Applying(**options), Terminal.of(context))


@cleanup.command(
    short_help="Restore what a plan deleted.",
    epilog="Example: migaudit cleanup restore plan.json",
)
@click.argument("plan_file", metavar="PLAN", type=PLAN_FILE)
@click.option("--dry-run", is_flag=True, help="Show what could be restored; change nothing.")
@ONLY
@WAIT
@FORM
@azure_options
@click.pass_context
def restore(context: click.Context, /, plan_file: Path, **options: Any) -> ExitCode:
    """Restore what the plan deleted, according to the journal beside it, with the solutions that the plan saved.

    Shows what could not be restored and why.
    """
    from auditor.cli.cleanup.restoring import restore_plan
    from auditor.cli.cleanup.run import RunRequest

    return restore_plan(plan_file, RunRequest(**options), Terminal.of(context))


@cleanup.command(
    short_help="Try all of this on an emulated Azure.",
    epilog="Example: migaudit cleanup rehearse",
)
@click.option(
    "--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Rehearse on this saved scan, not on the embedded one."
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the files in this new folder.",
)
@click.option("--yes", is_flag=True, help="Do not ask: show the questions with the answers that delete everything.")
@click.pass_context
def rehearse(context: click.Context, snapshot: Path | None, folder: Path | None, yes: bool) -> ExitCode:
    """Make a plan, print it as a script, apply it and restore everything, on an Azure that this process emulates.

    Asks what it will ask in earnest, unless nobody can answer, and shows every request that would change something.
    """
    from auditor.cli.cleanup.rehearsal import Rehearsal, rehearsed

    return rehearsed(Rehearsal(snapshot, folder, asks=not yes), Terminal.of(context))
