"""The law of lagging clouds: what a cloud lacks never turns a verdict into another one, at most into *undecided*.

Only a type that is missing altogether is an empty list; a version that could not be asked for leaves a gap.
"""

import asyncio
from collections.abc import Mapping

from hypothesis import Phase, given
from hypothesis import strategies as st

from auditor.cleanup.plan import Action
from auditor.collect.request import Request
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.cleanup.test_every_use import BESIDE, EVERY, LOCKED, Body, Row
from tests.collect.emulated import collected, dated
from tests.properties.tampered_tenants import OF_EVERY_SUBSCRIPTION, OF_ITS_SUBSCRIPTION, OF_THE_WORKSPACE, WORKSPACES
from tests.sampling import examples

DEEPLY = Request(all=True, deep=True)
FIRST = str(left.FIRST["id"])
NONE = ""
"""The type is missing altogether."""
TOO_OLD = "2014-01-01"
"""The type exists, but in no version that is asked for."""
NEWEST = (NONE, TOO_OLD, "2018-09-01-preview", "2020-07-07", "2020-08-01", "2021-04-01", "2022-10-01", "2023-09-01")
TYPES = sorted(
    {
        *OF_THE_WORKSPACE,
        *OF_ITS_SUBSCRIPTION,
        *OF_EVERY_SUBSCRIPTION,
        "Microsoft.Network/networkWatchers",
        "Microsoft.OperationalInsights/deletedWorkspaces",
        "Microsoft.OperationalInsights/workspaces",
        "Microsoft.KeyVault/vaults",
        "Microsoft.KeyVault/deletedVaults",
        "Microsoft.OffAzure/VMwareSites",
    }
)
IN_EVERY_CLOUD = {
    "Microsoft.Resources/resourceGroups",
    "Microsoft.Authorization/locks",
    "Microsoft.KeyVault/vaults",
    WORKSPACES,
}
EACH_TAKES_SECONDS = examples(8, 200, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def may_be_unseen(key: str, row: Row) -> bool:
    """Return whether a use, and no mere obstacle, is shown by a resource other than the workspace itself."""
    return key not in LOCKED and row.shown_by["type"].lower() != WORKSPACES.lower()


def tenant(shown_by: Body | None) -> Snapshot:
    """Return a tenant with one left-over workspace, which something uses or nothing does."""
    bodies = {body["id"]: body for body in (*BESIDE, *([shown_by] if shown_by else []))}
    away = [left.BUSY["id"], left.SECOND["id"], *([FIRST] if FIRST in bodies else [])]
    return left.tenant(bodies.values(), without=away, again=True)


def verdicts(snapshot: Snapshot, lag: Mapping[str, str]) -> dict[str, str]:
    found = dated(asyncio.run(collected(snapshot, DEEPLY, lag=lag)), snapshot)
    plan = left.plan(found)
    assert all(item.verdict == "orphaned" for item in plan.items if item.action is Action.DELETE)
    return {item.id.lower(): item.verdict for item in plan.items if item.id.lower() == FIRST.lower()}


def types_in(snapshot: Snapshot) -> set[str]:
    """Return the types (lower case) of which the tenant has a resource, and those of their parents."""
    held = {record.type.lower() for record in snapshot.arm}
    return held | {kind.rpartition("/")[0] for kind in held if kind.count("/") > 1}


@given(
    use=st.sampled_from([None, *EVERY.values()]),
    lag=st.dictionaries(st.sampled_from(TYPES), st.sampled_from(NEWEST), min_size=1, max_size=4),
)
@EACH_TAKES_SECONDS
def test_what_a_cloud_lacks_never_leaves_a_workspace_behind(use: object, lag: dict[str, str]) -> None:
    snapshot = tenant(getattr(use, "shown_by", None))
    held = types_in(snapshot)
    lag = {what: newest for what, newest in lag.items() if newest != NONE or what.lower() not in held}
    allowed = "orphaned" if use is None or use in LOCKED.values() else "in_use"
    assert verdicts(snapshot, lag).get(FIRST.lower()) in {allowed, "undecided", None}


@given(missing=st.sets(st.sampled_from(TYPES), min_size=1))
@EACH_TAKES_SECONDS
def test_missing_types_alone_leave_the_verdict_as_it_is(missing: set[str]) -> None:
    snapshot = tenant(None)
    held = types_in(snapshot) | {one.lower() for one in IN_EVERY_CLOUD}
    lag = dict.fromkeys((what for what in missing if what.lower() not in held), NONE)
    assert verdicts(snapshot, lag) == {FIRST.lower(): "orphaned"}


@given(st.sampled_from([key for key, row in EVERY.items() if may_be_unseen(key, row)]), st.data())
@EACH_TAKES_SECONDS
def test_a_use_that_only_a_newer_version_shows_is_unread(key: str, data: st.DataObject) -> None:
    row = EVERY[key]
    newest = data.draw(st.sampled_from(NEWEST[1:]))
    found = verdicts(tenant(row.shown_by), {str(row.shown_by["type"]): newest})
    assert found[FIRST.lower()] in {"in_use", "undecided"}
