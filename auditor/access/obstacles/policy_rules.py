"""What a policy rule says about one resource type, as far as that can be said without the body of a request."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from auditor.inventory.policy_values import Parameters, mappings, resolved

_TYPE_AS_VALUE = re.compile(r"\[\s*field\(\s*'type'\s*\)\s*\]", re.IGNORECASE)


def may_hold(condition: object, resource_type: str, parameters: Parameters) -> bool | None:
    """Return whether a rule's `if` holds for resources of a type (lower case); None where their bodies decide."""
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
    """Compare the type itself, as Azure does, without case."""
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
"""By their names in lower case; each has a negation, `exists` aside."""
