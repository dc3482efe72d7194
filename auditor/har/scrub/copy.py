"""A scrubbed copy of a file: a capture entry by entry, any other text block by block.

The file is read twice. The first pass finds what is secret by its name or place; the second one writes the copy, from
which such a value is removed wherever it stands.
"""

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from auditor.files import opened, replacing, why
from auditor.har.capture import BadCapture, Capture, ensure_no_capture
from auditor.har.long_strings import encoding_of
from auditor.har.scrub.encodings import is_text
from auditor.har.scrub.entries import ScrubbedEntries
from auditor.har.scrub.removals import Removals
from auditor.har.scrub.text import Scrubber

REMAINS = (
    "names and ids of tenants, subscriptions, resources, objects and servers, and IP addresses in bodies",
    "addresses that were called, times, statuses, error codes and messages, ids of requests",
)
"""What a copy still contains, because support needs it."""
SEARCHING, WRITING = "looking for secrets", "writing the copy"
"""What the two passes do."""
_LOG = re.compile(r'"log"\s*:\s*\{')
_BLOCK = 1024 * 1024
_BEGINNING = 64 * 1024
_LONGEST_LINE = 8 * 1024 * 1024
_MOST_LINES = 1_000
"""Number of lines at the end of a block that are looked at for one that it can end with."""
_MARGIN = 200
_OPEN = tuple(":=,{[\\(")
"""What a line ends with if its value may stand in the next one."""


@dataclass(frozen=True, slots=True)
class ScrubbedCopy:
    """What was written: the number of `entries` (None for a text that is no capture) and what was removed.

    `broken` says where and why the file ended; `left_out` says what was too large.
    """

    removals: Removals
    entries: int | None = None
    broken: str = ""
    left_out: tuple[str, ...] = field(default=())


def scrubbed_copy(source: Path, target: Path, seen: Callable[[str], None] = lambda _: None) -> ScrubbedCopy:
    """Write `source` without secrets to `target` and return what was removed.

    `seen` is called after each entry of a capture, or each block of a text, with what is being done (`SEARCHING`,
    `WRITING`).

    Raises `BadCapture` for a file that cannot be read, is binary or has no whole entry, and `OSError` if the copy
    cannot be written; then `target` is as it was before.
    """
    scrubber = Scrubber(Removals())
    copied = _copied_capture if _is_document(source) else _copied_text
    return copied(source, target, scrubber, seen)


def _copied_capture(source: Path, target: Path, scrubber: Scrubber, seen: Callable[[str], None]) -> ScrubbedCopy:
    entries = ScrubbedEntries(scrubber)
    with Capture(source) as capture:
        for entry in capture.entries():
            entries.entry(entry)
            seen(SEARCHING)
        entries.log(capture.log)
    scrubber.begin_again()
    with Capture(source) as capture, replacing(target) as stream:
        for piece in _written(capture, entries, seen):
            stream.write(piece.encode("utf-8", "backslashreplace"))
    return ScrubbedCopy(scrubber.removals, capture.count, capture.broken, capture.left_out)


def _written(capture: Capture, entries: ScrubbedEntries, seen: Callable[[str], None]) -> Iterator[str]:
    """Yield a capture as JSON, with one entry in a line."""
    yield '{"log":{"entries":['
    separator = "\n"
    for entry in capture.entries():
        yield separator + _json(entries.entry(entry))
        seen(WRITING)
        separator = ",\n"
    yield "\n]"
    for name, value in entries.log({"version": "1.2", **capture.log}).items():
        yield f",\n{_json(name)}:{_json(value)}"
    yield "}}\n"


def _json(value: Any) -> str:
    """Return JSON; a character that UTF-8 lacks is escaped when it is written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _copied_text(source: Path, target: Path, scrubber: Scrubber, seen: Callable[[str], None]) -> ScrubbedCopy:
    with closing(_blocks(source)) as blocks:
        for block in blocks:
            scrubber.text(block)
            seen(SEARCHING)
    scrubber.begin_again()
    with closing(_blocks(source)) as blocks, replacing(target) as stream:
        for block in blocks:
            stream.write(scrubber.text(block).encode("utf-8", "backslashreplace"))
            seen(WRITING)
    return ScrubbedCopy(scrubber.removals)


def _is_document(source: Path) -> bool:
    """Whether a file is a capture, also compressed, rather than a text; raises `BadCapture` if it cannot be read."""
    beginning = _read_beginning(source)
    if beginning.startswith(b"\x1f\x8b"):
        return True
    text = beginning.decode(encoding_of(beginning), "ignore").lstrip("\ufeff \t\r\n")
    return text.startswith("{") and bool(_LOG.search(text))


def _read_beginning(source: Path) -> bytes:
    try:
        with opened(source) as file:
            return file.read(_BEGINNING)
    except OSError as refused:
        raise BadCapture(f"cannot read `{source}`: {why(refused)}") from refused


def _blocks(source: Path) -> Generator[str, None, None]:
    """Yield a text in blocks of whole lines, none of which ends within a key, a list or an open pair of braces."""
    held = ""
    for piece in chain(_pieces(source, _encoding(source)), [None]):
        held += piece or ""
        ensure_no_capture(source, held, is_binary=not is_text(held))
        end = len(held) if piece is None else _end_of_lines(held)
        if end == 0 and len(held) > _LONGEST_LINE:
            size = f"{_LONGEST_LINE // 1024 // 1024} MiB"
            raise BadCapture(f"`{source}` is no capture (HAR), and as a text it has a line of more than {size}")
        if end and held:
            yield held[:end]
            held = held[end:]


def _end_of_lines(held: str) -> int:
    """Return where a block can end, after a line that is complete; 0 if nowhere yet."""
    if len(held) < _BLOCK:
        return 0
    end = len(held)
    for _ in range(_MOST_LINES):
        end = held.rfind("\n", 0, end)
        if end < 0:
            return 0
        is_open = held[max(0, end - _MARGIN) : end].rstrip().endswith(_OPEN)
        if not is_open and held.rfind("-----BEGIN", 0, end) <= held.rfind("-----END", 0, end):
            return end + 1
    return 0


def _encoding(source: Path) -> str:
    """Return how a text is encoded: UTF-16 with its mark, UTF-8, else Latin-1."""
    with opened(source) as file:
        if file.read(2) in {b"\xff\xfe", b"\xfe\xff"}:
            return "utf-16"
    try:
        for _ in _pieces(source, "utf-8-sig"):
            pass
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _pieces(source: Path, encoding: str) -> Iterator[str]:
    with opened(source) as file:
        decoder = codecs.getincrementaldecoder(encoding)("replace" if encoding == "utf-16" else "strict")
        while data := file.read(_BLOCK):
            yield decoder.decode(data)
        yield decoder.decode(b"", final=True)
