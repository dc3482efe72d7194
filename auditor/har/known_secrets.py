"""The secrets of one entry by their places, so that a service that repeats one in a message does not spread it.

A cookie or a password has no form by which it could be known elsewhere; where it was sent from is known.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from auditor.inventory.snapshot.secrets import REMOVED

T = TypeVar("T")
_SHORTEST = 8
"""Shorter values are no secrets, and would take parts of words with them."""
_NO_SECRET = re.compile(
    r"[A-Za-z]+|[\d.:TZ/-]+|\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?|[\w.+-]+@[\w.-]+|https?:.*"
)
"""Words, numbers, times, ids, mail addresses and addresses: they stand in cookies too, and messages need them."""
_MOST = 300
_LARGEST_BODY = 1_000_000
_HEADERS = re.compile(r"authorization|cookie|token|secret|signature|api-?key|functions-key|session", re.IGNORECASE)
_FIELDS = re.compile(
    r"(?:access|refresh|id|sas|flow|session)[_-]?token|secret|password|passwd|pwd|assertion|verifier|signature|\bsig\b"
    r"|^code$|^state$|^nonce$|^ctx$|canary|api[_-]?key|device_code",
    re.IGNORECASE,
)


def secret_values(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return the values of cookies, of headers that authorise, and of secret parameters, the longest first."""
    found: dict[str, None] = {}
    for value in _values(entry):
        for one in (value, unquote(value)):
            if len(one) >= _SHORTEST and not _NO_SECRET.fullmatch(one):
                found[one] = None
        if len(found) >= _MOST:
            break
    return tuple(sorted(found, key=len, reverse=True))


def without_values(value: T, secrets: tuple[str, ...]) -> T:
    """Return a value of dataclasses, tuples and texts with each secret in its texts replaced by `<removed>`."""
    cleaned: Any = value
    if isinstance(value, str):
        for secret in secrets:
            cleaned = cleaned.replace(secret, REMOVED)
    elif isinstance(value, tuple):
        cleaned = tuple(without_values(one, secrets) for one in value)
    elif is_dataclass(value) and not isinstance(value, type):
        cleaned = replace(
            value, **{one.name: without_values(getattr(value, one.name), secrets) for one in fields(value)}
        )
    return cleaned  # type: ignore[no-any-return]


def _values(entry: dict[str, Any]) -> Iterator[str]:
    for message in (entry.get("request"), entry.get("response")):
        if not isinstance(message, dict):
            continue
        for one in _rows(message.get("cookies")):
            yield one[1]
        for name, value in _rows(message.get("headers")):
            if _HEADERS.search(name):
                yield from (part for part in re.split(r"[\s,;]+", value) if "=" not in part)
                yield from (part.partition("=")[2] for part in re.split(r"[\s,;]+", value) if "=" in part)
        for url in (message.get("url"), message.get("redirectURL")):
            yield from _parameters(url)
        posted = message.get("postData")
        if isinstance(posted, dict):
            yield from (value for name, value in _rows(posted.get("params")) if _FIELDS.search(name))
            text = posted.get("text")
            if isinstance(text, str) and text.lstrip()[:1] in {"{", "["}:
                yield from _in_document(text)
            elif isinstance(text, str) and "=" in text[:200]:
                yield from _named(text[:100_000])


def _in_document(text: str) -> Iterator[str]:
    """Yield the values of secret fields of a JSON body, and of the parameters of a deployment with such a name."""
    try:
        due: list[tuple[str, Any]] = [("", json.loads(text[:_LARGEST_BODY]))]
    except (ValueError, RecursionError):
        return
    while due:
        name, value = due.pop()
        if isinstance(value, dict):
            due += [(name if str(key).lower() == "value" else str(key), inside) for key, inside in value.items()]
        elif isinstance(value, list):
            due += [(name, inside) for inside in value]
        elif isinstance(value, str) and _FIELDS.search(name):
            yield value


def _parameters(url: object) -> Iterator[str]:
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url[:100_000])
    except ValueError:
        return
    yield from _named(parts.query)
    yield from _named(parts.fragment)


def _named(query: str) -> Iterator[str]:
    try:
        pairs = parse_qsl(query, max_num_fields=500)
    except ValueError:
        return
    yield from (value for name, value in pairs if _FIELDS.search(name))


def _rows(rows: object) -> Iterator[tuple[str, str]]:
    """Yield the names and values of headers, cookies or parameters."""
    for one in rows if isinstance(rows, list) else ():
        if isinstance(one, dict) and isinstance(one.get("value"), str):
            yield str(one.get("name", "")), one["value"]
