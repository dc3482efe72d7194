"""Conditions of policy rules, decided for a requested resource: true, false, or None where too little is known.

Azure's page on the structure of policy rules defines the conditions. They compare texts without case, and numbers and
booleans as texts.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from auditor.access.obstacles.policy_expressions import Scope, is_unknown, valued
from auditor.access.obstacles.requested import ABSENT, UNKNOWN, Each, Requested
from auditor.access.three_valued import all_of, any_of, negated
from auditor.inventory.policy_values import Parameters


def may_hold(condition: object, resource_type: str, parameters: Parameters) -> bool | None:
    """Return whether a rule's `if` is true for resources of a type (lower case); None where their bodies decide."""
    return holds(condition, Scope(Requested(resource_type), parameters))


def holds(condition: object, scope: Scope) -> bool | None:
    """Return whether a rule's `if` is true for the requested resource; None where that is not known."""
    if not isinstance(condition, Mapping):
        return None
    names = {str(name).lower(): part for name, part in condition.items()}
    if len(names) < len(condition) or not _is_one_condition(names):
        return None
    if "allof" in names:
        return all_of(holds(part, scope) for part in _parts(names["allof"]))
    if "anyof" in names:
        return any_of(holds(part, scope) for part in _parts(names["anyof"]))
    if "not" in names:
        return negated(holds(names["not"], scope))
    if "count" in names:
        return _counted(names, scope)
    for source in ("field", "value"):
        if source in names:
            return _compared(names, _operand(source, names[source], scope), scope, is_location(names[source], source))
    return None


_COMBINING = frozenset({"allof", "anyof", "not"})
_SOURCES = frozenset({"field", "value", "count"})


def _is_one_condition(names: Mapping[str, Any]) -> bool:
    """Return whether a condition is one operator that combines others, or one comparison, and nothing beside it."""
    if names.keys() & _COMBINING:
        return len(names) == 1
    return len(names) == 2 and len(names.keys() & _SOURCES) == 1


def _parts(listed: object) -> Iterable[object]:
    """Return the conditions that are combined; an empty list, which nobody documents, is one that is not known."""
    return listed if isinstance(listed, list) and listed else [None]


def is_location(name: object, source: str) -> bool:
    """Return whether a comparison is about a location, whose spellings `West Europe` and `westeurope` are equal."""
    text = str(name).strip().lower()
    return text == "location" if source == "field" else text in {"[field('location')]", "[resourcegroup().location]"}


def _operand(source: str, stated: object, scope: Scope) -> Any:
    value = valued(stated, scope)
    if source == "value" or not isinstance(value, str):
        return value
    return scope.field(value)


def _compared(names: Mapping[str, Any], value: Any, scope: Scope, location: bool) -> bool | None:
    """Return the result of the operator of a condition; for a field of each item of an array, it must hold for all."""
    for name, part in names.items():
        positive = name.removeprefix("not")
        compare = _OPERATORS.get(positive)
        if compare is None:
            continue
        wanted = valued(part, scope)
        if is_unknown(wanted):
            return None
        if location:
            wanted = [_region(one) for one in wanted] if isinstance(wanted, list) else _region(wanted)
        each = value if isinstance(value, Each) else [value]
        answers = (_answer(compare, _region(one) if location else one, wanted, positive) for one in each)
        return all_of(answers if name == positive else map(negated, answers))
    return None


def _answer(compare: Callable[[Any, Any], bool | None], value: Any, wanted: Any, operator: str) -> bool | None:
    if is_unknown(value):
        return None
    if value is ABSENT and operator in _ORDERED:
        return None
    try:
        return compare(value, wanted)
    except (TypeError, ValueError):
        return None


def _region(value: Any) -> Any:
    return value.replace(" ", "") if isinstance(value, str) else value


def _text(value: Any) -> str:
    if value is ABSENT or value is None:
        return ""
    return str(value).lower()


def _equals(value: Any, wanted: Any) -> bool:
    return value is not ABSENT and _text(value) == _text(wanted)


def _is_in(value: Any, wanted: Any) -> bool | None:
    if not isinstance(wanted, list):
        return None
    return value is not ABSENT and _text(value) in {_text(item) for item in wanted}


def _is_like(value: Any, wanted: Any) -> bool:
    expression = ".*".join(map(re.escape, _text(wanted).split("*")))
    return value is not ABSENT and re.fullmatch(expression, _text(value)) is not None


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return _text(wanted) in {_text(item) for item in value}
    return value is not ABSENT and _text(wanted) in _text(value)


def _contains_key(value: Any, wanted: Any) -> bool:
    return isinstance(value, Mapping) and any(_text(key) == _text(wanted) for key in value)


def _exists(value: Any, wanted: Any) -> bool:
    return (value is not ABSENT) is (_text(wanted) == "true")


def _matches_pattern(value: Any, wanted: Any) -> bool | None:
    """Return whether a text matches a pattern in its letter case; None where only the case differs.

    `#` stands for a digit, `?` for a letter, `.` for any character. Azure writes types and ids in several spellings.
    """
    found = _matches_in_any_case(value, wanted)
    return found and (re.fullmatch(_pattern(wanted), str(value)) is not None or None)


def _matches_in_any_case(value: Any, wanted: Any) -> bool:
    return value is not ABSENT and re.fullmatch(_pattern(wanted), str(value), re.IGNORECASE) is not None


def _pattern(wanted: Any) -> str:
    signs = {"#": r"\d", "?": "[A-Za-z]", ".": "."}
    return "".join(signs.get(sign) or re.escape(sign) for sign in str(wanted))


def _ordered(accept: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, wanted: Any) -> bool:
        if isinstance(value, bool) or isinstance(wanted, bool):
            raise TypeError
        if isinstance(value, str) and isinstance(wanted, str):
            return accept(value.lower(), wanted.lower())
        return accept(float(value), float(wanted))

    return compare


_ORDERED: dict[str, Callable[[Any, Any], bool | None]] = {
    "less": _ordered(lambda one, other: bool(one < other)),
    "lessorequals": _ordered(lambda one, other: bool(one <= other)),
    "greater": _ordered(lambda one, other: bool(one > other)),
    "greaterorequals": _ordered(lambda one, other: bool(one >= other)),
}
_OPERATORS: dict[str, Callable[[Any, Any], bool | None]] = {
    "equals": _equals,
    "in": _is_in,
    "like": _is_like,
    "contains": _contains,
    "containskey": _contains_key,
    "exists": _exists,
    "match": _matches_pattern,
    "matchinsensitively": _matches_in_any_case,
    **_ORDERED,
}
"""The operators by lower-case name; each except `exists` and those of order has a negation with the prefix `not`."""


def _counted(names: Mapping[str, Any], scope: Scope) -> bool | None:
    """Return the result of a `count`: how many items of an array, or of a list of values, meet a condition."""
    count = names["count"]
    if not isinstance(count, Mapping):
        return None
    parts = {str(name).lower(): part for name, part in count.items()}
    found = [_meets(parts.get("where"), inner) for inner in _items(parts, scope)]
    if found and found[0] is UNKNOWN:
        return None
    least = sum(1 for one in found if one is True)
    most = least + sum(1 for one in found if one is None)
    answers = {_compared(names, number, scope, False) for number in range(least, most + 1)}
    return answers.pop() if len(answers) == 1 else None


def _meets(where: object, scope: Scope | None) -> Any:
    if scope is None:
        return UNKNOWN
    return True if where is None else holds(where, scope)


def _items(parts: Mapping[str, Any], scope: Scope) -> Iterator[Scope | None]:
    """Yield the scope of each item that is counted; None where the items are not known."""
    if "value" in parts:
        listed, name = valued(parts["value"], scope), str(parts.get("name") or "")
    else:
        name = str(parts.get("field") or "")
        listed = scope.field(name)
    if listed is ABSENT:
        return
    if not isinstance(listed, list) or is_unknown(listed):
        yield None
        return
    yield from (scope.with_item(name, item) for item in listed)


def selected(resource_selectors: object, requested: Requested) -> bool | None:
    """Return whether resource selectors select a resource; None where properties that are not known decide.

    A resource is selected if any resource selector matches, and one matches if all of its conditions do. Without
    resource selectors, every resource is selected; None also for those that are not understood.
    """
    if resource_selectors is None or resource_selectors == []:
        return True
    if not isinstance(resource_selectors, list):
        return None
    place = requested.field("location")
    known = {"resourcetype": requested.type, **({"resourcelocation": _region(place)} if isinstance(place, str) else {})}
    return any_of(
        _matches(item.get("selectors"), known) if isinstance(item, Mapping) and item.get("selectors") else None
        for item in resource_selectors
    )


def overridden(overrides: object, reference: str, effect: str | None) -> str | None:
    """Return the effect of a policy after an assignment's overrides; None where it is not known which one applies."""
    if overrides is not None and not isinstance(overrides, list):
        return None
    for item in overrides or ():
        kind = str(item.get("kind")).lower() if isinstance(item, Mapping) else None
        if kind == "definitionversion":
            continue
        if kind != "policyeffect":
            return None
        matches = _matches(item.get("selectors"), {"policydefinitionreferenceid": reference})
        value = str(item.get("value") or "").lower() or None
        if matches is not False:
            return value if matches or value == effect else None
    return effect


def _matches(selectors: object, known: Mapping[str, str]) -> bool | None:
    """Return whether all selectors match; without any they do, and those that are not understood leave it open."""
    if selectors is None:
        return True
    return all_of(_names(item, known) for item in selectors) if isinstance(selectors, list) else None


def _names(selector: object, known: Mapping[str, str]) -> bool | None:
    """Return whether a selector names the value of its kind: one that has either `in` or `notIn`, a list of texts."""
    parts = {str(name).lower(): part for name, part in selector.items()} if isinstance(selector, Mapping) else {}
    value = known.get(str(parts.get("kind")).lower())
    lists = [(name, parts[name]) for name in ("in", "notin") if parts.get(name) is not None]
    if value is None or len(lists) != 1 or len(parts.keys() - {"kind", "in", "notin"}) > 0:
        return None
    [(way, names)] = lists
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return (_region(value.lower()) in {_region(name.lower()) for name in names}) is (way == "in")
