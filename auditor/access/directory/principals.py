"""The identities of a principal: itself and its groups, certain or possible, with the path of memberships."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from auditor.access.pim import NO_LICENCE
from auditor.access.verdicts import Reason, ReasonKind
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    DIRECTORY_OBJECTS,
    GROUP_ELIGIBILITIES,
    GROUP_MEMBERS,
    GROUPS,
    HIDDEN_MEMBERS,
    MEMBERSHIPS,
    SERVICE_PRINCIPALS,
)
from auditor.inventory.reads import HIDDEN, MALFORMED, NOT_READ, UNDOCUMENTED, Gap
from auditor.inventory.resources.authorization import FOREIGN_GROUP
from auditor.inventory.resources.directory import Application, Group, ServicePrincipal, User
from auditor.inventory.snapshot.records import GraphRecord

EVERYONE = "00000000-0000-0000-0000-000000000000"
_ELIGIBLE_MEMBER = "#microsoft.graph.privilegedaccessgroupeligibilityscheduleinstance"
_NOT_GROUPS = frozenset({"user", "serviceprincipal", "device", "systemdefined", "everyone"})


@dataclass(frozen=True, slots=True)
class PrincipalIdentities:
    """A principal with its groups.

    `sure`, `perhaps` and `eligible` map an object id to the path of groups that leads to it (empty for the principal).
    `groups` are the principal and all groups that certainly hold it, whether Azure roles reach through them or not.
    `gaps` say why further groups may be missing; `held` says whether the directory object itself was read.
    """

    principal: str
    held: bool
    sure: dict[str, tuple[str, ...]]
    perhaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    eligible: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    gaps: tuple[Gap, ...] = ()


class _Eligible(msgspec.Struct, frozen=True, rename="camel"):
    principal_id: str | None = None
    group_id: str | None = None
    access_id: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None


class Principals:
    """The principals of an inventory with their groups and eligible memberships."""

    def __init__(self, inventory: Inventory) -> None:
        """Index eligible group memberships; the inventory itself indexes standing ones."""
        self._inventory = inventory
        self._known: dict[str, PrincipalIdentities] = {}
        self._offers: dict[str, tuple[Gap, ...]] = {}
        self._eligible_groups: dict[str, list[str]] = defaultdict(list)
        self.malformed: list[Gap] = []
        for record in inventory.snapshot.graph:
            if record.odata_type.lower() == _ELIGIBLE_MEMBER and not record.deleted:
                self._take_eligible(record)

    def _take_eligible(self, record: GraphRecord) -> None:
        try:
            instance = msgspec.json.decode(record.body, type=_Eligible, strict=False)
        except msgspec.ValidationError as malformed:
            message = f"the body cannot be understood: {malformed}"
            self.malformed.append(Gap(GROUP_ELIGIBILITIES, record.id, 0, MALFORMED, message))
            return
        starts, ends = instant(instance.start_date_time), instant(instance.end_date_time)
        begun = starts is None or starts <= self._inventory.now
        member = (instance.access_id or "member").lower() == "member"  # the owners of a group do not get its roles
        if member and begun and (ends is None or self._inventory.now < ends):
            self._eligible_groups[(instance.principal_id or "").lower()].append((instance.group_id or "").lower())

    def identities(self, principal_id: str) -> PrincipalIdentities:
        """Return a principal with its groups; `principal_id` is its object id or an id of its application."""
        key = self.resolved(principal_id)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._gathered(key)
        return found

    def resolved(self, principal_id: str) -> str:
        """Return the object id that assignments use: for an id of an application, that of its service principal."""
        key = principal_id.strip().lower()
        if self._inventory.object(key) is not None and not isinstance(self._inventory.object(key), Application):
            return key
        return self._service_principals.get(key, key)

    @cached_property
    def _service_principals(self) -> dict[str, str]:
        by_app = {
            thing.app_id.lower(): thing.id.lower()
            for thing in self._inventory.objects(ServicePrincipal)
            if thing.app_id
        }
        applications = {
            thing.id.lower(): by_app[thing.app_id.lower()]
            for thing in self._inventory.objects(Application)
            if thing.app_id and thing.app_id.lower() in by_app
        }
        return by_app | applications

    def _gathered(self, key: str) -> PrincipalIdentities:
        sure = self._reach({key: ()}, through_open=False)
        perhaps = _without(self._reach({key: ()}, through_open=True), sure)
        members = (*sure, *perhaps)
        groups = frozenset(members)
        offered = {group: (group,) for member in members for group in self._eligible_groups.get(member, ())}
        eligible = _without(self._reach(offered, through_open=False), sure, perhaps)
        perhaps |= _without(self._reach(offered, through_open=True), sure, eligible)
        hidden = {group: (group,) for group in self._hiding if group != key}
        perhaps |= _without(self._reach(hidden, through_open=True), sure, eligible, perhaps)
        gaps = self._inventory.gaps(MEMBERSHIPS, key)
        if self._inventory.object(key) is None:  # it may be the app id of an unread service principal
            gaps = (*gaps, *self._refused(SERVICE_PRINCIPALS, key))
        return PrincipalIdentities(key, self._inventory.object(key) is not None, sure, perhaps, eligible, groups, gaps)

    def _reach(self, starts: Mapping[str, tuple[str, ...]], *, through_open: bool) -> dict[str, tuple[str, ...]]:
        """Return the groups at and above `starts` with the shortest path; `through_open` includes open groups."""
        found: dict[str, tuple[str, ...]] = {}
        waiting = deque(starts.items())
        while waiting:
            member, path = waiting.popleft()
            if member in found or (not through_open and self._is_open(member, is_group=bool(path))):
                continue
            found[member] = path
            for link in self._inventory.links("transitiveMemberOf", member):
                waiting.append((link.to.lower(), (*path, link.to.lower())))
        return found

    def _is_open(self, object_id: str, *, is_group: bool) -> bool:
        """Return whether a group is open, which means not security-enabled, as Microsoft 365 groups may be.

        It is not documented whether Azure roles apply to the members of an open group. An unread group may be open.
        """
        held = self._inventory.object(object_id)
        if isinstance(held, Group):
            return held.security_enabled is not True and (held.security_enabled is False or bool(self._unread(held.id)))
        if held is not None:
            return False
        return bool(self._unread(object_id) if is_group else self._refused(GROUPS, object_id))

    @cached_property
    def _hiding(self) -> tuple[str, ...]:
        """The groups (lower case) that hide their members, and none of whose members is known: anybody may be one."""
        hiding = (thing.id.lower() for thing in self._inventory.objects(Group) if thing.hides_members)
        return tuple(sorted(one for one in hiding if not self._inventory.links_to("transitiveMemberOf", one)))

    def hidden_members(self, group: str) -> tuple[Gap, ...]:
        """Return the gap of a group that hides its members from the reader; none for any other."""
        key = group.strip().lower()
        if key not in self._hiding:
            return ()
        message = "the group hides its members, and none was shown"
        return (Gap(GROUP_MEMBERS, key, 200, HIDDEN, message, HIDDEN_MEMBERS),)

    def _unread(self, group: str) -> tuple[Gap, ...]:
        """Return the refused reads that hide the kind of a group."""
        return (*self._refused(GROUPS, group), *self._refused(DIRECTORY_OBJECTS, group))

    def _refused(self, what: str, scope: str) -> tuple[Gap, ...]:
        return tuple(gap for gap in self._inventory.gaps(what, scope) if gap.code != NOT_READ)

    def unread_offers(self, identities: PrincipalIdentities) -> tuple[Gap, ...]:
        """Return the gaps in the groups that the principal and its groups may join, and in the groups above those.

        A list that was not requested is no gap here, nor is a refusal for want of the PIM licence.
        """
        found = self._offers.get(identities.principal)
        if found is None:
            found = self._offers[identities.principal] = tuple(self._found_offers(identities))
        return found

    def _found_offers(self, identities: PrincipalIdentities) -> Iterator[Gap]:
        yield from self.malformed
        for member in (*identities.sure, *identities.perhaps):
            for gap in self._refused(GROUP_ELIGIBILITIES, member):
                if gap.code.lower() != NO_LICENCE:
                    yield gap
            for group in self._eligible_groups.get(member, ()):
                yield from self._refused(MEMBERSHIPS, group)

    def acts_as(self, identities: PrincipalIdentities, object_id: str, kind: str | None) -> bool | None:
        """Return whether the principal is or belongs to `object_id` of the type `kind`; None where unknown."""
        key = object_id.strip().lower()
        if key in identities.sure:
            return True
        if key in identities.perhaps:
            return None
        if (kind or "").lower() == FOREIGN_GROUP:
            return False if identities.held else None  # members of another tenant's group cannot be read
        return None if identities.gaps and self.may_be_group(key, kind) else False

    def doubt(self, identities: PrincipalIdentities, object_id: str, kind: str | None) -> tuple[Gap, ...]:
        """Return the gaps that leave open whether the principal acts as `object_id`."""
        key = object_id.strip().lower()
        if key in identities.perhaps:
            hidden = self.hidden_members(identities.perhaps[key][0]) if identities.perhaps[key] else ()
            if hidden:
                return hidden
            unread = self._unread(key)
            if unread and not isinstance(self._inventory.object(key), Group):
                return unread
            message = "the group is not security-enabled: whether Azure roles apply to its members is not documented"
            return (Gap(GROUPS, key, 0, UNDOCUMENTED, message),)
        if (kind or "").lower() == FOREIGN_GROUP:
            message = (
                "the members of a group of another tenant cannot be read, and the account is not in this directory"
            )
            return (Gap(GROUPS, key, 0, "ForeignGroup", message),)
        return identities.gaps

    def may_be_group(self, object_id: str, kind: str | None) -> bool:
        """Return whether an object id can be a group's, by the stated type, otherwise by the directory object."""
        if (kind or "").lower() in _NOT_GROUPS:
            return False
        return not isinstance(self._inventory.object(object_id), User | ServicePrincipal)

    def reasons(self, identities: PrincipalIdentities, object_id: str) -> tuple[Reason, ...]:
        """Return the path of memberships to `object_id` as a reason; none where it is the principal itself."""
        if object_id in identities.eligible:
            path, kind, verb = identities.eligible[object_id], ReasonKind.GROUP_ELIGIBILITY, "may become a member"
        else:
            path = identities.sure.get(object_id) or identities.perhaps.get(object_id, ())
            hidden = bool(path) and bool(self.hidden_members(path[0]))
            kind, verb = ReasonKind.GROUP, "may be a hidden member" if hidden else "is a member"
        if not path:
            return ()
        names = " in ".join(f"`{self.name(group)}`" for group in path)
        return (Reason(kind, object_id, f"the account {verb} of {names}"),)

    def eligible_members(self, group: str) -> tuple[str, ...]:
        """Return the object ids (lower case) that may activate a membership of `group` now."""
        return tuple(member for member, groups in self._eligible_groups.items() if group in groups)

    def name(self, object_id: str) -> str:
        """Return the name to show for an object id."""
        held = self._inventory.object(object_id)
        return object_id if held is None else held.label


def _without(found: dict[str, tuple[str, ...]], *known: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {key: path for key, path in found.items() if not any(key in others for others in known)}
