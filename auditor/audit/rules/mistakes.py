"""Mistakes in rule files, with their places."""

from collections.abc import Iterable

LARGEST_FILE = 256 * 1024
"""Maximum size of a rule file in bytes; a larger one is refused unread."""


class BadRule(ValueError):
    """A mistake in a rule file, with its place and reason. Lines and columns count from 1."""

    def __init__(self, file: str, line: int, column: int, reason: str) -> None:
        super().__init__(f"{file}:{line}:{column}: {reason}")
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason

    @property
    def mistakes(self) -> "tuple[BadRule, ...]":
        """All mistakes, sorted by file, line and column."""
        return (self,)


class BadRules(BadRule):
    """All mistakes in one or several rule files; its own place and reason are those of the first mistake."""

    def __init__(self, mistakes: Iterable[BadRule]) -> None:
        self._mistakes = tuple(sorted(mistakes, key=lambda bad: (bad.file, bad.line, bad.column)))
        first = self._mistakes[0]
        super().__init__(first.file, first.line, first.column, first.reason)
        self.args = ("\n".join(map(str, self._mistakes)),)

    @property
    def mistakes(self) -> tuple[BadRule, ...]:
        """All mistakes, sorted by file, line and column."""
        return self._mistakes
