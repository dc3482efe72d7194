"""The `ReadFailed` of a failed request: made from the answer's status and body, or from a client library's error."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from auditor.azure.transport import proxy_of


def failure_of(error: Exception, url: str) -> ReadFailed:
    """Return the failure of a read of `url` that ended with `error`, any exception of a client library.

    A library may raise anything for an answer it cannot parse; that must end this one read only.
    """
    if isinstance(error, AzureError):
        return read_failed(error, url)
    return ReadFailed(0, "UnreadableAnswer", f"the answer could not be parsed ({type(error).__name__})", url)


def read_failed(error: AzureError, url: str) -> ReadFailed:
    """Return the failure of a read of `url` that ended with an error of azure-core."""
    if isinstance(error, IncompleteReadError):
        return ReadFailed(0, "IncompleteBody", "the answer was cut off at every attempt", url)
    response = error.response if isinstance(error, HttpResponseError) else None
    if response is not None:
        status: int = response.status_code or 0
        if isinstance(error, DecodeError) and status < 400:
            return not_json(status, url)
        return refusal(status, body_of(response), url)
    return _unanswered(error, url)


def refusal(status: int, body: bytes, url: str) -> ReadFailed:
    """Return the failure of an answer whose status is not a success."""
    if 300 <= status < 400:
        return ReadFailed(status, "Redirected", "the endpoint redirects, and redirects are not followed", url)
    reason = error_body(status, body)
    return ReadFailed(
        status, reason.code, reason.message, url, documented=reason.documented, enveloped=reason.enveloped
    )


def not_json(status: int, url: str) -> ReadFailed:
    """Return the failure of an answer whose body is not complete JSON."""
    return ReadFailed(
        status, "NotJson", "the answer is not JSON, or not complete: it may come from a proxy or a sign-in page", url
    )


def unexpected_status(status: int, url: str) -> ReadFailed:
    """Return the failure of an answer whose status is a success other than 200, so that it may be incomplete."""
    message = "Azure answers a read with 200; this answer may be incomplete or come from a proxy"
    return ReadFailed(status, "UnexpectedStatus", message, url)


def unexpected_shape(what: str, url: str) -> ReadFailed:
    """Return the failure of an answer that is JSON, but not of the documented form; `what` is the reason."""
    return ReadFailed(200, "UnexpectedShape", what, url)


def fault_name(fault: AzureError) -> str:
    """Return the kind of a fault without an answer; it is the same for all requests that fail alike."""
    return "an answer that was cut short" if isinstance(fault, IncompleteReadError) else _unanswered(fault, "").code


def is_certificate_fault(fault: BaseException) -> bool:
    """Return whether the server's certificate was not accepted, in which case a retry would not help."""
    inner = getattr(fault, "inner_exception", None) or fault.__cause__
    return isinstance(inner, aiohttp.ClientConnectorCertificateError | aiohttp.ServerFingerprintMismatch)


def is_final_fault(fault: BaseException) -> bool:
    """Return whether a fault would be the same again: a certificate that is not trusted, or a proxy that refuses."""
    inner = getattr(fault, "inner_exception", None) or fault.__cause__
    status = inner.status if isinstance(inner, aiohttp.ClientHttpProxyError) else 0
    return is_certificate_fault(fault) or (400 <= status < 500 and status not in _PASSING_AT_PROXY)


_PASSING_AT_PROXY = frozenset({408, 429})


def proxy_failure(cause: object, url: str) -> Unreachable | None:
    """Return the failure of a request for `url` that ended at the proxy; None for any other cause."""
    if isinstance(cause, aiohttp.ClientHttpProxyError):
        return refused_by_proxy(cause.status, url)
    # Behind a proxy the only name that is looked up here is the proxy's own.
    if isinstance(cause, aiohttp.ClientConnectorDNSError) and _proxy_of(url):
        return unreachable_proxy("its name is unknown", url)
    if isinstance(cause, aiohttp.ClientProxyConnectionError):
        return unreachable_proxy(cause.strerror or "no connection", url)
    return None


def unreachable_proxy(reason: str, url: str) -> Unreachable:
    """Return the failure of a request for `url` whose proxy does not answer."""
    return Unreachable(
        "ProxyUnreachable",
        f"the proxy {_proxy_of(url) or 'in HTTPS_PROXY'} cannot be reached ({reason})",
        url,
        "check HTTPS_PROXY; NO_PROXY names the hosts that are reached without it",
    )


def refused_by_proxy(status: int, url: str) -> Unreachable:
    """Return the failure of a request for which the proxy answered with `status` in place of a connection."""
    proxy, host = _proxy_of(url) or "in HTTPS_PROXY", _host(url)
    if status in {401, 407}:  # some answer a wrong password with 401
        return Unreachable(
            "ProxySignIn",
            f"the proxy {proxy} asks for a sign-in, or refused it ({status})",
            url,
            "check the name and password in HTTPS_PROXY (http://NAME:PASSWORD@PROXY:PORT, special characters as %XX)",
        )
    if 400 <= status < 500:
        return Unreachable(
            "ProxyRefused",
            f"the proxy {proxy} does not allow connections to {host} ({status})",
            url,
            "have the host allowed there, or name it in NO_PROXY where it can be reached without the proxy",
        )
    return Unreachable(
        "ProxyFailed",
        f"the proxy {proxy} could not connect to {host} ({status})",
        url,
        "check `--cloud`, and whether the proxy reaches the host",
    )


def _proxy_of(url: str) -> str:
    """Return the host and port of the proxy for a URL; empty without one."""
    try:
        return str(proxy_of(url) or "")
    except (Unreachable, ValueError):
        return ""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The code and message of a refusal.

    `documented` where the body has the form that ARM and Graph document, `enveloped` where it is
    `{"error": {"code": text, "message": text}}` with nothing else in it and no name twice, as ARM itself writes it;
    only `details` that repeat the same code may be there.
    """

    code: str
    message: str
    documented: bool = False
    enveloped: bool = False


def error_body(status: int, body: bytes) -> ErrorBody:
    """Return the code and message of an error response; without a code, the name of its status.

    Known forms: `{"error": {"code", "message"}}` (ARM, Graph), `{"error": "…", "error_description"}` (Entra),
    `{"Code", "Message"}` and `{"Message"}` (older providers), `{"odata.error": {"code", "message": {"value"}}}`.
    """
    try:
        content = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
        enveloped = _is_enveloped(content) and not holds_a_name_twice(body, content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        content, enveloped = None, False
    return replace(error_in(status, content), enveloped=enveloped)


def error_in(status: int, content: object) -> ErrorBody:
    """Return the code and message of a decoded error body, as in the items of a `$batch` answer."""
    fields = _lower_keys(content)
    inner = fields.get("error", fields.get("odata.error", fields))
    if isinstance(inner, str):
        message = _text(fields.get("error_description")) or inner or _no_reason(status)
        return ErrorBody(inner or _phrase(status), message)
    inner = _lower_keys(inner)
    code = _text(inner.get("code")) or _text(inner.get("error")) or _phrase(status)
    message = _text(inner.get("message")) or _text(fields.get("message")) or _no_reason(status)
    return ErrorBody(code, f"{message}{_detail(inner, code)}", documented=_is_documented(content))


def _detail(error: Mapping[str, Any], code: str) -> str:
    """Return the last detail of an error in brackets; empty where none has a code of its own.

    Resource Graph says only there what was wrong, behind an outer message that is always the same.
    """
    details = error.get("details")
    held = [_lower_keys(one) for one in details] if isinstance(details, list) else []
    own = [one for one in held if _text(one.get("code")) not in {"", code}]
    return f" ({_text(own[-1].get('code'))}: {_text(own[-1].get('message'))})" if own else ""


def body_of(response: object) -> bytes:
    """Return the body of a response, of azure-core's old or new class; empty where it was not read completely."""
    read = getattr(response, "body", None)
    try:
        body = read() if callable(read) else getattr(response, "content", b"")
    except (AzureError, ValueError):
        return b""
    return body if isinstance(body, bytes) else b""


def _unanswered(error: AzureError, url: str) -> Unreachable:
    host = _host(url)
    cause = getattr(error, "inner_exception", None) or error.__cause__
    if failure := proxy_failure(cause, url):
        return failure
    if is_certificate_fault(error):
        through = f" through the proxy {proxy}" if (proxy := _proxy_of(url)) else ""
        return Unreachable(
            "UntrustedCertificate",
            f"the certificate of {host}{through} is not trusted",
            url,
            "if a proxy opens TLS, name its root certificate with SSL_CERT_FILE",
        )
    if isinstance(error, ServiceResponseTimeoutError | ServiceRequestTimeoutError):
        return Unreachable("Timeout", f"{host} gave no complete answer in time", url, "check the network and any proxy")
    if getattr(cause, "errno", None) in {errno.EMFILE, errno.ENFILE}:
        advice = "raise the limit (`ulimit -n`) or lower `--concurrency`"
        return Unreachable("TooManyOpenFiles", f"too many files are open to connect to {host}", url, advice)
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return Unreachable("HostNotFound", f"the name {host} is unknown", url, "check `--cloud` and the name service")
    if isinstance(cause, aiohttp.ClientConnectorError):
        return Unreachable("ConnectionFailed", f"{host} cannot be reached", url, "check the network and HTTPS_PROXY")
    return Unreachable("ConnectionBroken", f"{host} broke the connection at every attempt", url, "check the network")


def _host(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        return "the endpoint"


def _is_documented(content: object) -> bool:
    """Return whether a body is `{"error": {"code": text, "message": text}}`, the documented form.

    The inner object alone counts too: Azure Monitor and a few older providers send it.
    """
    if not isinstance(content, dict):
        return False
    error = content.get("error", content)
    if not isinstance(error, dict):
        return False
    code, message = error.get("code"), error.get("message")
    return isinstance(code, str) and bool(code.strip()) and isinstance(message, str)


def _is_enveloped(content: object) -> bool:
    """Return whether a body is an object with nothing but an `error`, which has a code, a message and nothing else.

    For a provider that is not registered, ARM adds `details` that say the same and name the provider.
    """
    if not isinstance(content, dict) or list(content) != ["error"] or not _is_documented(content):
        return False
    error = content["error"]
    code, message = error["code"], error["message"]
    if "details" in error and not _repeats(error["details"], code):
        return False
    named = error.keys() - {"details"} == {"code", "message"}
    return named and code.isascii() and code.isalnum() and bool(message.strip())


def _repeats(details: object, code: str) -> bool:
    """Return whether the details of an error say nothing but the same code again, each with its message."""
    if not isinstance(details, list) or not details:
        return False
    return all(
        isinstance(one, dict)
        and one.keys() - {"target"} == {"code", "message"}
        and one["code"] == code
        and all(isinstance(text, str) for text in one.values())
        for one in details
    )


def holds_a_name_twice(content: bytes, value: object) -> bool:
    """Return whether an object in a JSON text has a name twice; `value` is the decoded text.

    Decoding drops one of two equal names, so fewer quotation marks after encoding again reveal them.
    """
    return _quotation_marks(content) != msgspec.json.encode(value).count(b'"')


def _quotation_marks(content: bytes) -> int:
    """Return the number of quotation marks in a JSON text, escaped ones included."""
    return content.count(b'"') + content.replace(b"\\\\", b"").count(b"\\u0022")


def _lower_keys(content: object) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        return {}
    return {str(key).lower(): value for key, value in content.items()}


def _text(value: object) -> str:
    """Return a code or message as a text: OData messages are `{"lang", "value"}`, and some codes are numbers."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _no_reason(status: int) -> str:
    return f"HTTP status {status} without a reason"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.replace(" ", "")
    except ValueError:
        return f"Http{status}"
