"""A text as people have it, made readable: HTML without its tags, and every JSON document that stands in it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

LARGEST = 64 * 1024 * 1024
"""Maximum size of a text in bytes."""
_DEEPEST = 100
"""Maximum nesting of a document that is looked at, also across JSON inside strings."""
_FAILURES = 200
"""Maximum number of braces at which no JSON begins; each of them can cost a look at all that follows."""

_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!doctype|<!--", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|font|i|kbd|mark|samp|small|span|strong|u)(?:\s[^<>]*)?>", re.IGNORECASE)
_BLOCK = re.compile(r"<[/!?]?[a-z][^<>]*>", re.IGNORECASE)
_HIDDEN = (
    (re.compile(r"<!--"), "-->"),
    (re.compile(r"<script\b", re.IGNORECASE), "</script>"),
    (re.compile(r"<style\b", re.IGNORECASE), "</style>"),
)
_BEGINNING = re.compile(r"\{(?=\s*[\"}])|\[(?=\s*\{)")
_ESCAPED = re.compile(r'\\(["\\/])|\\[rnt]')
_LINE_ENDS = re.compile(r"\\{1,8}[rnt]")
_QUOTED = re.compile(r'\{\s*\\+"')
_MOST_COMPARED = 20
"""Number of documents that are not taken twice; a document that is taken twice costs time alone."""
_QUOTED_TIMES = 6
"""How often a document is taken out of quotes; each time doubles its backslashes."""
_TYPOGRAPHY = str.maketrans(
    {
        "\r": "\n",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2212": "-",
        "\u00ad": None,
        "\u200b": None,
        "\u200e": None,
        "\u200f": None,
        "\u2060": None,
        "\ufeff": None,
        "\0": None,
        **{chr(0xFF01 + number): chr(0x21 + number) for number in range(94)},
    }
)
"""What clipboards, word processors and keyboards for Chinese and Japanese put in place of plain characters."""
_COLOURS = re.compile(r"\x1b\[[0-9;:?]{0,40}[A-Za-z]")
"""What a terminal shows as colours; PowerShell writes them into files too."""
_FAMILY = re.compile(r"\b(AADSTS|AKV)[-: ]{1,2}(?=\d{4,7}\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PastedText:
    """A text to explain.

    `visible` is what its author saw or a program printed, `text` the same with the strings of the documents appended.
    `documents` are the JSON values that stand in it, outermost first. A document inside a string of another one is a
    document too.
    """

    text: str
    documents: tuple[Any, ...]
    visible: str = ""


def decoded(data: bytes) -> str:
    """Return the characters of a file or of stdin: UTF-8, UTF-16 with its mark (as PowerShell writes), or Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def pasted(raw: str) -> PastedText:
    """Return the text and the documents of `raw`, in time that grows with its length."""
    raw = _COLOURS.sub("", raw.replace("\r\n", "\n"))
    text = raw.translate(_TYPOGRAPHY)
    if _MARKUP.search(text):
        text = _visible(text)
    documents = list(_documents(raw)) or list(_documents(text))  # quotes of a language stand within JSON, or instead
    quoted, times = text, 0
    while _QUOTED.search(quoted) and times < _QUOTED_TIMES:  # a document in quotes, in a log or in a string
        quoted, times = _ESCAPED.sub(lambda match: match[1] or "\n", quoted), times + 1
        documents += (document for document in _documents(quoted) if document not in documents[:_MOST_COMPARED])
    strings = [line for document in documents for line in _strings(document)]
    readable = "\n".join([text, *strings]).translate(_TYPOGRAPHY)
    return PastedText(_FAMILY.sub(r"\1", readable), tuple(documents), _LINE_ENDS.sub(" ", text))


def _documents(text: str, depth: int = 0) -> Iterator[Any]:
    """Yield every JSON object and list in `text`, and those in their strings."""
    decoder = json.JSONDecoder()
    failures, position = 0, 0
    while failures < _FAILURES and (beginning := _BEGINNING.search(text, position)):
        try:
            document, position = decoder.raw_decode(text, beginning.start())
        except (ValueError, RecursionError):
            failures, position = failures + 1, beginning.end()
            continue
        yield document
        if depth < _DEEPEST:
            for string in _strings(document):
                if _BEGINNING.search(string):
                    yield from _documents(string, depth + 1)


def _strings(document: Any) -> Iterator[str]:
    """Yield every string of a document and the names of its keys' scalars, such as `code: 60052`, in their order."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(reversed([(str(key), one) for key, one in value.items()]))
        elif isinstance(value, list):
            waiting.extend((name, one) for one in reversed(value))
        elif isinstance(value, str):
            yield f"{name}: {value}" if name and value.isalnum() else value
        elif isinstance(value, int) and not isinstance(value, bool):
            yield f"{name}: {value}"


def _visible(text: str) -> str:
    """Return what a page shows; in one pass, since the parser of the standard library needs n² for open comments."""
    for opening, closing in _HIDDEN:
        text = "\n".join(_outside(text, opening, closing))
    return unescape(_BLOCK.sub("\n", _INLINE.sub("", text)))


def _outside(text: str, opening: re.Pattern[str], closing: str) -> Iterator[str]:
    """Yield the parts of `text` that do not stand between `opening` and `closing`."""
    position = 0
    while begun := opening.search(text, position):
        yield text[position : begun.start()]
        ended = text.find(closing, begun.end())
        if ended < 0:
            return
        position = ended + len(closing)
    yield text[position:]
