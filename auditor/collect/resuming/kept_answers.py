"""The answers of earlier runs of a scan, and the memory that keeps those of this one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from auditor.azure.errors import ReadFailed
from auditor.collect.resuming.answer_file import AnswerFile
from auditor.inventory.instants import instant, spell
from auditor.inventory.snapshot.secrets import may_hold_secret, without_secrets

VERSION = 1
_KIND = "migaudit/resume"
_encode = msgspec.json.Encoder().encode

ScanIdentity = dict[str, Any]
"""What a file is of, as JSON: who reads what, where, with which options; the names are shown in errors."""


class OtherScan(Exception):
    """The file is of another scan; `differs` are the names of what is different, with what the file has."""

    def __init__(self, differs: dict[str, Any]) -> None:
        super().__init__(", ".join(differs))
        self.differs = differs


class OtherFormat(Exception):
    """The file has another version of the format, or is of another program."""


@dataclass(slots=True)
class _Place:
    """Where the answers to one read are in the file, offset and length of each, and when the first of them came."""

    came: float
    answers: list[tuple[int, int]] = field(default_factory=list)


class KeptAnswers:
    """The memory of a scan in a file; `Memory` of the connection.

    Answers older than `max_age` are not recalled, nor those with a time in the future, whose age is not known since a
    clock was set meanwhile. A read whose file cannot be written any more is not kept, and the
    scan goes on: `failure` holds the error.
    """

    def __init__(self, file: AnswerFile, max_age: timedelta, clock: Callable[[], float]) -> None:
        self._file = file
        self._clock = clock
        self._newest = clock()
        self._oldest = self._newest - max_age.total_seconds()
        self._held: dict[bytes, _Place] = {}
        self._runs = 0
        self.failure: OSError | None = None
        self.recalled = 0

    @property
    def is_new(self) -> bool:
        """Whether the file was made by this run."""
        return self._file.first is None

    def check(self, identity: ScanIdentity) -> None:
        """Raise `OtherFormat` or `OtherScan` where the file is of something else, as far as `identity` says."""
        first = self._file.first
        if first is None:
            return
        if not isinstance(first, dict) or first.get(_KIND) != VERSION or not isinstance(first.get("scan"), dict):
            raise OtherFormat
        held = first["scan"]
        differs = {name: held.get(name) for name, value in identity.items() if held.get(name) != value}
        if differs:
            raise OtherScan(differs)

    def open(self, identity: ScanIdentity) -> datetime:
        """Begin or go on with the scan of this identity; return when it began. Raises as `check` does."""
        self.check(identity)
        now = datetime.fromtimestamp(self._clock(), UTC).replace(microsecond=0)
        if self._file.first is None:
            self._file.start({_KIND: VERSION, "begun": spell(now), "scan": identity})
            return now
        oldest = self._index()
        begun = instant(self._file.first.get("begun"))
        if begun is not None and self._oldest <= begun.timestamp() <= self._newest:
            return begun
        return now if oldest is None else datetime.fromtimestamp(oldest, UTC).replace(microsecond=0)

    def _index(self) -> float | None:
        """Find the whole reads in the file that are young enough; return when the oldest of their answers came."""
        self._held.clear()
        parts: dict[tuple[str, int], _Place] = {}
        for offset, length, head in self._file.records():
            if not _is_head(head):
                continue
            key, run, number, at, ends = head["key"], head["read"], head["part"], head["at"], head["end"]
            self._runs = max(self._runs, run + 1)
            place = parts.setdefault((key, run), _Place(at))
            if number == len(place.answers) and self._oldest <= at <= self._newest:
                place.answers.append((offset, length))
                if ends:
                    self._held[bytes.fromhex(key)] = parts.pop((key, run))
        return min((place.came for place in self._held.values()), default=None)

    def recall(self, key: bytes) -> Iterator[Any] | None:
        """Return the answers to a read, decoded, in order; None where they are not held whole."""
        place = self._held.get(key)
        if place is None:
            return None
        self.recalled += 1
        return self._answers(place)

    def close(self) -> None:
        """Close the file, which another run can go on with."""
        self._file.close()

    def remove(self) -> None:
        """Remove the file."""
        self._file.remove()

    def _answers(self, place: _Place) -> Iterator[Any]:
        for offset, length in place.answers:
            text = self._file.second_line(offset, length)
            if text is None:
                raise ReadFailed(0, "DamagedAnswer", f"what `{self._file.path}` holds of it is damaged", "")
            yield msgspec.json.decode(text)

    def begin(self, key: bytes) -> "_KeptRead":
        """Return where to keep the answers to a read."""
        self._runs += 1
        return _KeptRead(self, key, self._runs)

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return round(self._clock(), 3)

    def write(self, key: bytes, run: int, part: int, answer: bytes, at: float, *, ends: bool) -> None:
        """Append one answer, which came at the time `at`."""
        if self.failure is not None:
            return
        head = {"key": key.hex(), "read": run, "part": part, "at": at, "end": ends}
        try:
            self._file.append(head, msgspec.Raw(answer))
        except OSError as failure:  # such as a full disk: the scan is worth more than its file
            self.failure = failure


class _KeptRead:
    """One read that is being kept. The last answer is written with its end, since until then it is not the last."""

    def __init__(self, answers: KeptAnswers, key: bytes, run: int) -> None:
        self._kept = answers
        self._key = key
        self._run = run
        self._part = 0
        self._last: bytes | None = None
        self._came = 0.0

    def add(self, answer: Any) -> None:
        """Keep the next answer, without secrets."""
        if self._last is not None:
            self._write(ends=False)
        self._came = self._kept.now()
        text = _encode(answer)
        self._last = _encode(without_secrets(answer)) if may_hold_secret(text) else text

    def end(self) -> None:
        """Note that the last answer has come."""
        if self._last is not None:
            self._write(ends=True)

    def _write(self, *, ends: bool) -> None:
        if self._last is not None:
            self._kept.write(self._key, self._run, self._part, self._last, self._came, ends=ends)
            self._part, self._last = self._part + 1, None


_HEAD: dict[str, Any] = {"key": str, "read": int, "part": int, "at": (int, float), "end": bool}


_KEY = re.compile(r"(?:[0-9a-f]{2})+")


def _is_head(head: object) -> bool:
    if not isinstance(head, dict) or not all(isinstance(head.get(name), kind) for name, kind in _HEAD.items()):
        return False
    return _KEY.fullmatch(head["key"]) is not None
