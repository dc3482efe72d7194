"""Template expressions in policy rules, such as `[concat('tags[', parameters('tagName'), ']')]`.

The functions are those that rules commonly use; the value of any other function is `UNKNOWN`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.access.obstacles.requested import ABSENT, UNKNOWN, NoValue, Requested, at
from auditor.inventory.policy_values import Parameters

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(-?\d+)|([A-Za-z_$][\w$-]*)|(\S))")


class _NotUnderstood(Exception):
    """The text of an expression does not follow the grammar."""


@dataclass(frozen=True)
class Scope:
    """What an expression may refer to: the requested resource, parameters, the group and the items of arrays.

    `group` and `subscription` are what `resourceGroup()` and `subscription()` return, as far as they are known.
    """

    requested: Requested
    parameters: Parameters = field(default_factory=dict)
    group: Mapping[str, Any] = field(default_factory=dict)
    subscription: Mapping[str, Any] = field(default_factory=dict)
    items: Mapping[str, Any] = field(default_factory=dict)

    def with_item(self, name: str, item: object) -> "Scope":
        """Return the scope inside an array: `item` is what `name` stands for there."""
        return Scope(self.requested, self.parameters, self.group, self.subscription, {**self.items, name.lower(): item})

    def field(self, name: str) -> Any:
        """Return the value of a field, looked up in the items of arrays first."""
        lower = name.strip().lower()
        for prefix, item in self.items.items():
            if lower == prefix:
                return item
            if prefix.endswith("[*]") and lower.startswith(f"{prefix}."):
                return at(item, lower[len(prefix) + 1 :].split("."))
        return self.requested.field(name)


def valued(value: object, scope: Scope) -> Any:
    """Return a value of a rule with its expressions evaluated; `UNKNOWN` where one is not understood."""
    if isinstance(value, list):
        each = [valued(item, scope) for item in value]
        return UNKNOWN if any(item is UNKNOWN for item in each) else each
    if not isinstance(value, str) or not value.strip().startswith("["):
        return value
    text = value.strip()
    if text.startswith("[["):
        return value[1:]
    if not text.endswith("]"):
        return value
    try:
        tokens = _Tokens(text[1:-1])
        found = _expression(tokens, scope)
        tokens.end()
    except (_NotUnderstood, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return UNKNOWN
    return found


class _Tokens:
    def __init__(self, text: str) -> None:
        self._left = [match.group(0).strip() for match in _TOKEN.finditer(text) if match.group(0).strip()]

    def peek(self) -> str:
        return self._left[0] if self._left else ""

    def take(self, wanted: str | None = None) -> str:
        if not self._left or (wanted is not None and self._left[0] != wanted):
            raise _NotUnderstood
        return self._left.pop(0)

    def end(self) -> None:
        if self._left:
            raise _NotUnderstood


def _expression(tokens: _Tokens, scope: Scope) -> Any:
    token = tokens.take()
    if token.startswith("'"):
        value: Any = token[1:-1].replace("''", "'")
    elif token.lstrip("-").isdigit():
        value = int(token)
    elif tokens.peek() == "(":
        value = _call(token.lower(), list(_arguments(tokens, scope)), scope)
    else:
        raise _NotUnderstood
    while tokens.peek() in {".", "["}:
        if tokens.take() == ".":
            value = _inside(value, tokens.take())
        else:
            index = _expression(tokens, scope)
            tokens.take("]")
            value = value[index] if isinstance(value, list) and isinstance(index, int) else _inside(value, str(index))
    return value


def _inside(value: object, name: str) -> Any:
    return UNKNOWN if value is UNKNOWN else at(value, [name.lower()])


def _arguments(tokens: _Tokens, scope: Scope) -> Iterator[Any]:
    tokens.take("(")
    while tokens.peek() != ")":
        yield _expression(tokens, scope)
        if tokens.peek() == ",":
            tokens.take()
        elif tokens.peek() != ")":
            raise _NotUnderstood
    tokens.take(")")


def _call(name: str, arguments: Sequence[Any], scope: Scope) -> Any:
    if name == "parameters":
        held = scope.parameters.get(str(arguments[0]).lower())
        return UNKNOWN if held is None else held
    if name == "if" and arguments[0] in {True, False}:
        return arguments[1] if arguments[0] else arguments[2]
    if any(argument is UNKNOWN for argument in arguments):
        return UNKNOWN
    if name == "field":
        return scope.field(str(arguments[0]))
    if name == "current":
        return scope.field(str(arguments[0])) if arguments else next(iter(scope.items.values()), UNKNOWN)
    if name in {"resourcegroup", "subscription"}:
        known = scope.group if name == "resourcegroup" else scope.subscription
        return known or UNKNOWN
    function = _FUNCTIONS.get(name)
    return UNKNOWN if function is None else function(*(None if one is ABSENT else one for one in arguments))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return _text(part) in whole
    if isinstance(whole, Mapping):
        return any(str(key).lower() == _text(part).lower() for key in whole)
    return part in whole


def _concat(*parts: Any) -> Any:
    if parts and all(isinstance(part, list) for part in parts):
        return [item for part in parts for item in part]
    return "".join(map(_text, parts))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "concat": _concat,
    "tolower": lambda text: _text(text).lower(),
    "toupper": lambda text: _text(text).upper(),
    "trim": lambda text: _text(text).strip(),
    "string": _text,
    "equals": lambda one, other: one == other,
    "not": lambda value: not value,
    "and": lambda *values: all(values),
    "or": lambda *values: any(values),
    "contains": _contains,
    "empty": lambda value: not value,
    "length": len,
    "startswith": lambda text, start: _text(text).lower().startswith(_text(start).lower()),
    "endswith": lambda text, end: _text(text).lower().endswith(_text(end).lower()),
    "replace": lambda text, old, new: _text(text).replace(old, new),
    "split": lambda text, at_: _text(text).split(at_),
    "first": lambda value: value[0],
    "last": lambda value: value[-1],
    "true": lambda: True,
    "false": lambda: False,
}


def is_unknown(value: object) -> bool:
    """Return whether a value is unknown, or holds one that is."""
    if isinstance(value, list):
        return any(map(is_unknown, value))
    return value is UNKNOWN


__all__ = ["NoValue", "Scope", "is_unknown", "valued"]
