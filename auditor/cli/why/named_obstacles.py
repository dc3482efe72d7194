"""What an error says it was refused by, looked for in an environment: a policy, a locked scope, a resource provider.

Rules judge what a registration needs. Whether the very policy or lock of a message is still there, only this says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.audit.explain.azure_errors import AzureError
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import LOCKS, POLICY_ASSIGNMENTS
from auditor.inventory.reads import Gap
from auditor.inventory.resources.authorization import Lock
from auditor.inventory.resources.subscriptions import ProviderRegistration

_LOCK = "/providers/microsoft.authorization/locks/"
_POLICY = "/providers/microsoft.authorization/policyassignments/"


class CauseVerdict(Enum):
    """Whether a cause holds in the environment."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NamedObstacle:
    """One thing that an error with this code names by its `id`, and whether it still stands there, in words."""

    code: str
    id: str
    words: str
    verdict: CauseVerdict


def named_obstacles(errors: Iterable[AzureError], inventory: Inventory) -> Iterator[NamedObstacle]:
    """Yield what the errors say they were refused by; nothing for an error that names none of these."""
    for error in errors:
        said = error.details
        subscription = _subscription(said.scope) or (f"/subscriptions/{said.subscription}" if said.subscription else "")
        for policy in said.policies:
            if policy.assignment:
                yield _policy(error.code, policy.assignment, subscription, inventory)
        for scope in said.locked:
            yield _lock(error.code, scope, inventory)
        if said.provider and error.code.lower() == "missingsubscriptionregistration":
            yield _provider(error.code, said.provider, subscription, inventory)


def _policy(code: str, assignment: str, subscription: str, inventory: Inventory) -> NamedObstacle:
    name = f"the policy assignment `{assignment}`"
    if _parsed(assignment) is not None and inventory.get(assignment) is not None:
        return NamedObstacle(code, assignment, f"{name} is still there", CauseVerdict.CONFIRMED)
    scope = assignment[: assignment.lower().rfind(_POLICY)] if _POLICY in assignment.lower() else ""
    return _absent(code, assignment, name, POLICY_ASSIGNMENTS, _subscription(scope) or subscription, inventory)


def _lock(code: str, scope: str, inventory: Inventory) -> NamedObstacle:
    """Return whether a lock stands at a scope, above it, or below it, where it keeps the scope from being deleted."""
    for lock in inventory.all(Lock):
        place = lock.id[: lock.id.lower().rfind(_LOCK)].lower()
        if touches(place, scope.lower()):
            return NamedObstacle(code, lock.id, f"the lock `{lock.id}` is still there", CauseVerdict.CONFIRMED)
    return _absent(code, scope, f"a lock of `{scope}`", LOCKS, _subscription(scope), inventory)


def _provider(code: str, namespace: str, subscription: str, inventory: Inventory) -> NamedObstacle:
    name = f"the provider `{namespace}` in `{subscription or 'a subscription that is not named'}`"
    identity = f"{subscription}/providers/{namespace}"
    held = inventory.get(identity)
    if not isinstance(held, ProviderRegistration) or held.registered is None:
        words = f"whether {name} is registered was not read"
        return NamedObstacle(code, identity, words, CauseVerdict.UNKNOWN)
    if held.registered:
        return NamedObstacle(code, identity, f"{name} is registered now", CauseVerdict.REFUTED)
    return NamedObstacle(code, identity, f"{name} is not registered", CauseVerdict.CONFIRMED)


def _absent(code: str, identity: str, name: str, what: str, subscription: str, inventory: Inventory) -> NamedObstacle:
    """Return what is known of something that no list shows; only lists that were read to their end show absence."""
    gaps: tuple[Gap, ...] = inventory.gaps(what, subscription) if subscription else ()
    if not subscription or gaps:
        return NamedObstacle(code, identity, f"whether {name} is still there was not read", CauseVerdict.UNKNOWN)
    return NamedObstacle(code, identity, f"{name} is no longer there", CauseVerdict.REFUTED)


def touches(one: str, other: str) -> bool:
    """Whether one of two ids (lower case) is the other, or above it."""
    return f"{other}/".startswith(f"{one}/") or f"{one}/".startswith(f"{other}/")


def _subscription(scope: str) -> str:
    parsed = _parsed(scope)
    return parsed.subscription_id.text if parsed is not None and parsed.subscription_id is not None else ""


def _parsed(text: str) -> ArmId | None:
    try:
        return ArmId.parse(text)
    except ValueError:  # no id, or one that was cut off
        return None
