"""Bodies of machines are compressed in memory, and nowhere else."""

import io
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.data import fixtures_dir
from auditor.inventory.snapshot import jsonl
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.packed_bodies import is_packed, packed, unpacked
from auditor.inventory.snapshot.records import arm_record, canonical

MACHINE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OffAzure/VMwareSites/v/machines/m"
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists, max_leaves=5)


@given(st.binary())
def test_what_is_packed_is_unpacked(body: bytes) -> None:
    assert unpacked(packed(body)) == body
    assert not packed(body).startswith(b"{")


@given(st.dictionaries(st.text(), VALUES))
def test_a_record_of_a_machine_has_its_body(properties: Mapping[str, object]) -> None:
    body = {"id": MACHINE, "properties": properties}
    record = arm_record(body)
    assert record.body == canonical(body)
    assert record == arm_record(body)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("microsoft.offazure/hypervsites/MACHINES", True),
        ("Microsoft.Migrate/assessmentProjects/groups/assessments/assessedMachines", True),
        ("Microsoft.Migrate/assessmentProjects/groups/assessments", False),
        ("Microsoft.Compute/virtualMachines", False),
    ],
)
def test_only_bodies_of_machines_are_packed(kind: str, expected: bool) -> None:
    assert is_packed(kind) is expected


def test_machines_take_a_fraction_of_their_bodies_and_files_hold_them_as_they_are() -> None:
    snapshot = load(fixtures_dir() / "contoso.yaml")
    machines = [record for record in snapshot.arm if is_packed(record.type)]
    assert len(machines) > 30
    assert sum(len(one.stored) for one in machines) < sum(len(one.body) for one in machines) / 3
    stream = io.BytesIO()
    jsonl.write(snapshot, stream, compressed=False)
    lines = [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]
    written = [line["arm"] for line in lines if is_packed(str(line.get("arm", {}).get("type", "")))]
    assert written == [msgspec.json.decode(one.body) for one in machines]
