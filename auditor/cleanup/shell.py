"""Shell commands as text: quoting for bash, and the commands that recover or show a workspace."""

from collections.abc import Callable, Iterator

from auditor.cleanup.workspace_id import WorkspaceId

RECOVERABLE_DAYS = 14
"""The time in which a soft-deleted workspace can be recovered, in days."""


def bash_word(text: str) -> str:
    """Return `text` as one literal word for bash and similar shells."""
    return "'" + text.replace("'", "'\\''") + "'"


def comment(text: str) -> str:
    """Return `text` on one line, so that it cannot end the comment that it stands in, nor command a build server.

    Azure Pipelines and TeamCity carry out what follows two signs `#` in whatever a job prints.
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text.replace("##", "#?"))


def recover_command(identity: WorkspaceId, word: Callable[[str], str] = bash_word) -> str:
    """Return the command that recovers a workspace; `word` quotes for the shell."""
    return (
        f"az monitor log-analytics workspace recover --subscription {word(identity.subscription)} "
        f"--resource-group {word(identity.group)} --workspace-name {word(identity.name)}"
    )


def replication_off_command(identity: str) -> str:
    """Return the command that turns off the replication of a workspace to another region."""
    version = "--api-version 2025-07-01"
    return f"az resource update --ids {bash_word(identity)} {version} --set properties.replication.enabled=false"


def look_commands(identity: WorkspaceId) -> Iterator[str]:
    """Yield the commands that show whether a workspace is live or among the deleted ones."""
    place = f"--subscription {bash_word(identity.subscription)} --resource-group {bash_word(identity.group)}"
    yield f"az monitor log-analytics workspace show {place} --workspace-name {bash_word(identity.name)}"
    yield f"az monitor log-analytics workspace list-deleted-workspaces {place}"
