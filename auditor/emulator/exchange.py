"""One request and its answer, free of any web framework, so that every handler is a plain function."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

import msgspec

_encode = msgspec.json.Encoder().encode
JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class HttpRequest:
    """A request: `path` decoded, `key` the same in lower case without a trailing slash, `query` by lower-case name.

    `questions` makes a write an operation that ends after so many questions about its end; None: it ends at once. With
    `fails` it ends badly, and nothing has changed.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    origin: str
    body: bytes = b""
    questions: int | None = None
    fails: bool = False
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.path.lower().rstrip("/")

    def header(self, name: str) -> str:
        """The header `name` (case is the mapping's business), or the empty text."""
        return self.headers.get(name, "")

    def json(self) -> object:
        """The body as JSON; None where it is none."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    def form(self) -> dict[str, str]:
        """The body as a posted form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response; `dropped` means that the connection is closed without one."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    dropped: bool = False


class Refusal(Exception):
    """An answer that ends the handling of a request at once."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(f"{answer.status} {answer.body[:200]!r}")
        self.answer = answer


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return the answer with `value` as its JSON body."""
    return HttpResponse(status, _encode(value), headers or {})


def error_body(code: str, message: str) -> dict[str, object]:
    """The error shape that ARM and Graph share."""
    return {"error": {"code": code, "message": message}}


def split_target(raw: str) -> tuple[str, Mapping[str, str]]:
    """Return the decoded path and the query (names in lower case) of a request target as it stood on the wire."""
    raw_path, _, raw_query = raw.partition("?")
    path = unquote(raw_path) if "%" in raw_path else raw_path
    while "//" in path:
        path = path.replace("//", "/")
    return path, _query(raw_query) if raw_query else {}


@lru_cache(maxsize=4096)
def _query(raw: str) -> Mapping[str, str]:
    return {name.lower(): value for name, value in parse_qsl(raw, keep_blank_values=True)}
