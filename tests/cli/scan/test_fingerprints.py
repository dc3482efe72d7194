"""What code-scanning tools track a finding by stays the same from one scan of an environment to the next."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.records import arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cli.running import Run
from tests.inventory.snapshot.sealed import sealed

S = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
WHO = ("meganb@contoso.com", "isaiahl@contoso.com", "pradeepg@contoso.com")


def tracked(migaudit: Run, snapshot: Path) -> dict[str, str]:
    """The messages of the results by fingerprint."""
    who = [word for one in WHO for word in ("--account", one)]
    done = migaudit("scan", "--snapshot", snapshot, *who, "--all-verdicts", "--format", "sarif", "--fail-on", "never")
    assert done.code == 0, done.err
    results = json.loads(done.out)["runs"][0]["results"]
    found = {one["partialFingerprints"]["migaudit/v1"]: one["message"]["text"] for one in results}
    assert len(found) == len(results)
    return found


@pytest.fixture(scope="module")
def snapshot(fixtures: Path) -> Snapshot:
    return load(fixtures / "contoso.yaml")


def test_another_day_with_other_numbers(migaudit: Run, snapshot: Snapshot, fixtures: Path, tmp_path: Path) -> None:
    header = snapshot.header
    later = msgspec.structs.replace(header, collected_at=header.collected_at + timedelta(hours=20), tool="migaudit 9.9")
    save(replace(snapshot, header=later), tmp_path / "x.jsonl")
    before, after = tracked(migaudit, fixtures / "contoso.yaml"), tracked(migaudit, tmp_path / "x.jsonl")
    assert before.keys() == after.keys()
    assert before != after, "a message that counts days is another one the next day"


def test_another_order(migaudit: Run, snapshot: Snapshot, fixtures: Path, tmp_path: Path) -> None:
    save(snapshot, tmp_path / "x.jsonl")
    first, *records, _ = (tmp_path / "x.jsonl").read_bytes().splitlines(keepends=True)
    random.Random(7).shuffle(records)
    (tmp_path / "x.jsonl").write_bytes(sealed(first + b"".join(records)))
    assert tracked(migaudit, tmp_path / "x.jsonl") == tracked(migaudit, fixtures / "contoso.yaml")


def test_things_that_have_nothing_to_do_with_it(
    migaudit: Run, snapshot: Snapshot, fixtures: Path, tmp_path: Path
) -> None:
    group = f"{S}/resourceGroups/rg-payroll"
    others = [
        arm_record({"id": group, "type": "Microsoft.Resources/resourceGroups", "name": "rg-payroll"}),
        arm_record(
            {"id": f"{group}/providers/Microsoft.Storage/storageAccounts/payroll", "name": "payroll", "location": "x"}
        ),
    ]
    save(replace(snapshot, arm=(*snapshot.arm, *others)), tmp_path / "x.jsonl")
    assert tracked(migaudit, tmp_path / "x.jsonl").keys() == tracked(migaudit, fixtures / "contoso.yaml").keys()
