"""HTTP requests and responses independent of any web framework, so that every handler is a plain function."""

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

    `questions` turns a write into an operation that ends with the status request after that many others; with `fails`
    it fails and changes nothing. With `questions` None, the write is done at once.
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
        """Return the header `name`, or the empty text; `headers` decides whether case matters."""
        return self.headers.get(name, "")

    def json(self) -> object:
        """Return the decoded JSON body, or None if it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    def form(self) -> dict[str, str]:
        """Return the fields of the form in the body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response; with `dropped`, the connection is closed and nothing is sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    dropped: bool = False


class Refusal(Exception):
    """An error response, raised to end the handling of a request at once."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(f"{response.status} {response.body[:200]!r}")
        self.response = response


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a response with `value` as its JSON body."""
    return HttpResponse(status, _encode(value), headers or {})


def error_body(code: str, message: str) -> dict[str, object]:
    """Return an error object of the shape that ARM and Graph share."""
    return {"error": {"code": code, "message": message}}


def split_target(raw: str) -> tuple[str, Mapping[str, str]]:
    """Return the decoded path and the query (names in lower case) of a request target."""
    raw_path, _, raw_query = raw.partition("?")
    path = unquote(raw_path) if "%" in raw_path else raw_path
    while "//" in path:
        path = path.replace("//", "/")
    return path, _query(raw_query) if raw_query else {}


@lru_cache(maxsize=4096)
def _query(raw: str) -> Mapping[str, str]:
    return {name.lower(): value for name, value in parse_qsl(raw, keep_blank_values=True)}
