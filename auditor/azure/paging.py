"""Lists page by page: what a page must look like, and how far its next links are followed."""

import logging
import time
from collections.abc import Hashable
from typing import Any, Protocol

from auditor.azure.errors import ReadFailed
from auditor.azure.links import ForeignLink, next_url

_LOG = logging.getLogger("auditor.azure")
_NEXT_LINKS = frozenset({"nextlink", "@odata.nextlink", "odata.nextlink"})

MOST_EMPTY_PAGES = 250
"""Azure filters pages after cutting them, so some are empty; a list of nothing but empty pages never ends."""
MOST_PAGES = 10_000
"""Pages of one list; the longest that Azure has, the assignments of a large tenant, come to some hundreds."""
LONGEST_LIST = 1_800.0
"""Seconds for all pages of one list."""

Body = dict[str, Any]


class PageShape(Protocol):
    """What the pages of one list promise to look like."""

    def items(self, body: object) -> list[Body]:
        """Return the items of a page; raises `ValueError`, with the reason, for a page that is not of this shape."""
        ...

    def key(self, item: Body) -> Hashable:
        """Return what tells an item from the others of its list; None where it has nothing of the kind."""
        ...


class AnyPage:
    """The shape that all lists of ARM and Graph share: `value` is an array of objects."""

    def items(self, body: object) -> list[Body]:
        """Return the items; `"value": null` is no empty list."""
        if not isinstance(body, dict) or "value" not in body:
            raise ValueError("the page is not an object with a `value`")
        value = body["value"]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError("the page is not a list of objects")
        return value

    def key(self, item: Body) -> Hashable:
        """Return the item's id, without case."""
        identity = item.get("id")
        return identity.lower() if isinstance(identity, str) else None


ANY_PAGE = AnyPage()


class PageTrail:
    """The pages of one list, taken one after the other: each is checked, and its next link as well.

    All that is wrong raises `ReadFailed` with status 200: `UnexpectedShape`, `NextLinkLoop` for a link that was
    followed before, `ForeignNextLink` for one to another origin, `EndlessPages` where a bound is reached, and
    `RepeatedPage` for a page that holds only what earlier ones held: what should stand in its place is missing.
    """

    def __init__(self, url: str, shape: PageShape = ANY_PAGE) -> None:
        self._current = url
        self._shape = shape
        self._followed = {url}
        self._known: set[Hashable] = set()
        self._pages = 0
        self._empty = 0
        self._started: float | None = None

    def items(self, body: object) -> list[Body]:
        """Return the items of the next page."""
        from auditor.azure.failures import unexpected_shape

        if isinstance(body, dict) and body.get("error") is not None:
            raise unexpected_shape("the page holds an error beside its items", self._current)
        try:
            items = self._shape.items(body)
        except ValueError as wrong:
            raise unexpected_shape(str(wrong), self._current) from None
        self._pages += 1
        self._empty = 0 if items else self._empty + 1
        if self._pages > 1 or _next_link(body) is not None:  # a list of a single page, as most are, repeats nothing
            self._look_for_new(items)
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

    def _look_for_new(self, items: list[Body]) -> None:
        keys = {key for item in items if (key := self._shape.key(item)) is not None}
        if len(keys) == len(items) > 0 and keys <= self._known:
            message = "a page holds only what earlier pages held: what belongs in its place is missing"
            raise ReadFailed(200, "RepeatedPage", message, self._current)
        self._known |= keys

    def _check_bounds(self) -> None:
        now = time.monotonic()
        self._started = now if self._started is None else self._started
        if self._empty > MOST_EMPTY_PAGES:
            reason = f"{MOST_EMPTY_PAGES:,} pages in a row held nothing"
        elif self._pages >= MOST_PAGES:
            reason = f"{MOST_PAGES:,} pages were read"
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


def _next_link(body: object) -> object:
    """What stands for the next link; None where none does: Azure ends a list with no link, null or an empty text."""
    if not isinstance(body, dict):
        return None
    links = (link for name, link in body.items() if name.lower() in _NEXT_LINKS)
    return next((link for link in links if link is not None and link != ""), None)
