"""The client of Microsoft Graph: sends what msgraph-sdk's request builders describe through our own pipeline."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import cached_property, partial
from typing import Any

from auditor.azure.errors import ReadFailed
from auditor.azure.graph.batch import BATCH_SIZE, read_batch
from auditor.azure.graph.requests import GraphRead, builders, graph_read
from auditor.azure.memory import RememberedRead
from auditor.azure.paging import ANY_PAGE, Body, PageShape
from auditor.azure.wire import Wire, object_of

_IDS_AT_ONCE = 1000


class GraphClient:
    """The client of Microsoft Graph v1.0.

    A request is a `RequestInformation` (`graph.builders.users.by_user_id(x).to_get_request_information()`) or a path
    below `/v1.0` with its query, such as `/me?$select=id`. Bodies are returned unchanged as dicts.
    """

    def __init__(self, wire: Wire | None) -> None:
        self._connected = wire
        self._loading = asyncio.Lock()

    @cached_property
    def builders(self) -> Any:
        """A `GraphServiceClient` that only describes requests; sending with it raises `TypeError`.

        Loading the library takes a hundred milliseconds, so it is loaded on first use.
        """
        return builders(_root(self._wire))

    async def load(self) -> None:
        """Load the library of `builders` in a thread, so that other requests go on; raises `ReadFailed`."""
        async with self._loading:
            if "builders" not in self.__dict__:
                await asyncio.to_thread(getattr, self, "builders")

    async def get(self, request: Any) -> Body:
        """Return one object; raises `ReadFailed`."""
        read = self.described(request)
        remembered = self._wire.remembered(read.url, headers=read.headers)
        body = object_of(await remembered.next(partial(self._wire.read, read.url, headers=read.headers)), read.url)
        remembered.end()
        return body

    async def pages(self, request: Any, shape: PageShape = ANY_PAGE) -> AsyncIterator[list[Body]]:
        """Yield the items of a collection page by page; raises `ReadFailed`, also after some pages."""
        read = self.described(request)
        async for items in self._wire.pages(read.url, shape, headers=read.headers):
            yield items

    async def batch(self, requests: Sequence[Any]) -> list[Body | ReadFailed]:
        """Return the answers to many reads, in order, each a body or a failure; one `$batch` carries twenty.

        Throttled reads are repeated as their `Retry-After` says. A collection is complete: the items of all its pages
        are in `value`.
        """
        reads = [self.described(request) for request in requests]
        remembered = [self._wire.remembered(read.url, headers=read.headers) for read in reads]
        found: dict[int, Body | ReadFailed] = {}
        for index, one in enumerate(remembered):
            if one.is_held:
                found[index] = _recalled(one)
        due = [index for index in range(len(reads)) if index not in found]
        chunks = [due[start : start + BATCH_SIZE] for start in range(0, len(due), BATCH_SIZE)]
        await asyncio.gather(*(self._ask(chunk, reads, remembered, found) for chunk in chunks))
        return [found[index] for index in range(len(reads))]

    async def _ask(
        self,
        chunk: Sequence[int],
        reads: Sequence[GraphRead],
        remembered: Sequence[RememberedRead],
        found: dict[int, Body | ReadFailed],
    ) -> None:
        """Add the answers to some of the reads, at most twenty, to `found`, and to the memory."""
        answers = await read_batch(self._wire, _root(self._wire), [reads[index] for index in chunk])
        for index, answer in zip(chunk, answers, strict=True):
            found[index] = answer
            if isinstance(answer, ReadFailed):
                remembered[index].failed(answer)
            else:
                remembered[index].keep(answer)
                remembered[index].end()

    async def by_ids(self, ids: Sequence[str], types: Sequence[str] = (), shape: PageShape = ANY_PAGE) -> list[Body]:
        """Return the directory objects with these ids, a thousand per request; those that do not exist are absent.

        `types` (`user`, `group`, `servicePrincipal`, …) limits the search. Raises `ReadFailed`.
        """
        unique = list(dict.fromkeys(ids))
        chunks = [unique[start : start + _IDS_AT_ONCE] for start in range(0, len(unique), _IDS_AT_ONCE)]
        found = await asyncio.gather(*(self._by_ids(chunk, types, shape) for chunk in chunks))
        return [item for items in found for item in items]

    async def _by_ids(self, ids: Sequence[str], types: Sequence[str], shape: PageShape) -> list[Body]:
        url = f"{_root(self._wire)}/directoryObjects/getByIds"
        wanted = {"ids": list(ids)} | ({"types": list(types)} if types else {})
        items: list[Body] = []
        async for page in self._wire.pages(url, shape, body=wanted):
            items.extend(page)
        return items

    def described(self, request: Any) -> GraphRead:
        """Return the absolute URL and headers of a request; raises `WriteRefused` for anything but a GET."""
        return graph_read(request, _root(self._wire))

    @property
    def _wire(self) -> Wire:
        if self._connected is None:
            raise ReadFailed(0, "NoGraphEndpoint", "this cloud names no Microsoft Graph endpoint", "")
        return self._connected


def _recalled(remembered: RememberedRead) -> Body | ReadFailed:
    """Return the body, or the failure, that is held of a read."""
    try:
        body: Body = next(remembered.rest())
    except ReadFailed as failure:
        return failure
    return body


def _root(wire: Wire) -> str:
    return f"{wire.base_url}/v1.0"
