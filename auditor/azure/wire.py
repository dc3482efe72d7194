"""Reads from one endpoint: one request, or a list page by page to its end."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from auditor.azure.errors import ReadFailed, SignInFailed
from auditor.azure.links import ForeignLink, next_url
from auditor.azure.retry import Retry

if TYPE_CHECKING:
    from azure.core import AsyncPipelineClient

_LOG = logging.getLogger("auditor.azure")
_NEXT_LINKS = ("nextLink", "@odata.nextLink", "odata.nextLink")
_BARE_LISTS = ("/intelligencepacks",)
"""How the addresses end whose lists come as a bare array."""
_MOST_EMPTY_PAGES = 1_000
"""Azure filters pages after cutting them, so some are empty; a list of nothing but empty pages never ends."""
_BOM = b"\xef\xbb\xbf"


class Wire:
    """The read-only pipeline to one endpoint. `base_url` has no trailing slash."""

    def __init__(self, base_url: str, client: "AsyncPipelineClient[Any, Any]", retry: Retry, user_agent: str) -> None:
        self.base_url = base_url
        self.retry = retry
        self._client = client
        self._labels = {"Accept": "application/json", "User-Agent": user_agent}

    async def read(
        self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: object = None
    ) -> Any:
        """Return the decoded JSON of a successful answer; raises `ReadFailed`."""
        from auditor.azure.failures import not_json, refusal

        failures = 0
        while True:
            failures += 1
            response = await self._send(url, method, headers, body)
            if response.status_code >= 300:
                raise refusal(response.status_code, response.content, url)
            content = response.content.removeprefix(_BOM)
            try:
                return msgspec.json.decode(content)
            except (msgspec.DecodeError, UnicodeDecodeError):
                # Without a length in its head, a cut body looks whole until it is read: worth another try.
                pause = self.retry.wait(failures, None, 0)
                if pause is None or not content.lstrip().startswith((b"{", b"[")):
                    raise not_json(response.status_code, url) from None
            await self.retry.sleep(pause)

    async def bodies(
        self, url: str, headers: Mapping[str, str] | None = None, body: object = None
    ) -> AsyncIterator[Any]:
        """Yield the pages of a list, each a decoded body, following next links to the end.

        With a `body` the first page is asked for by POST; the further ones never are.
        Raises `ReadFailed`; pages already yielded stay valid. A next link that was followed before has the code
        `NextLinkLoop`, one to another origin `ForeignNextLink`.
        """
        links = LinkTrail(url)
        answer = await self.read(url, method="GET" if body is None else "POST", headers=headers, body=body)
        yield answer
        while page := links.after(answer):
            answer = await self.read(page, headers=headers)
            yield answer

    async def _send(self, url: str, method: str, headers: Mapping[str, str] | None, body: object) -> Any:
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        from auditor.azure.failures import read_failed

        labelled = {**self._labels, "x-ms-client-request-id": str(uuid4()), **(headers or {})}
        if body is None:
            request = HttpRequest(method, url, headers=labelled)
        else:
            labelled["Content-Type"] = "application/json"
            request = HttpRequest(method, url, headers=labelled, content=msgspec.json.encode(body))
        try:
            return await self._client.send_request(request)
        except SignInFailed as failure:
            # Signing in worked once. What needs a token that does not come any more is a gap like any other.
            raise ReadFailed(401, "SignInFailed", str(failure), url) from failure
        except AzureError as error:
            raise read_failed(error, url) from error


class LinkTrail:
    """The next links of one list, followed one after the other."""

    def __init__(self, url: str) -> None:
        self._current = url
        self._seen = {url}
        self._empty = 0

    def after(self, body: object) -> str | None:
        """Return the URL of the page after `body`; None at the end of the list.

        Raises `ReadFailed` for a link that was followed before, leads to another origin, or is no text, and for pages
        without end that hold nothing.
        """
        from auditor.azure.failures import unexpected_shape

        link = _next_link(body)
        if not link:
            return None
        self._empty = self._empty + 1 if isinstance(body, dict) and not body.get("value") else 0
        if self._empty > _MOST_EMPTY_PAGES:
            message = f"{_MOST_EMPTY_PAGES:,} pages in a row held nothing, and there is a further one"
            raise ReadFailed(200, "EndlessPages", message, self._current)
        if not isinstance(link, str):
            raise unexpected_shape("the next link is not a text", self._current)
        try:
            target = next_url(link, self._current)
        except ForeignLink as foreign:
            _LOG.warning(
                "security: a list answered with a next link to %s, which was not followed and got no token",
                foreign.origin,
            )
            message = f"the next link leads away from the endpoint, to {foreign.origin}; it was not followed"
            raise ReadFailed(200, "ForeignNextLink", message, self._current) from None
        if target in self._seen:
            raise ReadFailed(200, "NextLinkLoop", "the next link leads back to a page already read", target)
        self._seen.add(target)
        self._current = target
        return target


def items_of(body: object, url: str) -> list[dict[str, Any]]:
    """Return the items of a page: the objects under `value`, or of a bare array where the API has one.

    Raises `ReadFailed` with the code `UnexpectedShape` for anything else, `"value": null` included: an answer that is
    not understood is no empty list.
    """
    from auditor.azure.failures import unexpected_shape

    items = body
    if isinstance(body, dict):
        if "value" not in body:
            raise unexpected_shape("the page has no `value`", url)
        items = body["value"]
    elif not url.partition("?")[0].lower().endswith(_BARE_LISTS):
        raise unexpected_shape("the page is not an object", url)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise unexpected_shape("the page is not a list of objects", url)
    return items


def object_of(body: object, url: str) -> dict[str, Any]:
    """Return an answer that must be one object; raises `ReadFailed` for anything else."""
    from auditor.azure.failures import unexpected_shape

    if not isinstance(body, dict):
        raise unexpected_shape("the answer is not an object", url)
    return body


def _next_link(body: object) -> object:
    if not isinstance(body, dict):
        return None
    return next((link for name in _NEXT_LINKS if (link := body.get(name))), None)
