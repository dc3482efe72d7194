"""What a project left behind, as a subject for rules: one shape for every kind."""

from collections.abc import Iterable

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, unless_gaps
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind
from auditor.facts.leftovers.soft_deleted import until
from auditor.facts.presence import arm_id, not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.inventory.lists import APPLICATIONS


def leftover_subject(context: Context, remain: Leftover) -> Subject:
    """Return one thing that belongs, or may belong, to projects as a subject."""
    place = arm_id(remain.id)
    facts: dict[str, Fact[Value]] = {
        "kind": Known(remain.kind.value),
        "name": _name(context, remain),
        "id": Known(remain.id),
        "resource_group": Known((place.resource_group if place else None) or ""),
        "subscription": Known((place.subscription if place else None) or ""),
        "verdict": remain.fact,
        "uses": unless_gaps(list(remain.uses), remain.unread, *remain.evidence_against),
        "released_on": _released(context, remain),
    }
    texts = {"owner": remain.owner, "why": remain.why, **in_words(remain)}
    return subject(SubjectKind.REMAIN, remain.id, remain.name, facts, texts)


def in_words(remain: Leftover) -> dict[str, str]:
    """Return what messages say of any thing that was left: since when, what it holds, what its price hangs on."""
    holds, costs = _joined(remain.holds), _joined(remain.costs)
    return {
        "since": remain.since,
        "holds": f"holds {holds}" if holds else "holds nothing that Azure tells of",
        "costs": f"its price hangs on {costs}" if costs else "Azure tells nothing of it that a price hangs on",
    }


def _name(context: Context, remain: Leftover) -> Fact[Value]:
    """Its name; that of an application, which appliances name by its id, is unknown where the directory tells none."""
    if remain.kind is LeftoverKind.APPLICATION and remain.name == remain.id:
        return not_in_body(context.inventory, APPLICATIONS, remain.id, "name of the application")
    return Known(remain.name)


def _released(context: Context, remain: Leftover) -> Fact[Value]:
    if remain.released_on is None:
        return not_in_body(context.inventory, remain.kind.value, remain.id, "day on which it goes away")
    return Known(remain.released_on, (Evidence(remain.id, f"holds its name {until(remain.released_on)}"),))


def _joined(phrases: Iterable[str]) -> str:
    *first, last = [*phrases] or [""]
    return f"{', '.join(first)} and {last}" if first else last
