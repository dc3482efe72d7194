"""`fleet run`, from its options to its result: the engine, the news of each tenant on stderr, what is kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from auditor import __version__
from auditor.audit.findings import Verdict
from auditor.cli.environment.interruptible import end_other_work
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, UsageFailed, describe
from auditor.cli.fleet.options import FleetOptions
from auditor.cli.fleet.saving import RunFolder
from auditor.cli.fleet.steps import TenantSteps
from auditor.cli.interrupts import undisturbed
from auditor.cli.terminal import Terminal, to_stderr
from auditor.fleet.engine import Engine, EngineLost, LocalEngine
from auditor.fleet.run import TenantEnded, TenantSplit, run_fleet
from auditor.fleet.steps import TenantRead
from auditor.fleet.tenant import FleetTenant
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.conclusion import conclusion
from auditor.report.fleet.failures import not_read
from auditor.report.fleet.result import FleetResult, TenantOutcome

INTERRUPTED = "interrupted before it was read\nrun the command again for this tenant: `--only NAME`"


class FleetReading:
    """A run over tenants: its outcomes so far, and whether a signal or the loss of the cluster ended it early."""

    def __init__(self, asked: FleetOptions, tenants: Sequence[FleetTenant], terminal: Terminal) -> None:
        self._interrupted = False
        self._engine_lost = False
        self._folder: RunFolder | None = None
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
        why = INTERRUPTED
        if self._asked.save is not None:
            self._folder = RunFolder(self._asked.save)
        try:
            with self._engine() as engine:
                self._run(engine)
        except KeyboardInterrupt:
            self._interrupted = True
        except EngineLost as lost:
            self._engine_lost = True
            why = str(lost)
        outcomes = (self._outcomes.get(tenant) or TenantOutcome(tenant.name, error=why) for tenant in self._tenants)
        return FleetResult(f"migaudit {__version__}", tuple(outcomes))

    @contextmanager
    def telling(self, fleet: FleetResult) -> Iterator[None]:
        """Keep the result, and raise after the block, which shows it, what ended the run early or was not written.

        Ctrl-C and SIGTERM wait until the block has ended: `KeyboardInterrupt`. Otherwise `CommandFailed`: exit 3 after
        the loss of the cluster, exit 2 for what could not be saved, or that of the failure of the block.
        """
        failed: Exception | None = None
        try:
            with undisturbed():
                self._keep(fleet)
                try:
                    yield
                except Exception as failure:  # noqa: BLE001 - raised below
                    failed = failure
        except KeyboardInterrupt:
            self._interrupted = True
        ends = []
        if self._engine_lost:
            ends.append((ExitCode.UNREADABLE, f"the cluster was lost: {not_read(fleet)}"))
        if self._lost:
            ends.append((ExitCode.USAGE, self._lost))
        if failed is not None and not ((self._interrupted or ends) and isinstance(failed, BrokenPipeError)):
            if not (self._interrupted or ends):
                raise failed
            ends.append(describe(failed))
        if self._interrupted:
            for _, text in ends:
                to_stderr(f"error: {text}")
            to_stderr(not_read(fleet))
            raise KeyboardInterrupt
        if ends:
            raise CommandFailed(ends[0][0], "\n".join(text for _, text in ends)) from failed

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        asked = self._asked
        if not asked.on_cluster:
            here = LocalEngine(_lane, end_other_work)
            try:
                yield here
            finally:
                here.close()
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

    def _run(self, engine: Engine) -> None:
        asked = self._asked
        steps = TenantSteps(
            deep=asked.deep,
            source=asked.source,
            rule=asked.rule,
            error=asked.error,
            rules=tuple(one.resolve() for one in asked.rules),
            concurrency=asked.concurrency,
            per_second=asked.per_second,
            docs_url=asked.docs_url,
            drawing=asked.drawing,
            keeps=self._folder is not None,
            terminal=Terminal(quiet=True) if asked.on_cluster else self._terminal,
        )
        for news in run_fleet(self._tenants, steps, engine, asked.most):
            if isinstance(news, TenantSplit):
                self._terminal.note(
                    f"{news.tenant.name}: {news.subscriptions:,} subscriptions, in {news.parts:,} parts"
                )
            else:
                self._end(news)

    def _end(self, news: TenantEnded) -> None:
        """Keep what became of a tenant, and say so."""
        tenant, outcome = news.tenant, news.outcome
        if isinstance(outcome, TenantRead):
            self._outcomes[tenant] = TenantOutcome(tenant.name, outcome.result)
            if outcome.snapshot is not None:
                self._save(tenant, outcome.snapshot)
            unknown = outcome.result.counts[Verdict.UNKNOWN]
            words = f"{conclusion(outcome.result)}, {unknown:,} unknown"
        else:
            self._outcomes[tenant] = failed = TenantOutcome(tenant.name, error=outcome.error)
            words = f"failed: {failed.reason}"
        self._terminal.note(f"[{len(self._outcomes):,}/{len(self._tenants):,}] {tenant.name}: {words}")

    def _keep(self, fleet: FleetResult) -> None:
        if self._folder is None:
            return
        try:
            self._terminal.note(f"saved the run to `{self._folder.keep_result(fleet).parent}`")
        except UsageFailed as lost:  # it can still be shown
            self._lost = self._lost or lost.text

    def _save(self, tenant: FleetTenant, snapshot: Snapshot) -> None:
        if self._folder is None:
            return
        try:
            with undisturbed():
                self._folder.keep(self._numbers[tenant], tenant.name, snapshot)
        except UsageFailed as lost:  # the result is worth more than the end of the run
            self._lost = self._lost or lost.text


def _lane(tenant: FleetTenant, *_: object) -> object:
    return tenant.lane
