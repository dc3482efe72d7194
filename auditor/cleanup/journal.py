"""The journal of a plan: requests about to be sent and their outcomes, one line each, on disk before work continues.

The line written before a request says that it may have happened, so that a run after a power cut knows what to check.
An incomplete last line counts as not written; anything else that cannot be read stops the command.
"""

import os
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import msgspec

from auditor.files import sync_folder, why
from auditor.own_file import NotOurs, identity, open_own

SCHEMA = "migaudit/cleanup-journal/1"
_BEGINS = b'{"journal":"migaudit/cleanup-journal/'
_LONGEST_NOTE = 2_000


class BadJournal(Exception):
    """A journal that cannot be trusted, or that belongs to another plan."""


class Unwritten(Exception):
    """An entry that could not be written, with the reason; earlier entries stay valid."""

    def __init__(self, path: Path, reason: OSError | NotOurs) -> None:
        text = str(reason) if isinstance(reason, NotOurs) else why(reason)
        super().__init__(f"the journal `{path}` cannot be written ({text})")


class JournalEvent(Enum):
    """The events of an item."""

    DELETING = "deleting"
    """The request to delete it is about to be sent."""
    ACCEPTED = "accepted"
    """Azure accepted the deletion."""
    DELETED = "deleted"
    """It is among the deleted workspaces."""
    GONE = "gone"
    """It was already gone, not through this plan."""
    REFUSED = "refused"
    """It was not touched."""
    FAILED = "failed"
    """Azure refused the request: nothing happened."""
    UNSETTLED = "unsettled"
    """The outcome of the request is not known."""
    RECOVERING = "recovering"
    """The request to recover it is about to be sent."""
    RECOVERED = "recovered"
    """The workspace is back; solutions and linked services may not be."""
    RESTORED = "restored"
    """It is back with everything that can be restored."""
    LOST = "lost"
    """It cannot be restored."""


RESTORING = frozenset({JournalEvent.RECOVERING, JournalEvent.RECOVERED, JournalEvent.RESTORED, JournalEvent.LOST})
"""The events that show a restoration."""
_DONE = frozenset({JournalEvent.DELETED, JournalEvent.GONE})
_UNDER_WAY = frozenset({JournalEvent.DELETING, JournalEvent.ACCEPTED, JournalEvent.UNSETTLED})


class JournalEntry(msgspec.Struct, frozen=True):
    """One line of the journal."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    event: JournalEvent
    item: str
    note: str = ""


class _Head(msgspec.Struct, frozen=True):
    journal: str
    plan: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]


class Journal:
    """The entries of one plan in order of time; `add` returns once the line is on disk."""

    def __init__(self, path: Path, plan: str) -> None:
        """Read the journal at `path` if there is one; `plan` is the plan's checksum.

        Raises `BadJournal`, and `NotOurs` for anything other than an ordinary file of this user.
        """
        self.path = path
        self._plan = plan
        self._size = 0
        self._file: tuple[int, int] | None = None
        self.entries: list[JournalEntry] = []
        self._open()
        self._found = len(self.entries)

    @property
    def has_grown(self) -> bool:
        """Whether this run wrote an entry, so that something may have been done in Azure."""
        return len(self.entries) > self._found

    def last(self, item: str) -> JournalEntry | None:
        """Return the last entry of an item other than a refusal, or None."""
        entries = (entry for entry in reversed(self.entries) if entry.item == item.lower())
        return next((entry for entry in entries if entry.event is not JournalEvent.REFUSED), None)

    def is_done(self, item: str) -> bool:
        """Return whether the journal says that the item is gone."""
        last = self.last(item)
        return last is not None and last.event in _DONE

    def attempted(self, item: str) -> bool:
        """Return whether a request to delete the item may have been sent and its outcome is not known."""
        last = self.last(item)
        return last is not None and last.event in _UNDER_WAY

    def asked(self, item: str) -> bool:
        """Return whether a request to delete the item was sent, or may have been, since its last restoration."""
        return bool(self._since_it_was_asked(item))

    def accepted_at(self, item: str) -> datetime | None:
        """Return when Azure accepted the last requested deletion, or None if that is known to have ended."""
        entries = self._since_it_was_asked(item)
        ended = any(entry.event in _DONE or entry.event is JournalEvent.FAILED for entry in entries)
        return None if ended else next((entry.at for entry in entries if entry.event is JournalEvent.ACCEPTED), None)

    def _since_it_was_asked(self, item: str) -> list[JournalEntry]:
        """Return the entries of an item since the last request to delete it; empty if it was restored afterwards."""
        entries = [entry for entry in self.entries if entry.item == item.lower()]
        requests = (at for at, entry in enumerate(entries) if entry.event is JournalEvent.DELETING)
        since = entries[max(requests, default=len(entries)) :]
        return [] if any(entry.event in RESTORING for entry in since) else since

    def add(self, event: JournalEvent, item: str, note: str = "") -> None:
        """Write an entry and wait until it is on disk; raises `Unwritten`."""
        entry = JournalEntry(_now(), event, item.lower(), _writable(note))
        lines = [] if self._size else [_line(_Head(SCHEMA, self._plan, entry.at))]
        try:
            self._append(b"".join([*lines, _line(entry)]))
        except (OSError, NotOurs) as failure:
            raise Unwritten(self.path, failure) from failure
        self.entries.append(entry)

    def _append(self, content: bytes) -> None:
        fresh = not self.path.exists()
        descriptor = open_own(self.path, os.O_WRONLY, create=True)
        try:
            self._check(descriptor)
            os.ftruncate(descriptor, self._size)
            os.lseek(descriptor, 0, os.SEEK_END)
            left = content
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # Only complete lines count: half a line on a full disk is cut off before the next one.
        self._size += len(content)
        if fresh:
            sync_folder(self.path.parent)

    def _check(self, descriptor: int) -> None:
        """Raise `NotOurs` unless the open file is the journal as this run left it."""
        held = os.fstat(descriptor).st_size
        if self._file is None:
            if held:
                raise NotOurs(self.path, "a file that was not there when this run began")
            self._file = identity(descriptor)
        elif identity(descriptor) != self._file or held < self._size:
            raise NotOurs(self.path, "not the same file as when this run began")

    def _open(self) -> None:
        try:
            descriptor = open_own(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as stream:
            self._file = identity(descriptor)
            self._read(stream.read())

    def _read(self, content: bytes) -> None:
        whole, _, _ = content.rpartition(b"\n")
        if not whole:
            begun = content.replace(b" ", b"")[: len(_BEGINS)]
            if not _BEGINS.startswith(begun):
                raise NotOurs(self.path, "a file that is not a journal")
            return
        self._size = len(whole) + 1
        head, *lines = whole.split(b"\n")
        try:
            started = msgspec.json.decode(head, type=_Head)
            self.entries = [msgspec.json.decode(line, type=JournalEntry) for line in lines]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as damaged:
            raise BadJournal(f"the journal `{self.path}` is damaged ({damaged}); nothing was done") from damaged
        if started.journal != SCHEMA:
            raise BadJournal(f"the journal `{self.path}` has another version (`{started.journal}`)")
        if started.plan != self._plan:
            raise BadJournal(
                f"the journal `{self.path}` belongs to another plan; keep both together, or move the journal away"
            )


def _line(record: msgspec.Struct) -> bytes:
    return msgspec.json.encode(record) + b"\n"


def _writable(note: str) -> str:
    """Return a note in valid UTF-8 and of limited length, since it quotes answers of others."""
    return note[:_LONGEST_NOTE].encode("utf-8", "backslashreplace").decode("utf-8")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
