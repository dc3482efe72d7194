"""Matching of actions against permission patterns: without case, with `*` crossing `/` and blanks trimmed."""

import re
from collections.abc import Iterable
from enum import Enum
from functools import cached_property


class Fit(Enum):
    """The result of a match; `INFERRED` depends on the zero-segment reading alone."""

    NO = 0
    INFERRED = 1
    YES = 2


def normalized(operation: str) -> str:
    """Return an action or a pattern in lower case and without surrounding blanks, which some real roles contain."""
    return operation.strip().lower()


def _literal_reading(pattern: str) -> str:
    return ".*".join(map(re.escape, pattern.split("*")))


def zero_segment_reading(pattern: str) -> str | None:
    """Return the regular expression in which `/*/` also matches no segment, or None where that changes nothing.

    Whether `X/*/read` covers `X/read` is not documented. Built-in roles whose whole purpose is to read X list only the
    former, so it is assumed to; an answer that depends on this alone is marked inferred. Only this function assumes it.
    """
    literal = _literal_reading(pattern)
    widened = literal.replace("/.*/", "/(?:.*/)?")
    return None if widened == literal else widened


class Patterns:
    """A list of a permission object (`actions`, `notActions`, …), compiled at its first use."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Keep the patterns in normalized form and as written."""
        self._written = {normalized(pattern): pattern.strip() for pattern in patterns}
        self.patterns = tuple(self._written)

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(pattern for pattern in self.patterns if "*" not in pattern)

    @cached_property
    def _literal(self) -> re.Pattern[str] | None:
        return _either(_literal_reading(pattern) for pattern in self.patterns if "*" in pattern)

    @cached_property
    def _widened(self) -> re.Pattern[str] | None:
        return _either(filter(None, (zero_segment_reading(pattern) for pattern in self.patterns)))

    def fit(self, operation: str) -> Fit:
        """Return whether any pattern covers `operation` (already normalized)."""
        if operation in self._exact or (self._literal is not None and self._literal.fullmatch(operation)):
            return Fit.YES
        if self._widened is not None and self._widened.fullmatch(operation):
            return Fit.INFERRED
        return Fit.NO

    def deciding(self, operation: str) -> str:
        """Return the pattern that covers `operation`, as written; a literal match is preferred, `""` means none."""
        fits = {written: Patterns((pattern,)).fit(operation) for pattern, written in self._written.items()}
        return max(fits, key=lambda written: fits[written].value) if any(fit.value for fit in fits.values()) else ""


def _either(expressions: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{expression})" for expression in expressions)
    return re.compile(joined, re.DOTALL) if joined else None
