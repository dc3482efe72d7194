"""What stands in policy definitions and assignments in place of a value."""

import re
from collections.abc import Mapping
from typing import Any

_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)

Parameters = Mapping[str, Any]
"""Values by the parameter's name in lower case; one that was not given and has no default is absent or None."""


def resolved(value: object, parameters: Parameters) -> Any:
    """Return what a value of a rule stands for; None for an expression that is more than a parameter's name.

    Template expressions begin with one bracket; a doubled bracket is a text that begins with one.
    """
    if not isinstance(value, str) or not value.strip().startswith("["):
        return value
    if value.startswith("[["):
        return value[1:]
    reference = _PARAMETER.fullmatch(value.strip())
    return None if reference is None else parameters.get(reference[1].lower())


def given(parameters: object) -> dict[str, Any]:
    """Return the values that an assignment, or a member of an initiative, gives for parameters."""
    return _each(parameters, "value")


def defaults(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default values of the parameters of a definition, given by its properties."""
    return _each(definition.get("parameters"), "defaultValue")


def mappings(items: object) -> list[dict[str, Any]]:
    """Return the objects of a JSON list; nothing where it is none."""
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _each(parameters: object, part: str) -> dict[str, Any]:
    pairs = parameters.items() if isinstance(parameters, dict) else ()
    return {str(name).lower(): item.get(part) for name, item in pairs if isinstance(item, dict)}
