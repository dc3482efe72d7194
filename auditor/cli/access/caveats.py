"""Caveats of an answer about access: an action that does not exist, and a management group that was not seen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.access.access import Access
from auditor.access.operations import is_operation, known_operations, probable_slip
from auditor.access.rbac.patterns import normalized
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane
from auditor.access.who_can import WhoCan
from auditor.cli.terminal import Terminal
from auditor.facts.rights.steps import steps
from auditor.inventory.lists import MANAGEMENT_GROUPS
from auditor.inventory.operations import is_published, providers
from auditor.inventory.reads import NOT_PUBLISHED, Gap
from auditor.nearest import did_you_mean

if TYPE_CHECKING:
    from auditor.inventory.arm_id import ArmId
    from auditor.inventory.inventory import Inventory


def warn_about_action(action: str, plane: Plane, access: Access, terminal: Terminal) -> None:
    """Warn on stderr if `action` cannot exist, resembles a known one, or could not be checked."""
    known = _known(access)
    slip = probable_slip(action, known)
    meant = f"; did you mean `{slip}`?" if slip else ""
    gap = _no_operation(action, plane, known)
    if gap is not None:
        terminal.note(gap.message if "?" in gap.message else f"{gap.message}{meant}")
    elif is_published(action, data=plane is Plane.DATA) is None and normalized(action) not in known:
        provider = action.partition("/")[0]
        unlisted = (
            f"whether Azure has the action `{action}` was not checked: no complete list of `{provider}` is at hand"
        )
        terminal.note(f"{unlisted}{meant}")


def _known(access: Access) -> Mapping[str, str]:
    needed = [operation for step in steps().values() for need in step.needs for operation in need.one_of]
    return known_operations(access.roles, needed)


def unless_no_operation(answer: AccessAnswer, action: str, plane: Plane, access: Access) -> AccessAnswer:
    """Return the answer; it is unknown for an action that its provider does not publish, whatever a wildcard grants."""
    gap = _no_operation(action, plane, _known(access))
    return answer if gap is None else replace(answer, verdict=AccessVerdict.UNKNOWN, because=(), gaps=(gap,))


def nobody_if_no_operation(found: WhoCan, action: str, plane: Plane, access: Access) -> WhoCan:
    """Return the holders; nobody is known to hold an action that its provider does not publish."""
    gap = _no_operation(action, plane, _known(access))
    return found if gap is None else replace(found, holders=(), gaps=(gap,))


def _no_operation(action: str, plane: Plane, known: Mapping[str, str]) -> Gap | None:
    """Return the gap for an action that its provider does not publish; None if it does, or if no list says so.

    An action that a role names in full exists: Azure refuses roles with others.
    """
    data = plane is Plane.DATA
    if is_published(action, data=data) is not False:
        return None if is_operation(action) or "*" in action else Gap(action, "/", 0, NOT_PUBLISHED, _formless(action))
    if is_published(action, data=not data):
        kind, option = ("control-plane", "--action") if data else ("data", "--data-action")
        return Gap(action, "/", 0, NOT_PUBLISHED, f"`{action}` is a {kind} action: ask with `{option}`")
    if normalized(action) in known:
        return None
    provider = providers()[action.strip().lower().partition("/")[0]]
    meant = did_you_mean(action, provider.data_actions if data else provider.actions, most=1)
    what = (
        f"{'data' if data else 'control-plane'} action that `{provider.provider}` publishes (list of {provider.date})"
    )
    return Gap(action, "/", 0, NOT_PUBLISHED, f"`{action}` is no {what}{meant}")


def _formless(action: str) -> str:
    form = "an action is written `Provider.Name/type/…` and ends in read, write, delete or action"
    return f"`{action}` cannot be the action of any resource provider: {form}"


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
