"""The memory of a connection: answers that an earlier run of the same scan got, and those to keep for a later one.

What is kept are whole reads: a single answer, or a list with its last page. A read that failed is asked again, except
where Azure documents that it would be refused in the same way.

Some lists leave out, without an error, what the account may not read, and only other lists of the same subscription
show whether it may. So the lists of a subscription count together: they are recalled only if `RightsShown` was kept.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from auditor.azure.errors import ReadFailed

_LASTING = frozenset({400, 404, 405, 409, 410})
"""The statuses of documented refusals that say something about what was asked for, and not about the caller."""
_ENDED = object()
_LIST_OF = re.compile(
    r"(/subscriptions/[^/?]+)/(?:providers/[^?]*|resources|resourcegroups)\?"
    r"|(/providers/microsoft\.management/managementgroups/[^/?]+)/providers/"
)
"""The URL (lower case) of a list of a subscription or, of what the account may do there, of a management group."""


class Keeping(Protocol):
    """A read whose answers are being kept; without `end` they count for nothing."""

    def add(self, answer: Any) -> None:
        """Keep the next answer, decoded."""

    def end(self) -> None:
        """Note that the last answer has come, and was accepted."""


class Memory(Protocol):
    """A place where answers are kept."""

    def recall(self, key: bytes) -> Iterator[Any] | None:
        """Return the answers to a read, decoded, in order; None where it is not held whole."""

    def begin(self, key: bytes) -> Keeping:
        """Return where to keep the answers to a read."""


class _Forgetful:
    """The memory that holds nothing and keeps nothing."""

    def recall(self, _key: bytes) -> None:
        """Return None."""

    def begin(self, _key: bytes) -> "_Forgetful":
        """Return itself."""
        return self

    def add(self, _answer: Any) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


NO_MEMORY: Memory = _Forgetful()
"""The memory of a connection that was not given another one."""


class RememberedRead:
    """One read: its answers come from the memory, or else from Azure into the memory."""

    def __init__(self, memory: Memory, key: bytes, place: str = "") -> None:
        """Look for the read in `memory`; `place` is the id of the subscription or group whose list it is, if any."""
        is_valid = not place or memory.recall(_key_of_rights(place)) is not None
        self._held = memory.recall(key) if is_valid else None
        self._keeping = memory.begin(key) if self._held is None else NO_MEMORY.begin(key)

    @property
    def is_held(self) -> bool:
        """Whether its answers come from the memory."""
        return self._held is not None

    async def next(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Return the next answer, which `ask` gets from Azure where it is not held; raises `ReadFailed`."""
        if self._held is not None:
            answer = next(self._held, _ENDED)
            if answer is not _ENDED:
                return _answered(answer)
            self._held = None
        try:
            answer = await ask()
        except ReadFailed as failure:
            self.failed(failure)
            raise
        self.keep(answer)
        return answer

    def keep(self, answer: Any) -> None:
        """Keep the next answer, which came by another way than `next`."""
        self._keeping.add({"answer": answer})

    def rest(self) -> Iterator[Any]:
        """Yield the answers that are held."""
        for answer in self._held or ():
            yield _answered(answer)

    def failed(self, failure: ReadFailed) -> None:
        """Keep a refusal with which the read ended, if it would be the same again."""
        if failure.documented and failure.status in _LASTING:
            self._keeping.add(
                {
                    "refused": [failure.status, failure.code, failure.message, failure.url],
                    "enveloped": failure.enveloped,
                }
            )
            self._keeping.end()

    def end(self) -> None:
        """Note that all answers have come, and were accepted."""
        self._keeping.end()


class RightsShown:
    """That one run read what a subscription or group (`place`, an ARM id) contains with the right to do so.

    It is made before the first request and is as old as that, so that it does not outlive the answers.
    """

    def __init__(self, memory: Memory, place: str) -> None:
        key = _key_of_rights(place)
        self._keeping = memory.begin(key) if memory.recall(key) is None else NO_MEMORY.begin(key)
        self._keeping.add({"answer": "begun"})
        self._keeping.add({"answer": "ended"})

    def keep(self) -> None:
        """Keep it, now that the lists were read and showed the right."""
        self._keeping.end()


def place_of(url: str) -> str:
    """Return the id (lower case) of the subscription or group whose list has this URL; empty for any other URL."""
    found = _LIST_OF.search(url.lower())
    return "" if found is None else found[1] or found[2]


def _key_of_rights(place: str) -> bytes:
    return key_of("rights", place.lower())


def _answered(held: Any) -> Any:
    """Return an answer that was kept; raises the `ReadFailed` that was kept in place of one."""
    if "refused" in held:
        status, code, message, url = held["refused"]
        raise ReadFailed(status, code, message, url, documented=True, enveloped=held["enveloped"])
    return held["answer"]


def key_of(*parts: object, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the key of a read: the same for the same method, URL, body and headers."""
    return blake2b(msgspec.json.encode([*parts, sorted((headers or {}).items())]), digest_size=16).digest()
