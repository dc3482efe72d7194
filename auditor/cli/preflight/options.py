"""The options of `preflight`, and the check that they do not contradict each other."""

from dataclasses import dataclass
from pathlib import Path

from auditor.cli.failures import UsageFailed
from auditor.cli.options import ConnectionOptions
from auditor.cli.scan.options import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightRequest:
    """The options of `preflight`, one field per option."""

    subscription: str | None
    project: str | None
    resource_group: str | None
    account: str | None
    discovery_account: str | None
    mode: str | None
    kind: str
    steps: tuple[str, ...]
    who: bool
    demo: bool
    snapshot: Path | None
    at: str | None
    form: str
    connection: ConnectionOptions

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that were named, without duplicates."""
        return tuple(dict.fromkeys(text for text in (self.account, self.discovery_account) if text))


def refuse_contradictions(asked: PreflightRequest) -> None:
    """Raise `UsageFailed` for missing options and for options that contradict each other."""
    if asked.snapshot and asked.demo:
        raise UsageFailed("`--snapshot` checks what was read before: leave out `--demo`")
    if asked.demo and asked.connection.cloud != "AzureCloud":
        raise UsageFailed("`--demo` brings its own cloud: leave out `--cloud`")
    if asked.project is None and not asked.demo:
        raise UsageFailed("no project is named: name it with `--project`")
    by_id = (asked.project or "").startswith("/")
    if not (asked.subscription or by_id or asked.snapshot or asked.demo):
        raise UsageFailed(
            "no subscription is named: name the project's subscription with `--subscription`; "
            "`--demo` shows a preflight without any Azure"
        )
    if asked.at:
        moment(asked.at)
