"""The options of `readiness`, and the check that they do not contradict each other."""

from dataclasses import dataclass
from pathlib import Path

from auditor.cli.failures import UsageFailed
from auditor.cli.options import ConnectionOptions
from auditor.cli.outputs import ensure_different, ensure_writable
from auditor.cli.scan.options import ScanOptions, refuse_contradictions
from auditor.cli.shown_part import refuse_unseen
from auditor.extras import ensure_extra

TEXT = "text"
FORMATS = (TEXT, "json", "csv", "xlsx", "html", "markdown")
WORKBOOK = "xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessOptions:
    """The options of `readiness`, one field per option."""

    subscription: tuple[str, ...] = ()
    management_group: tuple[str, ...] = ()
    all_subscriptions: bool = False
    project: str | None = None
    resource_group: str | None = None
    group: str | None = None
    assessment: str | None = None
    demo: bool = False
    snapshot: Path | None = None
    save_snapshot: Path | None = None
    at: str | None = None
    form: str = "text"
    output: Path | None = None
    docs_url: str | None = None
    fail_on: str = "high"
    strict: bool = False
    severity: str | None = None
    show: tuple[str, ...] = ()
    connection: ConnectionOptions

    def as_scan(self) -> ScanOptions:
        """Return the options that a scan has too, which contradict each other in the same way."""
        return ScanOptions(
            subscription=self.subscription,
            management_group=self.management_group,
            all_subscriptions=self.all_subscriptions,
            demo=self.demo,
            snapshot=self.snapshot,
            save_snapshot=self.save_snapshot,
            at=self.at,
            connection=self.connection,
        )


def refuse_bad_options(asked: ReadinessOptions) -> None:
    """Raise `UsageFailed`, before anything is read, for options that contradict each other or cannot be met."""
    refuse_contradictions(asked.as_scan())
    refuse_unseen(asked.show, (asked.form,), TEXT)
    if asked.form == WORKBOOK:
        if asked.output is None:
            raise UsageFailed("a workbook goes to a file: add `--output FILE.xlsx`")
        ensure_extra("xlsx", "`--format xlsx`")
    ensure_different(
        {"--output": asked.output, "--snapshot": asked.snapshot, "--save-snapshot": asked.save_snapshot},
    )
    if asked.output is not None:
        ensure_writable(asked.output, option="--output")
