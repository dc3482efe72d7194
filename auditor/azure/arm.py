"""The client of Azure Resource Manager: reads by path, and azure-mgmt clients on the same connection."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from auditor.azure.errors import AzureFailed, ReadFailed, SignInFailed
from auditor.azure.memory import NO_MEMORY, RememberedRead, RightsShown, key_of
from auditor.azure.paging import ANY_PAGE, Body, PageShape, PageTrail
from auditor.azure.wire import Wire, check_status, decoded, object_of

if TYPE_CHECKING:
    from auditor.azure.pipeline import PipelineFactory
    from auditor.azure.transport import PooledTransport
    from auditor.azure.writes import WritePermit, Writer

Client = TypeVar("Client")

_PATH_CHARACTERS = "/:$()=,;@!*'+&~"
_QUERY_CHARACTERS = "$'(),:/"


class ArmClient:
    """The client of ARM. Paths are ARM ids or paths below them, unquoted; bodies are returned unchanged as dicts."""

    def __init__(self, wire: Wire, pipelines: "PipelineFactory", transport: "PooledTransport") -> None:
        self._wire = wire
        self._pipelines = pipelines
        self._transport = transport

    def rights_shown(self, place: str) -> RightsShown:
        """Return the note, for the memory of the connection, that the lists of a subscription (ARM id) show rights."""
        return RightsShown(self._wire.memory, place)

    def without_memory(self) -> "ArmClient":
        """Return a client on the same connection whose answers all come from Azure now."""
        return ArmClient(self._wire.without_memory(), self._pipelines, self._transport)

    async def get(self, path: str, api_version: str, query: Mapping[str, str] | None = None) -> Body:
        """Return the resource at `path`; raises `ReadFailed`, also where the answer is about another resource."""
        url = self.url(path, api_version, query)
        remembered = self._wire.remembered(url)
        body = object_of(await remembered.next(partial(self._wire.read, url)), url)
        identity = body.get("id")
        if not isinstance(identity, str) or identity.rstrip("/").lower() != path.rstrip("/").lower():
            from auditor.azure.failures import unexpected_shape

            raise unexpected_shape("the answer is not about what was asked for: its `id` is another one, or none", url)
        remembered.end()
        return body

    async def pages(
        self, path: str, api_version: str, query: Mapping[str, str] | None = None, shape: PageShape = ANY_PAGE
    ) -> AsyncIterator[list[Body]]:
        """Yield the items of the list at `path` page by page; raises `ReadFailed`, also after some pages."""
        async for items in self._wire.pages(self.url(path, api_version, query), shape):
            yield items

    def url(self, path: str, api_version: str, query: Mapping[str, str] | None = None) -> str:
        """Return the URL of an ARM path; raises `ReadFailed` for a malformed path, which may come from a body."""
        if not path.startswith("/") or any(segment in {".", ".."} for segment in path.split("/")):
            raise ReadFailed(0, "NoArmPath", f"`{path}` is not an ARM path, so it was not asked for", "")
        parameters = urlencode({"api-version": api_version, **(query or {})}, quote_via=quote, safe=_QUERY_CHARACTERS)
        return f"{self._wire.base_url}{quote(path, safe=_PATH_CHARACTERS, errors='replace')}?{parameters}"

    def client(
        self, client_class: Callable[..., Client], subscription_id: str | None = None, api_version: str | None = None
    ) -> Client:
        """Return a read-only azure-mgmt aio client on this connection, by default for the api-version of its package.

        It need not be closed. Making one takes well under a millisecond, so one per subscription is fine.
        """
        more = {} if api_version is None else {"api_version": api_version}
        return self._client(client_class, subscription_id, permit=None, **more)

    def writer(self, permit: "WritePermit") -> "Writer":
        """Return a writer on this connection that is limited to the writes of `permit`."""
        from azure.mgmt.core import AsyncARMPipelineClient

        from auditor.azure.writes import Writer

        pipeline: Any = AsyncARMPipelineClient(
            base_url=self._wire.base_url, transport=self._transport, policies=list(self._pipelines.for_sdk(permit))
        )
        return Writer(self._wire.base_url, pipeline, partial(self._client, permit=permit))

    def _client(
        self,
        client_class: Callable[..., Client],
        subscription_id: str | None,
        *,
        permit: "WritePermit | None",
        **more: str,
    ) -> Client:
        from azure.core import AzureClouds

        positional = (self._pipelines.tokens,) if subscription_id is None else (self._pipelines.tokens, subscription_id)
        return client_class(
            *positional,
            base_url=self._wire.base_url,
            cloud_setting=AzureClouds.AZURE_PUBLIC_CLOUD,  # of no effect beside the two others, and slow to look up
            credential_scopes=[self._pipelines.scope],
            transport=self._transport,
            policies=list(self._pipelines.for_sdk(permit)),
            **more,
        )

    async def sdk_pages(
        self,
        operation: Callable[..., Any],
        *args: Any,
        name: str = "",
        place: str = "",
        shape: PageShape = ANY_PAGE,
        **kwargs: Any,
    ) -> AsyncIterator[list[Body]]:
        """Call an operation of a client made here and yield the items of its answers as dicts, not as models.

        A pager yields page by page, a plain call once: its answer as a list of one. `name` stands for the operation and
        its client in the memory of the connection; without one it is not kept there. `place` is the id of the
        subscription whose list it is. Raises `ReadFailed`.
        """
        memory = self._wire.memory if name else NO_MEMORY
        remembered = RememberedRead(memory, key_of(self._wire.base_url, name, args, kwargs), place)
        if remembered.is_held:
            for items in _recalled(remembered, shape):
                yield items
            return
        answers = _Answers(shape, remembered)
        try:
            result = operation(*args, raw_request_hook=answers.asked, raw_response_hook=answers.heard, **kwargs)
            if inspect.isawaitable(result):
                await result
                yield [answers.the_one()]
                remembered.end()
                return
            async for _ in result.by_page():
                yield answers.page()
                answers.check_next()
            answers.check_end()
            remembered.end()
        except SignInFailed as failure:
            raise ReadFailed(401, "SignInFailed", str(failure), answers.url) from failure
        except AzureFailed:
            raise
        except Exception as error:
            refusal = answers.failure(error, self._wire.base_url)
            remembered.failed(refusal)
            raise refusal from error


def _recalled(remembered: RememberedRead, shape: PageShape) -> Iterator[list[Body]]:
    """Yield the items of the answers that are held of an operation; raises `ReadFailed` as they did."""
    from auditor.azure.failures import unexpected_shape

    trail: PageTrail | None = None
    further, url = None, ""
    for held in remembered.rest():
        url = held["url"]
        if not held["paged"]:
            yield [object_of(held["body"], url)]
            continue
        trail = trail or PageTrail(url, shape)
        yield trail.items(held["body"])
        further = trail.after(held["body"])
    if further is not None:
        raise unexpected_shape("a next link was not followed", url)


class _Answers:
    """The verbatim answers to one operation of an azure-mgmt client, and their next links."""

    def __init__(self, shape: PageShape, remembered: RememberedRead) -> None:
        self.url = ""
        self._remembered = remembered
        self._shape = shape
        self._status = 0
        self._content: bytes | None = None
        self._last: object = None
        self._further: str | None = None
        self._trail: PageTrail | None = None

    def asked(self, request: Any) -> None:
        """Keep the URL of a request: azure-core's `raw_request_hook`."""
        self.url = request.http_request.url
        self._trail = self._trail or PageTrail(self.url, self._shape)
        self._content = None

    def heard(self, response: Any) -> None:
        """Keep an answer: azure-core's `raw_response_hook`."""
        self._status = response.http_response.status_code
        self._content = response.http_response.body() or b""

    def page(self) -> list[Body]:
        """Return the items of the last page."""
        if self._trail is None:
            return []
        self._last = self._decoded()
        items = self._trail.items(self._last)
        self._remembered.keep({"url": self.url, "paged": True, "body": self._last})
        return items

    def _check(self) -> None:
        """Raise `ReadFailed` where the last answer is not a page."""
        if self._trail is not None:
            self._trail.items(self._decoded())

    def the_one(self) -> Body:
        """Return the last answer, which must be an object."""
        body = object_of(self._decoded(), self.url)
        self._remembered.keep({"url": self.url, "paged": False, "body": body})
        return body

    def check_next(self) -> None:
        """Raise `ReadFailed` where the next link of the last page must not be followed."""
        if self._trail:
            self._further = self._trail.after(self._last)

    def check_end(self) -> None:
        """Raise `ReadFailed` where the client stopped at a page that has a next link."""
        from auditor.azure.failures import unexpected_shape

        if self._further is not None:
            raise unexpected_shape("a next link was not followed", self.url)

    def failure(self, error: Exception, base_url: str) -> ReadFailed:
        """Return the failure of the operation: what is wrong with its answer, otherwise what `error` says."""
        from auditor.azure.failures import failure_of, refusal

        if self._content is not None and self._status >= 300:
            return refusal(self._status, self._content, self.url)
        if self._content is not None:
            try:
                self._check()
            except ReadFailed as wrong:
                return wrong
        return failure_of(error, self.url or base_url)

    def _decoded(self) -> object:
        content = self._content or b""
        check_status(self._status, content, self.url)
        return decoded(content, self._status, self.url)
