"""The engine agrees with the brute-force evaluators on generated environments, which cover all of it."""

from collections import Counter
from random import Random

import pytest

from auditor.access.access import Access
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, ReasonKind
from tests.access.environments import Environment, scope
from tests.access.generated import LISTS, PRINCIPALS, Maker
from tests.access.generated_directory import CLIENT, TEAMS
from tests.access.reference_directory import Directory
from tests.access.reference_evaluator import Reference
from tests.sampling import sampled

pytestmark = pytest.mark.untraced

ENVIRONMENTS = 2080
BATCHES = 4
QUESTIONS = 6

SOURCES = {
    ReasonKind.ROLE_ASSIGNMENT: 100,
    ReasonKind.ACTIVATION: 20,
    ReasonKind.ELIGIBILITY: 20,
    ReasonKind.DELEGATION: 5,
    ReasonKind.ROLE_DEFINITION: 100,
    ReasonKind.GROUP: 40,
    ReasonKind.GROUP_ELIGIBILITY: 5,
    ReasonKind.CONDITION: 20,
    ReasonKind.DENY_ASSIGNMENT: 20,
    ReasonKind.ACCESS_POLICY: 10,
    ReasonKind.VAULT_MODEL: 20,
    ReasonKind.VAULT_TENANT: 5,
    ReasonKind.DIRECTORY_ROLE: 20,
    ReasonKind.DIRECTORY_ELIGIBILITY: 10,
    ReasonKind.OWNER: 5,
    ReasonKind.TENANT_POLICY: 20,
    ReasonKind.NOTHING: 100,
}
"""The least number of answers of one batch that each kind of reason must appear in."""


def test_enough_environments_are_compared() -> None:
    assert ENVIRONMENTS >= 2000
    assert set(SOURCES) == set(ReasonKind) - {ReasonKind.CONDITIONAL_ACCESS}  # decides sign-in, and no right


@sampled("batch", range(BATCHES), one_in=BATCHES)
def test_engine_agrees_with_brute_force(batch: int) -> None:
    answers: list[AccessAnswer] = []
    environments = range(batch * ENVIRONMENTS // BATCHES, (batch + 1) * ENVIRONMENTS // BATCHES)
    for seed in environments:
        maker = Maker(Random(seed))
        world = maker.environment()
        access = world.access()
        answers.extend(compared(maker, world, access))
        answers.extend(compared_directory(maker, world, access))
    verdicts = Counter(found.verdict for found in answers)
    assert {verdict: verdicts[verdict] >= 25 for verdict in AccessVerdict} == dict.fromkeys(AccessVerdict, True), (
        verdicts
    )
    kinds = Counter(kind for found in answers for kind in {reason.kind for reason in found.because})
    assert {kind: kinds[kind] for kind, least in SOURCES.items() if kinds[kind] < least} == {}
    unread = Counter(name for found in answers for name in {gap.what for gap in found.gaps})
    assert {what for what, _ in LISTS if not unread[what]} == set()


def compared(maker: Maker, world: Environment, access: Access) -> list[AccessAnswer]:
    reference = Reference(world)
    answers = []
    for _ in range(QUESTIONS):
        principal, action, at, plane = maker.question(world)
        found = access.can(principal, action, scope(at), Plane(plane))
        expected = reference.can(principal, action, at, plane)
        assert found.verdict.value == expected, (principal, action, at, plane, found, world)
        answers.append(found)
    return answers


def compared_directory(maker: Maker, world: Environment, access: Access) -> list[AccessAnswer]:
    directory = Directory(world)
    principal = maker.choices.choice([one for one in PRINCIPALS if one not in TEAMS])  # of a group its members decide
    pairs = (
        (directory.may_create(principal), access.may_create_applications(principal)),
        (directory.administers(principal), access.administers_applications(principal)),
        (directory.controls(principal, CLIENT), access.controls_application(principal, CLIENT)),
    )
    may_be_a_group = principal not in directory.who.directory and directory.who.unread("graph/groups", principal)
    for own, found in pairs:
        expected = "unknown" if may_be_a_group and own != "allow" else own
        assert found.verdict.value == expected, (principal, found, world)
    return [found for _, found in pairs]
