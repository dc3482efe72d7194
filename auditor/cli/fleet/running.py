"""`fleet run`, from its options to its result: the engine, the news of each tenant on stderr, what is kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from auditor import __version__
from auditor.audit.findings import Verdict
from auditor.cli.failures import UsageFailed
from auditor.cli.fleet.options import FleetOptions
from auditor.cli.fleet.saving import RunFolder
from auditor.cli.fleet.steps import TenantSteps
from auditor.cli.terminal import Terminal
from auditor.fleet.engine import Engine, EngineLost, LocalEngine
from auditor.fleet.run import TenantEnded, TenantSplit, run_fleet
from auditor.fleet.steps import TenantRead
from auditor.fleet.tenant import FleetTenant
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.conclusion import conclusion
from auditor.report.fleet.result import FleetResult, TenantOutcome

INTERRUPTED = "interrupted before it was read\nrun the command again for this tenant: `--only NAME`"


class FleetReading:
    """A run over tenants: its outcomes so far, and whether Ctrl-C or the loss of the cluster ended it early."""

    def __init__(self, asked: FleetOptions, tenants: Sequence[FleetTenant], terminal: Terminal) -> None:
        self.interrupted = False
        self.engine_lost = False
        self._asked = asked
        self._tenants = tenants
        self._terminal = terminal
        self._numbers = {tenant: number for number, tenant in enumerate(tenants, start=1)}
        self._outcomes: dict[FleetTenant, TenantOutcome] = {}
        self._lost = ""

    def result(self) -> FleetResult:
        """Read all tenants and return their outcomes; those that were left unread have failed.

        Raises `UsageFailed`, before anything is read, for a folder that cannot be used.
        """
        folder, why = RunFolder(self._asked.save) if self._asked.save else None, INTERRUPTED
        try:
            with self._engine() as engine:
                self._run(engine, folder)
        except KeyboardInterrupt:
            self.interrupted = True
        except EngineLost as lost:
            self.engine_lost = True
            why = str(lost)
        outcomes = (self._outcomes.get(tenant) or TenantOutcome(tenant.name, error=why) for tenant in self._tenants)
        fleet = FleetResult(f"migaudit {__version__}", tuple(outcomes))
        if folder is not None:
            self._keep(folder, fleet)
        return fleet

    def refuse_if_lost(self) -> None:
        """Raise `UsageFailed` if a snapshot or the result could not be saved; the result was shown nevertheless."""
        if self._lost:
            raise UsageFailed(self._lost)

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        asked = self._asked
        if not asked.on_cluster:
            yield LocalEngine()
            return
        from auditor.fleet.cluster import connected_cluster, local_cluster

        cluster = (
            local_cluster(asked.workers, self._terminal.note)
            if asked.workers is not None
            else connected_cluster(asked.scheduler or "", self._terminal.note)
        )
        with cluster as engine:
            where = asked.scheduler or f"{asked.workers:,} processes"
            self._terminal.note(f"reading {len(self._tenants):,} tenants on {where}")
            yield engine

    def _run(self, engine: Engine, folder: RunFolder | None) -> None:
        asked = self._asked
        steps = TenantSteps(
            deep=asked.deep,
            source=asked.source,
            rule=asked.rule,
            error=asked.error,
            rules=tuple(one.resolve() for one in asked.rules),
            concurrency=asked.concurrency,
            per_second=asked.per_second,
            draws=asked.draws,
            keeps=folder is not None,
            terminal=Terminal(quiet=True) if asked.on_cluster else self._terminal,
        )
        for news in run_fleet(self._tenants, steps, engine, asked.most):
            if isinstance(news, TenantSplit):
                self._terminal.note(
                    f"{news.tenant.name}: {news.subscriptions:,} subscriptions, in {news.parts:,} parts"
                )
            else:
                self._end(news, folder)

    def _end(self, news: TenantEnded, folder: RunFolder | None) -> None:
        """Keep what became of a tenant, and say so."""
        tenant, outcome = news.tenant, news.outcome
        if isinstance(outcome, TenantRead):
            self._outcomes[tenant] = TenantOutcome(tenant.name, outcome.result)
            if folder is not None and outcome.snapshot is not None:
                self._save(folder, tenant, outcome.snapshot)
            unknown = outcome.result.counts[Verdict.UNKNOWN]
            words = f"{conclusion(outcome.result)}, {unknown:,} unknown"
        else:
            self._outcomes[tenant] = failed = TenantOutcome(tenant.name, error=outcome.error)
            words = f"failed: {failed.reason}"
        self._terminal.note(f"[{len(self._outcomes):,}/{len(self._tenants):,}] {tenant.name}: {words}")

    def _keep(self, folder: RunFolder, fleet: FleetResult) -> None:
        try:
            self._terminal.note(f"saved the run to `{folder.keep_result(fleet).parent}`")
        except UsageFailed as lost:  # it can still be shown
            self._lost = self._lost or lost.text

    def _save(self, folder: RunFolder, tenant: FleetTenant, snapshot: Snapshot) -> None:
        try:
            folder.keep(self._numbers[tenant], tenant.name, snapshot)
        except UsageFailed as lost:  # the result is worth more than the end of the run
            self._lost = self._lost or lost.text
