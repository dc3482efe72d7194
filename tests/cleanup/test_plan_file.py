import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cleanup.plan_file import BadPlan, as_document, checksum_of, decode
from auditor.report.json_text import json_text
from tests.cleanup import leftovers as left

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "cleanup-plan-1.json"


def text(document: dict[str, Any] | None = None) -> bytes:
    return json_text(document or as_document(left.plan())).encode()


def signed(document: dict[str, Any]) -> bytes:
    """Return a document with a newly computed checksum."""
    return text({**document, "checksum": checksum_of(document)})


def test_a_plan_survives_its_file() -> None:
    plan = left.plan()
    held, checksum = decode(text(as_document(plan)))
    assert held == plan
    assert checksum == as_document(plan)["checksum"]


def test_the_file_has_the_published_shape() -> None:
    jsonschema.validate(json.loads(text()), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_layout_and_order_do_not_count() -> None:
    document = as_document(left.plan())
    shuffled = dict(reversed(list(document.items())))
    assert decode(json.dumps(shuffled, indent=7).encode())[0] == decode(text(document))[0]


@given(st.integers(min_value=0, max_value=10_000))
def test_a_plan_that_was_cut_is_refused(place: int) -> None:
    whole = text().rstrip()
    with pytest.raises(BadPlan):
        decode(whole[: place % len(whole)])


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_byte_that_was_changed_never_changes_what_is_done(place: int, by: int) -> None:
    whole = bytearray(text())
    whole[place % len(whole)] ^= by
    try:
        held, _ = decode(bytes(whole))
    except BadPlan:
        return
    assert msgspec.json.encode(held) == msgspec.json.encode(decode(text())[0])


@pytest.mark.parametrize("schema", ["migaudit/cleanup-plan/2", "migaudit/cleanup-plan/10", "migaudit/scan/1", None, 1])
def test_another_version_is_refused_even_with_a_fitting_checksum(schema: object) -> None:
    with pytest.raises(BadPlan):
        decode(signed({**as_document(left.plan()), "schema": schema}))


def _with_first(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    first, *others = document["items"]
    return {**document, "items": [{**first, **changes}, *others]}


FOREIGN = f"{left.RG}/{left.OI}/somebody-elses"


@pytest.mark.parametrize(
    "changes",
    [{"id": FOREIGN}, {"verdict": "in_use"}, {"fingerprint": "sha256:0"}, {"rests_on": {}}, {"lost_for_good": [1]}],
)
def test_an_edit_in_what_matters_is_noticed(changes: dict[str, Any]) -> None:
    with pytest.raises(BadPlan, match=r"changed after|lacks"):
        decode(text(_with_first(as_document(left.plan()), **changes)))


def test_a_kept_item_that_was_made_a_deletion_is_noticed() -> None:
    document = as_document(left.plan())
    items = [{**one, "action": "delete"} for one in document["items"]]
    with pytest.raises(BadPlan):
        decode(text({**document, "items": items}))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": f"{left.RG}/{left.OI}/x; az group delete -n rg"},
        {"id": f"{left.RG}/{left.OI}/../../x"},
        {"id": f"{left.RG}/providers/Microsoft.KeyVault/vaults/kv"},
        {"id": "/"},
        {"kind": "key-vault"},
        {"verdict": "in_use"},
        {"unread": [{"what": "x", "scope": "/", "status": 0}]},
        {"rests_on": {"customerId": "x' or 1"}},
        {"action": "purge"},
    ],
)
def test_a_forged_plan_with_a_fitting_checksum_still_does_nothing_strange(changes: dict[str, Any]) -> None:
    with pytest.raises(BadPlan):
        decode(signed(_with_first(as_document(left.plan()), **changes)))


def test_an_item_that_stands_twice_is_refused() -> None:
    document = as_document(left.plan())
    first = document["items"][0]
    with pytest.raises(BadPlan, match="twice"):
        decode(signed({**document, "items": [first, {**first, "id": first["id"].upper()}]}))


@pytest.mark.parametrize("other", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 5000, b'{"schema": []}'])
def test_what_is_no_plan_is_refused(other: bytes) -> None:
    with pytest.raises(BadPlan):
        decode(other)
