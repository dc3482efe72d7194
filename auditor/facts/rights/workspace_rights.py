"""The rights to delete a workspace and to recover it, checked with the access engine."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.access.verdicts import AccessVerdict
from auditor.facts.estate.environment import Context
from auditor.inventory.arm_id import arm_id

DELETE = "Microsoft.OperationalInsights/workspaces/delete"
RECOVER = "Microsoft.OperationalInsights/workspaces/write"


@dataclass(frozen=True, slots=True)
class LackingRights:
    """An action that is not certainly allowed at a scope; `unread` names the gaps that hide the answer."""

    action: str
    scope: str
    verdict: str
    unread: tuple[str, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether the account certainly does not have it."""
        return self.verdict == AccessVerdict.DENY.value


def lacking_rights(context: Context, principal_id: str, wanted: Iterable[tuple[str, str]]) -> tuple[LackingRights, ...]:
    """Return the `wanted` pairs of action and ARM id that are not certainly allowed; empty if all are.

    No action is certainly allowed at a scope that is not an ARM id.
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
