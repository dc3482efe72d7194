"""What a policy rule says about one resource type, as far as that can be said without the body of a request."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from auditor.inventory.policy_values import Parameters, mappings, resolved


def selected(resource_selectors: object, resource_type: str) -> bool | None:
    """Return whether resources of a type (lower case) are looked at; None where their location or else decides.

    A resource is looked at if any resource selector takes it, and each takes what all of its selectors name. Without
    any, all resources are.
    """
    listed = mappings(resource_selectors)
    if not listed:
        return True
    answers = {_taken(item.get("selectors"), {"resourcetype": resource_type}) for item in listed}
    return True if True in answers else None if None in answers else False


def overridden(overrides: object, reference: str, effect: str | None) -> str | None:
    """Return the effect of a policy after an assignment's overrides; None where it is not known which holds."""
    for item in mappings(overrides):
        if str(item.get("kind")).lower() != "policyeffect":
            continue
        taken = _taken(item.get("selectors"), {"policydefinitionreferenceid": reference})
        value = str(item.get("value") or "").lower() or None
        if taken is not False:
            return value if taken or value == effect else None
    return effect


def _taken(selectors: object, known: Mapping[str, str]) -> bool | None:
    answers = {_names(item, known.get(str(item.get("kind")).lower())) for item in mappings(selectors)}
    return False if False in answers else None if None in answers else True


def _names(selector: dict[str, Any], value: str | None) -> bool | None:
    if value is None:
        return None
    listed, left_out = (
        {str(name).lower() for name in names} if isinstance(names, list) else None
        for names in (selector.get("in"), selector.get("notIn"))
    )
    return (listed is None or value in listed) and (left_out is None or value not in left_out)


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
