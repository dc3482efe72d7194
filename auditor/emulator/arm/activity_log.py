"""The Activity Log: the events of a subscription in a mandatory time span, at most 90 days back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from auditor.emulator.exchange import Refusal, json_response
from auditor.emulator.odata import BadFilter, Expression, Field, FilterComparison, conjuncts, parse_filter
from auditor.inventory.instants import instant
from auditor.inventory.snapshot.records import EventRecord

KEPT = timedelta(days=90)
_FIELDS = {
    "resourcegroupname": "resourceGroupName",
    "resourceprovider": "resourceProviderName",
    "resourceuri": "resourceId",
    "resourceid": "resourceId",
    "resourcetype": "resourceType",
    "correlationid": "correlationId",
    "caller": "caller",
    "status": "status",
    "eventchannels": "channels",
    "levels": "level",
    "operations": "operationName",
}


@dataclass(frozen=True, slots=True)
class _LogEvent:
    at: datetime | None
    fields: dict[str, object]
    body: bytes


class ActivityLog:
    """Events by subscription, newest first, as Azure lists them."""

    def __init__(self, records: Iterable[EventRecord], collected_at: datetime) -> None:
        self._collected_at = collected_at
        self._events: dict[str, list[_LogEvent]] = defaultdict(list)
        for record in records:
            fields: dict[str, object] = msgspec.json.decode(record.body)
            self._events[_subscription(fields)].append(
                _LogEvent(instant(fields.get("eventTimestamp")), fields, record.body)
            )
        for events in self._events.values():
            events.sort(key=lambda event: event.at or collected_at, reverse=True)

    def subscriptions(self) -> Iterable[str]:
        """Return the ids of the subscriptions with events."""
        return self._events.keys()

    def bodies(self, subscription: str, filter_text: str | None, select: str | None) -> list[bytes]:
        """Return the events that match `$filter`, with the fields of `$select`; raises `Refusal` for a bad filter."""
        start, end, wanted = self._filter(filter_text)
        events = [
            event
            for event in self._events.get(subscription, ())
            if event.at is not None
            and start <= event.at <= end
            and all(_has(event, name, value) for name, value in wanted)
        ]
        if not select:
            return [event.body for event in events]
        names = {name.strip().lower() for name in select.split(",")}
        return [
            msgspec.json.encode({name: value for name, value in event.fields.items() if name.lower() in names})
            for event in events
        ]

    def _filter(self, text: str | None) -> tuple[datetime, datetime, list[tuple[str, str]]]:
        if not text:
            raise _bad("The $filter parameter is required and must hold the start time: eventTimestamp ge '<time>'.")
        start, end, wanted = None, datetime.now(UTC), []
        for part in _parts(text):
            if not isinstance(part, FilterComparison):
                raise _bad(f"The filter '{text}' is not supported.")
            name = part.field.lower()
            # The Azure CLI sends the provider without quotation marks, which Azure accepts.
            value = part.value.name if isinstance(part.value, Field) else part.value
            moment = instant(value) if name == "eventtimestamp" else None
            if moment is not None and part.op == "ge":
                start = moment
            elif moment is not None and part.op == "le":
                end = moment
            elif name in _FIELDS and part.op == "eq" and isinstance(value, str):
                wanted.append((_FIELDS[name], value.lower()))
            else:
                raise _bad(f"The filter '{text}' is not supported.")
        if start is None:
            raise _bad("The $filter parameter must hold the start time: eventTimestamp ge '<time>'.")
        return self._kept_since(start, end), end, wanted

    def _kept_since(self, start: datetime, end: datetime) -> datetime:
        """Return the start of the span to serve; raises `Refusal` if `start` is too long ago."""
        # The snapshot may be older than 90 days, so the limit counts from when it was collected.
        if start < min(datetime.now(UTC), self._collected_at) - KEPT - timedelta(minutes=5):
            raise _bad("The start time cannot be more than 90 days in the past.")
        if end < self._collected_at:
            return start
        # A span that ends after the collection is served as one of the same length that ends with it.
        return min(start, self._collected_at - (end - start))


def _parts(text: str) -> tuple[Expression, ...]:
    try:
        return conjuncts(parse_filter(text))
    except BadFilter as bad:
        raise _bad(f"The filter '{text}' is not valid.") from bad


def _bad(message: str) -> Refusal:
    return Refusal(json_response({"Code": "BadRequest", "Message": message}, 400))


def _has(event: _LogEvent, name: str, wanted: str) -> bool:
    held = event.fields.get(name)
    if isinstance(held, dict):
        held = held.get("value")
    if name == "channels":
        return held is None or bool({part.strip().lower() for part in wanted.split(",")} & _channels(str(held)))
    if name in {"level", "operationName"}:
        return str(held).lower() in {part.strip() for part in wanted.split(",")}
    return str(held or "").lower() == wanted


def _channels(held: str) -> set[str]:
    return {part.strip().lower() for part in held.split(",")}


def _subscription(fields: dict[str, object]) -> str:
    named = fields.get("subscriptionId")
    if isinstance(named, str) and named:
        return named.lower()
    parts = str(fields.get("resourceId") or fields.get("id") or "").lower().split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""
