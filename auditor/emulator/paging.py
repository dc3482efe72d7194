"""Cutting a list into pages and writing the envelope."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal
from auditor.emulator.refusals import refusal_of
from auditor.inventory.reads import Gap

T = TypeVar("T")
_ENVELOPE = ("nextLink", "%24skiptoken")
GRAPH_ENVELOPE = ("@odata.nextLink", "%24skiptoken")


class PagedList(Generic[T]):
    """The items of a list, how one is written, and the gap that ends it early."""

    __slots__ = ("gap", "items", "write")

    def __init__(self, items: Sequence[T], write: Callable[[T], bytes], gap: Gap | None = None) -> None:
        self.items = items
        self.write = write
        self.gap = gap


def page_of(
    listing: PagedList[T],
    call: HttpRequest,
    size: int | None,
    bad_token: Callable[[], Refusal],
    envelope: tuple[str, str] = _ENVELOPE,
    context: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Return the page that `call` asks for, at most `size` items long; a gap that ends the list is refused at its end.

    A list of which nothing is held is refused at once. `size` None means that everything comes in one page.
    """
    start = _offset(call.query.get("$skiptoken"), bad_token)
    items, gap = listing.items, listing.gap
    if gap is not None and start >= len(items):
        raise Refusal(refusal_of(gap))
    end = len(items) if size is None else min(len(items), start + size)
    more = end < len(items) or gap is not None
    write = listing.write
    value = b",".join([write(item) for item in items[start:end]])
    head = b"{" + _members(context) + b'"value":['
    if not more:
        return HttpResponse(body=head + value + b"]}")
    link = next_link(call, end, envelope[1])
    return HttpResponse(body=head + value + b'],"' + envelope[0].encode() + b'":' + msgspec.json.encode(link) + b"}")


def whole(listing: PagedList[T], *, bare: bool = False) -> HttpResponse:
    """Return a list that Azure does not page; `bare` without an envelope."""
    if listing.gap is not None:
        raise Refusal(refusal_of(listing.gap))
    value = b",".join([listing.write(item) for item in listing.items])
    return HttpResponse(body=b"[" + value + b"]" if bare else b'{"value":[' + value + b"]}")


def next_link(call: HttpRequest, offset: int, parameter: str) -> str:
    """The address of the page that begins at `offset`: this request's own with a skip token."""
    token = base64.urlsafe_b64encode(f"page:{offset}".encode()).decode()
    kept = "".join(
        f"{quote(name, safe='-')}={quote(value, safe='-')}&"
        for name, value in call.query.items()
        if name != "$skiptoken"
    )
    return f"{call.origin}{quote(call.path)}?{kept}{parameter}={quote(token)}"


def _members(context: Mapping[str, object] | None) -> bytes:
    return msgspec.json.encode(context)[1:-1] + b"," if context else b""


def _offset(token: str | None, bad_token: Callable[[], Refusal]) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "page" and number.isascii() and number.isdigit():
            return int(number)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise bad_token()
