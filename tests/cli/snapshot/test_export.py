"""The tables of `snapshot export`: the same in both forms, complete, and what the page says of them."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

import auditor
from auditor.inventory.snapshot.records import Header, arm_record, event_record
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.library.tables import TABLES
from tests.cli.running import Run

PAGE = (Path(__file__).parents[3] / "docs" / "analysis.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
WORKSPACE = "/subscriptions/0d1e2c3b-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.X/y/z"


def rows(place: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query says of a database, or of a folder of Parquet files."""
    with duckdb.connect(str(place) if place.is_file() else ":memory:", read_only=place.is_file()) as database:
        for file in place.glob("*.parquet") if place.is_dir() else ():
            database.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM '{file}'")  # noqa: S608 - our own folder
        return database.execute(query).fetchall()


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory, fixtures: Path) -> dict[str, Path]:
    """Contoso in both forms."""
    from auditor.cli.main import main

    folder = tmp_path_factory.mktemp("exports")
    places = {form: folder / form for form in ("duckdb", "parquet")}
    for form, place in places.items():
        assert main(["snapshot", "export", str(fixtures / "contoso.yaml"), "--to", form, "-o", str(place)]) == 0
    return places


def test_both_forms_hold_the_same_and_everything(exports: dict[str, Path], fixtures: Path) -> None:
    snapshot = auditor.load(fixtures / "contoso.yaml")
    for table in TABLES:
        query = f"SELECT * FROM {table.name}"  # noqa: S608 - our own names
        assert rows(exports["duckdb"], query) == rows(exports["parquet"], query)
    counts = {one.name: rows(exports["duckdb"], f"SELECT count(*) FROM {one.name}")[0][0] for one in TABLES}  # noqa: S608
    assert counts["resources"] == len(snapshot.arm)
    assert counts["principals"] == len(snapshot.graph)
    assert counts["links"] == len(snapshot.links)
    assert counts["gaps"] == len(auditor.audit(snapshot).coverage.gaps)
    assert counts["findings"] == len(auditor.audit(snapshot).findings)
    assert min(counts.values()) > 0


def test_only_the_owner_can_read_them(exports: dict[str, Path]) -> None:
    assert exports["duckdb"].stat().st_mode & 0o777 == 0o600
    assert exports["parquet"].stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in exports["parquet"].iterdir()} == {0o600}


def test_the_columns_are_described_in_the_database_and_on_the_page(exports: dict[str, Path]) -> None:
    query = (
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_name, column_index"
    )
    held = rows(exports["duckdb"], query)
    told = [
        (table.name, one.name, one.kind.value.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"), one.meaning)
        for table in sorted(TABLES, key=lambda table: table.name)
        for one in table.columns
    ]
    assert held == told
    assert all(f"| `{name}` | " in PAGE for _, name, _, _ in told)


@pytest.mark.parametrize("form", ["duckdb", "parquet"])
def test_the_questions_of_the_page_have_answers(form: str, exports: dict[str, Path]) -> None:
    people, errors, workspaces = (rows(exports[form], query) for query in QUERIES)
    assert ("lynner@contoso.com", "User Access Administrator", "/", False) in people
    assert {error: projects for error, _, projects in errors}["60039"]
    assert ("Contoso-Wave0-WS", 365) in [one[:2] for one in workspaces]


@pytest.mark.parametrize("name", ["a\0b", "'; DROP TABLE resources; --", "\u202e\u2028", "x" * 100_000, 5, ["a"]])
def test_odd_bodies_are_exported_as_they_are(name: object, migaudit: Run, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    odd = {"id": WORKSPACE, "type": "Microsoft.X/y", "name": name, "location": 5, "tags": name}
    event = {"eventTimestamp": "yesterday", "status": [1], "caller": {}, "operationName": {"value": 3}}
    header = Header(tenant_id="t", collected_at=datetime(2026, 1, 1, tzinfo=UTC))
    auditor.save(Snapshot.of(header, arm=[arm_record(odd)], events=[event_record(event)]), tmp_path / "odd.jsonl")
    done = migaudit("snapshot", "export", tmp_path / "odd.jsonl", "--to", "duckdb", "-o", tmp_path / "odd.duckdb")
    assert done.code == 0
    expected = name if isinstance(name, str) else "z"
    assert rows(tmp_path / "odd.duckdb", "SELECT name, location FROM resources") == [(expected, None)]
    assert rows(tmp_path / "odd.duckdb", "SELECT happened_at, status, caller FROM events") == [(None, None, None)]


def test_nothing_is_overwritten_and_nothing_is_left_of_a_failure(
    migaudit: Run, fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, there = fixtures / "fabrikam.yaml", tmp_path / "there"
    there.write_text("mine")
    done = migaudit("snapshot", "export", source, "--to", "duckdb", "--output", there)
    assert (done.code, there.read_text()) == (2, "mine")
    assert "exists: name a new one" in done.err
    assert migaudit("snapshot", "export", source, "--to", "parquet", "--output", tmp_path / "no" / "where").code == 2
    (tmp_path / "broken.jsonl").write_text("{}\n")
    assert (
        migaudit("snapshot", "export", tmp_path / "broken.jsonl", "--to", "parquet", "-o", tmp_path / "new").code == 2
    )
    monkeypatch.setattr("auditor.extras.find_spec", lambda _name: None)
    done = migaudit("snapshot", "export", source, "--to", "parquet", "--output", tmp_path / "new")
    assert (done.code, "'.[analysis]'" in done.err) == (2, True)
    assert {one.name for one in tmp_path.iterdir()} == {"there", "broken.jsonl"}
