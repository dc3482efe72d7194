"""`cleanup apply`, from its options to its exit code."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.cleanup.files import names_of
from auditor.cli.cleanup.run import Ending, OpenRun, RunRequest, run_over
from auditor.cli.environment.interruptible import waiting_for_a_person
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.interrupts import raise_if_interrupted
from auditor.cli.terminal import Terminal, to_stderr
from auditor.report.inert import inert
from auditor.report.plan_places import PlanPlaces

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.connection import Azure
    from auditor.cleanup.azure_workspaces import AzureWorkspaces
    from auditor.cleanup.plan import CleanupPlan, Item
    from auditor.cleanup.results import ItemResult


QUESTION = "type its name to delete it"


def describe_question(item: "Item", plan: "CleanupPlan") -> str:
    """Return what is printed before the name of an item of `plan` is asked for."""
    places = PlanPlaces({"subscription_names": plan.subscription_names})
    lines = [f"\n{inert(item.name)} in {inert(places.words(item.id))}", f"  {inert(item.id)}"]
    lines += [f"  loses the {one.kind} {inert(one.id.rpartition('/')[2])} for good" for one in item.lost_for_good]
    return "\n".join(lines)


def _typed_name(item: "Item", plan: "CleanupPlan") -> str:
    to_stderr(describe_question(item, plan))
    try:
        with waiting_for_a_person():
            return str(click.prompt(QUESTION, default="", show_default=False, err=True))
    except click.Abort:
        to_stderr("")
        raise_if_interrupted()
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying(RunRequest):
    """The options of `cleanup apply`."""

    yes: bool
    max_age: timedelta
    answer: Callable[["Item", "CleanupPlan"], str] = _typed_name
    """Returns what is typed when the name of an item of a plan is asked for; nothing where nobody answers."""


def apply_plan(path: Path, asked: Applying, terminal: Terminal) -> ExitCode:
    """Apply a plan and return the exit code; raises `CommandFailed` if the plan must not be applied."""
    if asked.yes and not asked.only:
        raise UsageFailed("`--yes` needs `--only ID`: name each item to delete without asking")
    interrupted = "stopped; what was done is in the journal, and the same command continues from there"
    ending = Ending(interrupted, lambda results: _note(path, results, dry_run=asked.dry_run))
    return run_over(path, asked, terminal, lambda run: _apply(run, asked), ending)


def _note(path: Path, results: "Sequence[ItemResult]", *, dry_run: bool) -> str:
    if not results:
        return "the plan deletes nothing"
    if dry_run:
        return "this was a dry run: nothing was deleted"
    if any(result.outcome.value == "deleted" for result in results):
        return f"to undo this within 14 days: `migaudit cleanup restore {path}`"
    return ""


def _apply(run: OpenRun, asked: Applying) -> "tuple[ItemResult, ...]":
    from auditor.cleanup.admission import admit
    from auditor.cleanup.apply import PlanApplication
    from auditor.cleanup.azure_workspaces import deletions
    from auditor.cleanup.workspace_id import WorkspaceId
    from auditor.cli.cleanup.rechecking import Recheck

    admit(run.plan, datetime.now(UTC), asked.max_age)
    if not run.items:
        return ()

    async def work(azure: "Azure", identity: "Identity", cloud: "AzureWorkspaces") -> "tuple[ItemResult, ...]":
        recheck = Recheck(azure, run.plan.scope, run.terminal)
        untouched = [item for item in run.items if not run.journal.attempted(item.id)]
        lacking = await recheck.lacking_for(identity.object_id, untouched)
        confirmed = _confirmed(run, asked, lacking)
        application = PlanApplication(
            cloud=cloud,
            reread=recheck.reread,
            principal_id=identity.object_id,
            journal=run.journal,
            dry_run=asked.dry_run,
            tell=run.tell,
        )
        return await application.run(run.items, confirmed, lacking)

    return run.in_azure(deletions(WorkspaceId.parse(item.id) for item in run.items), work)


def _confirmed(run: OpenRun, asked: Applying, lacking: Collection[str]) -> set[str]:
    """Ask for the name of each item that can still be deleted, and return the ids (lower case) of those confirmed."""
    ids = {item.id.lower() for item in run.items}.difference(lacking)
    if asked.yes or asked.dry_run:
        return ids
    open_items = [item for item in run.items if item.id.lower() in ids and not run.journal.is_done(item.id)]
    return {item.id.lower() for item in open_items if asked.answer(item, run.plan).strip().lower() in names_of(item)}
