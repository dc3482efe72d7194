"""One connection for a whole run of `cleanup apply` or `cleanup restore`, also used to read workspaces again."""

from typing import TYPE_CHECKING

from auditor.cli.environment.progress import watching
from auditor.cli.environment.reading import context_of
from auditor.cli.terminal import Terminal

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
