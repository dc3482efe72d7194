"""Origins of URLs, and the next links that may be followed."""

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

_HEAD = re.compile(r"[^:/?#]+://[^/?#]*")
_DEFAULT_PORTS = {"https": 443, "http": 80}
# Proxies and URL libraries interpret backslashes and blanks differently; a next link needs neither.
_AMBIGUOUS = re.compile(r"[\\\s\x00-\x1f\x7f]")


class ForeignLink(ValueError):
    """A link to another origin than that of the endpoint that sent it; `origin` is the link's."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"the link leads to {origin}")
        self.origin = origin


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`, in lower case and always with the port.

    Raises `ValueError` for a URL without a host, with a port out of range, or with a user name.
    """
    head = _HEAD.match(url)
    return _origin_of_head(head[0] if head else url)


@lru_cache(maxsize=256)
def _origin_of_head(head: str) -> str:
    """Return the origin of the part of a URL before its path, which nearly all URLs of a scan share."""
    parts = urlsplit(head)
    if not parts.scheme or not parts.hostname or "@" in parts.netloc:
        raise ValueError("the URL has no plain host")
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


def same_origin(url: str, origin: str) -> bool:
    """Return whether `url` is unambiguously on `origin` (a result of `origin_of`)."""
    try:
        return not _AMBIGUOUS.search(url) and origin_of(url) == origin
    except ValueError:
        return False


def next_url(link: str, current: str) -> str:
    """Return the URL of the next page; a relative `link` is resolved against `current`, the page that contains it.

    Raises `ForeignLink` for another origin, since following the link would send the token there.
    """
    origin = origin_of(current)
    try:
        target = urljoin(current, link)
    except ValueError:
        raise ForeignLink("an unreadable address") from None
    if _AMBIGUOUS.search(link) or not same_origin(target, origin):
        raise ForeignLink(_shown_origin(target))
    return target


def _shown_origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "an unreadable address"
