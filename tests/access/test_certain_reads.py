"""What an account could certainly read, and everything that leaves it open."""

from datetime import timedelta
from typing import Any

import pytest

from auditor.access.certain_reads import SETTLED, CertainReads
from auditor.inventory.instants import spell
from auditor.inventory.lists import DENY_ASSIGNMENTS, MEMBERSHIPS, ROLE_ACTIVATIONS
from auditor.inventory.reads import MALFORMED, Gap, Read
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    ALEX,
    EVERYONE,
    NOW,
    OTHER_SUB,
    READER,
    RG,
    SUB,
    TENANT,
    Row,
    activation,
    assignment,
    definition,
    denial,
    eligibility,
    environment,
    gap,
    guid,
    management_group,
    member,
    parent,
    thing,
)

ROOT, ABOVE, HERE, BESIDE = (management_group(name) for name in (TENANT, "mg-above", "mg-here", "mg-beside"))
TREE = (parent(ABOVE, ROOT), parent(HERE, ABOVE), parent(BESIDE, ABOVE), parent(SUB, HERE), parent(OTHER_SUB, BESIDE))
TEAM = guid("readers of everything")
PROJECTS, SITES = "Microsoft.Migrate/migrateProjects/read", "Microsoft.OffAzure/VMwareSites/read"
ENDED = NOW + timedelta(minutes=20)
READS: Row = {"actions": ["*/read"], "notActions": []}


def at(minutes: float) -> str:
    return spell(NOW + timedelta(minutes=minutes))


LONG_AGO, JUST_SETTLED = at(-90_000), spell(NOW - SETTLED)


def made(row: Row, created: str | None = LONG_AGO, updated: str | None = LONG_AGO) -> Row:
    """Return a role assignment or definition that was made and changed at these times."""
    return {**row, "properties": {**row["properties"], "createdOn": created, "updatedOn": updated}}


def role(name: str, *permissions: Row, kind: str = "BuiltInRole") -> Row:
    row = definition(name, *permissions)
    return {**row, "properties": {**row["properties"], "type": kind}}


def held(principal: str = ADELE, where: str = HERE, name: str = READER, **properties: Any) -> Row:
    return made(assignment(principal, name, where, **properties))


READER_ROLE = role(READER, READS)
EMPTY = tuple(Read(what, scope) for what, scope in ((MEMBERSHIPS, ADELE), (ROLE_ACTIVATIONS, HERE)))


def reads(*rows: Row | Link | Gap | Read) -> CertainReads:
    return CertainReads(environment(*TREE, *EMPTY, *rows).snapshot(), ADELE, NOW, ENDED)


CERTAIN: dict[str, tuple[Row | Link | Gap, ...]] = {
    "at the group": (held(), READER_ROLE),
    "above it": (held(where=ABOVE), READER_ROLE),
    "at the uppermost group": (held(where=ROOT), READER_ROLE),
    "at the root": (held(where="/"), READER_ROLE),
    "old enough": (made(held(), JUST_SETTLED, JUST_SETTLED), READER_ROLE),
    "of a group": (held(TEAM), READER_ROLE, member(ADELE, TEAM)),
    "a role of one's own": (held(name="mine"), made(role("mine", READS, kind="CustomRole"))),
    "beside one that is denied by notActions": (
        held(),
        READER_ROLE,
        held(name="less"),
        role("less", {"actions": ["*"], "notActions": ["*/read"]}),
    ),
    "without an end in PIM": (held(), READER_ROLE, activation(ADELE, READER, HERE, endDateTime=None)),
    "active until later": (held(), READER_ROLE, activation(ADELE, READER, HERE, endDateTime=at(21))),
    "another's activation ends": (held(), READER_ROLE, activation(ALEX, READER, HERE, endDateTime=at(5))),
}

OPEN: dict[str, tuple[Row | Link | Gap, ...]] = {
    "nothing held": (READER_ROLE,),
    "another's": (held(ALEX), READER_ROLE),
    "of a group that it is not in": (held(TEAM), READER_ROLE),
    "of a group, and memberships were refused": (held(TEAM), READER_ROLE, gap(MEMBERSHIPS, ADELE)),
    "of a group that may be an open one": (
        held(TEAM),
        READER_ROLE,
        member(ADELE, TEAM),
        thing("group", TEAM, securityEnabled=False),
    ),
    "beside it": (held(where=BESIDE), READER_ROLE),
    "in the subscription only": (held(where=SUB), READER_ROLE),
    "at a group nobody placed": (held(where=management_group("mg-nowhere")), READER_ROLE),
    "two scopes": ({**held(where=SUB), "properties": held()["properties"]}, READER_ROLE),
    "a condition": (held(condition="@Resource[a:b] StringEquals 'c'"), READER_ROLE),
    "a condition on something else": (
        held(condition="!(ActionMatches{'*/delete'}) OR @Resource[a:b] Exists 'c'"),
        READER_ROLE,
    ),
    "eligible only": (eligibility(ADELE, READER, HERE), READER_ROLE),
    "active without an assignment": (activation(ADELE, READER, HERE), READER_ROLE),
    "an activation that ends": (held(), READER_ROLE, activation(ADELE, READER, HERE, endDateTime=at(5))),
    "an activation that names its assignment and ends": (
        held(),
        READER_ROLE,
        activation(ADELE, READER, HERE, endDateTime=at(5), originRoleAssignmentId=held()["id"]),
    ),
    "an end that is over": (held(), READER_ROLE, activation(ADELE, READER, HERE, endDateTime=at(-5))),
    "an activation that cannot be understood": (
        held(),
        READER_ROLE,
        {**activation(ADELE, READER, HERE), "properties": "none"},
    ),
    "PIM was refused": (held(), READER_ROLE, gap(ROLE_ACTIVATIONS, HERE)),
    "made just now": (made(held(), at(-8), at(-8)), READER_ROLE),
    "changed just now": (made(held(), LONG_AGO, at(-8)), READER_ROLE),
    "changed while it was read": (made(held(), LONG_AGO, at(8)), READER_ROLE),
    "made at an unknown time": (made(held(), None), READER_ROLE),
    "changed at an odd time": (made(held(), LONG_AGO, "recently"), READER_ROLE),
    "contradicting answers": (held(), READER_ROLE, Gap("x", held()["id"], 200, MALFORMED, "")),
    "the definition was not read": (held(),),
    "the definition of a custom role was not read": (held(name="mine"),),
    "a custom role that was changed just now": (
        held(name="mine"),
        made(role("mine", READS, kind="CustomRole"), at(-9)),
    ),
    "a custom role without times": (held(name="mine"), role("mine", READS, kind="CustomRole")),
    "notActions": (held(), role(READER, {"actions": ["*"], "notActions": ["Microsoft.Migrate/*"]})),
    "notActions of a part": (held(), role(READER, {"actions": ["*/read"], "notActions": ["*/migrateProjects/read"]})),
    "dataActions only": (held(), role(READER, {"dataActions": ["*/read"]})),
    "everything else": (held(), role(READER, {"actions": ["Microsoft.Resources/*", "*/write"]})),
    "a wildcard that may mean nothing": (
        held(),
        role(READER, {"actions": ["Microsoft.Migrate/migrateProjects/*/read"]}),
    ),
    "a role with a condition": (held(), role(READER, {**READS, "condition": "@Resource[a:b] StringEquals 'c'"})),
}


@pytest.mark.parametrize("rows", CERTAIN.values(), ids=CERTAIN)
def test_a_lasting_role_that_was_read_shows_what_is_below(rows: tuple[Any, ...]) -> None:
    assert reads(*rows).may(PROJECTS, HERE)


@pytest.mark.parametrize("rows", OPEN.values(), ids=OPEN)
def test_anything_less_does_not(rows: tuple[Any, ...]) -> None:
    own = [row for row in rows if isinstance(row, Gap)]
    replaced = {(one.what, one.scope) for one in own}
    kept = [one for one in EMPTY if (one.what, one.scope) not in replaced]
    found = environment(*TREE, *kept, *rows).snapshot()
    assert not CertainReads(found, ADELE, NOW, ENDED).may(PROJECTS, HERE)


def test_a_role_for_one_type_shows_that_type_only() -> None:
    found = reads(held(), role(READER, {"actions": ["Microsoft.Migrate/*"]}))
    assert (found.may(PROJECTS, HERE), found.may(SITES, HERE)) == (True, False)


def test_where_a_subscription_is() -> None:
    assert reads().above(SUB) == {"mg-here", "mg-above", TENANT}
    assert reads().above("/subscriptions/33333333-0000-4000-8000-000000000003") == frozenset()


DENIES: Row = {"actions": ["*/read"], "notActions": []}
NOT_READ = Read("Microsoft.Authorization/locks", SUB)
UNDENIED: dict[str, tuple[Row | Link | Gap, ...]] = {
    "nothing": (),
    "nothing that is read": (denial(RG, [EVERYONE], {"actions": ["*"], "notActions": ["*/read"]}),),
    "another type": (denial(SUB, [EVERYONE], {"actions": ["Microsoft.OffAzure/*"]}),),
    "another account": (denial(RG, [ALEX], DENIES),),
    "the account is excluded": (denial(RG, [EVERYONE], DENIES, excluded=[ADELE]),),
    "its group is excluded": (denial(RG, [EVERYONE], DENIES, excluded=[TEAM]), member(ADELE, TEAM)),
    "only noted": (denial(SUB, [EVERYONE], DENIES, denyAssignmentEffect="audit"),),
    "elsewhere": (denial(OTHER_SUB, [EVERYONE], DENIES), denial(BESIDE, [EVERYONE], DENIES)),
}
DENIED: dict[str, tuple[Row | Link | Gap | Read, ...]] = {
    "above": (denial(ABOVE, [EVERYONE], DENIES),),
    "at the subscription": (denial(SUB, [ADELE], DENIES),),
    "below it": (denial(RG, [EVERYONE], DENIES),),
    "at one resource, in other letters": (denial(f"{RG.upper()}/providers/a.b/c/d", [EVERYONE], DENIES),),
    "for a group": (denial(RG, [TEAM], DENIES), member(ADELE, TEAM)),
    "for a group that it may be in": (denial(RG, [TEAM], DENIES), gap(MEMBERSHIPS, ADELE)),
    "a group that it may be in is excluded": (
        denial(RG, [EVERYONE], DENIES, excluded=[TEAM]),
        gap(MEMBERSHIPS, ADELE),
    ),
    "under a condition": (denial(RG, [EVERYONE], {**DENIES, "condition": "@Resource[a:b] Exists 'c'"}),),
    "one of several": (denial(RG, [EVERYONE], {"actions": ["*/write"]}, {"actions": ["Microsoft.Migrate/*"]}),),
    "to whom is not said": (denial(RG, [], DENIES),),
    "two places": ({**denial(OTHER_SUB, [EVERYONE], DENIES), "id": denial(RG, [EVERYONE], DENIES)["id"]},),
    "what is not said": (denial(RG, [EVERYONE]),),
    "at an odd place": (denial(f"{SUB}/resourceGroups", [EVERYONE], DENIES),),
    "refused": (gap(DENY_ASSIGNMENTS, SUB),),
    "refused above": (gap(DENY_ASSIGNMENTS, ABOVE),),
    "not read": (NOT_READ,),
    "malformed": ({**denial(RG, [EVERYONE], DENIES), "properties": "none"},),
}


@pytest.mark.parametrize("rows", UNDENIED.values(), ids=UNDENIED)
def test_deny_assignments_that_leave_the_read(rows: tuple[Any, ...]) -> None:
    kept = CertainReads(environment(*TREE, *rows).snapshot(), ADELE, NOW, ENDED)
    assert kept.is_undenied(PROJECTS, SUB)
    assert kept.is_undenied(PROJECTS, SUB.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/"))


@pytest.mark.parametrize("rows", DENIED.values(), ids=DENIED)
def test_deny_assignments_that_may_take_the_read_away(rows: tuple[Any, ...]) -> None:
    assert not CertainReads(environment(*TREE, *rows).snapshot(), ADELE, NOW, ENDED).is_undenied(PROJECTS, SUB)
