"""Laws of the access engine, checked over generated environments."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, ReasonKind
from auditor.inventory.snapshot.records import Link
from tests.access.environments import Environment, Row, assignment, guid, scope
from tests.access.generated import LISTS, PRINCIPALS, ROLES, SCOPES, Maker
from tests.access.generated_directory import CLIENT, SERVICE, USERS
from tests.access.hiding import hidden, holds, lists_any
from tests.sampling import examples, sampled

SOURCES = [*LISTS, ("Microsoft.Authorization/roleDefinitions", "/")]
"""Every list that can be refused, with the scopes at which it is read."""
POSITIVE = {AccessVerdict.ELIGIBLE: 1, AccessVerdict.CONDITIONAL: 2, AccessVerdict.ALLOW: 3}
USERS_AND_SERVICE = [*USERS, SERVICE]
DENIAL = ReasonKind.DENY_ASSIGNMENT
makers = st.randoms(use_true_random=False)
laws = examples(60, 4000)
Question = tuple[str, str, str, str]


def asked(world: Environment | Access, question: Question) -> AccessAnswer:
    principal, action, at, plane = question
    access = world if isinstance(world, Access) else world.access()
    return access.can(principal, action, scope(at), Plane(plane))


@laws
@given(makers)
def test_another_role_assignment_never_takes_access_away(choices: Random) -> None:
    maker = Maker(choices)
    world = maker.environment()
    more = assignment(choices.choice(PRINCIPALS), choices.choice(ROLES), choices.choice(SCOPES), name=guid("more"))
    wider = replace(world, arm=[*world.arm, more])
    for question in (maker.question(world), maker.question(wider)):
        before, after = asked(world, question).verdict, asked(wider, question).verdict
        if before in POSITIVE:
            assert POSITIVE.get(after, 0) >= POSITIVE[before]
        assert after is not AccessVerdict.DENY or before is AccessVerdict.DENY


@laws
@given(makers)
def test_another_deny_assignment_never_gives_access(choices: Random) -> None:
    maker = Maker(choices)
    world = maker.environment()
    question = maker.question(world)
    narrower = replace(world, arm=[*world.arm, maker.denial(99)])
    before, after = asked(world, question).verdict, asked(narrower, question).verdict
    if before is AccessVerdict.ALLOW:
        assert after is not AccessVerdict.ELIGIBLE
    else:
        assert after in {before, AccessVerdict.DENY, AccessVerdict.UNKNOWN}
        assert before is not AccessVerdict.DENY or after is AccessVerdict.DENY


@laws
@given(makers)
def test_hiding_any_list_only_weakens_the_answer(choices: Random) -> None:
    """Hides some non-empty lists of different kinds, and those with the deny assignments that decided."""
    maker = Maker(choices, hidden=choices.random() < 0.3)
    world = maker.environment()
    access = world.access()
    before = {question: asked(access, question) for question in (maker.question(world) for _ in range(40))}
    full = [source for source in SOURCES if holds(world, *source)] or SOURCES
    every = sorted({what for what, _ in full})
    kinds = choices.sample(every, min(3, len(every)))
    sources = {choices.choice([one for one in full if one[0] == what]) for what in kinds}
    denials = {one.id.lower() for found in before.values() for one in found.because if one.kind is DENIAL}
    sources |= {source for source in full if lists_any(world, denials, *source)}
    for source in sorted(sources):
        after = hidden(world, *source, choices).access()
        for question, answer in before.items():
            assert is_weaker(answer, asked(after, question)), (source, question)


@laws
@given(makers, st.sampled_from(SOURCES))
def test_hiding_any_list_only_weakens_the_answers_about_applications(choices: Random, source: tuple[str, str]) -> None:
    maker = Maker(choices, hidden=choices.random() < 0.3)
    world = maker.environment()
    whole, veiled = world.access(), hidden(world, *source, choices).access()
    for principal in PRINCIPALS:
        for before, after in zip(of_applications(whole, principal), of_applications(veiled, principal), strict=True):
            assert is_weaker(before, after), principal


def of_applications(access: Access, principal: str) -> tuple[AccessAnswer, ...]:
    return (
        access.may_create_applications(principal),
        access.administers_applications(principal),
        access.controls_application(principal, CLIENT),
    )


def is_weaker(before: AccessAnswer, after: AccessAnswer) -> bool:
    """Return whether `after` is the same, unknown, or a weaker positive with gaps; not a denial, not stronger."""
    if after.verdict in {before.verdict, AccessVerdict.UNKNOWN}:
        return True
    lesser = POSITIVE.get(after.verdict, 9) < POSITIVE.get(before.verdict, 0)
    return lesser and bool(after.gaps)


@laws
@given(makers)
def test_order_and_case_do_not_matter(choices: Random) -> None:
    maker = Maker(choices)
    world = maker.environment()
    other = replace(
        world,
        arm=choices.sample([recased(row) for row in world.arm], len(world.arm)),
        graph=choices.sample(world.graph, len(world.graph)),
        links=[Link(link.rel, link.from_.upper(), link.to.swapcase()) for link in reversed(world.links)],
    )
    principal, action, at, plane = maker.question(world)
    before = asked(world, (principal, action, at, plane))
    after = asked(other, (principal.upper(), action.swapcase(), at.upper(), plane))
    assert after.verdict is before.verdict
    assert len(after.because) == len(before.because)


def recased(row: Row) -> Row:
    """Return the record with letter case as another API may write it; texts of conditions keep theirs."""
    return {key: value if key in {"condition", "id"} else spelt(value) for key, value in row.items()} | {
        "id": row["id"].upper()
    }


def spelt(value: object) -> object:
    if isinstance(value, dict):
        return {key: item if "ondition" in key or "DateTime" in key else spelt(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spelt(item) for item in value]
    return value.swapcase() if isinstance(value, str) else value


@laws
@given(makers)
def test_who_can_agrees_with_can_for_every_principal(choices: Random) -> None:
    maker = Maker(choices)
    world = maker.environment()
    access = world.access()
    _principal, action, at, plane = maker.question(world)
    found = access.who_can(action, scope(at), Plane(plane)).expanded()
    listed = {holder.principal: holder.answer.verdict for holder in found.holders}
    for principal in PRINCIPALS:
        verdict = access.can(principal, action, scope(at), Plane(plane)).verdict
        if verdict in POSITIVE or principal in listed:
            assert listed.get(principal) is verdict
        if verdict is AccessVerdict.UNKNOWN:
            identities = access.principals.identities(principal)
            own = [*identities.gaps, *access.principals.unread_offers(identities)]  # gaps that *who can* does not see
            assert principal in listed or found.at_least or own
    assert len(listed) == len(found.holders)


@laws
@given(makers)
def test_every_answer_explains_itself(choices: Random) -> None:
    maker = Maker(choices)
    world = maker.environment()
    found = asked(world, maker.question(world))
    assert bool(found.gaps) if found.verdict is AccessVerdict.UNKNOWN else bool(found.because)
    if found.verdict in {AccessVerdict.ALLOW, AccessVerdict.DENY}:
        assert found.settled


@sampled("what", sorted({what for what, _ in SOURCES}), one_in=4)
def test_hiding_each_list_changes_an_answer_somewhere(what: str) -> None:
    """Guards the generator: if hiding a list never changed an answer, the laws above would prove nothing about it."""
    for seed in range(400):
        maker = Maker(Random(seed), hidden=False)
        world = maker.environment()
        source = maker.choices.choice([one for one in SOURCES if one[0] == what])
        whole, veiled = world.access(), hidden(world, *source, maker.choices).access()
        question = maker.question(world)
        pairs = [(asked(whole, question), asked(veiled, question))]
        for principal in USERS_AND_SERVICE:
            pairs += zip(of_applications(whole, principal), of_applications(veiled, principal), strict=True)
        if any(before.verdict is not after.verdict for before, after in pairs):
            return
    pytest.fail("no environment shows what hiding this list does")
