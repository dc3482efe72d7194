"""The grammar of conditions, as far as it must be known: AND, OR, NOT, parentheses, which actions are named.

What compares attributes is kept as opaque operands. The syntax is that of
https://learn.microsoft.com/azure/role-based-access-control/conditions-format.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lark import Lark

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
