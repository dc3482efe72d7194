"""Requests to Microsoft Graph, made from msgraph-sdk's builders or from paths."""

import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, cast

from auditor.azure.errors import WriteRefused

# msgraph-sdk writes `/me` as this user, which its own transport would replace.
_ME_PLACEHOLDER = "/users/me-token-to-replace"
_IGNORED_HEADERS = frozenset({"accept", "content-type"})


@dataclass(frozen=True, slots=True)
class GraphRead:
    """One GET request to Microsoft Graph: the absolute URL, and headers such as `ConsistencyLevel`."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


def graph_read(request: Any, root: str) -> GraphRead:
    """Return the absolute form of a request below `root`; raises `WriteRefused` for anything but a GET."""
    if isinstance(request, GraphRead):
        return request
    if isinstance(request, str):
        return GraphRead(f"{root}/{request.lstrip('/')}")
    method = str(getattr(request.http_method, "value", request.http_method)).upper()
    if method != "GET":
        raise WriteRefused(method, request.url)
    headers = {
        name: value for name, value in (request.request_headers or {}).items() if name.lower() not in _IGNORED_HEADERS
    }
    # The builders leave the base URL out, which kiota's own transport would add.
    url = request.url
    url = url if "://" in url else f"{root}{url}"
    return GraphRead(url.replace(_ME_PLACEHOLDER, "/me"), headers)


def builders(root: str) -> Any:
    """Return msgraph-sdk's client, limited to describing requests below `root`."""
    # httpx, which the SDK would send with, loads its command line where it can, and Rich and Pygments with that.
    # `None` makes the import fail, for which httpx is prepared.
    sys.modules.setdefault("httpx._main", cast("ModuleType", None))
    # The SDK's modules, of which each builder loads more, warn of their own classes. In a program that turns warnings
    # into exceptions, they could not be loaded.
    for library in ("kiota_abstractions", "msgraph"):
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=rf"{library}\.")
    from kiota_abstractions.request_adapter import RequestAdapter
    from msgraph import GraphServiceClient

    class DescribingAdapter(RequestAdapter):  # type: ignore[misc]
        """The adapter that gives the builders their base URL and cannot send."""

        base_url = root

        def get_serialization_writer_factory(self) -> Any:
            """Raise: only request bodies need it, and reads have none."""
            raise TypeError("these builders describe reads only")

        def enable_backing_store(self, backing_store_factory: Any) -> None:
            """Do nothing: there are no models to track."""

        async def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
            raise TypeError("send the request with `Graph.get`, `pages` or `batch`")

        send_async = send_collection_async = send_collection_of_primitive_async = _refuse
        send_primitive_async = send_no_response_content_async = convert_to_native_async = _refuse

    return GraphServiceClient(request_adapter=DescribingAdapter())
