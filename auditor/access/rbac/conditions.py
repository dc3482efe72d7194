"""Conditions (ABAC): only the guarded form is understood; everything else stays a condition on every action.

What compares attributes is kept as opaque operands. The syntax is that of
https://learn.microsoft.com/azure/role-based-access-control/conditions-format.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lark import Lark

from collections.abc import Iterator
from functools import lru_cache

from auditor.access.rbac.patterns import Fit, Patterns, normalized

_GRAMMAR = r"""
?start: either
?either: every (_OR every)*
?every: single (_AND single)*
?single: _NOT single        -> negated
       | "(" either ")"
       | ACTION             -> action
       | SUBOPERATION       -> suboperation
       | OPERAND+           -> operand

ACTION.3: /ActionMatches\s*\{\s*'[^']*'\s*\}/i
SUBOPERATION.3: /SubOperationMatches\s*\{\s*'[^']*'\s*\}/i
_AND.2: /&&|AND\b/i
_OR.2: /\|\||OR\b/i
_NOT.2: /!|NOT\b/i
OPERAND: /'(?:[^'\\]|\\.)*'|\{(?:'[^']*'|[^{}'])*\}|\[[^\[\]]*\]|[^\s()!&|'{}\[\]]+/s
%ignore /\s+/
"""


class NotACondition(ValueError):
    """The text does not follow the grammar."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a condition: `kind` is every, either, negated, action, suboperation or operand."""

    kind: str
    parts: tuple["Node", ...] = ()
    text: str = ""


def parsed(text: str) -> Node:
    """Return the tree of a condition; raises `NotACondition`."""
    from lark.exceptions import LarkError

    try:
        return cast("Node", _parser().parse(text))
    except LarkError as unexpected:
        raise NotACondition(str(unexpected)) from None


@cache
def _parser() -> "Lark":
    """The parser: made at the first condition, since most runs meet none and the library takes a while to load.

    The basic lexer, unlike the contextual one, never takes a misplaced AND for an operand.
    """
    from lark import Lark, Transformer

    class Nodes(Transformer[Any, Node]):
        def every(self, parts: list[Node]) -> Node:
            return Node("every", _flat("every", parts))

        def either(self, parts: list[Node]) -> Node:
            return Node("either", tuple(parts))

        def negated(self, parts: list[Node]) -> Node:
            return Node("negated", tuple(parts))

        def action(self, tokens: list[str]) -> Node:
            return Node("action", text=str(tokens[0]).partition("'")[2].rpartition("'")[0])

        def suboperation(self, _tokens: list[str]) -> Node:
            return Node("suboperation")

        def operand(self, _tokens: list[str]) -> Node:
            return Node("operand")

    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=Nodes())


def _flat(kind: str, parts: list[Node]) -> tuple[Node, ...]:
    """The parts with those of the same kind dissolved: however deep parentheses nest, the tree stays flat."""
    return tuple(inner for part in parts for inner in (part.parts if part.kind == kind else (part,)))


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
