"""Selectors of policy assignments: which resource types they leave in, which policies' effects they override."""

from collections.abc import Mapping
from typing import Any

from auditor.inventory.policy_values import mappings


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
