"""Text that may be shown: no token, secret or control character survives."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_LONGEST = 2000
_SHOWN_PARAMETERS = frozenset(
    {"api-version", "$filter", "$select", "$expand", "$top", "$orderby", "$search", "$count", "timespan"}
)
_READABLE = "$'(),:/"
_HIDDEN = "<removed>"
_TOKEN = re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}")
_BEARER = re.compile(r"(?i)\b(bearer|pop|basic)\s+[\w.~+/=-]{12,}")
_FIELDS = r"client_secret|client_assertion|refresh_token|access_token|id_token|assertion|password|secret|sig|code"
_FORM_FIELD = re.compile(rf"(?i)\b({_FIELDS})=[^&\s\"']+")
_JSON_FIELD = re.compile(rf"(?i)\"({_FIELDS})\"\s*:\s*\"[^\"]*\"")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def without_secrets(text: str) -> str:
    """Return `text` on one line, at most 2 000 characters, with whatever looks like a token or secret removed."""
    text = _JSON_FIELD.sub(rf'"\1": "{_HIDDEN}"', text)
    text = _FORM_FIELD.sub(rf"\1={_HIDDEN}", text)
    text = _TOKEN.sub(_HIDDEN, text)
    text = _BEARER.sub(rf"\1 {_HIDDEN}", text)
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def shown_url(url: str) -> str:
    """Return `url` without user name, fragment and the values of query parameters not known to be harmless.

    Continuation tokens and signatures travel in the query, so only a fixed set of parameters keeps its value.
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
