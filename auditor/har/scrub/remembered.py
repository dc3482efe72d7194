"""Secrets that were found once, by their name or place, and are looked for in every other place."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from auditor.har.scrub.words import words

K = TypeVar("K")

_SHORTEST = 6
"""A shorter value would be found by chance."""
_STEPS = ((20, 8, 12), (12, 6, 7), (_SHORTEST, 4, 3))
"""Length of a form, characters by which it is looked up, and how far apart a text is looked at.

Of a form, those characters are known at as many places as a step is wide, so that a look at every step finds it.
"""
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ID = re.compile(r"https?://|/(?:subscriptions|providers|tenants)/|Microsoft\.", re.IGNORECASE)
_SCOPE = re.compile(r"/subscriptions/\Z", re.IGNORECASE)
"""What stands before an id that is one of Azure, even if something called a key has the same value."""
_LONGEST_SCOPE = 20
_WORD = re.compile(r"[A-Za-z]+")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_MARKER = re.compile(r"\[removed: [a-z ]{1,30}\]")
_COMMON = words(
    """administrator application authorization azure basic bearer certificate changed client contoso default disabled
    enabled expired failed false hidden invalid microsoft missing object optional password pending portal private
    public registered required resource secret secure securestring string subscription succeeded tenant undefined
    unknown removed token cookie signature key network address header field opaque binary body script unreadable text
    personal name"""
)
"""Words that are no secret wherever they stand."""


class _Form(NamedTuple, Generic[K]):
    """A way in which a secret can be written; `is_base64` if it is the inside of a longer base64 text."""

    text: str
    kind: K
    is_base64: bool
    is_word: bool


class Remembered(Generic[K]):
    """Secrets with their kinds; `prepare` makes what was learned searchable."""

    def __init__(self) -> None:
        self._kinds: dict[str, K] = {}
        self._grams: list[tuple[int, int, dict[str, list[tuple[int, _Form[K]]]]]] = []

    def learn(self, kind: K, value: str, *, is_certain: bool) -> None:
        """Remember a value, unless it would be found by chance or is an id or a word that is needed elsewhere."""
        for one in {value.strip(" \t\r\n\"'"), unquote(value).strip(" \t\r\n\"'")}:
            if _is_distinctive(one, is_certain):
                self._kinds.setdefault(one, kind)

    def prepare(self) -> None:
        """Make everything that was learned so far searchable."""
        by_steps: dict[tuple[int, int], dict[str, list[tuple[int, _Form[K]]]]] = {}
        for secret, kind in self._kinds.items():
            for form in _forms(secret, kind):
                length, step = next(
                    (length, step) for least, length, step in _STEPS if len(form.text) >= least or least == _SHORTEST
                )
                grams = by_steps.setdefault((length, step), defaultdict(list))
                for place in range(step):
                    grams[form.text[place : place + length]].append((place, form))
        self._grams = [(length, step, dict(grams)) for (length, step), grams in by_steps.items()]

    def are_in(self, text: str) -> bool:
        """Whether any secret stands in a text."""
        return bool(self._grams) and next(self._found(text), None) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int, K]]:
        """Yield where secrets stand in a text, in order and without overlap."""
        found = list(self._found(text))
        end = 0
        marked = [one.span() for one in _MARKER.finditer(text)] if found and "[removed: " in text else []
        for position, form in sorted(found, key=lambda one: (one[0], -len(one[1].text))):
            start, stop = _extent(text, position, form)
            if any(start < closing and opening < stop for opening, closing in marked):
                continue
            if _GUID.fullmatch(text, start, stop) and _SCOPE.search(text, max(0, start - _LONGEST_SCOPE), start):
                continue
            if stop <= end or (form.is_word and not _stands_alone(text, start, stop)):
                continue
            yield max(start, end), stop, form.kind
            end = stop

    def _found(self, text: str) -> Iterator[tuple[int, _Form[K]]]:
        """Yield each form of a secret with its place in a text."""
        for length, step, grams in self._grams:
            for at in [at for at in range(0, len(text) - length + 1, step) if text[at : at + length] in grams]:
                for place, form in grams[text[at : at + length]]:
                    if place <= at and text.startswith(form.text, at - place):
                        yield at - place, form


def _is_distinctive(value: str, is_certain: bool) -> bool:
    """Whether finding a value elsewhere means that it is the same secret."""
    parts = re.findall(r"[A-Za-z]+|\d", value)
    if len(value) < _SHORTEST or (parts and all(part.lower() in _COMMON for part in parts)):
        return False
    if _GUID.fullmatch(value) and not value.strip("0-"):  # the one that stands for none
        return False
    if is_certain:
        return True
    if _GUID.fullmatch(value) or _ID.match(value):
        return False
    if " " in value and _WORD.fullmatch(value.replace(" ", "")):
        return True  # the name of a person
    has_digit = any(map(str.isdigit, value))
    return len(value) >= 8 and ((has_digit and not value.isdigit()) or (len(value) >= 12 and not _is_code(value)))


def _is_code(value: str) -> bool:
    """Whether a value is written like a code of Azure (`AuthorizationFailed`) or a few plain words."""
    return bool(re.fullmatch(r"(?:[A-Z][a-z]+){2,}|[a-z]+(?:[ _.-][a-z]+)*", value))


def _forms(secret: str, kind: K) -> Iterator[_Form[K]]:
    """Yield how a secret is written: plain, escaped, percent-encoded, in hex, and inside base64 at any offset."""
    is_word = len(secret) < 10 and bool(_WORD.fullmatch(secret))
    encoded = secret.encode("utf-8", "surrogatepass")
    percent = quote(encoded, safe="")
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    written = {secret, percent, re.sub("%..", lambda found: found[0].lower(), percent), *escaped}
    for one in written:
        yield _Form(one, kind, is_base64=False, is_word=is_word)
    yield _Form(encoded.hex(), kind, is_base64=True, is_word=False)
    for offset in range(3):
        inside = base64.b64encode(b"\0" * offset + encoded).decode()
        first = (0, 2, 3)[offset]  # characters that also depend on what stands before
        last = len(inside) - {0: 0, 1: 2, 2: 3}[-(offset + len(encoded)) % 3]
        core = inside[first:last]
        if len(core) >= _SHORTEST:
            for alphabet in {core, core.translate(_URL_SAFE)}:
                yield _Form(alphabet, kind, is_base64=True, is_word=False)


_URL_SAFE = str.maketrans("+/", "-_")


def _extent(text: str, start: int, form: _Form[K]) -> tuple[int, int]:
    """Return the place of a form: of base64, the whole run that it stands in."""
    stop = start + len(form.text)
    if form.is_base64:
        while start and text[start - 1] in _BASE64:
            start -= 1
        while stop < len(text) and text[stop] in _BASE64:
            stop += 1
    return start, stop


def _stands_alone(text: str, start: int, stop: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[stop : stop + 1].isalnum())
