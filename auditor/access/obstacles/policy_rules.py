"""Policy rules, resource selectors and overrides, evaluated as far as the resource type alone decides.

The body of the request is not known: every function returns None where only the body would decide.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from auditor.inventory.policy_values import Parameters, mappings, resolved

_TYPE_AS_VALUE = re.compile(r"\[\s*field\(\s*'type'\s*\)\s*\]", re.IGNORECASE)


def may_hold(condition: object, resource_type: str, parameters: Parameters) -> bool | None:
    """Return whether a rule's `if` is true for resources of a type (lower case); None where their bodies decide."""
    if not isinstance(condition, dict):
        return None
    names = {str(name).lower(): part for name, part in condition.items()}
    if "allof" in names:
        return _all(may_hold(part, resource_type, parameters) for part in mappings(names["allof"]))
    if "anyof" in names:
        return _any(may_hold(part, resource_type, parameters) for part in mappings(names["anyof"]))
    if "not" in names:
        return _not(may_hold(names["not"], resource_type, parameters))
    return _compared(names, resource_type, parameters) if _is_about_type(names) else None


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return False if False in found else None if None in found else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return True if True in found else None if None in found else False


def _not(found: bool | None) -> bool | None:
    return None if found is None else not found


def _is_about_type(condition: Mapping[str, Any]) -> bool:
    stated = condition.get("value")
    as_value = isinstance(stated, str) and _TYPE_AS_VALUE.fullmatch(stated.strip()) is not None
    return as_value or str(condition.get("field")).lower() == "type"


def _compared(condition: Mapping[str, Any], resource_type: str, parameters: Parameters) -> bool | None:
    """Return the result of comparing the type without case, as Azure does; None for an unknown operator or value."""
    for name, part in condition.items():
        compare = _OPERATORS.get(name.removeprefix("not"))
        if compare is None:
            continue
        wanted = resolved(part, parameters)
        if wanted is None:
            return None
        found = compare(resource_type, wanted)
        return found if name in _OPERATORS else _not(found)
    return None


def _equals(resource_type: str, wanted: object) -> bool:
    return resource_type == str(wanted).lower()


def _is_in(resource_type: str, wanted: object) -> bool | None:
    return resource_type in {str(item).lower() for item in wanted} if isinstance(wanted, list) else None


def _is_like(resource_type: str, wanted: object) -> bool:
    expression = ".*".join(map(re.escape, str(wanted).lower().split("*")))
    return re.fullmatch(expression, resource_type) is not None


def _contains(resource_type: str, wanted: object) -> bool:
    return str(wanted).lower() in resource_type


def _exists(_resource_type: str, wanted: object) -> bool:
    return str(wanted).lower() == "true"


_OPERATORS: dict[str, Callable[[str, object], bool | None]] = {
    "equals": _equals,
    "in": _is_in,
    "like": _is_like,
    "contains": _contains,
    "exists": _exists,
}
"""The operators by lower-case name; each except `exists` has a negation with the prefix `not`."""


def selected(resource_selectors: object, resource_type: str) -> bool | None:
    """Return whether resource selectors select a type (lower case); None where other properties decide.

    A resource is selected if any resource selector matches, and one matches if all of its conditions do. Without
    resource selectors, every resource is selected.
    """
    listed = mappings(resource_selectors)
    if not listed:
        return True
    answers = {_matches(item.get("selectors"), {"resourcetype": resource_type}) for item in listed}
    return True if True in answers else None if None in answers else False


def overridden(overrides: object, reference: str, effect: str | None) -> str | None:
    """Return the effect of a policy after an assignment's overrides; None where it is not known which one applies."""
    for item in mappings(overrides):
        if str(item.get("kind")).lower() != "policyeffect":
            continue
        matches = _matches(item.get("selectors"), {"policydefinitionreferenceid": reference})
        value = str(item.get("value") or "").lower() or None
        if matches is not False:
            return value if matches or value == effect else None
    return effect


def _matches(selectors: object, known: Mapping[str, str]) -> bool | None:
    answers = {_names(item, known.get(str(item.get("kind")).lower())) for item in mappings(selectors)}
    return False if False in answers else None if None in answers else True


def _names(selector: dict[str, Any], value: str | None) -> bool | None:
    if value is None:
        return None
    included, excluded = (
        {str(name).lower() for name in names} if isinstance(names, list) else None
        for names in (selector.get("in"), selector.get("notIn"))
    )
    return (included is None or value in included) and (excluded is None or value not in excluded)
