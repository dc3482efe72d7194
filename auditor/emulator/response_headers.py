"""Response headers that ARM and Graph always send."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from auditor.emulator.exchange import HttpRequest, HttpResponse
from auditor.emulator.resource_graph.service import PATH

_READS_LEFT = "249"
_WRITES_LEFT = "199"


def arm_headers(response: HttpResponse, request: HttpRequest, left: Mapping[str, str]) -> HttpResponse:
    """Return `response` with the request ids of ARM and the number of requests that the caller has left."""
    if response.dropped:
        return response
    identity = str(uuid.uuid4())
    headers = {
        "Cache-Control": "no-cache",
        "Pragma": "no-cache",
        "x-ms-request-id": identity,
        "x-ms-correlation-request-id": request.header("x-ms-correlation-request-id") or identity,
        "x-ms-routing-request-id": f"LOOPBACK:{datetime.now(UTC):%Y%m%dT%H%M%SZ}:{identity}",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        **left,
        **response.headers,
    }
    client_id = request.header("x-ms-client-request-id")
    if client_id and request.header("x-ms-return-client-request-id").lower() == "true":
        headers["x-ms-client-request-id"] = client_id
    return HttpResponse(response.status, response.body, headers, response.content_type)


def graph_headers(response: HttpResponse, request: HttpRequest, left: Mapping[str, str]) -> HttpResponse:
    """Return `response` with the request ids and the content type of Graph, and what was taken of its budget."""
    if response.dropped:
        return response
    identity = str(uuid.uuid4())
    headers = {
        "Cache-Control": "no-cache",
        "request-id": identity,
        "client-request-id": request.header("client-request-id") or identity,
        "OData-Version": "4.0",
        **left,
        "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Loopback","Slice":"E","Ring":"0"}}',
        **response.headers,
    }
    content_type = response.content_type
    if content_type.startswith("application/json"):
        content_type = (
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        )
    return HttpResponse(response.status, response.body, headers, content_type)


def untouched_budget(request: HttpRequest) -> dict[str, str]:
    """Return the headers that say what is left of a budget of which nobody counts the requests: almost all."""
    if request.key.startswith(("/v1.0/", "/beta/")):
        return {"x-ms-resource-unit": "1"}
    if request.key == PATH:
        return {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
    kind, left = ("reads", _READS_LEFT) if request.method in {"GET", "HEAD"} else ("writes", _WRITES_LEFT)
    if request.method == "DELETE":
        kind = "deletes"
    place = "subscription" if request.key.startswith("/subscriptions/") else "tenant"
    budget = {f"x-ms-ratelimit-remaining-{place}-{kind}": left}
    if place == "subscription":
        budget[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] = left + "9"
    return budget
