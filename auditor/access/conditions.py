"""Conditions (ABAC): only the guarded form is understood; everything else stays a condition on every action.

A usual condition is a conjunction of clauses `(!(ActionMatches{'X'}) OR (expression))`. A clause whose guards do not
name an action is true for it, so the grant is plain for that action. The expression itself is never evaluated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from auditor.access.rbac.conditions import Node, NotACondition, parsed
from auditor.access.rbac.patterns import Fit, Patterns, normalized

_LONGEST = 8 * 1024
"""Azure takes no longer condition."""


@dataclass(frozen=True, slots=True)
class _Condition:
    guarded: bool
    actions: Patterns


def targets(condition: str | None, operation: str) -> bool:
    """Say whether `condition` bears on `operation` (normalized); where it does, a grant is conditional.

    False only for no condition, and for the guarded form where no guard names the operation.
    """
    if not condition or not condition.strip():
        return False
    understood = _understood(condition)
    return not understood.guarded or understood.actions.fit(operation) is not Fit.NO


@lru_cache(maxsize=4096)
def _understood(condition: str) -> _Condition:
    try:
        tree = parsed(condition) if len(condition) <= _LONGEST else None
    except NotACondition:
        tree = None
    if tree is None:
        return _Condition(guarded=False, actions=Patterns(()))
    return _Condition(_is_guarded(tree), Patterns(_actions(tree)))


def _is_guarded(node: Node) -> bool:
    """Whether this is a conjunction of clauses, each `guard OR expression`."""
    clauses = node.parts if node.kind == "every" else (node,)
    return all(clause.kind == "either" and _is_guard(clause.parts[0]) for clause in clauses)


def _is_guard(node: Node) -> bool:
    """Whether this is `!(ActionMatches{…})`, narrowed by a suboperation or not, or several of them joined by AND."""
    guards = node.parts if node.kind == "every" else (node,)
    return all(guard.kind == "negated" and _names_action(guard.parts[0]) for guard in guards)


def _names_action(node: Node) -> bool:
    first, *others = node.parts if node.kind == "every" else (node,)
    return first.kind == "action" and all(_is_suboperation(part) for part in others)


def _is_suboperation(node: Node) -> bool:
    while node.kind == "negated":
        node = node.parts[0]
    return node.kind == "suboperation"


def _actions(node: Node) -> Iterator[str]:
    """Every action that is named anywhere, found without recursion: texts are made by strangers."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.kind == "action":
            yield normalized(one.text)
        waiting.extend(one.parts)
