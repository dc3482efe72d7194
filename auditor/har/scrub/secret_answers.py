"""Bodies that consist of secrets by the address that was called: answers of `listKeys`, settings of an app, vaults.

Such a body is also a part of a batch, and the answer of an operation that was accepted before: `SecretCalls` remembers
where those will come.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from auditor.har.bodies import request_body, response_body
from auditor.har.scrub.encodings import decoded_base64, encoded_base64, text_of

_ANSWER = re.compile(
    r"/(?:list\w*(?:keys?|secrets?|sas|credentials?|connectionstrings?|tokens?|passwords?|values?|settings|callbackurl)"
    r"|regenerate\w*(?:keys?|credentials?|passwords?|tokens?)\w*|generate\w*(?:keys?|credentials?|passwords?|tokens?|sas)\w*"
    r"|getsas\w*|token|gettoken\w*|getaccesstoken|config/[\w-]+/list|publishxml|export(?:template)?secrets?"
    r"|reset\w*password|retrieve\w*(?:key|password|secret)\w*|begingetaccess|getentitykeys|addpassword"
    r"|readonlykeys|sharedkeys?|\w+withkeys|functions/[^/]+/keys|publishingcredentials(?:/list)?)/?$",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"/(?:connections/[^/]+/sharedkey|vaults/[^/]+/secrets/[^/]+(?:/versions/[^/]+)?|functions/[^/]+/keys/[^/]+"
    r"|host/default/(?:\w*keys/[^/]+|keys|_master)"
    r"|config/(?:appsettings|connectionstrings|azurestorageaccounts|authsettings(?:v2)?|publishingcredentials|backup|metadata"
    r"|pushsettings)|automationaccounts/[^/]+/variables/[^/]+|namedvalues/[^/]+)/?$",
    re.IGNORECASE,
)
"""What is sent to these consists of secrets as well as what comes back."""
_VAULT = re.compile(
    r"(?:^|[./])(?:vault|vaultcore|managedhsm)\.[^/]+/+(?:secrets|keys|certificates|storage|deleted\w+)/"
    r"|\.scm\.[^/]+/+api/settings(?:/|$)|\.azconfig\.[^/]+/+(?:kv|revisions)(?:/|$)",
    re.IGNORECASE,
)
"""The data of key vaults, and the settings of an app where its own host and App Configuration give them."""
_NAMES = ("name", "id")
_URLS = ("url", "relativeUrl", "relativeurl", "uri", "path")
_STATUSES = ("httpStatusCode", "status", "statusCode")
_BODIES = ("content", "body")
_LATER = frozenset({"location", "azure-asyncoperation", "operation-location"})
_GOES_ON = frozenset({201, 202, 301, 302, 303, 307, 308})
_MOST = 20_000
_BEGINNING = 10_000
_GUARD = re.compile(r"\A[^\[{]{0,12}(?=[\[{])")
"""A byte order mark, and what some services write before JSON, so that no page can use it as a script."""
_BATCH = re.compile(r"/\$?batch(?:/|$)", re.IGNORECASE)

Removed = Callable[[Any], Any]
"""What returns a JSON value that consists of secrets without them."""


def gives_secrets(url: Any, status: Any) -> bool:
    """Whether the answer of an address consists of secrets; an error does not, so it keeps its code and message."""
    if not isinstance(url, str) or (isinstance(status, int | float) and status >= 400):
        return False
    path = _path(url)
    return path is None or bool(_ANSWER.search(path)) or takes_secrets(url)


def takes_secrets(url: Any) -> bool:
    """Whether what is sent to an address consists of secrets: to set a secret, a key of an app, its settings."""
    if not isinstance(url, str) or not url:
        return False
    return bool(_VAULT.search(url.partition("?")[0])) or bool(_BOTH.search(_path(url) or ""))


class SecretCalls:
    """The calls of one capture: which answers consist of secrets, also those that come with a later call.

    The first pass learns what was asked; by the second one every answer is known, in whatever order they stand.
    """

    def __init__(self) -> None:
        self._later: dict[str, list[bool] | None] = {}
        """Where an answer comes later: None for secrets, or which parts of a batch are secret."""
        self._names: set[str] = set()
        """The names of parts of batches that asked for secrets."""

    def is_secret(self, entry: dict[str, Any]) -> bool:
        """Whether the answer of a call consists of secrets."""
        url, response = _part(entry, "request").get("url"), _part(entry, "response")
        status = response.get("status")
        is_secret = gives_secrets(url, status) or (
            isinstance(url, str)
            and self._later.get(_place(url), ()) is None
            and not (isinstance(status, int | float) and status >= 400)
        )
        if is_secret and isinstance(status, int) and status in _GOES_ON:  # some write anything
            self._note(response, None)
        return is_secret

    def without_secret_parts(self, entry: dict[str, Any], removed: Removed) -> dict[str, Any]:
        """Return the entry of a batch without the values of its parts that consist of secrets, sent and answered."""
        request, response = _part(entry, "request"), _part(entry, "response")
        url, posted = request.get("url"), _part(request, "postData")
        content = _part(response, "content")
        is_batch = isinstance(url, str) and (_BATCH.search(_path(url) or "") or _place(url) in self._later)
        if not is_batch and '"requests"' not in str(posted.get("text"))[:_BEGINNING]:
            return entry
        asked_in = parsed(request_body(posted).text) if posted else None
        requests = _list(asked_in, "requests")
        is_secret = [any(gives_secrets(one.get(key), 200) for key in _URLS) for one in requests]
        if len(self._names) < _MOST:
            self._names |= {
                name for one, secret in zip(requests, is_secret, strict=True) if secret and (name := _name(one))
            }
        if any(is_secret):
            self._note(response, is_secret)
        if _cleaned(_sent_secrets(requests), removed):
            entry = {**entry, "request": {**request, "postData": {**posted, "text": json.dumps(asked_in)}}}
        if not (self._names or self._later):
            return entry
        answered = parsed(response_body(content).text)
        responses = _list(answered, "responses") or _list(answered, "value")
        if not _cleaned(self._answered_secrets(requests, is_secret, responses, str(url)), removed):
            return entry
        text = json.dumps(answered)
        if str(content.get("encoding", "")).lower() == "base64":
            text = encoded_base64(text, like="=")
        return {**entry, "response": {**response, "content": {**content, "text": text}}}

    def _note(self, response: dict[str, Any], parts: list[bool] | None) -> None:
        """Remember where the answer comes that was accepted."""
        headers = response.get("headers")
        if isinstance(response.get("redirectURL"), str) and response["redirectURL"] and len(self._later) < _MOST:
            self._later[_place(response["redirectURL"])] = parts
        for one in headers if isinstance(headers, list) else ():
            is_place = isinstance(one, dict) and str(one.get("name")).lower() in _LATER
            if is_place and isinstance(one.get("value"), str) and len(self._later) < _MOST:
                self._later[_place(one["value"])] = parts

    def _answered_secrets(
        self, requests: list[dict[str, Any]], is_secret: list[bool], responses: list[dict[str, Any]], url: str
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield the answers of a batch that consist of secrets, each as an object and its key."""
        by_name = {name: secret for one, secret in zip(requests, is_secret, strict=True) if (name := _name(one))}
        in_order = is_secret or self._later.get(_place(url)) or []
        for number, one in enumerate(responses):
            name = _name(one)
            if name in by_name:
                secret = by_name[name]
            elif name:
                secret = name in self._names
            else:  # by its order, and if that says nothing, as whatever was asked for
                secret = in_order[number] if number < len(in_order) else bool(self._names or self._later)
            if secret and not _is_refusal(one):
                yield from ((one, body) for body in _BODIES if body in one)


def _cleaned(secrets: Iterator[tuple[dict[str, Any], str]], removed: Removed) -> bool:
    """Remove secrets from bodies in place; whether there were any."""
    any_cleaned = False
    for held, body in secrets:
        any_cleaned = True
        value = held[body]
        decoded = decoded_base64(value) if isinstance(value, str) else None
        text = text_of(decoded) if decoded is not None else value if isinstance(value, str) else None
        inside = parsed(text)
        if inside is None:
            held[body] = removed(value)
        else:
            written = json.dumps(removed(inside), ensure_ascii=False)
            held[body] = encoded_base64(written, like=value) if decoded is not None else written
    return any_cleaned


def _sent_secrets(requests: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    for one in requests:
        if any(takes_secrets(one.get(key)) for key in _URLS):
            yield from ((one, body) for body in _BODIES if body in one)


def _is_refusal(part: dict[str, Any]) -> bool:
    status = next((part[key] for key in _STATUSES if key in part), None)
    status = int(status) if isinstance(status, str) and status.isdecimal() else status
    return isinstance(status, int | float) and status >= 400


def parsed(text: Any) -> Any:
    """Return the JSON that a text is, or None."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(_GUARD.sub("", text, count=1))
    except (ValueError, RecursionError):
        return None


def _path(url: str) -> str | None:
    """Return the path of an address; None if it has none that can be read."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return None


def _place(url: str) -> str:
    """Return an address without its parameters, as one place is named in headers and in calls."""
    return url.partition("?")[0].partition("#")[0].lower().removeprefix("https://").removeprefix("http://").rstrip("/")


def _list(held: Any, name: str) -> list[dict[str, Any]]:
    listed = held.get(name) if isinstance(held, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _name(one: dict[str, Any]) -> str:
    return next((str(one[key]) for key in _NAMES if isinstance(one.get(key), str | int)), "")


def _part(entry: dict[str, Any], name: str) -> dict[str, Any]:
    part = entry.get(name)
    return part if isinstance(part, dict) else {}
