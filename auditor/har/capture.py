"""A capture (HAR) as its entries, one after the other, however large the file is.

HAR is one JSON document, `{"log": {"entries": [...], "pages": [...], ...}}`; the order of its keys is free. Version 1.2
is described at http://www.softwareishard.com/blog/har-12-spec/. Memory is bounded by the largest entry, and that by
`LARGEST_ENTRY`.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import ijson

from auditor.files import opened, why
from auditor.har.bounded_values import CLOSING, DEEPEST, LIST, MAP, BoundedValue, Events, fields, skip
from auditor.har.long_strings import CHUNK, ShortStrings, TooLong
from auditor.har.salvage import Salvage

LARGEST_ENTRY = 64 * 1024 * 1024
"""Size of an entry, in characters, beyond which the rest of it is left out."""
LONGEST_STRING = 16 * 1024 * 1024
"""Length beyond which the rest of a string is left out."""
_LARGEST_LOG = 8 * 1024 * 1024
"""The same for what stands beside the entries, such as the pages."""
_NAMED = 5
"""Number of entries that are named because a part of them was left out."""
_COMPRESSED = b"\x1f\x8b"
_OF_ENTRY = re.compile(r'"startedDateTime"\s*:')
"""What every entry and page of a capture has, and nothing else."""
_AGAIN = "save it again in the browser (Network tab, Export HAR)"


class BadCapture(ValueError):
    """Failure to read a file as a capture: what is wrong, where, and what to do."""


def ensure_no_capture(path: Path, text: str, *, is_binary: bool) -> None:
    """Raise `BadCapture` for what is no text, and for a text, or a part of one, with entries of a capture in it.

    Such entries, behind something else or in no capture, would be known by their words alone and not by their places.
    """
    if is_binary:
        raise BadCapture(f"`{path}` is binary: neither a capture (HAR) nor the text of a console")
    if _OF_ENTRY.search(text):
        raise BadCapture(
            f'`{path}` holds entries of a capture (HAR), but does not begin as one, with `{{"log": {{`; {_AGAIN}'
        )


class Capture:
    """A capture that is open for reading; leaving the context closes it.

    After `entries`, `count` is the number of entries, `log` has everything else of the capture (`creator`, `pages`,
    `comment`), and `left_out` says what was too large to keep. `broken` is empty for a whole file; otherwise it says
    where and why the file ended, and the entries before that place were yielded.
    """

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, which may be compressed by gzip; raises `BadCapture`."""
        self.path = path
        self.count = 0
        self.log: dict[str, Any] = {}
        self.broken = ""
        self._file = _opened(path)
        self._source = ShortStrings(_unpacked(self._file), LONGEST_STRING)
        self._is_capture = False
        self._is_ended = False
        self._cut: list[str] = []
        self._odd = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was too large to keep, as sentences; empty for an ordinary capture."""
        words = []
        if self._source.shortened:
            words.append(f"{self._source.shortened:,} texts are cut after {LONGEST_STRING:,} characters")
        if self._cut:
            more = f" and {len(self._cut) - _NAMED:,} more" if len(self._cut) > _NAMED else ""
            bounds = f"{LARGEST_ENTRY:,} characters or {DEEPEST} levels"
            words.append(f"{', '.join(self._cut[:_NAMED])}{more}: only the first {bounds} were read")
        if self._odd:
            words.append(f"{self._odd:,} entries are no objects")
        return tuple(words)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the entries in the order of the file; once only. Raises `BadCapture` where not one could be read."""
        try:
            yield from self._in_document(ijson.basic_parse(self._source, buf_size=CHUNK, use_float=True))
        except (ijson.JSONError, ValueError, ArithmeticError, OSError, EOFError, zlib.error) as failed:
            self.broken = self._why_broken(failed)
            if _is_damage(failed) and not self._is_ended:
                yield from self._salvaged()
        if self.broken and not self.count:
            raise BadCapture(self.broken)
        if not self._is_capture:
            raise BadCapture(f"`{self.path}` is JSON, but no capture: it has no `log.entries`; {_AGAIN}")

    def _salvaged(self) -> Iterator[dict[str, Any]]:
        """Yield the entries after the damage that are JSON by themselves."""
        at = self._at()
        with _opened(self.path) as file:
            salvage = Salvage(ShortStrings(_unpacked(file), LONGEST_STRING), LARGEST_ENTRY)
            known = self.count
            try:
                for entry in salvage.after(known):
                    self.count, self._is_capture = salvage.count, True
                    if isinstance(entry, dict):
                        yield entry
                    else:
                        self._odd += 1
            except (ValueError, OSError, EOFError, zlib.error):
                pass  # what stands before that was read, and `broken` says that something is amiss
        if not salvage.count:
            return
        self.count = read = salvage.count - len(salvage.unread)
        if salvage.unread:
            named = ", ".join(f"{one:,}" for one in salvage.unread[:_NAMED])
            more = f" and {len(salvage.unread) - _NAMED:,} more" if len(salvage.unread) > _NAMED else ""
            which = "entry" if len(salvage.unread) == 1 else "entries"
            held = f"{which} {named}{more} could not be read, the other {read:,} were"
        else:
            held = f"the {read:,} entries up to its end were read"
        is_cut = "" if salvage.is_whole else ", and it ends too early"
        is_whole = salvage.is_whole and not salvage.unread  # what was amiss were numbers or halves of characters
        self.broken = "" if is_whole else f"`{self.path}` is damaged {at}{is_cut}: {held}; {_AGAIN}"

    def _in_document(self, events: Events) -> Iterator[dict[str, Any]]:
        event, _ = next(events)
        if event != MAP:
            return
        for name, begun, _ in fields(events):
            if name == "log" and begun == MAP:
                yield from self._in_log(events)
            else:
                skip(events, begun)
        for _ in events:  # raises for anything that follows the document
            pass

    def _in_log(self, events: Events) -> Iterator[dict[str, Any]]:
        room = _LARGEST_LOG
        for name, begun, value in fields(events):
            if name == "entries" and begun == LIST:
                self._is_capture = True
                yield from self._in_entries(events)
            elif room < 0:
                skip(events, begun)
            else:
                built = BoundedValue(events, begun, value, room)
                room -= built.size
                self.log[name] = built.value
                if built.left_out:
                    self._cut.append(f"`log.{name}`")

    def _in_entries(self, events: Events) -> Iterator[dict[str, Any]]:
        for event, value in events:
            if event in CLOSING:
                self._is_ended = True
                return
            built = BoundedValue(events, event, value, LARGEST_ENTRY)
            self.count += 1
            if built.left_out:
                self._cut.append(f"entry {self.count:,}")
            if isinstance(built.value, dict):
                yield built.value
            else:
                self._odd += 1

    def _why_broken(self, failed: Exception) -> str:
        """Return what is wrong, where, and what to do."""
        place, at = f"`{self.path}`", self._at()
        held = {0: "no entry is whole", 1: "the entry before that was read"}
        also = f"{held.get(self.count, f'the {self.count:,} entries before that were read')}; {_AGAIN}"
        if isinstance(failed, OSError) and failed.errno is not None:
            return f"{place} cannot be read {at}: {why(failed)}; {also}"
        if isinstance(failed, OSError | EOFError | zlib.error):
            return f"{place} cannot be decompressed {at}; {also}"
        if self._source.is_blank:
            return f"{place} is empty; {_AGAIN}"
        if isinstance(failed, TooLong):
            return f"{place} has text that no browser writes {at}; {also}"
        if "premature EOF" in str(failed):
            return f"{place} is cut: it ends {at}; {also}"
        return f"{place} is no JSON {at}; {also}"

    def _at(self) -> str:
        """Return the place that was read last."""
        at = f"after {self._source.position:,} bytes"
        return f"{at}, in entry {self.count + 1:,}" if self._is_capture and not self._is_ended else at


def _is_damage(failed: Exception) -> bool:
    """Whether a text is no JSON at one place, rather than unreadable or cut from there on."""
    if isinstance(failed, TooLong | OSError | EOFError | zlib.error):
        return False
    return "premature EOF" not in str(failed)


def _opened(path: Path) -> BinaryIO:
    try:
        return opened(path)
    except OSError as refused:
        words = "it is a folder" if path.is_dir() else why(refused)
        raise BadCapture(f"cannot read `{path}`: {words}; name the HAR file that the browser saved") from refused


class _Unpacked:
    """A file compressed by gzip, read as what it contains; all that stands before a cut is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacking = zlib.decompressobj(wbits=31)

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes at most, nothing at the end; raises `EOFError` and `zlib.error`."""
        while not self._unpacking.eof:
            packed = self._unpacking.unconsumed_tail or self._file.read(size)
            if not packed:
                raise EOFError
            if data := self._unpacking.decompress(packed, size):
                return data
        return b""


def _unpacked(file: BinaryIO) -> BinaryIO | _Unpacked:
    is_compressed = file.read(2) == _COMPRESSED
    file.seek(0)
    return _Unpacked(file) if is_compressed else file
