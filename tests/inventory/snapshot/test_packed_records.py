"""Records of which there can be very many are compressed in memory, and nowhere else."""

import io
import pickle
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.data import fixtures_dir
from auditor.inventory.snapshot import jsonl
from auditor.inventory.snapshot.arm_records import ArmRecords, DuplicateRecord
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.packed_records import BLOCK, PackedRecords, RecordsByKey, is_packed
from auditor.inventory.snapshot.records import ArmRecord, arm_record, canonical

ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
MACHINE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OffAzure/VMwareSites/v/machines/m"
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists, max_leaves=5)


def assignment(number: int, **properties: object) -> ArmRecord:
    identity = f"/subscriptions/s/providers/{ASSIGNMENT}/{number:06}"
    return arm_record(
        {"id": identity, "type": ASSIGNMENT, "properties": {"principalId": f"p{number % 7}", **properties}}
    )


def packed(count: int) -> PackedRecords:
    held = PackedRecords()
    assert [held.append(assignment(number)) for number in range(count)] == list(range(count))
    return held


@pytest.mark.parametrize("count", [0, 1, 50, 1_000])
def test_a_record_is_at_its_position(count: int) -> None:
    held, every = packed(count), [assignment(number) for number in range(count)]
    assert len(held) == count
    assert list(held) == every
    order = random.Random(count).sample(range(count), count)
    assert [held[position] for position in order] == [every[position] for position in order]
    with pytest.raises(IndexError):
        held[count]


@pytest.mark.parametrize("count", [0, 1, 50, 1_000])
def test_a_record_is_found_by_its_id(count: int) -> None:
    held = packed(count)
    assert all(held.find(one.id.lower()) == one for one in map(assignment, range(count)))
    assert held.find(assignment(count).id.lower()) is None
    assert held.find("/") is None


@pytest.mark.parametrize("count", [0, 1, 50, 1_000])
def test_a_search_for_a_phrase_leaves_out_no_record_with_it(count: int) -> None:
    held = packed(count)
    odd = [assignment(count, scope="/Providers/SOMETHING"), assignment(count + 1, scope="/\u212a")]
    for record in odd:
        held.append(record)
    found = list(held.mentioning("/providers/something"))
    assert [one for one in found if one in odd] == odd
    assert len(found) <= len(held)
    assert count < 1_000 or len(found) < 100


@given(st.dictionaries(st.text(), VALUES))
def test_a_record_keeps_its_body(properties: Mapping[str, object]) -> None:
    body = {"id": MACHINE, "properties": properties}
    held = PackedRecords()
    held.append(arm_record(body))
    assert held[0] == arm_record(body)
    assert held[0].body == canonical(body)


@pytest.mark.parametrize("kind", ["ODD\tkind\n", "{", '"'])
def test_a_record_keeps_an_id_and_a_type_that_its_body_does_not_say(kind: str) -> None:
    one = ArmRecord(MACHINE, kind, assignment(1).body)
    held = PackedRecords()
    held.append(one)
    assert held[0] == one


def test_threads_may_ask_at_the_same_time() -> None:
    held = packed(2_000)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(held.__getitem__, range(2_000))) == list(map(assignment, range(2_000)))


def test_blocks_take_a_fraction_of_their_bodies() -> None:
    held = packed(2_000)
    assert sum(len(one.body) for one in held) > 10 * BLOCK
    assert len(pickle.dumps(held)) < sum(len(one.body) for one in held) / 5


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
def test_only_records_of_which_there_are_many_are_packed(kind: str, expected: bool) -> None:
    assert is_packed(ArmRecord("/x", kind, b"{}")) is expected
    assert not is_packed(ArmRecord("/x", kind, b"{}", deleted=True))


def test_files_hold_them_as_they_are() -> None:
    snapshot = load(fixtures_dir() / "contoso.yaml")
    many = [record for record in snapshot.arm if is_packed(record)]
    assert len(many) > 60
    stream = io.BytesIO()
    jsonl.write(snapshot, stream, compressed=False)
    lines = [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]
    kinds = {one.type for one in many}
    assert [line["arm"] for line in lines if line.get("arm", {}).get("type") in kinds] == [
        msgspec.json.decode(one.body) for one in many
    ]


@given(st.lists(st.integers(0, 300), unique=True), st.randoms())
def test_records_are_sorted_whatever_their_order(numbers: list[int], dice: random.Random) -> None:
    every = [*map(assignment, numbers), arm_record({"id": "/subscriptions/S"}), arm_record({"id": "/subscriptions/b"})]
    gone = ArmRecord(assignment(1).id, ASSIGNMENT, assignment(1).body, deleted=True)
    every.append(gone)
    dice.shuffle(every)
    held = ArmRecords.of(every)
    assert list(held) == sorted(every, key=lambda one: (one.type.lower(), one.deleted and is_packed_kind(one), one.key))
    assert held == ArmRecords.of(held[::-1])
    assert [held[index] for index in range(-len(held), 0)] == list(held)
    assert list(held.of_type(ASSIGNMENT.lower())) == [one for one in held if one.type == ASSIGNMENT]
    assert [*held.types()] == sorted({one.type.lower() for one in every})
    assert all(held.find(ASSIGNMENT.lower(), assignment(one).id.lower()) == assignment(one) for one in numbers)


def is_packed_kind(record: ArmRecord) -> bool:
    return is_packed(ArmRecord(record.id, record.type, record.stored))


@pytest.mark.parametrize("other", [{}, {"description": "x"}])
def test_two_records_of_one_assignment_are_refused(other: dict[str, object]) -> None:
    with pytest.raises(DuplicateRecord):
        ArmRecords.of([assignment(2), assignment(1), assignment(2, **other)])
    with pytest.raises(DuplicateRecord):
        ArmRecords.of([assignment(1), assignment(1)])


def test_records_by_key_are_a_mapping() -> None:
    held = RecordsByKey()
    subscription = arm_record({"id": "/subscriptions/s"})
    held[b"1"], held[b"2"], held[b"3"] = assignment(1), subscription, assignment(3)
    held[b"1"] = assignment(1, description="newer")
    del held[b"3"]
    assert dict(held) == {b"1": assignment(1, description="newer"), b"2": subscription}
    assert b"3" not in held
    assert len(held) == 2
