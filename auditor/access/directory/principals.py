"""Who a principal is for Azure: itself and its groups, each surely or perhaps, and how it came to belong to them."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from auditor.access.pim import NO_LICENCE
from auditor.access.verdicts import Reason, ReasonKind
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DIRECTORY_OBJECTS, GROUP_ELIGIBILITIES, GROUPS, MEMBERSHIPS, SERVICE_PRINCIPALS
from auditor.inventory.reads import MALFORMED, NOT_READ, Gap
from auditor.inventory.resources.authorization import FOREIGN_GROUP
from auditor.inventory.resources.directory import Application, Group, ServicePrincipal, User
from auditor.inventory.snapshot.records import GraphRecord

EVERYONE = "00000000-0000-0000-0000-000000000000"
_ELIGIBLE_MEMBER = "#microsoft.graph.privilegedaccessgroupeligibilityscheduleinstance"
_NOT_GROUPS = frozenset({"user", "serviceprincipal", "device", "systemdefined", "everyone"})


@dataclass(frozen=True, slots=True)
class PrincipalIdentities:
    """A principal with its groups.

    `sure`, `perhaps` and `eligible` map an object id to the groups it is reached through (none for the principal);
    `gaps` say why further groups may be missing; `held` whether the directory object itself was read.
    """

    principal: str
    held: bool
    sure: dict[str, tuple[str, ...]]
    perhaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    eligible: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()


class _Eligible(msgspec.Struct, frozen=True, rename="camel"):
    principal_id: str | None = None
    group_id: str | None = None
    access_id: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None


class Principals:
    """The directory as far as access needs it."""

    def __init__(self, inventory: Inventory) -> None:
        """Index eligible group memberships; memberships themselves are asked of the inventory."""
        self._inventory = inventory
        self._known: dict[str, PrincipalIdentities] = {}
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
        member = (instance.access_id or "member").lower() == "member"  # owners of a group do not get its roles
        if member and begun and (ends is None or self._inventory.now < ends):
            self._eligible_groups[(instance.principal_id or "").lower()].append((instance.group_id or "").lower())

    def identities(self, principal_id: str) -> PrincipalIdentities:
        """Return a principal (an object id, or an id of its application) with its groups."""
        key = self.resolved(principal_id)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._gathered(key)
        return found

    def resolved(self, principal_id: str) -> str:
        """Return the object id that assignments use: an application's ids become its service principal's."""
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
        offered = {group: (group,) for member in members for group in self._eligible_groups.get(member, ())}
        eligible = _without(self._reach(offered, through_open=False), sure, perhaps)
        perhaps |= _without(self._reach(offered, through_open=True), sure, eligible)
        gaps = self._inventory.gaps(MEMBERSHIPS, key)
        if self._inventory.object(key) is None:  # it may be the app id of a service principal that was not read
            gaps = (*gaps, *self._refused(SERVICE_PRINCIPALS, key))
        return PrincipalIdentities(key, self._inventory.object(key) is not None, sure, perhaps, eligible, gaps)

    def _reach(self, starts: Mapping[str, tuple[str, ...]], *, through_open: bool) -> dict[str, tuple[str, ...]]:
        """Everything at and above `starts` with the shortest way there; groups that may not count only if asked."""
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
        """Whether it is not documented that Azure roles reach the members of this group: it is one of Microsoft 365.

        A group that could not be read may be one.
        """
        held = self._inventory.object(object_id)
        if isinstance(held, Group):
            return held.security_enabled is not True and (held.security_enabled is False or bool(self._unread(held.id)))
        if held is not None:
            return False
        return bool(self._unread(object_id) if is_group else self._refused(GROUPS, object_id))

    def _unread(self, group: str) -> tuple[Gap, ...]:
        """The refused reads that hide what kind of group it is."""
        return (*self._refused(GROUPS, group), *self._refused(DIRECTORY_OBJECTS, group))

    def _refused(self, what: str, scope: str) -> tuple[Gap, ...]:
        return tuple(gap for gap in self._inventory.gaps(what, scope) if gap.code != NOT_READ)

    def unread_offers(self, identities: PrincipalIdentities) -> Iterator[Gap]:
        """Return the refused reads of the groups that the principal, or a group of it, may become a member of.

        Also of the groups that those belong to. That nobody asked for them is no refusal, and without the licence for
        PIM there are none.
        """
        yield from self.malformed
        for member in (*identities.sure, *identities.perhaps):
            for gap in self._refused(GROUP_ELIGIBILITIES, member):
                if gap.code.lower() != NO_LICENCE:
                    yield gap
            for group in self._eligible_groups.get(member, ()):
                yield from self._refused(MEMBERSHIPS, group)

    def acts_as(self, identities: PrincipalIdentities, object_id: str, kind: str | None) -> bool | None:
        """Say whether the principal is, or belongs to, `object_id` of the type `kind`; None where that is not known."""
        key = object_id.strip().lower()
        if key in identities.sure:
            return True
        if key in identities.perhaps:
            return None
        if (kind or "").lower() == FOREIGN_GROUP:
            return False if identities.held else None  # members of another tenant's group cannot be read
        return None if identities.gaps and self.may_be_group(key, kind) else False

    def doubt(self, identities: PrincipalIdentities, object_id: str, kind: str | None) -> tuple[Gap, ...]:
        """Return why it is not known whether the principal acts as `object_id`."""
        key = object_id.strip().lower()
        if key in identities.perhaps:
            unread = self._unread(key)
            if unread and not isinstance(self._inventory.object(key), Group):
                return unread
            message = "the group is not security-enabled: whether Azure roles reach its members is not documented"
            return (Gap(GROUPS, key, 0, "Undocumented", message),)
        if (kind or "").lower() == FOREIGN_GROUP:
            message = (
                "the members of a group of another tenant cannot be read, and the account is not in this directory"
            )
            return (Gap(GROUPS, key, 0, "ForeignGroup", message),)
        return identities.gaps

    def may_be_group(self, object_id: str, kind: str | None) -> bool:
        """Say whether an object id can be a group's: by the type stated beside it, else by what the directory holds."""
        if (kind or "").lower() in _NOT_GROUPS:
            return False
        return not isinstance(self._inventory.object(object_id), User | ServicePrincipal)

    def reasons(self, identities: PrincipalIdentities, object_id: str) -> tuple[Reason, ...]:
        """Return how the principal comes to act as `object_id`; empty where they are the same."""
        if object_id in identities.eligible:
            path, kind, verb = identities.eligible[object_id], ReasonKind.GROUP_ELIGIBILITY, "may become a member"
        else:
            path = identities.sure.get(object_id) or identities.perhaps.get(object_id, ())
            kind, verb = ReasonKind.GROUP, "is a member"
        if not path:
            return ()
        names = " in ".join(f"`{self.name(group)}`" for group in path)
        return (Reason(kind, object_id, f"the account {verb} of {names}"),)

    def eligible_members(self, group: str) -> tuple[str, ...]:
        """Return who may activate a membership of `group` now (object ids in lower case)."""
        return tuple(member for member, groups in self._eligible_groups.items() if group in groups)

    def name(self, object_id: str) -> str:
        """Return the name to show for an object id."""
        held = self._inventory.object(object_id)
        return object_id if held is None else held.label


def _without(found: dict[str, tuple[str, ...]], *known: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {key: path for key, path in found.items() if not any(key in others for others in known)}
