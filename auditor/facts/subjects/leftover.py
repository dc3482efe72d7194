"""Leftovers as subjects of rules, with the same facts for every kind."""

from collections.abc import Iterable

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, not_, once, unless_gaps
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind
from auditor.facts.leftovers.soft_deleted import group_exists, until
from auditor.facts.presence import not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import APPLICATIONS


def leftover_subject(context: Context, leftover: Leftover) -> Subject:
    """Return one leftover as a subject."""
    place, deleted = arm_id(leftover.id), leftover.kind is LeftoverKind.DELETED_WORKSPACE
    locked, locks = _locked(context, place)
    facts: dict[str, Fact[Value]] = {
        "kind": Known(leftover.kind.value),
        "name": _name(context, leftover),
        "id": Known(leftover.id),
        "resource_group": Known((place.resource_group if place else None) or ""),
        "subscription": Known((place.subscription if place else None) or ""),
        "verdict": leftover.fact,
        "uses": unless_gaps(list(leftover.uses), leftover.unread, *leftover.evidence_against),
        "locked": locked,
        "released_on": _released(context, leftover),
        "group_gone": not_(group_exists(context, place)) if place and deleted else Known(False),
    }
    texts = {"owner": leftover.owner, "why": leftover.why, **locks, **in_words(leftover)}
    return subject(SubjectKind.REMAIN, leftover.id, leftover.name, facts, texts)


def in_words(leftover: Leftover) -> dict[str, str]:
    """Return the phrases for messages: since when it is left, what it holds, and what its price depends on."""
    holds, costs = _joined(leftover.holds), _joined(leftover.costs)
    return {
        "since": leftover.since,
        "holds": f"holds {holds}" if holds else "holds nothing that Azure reports",
        "costs": f"its price depends on {costs}" if costs else "Azure reports nothing that its price depends on",
    }


def _name(context: Context, leftover: Leftover) -> Fact[Value]:
    """Return its name; unknown for an application of which only the id is known."""
    if leftover.kind is LeftoverKind.APPLICATION and leftover.name == leftover.id:
        return not_in_body(context.inventory, APPLICATIONS, leftover.id, "name of the application")
    return Known(leftover.name)


def _locked(context: Context, place: ArmId | None) -> tuple[Fact[bool], dict[str, str]]:
    """Return whether a lock keeps it from being deleted, and the ids of the locks; a lock of any level does."""
    if place is None or place.subscription_id is None:
        return Known(False), {}
    over = (*context.references.locks_over(place), *context.references.locks_over(place.scope))
    found = list(once(lock.id for lock in over))
    if not found:
        return unless_gaps(False, context.references.hidden_locks(place)), {}
    return Known(True, tuple(Evidence(lock, "a lock") for lock in found)), {"lock": found[0], "locks": listed(found)}


def _released(context: Context, leftover: Leftover) -> Fact[Value]:
    if leftover.released_on is None:
        return not_in_body(context.inventory, leftover.kind.value, leftover.id, "day on which it is purged")
    return Known(leftover.released_on, (Evidence(leftover.id, f"keeps its name {until(leftover.released_on)}"),))


def _joined(phrases: Iterable[str]) -> str:
    *first, last = [*phrases] or [""]
    return f"{', '.join(first)} and {last}" if first else last
