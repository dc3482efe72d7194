"""A plan on disk, with its journal and its lock file beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, UsageFailed
from auditor.files import why

if TYPE_CHECKING:
    from auditor.cleanup.plan import CleanupPlan, Item


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan that was read and verified, with its checksum."""

    path: Path
    plan: "CleanupPlan"
    checksum: str

    @property
    def journal(self) -> Path:
        """The file that records what was done."""
        return journal_of(self.path)

    @property
    def lock(self) -> Path:
        """The file that only one run at a time can lock."""
        return self.path.with_name(f"{self.path.name}.lock")


def journal_of(plan: Path) -> Path:
    """Return the path of a plan's journal."""
    return plan.with_name(f"{plan.name}.journal.jsonl")


def read_plan(path: Path) -> HeldPlan:
    """Return the plan in `path`; raises `CommandFailed` (exit 22) for a plan that cannot be trusted."""
    from auditor.cleanup.plan_file import BadPlan, MalformedPlan, decode

    try:
        path = path.resolve()
        if not path.is_file():
            raise CommandFailed(ExitCode.REFUSED, f"`{path.name}` is refused: it is not an ordinary file")
        plan, checksum = decode(path.read_bytes())
    except MalformedPlan as bad:
        raise UsageFailed(f"{path}:{bad.line}: {bad}") from bad
    except BadPlan as bad:
        raise CommandFailed(ExitCode.REFUSED, f"`{path.name}` is refused: {bad}") from bad
    except OSError as unreadable:
        raise UsageFailed(f"cannot read `{path}`: {why(unreadable)}") from unreadable
    return HeldPlan(path, plan, checksum)


def refuse_partial(plan: "CleanupPlan") -> None:
    """Raise `CommandFailed` (exit 22) for a plan from a partial scan."""
    if plan.partial:
        why = "; ".join(plan.partial)
        raise CommandFailed(
            ExitCode.REFUSED, f"the plan comes from a partial scan: {why}; scan everything and plan again"
        )


def chosen(items: "tuple[Item, ...]", only: tuple[str, ...]) -> "tuple[Item, ...]":
    """Return the items that `--only` names, or all if it is not given; raises `UsageFailed` for an unknown id."""
    if not only:
        return items
    by_key = {item.id.lower(): item for item in items}
    wanted = [text.strip().lower().rstrip("/") for text in only]
    strangers = [text for text, key in zip(only, wanted, strict=True) if key not in by_key]
    if strangers:
        raise UsageFailed(
            f"`--only {strangers[0]}`: the plan deletes no item with this ARM id; see `migaudit cleanup show`"
        )
    return tuple(item for item in items if item.id.lower() in set(wanted))
