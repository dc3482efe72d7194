"""The values in policy definitions and assignments: parameters and template expressions."""

import re
from collections.abc import Mapping
from typing import Any

_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)

Parameters = Mapping[str, Any]
"""Values by the parameter's name in lower case; a parameter without a value and default is absent or None."""


def resolved(value: object, parameters: Parameters) -> Any:
    """Return the value of an entry in a rule; None for an expression other than a reference to a parameter.

    Template expressions begin with one bracket; a text that begins with a bracket has it doubled.
    """
    if not isinstance(value, str) or not value.strip().startswith("["):
        return value
    if value.startswith("[["):
        return value[1:]
    reference = _PARAMETER.fullmatch(value.strip())
    return None if reference is None else parameters.get(reference[1].lower())


def given(parameters: object) -> dict[str, Any]:
    """Return the parameter values in an assignment or in a member of an initiative."""
    return _each(parameters, "value")


def defaults(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default values of the parameters in the properties of a definition."""
    return _each(definition.get("parameters"), "defaultValue")


def mappings(items: object) -> list[dict[str, Any]]:
    """Return the objects in a JSON list; none for any other value."""
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _each(parameters: object, part: str) -> dict[str, Any]:
    pairs = parameters.items() if isinstance(parameters, dict) else ()
    return {str(name).lower(): item.get(part) for name, item in pairs if isinstance(item, dict)}
