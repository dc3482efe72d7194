"""OData filter expressions as a syntax tree; each API decides which of them it supports."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lark import Lark


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

_GRAMMAR = r"""
?start: either
?either: both | either _OR both
?both: single | both _AND single
?single: condition
       | _NOT single -> negated
       | "(" either ")"
?condition: one
          | WORD _IN operands -> membership
          | ANY "(" WORD ":" one ")" -> some
?one: WORD OPERATOR operand -> comparison
    | WORD operands -> call
operands: "(" [operand ("," operand)*] ")"
?operand: TEXT | TIME | GUID | NUMBER
        | WORD -> named

TEXT: /'(?:[^']|'')*'/
TIME.3: /\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?/
GUID.3: /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i
NUMBER.2: /-?\d+(?:\.\d+)?/
OPERATOR.2: /(?:eq|ne|gt|ge|lt|le)(?![\w.\/@-])/i
_AND.2: /and(?![\w.\/@-])/i
_OR.2: /or(?![\w.\/@-])/i
_NOT.2: /not(?![\w.\/@-])/i
_IN.2: /in(?![\w.\/@-])/i
ANY.2: /[a-z_@][\w.\/@-]*\/any(?=\s*\()/i
WORD: /[a-z_@][\w.\/@-]*/i
%ignore /\s+/
"""
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}


@lru_cache(maxsize=4096)
def parse_filter(text: str) -> Expression:
    """Return the syntax tree of `text`; raises `BadFilter`."""
    from lark.exceptions import LarkError

    try:
        return cast("Expression", _parser().parse(text))
    except LarkError as bad:
        cause = getattr(bad, "orig_exc", None) or str(bad).partition("\n")[0]
        raise BadFilter(f"{cause} in `{text}`") from bad


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


@cache
def _parser() -> "Lark":
    """Return the parser, which makes the tree while it reads: filters nest as deeply as a client likes."""
    from lark import Lark, Transformer, v_args

    @v_args(inline=True)
    class Trees(Transformer[Any, Expression]):
        """The expressions and operands of the rules of the grammar."""

        both, either, negated, call = And, Or, Not, FilterCall
        WORD = ANY = TIME = GUID = OPERATOR = str

        def TEXT(self, token: str) -> str:  # noqa: N802 - the name of its token
            return token[1:-1].replace("''", "'")

        def NUMBER(self, token: str) -> float:  # noqa: N802 - the name of its token
            return float(token) if "." in token else int(token)

        def named(self, word: str) -> object:
            return _CONSTANTS[word.lower()] if word.lower() in _CONSTANTS else Field(word)

        def operands(self, *held: object) -> tuple[object, ...]:
            return held

        def comparison(self, field: str, operator: str, value: object) -> FilterComparison:
            return FilterComparison(field, operator.lower(), value)

        def membership(self, field: str, values: tuple[object, ...]) -> Membership:
            return Membership(field, values)

        def some(self, word: str, variable: str, condition: FilterComparison | FilterCall) -> AnyOf:
            if isinstance(condition, FilterComparison):
                name, _, rest = condition.field.partition("/")
                if name != variable:
                    raise BadFilter(f"a lambda must speak of `{variable}`")
                condition = FilterComparison(rest, condition.op, condition.value)
            return AnyOf(word[: -len("/any")], condition)

    return Lark(_GRAMMAR, parser="lalr", transformer=Trees(), maybe_placeholders=False)
