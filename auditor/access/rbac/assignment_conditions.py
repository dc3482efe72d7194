"""Conditions on the right to assign roles, decided for one assignment whose role and kind of principal are known.

Only attributes of the request that are known beforehand are compared; every other comparison leaves the result open.
Syntax: https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from auditor.access.rbac.conditions import LONGEST, Node, NotACondition, parsed
from auditor.access.rbac.patterns import Fit, Patterns, normalized
from auditor.access.three_valued import all_of, any_of, negated

_COMPARISON = re.compile(
    r"@(?P<source>\w+)\s*\[(?P<attribute>[^\]]*)\]\s*"
    r"(?:ForA(?P<left>ny|ll)OfA(?P<right>ny|ll)Values\s*:\s*)?"
    r"(?P<operator>\w+)\s*(?P<values>\{[^{}]*\}|'[^']*'|[\w-]+)",
    re.IGNORECASE,
)
_ASSIGNMENTS = "microsoft.authorization/roleassignments:"
_EQUAL = frozenset({"guidequals", "stringequals", "stringequalsignorecase"})
_DIFFERENT = frozenset({"guidnotequals", "stringnotequals", "stringnotequalsignorecase"})
_EXACT_CASE = frozenset({"stringequals", "stringnotequals"})


@dataclass(frozen=True, slots=True)
class AssignmentRequest:
    """A role assignment that is to be made: the GUID of the role, and the type of the principal that gets it."""

    role: str
    principal_type: str = "ServicePrincipal"

    def value(self, attribute: str) -> str | None:
        """Return the value of an attribute of the request (lower case), or None where it is not known beforehand."""
        known = {"roledefinitionid": self.role, "principaltype": self.principal_type}
        return known.get(attribute.removeprefix(_ASSIGNMENTS)) if attribute.startswith(_ASSIGNMENTS) else None


@lru_cache(maxsize=4096)
def admits(condition: str, operation: str, request: AssignmentRequest) -> bool | None:
    """Return whether `condition` admits the request by `operation` (normalized); None where that stays open."""
    try:
        tree = parsed(condition) if len(condition) <= LONGEST else None
    except NotACondition:
        tree = None
    return None if tree is None else _decided(tree, operation, request)


def _decided(tree: Node, operation: str, request: AssignmentRequest) -> bool | None:
    """Return the value of a tree; iterative, since a hostile text may nest deeply."""
    values: dict[int, bool | None] = {}
    waiting = [tree]
    while waiting:
        node = waiting[-1]
        open_ = [part for part in node.parts if id(part) not in values]
        if open_:
            waiting.extend(open_)
            continue
        waiting.pop()
        values[id(node)] = _value(node, [values[id(part)] for part in node.parts], operation, request)
    return values[id(tree)]


def _value(node: Node, parts: list[bool | None], operation: str, request: AssignmentRequest) -> bool | None:
    match node.kind:
        case "every":
            return all_of(parts)
        case "either":
            return any_of(parts)
        case "negated":
            return negated(parts[0])
        case "action":
            return Patterns((normalized(node.text),)).fit(operation) is not Fit.NO
        case "operand":
            return _compared(node.text, request)
        case _:
            return None


def _compared(text: str, request: AssignmentRequest) -> bool | None:
    """Return the result of one comparison of an attribute of the request; None for any other expression."""
    found = _COMPARISON.fullmatch(text.strip())
    if found is None or found["source"].lower() != "request":
        return None
    value = request.value(found["attribute"].strip().lower())
    operator = found["operator"].lower()
    if value is None or operator not in _EQUAL | _DIFFERENT:
        return None
    folded: Callable[[str], str] = str if operator in _EXACT_CASE else str.lower
    same = [folded(one) == folded(value) for one in _listed(found["values"])]
    each = same if operator in _EQUAL else [not one for one in same]
    return all(each) if (found["right"] or "ny").lower() == "ll" else any(each)


def _listed(text: str) -> list[str]:
    inside = text[1:-1] if text.startswith("{") else text
    return [one.strip().strip("'").strip() for one in inside.split(",") if one.strip()]
