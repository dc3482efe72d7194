from datetime import UTC, datetime

import msgspec
import pytest

from auditor.collect.recording import Recording
from auditor.inventory.reads import INTERRUPTED, MALFORMED, Gap, Read
from auditor.inventory.snapshot.records import Header, Link

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
VAULTS = "Microsoft.KeyVault/vaults"
VAULT = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"


@pytest.fixture
def recording() -> Recording:
    begun = Recording()
    begun.header = Header(tenant_id="t", collected_at=datetime(2026, 11, 23, tzinfo=UTC))
    return begun


def vault(**properties: object) -> dict[str, object]:
    return {"id": VAULT, "type": VAULTS, "name": "kv", "properties": properties}


def test_nothing_can_be_taken_before_somebody_signed_in() -> None:
    recording = Recording()
    assert not recording.begun
    with pytest.raises(ValueError, match="nothing was read"):
        recording.snapshot()


def test_a_planned_list_that_never_ended_is_an_interrupted_gap(recording: Recording) -> None:
    recording.plan(VAULTS, SUBSCRIPTION)
    [gap] = recording.snapshot().gaps
    assert (gap.what, gap.scope, gap.status, gap.code, gap.needs) == (VAULTS, SUBSCRIPTION, 0, INTERRUPTED, None)


def test_a_completed_list_is_a_read(recording: Recording) -> None:
    recording.plan(VAULTS, SUBSCRIPTION)
    recording.arm(vault(), VAULTS, SUBSCRIPTION)
    recording.complete(VAULTS, SUBSCRIPTION, 1)
    snapshot = recording.snapshot()
    assert snapshot.reads == (Read(VAULTS, SUBSCRIPTION, count=1),)
    assert snapshot.gaps == ()


@pytest.mark.parametrize("gap_first", [True, False])
def test_a_gap_wins_over_a_read_in_either_order(recording: Recording, gap_first: bool) -> None:
    gap = Gap(VAULTS, SUBSCRIPTION, 403, "AuthorizationFailed")
    if gap_first:
        recording.gap(gap)
    recording.complete(VAULTS, SUBSCRIPTION, 0)
    if not gap_first:
        recording.gap(gap)
    snapshot = recording.snapshot()
    assert snapshot.reads == ()
    assert [gap.status for gap in snapshot.gaps] == [403]


def test_the_partial_list_keeps_what_came(recording: Recording) -> None:
    recording.arm(vault(), VAULTS, SUBSCRIPTION)
    recording.gap(Gap(VAULTS, SUBSCRIPTION, 500, "InternalServerError"))
    snapshot = recording.snapshot()
    assert [record.id for record in snapshot.arm] == [VAULT]
    assert snapshot.reads == ()


def test_a_body_without_an_id_is_a_gap_of_its_list(recording: Recording) -> None:
    assert recording.arm({"name": "kv"}, VAULTS, SUBSCRIPTION) is None
    recording.complete(VAULTS, SUBSCRIPTION, 1)
    snapshot = recording.snapshot()
    assert snapshot.reads == ()
    assert [gap.code for gap in snapshot.gaps] == [MALFORMED]


def test_a_live_and_a_deleted_resource_share_an_id(recording: Recording) -> None:
    recording.arm(vault(), VAULTS, SUBSCRIPTION)
    recording.arm(vault(), VAULTS, SUBSCRIPTION, deleted=True)
    assert [record.deleted for record in recording.snapshot().arm] == [False, True]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_of_two_answers_about_one_resource_does_not_matter(
    recording: Recording, order: tuple[int, int]
) -> None:
    bodies = [vault(vaultUri="a"), {**vault(vaultUri="a"), "id": VAULT.upper()}]
    for index in order:
        recording.arm(bodies[index], VAULTS, SUBSCRIPTION)
    [record] = recording.snapshot().arm
    assert record.id == min(VAULT, VAULT.upper())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_bodies_of_one_resource_that_differ_leave_a_gap_at_it(recording: Recording, order: tuple[int, int]) -> None:
    bodies = [vault(enableSoftDelete=True), vault(enableSoftDelete=False)]
    for index in order:
        recording.arm(bodies[index], VAULTS, SUBSCRIPTION)
    recording.complete(VAULTS, SUBSCRIPTION, 2)
    snapshot = recording.snapshot()
    assert [(gap.what, gap.scope, gap.code) for gap in snapshot.gaps] == [(VAULTS, VAULT, MALFORMED)]
    assert [record.id for record in snapshot.arm] == [VAULT]


def test_deleted_ones_of_one_id_contradict_nothing(recording: Recording) -> None:
    for number in (1, 2):
        recording.arm(vault(number=number), VAULTS, SUBSCRIPTION, deleted=True)
    assert recording.snapshot().gaps == ()


def test_a_stub_never_replaces_a_body_and_a_body_replaces_a_stub(recording: Recording) -> None:
    stub: dict[str, object] = {"id": VAULT, "type": VAULTS}
    recording.arm(stub, VAULTS, SUBSCRIPTION, stub=True)
    recording.replace(vault(vaultUri="x"), VAULTS, VAULT)
    recording.arm(stub, VAULTS, SUBSCRIPTION, stub=True)
    [record] = recording.snapshot().arm
    assert msgspec.json.decode(record.body)["properties"] == {"vaultUri": "x"}


def test_two_answers_that_contradict_each_other_about_an_object_leave_a_gap_at_it(recording: Recording) -> None:
    user = {"@odata.type": "#microsoft.graph.user", "id": "u"}
    for enabled in (True, False):
        recording.graph({**user, "accountEnabled": enabled}, "graph/users", "u")
    assert [(gap.what, gap.scope, gap.code) for gap in recording.snapshot().gaps] == [("graph/users", "u", MALFORMED)]


def test_objects_of_two_kinds_with_one_id_leave_a_gap_at_it(recording: Recording) -> None:
    for kind in ("user", "conditionalAccessPolicy"):
        recording.graph({"@odata.type": f"#microsoft.graph.{kind}", "id": "u"}, "graph/users", "u")
    assert [(gap.scope, gap.code) for gap in recording.snapshot().gaps] == [("u", MALFORMED)]


def test_what_two_questions_tell_of_an_object_is_united(recording: Recording) -> None:
    user = {"@odata.type": "#microsoft.graph.user", "id": "u"}
    recording.graph({**user, "displayName": "Megan", "mail": None}, "graph/directoryObjects", "/")
    recording.graph({**user, "mail": "megan@contoso.com", "accountEnabled": True}, "graph/users", "u")
    [record] = recording.snapshot().graph
    assert msgspec.json.decode(record.body) == {
        **user,
        "displayName": "Megan",
        "mail": "megan@contoso.com",
        "accountEnabled": True,
    }


def test_links_are_kept_once(recording: Recording) -> None:
    recording.link("owner", "a", "b")
    recording.link("owner", "a", "b")
    assert recording.snapshot().links == (Link("owner", "a", "b"),)


def test_lists_are_told_apart_without_case(recording: Recording) -> None:
    recording.plan(VAULTS, SUBSCRIPTION)
    recording.complete(VAULTS.upper(), SUBSCRIPTION.upper(), 0)
    assert recording.is_complete(VAULTS, SUBSCRIPTION)
    assert recording.snapshot().gaps == ()


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    "identity",
    [
        f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/one",
        f"{SUBSCRIPTION}/resourcegroups/g/providers/microsoft.keyvault/managedHSMs/one",
        f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/locks/l",
    ],
)
def test_a_resource_contradicts_that_its_provider_is_not_registered(
    recording: Recording, identity: str, is_first: bool
) -> None:
    elsewhere = "/subscriptions/other"
    refused = [Gap(VAULTS, one, 409, "MissingSubscriptionRegistration", "why") for one in (SUBSCRIPTION, elsewhere)]
    if is_first:
        recording.arm({"id": identity}, "Microsoft.Any/list", SUBSCRIPTION)
    for gap in refused:
        recording.unregistered(gap)
    if not is_first:
        recording.arm({"id": identity}, "Microsoft.Any/list", SUBSCRIPTION)
    assert not recording.is_complete(VAULTS, SUBSCRIPTION)
    assert recording.is_complete(VAULTS, elsewhere)
    found = recording.snapshot()
    assert [(gap.what, gap.scope) for gap in found.gaps] == [(VAULTS, SUBSCRIPTION)]
    assert [(read.what, read.scope) for read in found.reads or ()] == [(VAULTS, elsewhere)]
