"""Undocumented answers, such as proxies, defects and attackers put in place of the true one."""

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec

from auditor.emulator.exchange import JSON, HttpResponse

HTML = "text/html; charset=utf-8"
_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to go on.</body></html>"
_FOREIGN = "https://management.contoso.example/steal?api-version=1"
_CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="

Wrong = Callable[[HttpResponse, str], HttpResponse]
"""A function from the true answer and the request target to the wrong answer."""


def _body(body: bytes, content_type: str = JSON, status: int = 200) -> Wrong:
    return lambda _true, _target: HttpResponse(status, body, {}, content_type)


def _decoded(true: HttpResponse) -> Any:
    """Return the decoded body of the true answer, or None if it is not JSON."""
    try:
        return msgspec.json.decode(true.body)
    except msgspec.DecodeError:
        return None


def _listed(true: HttpResponse) -> list[Any] | None:
    """Return the items of a list, bare or in an envelope, or None if the answer is not a list."""
    body = _decoded(true)
    items = body.get("value") if isinstance(body, dict) else body
    return items if isinstance(items, list) else None


def _relisted(true: HttpResponse, items: list[Any]) -> HttpResponse:
    """Return the same list with other items."""
    body = _decoded(true)
    page = {**body, "value": items} if isinstance(body, dict) else items
    return replace(true, status=200, body=msgspec.json.encode(page))


def _page(true: HttpResponse) -> dict[str, Any]:
    """Return the body of the true answer as an object; a bare list is put into an envelope."""
    body = _decoded(true)
    return body if isinstance(body, dict) else {"value": body if isinstance(body, list) else []}


def _reshaped(change: Callable[[dict[str, Any]], object]) -> Wrong:
    return lambda true, _target: replace(true, status=200, body=msgspec.json.encode(change(_page(true))))


def _items(change: Callable[[Any], object]) -> Wrong:
    """Return an answer with each item changed, or the object itself; an empty list gets one changed empty item."""

    def wrong(true: HttpResponse, _target: str) -> HttpResponse:
        items = _listed(true)
        if items is None:
            return replace(true, status=200, body=msgspec.json.encode(change(_page(true))))
        return _relisted(true, [change(item) for item in items or [{}]])

    return wrong


def _without(*names: str) -> Callable[[Any], object]:
    return lambda item: (
        {name: value for name, value in item.items() if name not in names} if isinstance(item, dict) else {}
    )


def _with(name: str, change: Callable[[Any], object]) -> Callable[[Any], object]:
    """Return a function that changes one property of an item, if the item has it."""
    return lambda item: {**item, name: change(item[name])} if isinstance(item, dict) and name in item else item


def _renamed(name: str, other: str) -> Callable[[Any], object]:
    return lambda item: {other if key == name else key: value for key, value in item.items()}


def _emptied(true: HttpResponse) -> Any:
    """Return the body of the true answer without its items or rows."""
    body = _decoded(true)
    if body is None:
        return {}
    if isinstance(body, list):
        return []
    if "tables" in body:
        return {**body, "tables": [{**table, "rows": []} for table in body["tables"]]}
    return {**body, "value": []} if "value" in body else body


def _empty_with_status(status: int) -> Wrong:
    """Return an empty list with a status that does not promise the complete list."""
    return lambda true, _target: replace(true, status=status, body=msgspec.json.encode(_emptied(true)))


def _empty_with(**more: object) -> Wrong:
    """Return an empty list with more properties beside it; a bare array is put into an envelope for that."""

    def wrong(true: HttpResponse, _target: str) -> HttpResponse:
        body = _emptied(true)
        return replace(
            true,
            status=200,
            body=msgspec.json.encode({**(body if isinstance(body, dict) else {"value": body}), **more}),
        )

    return wrong


def _linked(link: Callable[[str], object]) -> Wrong:
    """Return the true page with this link to a next one."""

    def wrong(true: HttpResponse, target: str) -> HttpResponse:
        page = {**_page(true), "nextLink": link(target), "@odata.nextLink": link(target)}
        return replace(true, status=200, body=msgspec.json.encode(page))

    return wrong


def _further(target: str) -> str:
    """Return the address of the next page of an endless list."""
    head, mark, number = target.partition("&endless=")
    joined = head if "?" in head else f"{head}?again"
    return f"{joined}&endless={int(number) + 1 if mark and number.isdigit() else 1}"


def _endless_items(true: HttpResponse, target: str) -> HttpResponse:
    number = _further(target).rpartition("=")[2]
    item = {"id": f"/subscriptions/00000000-0000-4000-8000-000000000000/x{number}", "type": "x", "name": f"x{number}"}
    page = {"value": [item], "nextLink": _further(target), "@odata.nextLink": _further(target)}
    return replace(true, status=200, body=msgspec.json.encode(page))


def _encoded(true: HttpResponse, encode: Callable[[bytes], bytes], **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(true, status=200, body=encode(true.body), headers={**true.headers, **named})


def _other_things(item: Any) -> object:
    own = item if isinstance(item, dict) else {}
    identity = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Other/things"
    name = quote(str(own.get("name") or own.get("id") or "one"), safe="")
    return {"id": f"{identity}/{name}", "name": name, "type": "Microsoft.Other/things", "@odata.type": "#other.thing"}


def _ids(change: Callable[[str], str]) -> Wrong:
    """Return each item with the ids in its properties changed; its own id stays."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        return change(value) if isinstance(value, str) and value.lower().startswith("/subscriptions/") else value

    return _items(_with("properties", changed))


def _twice(true: HttpResponse, _target: str) -> HttpResponse:
    """Return a list that contains each item twice, the second time with other contents."""
    items = _listed(true)
    if not items:
        return true
    other = {"properties": {"provisioningState": "Other"}, "enabled": False}
    return _relisted(true, [*items, *({**item, **other} for item in items if isinstance(item, dict))])


def _of_another_subscription(true: HttpResponse, target: str) -> HttpResponse:
    """Return a list whose ids lie in another subscription, for a request to a subscription or below."""
    if not target.lower().startswith("/subscriptions/") or _listed(true) is None:
        return true
    return replace(true, body=_SUBSCRIPTION.sub(rb"\g<1>00000000-0000-4000-8000-000000000000", true.body))


def _named_twice(true: HttpResponse, _target: str) -> HttpResponse:
    """Return a list whose envelope has a second, empty `value` at the end."""
    if _listed(true) is None:
        return true
    page = true.body.rstrip()
    page = page if page.endswith(b"}") else b'{"value": ' + page + b"}"
    return replace(true, body=page[:-1] + b', "value": []}')


_SUBSCRIPTION = re.compile(rb"(/subscriptions/)[0-9a-fA-F-]{36}", re.IGNORECASE)


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
    "items by another type": _items(_with("type", lambda _kind: "Microsoft.Other/things")),
    "items by another type beside @odata.type": _items(
        lambda item: {**item, "@odata.type": item["type"], "type": "Microsoft.Other/things"} if "type" in item else item
    ),
    "items whose own ids are quoted": _items(_with("id", lambda text: str(text).replace("a", "%61"))),
    "items whose own ids hold blanks": _items(_with("id", lambda text: "/ ".join(str(text).rsplit("/", 1)))),
    "items by the name of what is there anyway": _items(_with("name", lambda _name: "LogManagement(one)")),
    "items by a type with a blank": _items(_with("type", lambda kind: f"{kind} ")),
    "items without properties": _items(_without("properties")),
    "items with null for properties": _items(_with("properties", lambda _held: None)),
    "items with empty properties": _items(_with("properties", lambda _held: {})),
    "items with Properties": _items(_renamed("properties", "Properties")),
    "items that are on in words": _items(_with("enabled", lambda value: str(value).lower())),
    "items twice": _twice,
    "items of another subscription": _of_another_subscription,
    "a name twice": _named_twice,
    "ids as addresses": _ids(lambda text: f"https://management.contoso.example{text}"),
    "ids without a slash": _ids(lambda text: text[1:]),
    "ids with a blank": _ids(lambda text: f"{text} "),
    "ids that are quoted": _ids(lambda text: text.replace(".", "%2E")),
    "ids with a slash too many": _ids(lambda text: text.replace("/providers/", "//providers/")),
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
    "a redirect": lambda true, _target: HttpResponse(302, true.body, {"Location": _FOREIGN}),
    "a foreign next link": _linked(lambda _target: _FOREIGN),
    "a next link to itself": _linked(lambda target: target),
    "a next link that is no text": _linked(lambda _target: {"href": "x"}),
    "a next link that is false": _linked(lambda _target: False),
    "a next link by another spelling": _empty_with(NextLink=_FOREIGN),
    "a next link by another name": _empty_with(next_link=_FOREIGN),
    "a next link among links": _empty_with(_links={"next": {"href": _FOREIGN}}),
    "nothing beside other items": _empty_with(items=[{"id": "/subscriptions/x"}]),
    "nothing, and partial": _empty_with(isPartial=True),
    "nothing beside an error": _empty_with(error={"code": "PartialFailure", "message": "a shard did not answer"}),
    "accepted, and empty": _empty_with_status(202),
    "of a proxy, and empty": _empty_with_status(203),
    "a part, and empty": _empty_with_status(206),
    "of several statuses, and empty": _empty_with_status(207),
    "a next link that is no address": _linked(lambda _target: "http://[::1"),
    "a relative next link to nowhere": _linked(lambda _target: "/nowhere?api-version=1"),
    "the same page again and again": _linked(_further),
    "pages without end": _endless_items,
    "a claims challenge": lambda _true, _target: HttpResponse(
        401,
        msgspec.json.encode({"error": {"code": "InvalidAuthenticationToken", "message": "again"}}),
        {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{_CLAIMS}"'},
    ),
    "a broken claims challenge": lambda _true, _target: HttpResponse(
        401, b"", {"WWW-Authenticate": 'Bearer error="insufficient_claims", claims="=%%="'}
    ),
    "to be asked again at a time that is none": lambda _true, _target: HttpResponse(
        429, b"", {"Retry-After": "soon", "x-ms-ratelimit-remaining-subscription-reads": "9" * 5_000}
    ),
}
"""Every wrong answer by its name."""
