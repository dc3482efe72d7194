"""The directory roles that principals may activate through PIM, within their windows, and the gaps in them."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from auditor.access.directory.roles import HeldRole, directory_role
from auditor.access.pim import NO_LICENCE
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DIRECTORY_ELIGIBILITIES
from auditor.inventory.reads import MALFORMED, NOT_READ, Gap
from auditor.inventory.snapshot.records import GraphRecord

_INSTANCE = "#microsoft.graph.unifiedroleeligibilityscheduleinstance"


class _Instance(msgspec.Struct, frozen=True, rename="camel"):
    principal_id: str | None = None
    role_definition_id: str | None = None
    directory_scope_id: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None


class DirectoryEligibilities:
    """The directory roles that can be activated now, by eligible principal."""

    def __init__(self, inventory: Inventory) -> None:
        """Index the instances whose window contains the inventory's time."""
        self._inventory = inventory
        self._by_holder: dict[str, list[HeldRole]] = defaultdict(list)
        self._malformed: list[Gap] = []
        for record in inventory.snapshot.graph:
            if record.odata_type.lower() == _INSTANCE and not record.deleted:
                self._take(record)

    def _take(self, record: GraphRecord) -> None:
        try:
            instance = msgspec.json.decode(record.body, type=_Instance, strict=False)
        except msgspec.ValidationError as malformed:
            message = f"the body cannot be understood: {malformed}"
            self._malformed.append(Gap(DIRECTORY_ELIGIBILITIES, record.id, 0, MALFORMED, message))
            return
        now = self._inventory.now
        starts, ends = instant(instance.start_date_time), instant(instance.end_date_time)
        role = directory_role(instance.role_definition_id or "")
        if role is not None and (starts is None or starts <= now) and (ends is None or now < ends):
            holder = (instance.principal_id or "").strip().lower()
            self._by_holder[holder].append(HeldRole(role, holder, (instance.directory_scope_id or "/").strip()))

    def held(self, holders: Iterable[str]) -> tuple[HeldRole, ...]:
        """Return the roles that `holders` (object ids in lower case) may activate now."""
        found = [held for holder in holders for held in self._by_holder.get(holder, ())]
        return tuple(sorted(found, key=lambda held: (held.role.name, held.holder, held.scope)))

    def unread(self, holders: Iterable[str]) -> tuple[Gap, ...]:
        """Return the gaps of `holders` that were refused, and of bodies that could not be parsed.

        A list that was not requested is no gap here: an eligibility grants nothing before it is activated, so `deny`
        then means *no access now*. Neither is a refusal for want of the PIM licence: there are no eligibilities then.
        """
        gaps = (gap for holder in holders for gap in self._inventory.gaps(DIRECTORY_ELIGIBILITIES, holder))
        refused = (gap for gap in gaps if gap.code != NOT_READ and gap.code.lower() != NO_LICENCE)
        return (*refused, *self._malformed)
