"""Odd captures and texts, as programs, people and those who mean harm make them: no secret is left in any."""

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.har.scrub.planted import base64_of, base64url_of, entry, readings, scrubbed

pytestmark = pytest.mark.untraced

SECRET = "Zq9x7Lm2Vt4Rk8Pw"
PASSWORD = json.dumps({"password": SECRET})


def beside(**fields: Any) -> dict[str, Any]:
    return entry(entry=fields)


TEXTS = [
    '{"password":"' + SECRET + '",}',
    "{'password': '" + SECRET + "'}",
    "{password: " + SECRET + "}",
    '{"p\\u0061ssword":"' + SECRET + '"',
    'x {"p\\u0061ssword":"' + SECRET + '"} y',
    '{/* x */"password":"' + SECRET + '"}',
    json.dumps([["access_token", SECRET]]),
    json.dumps({"rawHeaders": ["X-Api-Key", SECRET]}),
    json.dumps({"Name": "password", "Value": SECRET}),
    json.dumps({"k": "password", "v": SECRET}),
    json.dumps({"label": "Password", "text": SECRET}),
    json.dumps({"field": "password", "value": SECRET}),
    json.dumps({"title": "Client secret", "value": SECRET}),
    json.dumps({"token": {"a": {"b": [SECRET]}}}),
    json.dumps({"tokens": {"a": SECRET}}),
    json.dumps({"secrets": [{"name": "x", "value": SECRET}]}),
    json.dumps({"password1": SECRET, "Password_2": SECRET, "clientSecret1": SECRET, "apiKey2": SECRET}),
    json.dumps(
        {
            "primaryReadonlyMasterKey": SECRET,
            "aliasPrimaryConnectionString": "x" + SECRET,
            "administratorLoginPassword": SECRET,
            "domainJoinPassword": SECRET,
            "privateKeyData": SECRET,
            "token_value": SECRET,
            "userAssertion": SECRET,
            "authenticationToken": SECRET,
            "x-functions-key": SECRET,
            "sharedAccessPolicyKey": SECRET,
            "agentKey": SECRET,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "secretAccessKey": SECRET,
        }
    ),
    json.dumps({"credentialType": "AccessToken", "secret": SECRET, "target": "x"}),
    json.dumps({"atlasKafkaPrimaryEndpoint": "Endpoint=sb://x;SharedAccessKeyName=a;SharedAccessKey=" + SECRET}),
    json.dumps({"parameters": {"adminPassword": {"type": "securestring", "value": SECRET}}}),
    json.dumps({"parameters": {"foo": {"type": "SecureString", "value": SECRET}}}),
    json.dumps({"foo": {"type": "secureObject", "value": {"a": SECRET}}}),
    json.dumps({"properties": {"MY_DB_PASS": SECRET, "DB_PWD": SECRET, "SMTP_PASSWORD": SECRET}}),
    '{"password":"' + SECRET + '","password":"x"}',
    json.dumps({SECRET + "x": 1, "password": SECRET + "x"}),
    "password: |\n  " + SECRET + "\nx: 1",
    "password:\n  " + SECRET,
    "[db]\npassword = " + SECRET,
    "export DB_PASSWORD=" + SECRET,
    "set AZURE_CLIENT_SECRET=" + SECRET,
    '"access_token","' + SECRET + '"',
    'password = """' + SECRET + '"""',
    '$cred = New-Object X("u", (ConvertTo-SecureString "' + SECRET + '" -AsPlainText -Force))',
    "-Password " + SECRET,
    "-Password:" + SECRET,
    "cmdkey /pass:" + SECRET,
    "/password:" + SECRET,
    "@{ Password = '" + SECRET + "' }",
    'mutation { login(password: \\"' + SECRET + '\\") { x } }',
    "{access_token: '" + SECRET + "', expires: 1}",
    'Object { access_token: "' + SECRET + '", token_type: "Bearer" }',
    "password => " + SECRET,
    "'password' => '" + SECRET + "'",
    "Password:=" + SECRET,
    "{Password:" + SECRET + " User:x}",
    "password==" + SECRET,
    "the password is " + SECRET,
    "your password is: " + SECRET,
    json.dumps(PASSWORD),
    "\n".join(base64_of("x" * 40 + PASSWORD + "y" * 80)[i : i + 64] for i in range(0, 240, 64)),
    base64_of(gzip.compress(PASSWORD.encode())),
    base64_of("https://x/?sig=" + SECRET),
    base64_of(base64_of(base64_of(PASSWORD))),
    base64_of(PASSWORD.encode("utf-16-be")),
    base64_of(PASSWORD.encode("utf-16")),
    "prefix_" + base64_of(PASSWORD),
    "data:application/json;base64," + base64_of(PASSWORD),
    PASSWORD.encode().hex(),
    PASSWORD.encode().hex().upper(),
    "".join(f"%{ord(c):02X}" for c in PASSWORD),
    "".join(f"\\u{ord(c):04x}" for c in PASSWORD),
    "".join(f"\\x{ord(c):02x}" for c in PASSWORD),
    "".join(f"&#{ord(c)};" for c in PASSWORD),
    "".join(f"&#x{ord(c):x};" for c in PASSWORD),
    json.dumps({"requests": [{"url": "/x?sig=" + SECRET, "headers": {"Authorization": SECRET, "X-Api-Key": SECRET}}]}),
    '{"a":1}\n{"token":"' + SECRET + '"}\n{"b":2}',
    ')]}\',\n{"token":"' + SECRET + '"}',
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.\neyJ4Ijoi" + base64_of('{"password":"' + SECRET + '"}'),
    json.dumps({"cookies": "a=" + SECRET + "; b=c"}),
    'document.cookie = "x=' + SECRET + '; path=/"',
    "set-cookie: x=" + SECRET + "; path=/\nfoo",
    "'Cookie': 'a=" + SECRET + "'",
    json.dumps({"password": 'a"b\\c&d;e=f ' + SECRET}),
    'Server=x;User Id=y;Password="a;b' + SECRET + '";Encrypt=yes',
    "Server=x;Password={a;b" + SECRET + "};Encrypt=yes",
    "Server=x;Password=a b " + SECRET + ";Encrypt=yes",
    "host:6380,password=" + SECRET + ",ssl=True",
    "mongodb://a:" + SECRET + "@h:10255/?ssl=true",
    "jdbc:sqlserver://h;user=x;password=" + SECRET + ";",
    quote("amqps://a:" + SECRET + "@h/", safe=""),
    "SharedAccessSignature sr=x&sig=" + SECRET + "&se=1&skn=a",
    'Authorization: Digest username="a", response="' + SECRET + '", nonce="x"',
    "Authorization: AWS4-HMAC-SHA256 Credential=x/y, Signature=" + SECRET,
    "Authorization: " + SECRET,
    "authorization=" + SECRET,
    "Authorization\t" + SECRET,
    "Proxy-Authorization: Basic " + base64_of("a:" + SECRET),
    json.dumps({"x": "<Password>" + SECRET + "</Password>"}),
    json.dumps({"x": base64_of("<Password>" + SECRET + "</Password>")}),
    json.dumps({"body": "grant_type=x&client_secret=" + SECRET}),
    "x" * 300 + "token=" + SECRET,
    "client\u00a0secret: " + SECRET,
    "client—secret: " + SECRET,
    "password\uff1a" + SECRET,
    "Kennwort: " + SECRET + " Passwort: " + SECRET,
    "password\t" + SECRET,
    "| password | " + SECRET + " |",
    "password    : " + SECRET + "\nuser        : x",
    "Password:\n" + SECRET,
    "Enter password for ada: " + SECRET,
]
OF_TYPE = [
    ("<Credentials><a><b>" + SECRET + "</b></a></Credentials>", "application/xml"),
    (json.dumps({"credentials": {"a": {"b": [SECRET]}}}), "application/json"),
    ('<a password="' + SECRET + '"/>', "application/xml"),
    ("<a x='>' Password='" + SECRET + "'>t</a>", "application/xml"),
    ("<Password><![CDATA[" + SECRET + "]]></Password>", "application/xml"),
    ('<wsse:Password Type="x">' + SECRET + "</wsse:Password>", "application/xml"),
    ("<Password>" + SECRET, "application/xml"),
    ("<key>password</key>\n<string>" + SECRET + "</string>", "application/xml"),
    ("<Entry><Name>password</Name><Value>" + SECRET + "</Value></Entry>", "application/xml"),
    ('<add key="password" value="' + SECRET + '"/>', "application/xml"),
    ('<add value="' + SECRET + '" key="password"/>', "application/xml"),
    ('<param name="token">' + SECRET + "</param>", "application/xml"),
    ("<a>&lt;Password&gt;" + SECRET + "&lt;/Password&gt;</a>", "application/xml"),
    ("<a>&#60;Password&#62;" + SECRET + "&#60;/Password&#62;</a>", "application/xml"),
    ("<!-- password=" + SECRET + " -->", "application/xml"),
    ("<input value=" + SECRET + " name=password>", "text/html"),
    ("<textarea name=token>" + SECRET + "</textarea>", "text/html"),
    ('<meta name="csrf-token" content="' + SECRET + '">', "text/html"),
    ('<div data-access-token="' + SECRET + '">', "text/html"),
    ("<script>var t={accessToken:'" + SECRET + "'}</script>", "text/html"),
    ("<script>window.token = `" + SECRET + "`;</script>", "text/html"),
    ("<script>setToken('" + SECRET + "')</script>", "text/html"),
    ("<script>localStorage.setItem('access_token','" + SECRET + "')</script>", "text/html"),
    ('<meta http-equiv="refresh" content="0;url=https://x/?token=' + SECRET + '">', "text/html"),
    ('<a href="https://x/?a=1&amp;token=' + SECRET + '&amp;b=2">', "text/html"),
    ('<div data-x=\'{"password":"' + SECRET + "\"}'>", "text/html"),
    ('<div data-x="{&quot;password&quot;:&quot;' + SECRET + '&quot;}">', "text/html"),
    ('<div data-x="{&#34;password&#34;:&#34;' + SECRET + '&#34;}">', "text/html"),
    ("user,password\nada," + SECRET, "text/csv"),
    (
        '--b\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n\r\n'
        + SECRET
        + "\r\n--b--",
        "multipart/form-data",
    ),
    ("--b\nContent-Disposition: form-data; name=password\n\n" + SECRET + "\n--b--", "multipart/form-data"),
    (
        '--b\r\ncontent-disposition: form-data; filename="x"; name="f"\r\n\r\n' + SECRET + "\r\n--b--",
        "multipart/form-data",
    ),
    (
        '--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="password"\r\n\r\nline1\r\n'
        + SECRET
        + "\r\n--b--",
        "multipart/form-data",
    ),
    (
        "--b\r\nContent-Type: application/http\r\n\r\nGET /x HTTP/1.1\r\nAuthorization: Bearer "
        + SECRET
        + "\r\nx-api-key: "
        + SECRET
        + "\r\n\r\n--b--",
        "multipart/mixed",
    ),
    ('event: x\ndata: {"token":"' + SECRET + '"}\n\n', "text/event-stream"),
    ('cb({"token":"' + SECRET + '"});', "application/javascript"),
    ('<a>{"password":"' + SECRET + '"}</a>', "application/xml"),
]
ENTRIES: list[dict[str, Any]] = [
    entry(request={"headers": [{"Name": "Authorization", "Value": "Bearer " + SECRET}]}),
    entry(request={"headers": [["Authorization", "Bearer " + SECRET]]}),
    entry(request={"headers": [["X-Api-Key", SECRET]]}),
    entry(request={"headers": ["X-Api-Key", SECRET]}),
    entry(request={"headers": [{"name": "x-api-key ", "value": SECRET}]}),
    entry(request={"headers": {"Authorization": SECRET}}),
    entry(request={"headers": [{"name": "authorization", "value": [SECRET]}]}),
    entry(request={"headers": {"Authorization": [SECRET]}}),
    entry(request={"headers": "Authorization: Bearer " + SECRET + "\r\nCookie: a=" + SECRET}),
    entry(request={"headers": [{"name": "x", "value": "y", "comment": "password=" + SECRET}]}),
    entry(request={"headers": [{"name": "token=" + SECRET, "value": "y"}]}),
    entry(request={"queryString": {"sig": SECRET}}),
    entry(request={"queryString": "sig=" + SECRET}),
    entry(request={"cookies": "a=" + SECRET}),
    entry(request={"cookies": {"a": SECRET}}),
    entry(request={"cookies": [SECRET]}),
    entry(content={"text": {"password": SECRET}}),
    entry(request={"postData": "password=" + SECRET}),
    entry(request={"postData": [{"password": SECRET}]}),
    entry(request={"postData": {"mimeType": "x", "params": {"password": SECRET}}}),
    entry(request={"postData": {"mimeType": "x; token=" + SECRET, "text": ""}}),
    entry(entry={"response": [{"password": SECRET}]}),
    entry(entry={"response": "password=" + SECRET}),
    entry(entry={"request": "GET /?sig=" + SECRET}),
    entry(entry={"timings": {"x": "sig=" + SECRET}}),
    entry(entry={"cache": {"beforeRequest": {"eTag": "token=" + SECRET}}}),
    entry(url="https://x/y?%73ig=" + SECRET),
    entry(url="https://x/y?a=1&client%5Fsecret=" + SECRET),
    entry(url="https://x/y?%2573ig%253D" + SECRET),
    entry(url="https://x/y;password=" + SECRET + "?a=b"),
    entry(url="https://x/y?a=1;password=" + SECRET),
    entry(url="https://x/y?password=ab;" + SECRET),
    entry(url="https://x/y?password=ab'" + SECRET),
    entry(url='https://x/y?password=ab"' + SECRET),
    entry(url="https://x/y?password=ab " + SECRET),
    entry(url="https://x/#/a?token=" + SECRET),
    entry(url="https://x/#!/a&access_token=" + SECRET),
    entry(url="https://x/?redirect_uri=" + quote("https://y/?token=" + SECRET, safe="")),
    entry(
        url="https://x/?u="
        + quote("https://y/?v=" + quote("https://z/?w=" + quote("p?token=" + SECRET, safe=""), safe=""), safe="")
    ),
    entry(url="https://" + SECRET + "@host/x"),
    entry(url="https://a:" + SECRET + "@host/x?a=b"),
    entry(url="https://x/?user[password]=" + SECRET),
    entry(url="https://x/?password[]=" + SECRET),
    entry(url="https://x/?login.password=" + SECRET),
    entry(url="https://x/?q=Authorization:+Bearer+" + SECRET),
    entry(url="https://x/?state=" + base64url_of(json.dumps({"n": SECRET, "password": SECRET}))),
    entry(url="https://x/a/" + base64url_of(PASSWORD) + "/b"),
    entry(
        content={
            "text": base64.b64encode(PASSWORD.encode("utf-16")).decode(),
            "encoding": "base64",
            "mimeType": "application/json",
        }
    ),
    entry(
        content={
            "text": base64.b64encode(("pässword=1&password=" + SECRET).encode("latin-1")).decode(),
            "encoding": "base64",
            "mimeType": "text/plain",
        }
    ),
    entry(
        content={
            "text": base64_of(PASSWORD),
            "encoding": "BASE64",
            "mimeType": "application/json",
        }
    ),
    beside(
        _webSocketMessages=[{"type": "send", "opcode": 1, "data": "CONNECT\nAuthorization:Bearer " + SECRET + "\n\n\0"}]
    ),
    beside(
        _webSocketMessages=[{"type": "send", "opcode": 1, "data": '{"accessToken":"' + SECRET + '"}\x1e{"x":1}\x1e'}]
    ),
    beside(_webSocketMessages=[{"type": "send", "data": base64_of(json.dumps({"token": SECRET}))}]),
    beside(_webSocketMessages=[{"type": "send", "opcode": 1, "data": {"token": SECRET}}]),
    beside(_webSocketMessages={"token": SECRET}),
    beside(_webSocketMessages="token=" + SECRET),
    beside(_webSocketMessages=[{"type": "send", "opcode": 1, "data": "x", "token": SECRET}]),
    beside(_eventSourceMessages=[{"eventName": "x", "data": "token=" + SECRET}]),
    beside(
        _initiator={
            "type": "script",
            "url": "https://x/?token=" + SECRET,
            "stack": {
                "parent": {"callFrames": [{"url": "https://x/?sig=" + SECRET, "functionName": "token=" + SECRET}]}
            },
        }
    ),
    beside(_error="net::ERR token=" + SECRET),
    beside(connection="token=" + SECRET),
    beside(serverIPAddress="token=" + SECRET),
    beside(startedDateTime="token=" + SECRET),
    beside(comment="Sign in - https://x/#id_token=" + SECRET),
]


def is_clean(planted: dict[str, Any]) -> bool:
    once, _ = scrubbed(planted)
    again, _ = scrubbed(*once)
    return not [one for one in readings(once) if SECRET in one] and again == once


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_no_text_keeps_a_secret(number: int) -> None:
    assert is_clean(entry(content={"text": TEXTS[number], "mimeType": "text/plain"})), TEXTS[number]


@pytest.mark.parametrize("number", range(len(OF_TYPE)))
def test_no_body_keeps_a_secret(number: int) -> None:
    text, mime = OF_TYPE[number]
    assert is_clean(entry(content={"text": text, "mimeType": mime})), text


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_no_odd_entry_keeps_a_secret(number: int) -> None:
    assert is_clean(ENTRIES[number]), ENTRIES[number]


@pytest.mark.parametrize(
    "text",
    [
        *(
            '{"a":' * 10_000,
            "[" * 50_000,
            "%25" * 20_000,
            "&amp;" * 10_000,
            "\\" * 50_000,
            "a@" * 25_000,
            "<a b='" * 9_000,
        ),
        *(
            "password=" * 6_000,
            '"password":"' * 4_000,
            "-----BEGIN A-----" * 3_000,
            "eyJ." * 12_000,
            "A" * 50_000 + "@b.cc",
        ),
        "Content-Disposition: form-data; name=a\n" * 1_500,
        "Content-Disposition: x; name=" * 2_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_text_that_is_nothing_but_beginnings_takes_no_longer_than_others(text: str) -> None:
    scrubbed(entry(content={"text": text, "mimeType": "text/plain"}))
