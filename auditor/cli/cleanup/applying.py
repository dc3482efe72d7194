"""`cleanup apply`, from its options to its exit code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.cleanup.run import Ending, OpenRun, RunRequest, run_over
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal, to_stderr
from auditor.report.inert import inert

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.connection import Azure
    from auditor.cleanup.azure_workspaces import AzureWorkspaces
    from auditor.cleanup.plan import Item
    from auditor.cleanup.results import ItemResult

from typing import TYPE_CHECKING

from auditor.cli.environment.progress import watching
from auditor.cli.environment.reading import context_of

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.cleanup.apply import Reread
    from auditor.cleanup.plan import Looked
    from auditor.cleanup.workspace_id import WorkspaceId
    from auditor.facts.estate.environment import Context


def rereading(azure: "Azure", looked: "Looked", terminal: Terminal) -> "Reread":
    """Return a function that reads a workspace again, and its uses in all subscriptions that the plan covers."""
    from auditor.azure.errors import ReadFailed
    from auditor.collect.recheck import WorkspaceReader
    from auditor.collect.request import BadRequest

    reader = WorkspaceReader(azure, looked.subscriptions)

    async def reread(workspace: "WorkspaceId") -> "Context":
        terminal.detail(f"reading `{workspace.name}` and its uses again")
        try:
            with watching(terminal) as progress:
                return context_of(await reader.read(workspace.text, progress))
        except BadRequest as gone:  # a subscription that the plan covers no longer exists
            raise ReadFailed(404, "ScopeGone", str(gone), workspace.subscription_id) from gone

    return reread


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying(RunRequest):
    """The options of `cleanup apply`."""

    yes: bool
    max_age: timedelta


def apply_plan(path: Path, asked: Applying, terminal: Terminal) -> ExitCode:
    """Apply a plan and return the exit code; raises `CommandFailed` if the plan must not be applied."""
    if asked.yes and not asked.only:
        raise UsageFailed("`--yes` needs `--only ID`: name each item to delete without asking")
    interrupted = "stopped; what was done is in the journal, and the same command continues from there"
    ending = Ending(interrupted, lambda results: _note(path, results, rehearsal=asked.dry_run))
    return run_over(path, asked, terminal, lambda run: _apply(run, asked), ending)


def _note(path: Path, results: "Sequence[ItemResult]", *, rehearsal: bool) -> str:
    if not results:
        return "the plan deletes nothing"
    if rehearsal:
        return "this was a rehearsal: nothing was deleted"
    if any(result.outcome.value == "deleted" for result in results):
        return f"to undo this within 14 days: `migaudit cleanup restore {path}`"
    return ""


def _apply(run: OpenRun, asked: Applying) -> "tuple[ItemResult, ...]":
    from auditor.cleanup.admission import admit
    from auditor.cleanup.apply import PlanApplication
    from auditor.cleanup.azure_workspaces import deletions
    from auditor.cleanup.workspace_id import WorkspaceId
    from auditor.cli.cleanup.applying import rereading

    admit(run.plan, datetime.now(UTC), asked.max_age)
    if not run.items:
        return ()
    confirmed = _confirmed(run, asked)

    async def work(azure: "Azure", identity: "Identity", cloud: "AzureWorkspaces") -> "tuple[ItemResult, ...]":
        application = PlanApplication(
            cloud=cloud,
            reread=rereading(azure, run.plan.scope, run.terminal),
            principal_id=identity.object_id,
            journal=run.journal,
            dry_run=asked.dry_run,
            tell=run.tell,
        )
        return await application.run(run.items, confirmed)

    return run.in_azure(deletions(WorkspaceId.parse(item.id) for item in run.items), work)


def _confirmed(run: OpenRun, asked: Applying) -> set[str]:
    """Ask for the name of each workspace that is not done yet, and return the ids (lower case) of those confirmed."""
    if asked.yes or asked.dry_run:
        return {item.id.lower() for item in run.items}
    return {item.id.lower() for item in run.items if not run.journal.is_done(item.id) and _typed_name(item)}


def _typed_name(item: "Item") -> bool:
    to_stderr(f"\n{inert(item.name)}\n  {inert(item.id)}")
    for saved in item.lost_for_good:
        to_stderr(f"  loses the {saved.kind} {inert(saved.id.rpartition('/')[2])} for good")
    try:
        typed = click.prompt("type its name to delete it", default="", show_default=False, err=True)
    except click.Abort:
        to_stderr("")
        return False
    return bool(str(typed).strip().casefold() in {item.name.casefold(), item.id.rpartition("/")[2].casefold()})
