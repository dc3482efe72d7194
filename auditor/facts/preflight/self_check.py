"""What Azure itself says of the signed-in account's rights, beside what the records say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.access.self_check import SelfCheck
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.check import StepCheck
from auditor.facts.rights.questions import AskedRight
from auditor.inventory.arm_id import ArmId


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One action that Azure judges otherwise than the records: at a scope, by Azure, and the records' verdict."""

    action: str
    scope: str
    azure_allows: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class SelfCheckResult:
    """How many rights were compared, and those that Azure judges otherwise."""

    compared: int
    disagreements: tuple[Disagreement, ...]


def self_check_of(context: Context, checks: Iterable[StepCheck]) -> SelfCheckResult | None:
    """Return how Azure's own lists compare with the rights of the steps that the signed-in account does.

    None where nobody asked Azure, or the steps are another account's. A right is compared at its own scope, else at the
    nearest one above it that Azure was asked about.
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
