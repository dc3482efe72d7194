"""Error responses of Microsoft Graph, with its codes and messages."""

import time
import uuid

from auditor.emulator.exchange import HttpResponse, Refusal, json_response
from auditor.emulator.refusals import refusal_of
from auditor.inventory.reads import Gap


def error(status: int, code: str, message: str) -> HttpResponse:
    """Return an error response with Graph's inner error."""
    identity = str(uuid.uuid4())
    inner = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
        "request-id": identity,
        "client-request-id": identity,
    }
    return json_response({"error": {"code": code, "message": message, "innerError": inner}}, status)


def refuse(status: int, code: str, message: str) -> Refusal:
    """Return an error with Graph's body, to be raised."""
    return Refusal(error(status, code, message))


def bad_request(message: str) -> Refusal:
    """Return the 400 `Request_BadRequest`."""
    return refuse(400, "Request_BadRequest", message)


def unsupported_query(message: str) -> Refusal:
    """Return the 400 `Request_UnsupportedQuery`."""
    return refuse(400, "Request_UnsupportedQuery", message)


def not_found(identity: str) -> Refusal:
    """Return the 404 for an unknown object."""
    return refuse(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identity}' does not exist or one of its queried reference-property objects are not present.",
    )


def no_segment(segment: str) -> Refusal:
    """Return the 400 for a path with an unknown segment."""
    return refuse(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def of_gap(gap: Gap) -> Refusal:
    """Return the refusal that a gap records."""
    if gap.status >= 400:
        return Refusal(error(gap.status, gap.code or "Authorization_RequestDenied", gap.message))
    return Refusal(refusal_of(gap))
