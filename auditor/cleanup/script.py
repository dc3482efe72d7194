"""The plan as a script for the Azure CLI: one guarded step per item with its recovery command, stopping on errors."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from string import Template

from auditor.cleanup.plan import CleanupPlan, Item
from auditor.cleanup.shell import RECOVERABLE_DAYS, bash_word, comment, recover_command
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.shells import powershell_word


class Shell(Enum):
    """The shells that a script can be written for."""

    BASH = "bash"
    POWERSHELL = "powershell"


@dataclass(frozen=True, slots=True)
class _Dialect:
    frame: str
    call: str
    word: Callable[[str], str]


_DIALECTS = {
    Shell.BASH: _Dialect("frame.sh", "remove", bash_word),
    Shell.POWERSHELL: _Dialect("frame.ps1", "Remove-LeftBehind", powershell_word),
}


def call_of(shell: Shell) -> str:
    """Return the first word of the line of a script that deletes an item."""
    return _DIALECTS[shell].call


def script(plan: CleanupPlan, shell: Shell) -> str:
    """Return the script that soft-deletes the items of the plan.

    Each step first checks whether the workspace is still the one that was judged, and stops the script if it is not.
    Workspaces that are already deleted are skipped, so the script can be run again.
    """
    dialect = _DIALECTS[shell]
    steps = [_step(item, number, len(plan.deletions), dialect) for number, item in enumerate(plan.deletions, start=1)]
    frame = files("auditor.cleanup").joinpath(dialect.frame).read_text(encoding="utf-8")
    return Template(frame).substitute(
        count=len(plan.deletions),
        made=f"{plan.created_at:%Y-%m-%d %H:%M} UTC",
        days=RECOVERABLE_DAYS,
        tenant=dialect.word(plan.tenant_id),
        steps="\n\n".join(steps) or "# The plan deletes nothing.",
    )


def _step(item: Item, number: int, count: int, dialect: _Dialect) -> str:
    identity = WorkspaceId.parse(item.id)
    arguments = (identity.subscription, identity.group, identity.name, str(item.rests_on["customerId"]), _look(item))
    return "\n".join(
        [
            f"# {number} of {count}: {identity.name} ({comment(item.name)})",
            *(f"#   {line}" for line in _losses(item)),
            f"#   recover: {recover_command(identity, dialect.word)}",
            " ".join([dialect.call, *map(dialect.word, arguments)]),
        ]
    )


def _losses(item: Item) -> list[str]:
    return [f"lost for good: the {one.kind} {comment(one.id.rpartition('/')[2])}" for one in item.lost_for_good]


def _look(item: Item) -> str:
    """Return the expected answer to the query in the frame: JMESPath's `to_string` of each field."""
    fields = (item.rests_on.get(name) for name in ("customerId", "createdDate", "sku", "retentionInDays"))
    return " ".join("null" if field is None else str(field) for field in fields)
