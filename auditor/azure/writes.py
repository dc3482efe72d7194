"""Writes to Azure: a permit that lists each allowed write, and a writer limited to it.

Only `migaudit cleanup apply` and `restore` make a writer. Every other command only reads.
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
    """The changes that can be permitted: the HTTP method and a pattern of the resource ids."""

    DELETE_WORKSPACE = ("DELETE", _WORKSPACE)
    RECOVER_WORKSPACE = ("PUT", _WORKSPACE)
    PUT_SOLUTION = ("PUT", _SOLUTION)
    PUT_LINKED_SERVICE = ("PUT", rf"{_WORKSPACE}/linkedservices/[^/]+")

    def fits(self, identity: str) -> bool:
        """Return whether this change can be made to the resource with this id."""
        key = identity.lower().rstrip("/")
        return re.fullmatch(self.value[1], key) is not None and not {".", ".."} & set(key.split("/"))


class WritePermit:
    """The list of allowed writes, each a change of one resource with its complete id.

    Raises `ValueError` for an id that does not fit its change. A request with any parameter other than the api-version
    is not allowed, as `force` would delete permanently.
    """

    def __init__(self, changes: Iterable[tuple[WriteRequest, str]]) -> None:
        self._allowed: set[tuple[str, str]] = set()
        for change, identity in changes:
            if not change.fits(identity):
                raise ValueError(f"`{identity}` is not what {change.name} is for")
            self._allowed.add((change.value[0], identity.lower().rstrip("/")))

    def allows(self, method: str, url: str) -> bool:
        """Return whether a request is one of the allowed writes."""
        parts = urlsplit(url)
        parameters = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        key = unquote(parts.path).lower().rstrip("/")
        return (method.upper(), key) in self._allowed and parameters == {"api-version"} and not parts.fragment


class Started:
    """A write that Azure accepted and may not have finished yet."""

    def __init__(self, poller: Any, url: str) -> None:
        self._poller = poller
        self._url = url

    async def end(self, bound: float) -> None:
        """Wait until Azure has finished the write.

        Raises `StillRunning` after `bound` seconds, `OperationFailed` where Azure reports that it failed or was
        cancelled, and `WriteFailed` where its state cannot be read.
        """
        try:
            async with asyncio.timeout(bound):
                await self._poller.wait()
        except TimeoutError:
            raise StillRunning(bound, self._url) from None
        except (ReadFailed, SignInFailed) as failure:
            raise _not_sent(failure, self._url) from failure
        except Exception as error:
            if _failed_in_azure(error):
                raise OperationFailed.of(_failure(error, self._url)) from error
            raise WriteFailed.of(_failure(error, self._url)) from error


class Writer:
    """The client of the writes in a permit, on the same connection as the reads."""

    def __init__(self, base_url: str, pipeline: "AsyncPipelineClient[Any, Any]", make: Callable[..., Any]) -> None:
        self._base_url = base_url
        self._pipeline = pipeline
        self._make = make

    def client(self, client_class: Callable[..., Client], subscription_id: str, api_version: str) -> Client:
        """Return an azure-mgmt aio client of one api-version, limited to the writes of the permit."""
        made: Client = self._make(client_class, subscription_id, api_version=api_version)
        return made

    async def begin(self, operation: Callable[..., Any], *arguments: Any, poll_every: float) -> Started:
        """Call a `begin_…` operation of a client made here and return as soon as Azure has accepted it.

        Raises `WriteFailed`; its `may_have_happened` says whether the outcome is unknown.
        """
        url = self._base_url

        def asked(request: Any) -> None:
            nonlocal url
            url = request.http_request.url

        try:
            polling = _polling(poll_every)
            poller = await operation(*arguments, polling=polling, raw_request_hook=asked)
        except (ReadFailed, SignInFailed) as failure:
            raise _not_sent(failure, url) from failure
        except AzureFailed:
            raise
        except Exception as error:
            raise WriteFailed.of(_failure(error, url)) from error
        return Started(poller, url)

    async def put(self, url: str, body: Mapping[str, object]) -> None:
        """Put `body` at `url` (made by `ArmClient.url`); raises `WriteFailed`."""
        from azure.core.rest import HttpRequest

        from auditor.azure.failures import refusal

        content = {"Content-Type": "application/json"}
        request = HttpRequest("PUT", url, headers=content, content=msgspec.json.encode(body))
        try:
            answer = await self._pipeline.send_request(request)
        except (ReadFailed, SignInFailed) as failure:
            raise _not_sent(failure, url) from failure
        except AzureFailed:
            raise
        except Exception as error:
            raise WriteFailed.of(_failure(error, url)) from error
        if answer.status_code >= 300:
            raise WriteFailed.of(refusal(answer.status_code, answer.content, url))


def _polling(poll_every: float) -> Any:
    """Return ARM's polling with intervals of `poll_every` to `_LONGEST_PAUSE` seconds."""
    from azure.mgmt.core.polling.async_arm_polling import AsyncARMPolling

    class BoundedPolling(AsyncARMPolling):
        """ARM's polling that limits `Retry-After`, and ignores one that cannot be read."""

        def _extract_delay(self) -> float:
            asked = retry_after(self._pipeline_response.http_response.headers)
            return poll_every if asked is None else min(max(asked, poll_every), _LONGEST_PAUSE)

    return BoundedPolling(poll_every)


_LONGEST_PAUSE = 30.0
"""The longest time in seconds between two polls, whatever `Retry-After` says."""


def _failed_in_azure(error: Exception) -> bool:
    """Return whether a readable answer of Azure says that the operation failed or was cancelled."""
    from azure.core.polling import base_polling

    return isinstance(error.__cause__, base_polling.OperationFailed)


def _failure(error: Exception, url: str) -> ReadFailed:
    from auditor.azure.failures import failure_of

    return failure_of(error, url)


def _not_sent(failure: ReadFailed | SignInFailed, url: str) -> WriteFailed:
    """Return the failure of a write or poll that the pipeline stopped before it was sent."""
    if isinstance(failure, ReadFailed):
        return WriteFailed.of(failure)
    return WriteFailed(401, "SignInFailed", str(failure), url, documented=True)  # certain, as it was not sent
