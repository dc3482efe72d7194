"""The errors of the connection to Azure, whose texts are free of secrets.

AzureFailed
├── ReadFailed            a read failed after all retries; readers turn it into a gap
│   └── Unreachable       no answer came: name, connection, certificate, time
├── SignInFailed          no credential returned a token
├── UnknownCloud          the cloud is neither a known name nor the URL of an ARM endpoint
├── WriteRefused          the read-only pipeline stopped a request that could change something
└── WriteFailed           a permitted write did not succeed, or its outcome is unknown
    ├── OperationFailed   Azure accepted the write and reports that it failed or was cancelled
    └── StillRunning      Azure accepted the write and has not finished it in time
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit


class AzureFailed(Exception):
    """A request to Azure did not succeed."""


class ReadFailed(AzureFailed):
    """A read failed after all retries.

    `status` is the HTTP status (0 = no answer came), `code` Azure's error code or one of our own. `message` and `url`
    are safe to show: tokens, secrets and continuation tokens are removed. `documented` says that the body of the answer
    has the form that Azure documents for errors; any other may come from a proxy and proves no absence. `enveloped`
    says that it is exactly the form of Resource Manager's own errors, which a resource provider need not have.
    """

    def __init__(
        self, status: int, code: str, message: str, url: str, *, documented: bool = False, enveloped: bool = False
    ) -> None:
        self.status = status
        self.code = without_secrets(code)
        self.message = without_secrets(message)
        self.url = shown_url(url)
        self.documented = documented
        self.enveloped = enveloped
        at = f"{self.url}: " if self.url else ""
        super().__init__(f"{at}{status or 'no answer'} {self.code}: {self.message}")


class Unreachable(ReadFailed):
    """No answer came from `url`; `code` is the kind of failure, `advice` what to do about it."""

    def __init__(self, code: str, message: str, url: str, advice: str) -> None:
        super().__init__(0, code, f"{message}; {advice}" if advice else message, url)
        self.advice = advice

    def __str__(self) -> str:
        """Return the message alone, since it names the host already."""
        return self.message


class SignInFailed(AzureFailed):
    """No credential returned a token; `attempts` has one line per credential tried, `advice` says what to do."""

    def __init__(self, attempts: Sequence[str], advice: str) -> None:
        self.attempts = tuple(without_secrets(attempt) for attempt in attempts)
        self.advice = without_secrets(advice)
        super().__init__("\n".join(("could not sign in", *(f"  {line}" for line in self.attempts), self.advice)))


class UnknownCloud(AzureFailed):
    """The text is neither the name of a cloud nor the URL of an ARM endpoint."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        self.reason = reason
        super().__init__(f"`{text}` is not a cloud: {reason}")


class WriteRefused(AzureFailed):
    """A request that could change something was stopped before it was sent."""

    def __init__(self, method: str, url: str) -> None:
        self.method = method
        self.url = shown_url(url)
        super().__init__(f"{method} {self.url} was refused: this connection only reads")


class WriteFailed(AzureFailed):
    """A permitted write did not succeed; the attributes are those of `ReadFailed`.

    Without an answer, with a status of 500 or above, and with an undocumented body, its outcome is unknown.
    """

    def __init__(self, status: int, code: str, message: str, url: str, *, documented: bool = False) -> None:
        self.status = status
        self.code = without_secrets(code)
        self.message = without_secrets(message)
        self.url = shown_url(url)
        self.documented = documented
        super().__init__(f"{self.url}: {status or 'no answer'} {self.code}: {self.message}")

    @classmethod
    def of(cls, failure: ReadFailed) -> "WriteFailed":
        """Return the same failure as that of a write."""
        return cls(failure.status, failure.code, failure.message, failure.url, documented=failure.documented)

    @property
    def may_have_happened(self) -> bool:
        """Whether the write may have happened nevertheless: only a documented refusal rules it out."""
        return not (300 <= self.status < 500 and self.documented)


class OperationFailed(WriteFailed):
    """Azure accepted a write and reports that it failed or was cancelled."""


class StillRunning(WriteFailed):
    """Azure accepted a write and has not finished it within `bound` seconds."""

    def __init__(self, bound: float, url: str) -> None:
        super().__init__(202, "StillRunning", f"Azure has not ended it within {bound:g} seconds", url)


_LONGEST = 2000
_HIDDEN = "<removed>"
_TOKEN = re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}")
_BEARER = re.compile(r"(?i)\b(bearer|pop|basic)\s+[\w.~+/=-]{12,}")
_SECRETS = (
    r"client_?secret|secret_?text|password|admin_?password|pwd|secret|(?:refresh|access|id|sas|registration)_?token"
    r"|(?:primary|secondary)?_?(?:account|access|shared|shared_?access|storage|storage_?account|api|auth|function|host"
    r"|instrumentation|master|primary|private|registration|secondary|workspace)_?key|connection_?string"
)
_FIELDS = rf"{_SECRETS}|client_?assertion|assertion|refresh|sas|sig|code"
_FORM_FIELD = re.compile(rf"(?i)\b({_FIELDS})=[^&;\s\"']+")
_NAMED_FIELD = re.compile(rf"(?i)\b({_SECRETS}):\s*[^&;,\s\"']+")
_JSON_FIELD = re.compile(rf"(?i)\\*\"({_FIELDS})\\*\"\s*:\s*\\*\"(?:[^\"\\]|\\[^\"])*\\*\"?")
_USER_INFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@\"'<>]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def without_secrets(text: str) -> str:
    """Return `text` on one line of at most 2,000 characters, without anything that looks like a token or secret."""
    text = _JSON_FIELD.sub(rf'"\1": "{_HIDDEN}"', text)
    text = _FORM_FIELD.sub(rf"\1={_HIDDEN}", text)
    text = _NAMED_FIELD.sub(rf"\1: {_HIDDEN}", text)
    text = _TOKEN.sub(_HIDDEN, text)
    text = _BEARER.sub(rf"\1 {_HIDDEN}", text)
    text = _USER_INFO.sub(rf"\1{_HIDDEN}@", text)
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_SHOWN_PARAMETERS = frozenset(
    {"api-version", "$filter", "$select", "$expand", "$top", "$orderby", "$search", "$count", "timespan"}
)
_READABLE = "$'(),:/"


def shown_url(url: str) -> str:
    """Return `url` without user name, fragment and most values of its query.

    The query may contain continuation tokens and signatures, so only a fixed set of parameters keeps its values.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "<malformed URL>"
    shown = f"{parts.scheme}://{host}" if parts.scheme else host
    if port is not None:
        shown += f":{port}"
    shown += _CONTROL.sub(" ", parts.path)
    if not parts.query:
        return shown
    kept = [
        (name, value if name.lower() in _SHOWN_PARAMETERS else "...")
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return f"{shown}?{urlencode(kept, quote_via=quote, safe=_READABLE)}"
