"""Keyed pseudonyms for words and ids: equal words get equal pseudonyms, which only the key could relate to them."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from auditor.prepared import yaml_value

SHORTEST_KEY = 16
"""The minimum length of a key in bytes."""

_LETTERS = 10
"""Letters of a pseudonym, 5 bits each, so that a million words do not collide."""

_GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_PART = re.compile(
    rf"(?P<guid>(?<![0-9A-Za-z]){_GUID}(?![0-9A-Za-z]))"
    r"|(?P<hex>(?<![0-9A-Za-z])[0-9a-fA-F]{32}(?![0-9A-Za-z]))"
    r"|(?P<word>[^\x00-\x2f:-@\[-`{-\x7f]+)"
    r"|(?P<control>[\x00-\x1f\x7f]+)"
)
"""A word is a run of letters and digits, of any script, between ASCII punctuation, blanks and underscores."""


class WeakKey(ValueError):
    """A key is too short to protect the names."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of Azure that identify nobody and are kept."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    fields: frozenset[str]
    endings: tuple[str, ...]
    personal: frozenset[str]
    free_text: frozenset[str]
    ids: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary in `words.yaml`."""
    held = yaml_value(Path(__file__).with_name("words.yaml"), dict[str, Any])
    return Vocabulary(
        words=frozenset(held["words"].split()),
        prefixes=tuple(held["affixes"]["prefixes"]),
        suffixes=tuple(held["affixes"]["suffixes"]),
        fields=frozenset(held["fields"].split()),
        endings=tuple(held["endings"]),
        personal=frozenset(held["personal"]),
        free_text=frozenset(held["free_text"]),
        ids=frozenset(held["ids"]),
    )


class Pseudonyms:
    """The pseudonyms of one key.

    Names are replaced word by word, without case. So `user@domain` and the guest form `user_domain#EXT#`, a vault's
    name and its address, a project and a lock named after it can still be matched. The pseudonym of a GUID is a GUID.
    """

    def __init__(self, key: bytes, known: Iterable[str] = ()) -> None:
        """Keep the key, and `known` ids that are the same in every tenant; raises `WeakKey`."""
        if len(key) < SHORTEST_KEY:
            raise WeakKey(f"the key has {len(key)} bytes; it takes {SHORTEST_KEY} at least")
        self._key = key
        self._vocabulary = vocabulary()
        self._known = self._vocabulary.ids | {guid.lower() for guid in known}
        self._words: dict[str, str] = {}

    @property
    def replaced(self) -> frozenset[str]:
        """Every word, in lower case, that was replaced so far."""
        return frozenset(self._words)

    def text(self, text: str) -> str:
        """Return `text` with each word and id replaced; punctuation is kept, control characters are removed."""
        return _PART.sub(self._part, text)

    def _part(self, match: re.Match[str]) -> str:
        found = match[0]
        match match.lastgroup:
            case "guid":
                return self._guid(found)
            case "hex":
                return self._guid(found).replace("-", "")
            case "word":
                return self._word(found)
            case _:
                return ""

    def _guid(self, text: str) -> str:
        guid = str(UUID(text))
        return text if guid in self._known else str(UUID(bytes=self._digest("guid", guid)[:16], version=4))

    def _word(self, word: str) -> str:
        lowered, held = word.lower(), self._vocabulary
        if lowered in held.words:
            return word
        for prefix in held.prefixes:
            if lowered.startswith(prefix):
                return word[: len(prefix)] + self._pseudonym(lowered[len(prefix) :])
        for suffix in held.suffixes:
            if lowered.endswith(suffix) and lowered != suffix:
                return self._word(word[: -len(suffix)]) + word[-len(suffix) :]
        return self._pseudonym(lowered)

    def _pseudonym(self, word: str) -> str:
        if word not in self._words:
            digest = self._digest("word", word)
            self._words[word] = "x" + base64.b32encode(digest).decode().lower()[:_LETTERS]
        return self._words[word]

    def _digest(self, kind: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{kind}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
