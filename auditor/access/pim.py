"""Privileged Identity Management (PIM): time windows of instances, and whether their lists were read."""

from collections import defaultdict
from datetime import datetime

from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import ROLE_ACTIVATIONS, ROLE_ELIGIBILITIES
from auditor.inventory.resources.authorization import AssignmentInstance, ScheduleInstanceProperties

PIM_LISTS = (ROLE_ELIGIBILITIES, ROLE_ACTIVATIONS)
NO_LICENCE = "aadpremiumlicenserequired"
"""The error code (lower case) that proves that the tenant has no PIM."""


def holds_now(instance: ScheduleInstanceProperties, now: datetime) -> bool:
    """Return whether `now` lies in the instance's window, which excludes its end."""
    starts, ends = instance.starts, instance.ends
    return (starts is None or starts <= now) and (ends is None or now < ends)


def is_absent(inventory: Inventory) -> bool:
    """Return whether a refusal proved that the tenant has no PIM, so that there are no instances at any scope.

    A refusal proves nothing where another list returned an instance.
    """
    wanted = {name.lower() for name in PIM_LISTS}
    refused = any(gap.what.lower() in wanted and gap.code.lower() == NO_LICENCE for gap in inventory.snapshot.gaps)
    return refused and not any(inventory.of_type(name) for name in PIM_LISTS)


def was_asked(inventory: Inventory) -> bool:
    """Return whether the snapshot tried to read PIM at any scope.

    Without PIM the verdict is never `eligible`, and `deny` means *no access now*: an eligibility grants nothing before
    it is activated, and active ones are listed among the role assignments. Where PIM was read at any scope, a missing
    or refused list turns `deny` into unknown. Only this function decides between the two.
    """
    wanted = {name.lower() for name in PIM_LISTS}
    snapshot = inventory.snapshot
    if snapshot.reads is None or any(read.what.lower() in wanted for read in snapshot.reads):
        return True
    return any(gap.what.lower() in wanted for gap in snapshot.gaps) or any(
        inventory.of_type(name) for name in PIM_LISTS
    )


class Activations:
    """The role assignments whose PIM windows have all ended or not yet begun."""

    def __init__(self, inventory: Inventory) -> None:
        """Join active instances to their role assignments by `originRoleAssignmentId`."""
        windows: dict[str, list[bool]] = defaultdict(list)
        for instance in inventory.all(AssignmentInstance):
            origin = instance.properties.origin_role_assignment_id
            if origin:
                windows[origin.lower()].append(_is_in_effect(instance.properties, inventory))
        self.ended = frozenset(origin for origin, held in windows.items() if not any(held))
        """Assignment ids in lower case. They grant nothing now, although a list contains them."""


def _is_in_effect(instance: ScheduleInstanceProperties, inventory: Inventory) -> bool:
    """Return whether the assignment behind an instance is in effect now.

    An activation ends with its window. A time-bound assignment is removed by Azure itself: where Azure still listed it
    outside its window, the list is right and the window has been changed since.
    """
    if holds_now(instance, inventory.now):
        return True
    assigned = (instance.assignment_type or "").lower() == "assigned"
    return assigned and inventory.now == inventory.header.collected_at
