"""Failing calls without secrets, by what the scrubber of captures knows: names, forms, and values seen elsewhere.

Whatever `har` shows of a capture passes through here; mail addresses and names of accounts stay, for an answer is about
an account.
"""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from auditor.har.addresses import Address
from auditor.har.scrub.entries import ScrubbedEntries
from auditor.har.scrub.remembered import Remembered
from auditor.har.scrub.removals import Kind, Removals
from auditor.har.scrub.search.forms import path_without_tokens
from auditor.har.scrub.text import Scrubber

T = TypeVar("T")
_NO_SECRET = re.compile(
    r"[A-Za-z]+|[\d.:TZ/-]+|\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?|[\w.+-]+@[\w.-]+|https?:.*"
)
"""Words, numbers, times, ids, mail addresses and addresses: they stand in cookies too, and messages need them."""
_HALF = re.compile("[\ud800-\udfff]")
_PERSONAL = frozenset({Kind.NAME, Kind.PERSONAL_HEADER, Kind.ADDRESS})
_CERTAIN = frozenset({Kind.PASSWORD, Kind.SECRET, Kind.KEY, Kind.SIGNATURE})
_MOST_SECRETS = 4_000
_LONGEST_BODY = 200_000
_TRACES = ("passw", "pwd", "secret", "credential", "key", "token", "connectionstring", "signature")
"""What the body of a request has that sends a secret, in lower case."""
_MOST_BODIES = 2_000
"""Bodies of requests that did not fail in which secrets are looked for."""


class SecretRemover:
    """What is known of the secrets of one capture: `learn` from its entries, then `ready`, then `cleaned`.

    Where `is_full`, it is time for that, and for `forget`: a capture can hold more secrets than memory.
    """

    def __init__(self) -> None:
        removals = Removals(keeps_people=True)
        removals.secrets = self._secrets = _Distinct()
        self._scrubber = Scrubber(removals)
        self._entries = ScrubbedEntries(self._scrubber)
        self._bodies = 0

    def learn(self, entry: dict[str, Any]) -> None:
        """Remember the secrets of an entry with a failing call."""
        request, response = (dict(_part(entry, name)) for name in ("request", "response"))
        request["postData"], response["content"] = _short(request.get("postData")), _short(response.get("content"))
        self._entries.entry({"request": request, "response": response})

    def learn_sent(self, entry: dict[str, Any]) -> None:
        """Remember the secrets in the body of a request: what fails later may repeat the password that it sent."""
        request = _part(entry, "request")
        posted = request.get("postData")
        if self._bodies >= _MOST_BODIES or not isinstance(posted, dict):
            return
        text = posted.get("text")
        lower = (text if isinstance(text, str) else str(posted.get("params", "")))[:_LONGEST_BODY].lower()
        if any(trace in lower for trace in _TRACES):
            self._bodies += 1
            self._entries.entry({"request": {"url": request.get("url"), "postData": _short(posted)}})

    def learn_text(self, text: str) -> None:
        """Remember the secrets of a log."""
        self._scrubber.text(text[: 5 * _LONGEST_BODY])

    @property
    def is_full(self) -> bool:
        """Whether so many secrets are known that what is read by now is to be cleaned."""
        return len(self._secrets) > _MOST_SECRETS

    def forget(self) -> None:
        """Keep the passwords and keys alone: cookies and tokens that are repeated are so by the answer to them."""
        self._secrets.forget()

    def ready(self) -> None:
        """End learning: what was learned is looked for everywhere."""
        self._scrubber.begin_again()

    def cleaned(self, value: T) -> T:
        """Return a value of dataclasses, tuples and texts without the secrets in its texts."""
        result: Any = value
        if isinstance(value, str):
            result = self._text(value)
        elif isinstance(value, tuple):
            result = tuple(map(self.cleaned, value))
        elif isinstance(value, Address):
            result = replace(value, path=self._path(value), query=self._text(value.query))
        elif is_dataclass(value) and not isinstance(value, type):
            result = replace(value, **{one.name: self.cleaned(getattr(value, one.name)) for one in fields(value)})
        return result  # type: ignore[no-any-return]  # `replace` loses the type of what is replaced

    def _path(self, address: Address) -> str:
        """Return the path of an address: first as a whole, for `/invite/` tells what follows it."""
        removals = self._scrubber.removals
        return self._text(path_without_tokens(address.path, address.host, removals.remove))

    def _text(self, text: str) -> str:
        """Return a text without secrets and halves of characters.

        A path is cleaned by segments, for one that looks like chance is not to take the others along.
        """
        text = _HALF.sub("\ufffd", text)
        if text.startswith("/") and " " not in text and "://" not in text:
            return "/".join(map(self._scrubber.text, text.split("/")))
        return self._scrubber.text(text)


def markup_without_secrets(text: str) -> str:
    """Return HTML or XML without secrets, as long as the names of its elements are there to know them by."""
    return SecretRemover().cleaned(text) if "</" in text or "/>" in text else text


class _Distinct(Remembered[Kind]):
    """Secrets, without what is personal alone, and without what messages need."""

    def learn(self, kind: Kind, value: str, *, is_certain: bool) -> None:
        """Remember a value that is a secret."""
        if kind not in _PERSONAL and (is_certain or not _NO_SECRET.fullmatch(value.strip())):
            super().learn(kind, value, is_certain=is_certain)

    def __len__(self) -> int:
        """Return the number of secrets."""
        return len(self._kinds)

    def forget(self) -> None:
        """Forget what is not certain to be a secret, and the oldest ones beyond a bound."""
        certain = [(value, kind) for value, kind in self._kinds.items() if kind in _CERTAIN]
        self._kinds = dict(certain[-_MOST_SECRETS // 2 :])


def _part(entry: dict[str, Any], name: str) -> dict[str, Any]:
    part = entry.get(name)
    return part if isinstance(part, dict) else {}


def _short(body: object) -> object:
    """Return a body with the beginning of its text alone."""
    if isinstance(body, dict) and isinstance(body.get("text"), str):
        return {**body, "text": body["text"][:_LONGEST_BODY]}
    return body
