"""Batches: the requests that the portal sends at once to Resource Manager, Graph or a storage account, with answers.

A batch answers 200 whatever its requests came to. Resource Manager matches requests and answers by `name`, Graph and
Log Analytics by `id` (https://learn.microsoft.com/graph/json-batching). Those of storage are multipart bodies with one
request of HTTP in a part, and so are the answers, in the same order
(https://learn.microsoft.com/rest/api/storageservices/blob-batch).
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from auditor.har.addresses import Address, mark_of, relative_address
from auditor.har.bodies import CapturedBody
from auditor.har.services import Service

_VERSION = re.compile(r"^/(?:v\d\.\d|beta)(?=/)", re.IGNORECASE)
_METHOD = re.compile(r"[A-Z]{3,10}")
_PART = re.compile(
    r"^(?P<method>GET|HEAD|PUT|POST|PATCH|MERGE|DELETE) (?P<url>\S{1,4000}) HTTP/1\.\d\s*$", re.MULTILINE
)
_ANSWERED_PART = re.compile(
    r"^HTTP/1\.\d (?P<status>[1-5]\d\d)\b[^\n]*\n(?P<headers>(?:[^\r\n]+\r?\n)*)(?P<body>[\s\S]*?)(?=^--|\Z)",
    re.MULTILINE,
)
_CODE = re.compile(r"(?:^x-ms-error-code:[ \t]*|<Code>)(?P<code>[A-Za-z]\w{2,80})", re.MULTILINE | re.IGNORECASE)
_MESSAGE = re.compile(r"<Message>(?P<message>[^<]*)")
_MOST = 5_000
"""Maximum number of requests of a batch that are looked at; Azure takes 20 or 500."""


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """One request of a batch and its answer; the status 0 means that no answer is there."""

    name: str
    method: str
    address: Address
    command: str = ""
    status: int = 0
    content: Any = None
    asked: int = 0
    """A hash of what the request asks for."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The requests of one batch; empty where the capture does not have them."""

    address: Address
    requests: tuple[BatchAnswer, ...]

    def answers(self, body: CapturedBody, earlier: Mapping[str, BatchAnswer]) -> Iterator[BatchAnswer]:
        """Yield every request with its answer, and answers whose request is not known.

        `earlier` are the requests of batches that were accepted before, by name.
        """
        document = body.json()
        rows = document.get("responses") if isinstance(document, dict) else [*_answered_parts(body)]
        if not isinstance(rows, list) or (not rows and document is None):
            yield from self.requests or (BatchAnswer("", "POST", self.address),)
            return
        answers = [row for row in rows[:_MOST] if isinstance(row, dict)]
        names = [_name(row) for row in answers]
        by_name = {name: row for name, row in zip(names, answers, strict=True) if name}
        is_named = len(by_name) == len(answers) and len({one.name for one in self.requests}) == len(self.requests)
        known = {one.name: one for one in self.requests}
        if is_named or not self.requests:
            for name, row in zip(names, answers, strict=True):
                asked = known.pop(name, None) or earlier.get(name) or BatchAnswer(name, "?", self.address)
                yield _answered(asked, row)
            yield from known.values()
            return
        for number, asked in enumerate(self.requests):
            yield _answered(asked, answers[number]) if number < len(answers) else asked


def batch_of(service: Service, method: str, address: Address, body: CapturedBody, answer: CapturedBody) -> Batch | None:
    """Return the batch that a call with this body and this answer is, or None for another call."""
    if method == "POST" and (_holds_parts(body, _PART) or _holds_parts(answer, _ANSWERED_PART)):
        return Batch(address, tuple(_requests_in_parts(body, address)))
    path = address.path.lower().rstrip("/")
    if service is Service.ARM and (path == "/batch" or path.startswith("/batch/")) and method in {"POST", "GET"}:
        return Batch(address, tuple(_requests(body, address, "")))
    if service is not Service.ARM and method == "POST" and path.endswith(("/$batch", "/batch")):
        version = _VERSION.match(address.path)
        return Batch(address, tuple(_requests(body, address, version[0] if version else "")))
    return None


def _requests(body: CapturedBody, base: Address, version: str) -> Iterator[BatchAnswer]:
    document = body.json()
    rows = document.get("requests") if isinstance(document, dict) else None
    for row in (rows if isinstance(rows, list) else [])[:_MOST]:
        if not isinstance(row, dict):
            continue
        method = str(row.get("httpMethod") or row.get("method") or "").upper()
        details = row.get("requestHeaderDetails")
        command = details.get("commandName") if isinstance(details, dict) else None
        yield BatchAnswer(
            name=_name(row),
            method=method if _METHOD.fullmatch(method) else "?",
            address=relative_address(_url(row), base, version) or base,
            command=command[:300] if isinstance(command, str) else "",
            asked=mark_of(_url(row), row.get("content", row.get("body")) if method == "POST" else None),
        )


def _holds_parts(body: CapturedBody, pattern: re.Pattern[str]) -> bool:
    return body.text[:100].lstrip().startswith("--") and pattern.search(body.text) is not None


def _requests_in_parts(body: CapturedBody, base: Address) -> Iterator[BatchAnswer]:
    for found, _ in zip(_PART.finditer(body.text), range(_MOST), strict=False):
        yield BatchAnswer("", found["method"], relative_address(found["url"], base, "") or base)


def _answered_parts(body: CapturedBody) -> Iterator[dict[str, Any]]:
    """Yield the answers in a multipart body, as rows of a batch in JSON."""
    if not _holds_parts(body, _ANSWERED_PART):
        return
    for found, _ in zip(_ANSWERED_PART.finditer(body.text), range(_MOST), strict=False):
        status, content = int(found["status"]), found["body"].strip()
        code, words = _CODE.search(found[0]), _MESSAGE.search(found["body"])
        if status >= 400 and code is not None:
            content = json.dumps({"error": {"code": code["code"], "message": words["message"] if words else ""}})
        yield {"status": status, "content": content}


def _url(row: dict[str, Any]) -> object:
    """Return the address of a request; Log Analytics names a path, and the workspace beside it."""
    workspace, path = row.get("workspace"), row.get("path")
    if isinstance(workspace, str) and isinstance(path, str):
        return f"/workspaces/{workspace}/{path.lstrip('/')}"
    return row.get("url") or row.get("relativeUrl") or path


def _answered(asked: BatchAnswer, row: dict[str, Any]) -> BatchAnswer:
    status = next((row[key] for key in ("httpStatusCode", "status", "statusCode") if key in row), 0)
    return replace(asked, status=status_of(status), content=_content(row.get("content", row.get("body"))))


_WORDS = {re.sub(r"\W", "", one.phrase).lower(): int(one) for one in HTTPStatus}


def status_of(value: object) -> int:
    """Return an HTTP status that is a number, a text or a name such as `Forbidden`; 0 for anything else."""
    if isinstance(value, str):
        number = re.fullmatch(r"\s*(?:HTTP/[\d.]+ )?([1-5]\d\d)(?:\.0)?(?:\s.*)?", value)
        return int(number[1]) if number else _WORDS.get(re.sub(r"\W", "", value[:60]).lower(), 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 100 <= value < 600 else 0


def _content(content: Any) -> Any:
    """Return the answer as a JSON value; Graph writes what is no JSON as base64, Resource Manager as text."""
    if not isinstance(content, str):
        return content
    for text in (content, _from_base64(content)):
        try:
            found = json.loads(text)
            return json.loads(found) if isinstance(found, str) else found  # JSON of JSON
        except (ValueError, RecursionError):
            continue
    return {"message": content[:4_000]}


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _name(row: dict[str, Any]) -> str:
    name = row.get("name", row.get("id"))
    return str(name)[:200] if isinstance(name, str | int) else ""
