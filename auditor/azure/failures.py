"""From azure-core's errors to `ReadFailed`: what finally went wrong with one request."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
from azure.core.exceptions import (
    AzureError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)

from auditor.azure.errors import ReadFailed, Unreachable
from auditor.azure.links import origin_of


def failure_of(error: Exception, url: str) -> ReadFailed:
    """Return the failure that any exception of a client library means for a read of `url`.

    An answer that a library cannot even take apart raises whatever it raises there: none of it is a defect of the
    caller, and none of it may end more than this one read.
    """
    if isinstance(error, AzureError):
        return read_failed(error, url)
    return ReadFailed(0, "UnreadableAnswer", f"the answer could not be taken apart ({type(error).__name__})", url)


def read_failed(error: AzureError, url: str) -> ReadFailed:
    """Return the failure that `error` means for a read of `url`."""
    if isinstance(error, IncompleteReadError):
        return ReadFailed(0, "IncompleteBody", "the answer ended before it was whole, each time", url)
    response = error.response if isinstance(error, HttpResponseError) else None
    if response is not None:
        status: int = response.status_code or 0
        if isinstance(error, DecodeError) and status < 400:
            return not_json(status, url)
        return refusal(status, body_of(response), url)
    return _unanswered(error, url)


def refusal(status: int, body: bytes, url: str) -> ReadFailed:
    """Return the failure of an answer that is not a success."""
    if 300 <= status < 400:
        return ReadFailed(status, "Redirected", "the endpoint redirects, and redirects are not followed", url)
    reason = error_body(status, body)
    return ReadFailed(status, reason.code, reason.message, url, documented=reason.documented)


def not_json(status: int, url: str) -> ReadFailed:
    """Return the failure of an answer whose body is something else than whole JSON."""
    return ReadFailed(
        status, "NotJson", "the answer is not JSON, or not whole: a proxy or sign-in page may stand in between", url
    )


def unexpected_status(status: int, url: str) -> ReadFailed:
    """Return the failure of an answer whose status is a success, and does not say that all of it has come."""
    message = "Azure answers a read with 200; this answer may hold a part, or what a proxy made of it"
    return ReadFailed(status, "UnexpectedStatus", message, url)


def unexpected_shape(what: str, url: str) -> ReadFailed:
    """Return the failure of an answer that is JSON, but not what the API documents."""
    return ReadFailed(200, "UnexpectedShape", what, url)


def fault_name(fault: AzureError) -> str:
    """Return the sort of a fault that left no answer: the same for every request that meets it."""
    return "an answer that was cut short" if isinstance(fault, IncompleteReadError) else _unanswered(fault, "").code


def is_certificate_fault(fault: BaseException) -> bool:
    """Whether the server could not prove who it is; trying again would not help."""
    inner = getattr(fault, "inner_exception", None) or fault.__cause__
    return isinstance(inner, aiohttp.ClientConnectorCertificateError | aiohttp.ServerFingerprintMismatch)


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


def body_of(response: object) -> bytes:
    """Return the body, of azure-core's old and new response classes alike; nothing where it was not read to its end."""
    read = getattr(response, "body", None)
    try:
        body = read() if callable(read) else getattr(response, "content", b"")
    except (AzureError, ValueError):
        return b""
    return body if isinstance(body, bytes) else b""


def _unanswered(error: AzureError, url: str) -> Unreachable:
    host = _host(url)
    cause = getattr(error, "inner_exception", None) or error.__cause__
    if is_certificate_fault(error):
        return Unreachable(
            "UntrustedCertificate",
            f"the certificate of {host} is not trusted",
            url,
            "if a proxy opens TLS, name its root certificate with SSL_CERT_FILE",
        )
    if isinstance(error, ServiceResponseTimeoutError | ServiceRequestTimeoutError):
        return Unreachable("Timeout", f"{host} gave no whole answer in time", url, "check the network and any proxy")
    if getattr(cause, "errno", None) in {errno.EMFILE, errno.ENFILE}:
        advice = "raise the limit (`ulimit -n`) or lower `--concurrency`"
        return Unreachable("TooManyOpenFiles", f"too many files are open to connect to {host}", url, advice)
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return Unreachable("HostNotFound", f"the name {host} is unknown", url, "check `--cloud` and the name service")
    if isinstance(cause, aiohttp.ClientConnectorError):
        return Unreachable("ConnectionFailed", f"{host} cannot be reached", url, "check the network and HTTPS_PROXY")
    return Unreachable("ConnectionBroken", f"{host} broke the connection, each time", url, "check the network")


def _host(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        return "the endpoint"


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
