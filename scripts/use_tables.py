"""The tables of the documentation that are made from the code: uses of a workspace, exports, wrong answers."""

from collections.abc import Iterable

from auditor.emulator.faults import EVERY_WRONG
from auditor.facts.leftovers.workspaces.not_looked_at import not_looked_at
from auditor.inventory.uses.uses import Where, uses
from auditor.library.tables import TABLES, Table

_WHERE = {
    Where.WORKSPACE: "the workspace",
    Where.SUBSCRIPTION: "its subscription",
    Where.EVERYWHERE: "every visible subscription",
}


def tables() -> dict[str, str]:
    """Return each table in Markdown by the name of its block."""
    rows = ((use.title, f"`{use.what}`", _WHERE[use.where], use.end) for use in uses() if not use.obstacle)
    looked = dict.fromkeys(rows)  # one use may be looked for in two ways
    left_out = ((one.title, one.why, one.shown or "not at all") for one in not_looked_at())
    return {
        "workspace-uses": _table(("use", "list that shows it", "read of", "to end it"), looked),
        "not-looked-at": _table(("not looked at", "because", "shows nevertheless"), left_out),
        "wrong-answers": "".join(f"- `{name}`\n" for name in EVERY_WRONG if not name[:3].isdigit()),
        "export-tables": "\n".join(_exported(table) for table in TABLES),
    }


def _exported(table: Table) -> str:
    rows = ((f"`{one.name}`", one.kind.value, one.meaning) for one in table.columns)
    return f"### {table.name}\n\nA row is {table.row}.\n\n{_table(('column', 'type', 'meaning'), rows)}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
