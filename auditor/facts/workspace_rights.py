"""Whether an account may delete a workspace and bring it back, asked of the access engine."""

from dataclasses import dataclass

from auditor.access.verdicts import Verdict
from auditor.facts.context import Context
from auditor.inventory.arm_id import ArmId

DELETE = "Microsoft.OperationalInsights/workspaces/delete"
RECOVER = "Microsoft.OperationalInsights/workspaces/write"


@dataclass(frozen=True, slots=True)
class Lacking:
    """An action that the account was not found to have: `unread` names what hides whether it has it."""

    action: str
    verdict: str
    unread: tuple[str, ...] = ()


def lacking_rights(context: Context, principal_id: str, workspace: str) -> tuple[Lacking, ...]:
    """Return what the account lacks to delete `workspace` and to recover it; nothing unless both are surely allowed."""
    scope = ArmId.parse(workspace)
    lacking = []
    for action in (DELETE, RECOVER):
        answer = context.access.can(principal_id, action, scope)
        if answer.verdict is not Verdict.ALLOW:
            unread = tuple(sorted({f"{gap.what} at {gap.scope}" for gap in answer.gaps}))
            lacking.append(Lacking(action, answer.verdict.value, unread))
    return tuple(lacking)
