"""How a soft-deleted workspace is brought back by hand, and for how long that works."""

from collections.abc import Callable, Iterator

from auditor.cleanup.quoting import bash_word
from auditor.cleanup.workspace_id import WorkspaceId

RECOVERABLE_DAYS = 14
"""How long a soft-deleted workspace can be recovered, in days."""


def recover_command(identity: WorkspaceId, word: Callable[[str], str] = bash_word) -> str:
    """Return the command that recovers a workspace, for the shell whose words `word` makes."""
    return (
        f"az monitor log-analytics workspace recover --subscription {word(identity.subscription)} "
        f"--resource-group {word(identity.group)} --workspace-name {word(identity.name)}"
    )


def look_commands(identity: WorkspaceId) -> Iterator[str]:
    """Yield the commands that show where a workspace is: live, or among the deleted ones."""
    place = f"--subscription {bash_word(identity.subscription)} --resource-group {bash_word(identity.group)}"
    yield f"az monitor log-analytics workspace show {place} --workspace-name {bash_word(identity.name)}"
    yield f"az monitor log-analytics workspace list-deleted-workspaces {place}"
