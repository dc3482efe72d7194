"""The error code and message inside the bodies that ARM, Graph and Entra send with a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """A refusal in Azure's words; `documented` where it came in the shape that ARM and Graph document."""

    code: str
    message: str
    documented: bool = False


def error_body(status: int, body: bytes) -> ErrorBody:
    """Return code and message of an error response, whatever its shape; the status's own name where it has none.

    Known shapes: `{"error": {"code", "message"}}` (ARM, Graph), `{"error": "…", "error_description"}` (Entra),
    `{"Code", "Message"}` and `{"Message"}` (older providers), `{"odata.error": {"code", "message": {"value"}}}`.
    """
    try:
        content = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        content = None
    return error_in(status, content)


def error_in(status: int, content: object) -> ErrorBody:
    """Return code and message of an error body that is decoded already, as the items of a `$batch` answer are."""
    fields = _lower(content)
    inner = fields.get("error", fields.get("odata.error", fields))
    if isinstance(inner, str):
        message = _text(fields.get("error_description")) or inner or _silent(status)
        return ErrorBody(inner or _name(status), message)
    inner = _lower(inner)
    code = _text(inner.get("code")) or _text(inner.get("error")) or _name(status)
    message = _text(inner.get("message")) or _text(fields.get("message")) or _silent(status)
    return ErrorBody(code, message, documented=_is_documented(content))


def _is_documented(content: object) -> bool:
    """Whether a body is `{"error": {"code": text, "message": text}}`: only such a one can say that nothing is there.

    Azure Monitor and a few older providers send the inner object alone.
    """
    if not isinstance(content, dict):
        return False
    error = content.get("error", content)
    if not isinstance(error, dict):
        return False
    code, message = error.get("code"), error.get("message")
    return isinstance(code, str) and bool(code.strip()) and isinstance(message, str)


def _lower(content: object) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        return {}
    return {str(key).lower(): value for key, value in content.items()}


def _text(value: object) -> str:
    """Messages are texts, or `{"lang", "value"}` in OData; codes are now and then numbers."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _silent(status: int) -> str:
    return f"HTTP status {status} without a reason"


def _name(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.replace(" ", "")
    except ValueError:
        return f"Http{status}"
