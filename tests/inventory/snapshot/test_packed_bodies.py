"""Bodies of machines and role assignments are compressed in memory, and nowhere else."""

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

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


@pytest.mark.parametrize("kind", ["Microsoft.OffAzure/VMwareSites/machines", "microsoft.authorization/roleAssignments"])
@given(body=st.binary())
def test_what_is_packed_is_unpacked(kind: str, body: bytes) -> None:
    assert unpacked(packed(kind, body)) == body
    assert packed(kind, body) == packed(kind, body)
    assert not packed(kind, body).startswith(b"{")


def test_threads_do_not_share_a_compressor() -> None:
    bodies = [f'{{"id":"{number}","name":"{"x" * number}"}}'.encode() for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda body: packed("Microsoft.Authorization/roleAssignments", body), bodies))
        assert list(pool.map(unpacked, stored)) == bodies


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
        ("Microsoft.Authorization/ROLEASSIGNMENTS", True),
        ("Microsoft.Authorization/roleAssignmentScheduleInstances", False),
    ],
)
def test_only_bodies_of_which_there_are_many_are_packed(kind: str, expected: bool) -> None:
    assert is_packed(kind) is expected


def test_they_take_a_fraction_of_their_bodies_and_files_hold_them_as_they_are() -> None:
    snapshot = load(fixtures_dir() / "contoso.yaml")
    packed_ones = [record for record in snapshot.arm if is_packed(record.type)]
    assert len(packed_ones) > 60
    assert sum(len(one.stored) for one in packed_ones) < sum(len(one.body) for one in packed_ones) / 3
    stream = io.BytesIO()
    jsonl.write(snapshot, stream, compressed=False)
    lines = [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]
    written = [line["arm"] for line in lines if is_packed(str(line.get("arm", {}).get("type", "")))]
    assert written == [msgspec.json.decode(one.body) for one in packed_ones]
