"""What the user asked `scan` for, and what of it cannot stand together."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from auditor.cli.failures import UsageFailed
from auditor.cli.formats import Output, outputs
from auditor.cli.outputs import ensure_writable


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """What the user asked `scan` for; one field an option."""

    subscription: tuple[str, ...]
    management_group: tuple[str, ...]
    all_subscriptions: bool
    account: tuple[str, ...]
    deep: bool
    project: str | None
    resource_group: str | None
    registration_mode: str | None
    error: tuple[str, ...]
    rule: tuple[str, ...]
    rules: tuple[Path, ...]
    demo: bool
    snapshot: Path | None
    save_snapshot: Path | None
    at: str | None
    form: tuple[Output, ...]
    output: Path | None
    fail_on: str
    strict: bool
    all_verdicts: bool
    cloud: str
    auth: str
    tenant: str | None
    concurrency: int
    suppress: Path | None = None
    baseline: Path | None = None

    def outputs(self) -> tuple[Output, ...]:
        """Return what is to be written where; raises `UsageFailed` for what cannot be, before anything is read."""
        files = {
            "--save-snapshot": self.save_snapshot,
            "--snapshot": self.snapshot,
            "--suppress": self.suppress,
            "--baseline": None if self.baseline == self.snapshot else self.baseline,
        }
        return outputs(self.form, self.output, files)

    @property
    def draws_map(self) -> bool:
        """Whether a format is asked for that shows the environment as a map."""
        return any(output.form == "html" for output in self.form)

    @property
    def narrowed_to(self) -> tuple[str, ...]:
        """The options that keep the verdicts to a part of what is read."""
        inside = (*self.subscription, *self.management_group) if self.snapshot else ()
        named = {"--project": self.project, "--resource-group": self.resource_group}
        return (*(f"{option} {name}" for option, name in named.items() if name), *(f"within {name}" for name in inside))

    def about(self, accounts: tuple[str, ...]) -> "ScanOptions":
        """Return the same for `accounts` and every subscription, where the user named neither."""
        everything = not (self.subscription or self.management_group)
        return replace(self, account=self.account or accounts, all_subscriptions=everything)


def refuse_contradictions(asked: ScanOptions) -> None:
    """Raise `UsageFailed` for options that cannot stand together, and for outputs that cannot be written."""
    named = bool(asked.subscription or asked.management_group)
    if asked.all_subscriptions and named:
        raise UsageFailed("`--all` reads every subscription: leave out `--subscription` and `--management-group`")
    if asked.snapshot and (asked.demo or asked.save_snapshot or asked.deep):
        raise UsageFailed(
            "`--snapshot` evaluates what was read before: leave out `--demo`, `--save-snapshot` and `--deep`"
        )
    if asked.demo and asked.cloud != "AzureCloud":
        raise UsageFailed("`--demo` brings its own cloud: leave out `--cloud`")
    if not (named or asked.all_subscriptions or asked.snapshot or asked.demo):
        raise UsageFailed(
            "nothing says what to read: name it with `--subscription` or `--management-group`, or read `--all`; "
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
        raise UsageFailed(f"`--at {text}` is no time; write it as 2026-11-23T10:00:00Z")
    return found
