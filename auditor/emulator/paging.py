"""Pages of lists: the envelope, the items of one page, and the link to the next."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

import msgspec

from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal
from auditor.emulator.refusals import refusal_of
from auditor.inventory.reads import Gap

T = TypeVar("T")
ENVELOPE = ("nextLink", "%24skiptoken")
CONTINUED = ("nextLink", "continuationToken")
"""The envelope of lists of Azure Migrate."""
GRAPH_ENVELOPE = ("@odata.nextLink", "%24skiptoken")


class PagedList(Generic[T]):
    """The items of a list, the function that encodes one, and the gap that ends the list early, if any."""

    __slots__ = ("gap", "items", "write")

    def __init__(self, items: Sequence[T], write: Callable[[T], bytes], gap: Gap | None = None) -> None:
        self.items = items
        self.write = write
        self.gap = gap


def page_of(
    listing: PagedList[T],
    request: HttpRequest,
    size: int | None,
    bad_token: Callable[[], Refusal],
    envelope: tuple[str, str] = ENVELOPE,
    context: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Return the page that `request` asks for, with at most `size` items; with None, all items.

    If the list has a gap, the page after its last item is the refusal of the gap; for an empty list, the first page is.
    """
    start = _offset(request.query.get(unquote(envelope[1]).lower()), bad_token)
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
    link = next_link(request, end, envelope[1])
    return HttpResponse(body=head + value + b'],"' + envelope[0].encode() + b'":' + msgspec.json.encode(link) + b"}")


def unpaged(listing: PagedList[T], *, bare: bool = False) -> HttpResponse:
    """Return a list that Azure does not page; with `bare`, a JSON array without an envelope."""
    if listing.gap is not None:
        raise Refusal(refusal_of(listing.gap))
    value = b",".join([listing.write(item) for item in listing.items])
    return HttpResponse(body=b"[" + value + b"]" if bare else b'{"value":[' + value + b"]}")


def next_link(request: HttpRequest, offset: int, parameter: str) -> str:
    """Return the link to the page that begins at `offset`: the URL of `request` with a skip token."""
    token = base64.urlsafe_b64encode(f"page:{offset}".encode()).decode()
    kept = "".join(
        f"{quote(name, safe='-')}={quote(value, safe='-')}&"
        for name, value in request.query.items()
        if name != unquote(parameter).lower()
    )
    return f"{request.origin}{quote(request.path)}?{kept}{parameter}={quote(token)}"


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
