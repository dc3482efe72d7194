"""Answers that consist of secrets by the address that was called, such as those of `listKeys`, alone or in a batch."""

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

_ANSWER = re.compile(
    r"/(?:list\w*(?:keys?|secrets?|sas|credentials?|connectionstrings?|tokens?|passwords?)|regenerate\w*key\w*"
    r"|generate\w*key\w*|listcallbackurl|getsas\w*|token|config/\w+/list|publishxml|export(?:template)?secrets?"
    r"|reset\w*password|retrieve\w*key\w*|begingetaccess|getentitykeys|addpassword)/?$",
    re.IGNORECASE,
)
_VAULT = re.compile(
    r"\.(?:vault|managedhsm)\.[^/]+/+(?:secrets|keys|certificates|storage|deletedsecrets)/", re.IGNORECASE
)
_NAMES = ("name", "id")
_STATUSES = ("httpStatusCode", "status")
_BODIES = ("content", "body")


def gives_secrets(url: Any, status: Any) -> bool:
    """Whether the answer of an address consists of secrets; an error does not, so it keeps its code and message."""
    if not isinstance(url, str) or (isinstance(status, int | float) and status >= 400):
        return False
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return True
    return bool(_ANSWER.search(path)) or is_vault(url)


def is_vault(url: Any) -> bool:
    """Whether an address is that of a secret, key or certificate in a key vault, also to set it."""
    return isinstance(url, str) and bool(_VAULT.search(url.partition("?")[0]))


def secret_parts(sent: Any, answered: Any) -> list[tuple[dict[str, Any], str]]:
    """Return the bodies in the answer of a batch that consist of secrets, each as an object and its key.

    `sent` and `answered` are the JSON of the request and of its answer. Parts belong together by their names, or by
    their order where they have none.
    """
    requests, responses = _list(sent, "requests"), _list(answered, "responses")
    urls = {_name(one, number): one.get("url") for number, one in enumerate(requests)}
    return [
        (one, body)
        for number, one in enumerate(responses)
        if gives_secrets(urls.get(_name(one, number)), next((one[key] for key in _STATUSES if key in one), None))
        for body in _BODIES
        if body in one
    ]


def parsed(text: Any) -> Any:
    """Return the JSON that a text is, or None."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _list(held: Any, name: str) -> list[dict[str, Any]]:
    listed = held.get(name) if isinstance(held, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _name(one: dict[str, Any], number: int) -> str:
    return next((str(one[key]) for key in _NAMES if key in one), f"#{number}")
