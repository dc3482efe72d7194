"""The bounds of YAML documents: the depth of nesting, and the text repeated by aliases."""

from typing import Any

import yaml

from auditor.inventory.snapshot.assembly import DEEPEST

MOST_REPEATED = 8 * 1024 * 1024
"""The number of characters that aliases may add; ten lines of aliases of aliases can expand to terabytes."""


def check_bounds(text: bytes | str, loader: Any) -> None:
    """Raise `yaml.MarkedYAMLError` with the position for a document that would exhaust stack or memory.

    Only the parser's events are read: composing a document with 100,000 open brackets would crash the parser in C.
    """
    measure = _Measure()
    for event in yaml.parse(text, Loader=loader):
        measure.take(event)


class _Measure:
    """The depth of a document at the current event, and its size with every alias expanded."""

    def __init__(self) -> None:
        self._written = 0
        self._repeated = 0
        self._sizes: dict[str | None, int] = {}
        self._open: list[tuple[str | None, int]] = []

    @property
    def _total(self) -> int:
        return self._written + self._repeated

    def take(self, event: Any) -> None:
        """Count the next event; raises `yaml.MarkedYAMLError` where the document exceeds a bound."""
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append((event.anchor, self._total))
            self._written += 1
            if len(self._open) > DEEPEST:
                raise _refusal(event, f"nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            self._sizes[anchor] = self._total - before
        elif isinstance(event, yaml.ScalarEvent):
            self._sizes[event.anchor] = len(event.value) + 1
            self._written += len(event.value) + 1
        elif isinstance(event, yaml.AliasEvent):
            self._repeat(event)

    def _repeat(self, event: yaml.AliasEvent) -> None:
        if any(anchor == event.anchor for anchor, _ in self._open):
            raise _refusal(event, f"`*{event.anchor}` stands inside what it stands for")
        self._repeated += self._sizes.get(event.anchor, 0)
        if self._repeated > MOST_REPEATED:
            raise _refusal(event, f"its aliases repeat more than {MOST_REPEATED // 1024 // 1024} MiB of text")


def _refusal(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
