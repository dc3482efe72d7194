"""The scrubbing of an entry of a capture: each field by what HAR 1.2 and the browsers say that it holds.

A field that neither names is removed, because nobody can say what is in it.
"""

import re
from collections.abc import Callable
from typing import Any

from auditor.har.scrub.bodies import ScrubbedBodies
from auditor.har.scrub.names import header_kind
from auditor.har.scrub.removals import Kind, has_nothing
from auditor.har.scrub.secret_answers import SecretCalls, takes_secrets
from auditor.har.scrub.text import Scrubber
from auditor.har.scrub.words import words

_ENTRY = words(
    """pageref startedDateTime time request response cache timings serverIPAddress connection comment _initiator
    _priority _resourceType _webSocketMessages _eventSourceMessages _transferSize _error _fromCache _connectionId
    _fetchedViaServiceWorker _serviceWorkerResponseSource _securityState _isHTTPS _request_id _chunks _wasPushed
    _fromDiskCache _urlLoader _requestId _was_pushed"""
)
_REQUEST = words("method url httpVersion cookies headers queryString postData headersSize bodySize comment")
_RESPONSE = words(
    """status statusText httpVersion cookies headers content redirectURL headersSize bodySize comment _transferSize
    _error _fetchedViaServiceWorker"""
)
_LOG = words("version creator browser pages comment")
_HTTP = re.compile(r"^(?:PUT|POST|PATCH) (\S+) HTTP/1", re.MULTILINE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?")


class ScrubbedEntries:
    """Entries, and the rest of a capture, without secrets."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._removals = scrubber.removals
        self._bodies = ScrubbedBodies(scrubber)
        self._calls = SecretCalls()

    def entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Return an entry without secrets."""
        is_secret = self._calls.is_secret(entry)
        entry = self._calls.without_secret_parts(entry, self._bodies.secret)
        scrubbed: dict[str, Any] = {}
        for name, value in self._known(entry, _ENTRY):
            if name == "request" and isinstance(value, dict):
                scrubbed[name] = self._request(value)
            elif name == "response" and isinstance(value, dict):
                scrubbed[name] = self._response(value, is_secret=is_secret)
            elif name == "_webSocketMessages" and isinstance(value, list):
                scrubbed[name] = [self._message(one) for one in value]
            else:
                scrubbed[name] = self._field(name, value)
        return scrubbed

    def log(self, log: dict[str, Any]) -> dict[str, Any]:
        """Return what stands beside the entries (version, creator, pages) without secrets."""
        return {name: self._field(name, value) for name, value in self._known(log, _LOG)}

    def _known(self, held: dict[str, Any], names: frozenset[str]) -> list[tuple[str, Any]]:
        unknown = [name for name in held if name not in names]
        for _ in unknown:
            self._removals.remove(Kind.UNKNOWN_FIELD)
        return [(name, value) for name, value in held.items() if name in names]

    def _field(self, name: str, value: Any) -> Any:
        if name == "startedDateTime" and isinstance(value, str) and _TIME.fullmatch(value):
            return value
        if name == "serverIPAddress" and isinstance(value, str):
            return value if has_nothing(value) else self._removals.remove(Kind.ADDRESS)
        if isinstance(value, dict) and self._scrubber.is_clean_document(value):
            return value
        return self._scrubber.value(value, name)

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        scrubbed: dict[str, Any] = {}
        for name, value in self._known(request, _REQUEST):
            if name == "postData" and isinstance(value, dict):
                scrubbed[name] = self._bodies.posted(value, is_secret=_takes_secrets(request))
            else:
                scrubbed[name] = self._of_message(name, value)
        return scrubbed

    def _response(self, response: dict[str, Any], *, is_secret: bool) -> dict[str, Any]:
        scrubbed: dict[str, Any] = {}
        for name, value in self._known(response, _RESPONSE):
            if name == "content" and isinstance(value, dict):
                scrubbed[name] = self._bodies.content(value, is_secret=is_secret)
            else:
                scrubbed[name] = self._of_message(name, value)
        return scrubbed

    def _of_message(self, name: str, value: Any) -> Any:
        """Return a field that requests and responses have in common."""
        if name in {"url", "redirectURL"} and isinstance(value, str):
            return self._scrubber.url(value)
        if name == "headers":
            return self._named(value, self._header, is_clean=self._is_clean_header)
        if name == "cookies":
            return self._named(value, self._cookie)
        if name == "queryString":
            return self._named(value, self._scrubber.parameter)
        return self._field(name, value)

    def _is_clean_header(self, one: Any) -> bool:
        """Whether a header is one that was seen before and holds no secret."""
        clean = self._scrubber.clean
        try:
            name, value = one["name"], one["value"]
            return len(one) == 2 and value in clean and name in clean and header_kind(name) is None
        except (TypeError, KeyError):
            return False

    def _named(self, held: Any, scrub: Any, is_clean: Callable[[Any], bool] = lambda _: False) -> Any:
        """Return a list of `{name, value}`, or the object that some programs write in its place."""
        if isinstance(held, dict):
            return {self._scrubber.text(str(name)): scrub(str(name), _string(value)) for name, value in held.items()}
        if not isinstance(held, list):
            return self._unknown(held)
        return [
            one if is_clean(one) else self._named_value(one, scrub) if isinstance(one, dict) else self._unknown(one)
            for one in held
        ]

    def _unknown(self, held: Any) -> Any:
        """Return a marker for something that stands where HAR has a name with a value; it cannot be judged."""
        is_empty = held is None or (isinstance(held, str) and has_nothing(held))
        return held if is_empty else self._removals.remove(Kind.UNKNOWN_FIELD)

    def _named_value(self, one: dict[str, Any], scrub: Any) -> dict[str, Any]:
        """Return an object `{name, value, ...}`; its other fields are attributes of a cookie."""
        name = _string(one.get("name"))
        scrubbed: dict[str, Any] = {}
        for key, value in one.items():
            if key == "value":
                scrubbed[key] = scrub(name, _string(value))
            elif key == "expires":
                scrubbed[key] = (
                    value if value is None or len(str(value)) < 40 else self._removals.remove(Kind.UNKNOWN_FIELD)
                )
            else:
                scrubbed[key] = self._scrubber.value(value)
        return scrubbed

    def _cookie(self, _name: str, value: str) -> str:
        return value if has_nothing(value) else self._removals.remove(Kind.COOKIE, value)

    def _header(self, name: str, value: str) -> str:
        if has_nothing(value):
            return value
        kind = header_kind(name)
        if kind is Kind.PERSONAL_HEADER:
            masked = self._removals.addresses.replaced(value)
            return masked if masked != value and "@" in value and " " not in masked else self._personal(value)
        if kind is not None:
            return self._removals.remove(kind, value)
        return self._scrubber.text(value)

    def _personal(self, value: str) -> str:
        if re.fullmatch(r"user-\d+@example\.invalid", value):
            return value
        return self._removals.remove(Kind.PERSONAL_HEADER, value)

    def _message(self, message: Any) -> Any:
        """Return a message of a WebSocket without secrets; one that is no text is removed."""
        if not isinstance(message, dict):
            return self._scrubber.value(message)
        return {
            key: self._bodies.message(value, is_binary=message.get("opcode") == 2)
            if key == "data" and isinstance(value, str)
            else self._scrubber.value(value, key)
            for key, value in message.items()
        }


def _takes_secrets(request: dict[str, Any]) -> bool:
    """Whether the body of a request consists of secrets, also as a part of a batch of whole HTTP requests."""
    if takes_secrets(request.get("url")):
        return True
    text = _part(request, "postData").get("text")
    return isinstance(text, str) and any(map(takes_secrets, _HTTP.findall(text) if " HTTP/1" in text else ()))


def _part(held: dict[str, Any], name: str) -> dict[str, Any]:
    part = held.get(name)
    return part if isinstance(part, dict) else {}


def _string(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
