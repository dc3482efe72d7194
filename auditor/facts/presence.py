"""Proofs that a resource or a value exists or is absent; only a completely read list proves absence."""

from typing import TypeVar

from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once, unless_gaps
from auditor.inventory.arm_id import ArmId, arm_id, made_at
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import RESOURCE_GROUPS, SUBSCRIPTIONS, needs_of
from auditor.inventory.reads import MALFORMED, NOT_SCANNED
from auditor.inventory.resources.subscriptions import Subscription, seen_only
from auditor.inventory.unscanned import unlisted, unscanned

V = TypeVar("V")

NOT_IN_BODY = "NotInBody"
"""Code of a gap for a value that a body does not contain."""


def exists(inventory: Inventory, identity: ArmId, what: str) -> Fact[bool]:
    """Return whether the resource exists.

    It is known to be absent only if the list `what` and the resource groups of its subscription were read completely:
    an account that may not read a group gets a list without the group's resources, not an error.
    """
    if inventory.get(identity) is not None:
        return Known(True, (Evidence(str(identity), "exists"),))
    gaps = (
        *unscanned(inventory, identity, what),
        *inventory.gaps(what, identity, below=False),
        *inventory.gaps(RESOURCE_GROUPS, identity, below=False),
    )
    return unless_gaps(False, gaps, Evidence(str(identity), f"not in the list of {what}"))


def may_hide(inventory: Inventory, what: str, scope: str) -> tuple[Gap, ...]:
    """Return the gaps that may hide a resource of the list `what` in `scope`, malformed bodies included."""
    unread = inventory.gaps(what, scope, below=False)
    if not inventory.malformed_of(what):
        return unread
    return once([*unread, *(gap for gap in inventory.gaps(what, scope) if gap.code == MALFORMED)])


def may_cover(inventory: Inventory, what: str, scope: ArmId) -> tuple[Gap, ...]:
    """Return the gaps that may hide a lock, policy assignment or the like at `scope` or above it.

    Malformed bodies are included, unless their place is known and does not contain the scope.
    """
    unread = inventory.gaps(what, scope, below=False)
    return once([*unread, *(gap for gap in inventory.malformed_of(what) if _may_contain(gap.scope, scope))])


def _may_contain(identity: str, scope: ArmId) -> bool:
    """Return whether an extension resource with this id applies to `scope`, or may."""
    place = arm_id(made_at(identity) or "/")
    return place is None or place.subscription is None or scope.is_within(place)


def beyond(inventory: Inventory, what: str) -> tuple[Gap, ...]:
    """Return one gap for all subscriptions that can be seen and were not read, and those for further ones.

    Something that is not in what was read may be there.
    """
    unread = [held for held in inventory.all(Subscription) if held.arm_id.name.lower() not in inventory.scanned]
    hidden = (*unlisted(inventory), *inventory.gaps(SUBSCRIPTIONS, "/", below=False))
    if not unread:
        return hidden
    words = f"not in what was read: {seen_only(unread)}; `--all` reads every subscription"
    return (Gap(what, "/", 0, NOT_SCANNED, words, needs_of(what)), *hidden)


def not_in_body(inventory: Inventory, what: str, scope: str, wanted: str) -> Unknown:
    """Return the unknown for a value missing from a body: the gaps of that body, or a gap that says it is missing.

    Graph omits fields that the caller may not read; an ARM body is complete, so no permission would add to it.
    """
    cure = needs_of(what) if what.startswith("graph/") else None
    missing = Gap(what, scope, 0, NOT_IN_BODY, f"what Azure returned contains no {wanted}", cure)
    return Unknown(inventory.gaps(what, scope) or (missing,))


def in_body(inventory: Inventory, what: str, scope: str, wanted: str, value: V | None) -> Fact[V]:
    """Return `value` as known, or as unknown if it is None because the body does not contain it."""
    if value is None:
        return not_in_body(inventory, what, scope, wanted)
    return Known(value, (Evidence(scope, f"{wanted}: {value}"),))
