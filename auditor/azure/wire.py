"""Reads from one endpoint: one request, or a list page by page to its end."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from auditor.azure.errors import AzureFailed, ReadFailed, SignInFailed
from auditor.azure.paging import ANY_PAGE, Body, PageShape, PageTrail
from auditor.azure.retry import Retry

if TYPE_CHECKING:
    from azure.core import AsyncPipelineClient

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
        clock = asyncio.get_running_loop().time
        started, failures = clock(), 0
        while True:
            failures += 1
            response = await self._send(url, method, headers, body)
            check_status(response.status_code, response.content, url)
            try:
                return decoded(response.content, response.status_code, url)
            except ReadFailed:
                # Without a length in its head, a cut body looks whole until it is read: worth another try.
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

        With a `body` the first page is asked for by POST; the further ones never are.
        Raises `ReadFailed`, also half-way (see `PageTrail`); pages already yielded stay valid.
        """
        trail = PageTrail(url, shape)
        answer = await self.read(url, method="GET" if body is None else "POST", headers=headers, body=body)
        yield trail.items(answer)
        while page := trail.after(answer):
            answer = await self.read(page, headers=headers)
            yield trail.items(answer)

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
            # Signing in worked once. What needs a token that does not come any more is a gap like any other.
            raise ReadFailed(401, "SignInFailed", str(failure), url) from failure
        except AzureFailed:
            raise
        except Exception as error:
            raise failure_of(error, url) from error


def check_status(status: int, content: bytes, url: str) -> None:
    """Raise `ReadFailed` unless `status` says that all that was asked for has come, as 200 alone does."""
    from auditor.azure.failures import refusal, unexpected_status

    if status >= 300:
        raise refusal(status, content, url)
    if status != 200:
        raise unexpected_status(status, url)


def decoded(content: bytes, status: int, url: str) -> Any:
    """Return the JSON of a body, a byte order mark left aside; raises `ReadFailed` for anything but whole JSON.

    An object that holds a name twice is not understood either: which of the two values counts, nobody says.
    """
    from auditor.azure.failures import not_json, unexpected_shape

    try:
        value = msgspec.json.decode(content.removeprefix(_BOM))
        held = msgspec.json.encode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise not_json(status, url) from None
    if _quotation_marks(content) != held.count(b'"'):
        raise unexpected_shape("an object in the answer holds a name twice", url)
    return value


def _quotation_marks(content: bytes) -> int:
    """How many a JSON text holds, escaped ones too: what decoding drops of a name that comes twice is missing after."""
    return content.count(b'"') + content.replace(b"\\\\", b"").count(b"\\u0022")


def object_of(body: object, url: str) -> Body:
    """Return an answer that must be one object without an error in it; raises `ReadFailed` for anything else."""
    from auditor.azure.failures import unexpected_shape

    if not isinstance(body, dict):
        raise unexpected_shape("the answer is not an object", url)
    if body.get("error") is not None:
        raise unexpected_shape("the answer holds an error", url)
    return body
