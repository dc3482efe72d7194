"""`$batch`: up to twenty requests in one, each answered with its own status."""

import base64
from collections.abc import Callable

import msgspec

from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, error_body, json_response, split_target
from auditor.emulator.graph import errors as graph_errors

_MOST = 20


def run_batch(batch: HttpRequest, answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Return the answers to the requests in the body of `batch`; a request that depends on a failed one gets a 424."""
    body = batch.json()
    requests = body.get("requests") if isinstance(body, dict) else None
    if batch.method != "POST" or not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise graph_errors.refuse(400, "BadRequest", "Invalid batch payload format.")
    if len(requests) > _MOST:
        raise graph_errors.refuse(
            400, "BadRequest", f"Number of batch request steps exceeds the maximum value of {_MOST}."
        )
    ids = [str(each.get("id")) for each in requests]
    if len(set(ids)) != len(ids) or not all(
        each.get("id") and each.get("method") and each.get("url") for each in requests
    ):
        raise graph_errors.refuse(400, "BadRequest", "Invalid batch payload format.")
    responses: dict[str, dict[str, object]] = {}
    for request in requests:
        responses[str(request["id"])] = _response(batch, request, responses, answer)
    return json_response({"responses": list(responses.values())})


def _response(
    batch: HttpRequest,
    request: dict[str, object],
    earlier: dict[str, dict[str, object]],
    answer: Callable[[HttpRequest], HttpResponse],
) -> dict[str, object]:
    identity, depends = str(request["id"]), request.get("dependsOn")
    if isinstance(depends, list) and any(
        int(str(earlier.get(str(id_), {}).get("status", 424))) >= 400 for id_ in depends
    ):
        failed = error_body("FailedDependency", "A request that this one depends on failed.")
        return {"id": identity, "status": 424, "body": failed}
    try:
        given = answer(_inner(batch, request))
    except Refusal as refusal:
        given = refusal.response
    if given.dropped:  # a request of a batch has no connection of its own
        given = graph_errors.error(504, "GatewayTimeout", "The request timed out.")
    shown: dict[str, object] = {"id": identity, "status": given.status}
    shown["headers"] = {"Content-Type": "application/json", **given.headers}
    if given.body:
        is_json = "json" in given.content_type
        shown["body"] = msgspec.Raw(given.body) if is_json else base64.b64encode(given.body).decode()
    return shown


def _inner(batch: HttpRequest, request: dict[str, object]) -> HttpRequest:
    path, query = split_target(str(request["url"]).removeprefix(batch.origin).removeprefix("/v1.0"))
    headers = request.get("headers")
    named = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    if path.strip("/").lower() == "$batch":
        raise graph_errors.refuse(400, "BadRequest", "A batch cannot hold a batch.")
    return HttpRequest(
        str(request["method"]).upper(),
        f"/v1.0/{path.lstrip('/')}",
        query,
        _Headers(named),
        batch.origin,
        msgspec.json.encode(request["body"]) if "body" in request else b"",
    )


class _Headers(dict[str, str]):
    """The headers of one request in a batch; case does not matter."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # every value is a text
        """Return the header `name`."""
        return super().get(name.lower(), default)
