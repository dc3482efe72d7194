from pathlib import Path
from typing import Any

import pytest

from auditor.cleanup.plan import KEPT_BECAUSE, Action, PlanSource, plan_of
from auditor.cli.cleanup.command import KINDS
from auditor.facts.leftovers.every import BESIDE_WORKSPACES
from auditor.facts.leftovers.leftover import LeftoverKind
from auditor.inventory.reads import INTERRUPTED, Gap
from auditor.inventory.snapshot.files import load
from tests.cleanup import leftovers as left


def test_only_what_is_proven_to_be_left_behind_is_to_be_deleted() -> None:
    plan = left.plan()
    assert [(one.name, one.action, one.verdict) for one in plan.items] == [
        ("left-2", Action.DELETE, "orphaned"),
        ("left-1", Action.DELETE, "orphaned"),
        ("busy", Action.KEEP, "in_use"),
    ]
    assert left.item(plan, "busy").evidence_against
    assert left.item(plan, "busy").reason
    assert left.item(plan, "left-1").evidence_for


def test_what_loses_nothing_for_good_comes_first_and_the_rest_is_saved() -> None:
    first, second = left.plan().deletions
    assert first.lost_for_good == ()
    [saved] = second.lost_for_good
    assert saved.kind == "solution"
    assert saved.body["plan"]["product"] == "OMSGallery/ServiceMap"


def test_an_item_says_how_it_is_undone() -> None:
    undo = left.plan().deletions[0].undo
    assert undo is not None
    assert undo.days == 14
    assert undo.command == (
        "az monitor log-analytics workspace recover "
        f"--subscription '{left.SUBSCRIPTION}' --resource-group 'rg-left' --workspace-name 'left-2'"
    )


@pytest.mark.parametrize(
    "what", ["Microsoft.Insights/dataCollectionRules", "Microsoft.Authorization/locks", "Microsoft.Migrate/projects"]
)
def test_an_unread_check_keeps_everything(what: str) -> None:
    plan = left.plan(left.tenant(gaps=[Gap(what, left.S, 403, "AuthorizationFailed", "no", f"{what}/read")]))
    assert plan.deletions == ()
    undecided = left.item(plan, "left-1")
    assert undecided.verdict == "undecided"
    assert what in {gap.what for gap in undecided.unread}


@pytest.mark.parametrize(
    ("what", "kinds", "told"),
    [
        ("Microsoft.OperationalInsights/workspaces", (), True),
        ("Microsoft.KeyVault/vaults", (), False),
        ("Microsoft.KeyVault/vaults", (LeftoverKind.KEY_VAULT,), True),
    ],
)
def test_lists_that_may_hold_more_of_what_was_asked_for_are_told(
    what: str, kinds: tuple[LeftoverKind, ...], told: bool
) -> None:
    closed = Gap(what, left.S, 403, "AuthorizationFailed", "no", f"{what}/read")
    found = left.context(left.tenant(gaps=[closed]))
    plan = plan_of(found, tool="test", created_at=left.NOW, source=PlanSource.SNAPSHOT, include=kinds)
    assert plan.unread == ((closed,) if told else ())


def test_a_scan_that_was_stopped_makes_a_partial_plan() -> None:
    stopped = Gap("Microsoft.KeyVault/vaults", left.S, 0, INTERRUPTED, "stopped")
    assert left.plan(left.tenant(gaps=[stopped])).partial
    assert not left.plan().partial


@pytest.mark.parametrize("name", ["x;rm -rf ~", "x$(id)", "x' --force", "x`id`", "x y", "x|y", "ü-ws", "x&y"])
def test_a_name_that_azure_does_not_give_is_never_acted_on(name: str) -> None:
    odd = left.workspace(name, 7)
    item = left.item(left.plan(left.tenant([odd])), name)
    assert item.action is Action.KEEP
    assert "not a valid id" in item.reason


@pytest.mark.parametrize(("state", "action"), [("Enabled", Action.DELETE), ("Disabled", Action.KEEP)])
def test_a_workspace_that_could_not_be_recovered_is_kept(state: str, action: Action) -> None:
    subscription = {"id": left.S, "type": "Microsoft.Resources/subscriptions", "state": state}
    item = left.item(left.plan(left.tenant([subscription], without=[left.S], again=True)), str(left.FIRST["name"]))
    assert item.action is action
    assert ("have it enabled first" in item.reason) is (action is Action.KEEP)


def test_a_workspace_without_its_own_guid_is_kept() -> None:
    nameless = left.workspace("nameless", 8, properties={"provisioningState": "Succeeded", "retentionInDays": 30})
    item = left.item(left.plan(left.tenant([nameless])), "nameless")
    assert (item.action, item.verdict) == (Action.KEEP, "orphaned")


@pytest.mark.parametrize("more", [{}, {"modifiedDate": "2026-11-23T09:00:00Z"}, {"provisioningState": "Updating"}])
def test_what_azure_changes_by_itself_does_not_change_the_fingerprint(more: dict[str, object]) -> None:
    before, after = left.workspace("ws", 4), left.workspace("ws", 4)
    after["properties"] |= more
    prints = [left.item(left.plan(left.tenant([one])), "ws").fingerprint for one in (before, after)]
    assert prints[0] == prints[1]


def test_other_left_overs_are_listed_only_where_they_are_asked_for_and_always_kept(fixtures: Path) -> None:
    contoso = left.context(load(fixtures / "contoso.yaml"))
    made: dict[str, Any] = {"tool": "test", "created_at": left.NOW, "source": PlanSource.SNAPSHOT}
    assert {one.kind for one in plan_of(contoso, **made).items} == {"workspace"}
    everything = plan_of(contoso, **made, include=tuple(LeftoverKind))
    others = [one for one in everything.items if one.kind != "workspace"]
    assert sorted((one.kind, one.name, one.verdict) for one in others) == [
        ("application", "pilothv018e21authandaccessaadapp", "orphaned"),
        ("assessment-project", "contoso-pilot8e21project", "orphaned"),
        ("deleted-workspace", "contoso-wave3-ws", "orphaned"),
        ("key-vault", "PilotVM018e21kv", "orphaned"),
        ("lock", "contoso-pilotlock", "orphaned"),
        ("master-site", "contoso-pilot8e21mastersite", "orphaned"),
        ("private-endpoint", "contoso-pilot8e21pe", "orphaned"),
        ("recovery-vault", "contoso-pilot-MigrateVault-1041832", "orphaned"),
        ("role-assignment", "a role of 5be00019-2f6a-47d8-a1c3-c0a050000019", "orphaned"),
        ("site", "pilotvm018e21site", "orphaned"),
        ("storage-account", "migratersa907715230", "orphaned"),
    ]
    assert {one.action for one in others} == {Action.KEEP}
    assert everything.deletions == plan_of(contoso, **made).deletions


def test_a_kept_left_over_says_whose_it_is_since_when_what_it_holds_and_why_it_is_kept(fixtures: Path) -> None:
    contoso = left.context(load(fixtures / "contoso.yaml"))
    plan = plan_of(
        contoso, tool="test", created_at=left.NOW, source=PlanSource.SNAPSHOT, include=(LeftoverKind.STORAGE_ACCOUNT,)
    )
    [account] = [one for one in plan.items if one.kind == "storage-account"]
    assert account.projects == ("contoso-pilot",)
    assert account.since == "was deleted on 2 October 2026 by isaiahl@contoso.com"
    assert account.holds[1].startswith("the lock `contoso-pilotlock`")
    assert account.costs == ("the SKU Standard_LRS", "the kind StorageV2")
    assert account.reason.startswith("the project `contoso-pilot` is gone")
    assert "no list shows what it contains" in account.reason
    assert {one.note for one in account.evidence_for} >= {"tag migrate project: contoso-pilot"}


def test_a_soft_deleted_left_over_says_when_it_goes_away(fixtures: Path) -> None:
    contoso = left.context(load(fixtures / "contoso.yaml"))
    kinds = (LeftoverKind.DELETED_WORKSPACE, LeftoverKind.DELETED_KEY_VAULT)
    plan = plan_of(contoso, tool="test", created_at=left.NOW, source=PlanSource.SNAPSHOT, include=kinds)
    [deleted] = [one for one in plan.items if one.kind == "deleted-workspace"]
    assert deleted.released_on is not None
    assert f"{deleted.released_on:%Y-%m-%d}" == "2026-11-27"


def test_the_kinds_on_the_command_line_are_those_there_are() -> None:
    assert set(KINDS) == {kind.value for kind in LeftoverKind} - {"workspace"}


@pytest.mark.parametrize("kind", sorted(BESIDE_WORKSPACES))
def test_each_kind_that_is_kept_says_why(kind: LeftoverKind) -> None:
    assert KEPT_BECAUSE[kind]


@pytest.mark.parametrize(
    "change",
    [
        {"tags": {"Migrate Project": "project-1", "keep": "yes"}},
        {"location": "eastus"},
        {"properties": {**left.FIRST["properties"], "customerId": left.customer(99)}},
        {"properties": {**left.FIRST["properties"], "retentionInDays": 730}},
    ],
)
def test_a_change_of_what_matters_changes_the_fingerprint(change: dict[str, object]) -> None:
    before, after = left.workspace("ws", 4), {**left.workspace("ws", 4), **change}
    prints = [left.item(left.plan(left.tenant([one])), "ws").fingerprint for one in (before, after)]
    assert prints[0] != prints[1]
