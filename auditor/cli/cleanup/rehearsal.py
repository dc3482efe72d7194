"""`cleanup rehearse`: the whole way from a plan to a deletion and back, on an Azure that this process emulates."""

import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from auditor.cleanup.script import Shell
from auditor.cli.cleanup.applying import QUESTION, Applying, apply_plan, describe_question
from auditor.cli.cleanup.files import read_plan
from auditor.cli.cleanup.planning import PlanRequest, made_plan, show, write
from auditor.cli.cleanup.restoring import restore_plan
from auditor.cli.cleanup.run import RunRequest
from auditor.cli.environment.demo import signed_in_to
from auditor.cli.environment.interruptible import removed_in_any_case
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.options import ConnectionOptions
from auditor.cli.terminal import Terminal, to_stderr, to_stdout
from auditor.files import why
from auditor.report.inert import inert
from auditor.shells import CommandShell

if TYPE_CHECKING:
    from auditor.cleanup.plan import CleanupPlan, Item
    from auditor.inventory.snapshot.snapshot import Snapshot
    from auditor.report.terminal.page import Page

PLAN, REQUESTS = Path("plan.json"), Path("requests.jsonl")
_SCRIPTS = {"bash": "cleanup.sh", "powershell": "cleanup.ps1"}
"""The files of a rehearsal; beside the plan lie the journal and the script, by its shell."""
_CHANGING = frozenset({"DELETE", "PUT", "PATCH"})
_WAIT = timedelta(minutes=5)
_MAX_AGE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The options of `cleanup rehearse`."""

    snapshot: Path | None
    folder: Path | None
    asks: bool


class _Request(msgspec.Struct):
    """A line of the emulator's access log."""

    method: str
    path: str
    status: int


def rehearsed(asked: Rehearsal, terminal: Terminal) -> ExitCode:
    """Rehearse and return the worst exit code of the steps; raises `UsageFailed` for a folder that is not empty."""
    from auditor.emulator.moved_dates import days_to, moved
    from auditor.emulator.options import Options
    from auditor.emulator.running import running_in_thread

    snapshot = _environment(asked.snapshot)
    world = moved(snapshot, days_to(snapshot, datetime.now(UTC)))
    with (
        _folder(asked.folder) as folder,
        running_in_thread(world, Options(access_log=folder / REQUESTS)) as endpoints,
        signed_in_to(endpoints) as connection,
        chdir(folder),
    ):
        terminal.note("this Azure is emulated by this process: nothing of yours is read or changed")
        return _steps(asked, connection, terminal)


def _steps(asked: Rehearsal, connection: ConnectionOptions, terminal: Terminal) -> ExitCode:
    everywhere = PlanRequest(
        subscription=(),
        management_group=(),
        all_subscriptions=True,
        demo=False,
        snapshot=None,
        output=PLAN,
        include=(),
        connection=connection,
    )
    _heading(1, "the plan", f"cleanup plan --all --output {PLAN}")
    document = made_plan(everywhere, terminal)
    write(document, PLAN, terminal)
    show(document, "table", terminal)
    plan = read_plan(PLAN).plan
    if not plan.deletions:
        to_stdout(["\nThe plan deletes nothing, so there is nothing more to rehearse.\n"])
        return ExitCode.CLEAN
    shell = Shell.BASH if terminal.command_shell is CommandShell.BASH else Shell.POWERSHELL
    as_script = f"cleanup script {PLAN} --shell {shell.value}"
    _heading(2, "the plan as a script, for those who prefer to run `az` themselves", as_script)
    _write_script(plan, shell, terminal)
    _heading(3, "everything except the deletion", f"cleanup apply {PLAN} --dry-run")
    codes = [apply_plan(PLAN, _applying(connection, dry_run=True), terminal)]
    _heading(4, "the deletion, which can be undone for 14 days", f"cleanup apply {PLAN}")
    earnest = _applying(connection, dry_run=False)
    if not (asked.asks and sys.stdin.isatty()):
        earnest = replace(earnest, answer=_answered)
    codes.append(apply_plan(PLAN, earnest, terminal))
    if codes[-1] is ExitCode.APPLY_STOPPED:
        to_stdout([_ending(terminal, None)])
        return codes[-1]
    _heading(5, "and back", f"cleanup restore {PLAN}")
    back = RunRequest(dry_run=False, only=(), wait=_WAIT, form="table", connection=connection)
    codes.append(restore_plan(PLAN, back, terminal))
    to_stdout([_ending(terminal, plan)])
    return next((code for code in codes if code is not ExitCode.CLEAN), ExitCode.CLEAN)


def _applying(connection: ConnectionOptions, *, dry_run: bool) -> Applying:
    return Applying(
        dry_run=dry_run, only=(), wait=_WAIT, form="table", connection=connection, yes=False, max_age=_MAX_AGE
    )


def _environment(path: Path | None) -> "Snapshot":
    from auditor.data import demo_file
    from auditor.inventory.snapshot.files import load

    return load(path or demo_file())


@contextmanager
def _folder(named: Path | None) -> Iterator[Path]:
    """Yield the folder for the files: the one that was named, which must be new or empty, or a temporary one."""
    if named is None:
        with TemporaryDirectory(prefix="migaudit-rehearsal-") as folder, removed_in_any_case(Path(folder)):
            yield Path(folder)
        return
    try:
        named.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(named.iterdir()):
            raise UsageFailed(f"`--folder {named}`: the folder is not empty: name a new one")
    except OSError as failed:
        raise UsageFailed(f"`--folder {named}`: {why(failed)}") from failed
    yield named.resolve()


def _heading(number: int, what: str, command: str) -> None:
    to_stdout([f"\n{number} of 5 · {what}\n$ migaudit {command}\n"])


def _write_script(plan: "CleanupPlan", shell: Shell, terminal: Terminal) -> None:
    """Write the script beside the plan, and print it with `--verbose`, otherwise its commands."""
    from auditor.cleanup.script import call_of, script

    text = script(plan, shell)
    # With plain line feeds on Windows too, where bash runs it in the Subsystem for Linux.
    Path(_SCRIPTS[shell.value]).write_text(text, encoding="utf-8", newline="\n")
    lines = text.splitlines()
    shown = lines if terminal.verbose else [line for line in lines if line.startswith(f"{call_of(shell)} ")]
    to_stdout(f"{line}\n" for line in shown)
    if not terminal.verbose:
        to_stdout([f"{len(lines) - len(shown):,} more lines of checks and comments: `--verbose`\n"])


def _answered(item: "Item", plan: "CleanupPlan") -> str:
    """Print the question with its answer, and return the answer."""
    to_stderr(f"{describe_question(item, plan)}\n{QUESTION}: {inert(item.name)}")
    return item.name


def _ending(terminal: Terminal, plan: "CleanupPlan | None") -> str:
    """Return the requests that changed something, and for a plan that was carried out the commands in earnest."""
    from auditor.cli.table_style import page_style
    from auditor.report.terminal.page import Page

    page = Page(page_style(terminal))
    page.gap()
    _write_sent(page)
    if plan is not None:
        _write_in_earnest(page, plan)
    return page.text()


def _write_sent(page: "Page") -> None:
    """Write the requests that changed something, each with Azure's answer."""
    decoder = msgspec.json.Decoder(_Request)
    entries = map(decoder.decode, filter(None, REQUESTS.read_bytes().splitlines()))
    changing = [one for one in entries if one.method in _CHANGING]
    page.line(f"Of all requests, these changed something: {len(changing):,}")
    page.fields([(f"{one.method} {one.status}", one.path.partition("?")[0]) for one in changing], indent=2)
    page.gap()


def _write_in_earnest(page: "Page", plan: "CleanupPlan") -> None:
    """Write the rights and the commands for one's own environment."""
    from auditor.cleanup.admission import TO_APPLY

    count = len(plan.deletions)
    workspaces = "the workspace" if count == 1 else f"each of the {count:,} workspaces"
    page.line(
        f"In earnest, `cleanup apply` reads everything about {workspaces} again, asks for each name, and needs these "
        "rights besides those for reading; `migaudit permissions --for cleanup --format role` prints them as a role:"
    )
    for right in TO_APPLY:
        page.labelled("  ", right)
    page.gap()
    for command in (
        "migaudit cleanup plan --all --output plan.json",
        "migaudit cleanup apply plan.json --dry-run",
        "migaudit cleanup apply plan.json",
    ):
        page.command("  ", command)
