"""The doubt in lists from which the rights of the signed-in account leave something out.

Azure leaves out of a filtered list, without an error, what the account may not read. A role that reads nearly
everything, or a deny assignment, takes single types away while no list at all is refused.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from auditor.access.withheld_reads import WithheldReads, covered
from auditor.collect.listing import Listing, Tracked
from auditor.collect.readers.group_roles import guid_of, role_in
from auditor.collect.recording import Recording, typed
from auditor.inventory.lists import ROLE_ASSIGNMENTS
from auditor.inventory.reads import BY_READER, ONLY_READABLE, Gap
from auditor.inventory.resources.authorization import DenyAssignment, RoleDefinition

_WORDS = "Azure lists here only what the account may read, and its roles and deny assignments take a part of it away"


def doubt_withheld(recording: Recording, subscriptions: Sequence[str], filtered: Iterable[Listing | Tracked]) -> None:
    """Turn the reads of `filtered` lists into gaps where the account's own rights may leave something out of them.

    An account of which no right is seen in a subscription, as with Azure Lighthouse, is judged by denials alone.
    """
    if recording.header is None:
        return
    needs = {one.what: one.needs[0] for one in filtered if one.needs[0] != BY_READER}
    account = recording.header.by.object_id.lower()
    if not _may_withhold(recording, account, frozenset(needs.values())):
        return
    reads = WithheldReads(recording.snapshot(), account)
    for subscription in subscriptions:
        withheld = reads.of(needs.values(), subscription)
        for what, need in needs.items():
            if need in withheld and recording.is_complete(what, subscription):
                recording.gap(Gap(what, subscription, 200, ONLY_READABLE, _WORDS, need))


def _may_withhold(recording: Recording, account: str, needs: Collection[str]) -> bool:
    """Return whether any deny assignment, or any role that the account or a group of it holds, takes a right away.

    It looks at the few things that decide it, so that a scan by an ordinary reader costs nothing more.
    """
    if any(covered(one.properties.permissions, needs) for one in typed(recording, DenyAssignment)):
        return True
    held = _held_roles(recording, account)
    return any(
        len(covered(role.properties.permissions, needs)) < len(needs)
        for role in (typed(recording, RoleDefinition) if held else ())
        if guid_of(role.id) in held
    )


def _held_roles(recording: Recording, account: str) -> frozenset[str]:
    """Return the GUIDs (lower case) of the roles that are assigned to the account or a group of it anywhere."""
    groups = (link.to.lower() for link in recording.links("transitiveMemberOf") if link.from_.lower() == account)
    own = [identity.encode() for identity in (account, *groups)]
    found = set[str]()
    for record in recording.records(ROLE_ASSIGNMENTS.lower()):
        body = record.body.lower()
        if any(identity in body for identity in own):
            found.add(role_in(msgspec.json.decode(record.body, type=dict[str, object])))
    return frozenset(found)
