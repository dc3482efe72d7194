"""Data that arrived in a workspace, from its query API (deep scans only): in 31 days, and in its whole retention."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.facts.fact import Evidence, Gap
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import needs_of
from auditor.inventory.reads import MALFORMED, NOT_READ
from auditor.inventory.resources.ingestion import (
    ASKED_DAYS,
    INGESTION,
    LAST_31_DAYS,
    MOST_DAYS,
    WHOLE_RETENTION,
    days_kept,
    newest_by_type,
    record_id,
)
from auditor.inventory.resources.loganalytics import Workspace

OWN = (
    "VMConnection",
    "VMProcess",
    "VMComputer",
    "VMBoundPort",
    "ServiceMapComputer_CL",
    "ServiceMapProcess_CL",
    "Heartbeat",
    "Usage",
    "Operation",
)
"""The data types that Azure Migrate itself puts in a workspace: dependency analysis, its agents, bookkeeping."""

AGENTS = ("Heartbeat", "VMConnection")
"""The data types that agents send for as long as they run."""

RECENT = timedelta(days=7)
"""The time within which an agent must have sent data to count as reporting."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The data types that arrived, each with the time of its newest data, and the id of the record that shows it."""

    record: str
    newest: Mapping[str, datetime | None]

    @property
    def last(self) -> datetime | None:
        """The time of the newest data other than bookkeeping, or None if there is none."""
        times = [when for kind, when in self.newest.items() if when is not None and kind not in {"Usage", "Operation"}]
        return max(times, default=None)

    def foreign(self) -> tuple[str, ...]:
        """Return the data types that Azure Migrate does not send."""
        own = {name.lower() for name in OWN}
        return tuple(sorted(kind for kind in self.newest if kind.lower() not in own))

    def reporting(self, now: datetime) -> tuple[str, ...]:
        """Return the data types that agents still send; one without a readable time counts as reporting."""
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
        types = (f"{kind}, last on {when:%Y-%m-%d}" if (when := self.newest[kind]) else kind for kind in kinds)
        return Evidence(self.record, f"received {'; '.join(types)}")


def arrivals(inventory: Inventory, workspace: ArmId, name: str = LAST_31_DAYS) -> Arrivals | tuple[Gap, ...]:
    """Return the arrivals in `workspace`, or the gaps that hide them; only a complete answer proves that none came."""
    record = record_id(str(workspace), name)
    body = inventory.body(record)
    if body is None:
        gaps = inventory.gaps(INGESTION, workspace)
        return tuple(map(_explained, gaps)) or Arrivals(record, {})
    try:
        return Arrivals(str(body["id"]), newest_by_type(body.get("properties")))
    except ValueError as malformed:
        return (Gap(INGESTION, str(workspace), 0, MALFORMED, f"the answer cannot be understood: {malformed}"),)


def older_arrivals(inventory: Inventory, workspace: ArmId) -> Arrivals | tuple[Gap, ...]:
    """Return the arrivals in the whole time for which `workspace` keeps data, or the gaps that hide them.

    Where it keeps data for 31 days at most, there are none beside the recent ones. Elsewhere older data may be
    somebody's archive, so an answer about 31 days does not replace one about the whole retention.
    """
    held = inventory.get(workspace)
    days = days_kept(held.properties.retention_in_days if isinstance(held, Workspace) else None)
    if days <= ASKED_DAYS:
        return Arrivals(record_id(str(workspace)), {})
    kept = f"keeps data for {days:,} days" if days < MOST_DAYS else "does not say for how long it keeps data"
    unread = inventory.gaps(INGESTION, workspace)
    if inventory.body(record_id(str(workspace), WHOLE_RETENTION)) is None and not unread:
        return (
            Gap(
                INGESTION,
                str(workspace),
                0,
                NOT_READ,
                f"the workspace {kept}, and only the last {ASKED_DAYS} were asked for; "
                "a new deep scan (`--deep`) asks for all of them",
                needs_of(INGESTION),
            ),
        )
    return arrivals(inventory, workspace, WHOLE_RETENTION)


def _explained(gap: Gap) -> Gap:
    """Return the gap, with the way to cure it if the query API was not asked."""
    if not gap.was_not_requested:
        return gap
    return Gap(
        INGESTION, gap.scope, 0, NOT_READ, "only a deep scan (`--deep`) asks what data arrived", needs_of(INGESTION)
    )
