"""How a soft-deleted workspace is brought back by hand, and for how long that works."""

from collections.abc import Callable

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
