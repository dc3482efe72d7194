"""The members of a group that is asked about as an account: what each may do as a user, and whether all agree.

A group does not sign in, owns nothing and is no guest: what depends on that is a matter of its members. It is decided
for the group only if its membership was read completely and holds for every member alike.
"""

from collections.abc import Callable

from auditor.access.verdicts import AccessAnswer, AccessVerdict, answer
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import GROUP_MEMBERS, GROUPS, MEMBERSHIPS
from auditor.inventory.reads import DEPENDS_ON_MEMBER, NOT_READ, Gap
from auditor.inventory.resources.directory import Group, ServicePrincipal, User

_MOST_MEMBERS = 500
"""So many members are asked about one by one; of more, hardly all are alike."""


def is_group(inventory: Inventory, principal: str) -> bool:
    """Return whether the directory holds the principal as a group, or may: as one that was not read."""
    held = inventory.object(principal)
    return isinstance(held, Group) or (held is None and bool(inventory.gaps(GROUPS, principal)))


def members_of(inventory: Inventory, group: str) -> tuple[str, ...]:
    """Return the users and service principals in a group and in the groups inside it, by object id.

    Empty where one of them may be missing: a membership was not read, is hidden, or leads to an unread object.
    """
    refused = any(gap.code != NOT_READ for gap in inventory.gaps(MEMBERSHIPS, "/"))
    if refused or inventory.gaps(GROUP_MEMBERS, group):  # the list of a group contains the members of those inside it
        return ()
    found: dict[str, None] = {}
    waiting, seen = [group.lower()], {group.lower()}
    while waiting:
        key = waiting.pop()
        held = inventory.object(key)
        if isinstance(held, Group):
            linked = [link.from_.lower() for link in inventory.links_to("transitiveMemberOf", key)]
            if held.hides_members and not linked:
                return ()
            waiting.extend(member for member in linked if member not in seen)
            seen.update(linked)
        elif isinstance(held, User | ServicePrincipal):
            found[key] = None
        else:
            return ()
    return tuple(sorted(found)) if len(found) <= _MOST_MEMBERS else ()


def by_member(inventory: Inventory, group: str, ask: Callable[[str], AccessAnswer], what: str) -> AccessAnswer:
    """Return the answer that `ask` gives for every member of a group; unknown where they differ or were not read."""
    each = [ask(member) for member in members_of(inventory, group)]
    verdicts = {one.verdict for one in each}
    if verdicts != {AccessVerdict.UNKNOWN} and len(verdicts) == 1:
        reasons, notes = (item for one in each for item in one.because), (note for one in each for note in one.notes)
        return answer(each[0].verdict, reasons, (gap for one in each for gap in one.gaps), notes)
    alike = verdicts == {AccessVerdict.UNKNOWN}
    refused = [gap for one in each for gap in one.gaps if alike and gap.code != NOT_READ]
    return answer(AccessVerdict.UNKNOWN, (), (depends_on_member(group, what), *refused))


def depends_on_member(group: str, what: str) -> Gap:
    """Return the gap of a question about a group whose answer is a matter of the member; `what` is that in words."""
    return Gap(GROUPS, group, 0, DEPENDS_ON_MEMBER, f"{what} depends on the member: ask about the member by name")
