"""The steps of reading a tenant: sign in with its variables, read, judge; a failure is returned as a text."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from auditor import __version__
from auditor.audit.rules.book import Rule
from auditor.azure.errors import SignInFailed
from auditor.cli.environment.progress import watching
from auditor.cli.environment.reading import with_azure
from auditor.cli.failures import describe
from auditor.cli.formats import Output
from auditor.cli.options import ConnectionOptions
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.scan.options import ScanOptions
from auditor.cli.scan.run import environment_in, judged
from auditor.cli.terminal import Terminal
from auditor.collect.collect import begin, finish, read_part
from auditor.collect.recording import Recording
from auditor.collect.request import Request, UnknownAccount
from auditor.fleet.steps import StepFailed, TenantBegun, TenantRead
from auditor.fleet.tenant import FleetTenant, Source
from auditor.fleet.variables import own_application, own_tenant, variables_of, without_own_secrets
from auditor.fleet.wording import in_file_words
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.library.accounts import is_foreign_address

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.connection import Azure
    from auditor.collect.progress import Progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSteps:
    """The steps, with what holds for all tenants.

    `drawing` are the formats that need more than findings, the page and the workbook; `keeps` keeps the snapshot.
    `version` is that of the migaudit that asks: on a worker another one may be installed.
    """

    deep: bool = False
    source: Source = "auto"
    rule: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    concurrency: int = 64
    per_second: float | None = None
    docs_url: str | None = None
    drawing: tuple[str, ...] = ()
    keeps: bool = False
    terminal: Terminal
    version: str = __version__

    def start(self, tenant: FleetTenant, batch: int | None) -> TenantRead | TenantBegun | StepFailed:
        """Read and judge the tenant; if it has more than `batch` subscriptions, only begin."""

        def work() -> TenantRead | TenantBegun:
            read = self._with_azure(tenant, lambda azure: self._start(azure, tenant, batch))
            return read if isinstance(read, TenantBegun) else self._judged(tenant, *read)

        self._terminal_of(tenant).note("reading")
        return self._guarded(tenant, work)

    def part(self, tenant: FleetTenant, subscriptions: Sequence[str]) -> Recording | StepFailed:
        """Read the lists of some of the tenant's subscriptions."""

        async def read(azure: "Azure") -> Recording:
            with watching(self._watched) as progress:
                return await read_part(azure, self._request(tenant), subscriptions, progress)

        return self._guarded(tenant, lambda: self._with_azure(tenant, read))

    def finish(
        self, tenant: FleetTenant, started: TenantBegun, parts: Sequence[Recording | StepFailed]
    ) -> TenantRead | StepFailed:
        """Join the parts, read what depends on all of them, and judge; a part that failed fails the tenant."""
        failed = [part for part in parts if isinstance(part, StepFailed)]
        if failed:
            return failed[0]
        read = [part for part in parts if isinstance(part, Recording)]
        request = self._request(tenant, started.strangers)

        async def rest(azure: "Azure") -> Snapshot:
            with watching(self._watched) as progress:
                return await finish(azure, request, started.begun, read, progress)

        def work() -> TenantRead:
            return self._judged(tenant, self._with_azure(tenant, rest), started.strangers)

        return self._guarded(tenant, work)

    async def _start(
        self, azure: "Azure", tenant: FleetTenant, batch: int | None
    ) -> TenantBegun | tuple[Snapshot, frozenset[str]]:
        with watching(self._watched) as progress:
            started = await self._begun(azure, tenant, progress)
            every = started.begun.subscriptions
            if batch is not None and len(every) > batch:
                return started
            request = self._request(tenant, started.strangers)
            part = await read_part(azure, request, every, progress)
            return await finish(azure, request, started.begun, [part], progress), started.strangers

    async def _begun(self, azure: "Azure", tenant: FleetTenant, progress: "Progress") -> TenantBegun:
        """Begin without the accounts that may belong to other tenants: whose domains are whose is known at the end."""
        strangers: frozenset[str] = frozenset()
        while True:
            try:
                begun = await begin(azure, self._request(tenant, strangers), progress, self._terminal_of(tenant).note)
            except UnknownAccount as unknown:
                if unknown.several or "@" not in unknown.asked or unknown.asked in strangers:
                    raise
                strangers |= {unknown.asked}
            else:
                return TenantBegun(begun, strangers)

    @property
    def _watched(self) -> Terminal:
        """The terminal for the progress of this process; a second one would draw over it."""
        return self.terminal if parent_process() is None else Terminal(quiet=True)

    def _terminal_of(self, tenant: FleetTenant) -> Terminal:
        """The terminal, whose notes name the tenant: several are read at a time."""
        return replace(self.terminal, about=tenant.name)

    def _request(self, tenant: FleetTenant, without: frozenset[str] = frozenset()) -> Request:
        return tenant.request(deep=self.deep, source=self.source, without=without)

    def _with_azure(self, tenant: FleetTenant, work: "Callable[[Azure], Awaitable[T]]") -> T:
        connection = ConnectionOptions(
            cloud=tenant.cloud,
            auth=tenant.auth,
            tenant=own_tenant(tenant),
            concurrency=self.concurrency,
            per_second=self.per_second,
        )
        application = own_application(tenant)

        async def as_named(azure: "Azure") -> T:
            if application:
                _refuse_another(await azure.identity(), application)
            return await work(azure)

        return with_azure(connection, self.terminal, as_named)

    def _judged(self, tenant: FleetTenant, snapshot: Snapshot, strangers: frozenset[str]) -> TenantRead:
        asked = ScanOptions(
            subscription=tenant.subscriptions,
            management_group=tenant.management_groups,
            all_subscriptions=tenant.all,
            account=tenant.accounts,
            deep=self.deep,
            source=self.source,
            error=self.error,
            rule=self.rule,
            rules=self.rules,
            docs_url=self.docs_url,
            form=tuple(map(Output, self.drawing)),
            connection=ConnectionOptions(cloud=tenant.cloud),
        )
        read = environment_in(snapshot, asked, self._terminal_of(tenant))
        for stranger in sorted(strangers):
            if not is_foreign_address(read.inventory, stranger):
                raise UnknownAccount(stranger)
        result = judged(_rules(self.rules, self.rule, self.error), read.inventory, asked, read.accounts)
        return TenantRead(result, snapshot if self.keeps else None)

    def _guarded(self, tenant: FleetTenant, work: Callable[[], T]) -> T | StepFailed:
        """Return what `work` returns, signed in as the tenant, or what failed in words without a secret.

        No exception leaves the step: one that travels between machines brings its own text and that of its causes.
        """
        if self.version != __version__:
            return StepFailed(
                f"{_process()} runs migaudit {__version__}, this command is {self.version}\n"
                "install the same version on all of them"
            )
        try:
            with variables_of(tenant, _process()):
                return _returned(tenant, work)
        except Exception as failure:  # noqa: BLE001 - its variables are missing
            return StepFailed(describe(failure)[1])


def _refuse_another(identity: "Identity", application: str) -> None:
    """Raise `SignInFailed` for another identity of the machine than the application that the tenant's prefix names."""
    if (identity.app_id or "").lower() != application.lower():
        raise SignInFailed(
            (f"`{identity.name}` is signed in, which is not the application of AZURE_CLIENT_ID",),
            "set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH too, or leave AZURE_CLIENT_ID out",
        )


def _returned(tenant: FleetTenant, work: Callable[[], T]) -> T | StepFailed:
    """Return what `work` returns; of a failure its text, while it is known which values in it are secret."""
    try:
        return work()
    except Exception as failure:  # noqa: BLE001 - one tenant's failure is its result
        return StepFailed(in_file_words(tenant, without_own_secrets(describe(failure)[1])))


@cache
def _rules(folders: tuple[Path, ...], ids: tuple[str, ...], errors: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules, which are compiled once in a process, whatever the number of tenants."""
    return chosen_rules(folders, ids, errors)


def _process() -> str:
    """Return what messages call this process: a worker by its address."""
    if "distributed.worker" in sys.modules:
        from distributed import get_worker

        try:
            return f"the worker {get_worker().address}"
        except ValueError:
            pass
    return "this process"
