"""The tenants that were not read, by what failed: hundreds may fail for one reason, which is then said once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.report.fleet.result import FleetResult, TenantOutcome
from auditor.report.inert import inert

FEW = 5
"""How many names a sentence has."""
_OF_ONE_TENANT = re.compile(
    r"`[^`]*`|https?://\S+|(?<!\S)\S+?:\d+:\d+(?=:)|\b\w+_(?=AZURE_)|\d{4}-\d\d-\d\d[ T][\d:]+Z?"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.IGNORECASE,
)
"""What differs between tenants that fail alike: names, hosts, places in the file, prefixes, times, ids."""


@dataclass(frozen=True, slots=True)
class FailedAlike:
    """Tenants that fail alike: their names, and the error of the first; `same` if it is that of all, word by word."""

    error: str
    names: tuple[str, ...]
    same: bool

    @property
    def title(self) -> str:
        """How many tenants these are."""
        return "1 tenant" if len(self.names) == 1 else f"{len(self.names):,} tenants"

    def listed(self, most: int) -> tuple[tuple[str, ...], str]:
        """Return the first names, and how many more there are, in words; empty for none."""
        more = len(self.names) - most
        return self.names[:most], f"and {more:,} more" if more > 0 else ""

    @property
    def caution(self) -> str:
        """What to say of an error that stands for others; empty where it is that of all."""
        others = len(self.names) - 1
        rest = "the other one fails" if others == 1 else f"the other {others:,} fail"
        return "" if self.same else f"This is the error of the first; {rest} alike."


def failure_kinds(failed: Iterable[TenantOutcome]) -> list[FailedAlike]:
    """Return the kinds of failures, the most frequent first, otherwise in the order of the fleet file."""
    alike: dict[str, list[TenantOutcome]] = {}
    for one in failed:
        alike.setdefault(_OF_ONE_TENANT.sub("…", one.error), []).append(one)
    kinds = [
        FailedAlike(group[0].error, tuple(one.name for one in group), len({one.error for one in group}) == 1)
        for group in alike.values()
    ]
    return sorted(kinds, key=lambda kind: -len(kind.names))


def not_read(fleet: FleetResult) -> str:
    """Return how many tenants were not read, with the first names; empty if all were."""
    failed = [one.name for one in fleet.failed]
    return f"{unread_tenants(failed, len(fleet.tenants))}; the result says why" if failed else ""


def unread_tenants(names: Sequence[str], every: int) -> str:
    """Return the statement that tenants, out of so many, were not read, with the first names."""
    first = ", ".join(f"`{inert(name)}`" for name in names[:FEW])
    more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
    of = f"1 of {every:,} tenants was" if len(names) == 1 else f"{len(names):,} of {every:,} tenants were"
    return f"{of} not read: {first}{more}"
