"""What a policy's rule asks of a resource, in words: what a resource that it refuses is like."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auditor.access.obstacles.policy_expressions import Scope, is_unknown, valued
from auditor.access.obstacles.policy_rules import holds
from auditor.access.obstacles.requested import ABSENT

_TYPE = frozenset({"type", "[field('type')]"})
_OPPOSITES = {
    "equals": "notequals",
    "in": "notin",
    "like": "notlike",
    "contains": "notcontains",
    "containskey": "notcontainskey",
    "match": "notmatch",
    "matchinsensitively": "notmatchinsensitively",
    "less": "greaterorequals",
    "greater": "lessorequals",
}
_OPPOSITES |= {opposite: operator for operator, opposite in _OPPOSITES.items()}
_IN_WORDS = {
    "equals": "is",
    "notequals": "is not",
    "in": "is one of",
    "notin": "is none of",
    "like": "is like",
    "notlike": "is not like",
    "contains": "contains",
    "notcontains": "does not contain",
    "containskey": "has the key",
    "notcontainskey": "does not have the key",
    "match": "matches",
    "notmatch": "does not match",
    "matchinsensitively": "matches",
    "notmatchinsensitively": "does not match",
    "less": "is less than",
    "lessorequals": "is at most",
    "greater": "is greater than",
    "greaterorequals": "is at least",
}
_REVERSED = {"true": "false", "false": "true"}
_MOST_VALUES, _LONGEST = 5, 200


def in_words(condition: object, scope: Scope, most: int = 3) -> str:
    """Return what a rule's `if` asks of the requested resource beside its type, in words.

    Conditions that are known to be false, and those that hold because a property is absent, are left out unless nothing
    else is left. What has no words is shown as it stands in the rule; the result is empty for a rule that was not read.
    """
    plain = _without_not(condition)
    for everything in (False, True) if _is_read(condition) else (False,):
        said = list(dict.fromkeys(_said(plain, scope, everything=everything)))
        if said:
            more = f" and {len(said) - most} more" if len(said) > most else ""
            return ", ".join(said[:most]) + more
    return f"its rule holds: {_as_it_stands(condition)}" if _is_read(condition) else ""


def _is_read(condition: object) -> bool:
    """Return whether the whole of a condition is known; parts of built-in policies that were not read are empty."""
    if isinstance(condition, list):
        return all(map(_is_read, condition))
    if not isinstance(condition, Mapping) or not condition:
        return False
    combined = [part for name, part in condition.items() if str(name).lower() in {"allof", "anyof", "not"}]
    return all(map(_is_read, combined))


def _as_it_stands(condition: object) -> str:
    text = json.dumps(condition, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}`"


def _without_not(condition: object, *, negated: bool = False) -> object:
    """Return the condition with each `not` moved to the comparisons inside it."""
    if not isinstance(condition, Mapping):
        return condition
    names = {str(name).lower(): part for name, part in condition.items()}
    if "not" in names:
        return _without_not(names["not"], negated=not negated)
    for combined, opposite in (("allof", "anyof"), ("anyof", "allof")):
        if combined in names:
            parts = names[combined] if isinstance(names[combined], list) else []
            return {opposite if negated else combined: [_without_not(part, negated=negated) for part in parts]}
    if not negated:
        return names
    if "exists" in names:
        stated = str(names["exists"]).lower()
        return names | {"exists": _REVERSED[stated]} if stated in _REVERSED else {"not": names}
    return {_OPPOSITES.get(name, name): part for name, part in names.items()}


def _said(condition: object, scope: Scope, *, everything: bool) -> Iterator[str]:
    """Yield the parts of a condition that must all hold, each in words."""
    if not isinstance(condition, Mapping):
        return
    if "allof" in condition:
        for part in condition["allof"]:
            yield from _said(part, scope, everything=everything)
    elif "anyof" in condition:
        parts = (" and ".join(_said(part, scope, everything=everything)) for part in condition["anyof"])
        said = list(dict.fromkeys(part for part in parts if part))
        if said:
            yield " or ".join(said)
    elif "not" in condition:
        yield from (f"not ({one})" for one in _comparison(condition["not"], scope))
    elif everything or not _is_left_out(condition, scope):
        yield from _comparison(condition, scope)


def _is_left_out(names: Mapping[str, Any], scope: Scope) -> bool:
    """Return whether a comparison is known to be false, or says nothing about the resource that is not obvious."""
    source, stated = _source(names, scope)
    operators = names.keys() - {"field", "value"}
    if source in _TYPE:
        return not any(operator.startswith("not") for operator in operators)
    if _is_of_items(names) or "count" in names:
        return False
    if holds(names, scope) is False:
        return True
    absent = "field" in names and isinstance(stated, str) and scope.field(stated) is ABSENT
    return absent and any(operator.startswith("not") for operator in operators)


def _is_of_items(names: Mapping[str, Any]) -> bool:
    """Return whether a comparison is about each item of an array, whose opposite is about some item."""
    return "[*]" in str(names.get("field", ""))


def _source(names: Mapping[str, Any], scope: Scope) -> tuple[str, Any]:
    stated = next((names[name] for name in ("field", "value") if name in names), "")
    return str(stated).lower(), valued(stated, scope)


def _comparison(names: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    source, stated = _source(names, scope)
    if "count" in names:
        yield f"this holds: {_as_it_stands(names)}"
    if not source:
        return
    last = str(stated if isinstance(stated, str) and stated else source).rpartition("/")[2]
    name = "its type" if source in _TYPE else f"`{last}`"
    for operator in sorted(names.keys() - {"field", "value"}):
        value = valued(names[operator], scope)
        shown = names[operator] if is_unknown(value) else value
        if operator == "exists":
            yield f"{name} is {'set' if str(shown).lower() == 'true' else 'not set'}"
        else:
            values = _listed(shown if isinstance(shown, list) else [shown])
            yield f"{name} {_IN_WORDS.get(operator, operator)} {values}"


def _listed(values: Iterable[Any]) -> str:
    every = [f"`{value}`" for value in values]
    more = f" and {len(every) - _MOST_VALUES} more" if len(every) > _MOST_VALUES else ""
    return ", ".join(every[:_MOST_VALUES]) + more
