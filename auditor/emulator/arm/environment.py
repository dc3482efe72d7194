"""The ARM data of one snapshot, indexed once for all ARM requests."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from auditor.emulator.arm.activity_log import ActivityLog
from auditor.emulator.arm.catalogue import BY_TYPE
from auditor.emulator.arm.index import ArmIndex
from auditor.emulator.arm.lag import Lag
from auditor.emulator.arm.management_groups import Hierarchy, ManagementGroups
from auditor.emulator.arm.role_definitions import RoleDefinitions
from auditor.emulator.arm.scopes import ScopedLists
from auditor.emulator.arm.target import RESOURCE_GROUP, SUBSCRIPTION, subscription_of
from auditor.emulator.refusals import Refusals
from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot

_SETTINGS = "microsoft.insights/diagnosticsettings"


def implied_resources(snapshot: Snapshot) -> Iterator[ArmId]:
    """Yield the top-level resources that diagnostic settings, or refused reads of them, belong to."""
    texts = [record.id.lower().rpartition("/providers/")[0] for record in snapshot.arm if _is_setting(record.id)]
    texts += [gap.scope for gap in snapshot.gaps if gap.what.lower() == _SETTINGS]
    for text in texts:
        resource = _top_level(text)
        if resource is not None:
            yield resource


def implied_parents(snapshot: Snapshot) -> Iterator[ArmRecord]:
    """Yield the resources, of which the snapshot holds only children, that Azure lists before those children."""
    children = [(record.type, record.id.rsplit("/", 2)[0]) for record in snapshot.arm if _has_parents(record.type)]
    # A list of children that was refused had a parent.
    children += [(gap.what, _unread_parent(gap)) for gap in snapshot.gaps if _has_parents(gap.what)]
    if not children:
        return
    held = {record.id.lower() for record in snapshot.arm}
    for what, identity in {identity.lower(): (what, identity) for what, identity in children}.values():
        if identity.lower() not in held:
            name, kind = identity.rpartition("/")[2], what.rpartition("/")[0]
            yield arm_record({"id": identity, "name": name, "type": kind, "properties": {}})


def _has_parents(what: str) -> bool:
    kind = BY_TYPE.get(what.lower())
    return kind is not None and kind.through_parents


def _unread_parent(gap: Gap) -> str:
    return f"{gap.scope}/resourceGroups/unread/providers/{gap.what.rpartition('/')[0]}/unread"


def _is_setting(identity: str) -> bool:
    return f"/providers/{_SETTINGS}/" in identity.lower()


def _top_level(text: str) -> ArmId | None:
    """Return the resource, directly in a resource group, that `text` is or is below; None outside of groups."""
    try:
        identity = ArmId.parse(text)
    except MalformedArmId:
        return None
    group = identity.resource_group_id
    if group is None or identity == group:
        return None
    while identity.parent != group:
        identity = identity.parent
        if identity.is_root:
            return None
    return identity


class ArmEnvironment:
    """The indexes of the ARM data of a snapshot; only `index` changes, by the writes that the emulator accepts."""

    def __init__(self, snapshot: Snapshot, lag: Mapping[str, str] = MappingProxyType({})) -> None:
        self.tenant_id = snapshot.header.tenant_id
        self.index = ArmIndex((*snapshot.arm, *implied_parents(snapshot)))
        for resource in implied_resources(snapshot):
            self.index.add_implied(str(resource))
        self.hierarchy = Hierarchy(snapshot.links)
        self.scoped = ScopedLists(self.index, self.hierarchy, snapshot.links)
        self.roles = RoleDefinitions(self.index, self.hierarchy)
        self.groups = ManagementGroups(self.index, self.hierarchy, self.tenant_id)
        self.activity = ActivityLog(snapshot.events, snapshot.header.collected_at)
        self.lag = Lag(lag, snapshot.gaps)
        self.refusals = Refusals(snapshot.gaps, snapshot.reads)
        self.every_list_was_read = snapshot.reads is None
        self._subscriptions = self._known_subscriptions(snapshot)

    @property
    def subscription_ids(self) -> tuple[str, ...]:
        """The sorted ids of the subscriptions in the snapshot, or, if there are none, of those that it mentions."""
        held = sorted(row.key.rpartition("/")[2] for row in self.index.within(SUBSCRIPTION, ""))
        return tuple(held) if held else tuple(sorted(self._subscriptions))

    def knows_subscription(self, subscription: str) -> bool:
        """Return whether the snapshot mentions a subscription anywhere."""
        return subscription in self._subscriptions

    def may_hold_group(self, key: str) -> bool:
        """Return whether a resource group exists, or could exist because the groups were not read."""
        if self.index.get(key) is not None or self.index.holds_anything(key):
            return True
        subscription = subscription_of(key)
        if self.refusals.over(RESOURCE_GROUP, (subscription,)) is not None:
            return True
        return not self.every_list_was_read and not self.refusals.was_read(RESOURCE_GROUP, subscription)

    def _known_subscriptions(self, snapshot: Snapshot) -> set[str]:
        known = {row.key.rpartition("/")[2] for row in self.index.within(SUBSCRIPTION, "")}
        known.update(subscription.lower() for subscription in snapshot.header.scope.subscriptions)
        known.update(self.activity.subscriptions())
        scopes = [gap.scope for gap in snapshot.gaps] + [read.scope for read in snapshot.reads or ()]
        scopes.extend(record.id for record in snapshot.arm)
        for scope in {text[:51].lower() for text in scopes if text[:15].lower() == "/subscriptions/"}:
            known.add(scope[15:].partition("/")[0])
        return known
