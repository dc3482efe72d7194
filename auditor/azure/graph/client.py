"""The client of Microsoft Graph: sends what msgraph-sdk's request builders describe through our own pipeline."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from typing import Any

from auditor.azure.errors import ReadFailed
from auditor.azure.graph.batch import BATCH_SIZE, read_batch
from auditor.azure.graph.requests import GraphRead, builders, graph_read
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

    @cached_property
    def builders(self) -> Any:
        """A `GraphServiceClient` that only describes requests; sending with it raises `TypeError`.

        Loading the library takes a few hundred milliseconds, so it is loaded on first use.
        """
        return builders(_root(self._wire))

    async def get(self, request: Any) -> Body:
        """Return one object; raises `ReadFailed`."""
        read = self.described(request)
        return object_of(await self._wire.read(read.url, headers=read.headers), read.url)

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
        chunks = [reads[start : start + BATCH_SIZE] for start in range(0, len(reads), BATCH_SIZE)]
        answers = await asyncio.gather(*(read_batch(self._wire, _root(self._wire), chunk) for chunk in chunks))
        return [answer for chunk in answers for answer in chunk]

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


def _root(wire: Wire) -> str:
    return f"{wire.base_url}/v1.0"
