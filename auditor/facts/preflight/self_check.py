"""The self-check of a preflight: all rights of its steps, compared with Azure's own permission lists.

`auditor.access.self_check` compares one action at one scope; this module applies it to every right and counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.access.self_check import SelfCheck
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.check import StepCheck
from auditor.facts.rights.questions import AskedRight
from auditor.inventory.arm_id import ArmId


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An action at a scope on which Azure's list contradicts the records, with both verdicts."""

    action: str
    scope: str
    azure_allows: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class SelfCheckResult:
    """The number of actions compared, and those on which Azure's list contradicts the records."""

    compared: int
    disagreements: tuple[Disagreement, ...]


def self_check_of(context: Context, checks: Iterable[StepCheck]) -> SelfCheckResult | None:
    """Return how Azure's lists compare with the rights that the steps of the signed-in account need.

    None where Azure's lists were not read or the steps belong to another account. A right is compared at its own scope,
    otherwise at the nearest scope above it whose list was read.
    """
    compared = {
        (each.action.lower(), each.scope.lower()): each
        for check in checks
        for right in check.asked
        for each in _compared(context, check.account, right)
    }
    if not compared:
        return None
    found = sorted((each for each in compared.values() if each.disagrees), key=lambda each: (each.scope, each.action))
    return SelfCheckResult(
        len(compared),
        tuple(Disagreement(each.action, each.scope, each.azure_allows, each.answer.verdict.value) for each in found),
    )


def _compared(context: Context, account: str, right: AskedRight) -> Iterator[SelfCheck]:
    scope = ArmId.parse(right.scope)
    places = [place for place in (scope, scope.resource_group_id, scope.subscription_id) if place is not None]
    for action in right.actions:
        checks = (context.access.self_check(account, action, place, right.plane) for place in places)
        found = next((check for check in checks if check is not None), None)
        if found is not None:
            yield found
