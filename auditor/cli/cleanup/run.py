"""A run over a plan that changes Azure: what `apply` and `restore` have in common, from opening files to the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from auditor.cli.cleanup.files import HeldPlan, chosen, read_plan
from auditor.cli.cleanup.results import Teller, code_of
from auditor.cli.environment.reading import with_azure
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, describe
from auditor.cli.options import ConnectionOptions
from auditor.cli.terminal import Terminal, to_stderr
from auditor.files import why
from auditor.report.inert import inert

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.connection import Azure
    from auditor.azure.writes import WritePermit
    from auditor.cleanup.azure_workspaces import AzureWorkspaces
    from auditor.cleanup.journal import Journal
    from auditor.cleanup.plan import CleanupPlan, Item
    from auditor.cleanup.results import ItemResult, RunEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The options that both commands have, one field per option."""

    dry_run: bool
    only: tuple[str, ...]
    wait: timedelta
    form: str
    connection: ConnectionOptions


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A plan locked for this run: its chosen items, its journal, and the connection to Azure."""

    held: HeldPlan
    items: "tuple[Item, ...]"
    journal: "Journal"
    asked: RunRequest
    terminal: Terminal
    results: "list[ItemResult]" = field(default_factory=list)
    """The results so far."""

    @property
    def plan(self) -> "CleanupPlan":
        """The plan."""
        return self.held.plan

    def tell(self, result: "ItemResult") -> None:
        """Print the result of an item and remember it."""
        self.results.append(result)
        Teller(self.asked.form).tell(result)

    def cut_short(self) -> "tuple[ItemResult, ...]":
        """Return the result of each item of a run that was interrupted."""
        from auditor.cleanup.apply import when_interrupted

        return when_interrupted(self.items, self.results, self.journal)

    def in_azure(self, permit: "WritePermit", work: "Work") -> "tuple[ItemResult, ...]":
        """Return the result of `work` over one connection; raises `NotAdmitted` in another tenant or cloud."""
        from auditor.cleanup.admission import admit_there
        from auditor.cleanup.azure_workspaces import AzureWorkspaces, Patience

        patience = Patience.within(self.asked.wait.total_seconds())

        async def whole(azure: "Azure") -> "tuple[ItemResult, ...]":
            identity = await azure.identity()
            admit_there(self.plan, identity.tenant_id, azure.cloud)
            return await work(azure, identity, AzureWorkspaces(azure.arm, patience, permit))

        return with_azure(self.asked.connection, self.terminal, whole)


class Work(Protocol):
    """The work of a command once it is connected."""

    async def __call__(
        self, azure: "Azure", identity: "Identity", cloud: "AzureWorkspaces", /
    ) -> "tuple[ItemResult, ...]":
        """Return the result of each item."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Messages for the end of a run: `interrupted` after Ctrl-C, otherwise `note`, which may be empty."""

    interrupted: str
    note: "Callable[[Sequence[ItemResult]], str]"


def run_over(
    path: Path,
    asked: RunRequest,
    terminal: Terminal,
    work: "Callable[[OpenRun], tuple[ItemResult, ...]]",
    ending: Ending,
) -> ExitCode:
    """Run `work` over the plan at `path` and return the exit code; raises `CommandFailed` if it may not begin."""
    from auditor.cleanup.admission import NotAdmitted
    from auditor.cleanup.results import RunEnd, end_of

    held = read_plan(path)
    items = chosen(held.plan.deletions, asked.only)
    with _journal_alone(held) as journal:
        run = OpenRun(held, items, journal, asked, terminal)
        try:
            results = work(run)
        except NotAdmitted as refused:
            raise CommandFailed(code_of(refused.end), str(refused)) from refused
        except KeyboardInterrupt:
            to_stderr(ending.interrupted)
            return _reported(run, run.cut_short(), RunEnd.STOPPED)
        except Exception as failure:
            if not journal.has_grown:
                raise
            # A request was sent, so its result is reported whatever else fails.
            to_stderr(f"error: {describe(failure)[1]}")
            return _reported(run, run.cut_short(), RunEnd.STOPPED)
        if note := ending.note(results):
            terminal.note(note)
        return _reported(run, results, end_of(results))


def _reported(run: OpenRun, results: "Sequence[ItemResult]", end: "RunEnd") -> ExitCode:
    """Print how a run ended, on stderr if stdout fails: what was done in Azure must always be reported."""
    try:
        return Teller(run.asked.form).end(results, end)
    except OSError as broken:
        if not run.journal.has_grown:
            raise
        lines = [f"{inert(one.item.name)}: {one.outcome.value}" for one in results]
        head = f"cannot write the output: {why(broken)}; the result of each item:"
        raise CommandFailed(code_of(end) or ExitCode.APPLY_STOPPED, "\n  ".join([head, *lines])) from broken


@contextmanager
def _journal_alone(held: HeldPlan) -> "Iterator[Journal]":
    """Lock the plan and open its journal; raises `CommandFailed` (exit 22) if another run holds the lock."""
    from auditor.cleanup.journal import BadJournal, Journal
    from auditor.cleanup.lock_file import AlreadyRunning, alone
    from auditor.own_file import NotOurs

    with ExitStack() as held_alone:
        try:
            held_alone.enter_context(alone(held.lock))
            journal = Journal(held.journal, held.checksum)
        except (AlreadyRunning, BadJournal, NotOurs) as refused:
            raise CommandFailed(ExitCode.REFUSED, str(refused)) from refused
        except OSError as broken:
            place = held.lock.parent
            text = f"cannot write beside the plan, in `{place}`: {why(broken)}; nothing was done"
            raise CommandFailed(ExitCode.REFUSED, text) from broken
        yield journal
