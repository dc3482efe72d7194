"""Azure Resource Manager: reads by path, and the azure-mgmt clients on the same connection."""

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from auditor.azure.errors import ReadFailed, SignInFailed
from auditor.azure.wire import LinkTrail, Wire, items_of, object_of

if TYPE_CHECKING:
    from auditor.azure.policies import PolicySet
    from auditor.azure.transport import PooledTransport
    from auditor.azure.writes import WritePermit, Writer

Client = TypeVar("Client")

_PATH_CHARACTERS = "/:$()=,;@!*'+&~"
_QUERY_CHARACTERS = "$'(),:/"


class Arm:
    """Reads of ARM. Paths are ARM ids or below them, unquoted; bodies are plain dicts as they came."""

    def __init__(self, wire: Wire, policies: "PolicySet", transport: "PooledTransport") -> None:
        self._wire = wire
        self._policies = policies
        self._transport = transport

    async def get(self, path: str, api_version: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the object at `path`; raises `ReadFailed`."""
        url = self.url(path, api_version, query)
        return object_of(await self._wire.read(url), url)

    async def pages(
        self, path: str, api_version: str, query: Mapping[str, str] | None = None
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield the items of the list at `path`, page by page to its end; raises `ReadFailed`, also half-way."""
        url = self.url(path, api_version, query)
        async for body in self._wire.bodies(url):
            yield items_of(body, url)

    def url(self, path: str, api_version: str, query: Mapping[str, str] | None = None) -> str:
        """Return the URL of an ARM path; raises `ValueError` for a path that is none."""
        if not path.startswith("/") or any(segment in {".", ".."} for segment in path.split("/")):
            raise ValueError(f"`{path}` is not an ARM path")
        parameters = urlencode({"api-version": api_version, **(query or {})}, quote_via=quote, safe=_QUERY_CHARACTERS)
        return f"{self._wire.base_url}{quote(path, safe=_PATH_CHARACTERS)}?{parameters}"

    def client(self, client_class: Callable[..., Client], subscription_id: str | None = None) -> Client:
        """Return an azure-mgmt aio client on this connection, read-only as everything here.

        It need not be closed. Making one costs well under a millisecond, so one per subscription is fine.
        """
        return self._client(client_class, subscription_id, None)

    def writer(self, permit: "WritePermit") -> "Writer":
        """Return what can do the writes that `permit` names, and no other, on this connection."""
        from azure.mgmt.core import AsyncARMPipelineClient

        from auditor.azure.writes import Writer

        pipeline: Any = AsyncARMPipelineClient(
            base_url=self._wire.base_url, transport=self._transport, policies=list(self._policies.for_sdk(permit))
        )
        return Writer(self._wire.base_url, pipeline, lambda kind, name: self._client(kind, name, permit))

    def _client(
        self, client_class: Callable[..., Client], subscription_id: str | None, permit: "WritePermit | None"
    ) -> Client:
        positional = (self._policies.tokens,) if subscription_id is None else (self._policies.tokens, subscription_id)
        return client_class(
            *positional,
            base_url=self._wire.base_url,
            credential_scopes=[self._policies.scope],
            transport=self._transport,
            policies=list(self._policies.for_sdk(permit)),
        )

    async def sdk_pages(
        self, operation: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Call an operation of a client made here; yield the items of its answers as they came, not as models.

        A pager is followed page by page; a plain call yields once, an object as a list of one. Raises `ReadFailed`.
        """
        from azure.core.exceptions import AzureError, DeserializationError

        from auditor.azure.failures import read_failed, unexpected_shape

        answers = _Answers()
        try:
            result = operation(*args, raw_request_hook=answers.asked, raw_response_hook=answers.heard, **kwargs)
            if inspect.isawaitable(result):
                await result
                yield answers.take()
                return
            async for _ in result.by_page():
                yield answers.take()
                answers.check_next()
        except SignInFailed as failure:
            raise ReadFailed(401, "SignInFailed", str(failure), answers.url) from failure
        except AzureError as error:
            raise read_failed(error, answers.url or self._wire.base_url) from error
        except DeserializationError as error:
            raise unexpected_shape("the answer does not fit the client's model", answers.url) from error


class _Answers:
    """The answers that an operation got, verbatim, and the next links in them."""

    def __init__(self) -> None:
        self.url = ""
        self._bodies: list[object] = []
        self._last: object = None
        self._trail: LinkTrail | None = None

    def asked(self, request: Any) -> None:
        """Note where an answer is asked for: azure-core's `raw_request_hook`."""
        self.url = request.http_request.url
        self._trail = self._trail or LinkTrail(self.url)

    def heard(self, response: Any) -> None:
        """Take an answer in: azure-core's `raw_response_hook`."""
        body = response.http_response.body()
        if response.http_response.status_code < 300 and body:
            self._bodies.append(msgspec.json.decode(body))

    def take(self) -> list[dict[str, Any]]:
        """Return the items heard since the last call."""
        items: list[dict[str, Any]] = []
        for body in self._bodies:
            self._last = body
            is_page = not isinstance(body, dict) or "value" in body
            items.extend(items_of(body, self.url) if is_page else [object_of(body, self.url)])
        self._bodies.clear()
        return items

    def check_next(self) -> None:
        """Raise `ReadFailed` where the last answer's next link must not be followed."""
        if self._trail:
            self._trail.after(self._last)
