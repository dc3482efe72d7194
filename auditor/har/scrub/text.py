"""The scrubbing of any text and any JSON value: by names, by forms, and by what was found to be secret elsewhere."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from auditor.har.scrub.encodings import (
    base64_decoded,
    entities_decoded,
    escapes_decoded,
    hex_decoded,
    percent_decoded,
    unquoted,
)
from auditor.har.scrub.json_values import JsonFields
from auditor.har.scrub.names import by_name
from auditor.har.scrub.removals import Kind, Removals, has_nothing
from auditor.har.scrub.search.forms import without_forms, without_opaque
from auditor.har.scrub.search.markup import without_markup, without_parts
from auditor.har.scrub.search.pairs import ends_with_name, without_pairs
from auditor.har.scrub.search.prefilter import is_innocent, is_innocent_document
from auditor.har.scrub.search.spoken import without_spoken

_SHORTEST = 6
"""A shorter text holds no secret that could be known without its name."""
_DEEPEST = 10
"""Encodings inside each other that are looked into; what is nested deeper is removed."""
_TIMES = 5
"""How often a text is looked through again after something was removed in it."""
_DOCUMENT = re.compile(r"\{(?=\s*[\"}])|\[(?=\s*[\"{\[])")
_INDENTED = re.compile(r"\s*[{\[]\s*\n")
_FAILURES = 60
"""Maximum number of braces at which no JSON begins; each of them can cost a look at all that follows."""
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}|\\[\"u\\]|^\s*[{\[]|[A-Za-z0-9+/_-]{16,}")
_HARMLESS = re.compile(r"[A-Za-z0-9 ._,-]{0,15}")
_ADDRESS = re.compile(r"(?:blob:)?(?:(?:https?|wss?):/)?/[^\s\"<>{}\\|]*[?#][^\s\"<>{}\\|]*")
"""An address with parameters, also without its host."""
_ADDRESS_INSIDE = re.compile(r"(?:https?|wss?)://[^\s\"'<>{}\\|`]*[?#][^\s\"'<>{}\\|`\[]+")
"""An address with parameters in a text; it ends before a marker that is not encoded."""
_BEGINS_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?/", re.IGNORECASE)
_SHORT = 200
_COMPACT = (",", ":")
_MOST_KEPT = 6_000
_MOST_HASHES = 20_000


def text_without_secrets(text: str) -> str:
    """Return a text without secrets, for people to read: a message of a service, a command, a URL, JSON, HTML.

    Tokens, keys, signatures, connection strings, passwords, cookies and codes of a sign-in are replaced by markers such
    as `[removed: token]`, by their names and by their forms, also in base64, in percent-encoding and in JSON inside
    JSON; a value that was found once is removed wherever else it stands in the text. JSON stays JSON. Names of persons,
    mail addresses, GUIDs, ids of resources, error codes and times stay. Nothing is remembered from one call to the
    next, and no text makes it raise.
    """
    scrubber = Scrubber(Removals(keeps_people=True))
    scrubber.text(text)
    scrubber.begin_again()
    return scrubber.text(text)


class Scrubber:
    """Texts and values without secrets; what is removed is counted and remembered in `removals`."""

    def __init__(self, removals: Removals) -> None:
        self.removals = removals
        self._fields = JsonFields(self)
        self._decoded = 0
        """How many parts of texts were decoded so far."""
        self.clean: set[str] = set()
        self._decoded_clean: set[str] = set()
        """Short texts that hold no secret, without and with parts that had to be decoded to see that."""
        self._long: set[int] = set()
        """The hashes of long texts that hold no secret, in which nothing was decoded."""

    def begin_again(self) -> None:
        """Begin the second pass, in which what was found in the first one is removed everywhere."""
        self.removals.begin_again()
        self.clean.clear()
        self._decoded_clean.clear()

    def text(self, text: str, depth: int = 0) -> str:
        """Return a text without secrets. What is JSON stays JSON, what is base64 of a text stays base64."""
        if text in self.clean:
            return text
        if text in self._decoded_clean:
            self._decoded += 1
            return text
        if len(text) < _SHORTEST:
            return text
        if len(text) > _SHORT and hash(text) in self._long and not self.removals.secrets.are_in(text):
            return text
        before = self._decoded
        is_clean = is_innocent_document if len(text) > _SHORT and text[0] in "{[" else is_innocent
        scrubbed = self._without_known(text) if is_clean(text) else self._until_nothing_changes(text, depth)
        if scrubbed == text:
            self._note_clean(text, was_decoded=self._decoded > before)
        return scrubbed

    def is_clean_document(self, value: Any) -> bool:
        """Whether a JSON value holds no secret, and nothing that is encoded; False if that takes a closer look."""
        try:
            text = json.dumps(value, ensure_ascii=False, separators=_COMPACT)
        except (ValueError, RecursionError):
            return False
        is_known = hash(text) in self._long
        if not (is_known or is_innocent_document(text)) or self.removals.secrets.are_in(text):
            return False
        if not is_known:
            self._note_clean(text, was_decoded=False)
        return True

    def _note_clean(self, text: str, *, was_decoded: bool) -> None:
        """Remember that a text holds no secret."""
        if len(text) <= _SHORT:
            kept = self._decoded_clean if was_decoded else self.clean
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept.add(text)
        elif not was_decoded and len(self._long) < _MOST_HASHES:
            self._long.add(hash(text))

    def value(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """Return a JSON value without secrets; `name` is the key under which it stands."""
        return self._fields.value(value, name, depth)

    def url(self, url: str) -> str:
        """Return an address, whatever characters are in it, without the values of secret parameters."""
        return self._address(url, 0) if _BEGINS_ADDRESS.match(url) else self.text(url)

    def form(self, body: str) -> str:
        """Return a form post without secrets."""
        return self._parameters(body)

    def parameter(self, name: str, value: str) -> str:
        """Return the value of a parameter of a query or a form, or of anything else that has a name."""
        about = by_name(name)
        if about is not None and not has_nothing(value) and about.is_of(value, is_parameter=True):
            return self.removals.remove(about.kind, value)
        return str(self._fields.value(value, name, 0))

    def _address(self, address: str, depth: int) -> str:
        """Return an address without the values of secret parameters in its query and its fragment."""
        path, *rest = re.split(r"([?#])", address)
        return self._plain(path, depth) + "".join(
            piece if piece in {"?", "#"} else self._parameters(piece) for piece in rest
        )

    def _address_inside(self, address: str, depth: int) -> str:
        """Return an address in a text, without the punctuation that follows it."""
        bare = address.rstrip(".,;:!)]}")
        return self._address(bare, depth) + address[len(bare) :]

    def _parameters(self, query: str) -> str:
        pieces = query.split("&")
        if len(pieces) == 1 and "=" not in query:
            return self.text(query)
        self._decoded += "%" in query or "+" in query
        return "&".join(map(self._parameter, pieces))

    def _parameter(self, piece: str) -> str:
        written_name, equals, written = piece.partition("=")
        if not equals:
            return self.text(piece)
        name = unquoted(written_name)
        for value in dict.fromkeys((unquoted(written.replace("+", " ")), unquoted(written))):
            scrubbed = self.parameter(name, value)
            if scrubbed != value:
                return f"{self.text(written_name)}={quote(scrubbed, safe='/:@', errors='replace')}"
        return f"{self.text(written_name)}={written}"

    def _until_nothing_changes(self, text: str, depth: int) -> str:
        if depth <= _DEEPEST and (document := self._document(text, depth)) is not None:
            return document  # each text in it was looked through again by itself
        for _ in range(_TIMES):
            scrubbed = self._once(text, depth)
            if scrubbed == text:
                return text
            text = scrubbed
        return text

    def _once(self, text: str, depth: int) -> str:
        if depth > _DEEPEST:
            return self.removals.remove(Kind.UNREADABLE) if _ENCODED.search(text) else text
        return self._address(text, depth) if _ADDRESS.fullmatch(text) else self._plain(text, depth)

    def _plain(self, text: str, depth: int) -> str:
        def scrub(inside: str) -> str:
            self._decoded += 1
            return self.text(inside, depth + 1)

        remove = self.removals.remove
        if not _HARMLESS.fullmatch(text):
            text = self._documents_inside(text, depth)
            text = without_forms(text, remove)
            if "://" in text:
                text = _ADDRESS_INSIDE.sub(lambda found: self._address_inside(found[0], depth), text)
            text = percent_decoded(entities_decoded(text, scrub), scrub)
            text = base64_decoded(hex_decoded(text, scrub), scrub)
            if "<" in text:
                text = without_markup(text, remove)
            if "isposition" in text:
                text = without_parts(text, remove)
            text = without_pairs(text, remove)
            text = without_spoken(text, remove)
        text = self._without_known(text)
        text = escapes_decoded(text, scrub)
        if not self.removals.keeps_people:
            text = self.removals.addresses.replaced(text)
        return without_opaque(text, remove)

    def _document(self, text: str, depth: int) -> str | None:
        """Return a text that is JSON as a whole without secrets; None if it is no JSON."""
        bare = text.strip("\ufeff \t\r\n")
        if bare[:1] not in {"{", "[", '"'} or bare[-1:] not in {"}", "]", '"'}:
            return None
        try:
            doubles = _Doubles()
            document = json.loads(bare, object_pairs_hook=doubles.of, parse_float=_float, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return None
        self._decoded += "\\" in text
        return self._written(text, document, depth, has_doubles=doubles.found)

    def _written(self, text: str, document: Any, depth: int, *, has_doubles: bool) -> str:
        """Return the text of a document: as it was, if there is no secret in it."""
        try:
            scrubbed = self.value(document, "", depth + 1)
            if not has_doubles and scrubbed == document:
                return text
            indent, separators = (2, (",", ": ")) if _INDENTED.match(text) else (None, _COMPACT)
            written = json.dumps(scrubbed, ensure_ascii=False, indent=indent, separators=separators)
            if written.isascii() or not _HALF.search(written):
                return written
            return json.dumps(scrubbed, indent=indent, separators=separators)
        except RecursionError:
            return self.removals.remove(Kind.UNREADABLE)

    def _documents_inside(self, text: str, depth: int) -> str:
        """Return a text with the JSON scrubbed that stands between other things."""
        return "".join(self._with_documents(text, depth)) if _DOCUMENT.search(text) else text

    def _with_documents(self, text: str, depth: int) -> Iterator[str]:
        doubles = _Doubles()
        decoder = json.JSONDecoder(object_pairs_hook=doubles.of, parse_float=_float, parse_constant=_refuse)
        failures, kept, position = 0, 0, 0
        while failures < _FAILURES and (beginning := _DOCUMENT.search(text, position)):
            start = beginning.start()
            try:
                document, position = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                failures, position = failures + 1, beginning.end()
                continue
            yield text[kept:start]
            about = ends_with_name(text[kept:start])
            if about is not None and not about.unsure and document:
                yield self.removals.remove(about.kind)
            else:
                self._decoded += "\\" in text[start:position]
                yield self._written(text[start:position], document, depth, has_doubles=doubles.found)
            kept = position
        yield text[kept:]

    def _without_known(self, text: str) -> str:
        if not self.removals.secrets.are_in(text):
            return text
        parts, position = [], 0
        for start, stop, kind in self.removals.secrets.spans(text):
            parts += [text[position:start], self.removals.remove(kind)]
            position = stop
        return "".join((*parts, text[position:])) if parts else text


_HALF = re.compile("[\ud800-\udfff]")
"""Half of a pair of UTF-16, which JSON can only hold escaped."""


class _Doubles:
    """Whether an object of JSON holds a name twice, so that a later value hides another one."""

    def __init__(self) -> None:
        self.found = False

    def of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return an object of its fields."""
        held = dict(pairs)
        self.found = self.found or len(held) != len(pairs)
        return held


def _float(text: str) -> float | str:
    """Return a number; as a text, if Python has no number for it."""
    number = float(text)
    return number if math.isfinite(number) else text


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
