"""A plan on disk, with its journal and its lock file beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, UsageFailed
from auditor.files import why
from auditor.nearest import did_you_mean

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
    """Return the items that `--only` names, or all if it is not given.

    An item is named by its ARM id, by its name, or by its number in the plan. Raises `UsageFailed` for a text that
    names none of `items`, or several.
    """
    if not only:
        return items
    wanted = {_named(items, text.strip()).id.lower() for text in only}
    return tuple(item for item in items if item.id.lower() in wanted)


def _named(items: "tuple[Item, ...]", text: str) -> "Item":
    key = text.lower().rstrip("/")
    found = [item for item in items if key in {item.id.lower(), *names_of(item)}]
    # A workspace may be called by a number, so a number counts as such only where nothing is called so.
    if not found and key.isascii() and key.isdecimal() and 0 < int(key) <= len(items):
        return items[int(key) - 1]
    if not found:
        see = "the plan deletes no item with this ARM id, name or number; see `migaudit cleanup show`"
        raise UsageFailed(f"`--only {text}`: {see}{did_you_mean(text, [item.name for item in items])}")
    if len(found) > 1:
        ids = ", ".join(f"`{item.id}`" for item in found)
        raise UsageFailed(f"`--only {text}`: {len(found)} items of the plan have this name: give its id, of {ids}")
    return found[0]


def names_of(item: "Item") -> frozenset[str]:
    """Return the names of an item in lower case: the one that is shown, and the last part of its id."""
    return frozenset({item.name.lower(), item.id.lower().rpartition("/")[2]})
