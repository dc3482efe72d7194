"""The engine agrees with the brute-force evaluator on generated environments."""

from random import Random

import pytest

from auditor.access.verdicts import Plane
from tests.access.environments import scope
from tests.access.generated import Maker
from tests.access.reference_evaluator import Reference

ENVIRONMENTS = 2080
BATCHES = 8
QUESTIONS = 6


@pytest.mark.parametrize("batch", range(BATCHES))
def test_engine_agrees_with_brute_force(batch: int) -> None:
    seen = set()
    for seed in range(batch * ENVIRONMENTS // BATCHES, (batch + 1) * ENVIRONMENTS // BATCHES):
        maker = Maker(Random(seed))
        world = maker.environment()
        access, reference = world.access(), Reference(world)
        for _ in range(QUESTIONS):
            principal, action, at, plane = maker.question(world)
            expected = reference.can(principal, action, at, plane)
            found = access.can(principal, action, scope(at), Plane(plane))
            assert found.verdict.value == expected, (seed, principal, action, at, plane, found)
            seen.add(expected)
    assert seen == {"allow", "deny", "conditional", "eligible", "unknown"}
