"""`cleanup restore`, from its options to its exit code."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from auditor.cli.cleanup.files import journal_of
from auditor.cli.cleanup.run import Ending, OpenRun, RunRequest, run_over
from auditor.cli.exit_codes import ExitCode
from auditor.cli.terminal import Terminal

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.connection import Azure
    from auditor.cleanup.azure_workspaces import AzureWorkspaces
    from auditor.cleanup.results import ItemResult


def restore_plan(path: Path, asked: RunRequest, terminal: Terminal) -> ExitCode:
    """Restore what a plan deleted and return the exit code; raises `CommandFailed` (exit 22) without its journal."""
    ending = Ending(
        "stopped; run the same command again to restore the rest",
        lambda results: (
            "" if results else f"the journal `{journal_of(path).name}` contains nothing that this plan deleted"
        ),
    )
    return run_over(path, asked, terminal, _restore, ending)


def _restore(run: OpenRun) -> "tuple[ItemResult, ...]":
    from auditor.cleanup.admission import NotAdmitted
    from auditor.cleanup.azure_workspaces import recoveries
    from auditor.cleanup.restore import Restoration, deleted_by
    from auditor.cleanup.results import RunEnd
    from auditor.cleanup.workspace_id import WorkspaceId

    if not run.journal.entries:
        raise NotAdmitted(
            RunEnd.REFUSED,
            f"the journal `{run.held.journal.name}` beside the plan is missing or empty: `cleanup apply` did nothing "
            "with this plan here, or the journal was moved; put it beside the plan, or recover each workspace with the "
            f"command that `migaudit cleanup script {quote(str(run.held.path))}` has for it",
        )
    wanted = deleted_by(run.journal, run.items)
    if not wanted:
        return ()

    async def work(_azure: "Azure", _identity: "Identity", cloud: "AzureWorkspaces") -> "tuple[ItemResult, ...]":
        restoration = Restoration(cloud=cloud, journal=run.journal, dry_run=run.asked.dry_run, tell=run.tell)
        return await restoration.run(wanted)

    saved = [one for item in wanted for one in item.lost_for_good]
    return run.in_azure(recoveries((WorkspaceId.parse(item.id) for item in wanted), saved), work)
