"""Whether an account surely has the rights to delete a workspace and bring it back, asked of the access engine."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.access.verdicts import AccessVerdict
from auditor.facts.estate.environment import Context
from auditor.facts.presence import arm_id

DELETE = "Microsoft.OperationalInsights/workspaces/delete"
RECOVER = "Microsoft.OperationalInsights/workspaces/write"


@dataclass(frozen=True, slots=True)
class LackingRights:
    """An action that the account was not found to have at a scope: `unread` names what hides whether it has it."""

    action: str
    scope: str
    verdict: str
    unread: tuple[str, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether the account surely does not have it."""
        return self.verdict == AccessVerdict.DENY.value


def lacking_rights(context: Context, principal_id: str, wanted: Iterable[tuple[str, str]]) -> tuple[LackingRights, ...]:
    """Return what the account lacks of the `wanted` actions, each at an ARM id; nothing unless all are surely allowed.

    At what is no ARM id nothing is surely allowed.
    """
    lacking = []
    for action, scope in wanted:
        place = arm_id(scope)
        if place is None:
            lacking.append(LackingRights(action, scope, AccessVerdict.UNKNOWN.value))
            continue
        answer = context.access.can(principal_id, action, place)
        if answer.verdict is not AccessVerdict.ALLOW:
            unread = tuple(sorted({f"{gap.what} at {gap.scope}" for gap in answer.gaps}))
            lacking.append(LackingRights(action, scope, answer.verdict.value, unread))
    return tuple(lacking)
