"""A group as the account: what its members do by themselves is decided only where they are all alike."""

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.access.access import Access
from auditor.audit.preflight.report import Preflight, StepOutcome, preflight
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import APPLIANCE_PRINCIPAL, CHRISTIE, DEBRAS_GROUP, GUEST, PROJECT, Environment, fabrikam

DEBRA = "a5fa0002-8d3f-4e06-b2a9-fab0b1c00002"
APPLICATION = "abfa0011-1e5d-4b39-8c60-fab0b1c00011"
Edit = Callable[[Environment], None]


def found(tmp_path: Path, *edits: Edit, account: str = DEBRAS_GROUP, who: bool = False) -> Preflight:
    environment = fabrikam()
    for edit in edits:
        edit(environment)
    inventory = Inventory.of(load(environment.save(tmp_path, "groups")))
    plan = RegistrationPlan(project=ArmId.parse(PROJECT), account=account, discovery_account=account)
    return preflight(Context(inventory, Access.of(inventory)), plan, who=who)


def step(outcome: Preflight, name: str) -> StepOutcome:
    [held] = [one for one in outcome.steps if one.id == name]
    return held


def refused(*included: str, without: tuple[str, ...] = (), state: str = "enabled") -> Edit:
    def edit(environment: Environment) -> None:
        environment.document["graph"].append(
            {
                "@odata.type": "#microsoft.graph.conditionalAccessPolicy",
                "id": "cad00010-3e6f-4b21-9c57-fab0b1c00010",
                "displayName": "Block",
                "state": state,
                "conditions": {
                    "applications": {"includeApplications": ["All"]},
                    "users": {"includeUsers": list(included), "excludeUsers": list(without)},
                },
                "grantControls": {"operator": "OR", "builtInControls": ["block"]},
            }
        )

    return edit


def disabled(*accounts: str) -> Edit:
    def edit(environment: Environment) -> None:
        for account in accounts:
            environment.graph(account)["accountEnabled"] = False

    return edit


def pending(environment: Environment) -> None:
    environment.graph(GUEST)["externalUserState"] = "PendingAcceptance"


def unowned(*accounts: str) -> Edit:
    def edit(environment: Environment) -> None:
        environment.document["links"] = [
            link
            for link in environment.document["links"]
            if not (link["rel"] == "owner" and link["to"].lower() in accounts)
        ]

    return edit


def restricted(environment: Environment) -> None:
    [policy] = [one for one in environment.document["graph"] if one["@odata.type"].endswith("authorizationPolicy")]
    policy["guestUserRoleId"] = "2af84b1e-32c8-42b7-82bc-daa82404023b"


def members_unread(environment: Environment) -> None:
    environment.document["gaps"].append(
        {"what": "graph/transitiveMembers", "scope": DEBRAS_GROUP, "status": 403, "code": "Authorization_RequestDenied"}
    )


def with_its_application(environment: Environment) -> None:
    environment.link("transitiveMemberOf", APPLIANCE_PRINCIPAL, DEBRAS_GROUP)


def emptied(environment: Environment) -> None:
    environment.document["links"] = [link for link in environment.document["links"] if link["to"] != DEBRAS_GROUP]


EVERYBODY = ("All",)


@pytest.mark.parametrize(
    ("name", "edits", "verdict"),
    [
        ("start-discovery", (), "go"),
        ("start-discovery", (unowned(DEBRA),), "unknown"),
        ("start-discovery", (unowned(DEBRA, GUEST),), "no-go"),
        ("start-discovery", (members_unread,), "unknown"),
        ("register", (), "go"),
        ("register", (members_unread,), "unknown"),
        ("register", (emptied,), "unknown"),
        ("register", (with_its_application,), "unknown"),
        ("register", (refused(DEBRA),), "unknown"),
        ("register", (refused(*EVERYBODY, without=(DEBRA,)),), "unknown"),
        ("register", (refused(*EVERYBODY),), "no-go"),
        ("register", (refused(DEBRA, GUEST),), "no-go"),
        ("register", (refused(CHRISTIE),), "go"),
        ("register", (refused(DEBRAS_GROUP),), "go"),
        ("register", (refused(DEBRA, state="disabled"),), "go"),
        ("register", (disabled(DEBRA),), "unknown"),
        ("register", (pending,), "unknown"),
        ("register", (disabled(DEBRA), pending), "no-go"),
        ("register", (disabled(DEBRA, GUEST),), "no-go"),
        ("replicate", (restricted,), "unknown"),
    ],
)
def test_what_depends_on_the_member_is_decided_where_all_are_alike(
    name: str, edits: tuple[Edit, ...], verdict: str, tmp_path: Path
) -> None:
    held = step(found(tmp_path, *edits), name)
    assert held.verdict.value == verdict
    if verdict == "unknown" and name != "replicate":
        assert any("depends on the member: ask about the member by name" in one for one in held.reasons)


def test_no_owner_is_offered_where_members_own_the_application(tmp_path: Path) -> None:
    every = step(found(tmp_path, unowned(DEBRA, GUEST)), "start-discovery")
    assert (every.errors, [one.scope for one in every.missing]) == (("60025",), [APPLICATION])
    one = step(found(tmp_path, unowned(DEBRA)), "start-discovery")
    assert (one.errors, one.missing, one.fixes) == ((), (), ())


def test_a_refusal_of_every_member_names_the_policy_and_its_error(tmp_path: Path) -> None:
    held = step(found(tmp_path, refused(DEBRA, GUEST)), "register")
    assert held.errors == ("AADSTS53003",)
    assert [it.kind for it in held.obstacles] == ["conditionalAccess"]


def test_members_that_cannot_sign_in_are_named_with_what_lets_them(tmp_path: Path) -> None:
    outcome = found(tmp_path, disabled(DEBRA), pending, who=True)
    held = step(outcome, "register")
    assert {it.id for it in held.obstacles} == {DEBRA, GUEST}
    commands = "\n".join(fix.az or "" for fix in held.fixes)
    assert f"az ad user update --id {DEBRA} --account-enabled true" in commands
    assert "Accept the invitation" in {fix.title for fix in held.fixes}
    assert outcome.who is not None
    assert not {DEBRA, GUEST, DEBRAS_GROUP} & {one.id for one in (*outcome.who.capable, *outcome.who.undecided)}


def test_a_group_whose_members_differ_is_not_listed_as_able_but_they_are(tmp_path: Path) -> None:
    who = found(tmp_path, refused(DEBRA), who=True).who
    assert who is not None
    capable, undecided = ({one.id for one in listed} for listed in (who.capable, who.undecided))
    assert GUEST in capable
    assert DEBRA not in capable | undecided
    assert DEBRAS_GROUP in undecided


@pytest.mark.parametrize("name", ["generate-key", "register"])
@pytest.mark.parametrize(
    ("edits", "offered"),
    [((), True), ((disabled(DEBRA),), False), ((refused(DEBRA),), False), ((refused(DEBRA, state="disabled"),), True)],
)
def test_an_account_that_cannot_sign_in_is_offered_for_no_step(
    name: str, edits: tuple[Edit, ...], offered: bool, tmp_path: Path
) -> None:
    held = step(found(tmp_path, disabled(CHRISTIE), *edits, account=CHRISTIE), name)
    shown = "\n".join(line for fix in held.fixes for line in fix.portal)
    assert ("debrab@fabrikam.com" in shown) is offered
    assert "leeg_contoso.com" in shown
