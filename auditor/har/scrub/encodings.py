"""Texts inside a text: base64, percent-encoding, escapes of JSON and JavaScript, entities of HTML.

Each function finds the encoded parts of a text, gives the decoded ones to `scrub`, and encodes again those that it
changed; all others stay exactly as they were.
"""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

Scrub = Callable[[str], str]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c\x1d\x1f\x7f]")
"""Control characters that no text has; \\x1e separates the messages of SignalR, \\x1b begins a colour."""


def text_of(data: bytes) -> str | None:
    """Return the text that bytes are: UTF-8, or UTF-16 as Windows writes it; None for anything else."""
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    return None


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if len(data) % 2 == 0 and data[1:2] == b"\0" and data[1::2].count(0) * 4 >= len(data):
        return ("utf-16-le",)
    return ("utf-8-sig",)


def is_text(text: str) -> bool:
    """Whether characters are those of a text, rather than of something binary that was read as one."""
    return not _CONTROL.search(text) and text.count("\ufffd") * 200 <= len(text)


_BASE64_LINES = re.compile(r"(?:[A-Za-z0-9+/]{56,76}(?:\r?\n|\\r\\n|\\n)[ \t]*)+[A-Za-z0-9+/]+={0,2}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_INSIDE = re.compile(r"eyJ|W3si|PD94|PHNhb|ey[AI]|[-_/]")
"""Where base64 may begin inside a run: a document, or after a character that may also be a separator."""
_MOST_BEGINNINGS = 24
_NO_BASE64 = re.compile(r"[A-Z]?[a-z]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]+")
_NO_BEGINNING = frozenset("ABghijklmnopqrstuv")
"""What the base64 of a text never begins with: a control character, or the middle of a character."""
_SHORTEST = 8
_SHORT = 300


def base64_decoded(text: str, scrub: Scrub) -> str:
    """Return a text with the texts scrubbed that stand in it as base64 or base64url."""
    if "\n" in text or "\\n" in text:
        text = _BASE64_LINES.sub(lambda found: _lines(found[0], scrub), text)
    return _BASE64.sub(lambda found: _run(found[0], scrub), text)


def _lines(lines: str, scrub: Scrub) -> str:
    run = re.sub(r"\\r|\\n|\s", "", lines)
    scrubbed = _whole(run, scrub)
    return lines if scrubbed is None or scrubbed == run else scrubbed


def _run(run: str, scrub: Scrub) -> str:
    if len(run) < _SHORTEST or _NO_BASE64.fullmatch(run):
        return run
    if "/" in run and ("-" in run or "_" in run):  # a path, since no alphabet has both
        return _path(run, scrub)
    whole = _whole(run, scrub)
    if whole is not None:
        return whole
    for number, beginning in enumerate(_INSIDE.finditer(run)):
        if number == _MOST_BEGINNINGS:
            break
        at = beginning.start() if beginning[0].isalnum() else beginning.end()
        if 0 < at < len(run) - _SHORTEST and (rest := _whole(run[at:], scrub)) not in {None, run[at:]}:
            return f"{run[:at]}{rest}"
    return "/".join(_run(piece, scrub) for piece in run.split("/")) if "/" in run else run


def _path(run: str, scrub: Scrub) -> str:
    """Return a path whose segments may be base64url, and which may end with base64 after a separator."""
    at = max(run.rfind("-"), run.rfind("_")) + 1
    rest = _whole(run[at:], scrub) if len(run) - at >= _SHORTEST and "/" in run[at:] else None
    if rest not in {None, run[at:]}:
        return f"{run[:at]}{rest}"
    return "/".join(_run(piece, scrub) for piece in run.split("/"))


def _whole(run: str, scrub: Scrub) -> str | None:
    """Return a run with its text scrubbed; None if it is not the base64 of a text."""
    if run[0] in _NO_BEGINNING:
        return None
    text = _text_in(run) if len(run) <= _SHORT else _text_in.__wrapped__(run)
    if text is None:
        return None
    scrubbed = scrub(text)
    return run if scrubbed == text else encoded_base64(scrubbed, like=run)


@lru_cache(maxsize=20_000)
def _text_in(run: str) -> str | None:
    """Return the text whose base64 a run is; None if it is none."""
    decoded = decoded_base64(run)
    return None if decoded is None else text_of(decoded)


def decoded_base64(run: str) -> bytes | None:
    """Return the bytes of base64 or base64url, with or without padding; None if it is neither."""
    standard = re.sub(r"\s", "", run) if _SPACE.search(run) else run
    if "-" in standard or "_" in standard:
        if "+" in standard or "/" in standard:
            return None
        standard = standard.translate(_STANDARD)
    standard = standard.rstrip("=")
    if len(standard) % 4 == 1:
        return None
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def encoded_base64(text: str, *, like: str) -> str:
    """Return a text as base64 in the alphabet, and with the padding, of another base64 text."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    if "-" in like or "_" in like:
        encoded = encoded.translate(_URL_SAFE)
    return encoded if like.endswith("=") or len(like) % 4 == 0 else encoded.rstrip("=")


_SPACE = re.compile(r"\s")
_STANDARD, _URL_SAFE = str.maketrans("-_", "+/"), str.maketrans("+/", "-_")

_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){8,}+(?![0-9A-Za-z])")


def hex_decoded(text: str, scrub: Scrub) -> str:
    """Return a text with the texts scrubbed that stand in it as hex."""
    return _HEX.sub(lambda found: _hex(found[0], scrub), text)


def _hex(run: str, scrub: Scrub) -> str:
    inside = text_of(bytes.fromhex(run))
    scrubbed = inside if inside is None else scrub(inside)
    return run if scrubbed is None or scrubbed == inside else scrubbed.encode("utf-8", "replace").hex()


_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_PERCENT_UNIT = re.compile(r"[\w.~%+/=:@!*()$|-]+")
_RESERVED = "+/=:@!*()$"


def percent_decoded(text: str, scrub: Scrub) -> str:
    """Return a text with its percent-encoded parts scrubbed."""
    return _PERCENT_UNIT.sub(lambda found: _percent_unit(found[0], scrub), text) if _PERCENT.search(text) else text


def _percent_unit(unit: str, scrub: Scrub) -> str:
    if not _PERCENT.search(unit):
        return unit
    decoded = unquoted(unit)
    scrubbed = scrub(decoded)
    if scrubbed == decoded:
        return unit
    safe = "".join(
        one for one in _RESERVED if one in unit and (one in "/=:@" or quote(one, safe="") not in unit.upper())
    )
    return quote(scrubbed, safe=safe, errors="replace")


def unquoted(text: str) -> str:
    """Return a percent-encoded text decoded: UTF-8, else Latin-1."""
    data = unquote_to_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


_ESCAPE = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(["'/\\nrtbf]))""")
_LINE = re.compile(r"[^\r\n]+")
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def escapes_decoded(text: str, scrub: Scrub) -> str:
    """Return a text with those lines scrubbed that have escapes: JSON in a string, a script."""
    return _LINE.sub(lambda found: _escapes(found[0], scrub), text) if "\\" in text else text


def _escapes(line: str, scrub: Scrub) -> str:
    if "\\" not in line or not _ESCAPE.search(line):
        return line
    decoded = _ESCAPE.sub(_character, line)
    scrubbed = scrub(decoded)
    return line if scrubbed == decoded else json.dumps(scrubbed, ensure_ascii=False)[1:-1]


def _character(escape: re.Match[str]) -> str:
    if code := escape[1] or escape[2]:
        return chr(int(code, 16))
    return _CHARACTERS.get(escape[3], escape[3])


_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|quot|amp|lt|gt|apos|nbsp|sol|plus|equals|colon|commat|period);"
)
_BETWEEN_QUOTES = re.compile(r"[^<>\"']+")


def entities_decoded(text: str, scrub: Scrub) -> str:
    """Return a text with its entities of HTML and XML scrubbed."""
    return _BETWEEN_QUOTES.sub(lambda found: _entities(found[0], scrub), text) if _ENTITY.search(text) else text


def _entities(part: str, scrub: Scrub) -> str:
    if not _ENTITY.search(part):
        return part
    decoded = html.unescape(part)
    scrubbed = scrub(decoded)
    return part if scrubbed == decoded else html.escape(scrubbed)
