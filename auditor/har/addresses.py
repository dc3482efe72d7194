"""Addresses of calls without secrets: what of a URL is kept, and texts of services with tokens taken out."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from auditor.inventory.snapshot.secrets import REMOVED, without_secrets

LONGEST_PATH = 2_000
_LONGEST_TEXT = 8_000
_KEPT_VALUES = frozenset({"api-version", "$expand", "$top"})
"""Parameters whose values are kept; of the others only the names are, whatever they hold."""

_NAMES = (
    "access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|client[_-]?assertion|assertion|code[_-]?verifier"
    "|device[_-]?code|sig|signature|password|passwd|pwd|secret|api[_-]?key|canary|flowtoken|session[_-]?state"
    "|sharedaccesskey|accountkey|instrumentationkey|authorization|set-cookie|cookie"
)
_OF_ADDRESSES = "code|state|nonce|ctx|token|key|user_code|login_hint"
"""Names of secrets in addresses alone; elsewhere `Code=…` is an error."""
_PARAMETER = re.compile(
    rf"(?i)((?<![\w$-])(?:{_NAMES})|(?<=[?&#])(?:{_OF_ADDRESSES}))(=|%3D)[^&\s'\"<>;,\\]+"
    rf"|((?<![\w$-])(?:{_NAMES}))(\\*[\"']\s*:\s*\\*[\"'])[^\"'\\]+"
)
"""`name=value` and `"name": "value"`."""
_BEARER = re.compile(r"(?i)\b(bearer|basic|pop|sharedaccesssignature)(\s+|%20)[A-Za-z0-9._~+/=%&-]{8,}")
_HEADER = re.compile(r"(?i)\b(authorization|cookie|set-cookie|x-ms-authorization-auxiliary)\s*:[^\r\n\"]+")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}")
_LONG = re.compile(r"[A-Za-z0-9+_-]{60,}={0,2}")
"""Runs that are no words where they mix cases and digits, such as keys and cookies."""


@dataclass(frozen=True, slots=True)
class Address:
    """What is kept of a URL: its host, its path without secrets, and its parameters without values."""

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
    if parts.scheme.lower() not in {"http", "https"} or not host:
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


def plain(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Return a text of a service with every token, key, cookie and secret parameter replaced by `<removed>`.

    JSON stays JSON, unless it is longer than `longest` characters and cut.
    """
    text = _HEADER.sub(lambda found: f"{found[1]}: {REMOVED}", text[: longest * 2])
    text = _PARAMETER.sub(lambda found: f"{found[1]} {REMOVED}" if found[1] else f"{found[3]}{found[4]}{REMOVED}", text)
    text = _BEARER.sub(lambda found: f"{found[1]} {REMOVED}", text)
    text = _LONG.sub(_unless_words, _JWT.sub(REMOVED, text))
    return str(without_secrets(text))[:longest]  # what is left of a secret takes the whole text with it


def _unless_words(found: re.Match[str]) -> str:
    run = found[0]
    is_mixed = any(map(str.isdigit, run)) and any(map(str.islower, run)) and any(map(str.isupper, run))
    return REMOVED if is_mixed else run


def _path(path: str) -> str:
    readable = unquote(path, errors="replace") or "/"
    return plain(readable[:LONGEST_PATH])


def _query(query: str) -> str:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=500)
    except ValueError:
        return ""
    kept = (
        f"{plain(name[:100])}={plain(value[:100]) if name.lower() in _KEPT_VALUES else REMOVED}"
        for name, value in pairs[:50]
    )
    return "&".join(kept)
