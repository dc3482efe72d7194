r"""The entries of a damaged capture, each parsed by itself, so that one that is no JSON costs itself alone.

Numbers that JSON has not (`NaN`, `Infinity`) are read as nothing, halves of characters (`\ud800`) as U+FFFD, and
control characters in strings as they are; some programs write them.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from auditor.har.long_strings import CHUNK, Readable

_ENTRIES = re.compile(r'(?<!\\)"entries"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*+")
_LITERAL = re.compile(r'(?:"(?:[^"\\]++|\\.)*+"|[^\s,{}\[\]"]++)', re.DOTALL)
_BRACKET = re.compile(r'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+(?P<bracket>[{}\[\]])', re.DOTALL)
_BEGINNING = re.compile(
    r'\{\s*"(?:startedDateTime|pageref|request|cache|connection|_initiator|_priority|_resourceType'
    r'|_fromCache|_connectionId)"\s*:'
)
_NEXT = re.compile(rf"\}}\s*,?\s*(?P<entry>{_BEGINNING.pattern})")
"""How the next entry begins, for an entry whose own end cannot be found."""
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")
_HALF = 6
"""Length of an escape that is half of a character, by itself."""
_LONGEST_NUMBER = 400


class Salvage:
    """The elements of `log.entries` in a text of JSON.

    `unread` has the numbers, from 1, of those that are no JSON; `is_whole` says that the end of the list was found.
    """

    def __init__(self, source: Readable, largest: int) -> None:
        self.count = 0
        self.unread: list[int] = []
        self.is_whole = False
        self._source, self._largest = source, largest
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._is_ended = False

    def after(self, known: int) -> Iterator[Any]:
        """Yield the elements after the first `known` ones; raises what `source` raises."""
        while (found := _ENTRIES.search(self._text)) is None:
            self._text = self._text[-CHUNK:]
            if not self._more():
                return
        position = found.end()
        is_lost = False  # the element before was no JSON, so what follows may be a piece of it
        while (start := self._begun(position)) is not None:
            self._text = self._text[start:]
            stop = self._end()
            self.count += 1
            position = len(self._text) if stop is None else stop
            if self.count <= known and stop is not None:
                continue
            value = _Unread if stop is None else _parsed(self._text[:stop])
            if is_lost and not _is_entry(self._text, value):
                self.count -= 1  # a piece of the entry before it
                continue
            is_lost = value is _Unread
            if is_lost:
                self.unread.append(self.count)
                following = _NEXT.search(self._text, 1, position)
                position = following.start("entry") if following else position
            else:
                yield value

    def _begun(self, position: int) -> int | None:
        """Return where the next element begins, or None after the last one."""
        while True:
            start = _BETWEEN.match(self._text, position).end()  # type: ignore[union-attr]  # it matches nothing, too
            if self._text.startswith("}", start):  # the element before it is not what it seems
                self.unread = [*dict.fromkeys((*self.unread, self.count))]
                position = start + 1
            elif start < len(self._text):
                self.is_whole = self._text[start] == "]"
                return None if self.is_whole else start
            elif not self._more():
                return None

    def _end(self) -> int | None:
        """Return where the element ends with which the text begins; None if nowhere within bounds."""
        position = depth = 0
        while True:
            if depth == 0 and self._text[0] not in "{[":
                found = _LITERAL.match(self._text)
                if found is not None and found.end() < len(self._text):
                    return found.end()
            elif found := _BRACKET.match(self._text, position):
                depth += 1 if found["bracket"] in "{[" else -1
                position = found.end()
                if depth == 0:
                    return position
                continue
            if len(self._text) > self._largest or not self._more():
                return None

    def _more(self) -> bool:
        """Read more text, as much as there is, so that a long element takes no quadratic time; False at the end."""
        wanted = max(CHUNK, len(self._text))
        parts = [self._text]
        while wanted > 0 and not self._is_ended:
            data = self._source.read(CHUNK)
            self._is_ended = not data
            parts.append(self._decoder.decode(data, final=not data))
            wanted -= len(data)
        before, self._text = len(self._text), "".join(parts)
        return len(self._text) > before


class _Unread:
    """What stands for an element that is no JSON."""


def _is_entry(text: str, value: Any) -> bool:
    """Whether an element is an entry rather than a piece of one: `value`, or its `text` where that is no JSON."""
    return (isinstance(value, dict) and "request" in value) or bool(_BEGINNING.match(text))


def _parsed(text: str) -> Any:
    if "\\u" in text:
        text = _ESCAPE.sub(_without_half, text)
    try:
        return json.loads(text, strict=False, parse_constant=lambda _: None, parse_int=_number)
    except (ValueError, RecursionError):
        return _Unread


def _without_half(found: re.Match[str]) -> str:
    is_half = len(found[0]) == _HALF and found[0][1] == "u"
    return "\\ufffd" if is_half else found[0]


def _number(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_NUMBER else None
