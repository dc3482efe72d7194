"""Leftovers as subjects of rules, with the same facts for every kind."""

from collections.abc import Iterable

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, unless_gaps
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind
from auditor.facts.leftovers.soft_deleted import until
from auditor.facts.presence import not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.inventory.arm_id import arm_id
from auditor.inventory.lists import APPLICATIONS


def leftover_subject(context: Context, leftover: Leftover) -> Subject:
    """Return one leftover as a subject."""
    place = arm_id(leftover.id)
    facts: dict[str, Fact[Value]] = {
        "kind": Known(leftover.kind.value),
        "name": _name(context, leftover),
        "id": Known(leftover.id),
        "resource_group": Known((place.resource_group if place else None) or ""),
        "subscription": Known((place.subscription if place else None) or ""),
        "verdict": leftover.fact,
        "uses": unless_gaps(list(leftover.uses), leftover.unread, *leftover.evidence_against),
        "released_on": _released(context, leftover),
    }
    texts = {"owner": leftover.owner, "why": leftover.why, **in_words(leftover)}
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


def _released(context: Context, leftover: Leftover) -> Fact[Value]:
    if leftover.released_on is None:
        return not_in_body(context.inventory, leftover.kind.value, leftover.id, "day on which it is purged")
    return Known(leftover.released_on, (Evidence(leftover.id, f"keeps its name {until(leftover.released_on)}"),))


def _joined(phrases: Iterable[str]) -> str:
    *first, last = [*phrases] or [""]
    return f"{', '.join(first)} and {last}" if first else last
