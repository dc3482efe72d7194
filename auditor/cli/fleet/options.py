"""The options of `fleet run`, and the check that they can be met."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.failures import UsageFailed
from auditor.cli.formats import TABLE, Output, outputs
from auditor.cli.shown_part import refuse_unseen
from auditor.extras import ensure_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.fleet.tenant import FleetTenant, Source

FORMATS = ("table", "json", "jsonl", "csv", "markdown", "html", "sarif", "xlsx")
"""The formats of a fleet run. JUnit and OCSF have no place for a tenant: a scan of a saved snapshot writes them."""
BATCH = 250
"""How many subscriptions a piece of work has on a cluster, unless `--batch` says otherwise."""
RUN_FILE = "fleet.json"
"""The name of the result in the folder of `--save`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """The options of `fleet run`, one field per option; `file` is the fleet file."""

    file: Path
    only: tuple[str, ...] = ()
    deep: bool = False
    source: "Source" = "auto"
    error: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    workers: int | None = None
    scheduler: str | None = None
    batch: int | None = None
    save: Path | None = None
    form: tuple[Output, ...] = ()
    output: Path | None = None
    docs_url: str | None = None
    fail_on: str = "high"
    strict: bool = False
    all_verdicts: bool = False
    severity: str | None = None
    show: tuple[str, ...] = ()
    concurrency: int = 64
    per_second: float | None = None

    @property
    def on_cluster(self) -> bool:
        """Whether other processes do the work."""
        return self.workers is not None or self.scheduler is not None

    @property
    def most(self) -> int | None:
        """The largest number of subscriptions of one piece of work; None for as many as there are."""
        return self.batch or (BATCH if self.on_cluster else None)

    @property
    def drawing(self) -> tuple[str, ...]:
        """The formats asked for that need more than findings: the page and the workbook."""
        return tuple(sorted({output.form for output in self.form} & {"html", "xlsx"}))

    def outputs(self) -> tuple[Output, ...]:
        """Return the outputs to write; raises `UsageFailed`, before anything is read, if one cannot be written."""
        kept = {} if self.save is None else {"--save": self.save, f"{RUN_FILE} of --save": self.save / RUN_FILE}
        return outputs(self.form, self.output, {"FILE": self.file, **kept})


def refuse_bad_options(asked: FleetOptions, tenants: "Sequence[FleetTenant]") -> None:
    """Raise `UsageFailed`, before anything is read, for options that contradict each other or cannot be met."""
    refuse_unseen(asked.show, (one.form for one in asked.form or (Output(TABLE),)), TABLE)
    if asked.workers is not None and asked.scheduler is not None:
        raise UsageFailed(
            "`--workers` starts processes here, `--scheduler` uses a cluster that is there: leave out one"
        )
    if not asked.on_cluster:
        return
    ensure_extra("fleet", "`--workers`" if asked.scheduler is None else "`--scheduler`")
    if asked.scheduler is not None and asked.rules:
        raise UsageFailed("the workers of `--scheduler` have no `--rules` folder: leave it out, or use `--workers`")
    for tenant in tenants:
        if tenant.needs_person:
            raise UsageFailed(
                f"{tenant.place}: `auth: {tenant.auth}` needs a person, and nobody sits at a worker: "
                "choose another way to sign in, or leave out `--workers` and `--scheduler`"
            )


def chosen_tenants(tenants: "Sequence[FleetTenant]", only: tuple[str, ...]) -> "tuple[FleetTenant, ...]":
    """Return the tenants named in `only`, or all of them; raises `UsageFailed` for a name that none has."""
    from auditor.nearest import no_such

    known = {tenant.name.casefold(): tenant for tenant in tenants}
    for name in only:
        if name.casefold() not in known:
            raise UsageFailed(no_such("tenant", name, [tenant.name for tenant in tenants]))
    wanted = {name.casefold() for name in only} or known.keys()
    return tuple(tenant for tenant in tenants if tenant.name.casefold() in wanted)
