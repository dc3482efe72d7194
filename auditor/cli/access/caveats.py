"""Caveats of an answer about access: a misspelt action, and a management group that the reader could not see."""

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.access.access import Access
from auditor.access.operations import is_operation, known_operations, probable_slip
from auditor.access.verdicts import AccessAnswer, AccessVerdict
from auditor.access.who_can import WhoCan
from auditor.cli.terminal import Terminal
from auditor.facts.rights.steps import steps
from auditor.inventory.lists import MANAGEMENT_GROUPS
from auditor.inventory.reads import Gap

if TYPE_CHECKING:
    from auditor.inventory.arm_id import ArmId
    from auditor.inventory.inventory import Inventory


def warn_about_action(action: str, access: Access, terminal: Terminal) -> None:
    """Warn on stderr if `action` cannot exist or resembles a known one; the question is still asked as given."""
    needed = [operation for step in steps().values() for need in step.needs for operation in need.one_of]
    slip = probable_slip(action, known_operations(access.roles, needed))
    meant = f"; did you mean `{slip}`?" if slip else ""
    if not is_operation(action):
        form = "an action is written `Provider.Name/type/…` and ends in read, write, delete or action"
        terminal.note(f"`{action}` cannot be the action of any resource provider: {form}{meant}")
    elif slip:
        terminal.note(f"no role that was read contains the action `{action}`{meant}")


def unless_scope_unseen(answer: AccessAnswer, scope: "ArmId", inventory: "Inventory") -> AccessAnswer:
    """Return the answer; `deny` becomes unknown at a management group that was not seen: nor were its grants."""
    gap = _scope_gap(scope, inventory)
    if gap is None or answer.verdict not in {AccessVerdict.DENY, AccessVerdict.UNKNOWN}:
        return answer
    because = () if answer.verdict is AccessVerdict.DENY else answer.because
    return replace(answer, verdict=AccessVerdict.UNKNOWN, because=because, gaps=(gap, *answer.gaps))


def at_least_if_scope_unseen(found: WhoCan, scope: "ArmId", inventory: "Inventory") -> WhoCan:
    """Return the holders; at a management group that was not seen there may be more."""
    gap = _scope_gap(scope, inventory)
    return found if gap is None else replace(found, gaps=(gap, *found.gaps))


def _scope_gap(scope: "ArmId", inventory: "Inventory") -> Gap | None:
    """Return the gap for a management group that is missing from the list; None for any other scope.

    Azure lists only the groups that the caller may see, without an error, so a missing group need not be absent.
    """
    group = scope.management_group
    if group is None or inventory.get(scope) is not None or group.lower() == inventory.tenant_id.lower():
        return None
    message = "no such management group was seen: it does not exist, or the reader may not see it"
    return Gap(MANAGEMENT_GROUPS, str(scope), 0, "NotSeen", message, f"{MANAGEMENT_GROUPS}/read")
