"""`snapshot export`: the tables of a snapshot as a DuckDB database or as Parquet files."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import msgspec

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.formats import SNAPSHOT_FILE
from auditor.cli.outputs import ensure_different, ensure_writable
from auditor.cli.terminal import Terminal
from auditor.extras import ensure_extra
from auditor.files import why

if TYPE_CHECKING:
    from auditor.library.result import Result
    from auditor.library.tables import Table

_LARGEST_ROW = 256 * 1024 * 1024
"""Maximum number of bytes of a row; a body is smaller than the largest answer that is read."""


class ExportFormat(Enum):
    """What an export is written as."""

    DUCKDB = "duckdb"
    PARQUET = "parquet"


@click.command(
    short_help="Write a snapshot as tables for analysis.",
    epilog="Example: migaudit snapshot export contoso.jsonl.zst --to duckdb --output contoso.duckdb",
)
@click.argument("file", type=SNAPSHOT_FILE)
@click.option("--to", "form", required=True, type=click.Choice([one.value for one in ExportFormat]))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The new file of the database, or the new folder for the Parquet files.",
)
@click.pass_context
def export(context: click.Context, file: Path, form: str, output: Path) -> ExitCode:
    """Write a snapshot as flat tables: a DuckDB database, or a folder with one Parquet file per table.

    The tables hold resources, role assignments, people, findings, and what was not read.
    """
    ensure_extra("analysis", "`snapshot export`")
    ensure_different({"FILE": file, "--output": output})
    if output.exists():
        raise UsageFailed(f"`--output {output}` exists: name a new one")
    ensure_writable(output, option="--output")
    counts = _exported(file, ExportFormat(form), output)
    rows = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if name != "snapshot")
    Terminal.of(context).note(f"wrote `{output}`: {rows}")
    return ExitCode.CLEAN


def _exported(file: Path, form: ExportFormat, output: Path) -> dict[str, int]:
    """Write the export and return the number of rows by table; nothing is left of one that fails."""
    from auditor.library.facade import audit, load
    from auditor.library.tables import TABLES

    result = audit(load(file))
    try:
        with TemporaryDirectory(dir=output.resolve().parent, prefix=f".{output.name}.") as folder:
            draft, rows = Path(folder, "draft"), Path(folder, "rows.jsonl")
            if form is ExportFormat.PARQUET:
                draft.mkdir()
            with _database(draft if form is ExportFormat.DUCKDB else None) as database:
                counts = {table.name: _written(table, result, rows, database) for table in TABLES}
                if form is ExportFormat.PARQUET:
                    for table in TABLES:
                        place = draft / f"{table.name}.parquet"
                        database.execute(f"COPY {table.name} TO {_literal(str(place))} (FORMAT parquet)")
            _make_private(draft)
            draft.rename(output)
    except OSError as failed:
        raise UsageFailed(f"cannot write `--output {output}`: {why(failed)}") from failed
    return counts


def _make_private(draft: Path) -> None:
    """Let only the owner read the file, or the folder with its files."""
    for one in draft.iterdir() if draft.is_dir() else ():
        one.chmod(0o600)
    draft.chmod(0o700 if draft.is_dir() else 0o600)


def _database(path: Path | None) -> Any:
    import duckdb

    # Nothing is fetched: the extensions for JSON and Parquet come with the package.
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    return duckdb.connect(":memory:" if path is None else str(path), config=settings)


def _written(table: "Table", result: "Result", rows: Path, database: Any) -> int:
    """Write a table by way of a file of JSON lines, which DuckDB reads in a stream; return the number of its rows."""
    count = 0
    with rows.open("wb") as stream:
        for line in _lines(table, result):
            stream.write(line)
            count += 1
    types = ", ".join(f"{_quoted(one.name)}: {_literal(one.kind.value)}" for one in table.columns)
    source = (
        f"read_json({_literal(str(rows))}, format = 'newline_delimited', columns = {{{types}}}, "
        f"maximum_object_size = {_LARGEST_ROW})"
    )
    if count:
        database.execute(f"CREATE TABLE {table.name} AS SELECT * FROM {source}")  # noqa: S608 - our own names
    else:  # an empty file is no JSON
        columns = ", ".join(f"{_quoted(one.name)} {one.kind.value}" for one in table.columns)
        database.execute(f"CREATE TABLE {table.name} ({columns})")
    database.execute(f"COMMENT ON TABLE {table.name} IS {_literal(table.row)}")
    for one in table.columns:
        database.execute(f"COMMENT ON COLUMN {table.name}.{_quoted(one.name)} IS {_literal(one.meaning)}")
    return count


def _lines(table: "Table", result: "Result") -> Iterator[bytes]:
    names = [one.name for one in table.columns]
    encode = msgspec.json.Encoder().encode
    for row in table.rows(result):
        yield encode(dict(zip(names, row, strict=True))) + b"\n"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
