"""Values of JSON, built from the events of a parser, within bounds of size and depth."""

from collections.abc import Iterator
from typing import Any

Events = Iterator[tuple[str, Any]]
"""The events of `ijson.basic_parse`."""
MAP, LIST = "start_map", "start_array"
OPENING = frozenset({MAP, LIST})
CLOSING = frozenset({"end_map", "end_array"})

DEEPEST = 100
"""Nesting beyond which values are left out; entries of browsers need ten levels."""
_OF_A_VALUE = 40
"""What a value counts beside its characters, so that a million empty ones are bounded too."""


class BoundedValue:
    """One value as it was built. `size` is in characters, about; `left_out` says that a part of it is missing."""

    __slots__ = ("left_out", "size", "value")

    def __init__(self, events: Events, event: str, value: Any, most: int) -> None:
        """Build the value that begins with `event` up to a size of `most`; raises what `events` raises."""
        self.value: Any = value
        self.size = _size(value)
        self.left_out = False
        if event in OPENING:
            self.value = {} if event == MAP else []
            self._build(events, most)

    def _build(self, events: Events, most: int) -> None:
        innermost = self.value
        around: list[Any] = [innermost]
        name = ""
        for event, value in events:
            if event == "map_key":
                name = value
            elif event in CLOSING:
                around.pop()
                if not around:
                    return
                innermost = around[-1]
            elif self.size > most or (event in OPENING and len(around) >= DEEPEST):
                self.left_out = True
                skip(events, event)
            else:
                held = {} if event == MAP else [] if event == LIST else value
                self.size += _OF_A_VALUE + len(name) + (len(value) if event == "string" else 0)
                if innermost.__class__ is dict:
                    innermost[name] = held
                else:
                    innermost.append(held)
                if event in OPENING:
                    around.append(held)
                    innermost = held


def skip(events: Events, event: str) -> None:
    """Read the rest of the value that begins with `event`."""
    depth = int(event in OPENING)
    while depth:
        event, _ = next(events)
        depth += (event in OPENING) - (event in CLOSING)


def fields(events: Events) -> Iterator[tuple[str, str, Any]]:
    """Yield the name, the first event and the value of each field of the object that was begun.

    The caller reads the rest of a value that is an object or a list.
    """
    for event, name in events:
        if event in CLOSING:
            return
        event, value = next(events)  # noqa: PLW2901 - the name and its value are two events
        yield name, event, value


def _size(value: Any) -> int:
    return _OF_A_VALUE + (len(value) if isinstance(value, str) else 0)
