"""A snapshot with its dates moved, so that an environment that was written for one day can be served on another."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec

from auditor.inventory.snapshot.records import arm_record, event_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

T = TypeVar("T")

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d.*)", re.DOTALL)
"""A point in time as Azure writes it. A date without a time is left: api-versions look like that."""

_SINCE, _UNTIL = 2000, 9000
"""Years of real days: services write 0001, 1601 or 1970 for never, and 9999 for ever."""


def days_to(snapshot: Snapshot, now: datetime) -> timedelta:
    """Return the whole days between the reading of `snapshot` and `now`, not below zero."""
    return timedelta(days=max(0, (now - snapshot.header.collected_at).days))


def moved(snapshot: Snapshot, by: timedelta) -> Snapshot:
    """Return `snapshot` with every point in time in it moved by whole days; what it says at its time stays the same."""
    if not by.days:
        return snapshot

    def body_of(stored: bytes) -> Mapping[str, object]:
        body: Mapping[str, object] = _moved(msgspec.json.decode(stored), by)
        return body

    return Snapshot.of(
        msgspec.structs.replace(snapshot.header, collected_at=snapshot.header.collected_at + by),
        arm=(arm_record(body_of(one.body), deleted=one.deleted) for one in snapshot.arm),
        graph=(graph_record(body_of(one.body), deleted=one.deleted) for one in snapshot.graph),
        links=snapshot.links,
        events=(event_record(body_of(one.body)) for one in snapshot.events),
        reads=snapshot.reads,
        gaps=snapshot.gaps,
    )


def _moved(value: T, by: timedelta) -> T:
    if isinstance(value, dict):
        return type(value)((name, _moved(inner, by)) for name, inner in value.items())
    if isinstance(value, list):
        return type(value)(_moved(inner, by) for inner in value)
    if isinstance(value, str) and (found := _MOMENT.fullmatch(value)):
        return type(value)(_day(found[1], by) + found[2])
    return value


def _day(day: str, by: timedelta) -> str:
    """Return the day moved; as it is where the calendar has no such day, or where it stands for never or for ever."""
    try:
        held = date.fromisoformat(day)
    except ValueError:
        return day
    return (held + by).isoformat() if _SINCE <= held.year <= _UNTIL else day
