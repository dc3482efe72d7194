"""Deletions of projects, with time and caller, from the Activity Log, which keeps 90 days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from auditor.facts.fact import Evidence
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory

_OPERATIONS = frozenset({"microsoft.migrate/migrateprojects/delete", "microsoft.migrate/projects/delete"})


@dataclass(frozen=True, slots=True)
class Deletion:
    """One successful deletion of a project."""

    project: ArmId
    at: datetime
    by: str

    @property
    def evidence(self) -> Evidence:
        """The event as evidence."""
        return Evidence(str(self.project), f"the Activity Log: {self.words}")

    @property
    def words(self) -> str:
        """The time and the caller, in words."""
        return f"deleted on {self.at.day} {self.at:%B %Y} by {self.by or 'an unnamed account'}"


def deletions(inventory: Inventory) -> tuple[Deletion, ...]:
    """Return the deletions of projects that the snapshot holds, the latest first."""
    found = (_deletion(msgspec.json.decode(event.body, type=dict[str, Any])) for event in inventory.events())
    return tuple(sorted((one for one in found if one is not None), key=lambda it: (it.at, it.project), reverse=True))


def of_project(every: tuple[Deletion, ...], project: ArmId) -> Iterator[Deletion]:
    """Yield the deletions of the project with this id."""
    return (one for one in every if one.project == project)


def of_name(every: tuple[Deletion, ...], name: str, subscription: str | None) -> Iterator[Deletion]:
    """Yield the deletions of projects of this name in a subscription."""
    return (
        one for one in every if one.project.name.lower() == name.lower() and one.project.subscription == subscription
    )


def _deletion(event: dict[str, Any]) -> Deletion | None:
    project, at = arm_id(_text(event.get("resourceId"))), instant(event.get("eventTimestamp"))
    succeeded = _text(event.get("status")).lower() == "succeeded"
    if project is None or at is None or not succeeded or _text(event.get("operationName")).lower() not in _OPERATIONS:
        return None
    return Deletion(project, at, _text(event.get("caller")))


def _text(value: object) -> str:
    """Return the text of a field; the Activity Log wraps many in `{value, localizedValue}`."""
    inner = value.get("value") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) else ""
