from auditor.access.verdicts import AccessVerdict, Plane
from auditor.access.who_can import Holding, WhoCan
from auditor.inventory.reads import Read
from tests.access.environments import (
    ADELE,
    ALEX,
    APP,
    EVERYONE,
    OWNER,
    READER,
    RG,
    SUB,
    TEAM,
    VAULT,
    Environment,
    assignment,
    delegation,
    denial,
    eligibility,
    environment,
    gap,
    guid,
    management_group,
    member,
    parent,
    policy,
    scope,
    thing,
    user,
    vault,
)

WRITE = "Microsoft.Migrate/migrateProjects/write"
GET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"


def asked(world: Environment) -> WhoCan:
    return world.access().who_can(WRITE, scope(RG))


def holdings(found: WhoCan) -> dict[str, Holding]:
    return {holder.principal: holder.holding for holder in found.holders}


def test_holders_are_separated_by_way_of_holding() -> None:
    partner, visitor, gone, landing = guid("partner"), guid("visitor"), guid("gone"), management_group("landing")
    known = [user(name) for name in (ADELE, ALEX, visitor, guid("chief"))]
    world = environment(
        *known,
        thing("group", TEAM, securityEnabled=True, displayName="team"),
        thing("servicePrincipal", APP),
        parent(SUB, landing),
        assignment(ADELE, OWNER, SUB),
        assignment(APP, OWNER, landing),
        assignment(TEAM, OWNER, RG),
        member(ALEX, TEAM),
        assignment(guid("chief"), OWNER, "/"),
        assignment(visitor, OWNER, SUB, condition="x"),
        eligibility(guid("ready"), OWNER, SUB),
        user(guid("ready")),
        assignment(gone, OWNER, SUB),
        assignment(guid("reader"), READER, SUB),
        assignment(guid("elsewhere"), OWNER, RG + "2"),
        delegation(SUB, {"principalId": partner, "roleDefinitionId": OWNER}),
        user(guid("puzzle")),
        assignment(guid("puzzle"), "never read", SUB),
    )
    found = asked(world)
    assert holdings(found) == {
        ADELE: Holding.STANDING,
        APP: Holding.STANDING,
        TEAM: Holding.GROUP,
        guid("chief"): Holding.ROOT,
        visitor: Holding.CONDITIONAL,
        guid("ready"): Holding.ELIGIBLE,
        gone: Holding.ORPHANED,
        partner: Holding.DELEGATED,
        guid("puzzle"): Holding.UNDECIDED,
    }
    assert holdings(found.expanded())[ALEX] is Holding.MEMBER
    assert [holder.name for holder in found.of(Holding.GROUP)] == ["team"]
    assert not found.at_least


def test_deny_assignments_are_applied_to_everyone() -> None:
    world = environment(
        user(ADELE),
        user(ALEX),
        assignment(TEAM, OWNER, SUB),
        member(ADELE, TEAM),
        member(ALEX, TEAM),
        denial(SUB, [EVERYONE], {"actions": ["*"]}, excluded=[ALEX]),
    )
    found = asked(world).expanded()
    assert holdings(found) == {ALEX: Holding.MEMBER}


def test_a_partial_list_says_at_least() -> None:
    held = assignment(ADELE, OWNER, SUB)
    assert asked(environment(held, gap("Microsoft.Authorization/roleAssignments", SUB))).at_least
    assert asked(environment(held, gap("graph/transitiveMemberOf", ALEX), assignment(TEAM, OWNER, SUB))).at_least
    assert not asked(environment(held, user(ADELE))).at_least
    bare = asked(environment(held, Read("Microsoft.Authorization/roleAssignments", SUB)))
    assert {"Microsoft.ManagedServices/registrationAssignments"} <= {item.what for item in bare.gaps}


def test_a_group_of_another_tenant_is_listed_and_leaves_a_gap() -> None:
    partner = guid("partner")
    found = asked(environment(assignment(partner, OWNER, SUB, principalType="ForeignGroup")))
    assert holdings(found) == {partner: Holding.GROUP}
    assert [item.code for item in found.gaps] == ["ForeignGroup"]


def test_a_holder_is_orphaned_only_where_the_directory_was_read() -> None:
    world = environment(assignment(ADELE, OWNER, SUB), gap("graph/directoryObjects", "/"))
    assert holdings(asked(world)) == {ADELE: Holding.STANDING}


def test_who_can_on_the_contents_of_a_vault() -> None:
    entries = [policy(ADELE, secrets=["get"]), policy(ALEX, keys=["get"]), policy(APP, guid("client"), secrets=["all"])]
    known = [user(ADELE), user(ALEX), user(APP)]
    world = environment(vault(enableRbacAuthorization=None, accessPolicies=entries), *known)
    found = world.access().who_can(GET, scope(VAULT), Plane.DATA)
    assert holdings(found) == {ADELE: Holding.STANDING, APP: Holding.CONDITIONAL}
    assert {holder.answer.verdict for holder in found.holders} == {AccessVerdict.ALLOW, AccessVerdict.CONDITIONAL}
    unread = environment(*known).access().who_can(GET, scope(VAULT), Plane.DATA)
    assert (unread.holders, unread.at_least) == ((), True)
