"""What `cleanup apply` does between its options and its exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.cleanup_files import HeldPlan, chosen, read_plan
from auditor.cli.cleanup_results import Teller, code_of
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, UsageFailed
from auditor.cli.reading import Door
from auditor.cli.terminal import Terminal, to_stderr
from auditor.report.inert import inert

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.cleanup.journal import Journal
    from auditor.cleanup.plan import Item
    from auditor.cleanup.results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """What the user asked `cleanup apply` for; one field an option."""

    dry_run: bool
    only: tuple[str, ...]
    yes: bool
    max_age: timedelta
    wait: timedelta
    form: str
    door: Door


def apply_plan(path: Path, asked: Applying, terminal: Terminal) -> ExitCode:
    """Apply a plan and return the exit code; raises `CommandFailed` where nothing of it may be touched."""
    from auditor.cleanup.admission import NotAdmitted, admit
    from auditor.cleanup.results import end_of

    if asked.yes and not asked.only:
        raise UsageFailed("`--yes` needs `--only ID`: name each item that is to be deleted without a question")
    held = read_plan(path)
    items = chosen(held.plan.deletions, asked.only)
    try:
        admit(held.plan, datetime.now(UTC), asked.max_age)
        with held_alone(held) as journal:
            results = _apply(held, items, journal, asked, terminal)
    except NotAdmitted as refused:
        raise CommandFailed(code_of(refused.end), str(refused)) from refused
    except KeyboardInterrupt:
        text = "stopped; what was done stands in the journal, and the same command goes on from there"
        raise CommandFailed(ExitCode.APPLY_STOPPED, text) from None
    if not results:
        terminal.note("the plan deletes nothing")
    elif asked.dry_run:
        terminal.note("this was a rehearsal: nothing was deleted")
    elif any(result.outcome.value == "deleted" for result in results):
        terminal.note(f"to take it back within 14 days: `migaudit cleanup restore {path}`")
    return Teller(asked.form).end(results, end_of(results))


@contextmanager
def held_alone(held: HeldPlan) -> "Iterator[Journal]":
    """Give the plan's journal to one run at a time; raises `CommandFailed` (exit 22) for a second one."""
    from auditor.cleanup.journal import BadJournal, Journal
    from auditor.cleanup.lock_file import AlreadyRunning, alone

    try:
        with alone(held.lock):
            yield Journal(held.journal, held.checksum)
    except (AlreadyRunning, BadJournal) as refused:
        raise CommandFailed(ExitCode.REFUSED, str(refused)) from refused
    except OSError as broken:
        raise CommandFailed(
            ExitCode.APPLY_STOPPED, f"cannot write beside the plan: {broken.strerror or broken}"
        ) from broken


def _apply(
    held: HeldPlan, items: "tuple[Item, ...]", journal: "Journal", asked: Applying, terminal: Terminal
) -> "tuple[Result, ...]":
    from auditor.cleanup.admission import admit_there
    from auditor.cleanup.apply import Application
    from auditor.cleanup.cloud_side import CloudSide, Patience, deletions
    from auditor.cleanup.workspace_id import WorkspaceId
    from auditor.cli.cleanup_connection import rereading, with_azure

    confirmed = _confirmed(items, journal, asked)
    permit = deletions(WorkspaceId.parse(item.id) for item in items)

    async def work(azure: "Azure") -> "tuple[Result, ...]":
        identity = await azure.identity()
        admit_there(held.plan, identity.tenant_id, azure.cloud)
        application = Application(
            cloud=CloudSide(azure.arm, Patience.within(asked.wait.total_seconds()), permit),
            reread=rereading(azure, held.plan.scope, terminal),
            principal_id=identity.object_id,
            journal=journal,
            dry_run=asked.dry_run,
            tell=Teller(asked.form).tell,
        )
        return await application.run(items, confirmed)

    if not items:
        return ()
    return with_azure(asked.door, terminal, work)


def _confirmed(items: "tuple[Item, ...]", journal: "Journal", asked: Applying) -> set[str]:
    """Ask for the name of each workspace that is not done yet; return the ids (lower case) of those confirmed."""
    if asked.yes or asked.dry_run:
        return {item.id.lower() for item in items}
    confirmed = set()
    for item in items:
        if not journal.is_done(item.id) and _typed_name(item):
            confirmed.add(item.id.lower())
    return confirmed


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
