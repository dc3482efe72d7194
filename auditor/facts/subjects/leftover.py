"""Leftovers as subjects of rules, with the same facts for every kind."""

from collections.abc import Iterable

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, not_, once, unless_gaps
from auditor.facts.leftovers.covering_locks import CoveringLock, locks_over, protects_others
from auditor.facts.leftovers.covering_locks import in_words as covers_in_words
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind
from auditor.facts.leftovers.soft_deleted import group_exists, until
from auditor.facts.presence import not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import APPLICATIONS

_SOFT_DELETED = frozenset({LeftoverKind.DELETED_WORKSPACE, LeftoverKind.DELETED_KEY_VAULT})
"""Kinds of things that are gone; what has their id now is another thing."""

_WITHOUT_REGION = _SOFT_DELETED | {LeftoverKind.ROLE_ASSIGNMENT}
"""Kinds of which none is looked up for its region: they have none, or are gone."""


def leftover_subject(context: Context, leftover: Leftover) -> Subject:
    """Return one leftover as a subject."""
    place, deleted = arm_id(leftover.id), leftover.kind is LeftoverKind.DELETED_WORKSPACE
    over = locks_over(context, place) if place is not None and place.subscription_id is not None else ()
    facts: dict[str, Fact[Value]] = {
        "kind": Known(leftover.kind.value),
        "name": _name(context, leftover),
        "id": Known(leftover.id),
        "resource_group": Known((place.resource_group if place else None) or ""),
        "subscription": Known((place.subscription if place else None) or ""),
        "verdict": leftover.fact,
        "uses": unless_gaps(list(leftover.uses), leftover.unread, *leftover.evidence_against),
        **lock_facts(context, place, over),
        "released_on": _released(context, leftover),
        "group_gone": not_(group_exists(context, place)) if place and deleted else Known(False),
    }
    texts = {"owner": leftover.owner, "why": leftover.why, **lock_texts(over), **in_words(leftover)}
    held = context.inventory.get(place) if place is not None and leftover.kind not in _WITHOUT_REGION else None
    projects, location = leftover.refs, held.location if held else ""
    return subject(SubjectKind.REMAIN, leftover.id, leftover.name, facts, texts, projects=projects, location=location)


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


def lock_facts(context: Context, place: ArmId | None, over: tuple[CoveringLock, ...]) -> dict[str, Fact[Value]]:
    """Return whether locks keep a thing from being deleted, of any level, and whether these protect others too."""
    hidden = context.references.hidden_locks(place) if place is not None and place.subscription_id is not None else ()
    found = once(Evidence(one.lock.id, "a lock") for one in over)
    locked: Fact[bool] = Known(True, found) if found else unless_gaps(False, hidden)
    return {"locked": locked, "lock_protects_others": protects_others(over)}


def lock_texts(over: tuple[CoveringLock, ...]) -> dict[str, str]:
    """Return the id of the nearest lock, the ids of all, and where each stands with what else it protects."""
    ids = once(one.lock.id for one in reversed(over))
    return {"lock": ids[0], "locks": listed(ids), "locks_protect": covers_in_words(over)} if ids else {}


def _released(context: Context, leftover: Leftover) -> Fact[Value]:
    if leftover.released_on is None:
        return not_in_body(context.inventory, leftover.kind.value, leftover.id, "day on which it is purged")
    return Known(leftover.released_on, (Evidence(leftover.id, f"keeps its name {until(leftover.released_on)}"),))


def _joined(phrases: Iterable[str]) -> str:
    *first, last = [*phrases] or [""]
    return f"{', '.join(first)} and {last}" if first else last
