"""Caveats of an answer about access: an action that does not exist, a scope that was not seen, a foreign account."""

from collections.abc import Mapping
from dataclasses import replace

from auditor.access.access import Access
from auditor.access.operations import is_operation, known_operations
from auditor.access.rbac.patterns import normalized
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane
from auditor.access.who_can import WhoCan
from auditor.facts.rights.steps import steps
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import MANAGEMENT_GROUPS, USERS
from auditor.inventory.operations import is_published, providers
from auditor.inventory.reads import NOT_PUBLISHED, Gap
from auditor.library.accounts import is_foreign_address
from auditor.nearest import did_you_mean


def operations_known(access: Access) -> Mapping[str, str]:
    """Return the operations that roles and the steps of Azure Migrate name, by their normal form."""
    needed = [operation for step in steps().values() for need in step.needs for operation in need.one_of]
    return known_operations(access.roles, needed)


def _unless_no_operation(answer: AccessAnswer, action: str, plane: Plane, access: Access) -> AccessAnswer:
    """Return the answer; it is unknown for an action that its provider does not publish, whatever a wildcard grants."""
    gap = no_operation(action, plane, operations_known(access))
    return answer if gap is None else replace(answer, verdict=AccessVerdict.UNKNOWN, because=(), gaps=(gap,))


def _nobody_if_no_operation(found: WhoCan, action: str, plane: Plane, access: Access) -> WhoCan:
    """Return the holders; nobody is known to hold an action that its provider does not publish."""
    gap = no_operation(action, plane, operations_known(access))
    return found if gap is None else replace(found, holders=(), gaps=(gap,))


def no_operation(action: str, plane: Plane, known: Mapping[str, str]) -> Gap | None:
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


def _unless_scope_unseen(answer: AccessAnswer, scope: ArmId, inventory: Inventory) -> AccessAnswer:
    """Return the answer; `deny` becomes unknown at a management group that was not seen: nor were its grants."""
    gap = _scope_gap(scope, inventory)
    if gap is None or answer.verdict not in {AccessVerdict.DENY, AccessVerdict.UNKNOWN}:
        return answer
    because = () if answer.verdict is AccessVerdict.DENY else answer.because
    return replace(answer, verdict=AccessVerdict.UNKNOWN, because=because, gaps=(gap, *answer.gaps))


def _at_least_if_scope_unseen(found: WhoCan, scope: ArmId, inventory: Inventory) -> WhoCan:
    """Return the holders; at a management group that was not seen there may be more."""
    gap = _scope_gap(scope, inventory)
    return found if gap is None else replace(found, gaps=(gap, *found.gaps))


def _scope_gap(scope: ArmId, inventory: Inventory) -> Gap | None:
    """Return the gap for a management group that is missing from the list; None for any other scope.

    Azure lists only the groups that the caller may see, without an error, so a missing group need not be absent.
    """
    group = scope.management_group
    if group is None or inventory.get(scope) is not None or group.lower() == inventory.tenant_id.lower():
        return None
    message = "no such management group was seen: it does not exist, or the reader may not see it"
    return Gap(MANAGEMENT_GROUPS, str(scope), 0, "NotSeen", message, f"{MANAGEMENT_GROUPS}/read")


def _answer_about(access: Access, principal: str, action: str, scope: ArmId, plane: Plane) -> AccessAnswer:
    """Return the engine's answer; it is unknown for an account of another tenant."""
    if access.inventory.object(principal) is None and is_foreign_address(access.inventory, principal):
        message = "the account belongs to another tenant: which object represents it here, if any, cannot be read"
        return AccessAnswer(AccessVerdict.UNKNOWN, (), (Gap(USERS, principal, 0, "OtherTenant", message),))
    return access.can(principal, action, scope, plane)


def answer_of(access: Access, principal: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> AccessAnswer:
    """Return the engine's answer with all caveats."""
    answer = _unless_scope_unseen(_answer_about(access, principal, action, scope, plane), scope, access.inventory)
    return _unless_no_operation(answer, action, plane, access)


def holders_of(access: Access, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> WhoCan:
    """Return who the engine says is granted `action` at `scope`, with all caveats."""
    found = _at_least_if_scope_unseen(access.who_can(action, scope, plane), scope, access.inventory)
    return _nobody_if_no_operation(found, action, plane, access)
