"""Commands as text: words quoted for a shell, and how a deleted workspace is brought back by hand."""

from collections.abc import Callable, Iterator

from auditor.cleanup.workspace_id import WorkspaceId

_POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"
"""PowerShell takes typographic single quotes for quotes too."""


def bash_word(text: str) -> str:
    """Return `text` as one literal word for bash and its like."""
    return "'" + text.replace("'", "'\\''") + "'"


def powershell_word(text: str) -> str:
    """Return `text` as one literal word for PowerShell."""
    return "'" + "".join(letter * 2 if letter in _POWERSHELL_QUOTES else letter for letter in text) + "'"


def comment(text: str) -> str:
    """Return `text` on one line, so that it cannot end the comment that it stands in."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


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
