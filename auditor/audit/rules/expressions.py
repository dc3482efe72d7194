"""The rule language: CEL over declared facts, behind an interface small enough to replace the engine.

CEL cannot run code, read files or loop endlessly. A fact that is left out of an activation is unknown, and CEL's `&&`,
`||`, `exists` and `all` absorb it from either side, so that an expression is true, false or unknown by Kleene's logic.

The cost of an expression is limited by its form: its length and depth (the engine allows 32), no loop over a list
within another, and no `map`, with which a text could be doubled repeatedly. Regular expressions are RE2's, which take
linear time; the engine stops after 10,000 steps through lists.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.facts.schema import FactDeclaration, FactType
from auditor.nearest import did_you_mean

FactValue = bool | int | str | list[str] | datetime

LONGEST_EXPRESSION = 2_000
"""Maximum number of characters of one expression; nobody can check a longer condition."""

_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*)
  | (?P<string>(?:[rR][bB]?|[bB][rR]?)?(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)
  | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<backquote>`)
    """,
    re.VERBOSE | re.DOTALL,
)
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "filter"})
_COMPILE_ERROR = re.compile(r"ERROR: <input>:(?P<line>-?\d+):(?P<column>-?\d+): (?P<reason>[^\n]*)")
_UNDECLARED = re.compile(r"undeclared reference to '(?P<name>[^']*)'")
_LEFT_OUT = "UNKNOWN: No value with name"


class BadExpression(ValueError):
    """Failure to compile an expression as a condition; `line` and `column` count from 1 within its text.

    If there are several mistakes, this is the first and `more` contains the others.
    """

    def __init__(self, line: int, column: int, reason: str, more: "tuple[BadExpression, ...]" = ()) -> None:
        super().__init__(f"{line}:{column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason
        self.more = more


@dataclass(frozen=True, slots=True)
class Truth:
    """Value of an expression: true, false, or None for unknown; `error` if the expression itself failed."""

    value: bool | None
    error: str = ""


_TRUE, _FALSE, _UNKNOWN = Truth(True), Truth(False), Truth(None)


@dataclass(frozen=True, slots=True)
class Bound:
    """The known facts of one subject, prepared for every expression in the language of its kind."""

    activation: Any
    language: "Language"


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that compiles, and the facts it mentions; the language compiles it when it is first evaluated."""

    text: str
    mentions: tuple[str, ...]

    def over(self, facts: Bound) -> Truth:
        """Return whether the condition is true for these facts."""
        try:
            value = facts.language.compiled(self.text).eval(facts.activation)
        except RuntimeError as stopped:  # the engine's own limits, such as 10,000 steps through lists
            return Truth(None, str(stopped))
        # The engine returns an error as a value whose content is a non-empty, hence truthy, text.
        if value.type() == facts.language.error_type:
            text = str(value.value())
            return _UNKNOWN if text.startswith(_LEFT_OUT) else Truth(None, text)
        return _TRUE if value.value() is True else _FALSE


class Language:
    """Compiler of conditions on one kind of subject; every fact is a dotted, typed variable."""

    def __init__(self, declared: Iterable[FactDeclaration]) -> None:
        from cel_expr_python import cel

        self._facts = {fact.name: fact for fact in declared if not fact.in_messages_only}
        self._bool, self.error_type = cel.Type.BOOL, cel.Type.ERROR
        self._compiled: dict[str, Any] = {}
        self._env = cel.NewEnv(variables={name: cel.Type(fact.type.value) for name, fact in self._facts.items()})

    def compile(self, text: str) -> Expression:
        """Return `text` compiled as a condition.

        Raises `BadExpression` for anything but a boolean CEL expression over the declared facts of limited length and
        depth.
        """
        mentions = self._mentions(text)
        try:
            compiled = self.compiled(text)
        except RuntimeError as refused:
            raise self._explained(text, str(refused)) from None
        if compiled.return_type() != self._bool:
            raise BadExpression(1, 1, f"the condition is a {_name(compiled.return_type())}, but must be a bool")
        return Expression(text, mentions)

    def compiled(self, text: str) -> Any:
        """Return the engine's form of a condition; raises the engine's own error for one that does not compile."""
        if text not in self._compiled:
            self._compiled[text] = self._env.compile(text)
        return self._compiled[text]

    def bind(self, known: Mapping[str, FactValue]) -> Bound:
        """Return the known facts of one subject; facts that are left out are unknown."""
        return Bound(self._env.Activation(dict(known)), self)

    def _mentions(self, text: str) -> tuple[str, ...]:
        if len(text) > LONGEST_EXPRESSION:
            raise BadExpression(1, 1, f"the condition is longer than {LONGEST_EXPRESSION:,} characters")
        names: list[str] = []
        open_macros: list[bool] = []
        before = ""
        for token in _TOKEN.finditer(text):
            if token["backquote"]:
                raise _at(text, token.start(), "names in backquotes are not allowed")
            if token["open"]:
                if token["open"] == "(" and before == "map":
                    raise _at(text, token.start(), "`map` is not allowed: a condition tests lists and makes none")
                open_macros.append(token["open"] == "(" and before in _MACROS)
                before = ""
                # One loop over a list is enough; nested loops would multiply the work.
                if open_macros[-1] and open_macros.count(True) > 1:
                    raise _at(text, token.start(), "`all`, `exists`, `filter` and the like cannot be nested")
            elif token["close"] and open_macros:
                open_macros.pop()
            elif token["name"]:
                parts = re.sub(r"\s", "", token["name"]).split(".")
                before = parts[-1]
                names.append(self._fact_in(parts))
                if any(open_macros) and names[-1] and self._facts[names[-1]].type is FactType.STRINGS:
                    raise _at(text, token.start(), "a loop over one list cannot use another list")
        return tuple(dict.fromkeys(name for name in names if name))

    def _fact_in(self, parts: list[str]) -> str:
        prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((prefix for prefix in prefixes if prefix in self._facts), "")

    def _explained(self, text: str, refusal: str) -> BadExpression:
        first, *more = [self._mistake(text, match) for match in _COMPILE_ERROR.finditer(refusal)] or [
            BadExpression(1, 1, refusal.splitlines()[0])
        ]
        return BadExpression(first.line, first.column, first.reason, tuple(more))

    def _mistake(self, text: str, match: re.Match[str]) -> BadExpression:
        line, column = max(int(match["line"]), 1), max(int(match["column"]), 1)
        reason = match["reason"].removesuffix(" [INVALID_ARGUMENT]")
        undeclared = _UNDECLARED.match(reason)
        if undeclared:
            name = undeclared["name"]
            reason = f"there is no fact `{name}`{did_you_mean(name, self._facts, 1)}"
            column = _start_of(name, text.split("\n")[line - 1], column)
        return BadExpression(line, column, reason)


def _start_of(name: str, row: str, column: int) -> int:
    """Return the column where a dotted name begins; the engine reports its last dot."""
    kind, dot, _ = name.partition(".")
    start = row.rfind(kind, 0, column - 1) if dot else -1
    return start + 1 if start >= 0 else column


def _at(text: str, index: int, reason: str) -> BadExpression:
    line = text.count("\n", 0, index) + 1
    return BadExpression(line, index - (text.rfind("\n", 0, index) + 1) + 1, reason)


def _name(type_: Any) -> str:
    return str(type_.name()).lower()
