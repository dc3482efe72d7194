"""The run over all tenants: each is a piece of work of its own, and one that fails stops no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.fleet.engine import Engine, JobLost, StepJob
from auditor.fleet.steps import StepFailed, Steps, TenantBegun, TenantRead
from auditor.fleet.tenant import FleetTenant


@dataclass(frozen=True, slots=True)
class TenantSplit:
    """News that a tenant is read in parts."""

    tenant: FleetTenant
    subscriptions: int
    parts: int


@dataclass(frozen=True, slots=True)
class TenantEnded:
    """News that a tenant was read and judged, or failed."""

    tenant: FleetTenant
    outcome: TenantRead | StepFailed


News = TenantSplit | TenantEnded


def run_fleet(tenants: Sequence[FleetTenant], steps: Steps, engine: Engine, batch: int | None = None) -> Iterator[News]:
    """Yield the news of each tenant as it comes; tenants of more than `batch` subscriptions are read in parts.

    Raises `EngineLost`, after which the tenants that have not ended are unread.
    """
    run = _FleetRun(steps, engine, batch)
    for tenant in tenants:
        run.start(tenant)
    yield from run.news()


class _FleetRun:
    def __init__(self, steps: Steps, engine: Engine, batch: int | None) -> None:
        self._steps = steps
        self._engine = engine
        self._batch = batch
        self._first: dict[StepJob, FleetTenant] = {}
        self._last: dict[StepJob, FleetTenant] = {}

    def start(self, tenant: FleetTenant) -> None:
        self._first[self._engine.submit(self._steps.start, tenant, self._batch)] = tenant

    def news(self) -> Iterator[News]:
        for job in self._engine.ended():
            tenant = self._last.pop(job, None) or self._first.pop(job, None)
            if tenant is not None:
                started = _outcome(job)
                yield (
                    self._split(tenant, job, started)
                    if isinstance(started, TenantBegun)
                    else TenantEnded(tenant, started)
                )

    def _split(self, tenant: FleetTenant, job: StepJob, started: TenantBegun) -> TenantSplit:
        """Submit the parts of a tenant, and the step that joins them."""
        every = started.begun.subscriptions
        size = self._batch or len(every)
        batches = [every[first : first + size] for first in range(0, len(every), size)]
        parts = [self._engine.submit(self._steps.part, tenant, batch) for batch in batches]
        self._last[self._engine.submit(self._steps.finish, tenant, job, parts)] = tenant
        return TenantSplit(tenant, len(every), len(batches))


def _outcome(job: StepJob) -> TenantRead | TenantBegun | StepFailed:
    try:
        returned: TenantRead | TenantBegun | StepFailed = job.outcome()
    except JobLost as lost:
        return StepFailed(str(lost))
    return returned
