"""The headers that ARM and Graph put on every answer."""

import uuid
from datetime import UTC, datetime

from auditor.emulator.exchange import HttpRequest, HttpResponse

_READS_LEFT = "249"
_WRITES_LEFT = "199"


def arm_headers(answer: HttpResponse, call: HttpRequest) -> HttpResponse:
    """Return the answer with request ids and what is left of the caller's budget."""
    if answer.dropped:
        return answer
    identity = str(uuid.uuid4())
    headers = {
        "Cache-Control": "no-cache",
        "Pragma": "no-cache",
        "x-ms-request-id": identity,
        "x-ms-correlation-request-id": call.header("x-ms-correlation-request-id") or identity,
        "x-ms-routing-request-id": f"LOOPBACK:{datetime.now(UTC):%Y%m%dT%H%M%SZ}:{identity}",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        **_budget(call),
        **answer.headers,
    }
    client_id = call.header("x-ms-client-request-id")
    if client_id and call.header("x-ms-return-client-request-id").lower() == "true":
        headers["x-ms-client-request-id"] = client_id
    return HttpResponse(answer.status, answer.body, headers, answer.content_type)


def graph_headers(answer: HttpResponse, call: HttpRequest) -> HttpResponse:
    """Return the answer with Graph's request ids."""
    if answer.dropped:
        return answer
    identity = str(uuid.uuid4())
    headers = {
        "Cache-Control": "no-cache",
        "request-id": identity,
        "client-request-id": call.header("client-request-id") or identity,
        "OData-Version": "4.0",
        "x-ms-resource-unit": "1",
        "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Loopback","Slice":"E","Ring":"0"}}',
        **answer.headers,
    }
    content_type = answer.content_type
    if content_type.startswith("application/json"):
        content_type = (
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        )
    return HttpResponse(answer.status, answer.body, headers, content_type)


def _budget(call: HttpRequest) -> dict[str, str]:
    kind, left = ("reads", _READS_LEFT) if call.method in {"GET", "HEAD"} else ("writes", _WRITES_LEFT)
    if call.method == "DELETE":
        kind = "deletes"
    place = "subscription" if call.key.startswith("/subscriptions/") else "tenant"
    budget = {f"x-ms-ratelimit-remaining-{place}-{kind}": left}
    if place == "subscription":
        budget[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] = left + "9"
    return budget
