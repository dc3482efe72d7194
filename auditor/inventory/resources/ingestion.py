"""The ingestion of a Log Analytics workspace, as answered by the query API: 31 days, and the whole retention."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from auditor.inventory.instants import instant

INGESTION = "Microsoft.OperationalInsights/ingestion"
"""The list name and resource type; the ids of the records are `{workspace}/providers/<this>/<name>`."""

LAST_31_DAYS, WHOLE_RETENTION = "last31days", "wholeRetention"
"""The names of the records; the second one is read where a workspace keeps data for longer than `ASKED_DAYS`."""

ASKED_DAYS = 31
"""The number of days that the first record covers."""

MOST_DAYS = 4_383
"""The longest time for which a workspace can keep data, twelve years, in days."""

_BESIDE = frozenset({"tables", "statistics", "render"})
"""The documented parts of an answer; what is not among them may say that it is incomplete."""
_TABLE, _KIND, _NEWEST = "PrimaryResult", "DataType", "max_TimeGenerated"


def record_id(workspace: str, name: str = LAST_31_DAYS) -> str:
    """Return the id of a record of a workspace."""
    return f"{workspace}/providers/{INGESTION}/{name}"


def days_kept(retention: int | None) -> int:
    """Return the number of days for which a workspace keeps data, from its `retentionInDays`.

    Without a positive number (-1 is an old plan that keeps data without end), the longest time counts.
    """
    return retention if retention is not None and retention > 0 else MOST_DAYS


_PARTS = frozenset({"name", "columns", "rows"})
"""The parts of a table; anything else may say that it is not whole."""


def newest_by_type(answer: Any) -> Mapping[str, datetime | None]:
    """Return the newest time of each ingested data type; None where the time cannot be read.

    Columns are found by name. Raises `ValueError` for anything but one complete table of the expected query.
    """
    table = _table(answer)
    columns = [column.get("name") if isinstance(column, dict) else None for column in _list(table, "columns")]
    if columns.count(_KIND) != 1 or columns.count(_NEWEST) != 1:
        raise ValueError(f"the table does not hold the columns `{_KIND}` and `{_NEWEST}` exactly once")
    kind, newest = columns.index(_KIND), columns.index(_NEWEST)
    found: dict[str, datetime | None] = {}
    for row in _list(table, "rows"):
        if not isinstance(row, list) or len(row) != len(columns) or not isinstance(row[kind], str):
            raise ValueError("a row does not fit the columns of its table")
        if row[kind] in found:
            raise ValueError("a data type is listed twice")
        found[row[kind]] = instant(row[newest])
    return found


def _table(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise ValueError("the answer is not an object")  # noqa: TRY004 - the kind of error is part of the contract
    if any(value is not None and name.lower() not in _BESIDE for name, value in answer.items()):
        raise ValueError("the query was answered only in part, or with more than its table")
    tables = _list(answer, "tables")
    if len(tables) != 1 or not isinstance(tables[0], dict) or tables[0].get("name") != _TABLE:
        raise ValueError(f"the answer does not hold the table `{_TABLE}`, exactly once and alone")
    if tables[0].keys() - _PARTS:
        raise ValueError(f"the table `{_TABLE}` holds more than its columns and rows")
    return tables[0]


def _list(held: dict[str, Any], name: str) -> list[Any]:
    value = held.get(name)
    if not isinstance(value, list):
        raise ValueError(f"the answer has no list of {name}")  # noqa: TRY004 - as above
    return value
