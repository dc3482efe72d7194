"""Addresses of calls: what of a URL is kept."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from auditor.inventory.snapshot.secrets import REMOVED

LONGEST_PATH = 2_000
_BETWEEN = " \t\r\n,;&/\"'"
_LAST_WORD = re.compile(r"[^\s,;&/\"']+\Z")
_KEPT_VALUES = frozenset({"api-version", "$expand", "$top"})
"""Parameters whose values are kept; of the others only the names are, whatever they hold."""


@dataclass(frozen=True, slots=True)
class Address:
    """What is kept of a URL: its host, its path, and its parameters without values."""

    host: str
    path: str
    query: str = ""

    @property
    def text(self) -> str:
        """The address without its parameters."""
        return f"https://{self.host}{self.path}"


def address_of(url: object) -> Address | None:
    """Return what is kept of a URL; None for one that is not of the web, such as `data:`."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url[:100_000].strip())
        host = (parts.hostname or "").lower()
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https", "ws", "wss"} or not host:
        return None
    shown = host if port in {None, 80, 443} else f"{host}:{port}"
    return Address(shown, _path(parts.path), _query(parts.query))


def relative_address(url: object, base: Address, version: str) -> Address | None:
    """Return the address of a request within a batch, whose URL may be relative to the batch's own."""
    if not isinstance(url, str):
        return None
    if re.match(r"(?i)https?:", url):
        return address_of(url)
    path = url if url.startswith("/") else f"/{url}"
    return address_of(f"https://{base.host}{version}{path}")


def parameters(url: object) -> dict[str, str]:
    """Return the parameters of a URL, those behind its `#` too, with their values: never to be kept as they are."""
    if not isinstance(url, str):
        return {}
    try:
        parts = urlsplit(url[:100_000])
        pairs = parse_qsl(f"{parts.query}&{parts.fragment.lstrip('/?')}", max_num_fields=500)
    except ValueError:
        return {}
    return {name.lower(): value for name, value in pairs}


def mark_of(url: object, sent: object = None) -> int:
    """Return a hash of the parameters of a call, and of what it sends where that tells calls apart."""
    query = url.partition("?")[2] if isinstance(url, str) else ""
    return hash((query, str(sent) if sent else ""))


def cut(text: str, longest: int) -> str:
    """Return the beginning of a text of a service, up to a word: half a secret would not be known for one."""
    if len(text) <= longest:
        return text
    beginning = text[: longest + 1]
    whole = _LAST_WORD.sub("", beginning, count=1) if beginning[-1] not in _BETWEEN else beginning
    return whole[:longest]


def _path(path: str) -> str:
    readable = unquote(path, errors="replace") or "/"
    return cut(readable, LONGEST_PATH)


def _query(query: str) -> str:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=500)
    except ValueError:
        return ""
    kept = (f"{name[:100]}={value[:100] if name.lower() in _KEPT_VALUES else REMOVED}" for name, value in pairs[:50])
    return "&".join(kept)
