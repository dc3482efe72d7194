"""Conditions (ABAC): only the guarded form is understood; everything else stays a condition on every action.

A usual condition is a conjunction of clauses `(!(ActionMatches{'X'}) OR (expression))`. A clause whose guards do not
name an action is true for it, so the grant is plain for that action. The expression itself is never evaluated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from auditor.access.patterns import Fit, Patterns, normalized

_MAX_DEPTH = 64
_TOKEN = re.compile(
    r"""\s*(?:
      ActionMatches\s*\{\s*'(?P<action>[^']*)'\s*\}
    | (?P<suboperation>SubOperationMatches\s*\{\s*'[^']*'\s*\})
    | (?P<and>&&|AND\b)
    | (?P<or>\|\||OR\b)
    | (?P<not>!|NOT\b)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<operand>'(?:[^'\\]|\\.)*' | \{(?:'[^']*'|[^{}'])*\} | \[[^\[\]]*\] | [^\s()!&|'{}\[\]]+)
    )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


class _Unparsable(ValueError):
    """The text is none of the forms understood here."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a condition: `kind` is and, or, not, action, suboperation or operand."""

    kind: str
    parts: tuple["_Node", ...] = ()
    text: str = ""


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
    parsed = _parsed(condition)
    return not parsed.guarded or parsed.actions.fit(operation) is not Fit.NO


@lru_cache(maxsize=4096)
def _parsed(condition: str) -> _Condition:
    try:
        tree = _Parser(tuple(_tokens(condition))).whole()
    except _Unparsable:
        return _Condition(guarded=False, actions=Patterns(()))
    return _Condition(_is_guarded(tree), Patterns(_actions(tree)))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _Unparsable(text[position:])
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


class _Parser:
    """Recursive descent over `or`, `and`, `not` and parentheses; what lies between is kept as opaque operands."""

    def __init__(self, tokens: tuple[tuple[str, str], ...]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    def whole(self) -> _Node:
        tree = self._either()
        if self._position < len(self._tokens):
            raise _Unparsable("something stands behind the end")
        return tree

    def _kind(self) -> str:
        return self._tokens[self._position][0] if self._position < len(self._tokens) else ""

    def _take(self, kind: str) -> bool:
        taken = self._kind() == kind
        self._position += taken
        return taken

    def _either(self) -> _Node:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else _Node("or", tuple(parts))

    def _all(self) -> _Node:
        parts = [self._single()]
        while self._take("and"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else _Node("and", tuple(parts))

    def _single(self) -> _Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Unparsable("too deep")
        node = self._negated() if self._take("not") else self._grouped() if self._take("open") else self._leaf()
        self._depth -= 1
        return node

    def _negated(self) -> _Node:
        return _Node("not", (self._single(),))

    def _grouped(self) -> _Node:
        inner = self._either()
        if not self._take("close"):
            raise _Unparsable("a parenthesis is open")
        return inner

    def _leaf(self) -> _Node:
        kind = self._kind()
        if kind in {"action", "suboperation"}:
            self._position += 1
            return _Node(kind, text=self._tokens[self._position - 1][1])
        start = self._position
        while self._take("operand"):
            pass
        if start == self._position:
            raise _Unparsable("an expression is missing")
        return _Node("operand")


def _is_guarded(node: _Node) -> bool:
    """Whether this is a conjunction of clauses, each `guard OR expression`."""
    if node.kind == "and":
        return all(_is_guarded(part) for part in node.parts)
    return node.kind == "or" and _is_guard(node.parts[0])


def _is_guard(node: _Node) -> bool:
    """Whether this is `!(ActionMatches{…})`, narrowed by a suboperation or not, or several of them joined by AND."""
    if node.kind == "and":
        return all(_is_guard(part) for part in node.parts)
    if node.kind != "not":
        return False
    (inner,) = node.parts
    if inner.kind == "and":
        first, *others = inner.parts
        return first.kind == "action" and all(_is_suboperation(part) for part in others)
    return inner.kind == "action"


def _is_suboperation(node: _Node) -> bool:
    return node.kind == "suboperation" or (node.kind == "not" and _is_suboperation(node.parts[0]))


def _actions(node: _Node) -> Iterator[str]:
    if node.kind == "action":
        yield normalized(node.text)
    for part in node.parts:
        yield from _actions(part)
