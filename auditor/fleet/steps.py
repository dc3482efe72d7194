"""The steps of reading a tenant, whole or in parts, and what each of them returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from auditor.collect.collect import Begun
from auditor.collect.recording import Recording
from auditor.fleet.tenant import FleetTenant
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.result import ScanResult


@dataclass(frozen=True, slots=True)
class TenantRead:
    """A tenant that was read and judged; its snapshot only where that is wanted."""

    result: ScanResult
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step that failed: what, where, and what to do."""

    error: str


@dataclass(frozen=True, slots=True)
class TenantBegun:
    """A tenant that is too large for one piece: what was read of it first, and its accounts of other tenants."""

    begun: Begun
    strangers: frozenset[str] = frozenset()


class Steps(Protocol):
    """The work on a tenant. Each step signs in by itself, is a function of its arguments, and never raises.

    All arguments and results travel between machines, so none of them holds a credential.
    """

    def start(self, tenant: FleetTenant, batch: int | None) -> TenantRead | TenantBegun | StepFailed:
        """Read the whole tenant, or only its beginning if it has more than `batch` subscriptions."""
        ...

    def part(self, tenant: FleetTenant, subscriptions: Sequence[str]) -> Recording | StepFailed:
        """Read the lists of some subscriptions."""
        ...

    def finish(
        self, tenant: FleetTenant, started: TenantBegun, parts: Sequence[Recording | StepFailed]
    ) -> TenantRead | StepFailed:
        """Join the parts, read what depends on all of them, and judge."""
        ...
