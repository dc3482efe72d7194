"""What a workspace took in over the last 31 days, where a scan asked its query API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from auditor.facts.fact import Evidence, Gap
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import needs_of
from auditor.inventory.reads import MALFORMED, NOT_READ
from auditor.inventory.resources.ingestion import INGESTION, newest_by_type, record_id

OWN = ("VMConnection", "VMProcess", "VMComputer", "VMBoundPort", "ServiceMap*_CL", "Heartbeat", "Usage", "Operation")
"""The data types that a workspace of Azure Migrate holds by itself: dependency analysis, its agents, bookkeeping."""

AGENTS = ("Heartbeat", "VMConnection")
"""What agents send for as long as they run."""

RECENT = timedelta(days=7)
"""Agents that sent something within this time still report."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The data types that came, each with when it last came; the record that says so."""

    record: str
    newest: Mapping[str, datetime | None]

    @property
    def last(self) -> datetime | None:
        """When any data last came, the workspace's own bookkeeping left aside; None where none came."""
        times = [when for kind, when in self.newest.items() if when is not None and kind not in {"Usage", "Operation"}]
        return max(times, default=None)

    def foreign(self) -> tuple[str, ...]:
        """Return the data types that Azure Migrate does not account for."""
        lowered = [pattern.lower() for pattern in OWN]
        return tuple(
            sorted(kind for kind in self.newest if not any(fnmatchcase(kind.lower(), pattern) for pattern in lowered))
        )

    def reporting(self, now: datetime) -> tuple[str, ...]:
        """Return what agents still send; an agent whose time cannot be read counts as reporting."""
        agents = {kind.lower() for kind in AGENTS}
        return tuple(
            sorted(
                kind
                for kind, when in self.newest.items()
                if kind.lower() in agents and (when is None or when > now - RECENT)
            )
        )

    def shown(self, kinds: tuple[str, ...]) -> Evidence:
        """Return the evidence for some of the data types."""
        said = (f"{kind}, last on {when:%Y-%m-%d}" if (when := self.newest[kind]) else kind for kind in kinds)
        return Evidence(self.record, f"took in {'; '.join(said)}")


def arrivals(inventory: Inventory, workspace: ArmId) -> Arrivals | tuple[Gap, ...]:
    """Return what `workspace` took in, or the gaps that hide it: of nothing that came only a whole answer tells."""
    record = record_id(str(workspace))
    body = inventory.body(record)
    if body is None:
        gaps = inventory.gaps(INGESTION, workspace)
        return tuple(map(_explained, gaps)) or Arrivals(record, {})
    try:
        return Arrivals(str(body["id"]), newest_by_type(body.get("properties")))
    except ValueError as malformed:
        return (Gap(INGESTION, str(workspace), 0, MALFORMED, f"the answer cannot be understood: {malformed}"),)


def _explained(gap: Gap) -> Gap:
    """The gap, with what to do where nobody asked."""
    if gap.code != NOT_READ:
        return gap
    return Gap(INGESTION, gap.scope, 0, NOT_READ, "only a deep scan (`--deep`) asks what came in", needs_of(INGESTION))
