"""Action strings matched against the patterns of permission lists: without case, `*` crossing `/`, blanks trimmed."""

import re
from collections.abc import Iterable
from enum import Enum
from functools import cached_property


class Fit(Enum):
    """How a pattern list covers an operation; `INFERRED` rests on the zero-segment reading alone."""

    NO = 0
    INFERRED = 1
    YES = 2


def normalized(operation: str) -> str:
    """Return an action or a pattern as it is compared: lower case, without blanks around it (real roles hold some)."""
    return operation.strip().lower()


def _literal_reading(pattern: str) -> str:
    return ".*".join(map(re.escape, pattern.split("*")))


def zero_segment_reading(pattern: str) -> str | None:
    """Return the regular expression that lets `/*/` stand for no segment at all, or None where that changes nothing.

    Whether `X/*/read` covers `X/read` is not documented. Built-in roles whose whole purpose is to read X list only the
    former, so it is read as covering; an answer that rests on this alone is marked inferred. This is the one place.
    """
    literal = _literal_reading(pattern)
    widened = literal.replace("/.*/", "/(?:.*/)?")
    return None if widened == literal else widened


class Patterns:
    """One list of a permission object (`actions`, `notActions`, …), compiled when it is first asked."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Keep the patterns as they are compared, and as they are spelt."""
        self._spelt = {normalized(pattern): pattern.strip() for pattern in patterns}
        self.patterns = tuple(self._spelt)

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
        """Say whether any pattern covers `operation` (already normalized)."""
        if operation in self._exact or (self._literal is not None and self._literal.fullmatch(operation)):
            return Fit.YES
        if self._widened is not None and self._widened.fullmatch(operation):
            return Fit.INFERRED
        return Fit.NO

    def deciding(self, operation: str) -> str:
        """Return the pattern that covers `operation` as it is spelt, preferably read literally; `""` if none does."""
        fits = {spelt: Patterns((pattern,)).fit(operation) for pattern, spelt in self._spelt.items()}
        return max(fits, key=lambda spelt: fits[spelt].value) if any(fit.value for fit in fits.values()) else ""


def _either(expressions: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{expression})" for expression in expressions)
    return re.compile(joined, re.DOTALL) if joined else None
