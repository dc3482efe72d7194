"""Paged lists: the shape of a page, and the checks of its items and its next link."""

import logging
import re
import time
from collections.abc import Hashable, Iterator
from typing import Any, Protocol

import msgspec

from auditor.azure.errors import ReadFailed
from auditor.azure.links import ForeignLink, next_url

_LOG = logging.getLogger("auditor.azure")
_NEXT_LINKS = frozenset({"nextlink", "@odata.nextlink", "odata.nextlink"})

_ERRORS = frozenset({"error", "errors", "odata.error", "@odata.error"})

_PARTS_OF_ERRORS = frozenset({"code", "message", "statuscode"})
"""Names of the parts of an error, of which no list of Azure has one beside its items."""
_GOES_ON = re.compile("next|continu|skiptoken|truncat|marker|cursor|more")
"""What names, without marks, contain that say that a list goes on; only a next link can be followed."""
_IN_PART = re.compile("partial|incomplete|warning|exception|(?<!de)fault|innererror")
"""What names, without marks, contain that say that a list is not whole."""
_COUNTS = re.compile("(?<!ac)count|total|records")
_NO_MARKS = str.maketrans("", "", "@$._- ")

MOST_EMPTY_PAGES = 250
"""Empty pages in a row after which a list counts as endless; a few are normal, since Azure filters after paging."""
MOST_PAGES = 10_000
"""Pages of one list; the longest ones of Azure, the role assignments of a large tenant, have some hundreds."""
MOST_ITEMS = 10_000_000
"""Items of one list: ten times as many as the largest tenants have."""
LONGEST_LIST = 1_800.0
"""Seconds for all pages of one list."""

Body = dict[str, Any]
_encode = msgspec.json.Encoder(order="sorted").encode


class PageShape(Protocol):
    """The shape that every page of one list must have."""

    @property
    def bare(self) -> bool:
        """Whether a page is the array of items itself, without an object around it."""
        ...

    @property
    def maybe_bare(self) -> bool:
        """Whether a page comes in either form."""
        ...

    def accepted(self, items: list[Body]) -> list[Body]:
        """Return the items of a page; raises `ValueError`, with the reason, where one does not belong to the list."""
        ...

    def key(self, item: Body) -> Hashable:
        """Return the key that distinguishes an item from the others of its list, or None where it has none."""
        ...


class AnyPage:
    """The shape that all lists of ARM and Graph share: the items are objects in the array `value`."""

    bare = maybe_bare = False

    def accepted(self, items: list[Body]) -> list[Body]:
        """Return the items as they are."""
        return items

    def key(self, item: Body) -> Hashable:
        """Return the item's id in lower case."""
        identity = item.get("id")
        return identity.lower() if isinstance(identity, str) else None


ANY_PAGE = AnyPage()


def holds_error(answer: object) -> bool:
    """Return whether an answer that came with a success holds an error beside its items, so that it is incomplete."""
    return isinstance(answer, dict) and any(
        value is not None and name.lower() in _ERRORS for name, value in answer.items()
    )


def looks_like_page(answer: Body) -> bool:
    """Return whether an answer without `value` has parts of a list, in any letter case, so that it is no object."""
    return "value" not in answer and any(name.lower() in {"value", *_NEXT_LINKS} for name in answer)


def _is_incomplete(page: object, items: list[Body], *, goes_on: bool, is_only: bool) -> str:
    """Return why a page beside its items says that these are not all, or an empty text.

    The number of items is compared only on a single page: on others it may count those of the page or of the list, and
    some lists (`{"type": "Total", "value": 3}`) count what the account may not see.
    """
    if not isinstance(page, dict):
        return ""
    fields = [(name.lower().translate(_NO_MARKS), value) for name, value in page.items()]
    if [name for name, _ in fields].count("value") > 1:
        return "the page holds its `value` twice"
    for name, value in fields:
        if name == "value" or _is_empty(value):
            continue
        if reason := _is_in_part(name, value, goes_on=goes_on):
            return reason
        counted = is_only and _COUNTS.search(name) and isinstance(value, int | str)
        if counted and str(value).lower() != str(len(items)):
            return f"the page counts {value} items and holds {len(items):,}"
    return ""


def _is_in_part(name: str, value: object, *, goes_on: bool) -> str:
    """Return why a part of a page beside its items says that these are not all, or an empty text."""
    names = [name, *_names_in(value)]
    if name in _PARTS_OF_ERRORS:
        return f"the page holds a `{name}` of an error beside its items"
    if isinstance(value, list):
        return f"the page holds a list `{name}` beside its items"
    if any(map(_IN_PART.search, names)):
        return f"the page says by its `{name}` that it is not whole"
    if not goes_on and any(map(_GOES_ON.search, names)):
        return "the page says that the list goes on, but has no next link"
    return ""


def _names_in(value: object) -> Iterator[str]:
    """Yield the names of what an object inside a page holds, and of what objects inside that hold, without marks."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if not _is_empty(inner):
            yield name.lower().translate(_NO_MARKS)
            yield from _names_in(inner)


def _is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", "false", "False", [], {})


def items_of(page: object, shape: PageShape) -> list[Body]:
    """Return the items of a page; raises `ValueError`, with the reason, for a page of another shape.

    `"value": null` is not an empty list.
    """
    if shape.bare or (shape.maybe_bare and isinstance(page, list)):
        listed = page
    elif isinstance(page, dict) and "value" in page:
        listed = page["value"]
    else:
        raise ValueError("the page is not an object with a `value`")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise ValueError("the page is not a list of objects")
    return shape.accepted(listed)


class PageTrail:
    """The pages of one list in order, each checked together with its next link.

    A failed check raises `ReadFailed` with status 200 and one of these codes: `UnexpectedShape`; `NextLinkLoop` for a
    link that was followed before; `ForeignNextLink` for a link to another origin; `EndlessPages` where a bound is
    reached; `RepeatedPage` for a page without any new item, in whose place another page is missing; `Contradiction`
    for an item that is listed twice with different contents.
    """

    def __init__(self, url: str, shape: PageShape = ANY_PAGE) -> None:
        self._current = url
        self._shape = shape
        self._followed = {url}
        self._known: dict[int, int] = {}
        self._pages = 0
        self._items = 0
        self._empty = 0
        self._started: float | None = None

    def items(self, body: object) -> list[Body]:
        """Return the items of the next page."""
        from auditor.azure.failures import unexpected_shape

        if holds_error(body):
            raise unexpected_shape("the page holds an error beside its items", self._current)
        try:
            items = items_of(body, self._shape)
        except ValueError as wrong:
            raise unexpected_shape(str(wrong), self._current) from None
        goes_on = _next_link(body) is not None
        if reason := _is_incomplete(body, items, goes_on=goes_on, is_only=self._pages == 0 and not goes_on):
            raise unexpected_shape(reason, self._current)
        self._pages += 1
        self._items += len(items)
        self._empty = 0 if items else self._empty + 1
        page = self._by_key(items)
        if self._pages > 1 or goes_on:  # most lists are a single page
            self._compare(page)
        return items

    def after(self, body: object) -> str | None:
        """Return the URL of the page after `body`; None at the end of the list."""
        from auditor.azure.failures import unexpected_shape

        link = _next_link(body)
        if link is None:
            return None
        if not isinstance(link, str):
            raise unexpected_shape("the next link is not a text", self._current)
        self._check_bounds()
        target = self._followable(link)
        if target in self._followed:
            raise ReadFailed(200, "NextLinkLoop", "the next link leads back to a page already read", target)
        self._followed.add(target)
        self._current = target
        return target

    def _by_key(self, items: list[Body]) -> dict[Hashable, Body]:
        """Return the items that have a key, by their key."""
        page: dict[Hashable, Body] = {}
        for item in items:
            key = self._shape.key(item)
            if key is None:
                continue
            first = page.setdefault(key, item)
            if first is not item and _contents(first) != _contents(item):
                raise self._contradiction(key)
        return page

    def _compare(self, page: dict[Hashable, Body]) -> None:
        """Check a page against the earlier ones; an item may be repeated where the list changes while it is read."""
        # Only hashes are kept: there can be a million items, with ids of 300 characters.
        contents = {hash(key): (key, hash(_contents(item))) for key, item in page.items()}
        repeated = contents.keys() & self._known.keys()
        for known in repeated:
            key, content = contents[known]
            if content != self._known[known]:
                raise self._contradiction(key)
        if 0 < len(page) == len(repeated):
            message = "a page holds only what earlier pages held: what belongs in its place is missing"
            raise ReadFailed(200, "RepeatedPage", message, self._current)
        self._known.update((known, content) for known, (_, content) in contents.items())

    def _contradiction(self, key: Hashable) -> ReadFailed:
        name = key[0] if isinstance(key, tuple) else key
        return ReadFailed(200, "Contradiction", f"`{name}` is listed twice, with different contents", self._current)

    def _check_bounds(self) -> None:
        now = time.monotonic()
        self._started = now if self._started is None else self._started
        if self._empty > MOST_EMPTY_PAGES:
            reason = f"{MOST_EMPTY_PAGES:,} pages in a row held nothing"
        elif self._pages >= MOST_PAGES:
            reason = f"{MOST_PAGES:,} pages were read"
        elif self._items >= MOST_ITEMS:
            reason = f"{MOST_ITEMS:,} items were read"
        elif now - self._started > LONGEST_LIST:
            reason = f"its pages were read for {LONGEST_LIST / 60:g} minutes"
        else:
            return
        raise ReadFailed(200, "EndlessPages", f"{reason}, and there is a further one", self._current)

    def _followable(self, link: str) -> str:
        try:
            return next_url(link, self._current)
        except ForeignLink as foreign:
            _LOG.warning(
                "security: a list answered with a next link to %s, which was not followed and got no token",
                foreign.origin,
            )
            message = f"the next link leads away from the endpoint, to {foreign.origin}; it was not followed"
            raise ReadFailed(200, "ForeignNextLink", message, self._current) from None


def _contents(item: Body) -> bytes:
    """Return an item as JSON in lower case, since Azure varies the letter case of ids."""
    return _encode(item).lower()


def _next_link(body: object) -> object:
    """Return the value of the next link, or None at the end of the list: no link, null or an empty text."""
    if not isinstance(body, dict):
        return None
    links = (link for name, link in body.items() if name.lower() in _NEXT_LINKS)
    return next((link for link in links if link is not None and link != ""), None)
