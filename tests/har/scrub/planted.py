"""Secrets planted in captures: the places where one can stand, its encodings, and what an output can be read as."""

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote

from auditor.har.scrub.entries import ScrubbedEntries
from auditor.har.scrub.removals import Removals
from auditor.har.scrub.text import Scrubber

GUID = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
URL = (
    f"https://management.azure.com/subscriptions/{GUID}/resourceGroups/rg-wave1/providers/Microsoft.Migrate"
    "/migrateProjects/contoso-wave1?api-version=2020-05-01"
)
MESSAGE = f"The client '{GUID}' does not have authorization to perform action 'Microsoft.Migrate/migrateProjects/read'"


def base64_of(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def base64url_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def in_json(times: int) -> Callable[[str], str]:
    def encoded(text: str) -> str:
        for _ in range(times):
            text = json.dumps({"error": {"code": "AuthorizationFailed"}, "inner": text})
        return text

    return encoded


def jwt_of(text: str) -> str:
    claims = base64url_of(json.dumps({"aud": "https://management.azure.com", "x": text}))
    return f"{base64url_of(json.dumps({'typ': 'JWT', 'alg': 'RS256'}))}.{claims}.{base64url_of(text)}"


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "url": lambda text: quote(text, safe=""),
    "url twice": lambda text: quote(quote(text, safe=""), safe=""),
    "base64": base64_of,
    "base64url": base64url_of,
    "base64 of base64": lambda text: base64_of(base64_of(text)),
    "base64 after something": lambda text: base64_of("a " + text + " cd"),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "JSON": in_json(1),
    "JSON in JSON": in_json(2),
    "JSON in JSON in JSON": in_json(3),
    "URL of JSON": lambda text: quote(in_json(1)(text), safe=""),
    "base64 of JSON": lambda text: base64_of(in_json(2)(text)),
    "JWT": jwt_of,
    "entities": lambda text: html.escape(json.dumps({"a": text})),
    "escapes": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "hex": lambda text: text.encode().hex(),
}

NAMED: dict[str, Callable[[str], str]] = {
    "JSON": lambda secret: json.dumps({"access_token": secret}),
    "JSON, nested": lambda secret: json.dumps({"a": [{"clientSecret": {"value": secret}}]}),
    "name and value": lambda secret: json.dumps([{"name": "adminPassword", "value": secret}]),
    "keys of an account": lambda secret: json.dumps({"keys": [{"keyName": "key1", "value": secret}]}),
    "form": lambda secret: f"grant_type=password&password={quote(secret, safe='')}&scope=x",
    "connection": lambda secret: f"AccountName=a;AccountKey={secret};EndpointSuffix=core.windows.net",
    "header": lambda secret: f"GET / HTTP/1.1\r\nAuthorization: Bearer {secret}\r\nAccept: */*",
    "cookie": lambda secret: f"Cookie: first=1; session={secret}",
    "query": lambda secret: f"{URL}&sig={quote(secret, safe='')}",
    "fragment": lambda secret: f"https://portal.azure.com/#access_token={quote(secret, safe='')}&state=1",
    "element": lambda secret: f"<a><Password>{html.escape(secret)}</Password></a>",
    "field": lambda secret: f"<form><input type='hidden' name='id_token' value='{html.escape(secret)}'></form>",
    "script": lambda secret: f"<html><script>$Config={json.dumps({'sFT': secret, 'a': {'b': 1}})};</script></html>",
    "part": lambda secret: (
        f'--x1\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\n{secret}\r\n--x1--\r\n'
    ),
    "log": lambda secret: f'12:00:01 sign-in failed: token = "{secret}", code 60052',
    "cut JSON": lambda secret: '{"a": 1, "refresh_token": ' + json.dumps(secret),
}
"""Texts in which a secret has a name."""


def in_url(key: str) -> str:
    return key.rstrip("=").translate(str.maketrans("+/", "-_"))


def pem_of(key: str) -> str:
    lines = "\n".join(key[at : at + 64] for at in range(0, len(key), 64))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"


FORMS: dict[str, Callable[[str], str]] = {
    "token": lambda key: f"{base64url_of('{}')}.{base64url_of(json.dumps({'aud': 'x'}))}.{in_url(key)}",
    "account key": lambda key: f"take {key} for it",
    "signature": lambda key: f"https://x.blob.core.windows.net/c?sv=2020-01-01&sig={quote(key, safe='')}",
    "connection": lambda key: f"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey={key}",
    "refresh token": lambda key: f"1.A{in_url(key)}.x",
    "private key": pem_of,
    "basic": lambda key: f"Basic {base64_of(f'ada:{key}')}",
    "user": lambda key: f"https://ada:{quote(key, safe='')}@host.example/x",
    "registration": lambda key: base64_of(
        json.dumps({"TenantId": GUID, "Sas": f"https://x/?sig={quote(key, safe='')}"})
    ),
}
"""Texts in which a key of 64 random bytes is known by its form, without a name."""


def headers(**values: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in values.items()]


def entry(**parts: Any) -> dict[str, Any]:
    """Return a refused call; `url`, `request`, `response` and `content` replace parts of it."""
    content = {"size": 10, "mimeType": "application/json", "text": json.dumps(error())}
    return {
        "startedDateTime": "2026-11-30T10:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": "GET",
            "url": parts.get("url", URL),
            "httpVersion": "http/2.0",
            "cookies": [],
            "headers": headers(x_ms_client_request_id=GUID),
            "queryString": [{"name": "api-version", "value": "2020-05-01"}],
            "headersSize": -1,
            "bodySize": 0,
            **parts.get("request", {}),
        },
        "response": {
            "status": 403,
            "statusText": "Forbidden",
            "httpVersion": "http/2.0",
            "cookies": [],
            "headers": headers(x_ms_correlation_request_id=GUID),
            "content": {**content, **parts.get("content", {})},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 10,
            **parts.get("response", {}),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 2},
        **parts.get("entry", {}),
    }


def error() -> dict[str, Any]:
    return {"error": {"code": "AuthorizationFailed", "message": MESSAGE}}


PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "body": lambda text: entry(content={"text": text, "mimeType": "text/plain"}),
    "body, JSON": lambda text: entry(content={"text": json.dumps({"properties": {"x": text}})}),
    "body, HTML": lambda text: entry(content={"text": f"<p>{text}</p>", "mimeType": "text/html"}),
    "body, base64": lambda text: entry(
        content={"text": base64_of(text), "encoding": "base64", "mimeType": "text/plain"}
    ),
    "body, script": lambda text: entry(content={"text": f"var x = {text}", "mimeType": "application/javascript"}),
    "posted": lambda text: entry(request={"postData": {"mimeType": "application/json", "text": json.dumps([text])}}),
    "posted text": lambda text: entry(request={"postData": {"mimeType": "text/plain", "text": text}}),
    "parameter": lambda text: entry(request={"postData": {"mimeType": "x", "params": [{"name": "x", "value": text}]}}),
    "query": lambda text: entry(request={"queryString": [{"name": "x", "value": text}]}),
    "URL": lambda text: entry(url=f"{URL}&x={quote(text, safe='')}"),
    "path": lambda text: entry(url=f"https://x.example/{quote(text, safe='')}/y"),
    "fragment": lambda text: entry(url=f"{URL}#x={quote(text, safe='')}"),
    "header": lambda text: entry(response={"headers": headers(x_ms_x=text)}),
    "unknown header": lambda text: entry(request={"headers": headers(X_Vendor=text)}),
    "referer": lambda text: entry(request={"headers": headers(Referer=f"https://x.example/?x={quote(text, safe='')}")}),
    "redirect": lambda text: entry(response={"redirectURL": f"https://x.example/?x={quote(text, safe='')}"}),
    "message": lambda text: entry(entry={"_webSocketMessages": [{"type": "send", "opcode": 1, "data": text}]}),
    "binary message": lambda text: entry(
        entry={"_webSocketMessages": [{"type": "send", "opcode": 2, "data": base64_of(text)}]}
    ),
    "initiator": lambda text: entry(entry={"_initiator": {"type": "x", "stack": {"callFrames": [{"url": text}]}}}),
    "unknown field": lambda text: entry(entry={"_vendor": {"x": [text]}}),
    "comment": lambda text: entry(entry={"comment": text}),
    "status": lambda text: entry(response={"statusText": text}),
    "cookie": lambda text: entry(request={"cookies": [{"name": "x", "value": text, "path": "/"}]}),
}
"""Places of an entry in which a text can stand that has no name of its own."""


def scrubbed(*entries: dict[str, Any]) -> tuple[list[dict[str, Any]], Removals]:
    """Return entries as the two passes leave them."""
    scrubber = Scrubber(Removals())
    work = ScrubbedEntries(scrubber)
    for one in entries:
        work.entry(one)
    scrubber.begin_again()
    return [work.entry(one) for one in entries], scrubber.removals


def scrubbed_text(text: str) -> str:
    scrubber = Scrubber(Removals())
    scrubber.text(text)
    scrubber.begin_again()
    return scrubber.text(text)


def readings(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield every text that a value holds, also those that a reader gets by decoding parts of it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from readings(key, depth)
            yield from readings(item, depth)
    elif isinstance(value, list):
        for item in value:
            yield from readings(item, depth)
    elif isinstance(value, str):
        yield value
        if depth < 6:
            for inside in decoded(value):
                yield from readings(inside, depth + 1)


def decoded(text: str) -> Iterator[Any]:
    if text[:1] in {"{", "[", '"'}:
        with suppress(ValueError):
            yield json.loads(text)
    yield from {unquote(text), html.unescape(text)} - {text}
    if "\\" in text:
        yield re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text).replace("\\", "")
    for run in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
        yield from (found for start in range(3) for found in from_base64(run[start:]) if found != text)
    for run in re.findall(r"(?:[0-9a-f]{2}){8,}", text):
        yield bytes.fromhex(run).decode("latin-1")


def from_base64(run: str) -> Iterator[str]:
    standard = run.translate(str.maketrans("-_", "+/"))
    data = base64.b64decode(standard + "=" * (-len(standard) % 4)) if len(standard) % 4 != 1 else b""
    for encoding in ("utf-8", "utf-16-le", "latin-1"):
        with suppress(UnicodeDecodeError):
            if "".join((found := data.decode(encoding)).split()).isprintable():
                yield found
