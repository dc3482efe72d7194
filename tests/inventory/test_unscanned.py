"""Subscriptions that the tenant has and the list of subscriptions does not show."""

from datetime import UTC, datetime
from typing import Any

import pytest

from auditor.facts.presence import beyond
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import PROJECTS
from auditor.inventory.snapshot.records import By, Header, Link, ScanScope, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.unscanned import unlisted

SEEN, UNSEEN = "0a000000-0000-4000-8000-000000000001", "0A000000-0000-4000-8000-000000000002"
ROOT = "/providers/Microsoft.Management/managementGroups/root"


def body(name: str, **more: Any) -> dict[str, Any]:
    kind = "Microsoft.Resources/subscriptions"
    return {"id": f"/subscriptions/{name}", "type": kind, "displayName": name, "state": "Enabled", **more}


def picture(*bodies: dict[str, Any], scope: tuple[str, ...] = (SEEN,), below: tuple[str, ...] = ()) -> Inventory:
    by, links = By("x", "x", "User"), [Link("parent", one, ROOT) for one in below]
    now = datetime(2026, 11, 23, tzinfo=UTC)
    header = Header(tenant_id="t", collected_at=now, by=by, tool="migaudit", scope=ScanScope(scope))
    return Inventory.of(Snapshot.of(header, arm=[arm_record(one) for one in bodies], links=links))


@pytest.mark.parametrize("place", [f"/subscriptions/{UNSEEN}", f"{ROOT}/subscriptions/{UNSEEN.lower()}"])
def test_a_subscription_that_only_the_tree_shows_is_named_and_hides_what_is_in_it(place: str) -> None:
    held = picture(body(SEEN), below=(place, f"/subscriptions/{SEEN.upper()}", f"{ROOT}/child"))
    [gap] = unlisted(held)
    assert f"cannot see the subscription `{UNSEEN.lower()}`" in gap.message
    assert (gap.code, gap.scope, gap.cure) == ("NotScanned", "/", "")
    assert beyond(held, PROJECTS) == (gap,)


def test_one_that_was_listed_or_scanned_is_in_sight() -> None:
    below = (f"/subscriptions/{SEEN}", f"/subscriptions/{UNSEEN}")
    assert unlisted(picture(body(SEEN), body(UNSEEN), below=below)) == ()
    assert unlisted(picture(body(SEEN), scope=(SEEN, UNSEEN.lower()), below=below)) == ()
    assert unlisted(picture(body(SEEN), body(UNSEEN), scope=(), below=below)) == ()
    assert unlisted(picture(body(SEEN))) == ()


def test_one_whose_body_is_malformed_is_out_of_sight() -> None:
    assert len(unlisted(picture(body(SEEN), body(UNSEEN, state=["odd"])))) == 1


def test_of_many_only_some_are_named() -> None:
    [gap] = unlisted(picture(body(SEEN), below=tuple(f"/subscriptions/x{number}" for number in range(5))))
    assert "cannot see 5 subscriptions: `x0`, `x1`, `x2` and 2 more" in gap.message
