"""Answers that no API documents: what proxies, defects and attackers put in the place of a true one."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec

from auditor.emulator.exchange import JSON, Answer

HTML = "text/html; charset=utf-8"
_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to go on.</body></html>"
_FOREIGN = "https://management.contoso.example/steal?api-version=1"
_CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="

Wrong = Callable[[Answer, str], Answer]
"""From the true answer and the target it was asked at to the wrong one."""


def _body(body: bytes, content_type: str = JSON, status: int = 200) -> Wrong:
    return lambda _true, _target: Answer(status, body, {}, content_type)


def _page(true: Answer) -> dict[str, Any]:
    """The true answer as an object, whatever its shape."""
    try:
        body = msgspec.json.decode(true.body)
    except msgspec.DecodeError:
        body = None
    return body if isinstance(body, dict) else {"value": body if isinstance(body, list) else []}


def _reshaped(change: Callable[[dict[str, Any]], object]) -> Wrong:
    return lambda true, _target: replace(true, status=200, body=msgspec.json.encode(change(_page(true))))


def _items(change: Callable[[Any], object]) -> Wrong:
    """Each item of a list, or the object itself, changed."""

    def changed(page: dict[str, Any]) -> object:
        if isinstance(page.get("value"), list):
            return {**page, "value": [change(item) for item in page["value"] or [{}]]}
        return change(page)

    return _reshaped(changed)


def _without(*names: str) -> Callable[[Any], object]:
    return lambda item: (
        {name: value for name, value in item.items() if name not in names} if isinstance(item, dict) else {}
    )


def _emptied(true: Answer) -> Any:
    """The true answer without its items or rows."""
    try:
        body = msgspec.json.decode(true.body)
    except msgspec.DecodeError:
        return {}
    if isinstance(body, list):
        return []
    if "tables" in body:
        return {**body, "tables": [{**table, "rows": []} for table in body["tables"]]}
    return {**body, "value": []} if "value" in body else body


def _empty_with_status(status: int) -> Wrong:
    """What would be an empty list, by a status that does not say that it is whole."""
    return lambda true, _target: replace(true, status=status, body=msgspec.json.encode(_emptied(true)))


def _empty_with(**more: object) -> Wrong:
    """What would be an empty list, but for what stands beside it; a bare array has no such place and gets one."""

    def wrong(true: Answer, _target: str) -> Answer:
        body = _emptied(true)
        return replace(
            true,
            status=200,
            body=msgspec.json.encode({**(body if isinstance(body, dict) else {"value": body}), **more}),
        )

    return wrong


def _linked(link: Callable[[str], object]) -> Wrong:
    """A page with a further one behind this link."""

    def wrong(true: Answer, target: str) -> Answer:
        page = {**_page(true), "nextLink": link(target), "@odata.nextLink": link(target)}
        return replace(true, status=200, body=msgspec.json.encode(page))

    return wrong


def _further(target: str) -> str:
    """The next address of a list that never ends."""
    head, mark, number = target.partition("&endless=")
    joined = head if "?" in head else f"{head}?again"
    return f"{joined}&endless={int(number) + 1 if mark and number.isdigit() else 1}"


def _endless_items(true: Answer, target: str) -> Answer:
    number = _further(target).rpartition("=")[2]
    item = {"id": f"/subscriptions/00000000-0000-4000-8000-000000000000/x{number}", "type": "x", "name": f"x{number}"}
    page = {"value": [item], "nextLink": _further(target), "@odata.nextLink": _further(target)}
    return replace(true, status=200, body=msgspec.json.encode(page))


def _encoded(true: Answer, encode: Callable[[bytes], bytes], **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(true, status=200, body=encode(true.body), headers={**true.headers, **named})


def _other_things(item: Any) -> object:
    own = item if isinstance(item, dict) else {}
    identity = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Other/things"
    name = quote(str(own.get("name") or own.get("id") or "one"), safe="")
    return {"id": f"{identity}/{name}", "name": name, "type": "Microsoft.Other/things", "@odata.type": "#other.thing"}


def _error(status: int, body: str) -> Wrong:
    words = {"code": "Refused", "message": "refused"}
    bodies = {
        "arm": (msgspec.json.encode({"error": words}), JSON),
        "graph": (msgspec.json.encode({"error": {**words, "innerError": {"date": "2026-11-23T10:00:00"}}}), JSON),
        "html": (_PAGE, HTML),
        "empty": (b"", JSON),
    }
    content, kind = bodies[body]
    return _body(content, kind, status)


STATUSES = range(400, 505)
BODIES = ("arm", "graph", "html", "empty")

WRONG: Mapping[str, Wrong] = {
    **{f"{status} {body}": _error(status, body) for status in STATUSES for body in BODIES},
    "an error": _body(msgspec.json.encode({"error": {"code": "Oops", "message": "no"}})),
    "a page of HTML": _body(_PAGE, HTML),
    "no body": _body(b""),
    "no content": _body(b"", status=204),
    "an empty object": _body(b"{}"),
    "an empty array": _body(b"[]"),
    "null": _body(b"null"),
    "a text": _body(b'"value"'),
    "a number": _body(b"17"),
    "true": _body(b"true"),
    "value is null": _reshaped(lambda page: {**page, "value": None}),
    "value is an object": _reshaped(lambda page: {**page, "value": {}}),
    "value is a text": _reshaped(lambda page: {**page, "value": "none"}),
    "items are null": _items(lambda _item: None),
    "items are texts": _items(str),
    "items are lists": _items(lambda item: [item]),
    "items without id": _items(_without("id", "name", "eventDataId")),
    "items without type": _items(_without("id", "type", "@odata.type", "actions", "enabled", "operationName")),
    "items with a number for id": _items(lambda item: {**item, "id": 5, "name": 5} if isinstance(item, dict) else item),
    "items of another type": _items(_other_things),
    "not whole": lambda true, _target: replace(true, body=true.body[: len(true.body) // 2] or b"{"),
    "with a byte order mark and cut": lambda true, _target: replace(true, body=b"\xef\xbb\xbf" + true.body[:-1]),
    "UTF-16": lambda true, _target: _encoded(true, lambda body: body.decode().encode("utf-16")),
    "bad UTF-8": _body(b'{"value": [{"id": "\xff\xfe", "name": "\xc3\x28"}]}'),
    "not a number": _body(b'{"value": [{"id": NaN}]}'),
    "a number without end": _body(b'{"value": [{"id": 1e999}]}'),
    "a lone surrogate": _body(b'{"value": [{"id": "\\ud800", "name": "\\ud800"}]}'),
    "nested deeply": _body(b'{"value": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "nested deeply in an item": _body(b'{"value": [{"id": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}]}"),
    "gzip that lies": lambda true, _target: _encoded(true, lambda body: body, Content_Encoding="gzip"),
    "gzip that is cut": lambda true, _target: _encoded(
        true, lambda body: gzip.compress(body)[:-12], Content_Encoding="gzip"
    ),
    "an unknown encoding": lambda true, _target: _encoded(true, lambda body: body, Content_Encoding="x-unheard-of"),
    "an unknown character set": lambda true, _target: replace(
        true, body=_PAGE, content_type="application/json; charset=unheard-of"
    ),
    "a redirect": lambda true, _target: Answer(302, true.body, {"Location": _FOREIGN}),
    "a foreign next link": _linked(lambda _target: _FOREIGN),
    "a next link to itself": _linked(lambda target: target),
    "a next link that is no text": _linked(lambda _target: {"href": "x"}),
    "a next link that is false": _linked(lambda _target: False),
    "a next link by another spelling": _empty_with(NextLink=_FOREIGN),
    "nothing beside an error": _empty_with(error={"code": "PartialFailure", "message": "a shard did not answer"}),
    "accepted, and empty": _empty_with_status(202),
    "of a proxy, and empty": _empty_with_status(203),
    "a part, and empty": _empty_with_status(206),
    "of several statuses, and empty": _empty_with_status(207),
    "a next link that is no address": _linked(lambda _target: "http://[::1"),
    "a relative next link to nowhere": _linked(lambda _target: "/nowhere?api-version=1"),
    "the same page again and again": _linked(_further),
    "pages without end": _endless_items,
    "a claims challenge": lambda _true, _target: Answer(
        401,
        msgspec.json.encode({"error": {"code": "InvalidAuthenticationToken", "message": "again"}}),
        {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{_CLAIMS}"'},
    ),
    "a broken claims challenge": lambda _true, _target: Answer(
        401, b"", {"WWW-Authenticate": 'Bearer error="insufficient_claims", claims="=%%="'}
    ),
    "to be asked again at a time that is none": lambda _true, _target: Answer(
        429, b"", {"Retry-After": "soon", "x-ms-ratelimit-remaining-subscription-reads": "9" * 5_000}
    ),
}
"""Every wrong answer by its name."""
