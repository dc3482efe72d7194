"""Reads from one endpoint: a single answer, or a list page by page."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from auditor.azure.errors import AzureFailed, ReadFailed, SignInFailed
from auditor.azure.memory import NO_MEMORY, RememberedRead, key_of, place_of
from auditor.azure.paging import ANY_PAGE, Body, PageShape, PageTrail, holds_error
from auditor.azure.retry import Retry
from auditor.azure.throttling.throttle import Throttle

if TYPE_CHECKING:
    from azure.core import AsyncPipelineClient

_BOM = b"\xef\xbb\xbf"


class Wire:
    """The read-only client of one endpoint; `base_url` has no trailing slash."""

    def __init__(
        self,
        base_url: str,
        client: "AsyncPipelineClient[Any, Any]",
        retry: Retry,
        throttle: Throttle,
        user_agent: str,
    ) -> None:
        self.base_url = base_url
        self.retry = retry
        self.throttle = throttle
        self.memory = NO_MEMORY
        self._client = client
        self._labels = {"Accept": "application/json", "User-Agent": user_agent}

    def without_memory(self) -> "Wire":
        """Return a client of the same endpoint that takes no answer from the memory, and keeps none there."""
        same = copy(self)
        same.memory = NO_MEMORY
        return same

    async def read(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: object = None,
        heard: Callable[[Mapping[str, str]], object] | None = None,
    ) -> Any:
        """Return the decoded JSON of a successful answer, whose headers `heard` is called with; raises `ReadFailed`."""
        clock = asyncio.get_running_loop().time
        started, failures = clock(), 0
        while True:
            failures += 1
            response = await self._send(url, method, headers, body)
            check_status(response.status_code, response.content, url)
            if heard is not None:
                heard(response.headers)
            try:
                return decoded(response.content, response.status_code, url)
            except ReadFailed:
                # A body without `Content-Length` may have been cut off: only then is it worth a retry.
                pause = self.retry.wait(failures, None, clock() - started)
                if pause is None or not response.content.removeprefix(_BOM).lstrip().startswith((b"{", b"[")):
                    raise
            await self.retry.sleep(pause)

    async def pages(
        self,
        url: str,
        shape: PageShape = ANY_PAGE,
        *,
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> AsyncIterator[list[Body]]:
        """Yield the items of a list page by page, following next links to the end.

        With a `body` the first page is requested by POST, the further ones by GET.
        Raises `ReadFailed`, also after some pages (see `PageTrail`); pages already yielded stay valid.
        """
        trail = PageTrail(url, shape)
        method = "GET" if body is None else "POST"
        remembered = self.remembered(url, method, headers, body)
        answer = await remembered.next(partial(self.read, url, method=method, headers=headers, body=body))
        yield trail.items(answer)
        while page := trail.after(answer):
            answer = await remembered.next(partial(self.read, page, headers=headers))
            yield trail.items(answer)
        remembered.end()

    def remembered(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: object = None
    ) -> RememberedRead:
        """Return a read that begins with this request, with what the memory of the connection holds of it."""
        return RememberedRead(self.memory, key_of(method, url, body, headers=headers), place_of(url))

    async def _send(self, url: str, method: str, headers: Mapping[str, str] | None, body: object) -> Any:
        from azure.core.rest import HttpRequest

        from auditor.azure.failures import failure_of

        labelled = {**self._labels, "x-ms-client-request-id": str(uuid4()), **(headers or {})}
        if body is None:
            request = HttpRequest(method, url, headers=labelled)
        else:
            labelled["Content-Type"] = "application/json"
            request = HttpRequest(method, url, headers=labelled, content=msgspec.json.encode(body))
        try:
            return await self._client.send_request(request)
        except SignInFailed as failure:
            # Signing in worked before, so a token that cannot be renewed is a failed read, which becomes a gap.
            raise ReadFailed(401, "SignInFailed", str(failure), url) from failure
        except AzureFailed:
            raise
        except Exception as error:
            raise failure_of(error, url) from error


def check_status(status: int, content: bytes, url: str) -> None:
    """Raise `ReadFailed` unless `status` is 200, the only status of a complete answer."""
    from auditor.azure.failures import refusal, unexpected_status

    if status >= 300:
        raise refusal(status, content, url)
    if status != 200:
        raise unexpected_status(status, url)


def decoded(content: bytes, status: int, url: str) -> Any:
    """Return the decoded JSON of a body, with or without a byte order mark; raises `ReadFailed` for anything else.

    An object with the same name twice is refused too, as it is unknown which of the two values counts.
    """
    from auditor.azure.failures import holds_a_name_twice, not_json, unexpected_shape

    try:
        value = msgspec.json.decode(content.removeprefix(_BOM))
        repeats = holds_a_name_twice(content, value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise not_json(status, url) from None
    if repeats:
        raise unexpected_shape("an object in the answer holds a name twice", url)
    return value


def object_of(body: object, url: str) -> Body:
    """Return the body of an answer that must be an object without an error; raises `ReadFailed` otherwise."""
    from auditor.azure.failures import unexpected_shape

    if not isinstance(body, dict):
        raise unexpected_shape("the answer is not an object", url)
    if holds_error(body):
        raise unexpected_shape("the answer holds an error", url)
    return body
