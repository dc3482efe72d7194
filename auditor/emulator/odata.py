"""OData filter expressions as a syntax tree; each API decides which of them it supports."""

import re
from dataclasses import dataclass


class BadFilter(ValueError):
    """The error for a `$filter` that cannot be parsed, with the reason."""


@dataclass(frozen=True, slots=True)
class FilterComparison:
    """`field op value`; `op` is one of eq, ne, gt, ge, lt, le."""

    field: str
    op: str
    value: object


@dataclass(frozen=True, slots=True)
class Membership:
    """`field in ('a', 'b')`."""

    field: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class FilterCall:
    """A function call, such as `startswith(displayName,'x')` or `atScope()`; a property argument is a `Field`."""

    name: str
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A property path as an argument or operand."""

    name: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`collection/any(x: x eq 'value')`."""

    collection: str
    condition: FilterComparison | FilterCall


@dataclass(frozen=True, slots=True)
class And:
    """`left and right`."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Or:
    """`left or right`."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    """`not inner`."""

    inner: "Expression"


Expression = FilterComparison | Membership | FilterCall | AnyOf | And | Or | Not

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)"
    r"|(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_@][\w./@-]*)"
    r"|(?P<mark>[(),:]))"
)
_OPERATORS = {"eq", "ne", "gt", "ge", "lt", "le"}
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}


def parse_filter(text: str) -> Expression:
    """Return the syntax tree of `text`; raises `BadFilter`."""
    parser = _Parser(_tokens(text), text)
    tree = parser.disjunction()
    if parser.kind:
        raise BadFilter(f"`{parser.value}` is not expected here in `{text}`")
    return tree


def conjuncts(tree: Expression) -> tuple[Expression, ...]:
    """Return the operands of a chain of `and`, in order."""
    if isinstance(tree, And):
        return conjuncts(tree.left) + conjuncts(tree.right)
    return (tree,)


def disjuncts(tree: Expression) -> tuple[Expression, ...]:
    """Return the operands of a chain of `or`, in order."""
    if isinstance(tree, Or):
        return disjuncts(tree.left) + disjuncts(tree.right)
    return (tree,)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadFilter(f"`{text[position:]}` cannot be read in `{text}`")
        tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        position = match.end()
    if not tokens:
        raise BadFilter("the filter is empty")
    return tokens


class _Parser:
    """A recursive descent parser; `or` binds weakest, then `and`, then `not`."""

    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self._tokens = tokens
        self._position = 0
        self._text = text

    @property
    def kind(self) -> str:
        return self._tokens[self._position][0] if self._position < len(self._tokens) else ""

    @property
    def value(self) -> str:
        return self._tokens[self._position][1] if self._position < len(self._tokens) else ""

    def disjunction(self) -> Expression:
        tree = self._conjunction()
        while self._takes("or"):
            tree = Or(tree, self._conjunction())
        return tree

    def _conjunction(self) -> Expression:
        tree = self._term()
        while self._takes("and"):
            tree = And(tree, self._term())
        return tree

    def _term(self) -> Expression:
        if self._takes("not"):
            return Not(self._term())
        if self._takes("("):
            tree = self.disjunction()
            self._expect(")")
            return tree
        word = self._next("word")
        if self.value == "(":
            return self._lambda(word) if word.lower().endswith("/any") else FilterCall(word, self._arguments())
        return self._condition(word)

    def _condition(self, word: str) -> FilterComparison | Membership:
        operator = self._next("word").lower()
        if operator == "in":
            return Membership(word, self._arguments())
        if operator not in _OPERATORS:
            raise BadFilter(f"`{operator}` is no operator in `{self._text}`")
        return FilterComparison(word, operator, self._operand())

    def _lambda(self, word: str) -> AnyOf:
        self._expect("(")
        variable = self._next("word")
        self._expect(":")
        field = self._next("word")
        condition: FilterComparison | FilterCall
        if self.value == "(":
            condition = FilterCall(field, self._arguments())
        else:
            inner = self._condition(field)
            if not isinstance(inner, FilterComparison) or inner.field.split("/")[0] != variable:
                raise BadFilter(f"a lambda must speak of `{variable}` in `{self._text}`")
            condition = FilterComparison(inner.field[len(variable) :].lstrip("/"), inner.op, inner.value)
        self._expect(")")
        return AnyOf(word[: -len("/any")], condition)

    def _arguments(self) -> tuple[object, ...]:
        self._expect("(")
        arguments: list[object] = []
        while not self._takes(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._operand())
        return tuple(arguments)

    def _operand(self) -> object:
        kind, value = self.kind, self.value
        if not kind or kind == "mark":
            raise BadFilter(f"a value is missing in `{self._text}`")
        self._position += 1
        if kind == "text":
            return value[1:-1].replace("''", "'")
        if kind == "number":
            return float(value) if "." in value else int(value)
        if kind == "word":
            return _CONSTANTS[value.lower()] if value.lower() in _CONSTANTS else Field(value)
        return value

    def _takes(self, word: str) -> bool:
        if self.kind in {"word", "mark"} and self.value.lower() == word:
            self._position += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._takes(mark):
            raise BadFilter(f"`{mark}` is missing in `{self._text}`")

    def _next(self, kind: str) -> str:
        value = self.value
        if self.kind != kind:
            raise BadFilter(f"`{value or 'the end'}` is not expected in `{self._text}`")
        self._position += 1
        return value
