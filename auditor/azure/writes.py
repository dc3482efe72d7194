"""The only way to change something in Azure: a permit that names each write, and a writer that holds to it.

`migaudit cleanup apply` and `restore` make a writer. Everything else has a connection that only reads.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from auditor.azure.errors import AzureFailed, OperationFailed, ReadFailed, SignInFailed, StillRunning, WriteFailed
from auditor.azure.retry import retry_after

if TYPE_CHECKING:
    from azure.core import AsyncPipelineClient

Client = TypeVar("Client")

_GROUP = r"/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/]+"
_WORKSPACE = rf"{_GROUP}/providers/microsoft\.operationalinsights/workspaces/[^/]+"
_SOLUTION = rf"{_GROUP}/providers/microsoft\.operationsmanagement/solutions/[^/]+"


class WriteRequest(Enum):
    """The changes that can be permitted at all: the method, and the ids it may be for."""

    DELETE_WORKSPACE = ("DELETE", _WORKSPACE)
    RECOVER_WORKSPACE = ("PUT", _WORKSPACE)
    PUT_SOLUTION = ("PUT", _SOLUTION)
    PUT_LINKED_SERVICE = ("PUT", rf"{_WORKSPACE}/linkedservices/[^/]+")

    def fits(self, identity: str) -> bool:
        """Say whether such a change can be for the resource with this id."""
        key = identity.lower().rstrip("/")
        return re.fullmatch(self.value[1], key) is not None and not {".", ".."} & set(key.split("/"))


class WritePermit:
    """Exactly these writes and no other: each one a change of one resource, named by its whole id.

    Raises `ValueError` for an id that such a change cannot be for. A request with any parameter beside the api-version
    is not permitted: `force` would delete for good.
    """

    def __init__(self, changes: Iterable[tuple[WriteRequest, str]]) -> None:
        self._allowed: set[tuple[str, str]] = set()
        for change, identity in changes:
            if not change.fits(identity):
                raise ValueError(f"`{identity}` is not what {change.name} is for")
            self._allowed.add((change.value[0], identity.lower().rstrip("/")))

    def allows(self, method: str, url: str) -> bool:
        """Say whether a request is one of the permitted writes."""
        parts = urlsplit(url)
        parameters = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        key = unquote(parts.path).lower().rstrip("/")
        return (method.upper(), key) in self._allowed and parameters == {"api-version"} and not parts.fragment


class Started:
    """A write that Azure took in; it may not have ended yet."""

    def __init__(self, poller: Any, url: str) -> None:
        self._poller = poller
        self._url = url

    async def end(self, bound: float) -> None:
        """Return when Azure has ended it.

        Raises `StillRunning` after `bound` seconds, `OperationFailed` where Azure says that it ended badly, and
        `WriteFailed` where it cannot be asked about, or the answer cannot be understood.
        """
        try:
            async with asyncio.timeout(bound):
                await self._poller.wait()
        except TimeoutError:
            raise StillRunning(bound, self._url) from None
        except (ReadFailed, SignInFailed) as failure:
            raise _lost(failure, self._url) from failure
        except Exception as error:
            if _ended_badly(error):
                raise OperationFailed.of(_unsettled(error, self._url)) from error
            raise WriteFailed.of(_unsettled(error, self._url)) from error


class Writer:
    """Writes what its permit names, through the same connection as every read."""

    def __init__(self, base_url: str, pipeline: "AsyncPipelineClient[Any, Any]", make: Callable[..., Any]) -> None:
        self._base_url = base_url
        self._pipeline = pipeline
        self._make = make

    def client(self, client_class: Callable[..., Client], subscription_id: str) -> Client:
        """Return an azure-mgmt aio client whose writes are limited to the permit."""
        made: Client = self._make(client_class, subscription_id)
        return made

    async def begin(self, operation: Callable[..., Any], *arguments: Any, poll_every: float) -> Started:
        """Call a `begin_…` operation of a client made here; return it as soon as Azure has taken it in.

        Raises `WriteFailed`: with a status below 500 nothing happened; with 0 or 5xx that is unknown.
        """
        url = self._base_url

        def asked(request: Any) -> None:
            nonlocal url
            url = request.http_request.url

        try:
            polling = _polling(poll_every)
            poller = await operation(*arguments, polling=polling, raw_request_hook=asked)
        except (ReadFailed, SignInFailed) as failure:
            raise _lost(failure, url) from failure
        except AzureFailed:
            raise
        except Exception as error:
            raise WriteFailed.of(_unsettled(error, url)) from error
        return Started(poller, url)

    async def put(self, url: str, body: Mapping[str, object]) -> None:
        """Put `body` at `url` (made by `Arm.url`); raises `WriteFailed`."""
        from azure.core.rest import HttpRequest

        from auditor.azure.failures import refusal

        content = {"Content-Type": "application/json"}
        request = HttpRequest("PUT", url, headers=content, content=msgspec.json.encode(body))
        try:
            answer = await self._pipeline.send_request(request)
        except (ReadFailed, SignInFailed) as failure:
            raise _lost(failure, url) from failure
        except AzureFailed:
            raise
        except Exception as error:
            raise WriteFailed.of(_unsettled(error, url)) from error
        if answer.status_code >= 300:
            raise WriteFailed.of(refusal(answer.status_code, answer.content, url))


def _polling(poll_every: float) -> Any:
    """Return how the end is asked for: as ARM does, but never at longer intervals than can be understood and borne."""
    from azure.mgmt.core.polling.async_arm_polling import AsyncARMPolling

    class BoundedPolling(AsyncARMPolling):
        """ARM's polling, with a `Retry-After` that is no time, or beyond all sense, left aside."""

        def _extract_delay(self) -> float:
            asked = retry_after(self._pipeline_response.http_response.headers)
            return poll_every if asked is None else min(max(asked, poll_every), _LONGEST_PAUSE)

    return BoundedPolling(poll_every)


_LONGEST_PAUSE = 30.0
"""Seconds between two questions about the end, whatever the answer asks for."""


def _ended_badly(error: Exception) -> bool:
    """Whether Azure itself said that the operation failed or was cancelled, in an answer that was understood."""
    from azure.core.polling import base_polling

    return isinstance(error.__cause__, base_polling.OperationFailed)


def _unsettled(error: Exception, url: str) -> ReadFailed:
    from auditor.azure.failures import failure_of

    return failure_of(error, url)


def _lost(failure: ReadFailed | SignInFailed, url: str) -> WriteFailed:
    """What stops a request before it leaves, or a question about its end."""
    if isinstance(failure, ReadFailed):
        return WriteFailed.of(failure)
    return WriteFailed(401, "SignInFailed", str(failure), url, documented=True)  # it never left
