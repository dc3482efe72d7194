"""What `cleanup restore` does between its options and its exit code."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.cleanup_applying import held_alone
from auditor.cli.cleanup_files import HeldPlan, chosen, read_plan
from auditor.cli.cleanup_results import Teller, code_of
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed
from auditor.cli.reading import Door
from auditor.cli.terminal import Terminal

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.cleanup.journal import Journal
    from auditor.cleanup.plan import Item
    from auditor.cleanup.results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What the user asked `cleanup restore` for; one field an option."""

    dry_run: bool
    only: tuple[str, ...]
    wait: timedelta
    form: str
    door: Door


def restore_plan(path: Path, asked: Restoring, terminal: Terminal) -> ExitCode:
    """Bring back what a plan deleted and return the exit code."""
    from auditor.cleanup.admission import NotAdmitted
    from auditor.cleanup.results import end_of

    held = read_plan(path)
    items = chosen(held.plan.deletions, asked.only)
    try:
        with held_alone(held) as journal:
            results = _restore(held, items, journal, asked, terminal)
    except NotAdmitted as refused:
        raise CommandFailed(code_of(refused.end), str(refused)) from refused
    except KeyboardInterrupt:
        text = "stopped; run the same command again to bring back the rest"
        raise CommandFailed(ExitCode.APPLY_STOPPED, text) from None
    if not results:
        terminal.note(f"the journal `{held.journal.name}` tells of nothing that this plan deleted")
    return Teller(asked.form).end(results, end_of(results))


def _restore(
    held: HeldPlan, items: "tuple[Item, ...]", journal: "Journal", asked: Restoring, terminal: Terminal
) -> "tuple[Result, ...]":
    from auditor.cleanup.admission import admit_there
    from auditor.cleanup.cloud_side import CloudSide, Patience, recoveries
    from auditor.cleanup.restore import Restoration, deleted_by
    from auditor.cleanup.workspace_id import WorkspaceId
    from auditor.cli.cleanup_connection import with_azure

    wanted = deleted_by(journal, items)
    if not wanted:
        return ()
    permit = recoveries(
        (WorkspaceId.parse(item.id) for item in wanted), [saved for item in wanted for saved in item.lost_for_good]
    )

    async def work(azure: "Azure") -> "tuple[Result, ...]":
        identity = await azure.identity()
        admit_there(held.plan, identity.tenant_id, azure.cloud)
        restoration = Restoration(
            cloud=CloudSide(azure.arm, Patience.within(asked.wait.total_seconds()), permit),
            journal=journal,
            dry_run=asked.dry_run,
            tell=Teller(asked.form).tell,
        )
        return await restoration.run(wanted)

    return with_azure(asked.door, terminal, work)
