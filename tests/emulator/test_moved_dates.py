"""An environment that is moved in time says on its new day what it said on its own."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.rules.book import load_rules
from auditor.data import fixtures_dir, rules_dir
from auditor.emulator.moved_dates import days_to, moved
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.records import Header, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot

NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
WORKSPACE = "/subscriptions/0d1e2c3b-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.X/y/z"


def said_of(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """Verdict by rule and subject, about everybody."""
    inventory = Inventory.of(snapshot)
    asked = subjects(inventory, Access.of(inventory), accounts=[user.id for user in inventory.objects(User)])
    found = evaluate(load_rules(rules_dir()), asked)
    return {(finding.rule, finding.subject.id): finding.verdict.value for finding in found}


def body(**fields: object) -> dict[str, object]:
    return {"id": WORKSPACE, "type": "Microsoft.X/y", **fields}


def one(**fields: object) -> Snapshot:
    return Snapshot.of(Header(tenant_id="t", collected_at=NOON), arm=[arm_record(body(**fields))])


@pytest.mark.parametrize("days", [98, 800])  # over a leap day
def test_every_verdict_is_the_same_on_the_new_day(days: int) -> None:
    contoso = load(fixtures_dir() / "contoso.yaml")
    assert said_of(moved(contoso, timedelta(days))) == said_of(contoso)


@pytest.mark.parametrize(
    ("written", "moved_by_a_day"),
    [
        ("2024-02-28T23:59:59.1234567Z", "2024-02-29T23:59:59.1234567Z"),
        ("2026-12-31T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
        ("2022-10-01", "2022-10-01"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("2026-02-30T00:00:00Z", "2026-02-30T00:00:00Z"),
        ("made 2026-01-01T00:00:00Z", "made 2026-01-01T00:00:00Z"),
        (20260101, 20260101),
        (None, None),
    ],
)
def test_a_point_in_time_is_moved_and_nothing_else(written: object, moved_by_a_day: object) -> None:
    held = one(properties={"a": [written], "b": {"c": written}}, name="z")
    after = one(properties={"a": [moved_by_a_day], "b": {"c": moved_by_a_day}}, name="z")
    assert list(moved(held, timedelta(days=1)).arm) == list(after.arm)


def test_it_is_moved_by_whole_days_and_never_into_the_future_or_back() -> None:
    assert days_to(one(), NOON + timedelta(days=2, hours=23)) == timedelta(days=2)
    assert days_to(one(), NOON - timedelta(days=5)) == timedelta(0)
    assert moved(one(), timedelta(days=2)).header.collected_at == NOON + timedelta(days=2)
