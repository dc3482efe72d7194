"""Templates of messages and commands with `{{ fact }}` placeholders: a placeholder is a name, never code."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.audit.rules.expressions import FactValue

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+(?:\.[a-z_0-9]+)+)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}")

NOT_KNOWN = "(unknown)"
"""Text that a message shows in place of an unknown fact."""


class BadTemplate(ValueError):
    """A mistake in a template; `index` is the position of the character."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose placeholders are facts.

    `parts` are literal texts and fact names in turn, beginning and ending with a text.
    """

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Template":
        """Return `text` as a template; raises `BadTemplate` for braces without the name of a fact."""
        stray = _BRACES.search(_PLACEHOLDER.sub(lambda match: " " * len(match[0]), text))
        if stray:
            raise BadTemplate(stray.start(), "a placeholder must be written `{{ kind.fact }}`")
        return cls(tuple(_PLACEHOLDER.split(text)))

    @property
    def mentions(self) -> tuple[str, ...]:
        """The facts in its placeholders."""
        return tuple(dict.fromkeys(self.parts[1::2]))

    def text(self, known: Mapping[str, FactValue]) -> str:
        """Return the message with the values of its facts; unknown facts are shown as `(unknown)`."""
        return self._filled(known, _shown, missing=NOT_KNOWN).strip()

    def command(self, known: Mapping[str, FactValue]) -> str | None:
        """Return the command with every value quoted for a POSIX shell, or None if a value is unknown or empty."""
        if any(not known.get(name) for name in self.mentions):
            return None
        return self._filled(known, _quoted, missing="")

    def _filled(self, known: Mapping[str, FactValue], show: Callable[[FactValue], str], *, missing: str) -> str:
        return "".join(
            part if number % 2 == 0 else (show(known[part]) if part in known else missing)
            for number, part in enumerate(self.parts)
        )


def command_template(text: str) -> Template:
    """Return the template of a command; raises `BadTemplate` for a placeholder inside quotes.

    Values are quoted when they are filled in; quotes around a placeholder would undo that.
    """
    template = Template.of(text)
    for placeholder in _PLACEHOLDER.finditer(text):
        if _inside_quotes(text[: placeholder.start()]):
            raise BadTemplate(
                placeholder.start(),
                "a placeholder in a command must not be quoted: its value is quoted when it is filled in",
            )
    return template


def in_words(value: FactValue) -> str:
    """Return a fact's value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, list):
        return ", ".join(value)
    return str(value)


def _shown(value: FactValue) -> str:
    return "none" if value == [] else in_words(value)


def _quoted(value: FactValue) -> str:
    if isinstance(value, list):
        return shlex.join(value)
    return shlex.quote(in_words(value))


def _inside_quotes(text: str) -> bool:
    quote = ""
    for character in text:
        if not quote and character in "'\"`":
            quote = character
        elif character == quote:
            quote = ""
    return bool(quote)
