"""What a workspace took in over the last 31 days, where a scan asked its query API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from auditor.facts.fact import Evidence, Gap
from auditor.inventory.arm_id import ArmId
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import needs_of
from auditor.inventory.reads import MALFORMED, NOT_READ

INGESTION = "Microsoft.OperationalInsights/ingestion"
"""The read of one workspace; the record it leaves stands at `{workspace}/providers/<this>/last31days`."""

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
    """Return what `workspace` took in, or the gaps that hide it."""
    record = f"{workspace}/providers/{INGESTION}/last31days"
    body = inventory.body(record)
    if body is None:
        not_asked = Gap(
            INGESTION, str(workspace), 0, NOT_READ, "only a deep scan (`--deep`) asks what came in", needs_of(INGESTION)
        )
        refused = tuple(gap for gap in inventory.gaps(INGESTION, workspace) if gap.code != NOT_READ)
        return refused or (not_asked,)
    try:
        return Arrivals(str(body["id"]), _newest(body.get("properties")))
    except (KeyError, TypeError, ValueError, IndexError) as malformed:
        return (Gap(INGESTION, str(workspace), 0, MALFORMED, f"the answer cannot be understood: {malformed}"),)


def _newest(properties: Any) -> dict[str, datetime | None]:
    """Read the table of an answer: its columns are found by name."""
    (table,) = (table for table in properties["tables"] if table["name"] == "PrimaryResult")
    columns = [column["name"] for column in table["columns"]]
    kind, newest = columns.index("DataType"), columns.index("max_TimeGenerated")
    return {str(row[kind]): instant(row[newest]) for row in table["rows"]}
