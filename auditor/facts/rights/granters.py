"""Who can do what a fix asks somebody else to do: the right that it takes, in words, and the accounts that have it."""

from collections.abc import Iterable

from auditor.access.access import Access
from auditor.access.verdicts import AccessVerdict
from auditor.facts.entities.accounts import may_sign_in
from auditor.facts.entities.applications import users_that_own
from auditor.facts.estate.environment import Context
from auditor.facts.subject import listed
from auditor.inventory.arm_id import ArmId

ADMINISTRATOR = "an Owner, User Access Administrator or Role Based Access Control Administrator there"
ASSIGNS = "Microsoft.Authorization/roleAssignments/write"
"""The right that it takes to assign a role."""
MOST = 3
"""Maximum number of accounts named."""
_PEOPLE = frozenset({"User", "Group"})


def granters(access: Access, roles: str, action: str, scope: str, *, besides: str) -> str:
    """Return who may do `action` at `scope`: the usual `roles` in words, and who was read that may.

    Only users and groups whose names were read are named, without the account `besides`.
    """
    found = access.who_can(action, ArmId.parse(scope))
    names = [
        one.name
        for one in found.holders
        if one.kind in _PEOPLE
        and one.answer.verdict is AccessVerdict.ALLOW
        and one.name.lower() != one.principal.lower()
        and one.principal.lower() != besides.lower()
        and not may_sign_in(access.inventory, one.principal).is_false
    ]
    open_ = "; not everything that tells who has it could be read" if found.at_least and not names else ""
    return f"{roles}: it takes the right `{action}`{_known(names)}{open_}"


def owners_or(context: Context, roles: str, app_id: str, *, besides: str) -> str:
    """Return who may change an application: `roles` in words, and its owners by name."""
    owners = [
        one.label
        for one in users_that_own(context, app_id)
        if one.id.lower() != besides.lower() and not may_sign_in(context.inventory, one.id).is_false
    ]
    return f"{roles}, or an owner of the application{_known(owners)}"


def _known(names: Iterable[str]) -> str:
    held = list(names)
    if not held:
        return ""
    more = f" and {len(held) - MOST:,} more" if len(held) > MOST else ""
    return f"; of those that were read: {listed(held[:MOST])}{more}"
