"""Privileged Identity Management: windows in time, and what an unread list of instances may hide."""

from collections import defaultdict
from datetime import datetime

from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import ROLE_ACTIVATIONS, ROLE_ELIGIBILITIES
from auditor.inventory.resources.authorization import AssignmentInstance, ScheduleInstanceProperties

PIM_LISTS = (ROLE_ELIGIBILITIES, ROLE_ACTIVATIONS)
NO_LICENCE = "aadpremiumlicenserequired"
"""Code (lower case) of a refusal that proves that there is no PIM."""


def holds_now(instance: ScheduleInstanceProperties, now: datetime) -> bool:
    """Say whether `now` lies in the instance's window: from its start up to, not including, its end."""
    starts, ends = instance.starts, instance.ends
    return (starts is None or starts <= now) and (ends is None or now < ends)


def is_absent(inventory: Inventory) -> bool:
    """Say whether a refusal proved that the tenant has no PIM: then there is nothing to read, at any scope.

    Where another list returned an instance, the refusal is contradicted and proves nothing.
    """
    wanted = {name.lower() for name in PIM_LISTS}
    refused = any(gap.what.lower() in wanted and gap.code.lower() == NO_LICENCE for gap in inventory.snapshot.gaps)
    return refused and not any(inventory.of_type(name) for name in PIM_LISTS)


def was_asked(inventory: Inventory) -> bool:
    """Say whether the snapshot looked at PIM at all, for whatever scope.

    A snapshot that never asked cannot say `eligible`, and its `deny` means *no access now*: an eligibility grants
    nothing before it is activated, and what is active stands among the role assignments. Where PIM was asked anywhere,
    a list that is missing for a scope, or was refused, hides an answer, and `deny` there is unknown. This predicate is
    the only place that decides so.
    """
    wanted = {name.lower() for name in PIM_LISTS}
    snapshot = inventory.snapshot
    if snapshot.reads is None or any(read.what.lower() in wanted for read in snapshot.reads):
        return True
    return any(gap.what.lower() in wanted for gap in snapshot.gaps) or any(
        inventory.of_type(name) for name in PIM_LISTS
    )


class Activations:
    """Which role assignments stand in PIM with windows that hold at another time than now."""

    def __init__(self, inventory: Inventory) -> None:
        """Join active instances to their assignments by `originRoleAssignmentId`."""
        windows: dict[str, list[bool]] = defaultdict(list)
        for instance in inventory.all(AssignmentInstance):
            origin = instance.properties.origin_role_assignment_id
            if origin:
                windows[origin.lower()].append(_stands(instance.properties, inventory))
        self.ended = frozenset(origin for origin, held in windows.items() if not any(held))
        """Ids in lower case. Such an assignment in the list means that the snapshot is stale: it grants nothing now."""


def _stands(instance: ScheduleInstanceProperties, inventory: Inventory) -> bool:
    """Whether the assignment behind an instance holds now.

    An activation ends with its window. What an administrator assigned for a time is taken away by Azure itself: where
    Azure listed the assignment outside of its window, the list is right and the window was changed since.
    """
    if holds_now(instance, inventory.now):
        return True
    assigned = (instance.assignment_type or "").lower() == "assigned"
    return assigned and inventory.now == inventory.header.collected_at
