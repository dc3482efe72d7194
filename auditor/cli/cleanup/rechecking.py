"""What `cleanup apply` reads again: the rights before anybody is asked, and each workspace before it is deleted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.azure.errors import ReadFailed
from auditor.cli.environment.progress import watching
from auditor.cli.environment.reading import context_of
from auditor.cli.terminal import Terminal
from auditor.collect.recheck import WorkspaceReader
from auditor.collect.request import BadRequest

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.cleanup.plan import Item, Looked
    from auditor.cleanup.results import ItemResult
    from auditor.cleanup.workspace_id import WorkspaceId
    from auditor.facts.estate.environment import Context


class Recheck:
    """Reads again, in all subscriptions that a plan covers, what its items depend on."""

    def __init__(self, azure: "Azure", looked: "Looked", terminal: Terminal) -> None:
        self._reader = WorkspaceReader(azure, looked.subscriptions)
        self._terminal = terminal

    async def reread(self, workspace: "WorkspaceId") -> "Context":
        """Return the context of a workspace and its uses; raises `ReadFailed` where a subscription is gone."""
        self._terminal.detail(f"reading `{workspace.name}` and its uses again")
        try:
            with watching(self._terminal) as progress:
                return context_of(await self._reader.read(workspace.text, progress))
        except BadRequest as gone:
            raise ReadFailed(404, "ScopeGone", str(gone), workspace.subscription_id) from gone

    async def lacking_for(self, principal_id: str, items: "Sequence[Item]") -> "dict[str, ItemResult]":
        """Return the results of the items that the account certainly may not delete; none where that is not known."""
        from auditor.cleanup.apply import lacking_for

        if not items:
            return {}
        try:
            with watching(self._terminal) as progress:
                snapshot = await self._reader.read_rights([item.id for item in items], progress)
        except BadRequest:  # said of each item when it is read again
            return {}
        return lacking_for(context_of(snapshot), principal_id, items)
