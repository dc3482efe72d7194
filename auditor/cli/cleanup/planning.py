"""`cleanup plan`: read, read more about candidates, judge, and make the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from auditor.cli.cleanup.files import journal_of
from auditor.cli.environment.progress import watching
from auditor.cli.environment.reading import context_of, read_azure, with_azure
from auditor.cli.environment.unreadable import ensure_readable
from auditor.cli.failures import UsageFailed
from auditor.cli.options import ConnectionOptions, refuse_demo_elsewhere
from auditor.cli.outputs import ensure_different, ensure_writable, write_text
from auditor.cli.terminal import Terminal, to_stdout
from auditor.collect.request import Request

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.inventory.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """The options of `cleanup plan`, one field per option."""

    subscription: tuple[str, ...]
    management_group: tuple[str, ...]
    all_subscriptions: bool
    demo: bool
    snapshot: Path | None
    output: Path | None
    include: tuple[str, ...]
    connection: ConnectionOptions

    @property
    def request(self) -> Request:
        """The request for what the plan needs."""
        everything = self.demo and not (self.subscription or self.management_group)
        return Request(
            subscriptions=self.subscription,
            management_groups=self.management_group,
            all=self.all_subscriptions or everything,
        )

    def check(self) -> None:
        """Raise `UsageFailed` for options that contradict each other, and for an output that cannot be written."""
        named = bool(self.subscription or self.management_group)
        if self.all_subscriptions and named:
            raise UsageFailed(
                "`--all` looks at every subscription: leave out `--subscription` and `--management-group`"
            )
        if self.snapshot and (self.demo or named or self.all_subscriptions):
            raise UsageFailed("`--snapshot` plans from what was read before: leave out the other options for the scope")
        if self.demo:
            refuse_demo_elsewhere(self.connection.cloud)
        if not (named or self.all_subscriptions or self.snapshot or self.demo):
            raise UsageFailed("name what to look at: `--subscription`, `--management-group`, `--all` or `--demo`")
        ensure_different({"--output": self.output, "--snapshot": self.snapshot})
        if self.output:
            ensure_writable(self.output, option="--output")
            if journal_of(self.output.resolve()).exists():
                raise UsageFailed(
                    f"`{self.output}` was applied: `{journal_of(self.output).name}` beside it is needed to restore; "
                    "choose another name"
                )


def made_plan(wanted: PlanRequest, terminal: Terminal) -> dict[str, Any]:
    """Return the plan that was asked for, as the published JSON document."""
    from auditor.cleanup.plan import PlanSource, plan_now
    from auditor.cleanup.plan_file import as_document

    wanted.check()
    if wanted.snapshot is not None:
        from auditor.inventory.snapshot.files import load

        snapshot = load(wanted.snapshot)
        ensure_readable(snapshot, terminal)
        terminal.note("planned offline: `cleanup apply` reads everything again before it touches anything")
        return as_document(plan_now(context_of(snapshot), PlanSource.SNAPSHOT, wanted.include))
    if wanted.demo:
        from auditor.cli.environment.demo import demo_snapshot

        snapshot = demo_snapshot(_deep(wanted.request), terminal)
        return as_document(plan_now(context_of(snapshot), PlanSource.DEMO, wanted.include))
    return as_document(plan_now(context_of(_live(wanted, terminal)), PlanSource.LIVE, wanted.include))


def _live(wanted: PlanRequest, terminal: Terminal) -> "Snapshot":
    """Return what a scan reads, and of each workspace that it leaves undecided everything that decides on it."""
    from auditor.cleanup.plan import candidates
    from auditor.collect.workspaces.every_use import deepened

    snapshot = read_azure(wanted.request, wanted.connection, terminal)
    ensure_readable(snapshot, terminal, every=wanted.all_subscriptions)
    hopeful = candidates(context_of(snapshot))
    if not hopeful:
        return snapshot
    terminal.note(f"{_counted(len(hopeful))} may be left behind: asking now what sends data there")

    async def deeper(azure: "Azure") -> "Snapshot":
        with watching(terminal) as progress:
            return await deepened(azure, snapshot, hopeful, progress)

    return with_azure(wanted.connection, terminal, deeper)


def _counted(workspaces: int) -> str:
    return "1 workspace" if workspaces == 1 else f"{workspaces:,} workspaces"


def _deep(request: Request) -> Request:
    return replace(request, deep=True)


def write(document: Mapping[str, Any], output: Path, terminal: Terminal) -> None:
    """Write the plan to a file, atomically and readable by its owner alone."""
    from auditor.report.json_text import json_text

    write_text([json_text(document)], output)
    terminal.note(f"wrote the plan to `{output}`")


def next_commands(document: Mapping[str, Any], file: Path | None) -> tuple[tuple[str, str], ...]:
    """Return the commands that go on from a plan, which is in `file` if it was kept, each with what it does."""
    if document["source"] == "demo":
        return (("migaudit cleanup rehearse", "goes the whole way on an emulated Azure"),)
    if file is None or document["partial"] or not any(item["action"] == "delete" for item in document["items"]):
        return ()
    kept = quote(str(file))
    return (
        (f"migaudit cleanup show {kept} --format markdown", "the plan as a change request"),
        (f"migaudit cleanup apply {kept} --dry-run", "everything except the deletion"),
    )


def show(
    document: Mapping[str, Any], form: str, terminal: Terminal, commands: tuple[tuple[str, str], ...] = ()
) -> None:
    """Print the plan on stdout; on a terminal with the commands that go on from it, unless `--quiet` is set."""
    if form == "json":
        from auditor.report.json_text import json_text

        to_stdout([json_text(document)])
        return
    if form == "markdown":
        from auditor.report.formats.plan_markdown import render

        to_stdout([render(document, terminal.document_shells)])
        return
    from auditor.cli.table_style import page_style
    from auditor.report.terminal.plan import render_plan

    further = () if terminal.quiet else commands
    to_stdout([render_plan(document, page_style(terminal), verbose=terminal.verbose, commands=further)])
