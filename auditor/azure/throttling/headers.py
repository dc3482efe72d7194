"""The headers in which Azure says what is left of a budget."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.azure.throttling.budgets import BudgetKind

_REMAINING = "x-ms-ratelimit-remaining-"
_COUNT = re.compile(r"(?:^|;)\s*(\d{1,9})\s*$")
_QUOTA_LEFT = "x-ms-user-quota-remaining"
_QUOTA_RESETS = "x-ms-user-quota-resets-after"
_SPAN = re.compile(r"(\d{1,3}):(\d\d):(\d\d)(?:\.\d+)?")
_UNITS = "x-ms-resource-unit"
_SHARE = "x-ms-throttle-limit-percentage"
_CAUSE = "x-ms-failure-cause"
_KINDS = {
    f"{place}-{operation}": kind
    for place in ("subscription", "tenant")
    for operation, kind in (
        ("reads", BudgetKind.READS),
        ("writes", BudgetKind.WRITES),
        ("deletes", BudgetKind.DELETES),
        ("global-reads", BudgetKind.GLOBAL_READS),
        ("global-writes", BudgetKind.GLOBAL_WRITES),
        ("global-deletes", BudgetKind.GLOBAL_DELETES),
    )
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the headers of one answer say; None and empty where they say nothing.

    Attributes:
        left: what is left, by the kind of budget; several counts of one kind are the smallest of them.
        resets_after: the seconds until the window of Resource Graph ends.
        units: what the request cost of the directory's budget.
        share: the share of the directory's budget that is used, which is said from 0.8 upwards.
        of_provider: whether the resource provider refused, and not Resource Manager; None where nothing says so.
    """

    left: dict[BudgetKind, float]
    resets_after: float | None = None
    units: float | None = None
    share: float | None = None
    of_provider: bool | None = None


def heard_in(headers: Iterable[tuple[str, str]]) -> Heard:
    """Return what the headers of an answer say; one that cannot be read says nothing.

    `x-ms-ratelimit-remaining-resource` and others that are not Resource Manager's own hold a count, or `name;count`
    separated by commas: they are of the provider that was asked.
    """
    named = {lower: value for name, value in headers if (lower := name.lower()).startswith("x-ms-")}
    left: dict[BudgetKind, float] = {}
    for name, value in named.items():
        if (kind := _kind(name)) is not None:
            for count in _counts(value):
                left[kind] = min(left.get(kind, count), count)
    cause = named.get(_CAUSE)
    return Heard(
        left,
        _seconds(named.get(_QUOTA_RESETS, "")),
        next(_counts(named.get(_UNITS, "")), None),
        _number(named.get(_SHARE, "")),
        None if cause is None else cause.strip().lower() == "service",
    )


def _kind(name: str) -> BudgetKind | None:
    """Return the kind of budget of which a header (lower case) says what is left."""
    if name.startswith(_REMAINING):
        return _KINDS.get(name[len(_REMAINING) :], BudgetKind.PROVIDER)
    return BudgetKind.RESOURCE_GRAPH if name == _QUOTA_LEFT else None


def _counts(value: str) -> Iterator[float]:
    for part in value.split(","):
        if found := _COUNT.search(part.strip()):
            yield float(found[1])


def _seconds(value: str) -> float | None:
    """Return the seconds of a time span `hh:mm:ss`."""
    found = _SPAN.fullmatch(value.strip())
    return None if found is None else int(found[1]) * 3600.0 + int(found[2]) * 60 + int(found[3])


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number < 1000 else None
