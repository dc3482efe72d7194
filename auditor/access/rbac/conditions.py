"""Role assignment conditions (ABAC): only the guarded form is understood; any other form applies to every action.

The guarded form is a conjunction of `!(ActionMatches{'…'}) OR expression`: the condition applies only to the actions
that its guards name. Expressions that compare attributes are kept as operands with their text. Syntax:
https://learn.microsoft.com/azure/role-based-access-control/conditions-format.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from auditor.access.rbac.patterns import Fit, Patterns, normalized

if TYPE_CHECKING:
    from lark import Lark

LONGEST = 8 * 1024
"""The longest condition that Azure accepts, in characters."""


def targets(condition: str | None, operation: str) -> bool:
    """Return whether `condition` applies to `operation` (normalized), which makes a grant conditional.

    False only without a condition, and for the guarded form where no guard names the operation.
    """
    if not condition or not condition.strip():
        return False
    understood = _understood(condition)
    return not understood.guarded or understood.actions.fit(operation) is not Fit.NO


@dataclass(frozen=True, slots=True)
class _Condition:
    guarded: bool
    actions: Patterns


@lru_cache(maxsize=4096)
def _understood(condition: str) -> _Condition:
    try:
        tree = parsed(condition) if len(condition) <= LONGEST else None
    except NotACondition:
        tree = None
    if tree is None:
        return _Condition(guarded=False, actions=Patterns(()))
    return _Condition(_is_guarded(tree), Patterns(_actions(tree)))


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a condition's tree: `kind` is every, either, negated, action, suboperation or operand.

    `text` is the pattern of an action, or the text of an operand.
    """

    kind: str
    parts: tuple["Node", ...] = ()
    text: str = ""


def _is_guarded(node: Node) -> bool:
    """Return whether this is a conjunction of clauses of the form `guard OR expression`."""
    clauses = node.parts if node.kind == "every" else (node,)
    return all(clause.kind == "either" and _is_guard(clause.parts[0]) for clause in clauses)


def _is_guard(node: Node) -> bool:
    """Return whether this is `!(ActionMatches{…})`, with or without suboperations, or several of them joined by AND."""
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
    """Yield every action named in the tree; iterative, since a hostile text may nest deeply."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if part.kind == "action":
            yield normalized(part.text)
        waiting.extend(part.parts)


class NotACondition(ValueError):
    """A text that does not follow the grammar of conditions."""


def parsed(text: str) -> Node:
    """Return the tree of a condition; raise `NotACondition` where the text does not parse."""
    from lark.exceptions import LarkError

    try:
        return cast("Node", _parser().parse(text))
    except LarkError as unexpected:
        raise NotACondition(str(unexpected)) from None


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


@cache
def _parser() -> "Lark":
    """Return the parser; it is built at the first condition, since the library loads slowly and most runs need none.

    The basic lexer, unlike the contextual one, never reads a misplaced AND as an operand.
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

        def operand(self, tokens: list[str]) -> Node:
            return Node("operand", text=" ".join(map(str, tokens)))

    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=Nodes())


def _flat(kind: str, parts: list[Node]) -> tuple[Node, ...]:
    """Return the parts with nested parts of the same kind merged in, so that nested parentheses keep the tree flat."""
    return tuple(inner for part in parts for inner in (part.parts if part.kind == kind else (part,)))
