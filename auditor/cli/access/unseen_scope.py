"""What can be said about a management group that whoever read the environment may not have been let to see."""

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.access.verdicts import AccessAnswer, AccessVerdict
from auditor.access.who_can import WhoCan
from auditor.inventory.lists import MANAGEMENT_GROUPS
from auditor.inventory.reads import Gap

if TYPE_CHECKING:
    from auditor.inventory.arm_id import ArmId
    from auditor.inventory.inventory import Inventory


def seen(answer: AccessAnswer, scope: "ArmId", inventory: "Inventory") -> AccessAnswer:
    """Return the answer; a `deny` at a management group that was not seen is unknown: nor were its grants."""
    gap = _unseen(scope, inventory)
    if gap is None or answer.verdict not in {AccessVerdict.DENY, AccessVerdict.UNKNOWN}:
        return answer
    because = () if answer.verdict is AccessVerdict.DENY else answer.because
    return replace(answer, verdict=AccessVerdict.UNKNOWN, because=because, gaps=(gap, *answer.gaps))


def holders_seen(found: WhoCan, scope: "ArmId", inventory: "Inventory") -> WhoCan:
    """Return the holders; at a management group that was not seen they are *at least these*."""
    gap = _unseen(scope, inventory)
    return found if gap is None else replace(found, gaps=(gap, *found.gaps))


def _unseen(scope: "ArmId", inventory: "Inventory") -> Gap | None:
    """Azure lists the groups that the caller may see, without an error: that one is missing proves nothing."""
    group = scope.management_group
    if group is None or inventory.get(scope) is not None or group.lower() == inventory.tenant_id.lower():
        return None
    message = "no such management group was seen: there is none, or whoever read may not see it"
    return Gap(MANAGEMENT_GROUPS, str(scope), 0, "NotSeen", message, f"{MANAGEMENT_GROUPS}/read")
