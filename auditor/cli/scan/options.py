"""The options of `scan`, and the check that they do not contradict each other."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from auditor.audit.compare.narrowing import narrowing
from auditor.cli.failures import UsageFailed
from auditor.cli.formats import TABLE, Output, outputs
from auditor.cli.options import ConnectionOptions, refuse_demo_elsewhere
from auditor.cli.outputs import ensure_writable
from auditor.cli.repeating import OF_ONE_RUN, repeated
from auditor.cli.shown_part import refuse_unseen

if TYPE_CHECKING:
    from auditor.inventory.snapshot.records import AskedAbout


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """The options of `scan`, one field per option."""

    subscription: tuple[str, ...] = ()
    management_group: tuple[str, ...] = ()
    all_subscriptions: bool = False
    account: tuple[str, ...] = ()
    deep: bool = False
    source: Literal["auto", "arm", "graph"] = "arm"
    project: str | None = None
    resource_group: str | None = None
    registration_mode: Literal["user", "app", "arc"] | None = None
    error: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    demo: bool = False
    snapshot: Path | None = None
    save_snapshot: Path | None = None
    resume: Path | None = None
    max_age: timedelta = timedelta(hours=12)
    at: str | None = None
    form: tuple[Output, ...] = ()
    output: Path | None = None
    docs_url: str | None = None
    fail_on: str = "high"
    strict: bool = False
    all_verdicts: bool = False
    severity: str | None = None
    show: tuple[str, ...] = ()
    connection: ConnectionOptions
    suppress: Path | None = None
    baseline: Path | None = None

    def outputs(self) -> tuple[Output, ...]:
        """Return the outputs to write; raises `UsageFailed`, before anything is read, if one cannot be written."""
        files = {
            "--save-snapshot": self.save_snapshot,
            "--resume": self.resume,
            "--snapshot": self.snapshot,
            "--suppress": self.suppress,
            "--baseline": None if self.baseline == self.snapshot else self.baseline,
        }
        return outputs(self.form, self.output, files)

    @property
    def writes_page(self) -> bool:
        """Whether the page is asked for, which shows the environment as a map and the readiness of machines."""
        return any(output.form == "html" for output in self.form)

    @property
    def writes_workbook(self) -> bool:
        """Whether the workbook is asked for, which lists what is on the map and what is left behind."""
        return any(output.form == "xlsx" for output in self.form)

    @property
    def names_settled(self) -> bool:
        """Whether anything that was asked for names each finding that passes or does not apply."""
        named = any(output.form in {"html", "junit"} for output in self.form)
        return named or self.all_verdicts or bool(self.show) or self.baseline is not None

    def command(self, context: click.Context) -> str:
        """Return the command that shows this result again, without reading Azure again if it was saved."""
        saved = self.save_snapshot
        if saved is None:
            return repeated(context, OF_ONE_RUN)
        return repeated(context, {*OF_ONE_RUN, *_OF_READING}, ("--snapshot", str(saved)))

    @property
    def narrowed_to(self) -> tuple[str, ...]:
        """The options that keep the verdicts to a part of what is read."""
        inside = (*self.subscription, *self.management_group) if self.snapshot else ()
        return (*narrowing(self.project, self.resource_group), *(f"within {name}" for name in inside))

    def about(self, accounts: tuple[str, ...]) -> "ScanOptions":
        """Return the options with `accounts` and every subscription as defaults for what the user did not name."""
        everything = not (self.subscription or self.management_group)
        return replace(self, account=self.account or accounts, all_subscriptions=everything)

    def as_in(self, saved: "AskedAbout | None") -> "ScanOptions":
        """Return the options with what the saved scan was about as defaults; with `--all`, all projects stay in."""
        if saved is None:
            return self
        about = saved.asked_again(
            accounts=self.account,
            project=self.project,
            resource_group=self.resource_group,
            registration_mode=self.registration_mode,
            everywhere=self.all_subscriptions,
        )
        return replace(
            self,
            account=about.accounts,
            project=about.project,
            resource_group=about.resource_group,
            registration_mode=about.registration_mode,
        )


_OF_READING = frozenset(
    ("subscription", "management_group", "all_subscriptions", "deep", "source", "save_snapshot", "demo")
) | {one.name for one in fields(ConnectionOptions)}
"""Options that say what is read; a saved snapshot is what was read."""


def refuse_contradictions(asked: ScanOptions) -> None:
    """Raise `UsageFailed` for options that contradict each other, and for a snapshot that cannot be written."""
    refuse_unseen(asked.show, (one.form for one in asked.form or (Output(TABLE),)), TABLE)
    named = bool(asked.subscription or asked.management_group)
    if asked.all_subscriptions and named:
        raise UsageFailed("`--all` reads every subscription: leave out `--subscription` and `--management-group`")
    if asked.snapshot and (asked.demo or asked.save_snapshot or asked.deep):
        raise UsageFailed(
            "`--snapshot` evaluates what was read before: leave out `--demo`, `--save-snapshot` and `--deep`"
        )
    if asked.resume and (asked.snapshot or asked.demo):
        raise UsageFailed("`--resume` goes on with reading Azure: leave out `--snapshot` and `--demo`")
    if asked.demo:
        refuse_demo_elsewhere(asked.connection.cloud)
    if not (named or asked.all_subscriptions or asked.snapshot or asked.demo):
        raise UsageFailed(
            "no scope is named: name it with `--subscription` or `--management-group`, or read `--all`; "
            "`--demo` shows a scan without any Azure"
        )
    if asked.at:
        moment(asked.at)
    if asked.save_snapshot:
        from auditor.inventory.snapshot.files import suffix_of

        suffix_of(asked.save_snapshot)
        ensure_writable(asked.save_snapshot, option="--save-snapshot")


def moment(text: str) -> datetime:
    """Return the time that `--at` names, in UTC; raises `UsageFailed`."""
    from auditor.inventory.instants import instant

    found = instant(text)
    if found is None:
        raise UsageFailed(f"`--at {text}` is not a time; write it as 2026-11-23T10:00:00Z")
    return found
