"""Bodies of resource providers: what they share is kept once, and nothing of a body changes by that."""

from pathlib import Path

import msgspec
import pytest

from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.records import ArmRecord, arm_record, canonical
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, environment

TYPES: list[object] = [{"resourceType": "vaults", "locations": ["West Europe"], "apiVersions": ["2026-02-01"]}]


def provider(subscription: int, types: object = TYPES, **more: object) -> dict[str, object]:
    identity = f"/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a05000000{subscription}/providers/Microsoft.KeyVault"
    return {"id": identity, "namespace": "Microsoft.KeyVault", "registrationState": "Registered", **more} | (
        {} if types is None else {"resourceTypes": types}
    )


def shared_part(record: ArmRecord) -> bytes:
    assert isinstance(record.stored, tuple)
    return record.stored[1]


def test_equal_parts_are_one_object() -> None:
    one, other = arm_record(provider(1)), arm_record(provider(2, msgspec.json.decode(msgspec.json.encode(TYPES))))
    assert shared_part(one) is shared_part(other)
    assert shared_part(arm_record(provider(3, [{"resourceType": "managedHSMs"}]))) != shared_part(one)


@pytest.mark.parametrize(
    "body",
    [
        provider(1),
        provider(1, None),
        provider(1, []),
        provider(1, "text"),
        provider(1, {"odd": [1, None]}),
        provider(1, a={"resourceTypes": None}, z='"resourceTypes":null'),
        provider(1, zones={"resourceTypes": None}),
        provider(1, [{"resourceType": "vaults/secrets", "primaryKey": "s3cret"}]),
        provider(1, more={"primaryKey": "s3cret"}),
    ],
)
def test_a_body_is_the_same_as_in_one_piece(body: dict[str, object]) -> None:
    record = arm_record(body)
    assert record.body == canonical(body)
    assert b"s3cret" not in record.body
    assert {**msgspec.json.decode(record.own), "resourceTypes": 0} == {
        **msgspec.json.decode(record.body),
        "resourceTypes": 0,
    }


def test_large_bodies_of_many_subscriptions_take_little_room(tmp_path: Path) -> None:
    small, large = (environment(Size(subscriptions=20, provider_types=count), seed=3) for count in (0, 28))
    bodies = sum(len(record.body) for record in large.arm if record.type == "Microsoft.Resources/providers")
    assert bodies > 20 * 300_000
    for name, snapshot in (("small", small), ("large", large)):
        save(snapshot, tmp_path / f"{name}.jsonl.zst")
    sizes = {name: (tmp_path / f"{name}.jsonl.zst").stat().st_size for name in ("small", "large")}
    assert sizes["large"] < sizes["small"] + bodies // 100
    loaded = load(tmp_path / "large.jsonl.zst")
    assert loaded == large
    parts = {id(record.stored[1]) for record in loaded.arm if isinstance(record.stored, tuple)}
    assert len(parts) == 6
    assert _shown(loaded) == _shown(small)


def _shown(snapshot: Snapshot) -> list[object]:
    inventory = Inventory.of(snapshot)
    return [inventory.get(record.id) for record in snapshot.arm if record.type == "Microsoft.Resources/providers"]
