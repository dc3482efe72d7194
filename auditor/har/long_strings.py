"""JSON as it is read, with strings of any length shortened, so that a parser's memory stays bounded.

A parser holds each string as a whole, and a capture can contain a download of any size as one string.
"""

import codecs
import re
from typing import Protocol

CHUNK = 64 * 1024
"""Bytes that are read at once."""
_IN_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
"""A string up to its closing quote or the end of the chunk."""
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_BEGUN_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes at most; nothing means the end."""


class TooLong(ValueError):
    """Failure to go on: text without a string in it, such as a number, that is longer than any program writes."""


class ShortStrings:
    """A stream of JSON in which no string is longer than about `longest` characters.

    `position` is the number of bytes that were read of `source`, `shortened` the number of strings that were cut, and
    `is_blank` says that nothing but white space was read. UTF-16 is known by its mark or its zeros; bytes that are not
    text become replacement characters; a byte order mark is left out.
    """

    def __init__(self, source: Readable, longest: int) -> None:
        self.position = 0
        self.shortened = 0
        self.is_blank = True
        self._source, self._longest = source, longest
        self._decoder: codecs.IncrementalDecoder | None = None
        self._held = ""
        """The beginning of an escape, which the next chunk completes."""
        self._in_string = False
        self._is_cut = False
        self._length = 0
        """Length of the string, or of the text between two strings, so far."""

    def read(self, size: int = CHUNK) -> bytes:
        """Return the next part of the text; nothing means the end. Raises `TooLong` and what `source` raises."""
        while size:
            data = self._source.read(CHUNK)
            self.position += len(data)
            if self._decoder is None:
                self._decoder = codecs.getincrementaldecoder(encoding_of(data))("replace")
            text = self._held + self._decoder.decode(data, final=not data)
            whole = _without_begun_escape(text) if data else len(text)
            text, self._held = text[:whole], text[whole:]
            if (passed := self._passed(text)) or not data:
                return passed.encode("utf-8", "replace")
        return b""

    def _passed(self, text: str) -> str:
        """Return a chunk without what makes a string too long."""
        self.is_blank = self.is_blank and not text.strip()
        if self._length + len(text) < self._longest:  # no string can become too long in it
            self._pass_whole(text)
            return text
        parts: list[str] = []
        position = 0
        while position < len(text):
            ended = self._end(text, position)
            if self._length < self._longest:
                parts.append(text[position:ended])
            elif ended > position:
                if not self._in_string:
                    raise TooLong
                self._is_cut = True
            self._length += ended - position
            position = ended
            if ended < len(text):  # a quote, which begins or ends a string
                parts.append('"')
                self.shortened += self._is_cut
                self._is_cut, self._in_string, self._length = False, not self._in_string, 0
                position += 1
        return "".join(parts)

    def _pass_whole(self, text: str) -> None:
        """Note in which string, or after which, a chunk ends that is passed as it is."""
        bare = _ESCAPED.sub("  ", text) if "\\" in text else text
        last = bare.rfind('"')
        if last < 0:
            self._length += len(text)
            return
        self._in_string ^= bool(bare.count('"') % 2)
        self._length = len(text) - last - 1

    def _end(self, text: str, position: int) -> int:
        """Return where the string, or the text between two strings, ends in this chunk."""
        if self._in_string:
            found = _IN_STRING.match(text, position)
            return len(text) if found is None else found.end()
        quote = text.find('"', position)
        return len(text) if quote < 0 else quote


def encoding_of(beginning: bytes) -> str:
    """Return how a text is encoded that begins so: UTF-16, which few programs write, or UTF-8."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if beginning[1:2] == b"\0" and beginning[:1].strip():
        return "utf-16-le"
    return "utf-16-be" if beginning[:1] == b"\0" and beginning[1:2].strip(b"\0") else "utf-8-sig"


def _without_begun_escape(text: str) -> int:
    r"""Return the length of `text` without an escape at its end that may go on, such as `\u00`."""
    last = text.rfind("\\", max(0, len(text) - 5))
    if last < 0 or _BEGUN_ESCAPE.fullmatch(text, last) is None:
        return len(text)
    backslashes = last + 1 - len(text[: last + 1].rstrip("\\"))
    return last if backslashes % 2 else len(text)
