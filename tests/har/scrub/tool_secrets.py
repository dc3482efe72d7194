"""Secrets where tools, scripts, documents and pages put them: a call for each place, with a secret planted in it."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.har.scrub.planted import GUID, entry, headers
from tests.har.scrub.planted import base64_of as b


def body(text: str, mime: str = "application/json") -> dict[str, Any]:
    return entry(content={"text": text, "mimeType": mime}, response={"status": 200})


def posted(held: Any, mime: str = "application/json") -> dict[str, Any]:
    text = held if isinstance(held, str) else json.dumps(held)
    return entry(request={"postData": {"mimeType": mime, "text": text}})


CALLS_OF_TOOLS: dict[str, Callable[[str], dict[str, Any]]] = {
    "js body json mime": lambda s: body(f"window.__cfg={{apiKey:'{s}',dbPass:\"{s}\"}};", "text/html"),
    "js concat": lambda s: body(f"<script>var p='{s[:4]}'; password = p + '{s}';</script>", "text/html"),
    "meta": lambda s: body(f"<meta name='x-token' content='{s}'>", "text/html"),
    "select": lambda s: body(f"<input id=pw type=password value={s}>", "text/html"),
    "input type password other name": lambda s: body(f"<input id=x type='password' value='{s}'>", "text/html"),
    "placeholder code": lambda s: body(f"<div data-token='{s}'></div>", "text/html"),
    "protobuf text": lambda s: entry(content={"mimeType": "application/x-protobuf", "text": "\n\x10" + s}),
    "grpc b64": lambda s: entry(
        content={"mimeType": "application/grpc-web+proto", "encoding": "base64", "text": b("\x00\x00" + s)}
    ),
    "octet text": lambda s: entry(content={"mimeType": "application/octet-stream", "text": "ab" + s + "\x00"}),
    "postData binary": lambda s: entry(
        request={"postData": {"mimeType": "application/octet-stream", "text": "ab\x01" + s}}
    ),
    "publishsettings": lambda s: body(
        f'<publishData><publishProfile userPWD="{s}" Sql="Server=x;Password={s}"/></publishData>',
        "application/xml",
    ),
    "rdp": lambda s: body(f"full address:s:x\npassword 51:b:{s}\n", "text/plain"),
    "ssh openssh": lambda s: body(
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{b(s * 4)}\n-----END OPENSSH PRIVATE KEY-----", "text/plain"
    ),
    "pem json": lambda s: body(
        json.dumps({"cert": f"-----BEGIN RSA PRIVATE KEY-----\n{b(s * 4)}\n-----END RSA PRIVATE KEY-----"})
    ),
    "pem one line": lambda s: body(
        f"key=-----BEGIN PRIVATE KEY----- {b(s * 4)} -----END PRIVATE KEY-----", "text/plain"
    ),
    "pfx name": lambda s: body(json.dumps({"properties": {"pfxBlob": b(s), "password": s}})),
    "kubeconfig json": lambda s: body(
        json.dumps(
            {"users": [{"name": "a", "user": {"client-certificate-data": b(s), "client-key-data": b(s), "token": s}}]}
        )
    ),
    "xml storage": lambda s: body(
        f"<EnumerationResults><Key>{s}</Key><StorageAccountKey>{s}</StorageAccountKey></EnumerationResults>",
        "application/xml",
    ),
    "soap": lambda s: body(
        f"<s:Envelope><o:UsernameToken><o:Password Type='x'>{s}</o:Password></o:UsernameToken></s:Envelope>",
        "application/soap+xml",
    ),
    "form twice": lambda s: entry(
        request={
            "postData": {
                "mimeType": "application/x-www-form-urlencoded; charset=utf-8",
                "text": f"data={quote(json.dumps({'pw': s}))}&user%5Bpass%5D={s}",
            }
        }
    ),
    "form b64 value": lambda s: entry(
        request={
            "postData": {
                "mimeType": "application/x-www-form-urlencoded",
                "text": f"d={quote(b(json.dumps({'dbPass': s})), safe='')}",
            }
        }
    ),
    "query nested": lambda s: entry(url=f"https://x/y?next={quote('/z?pw=' + s, safe='')}"),
    "matrix": lambda s: entry(url=f"https://x/y;pass={s}/z"),
    "ws binary b64": lambda s: entry(
        entry={"_webSocketMessages": [{"type": "receive", "opcode": 2, "data": b(b"\x00\x01" + s.encode())}]}
    ),
    "ws signalr": lambda s: entry(
        entry={
            "_webSocketMessages": [
                {"type": "receive", "opcode": 1, "data": json.dumps({"arguments": [{"accessKey": s}]}) + "\x1e"}
            ]
        }
    ),
    "ws subprotocol": lambda s: entry(request={"headers": headers(Sec_WebSocket_Protocol=f"v1, base64url.bearer.{s}")}),
    "stack url": lambda s: entry(
        entry={
            "_initiator": {
                "type": "script",
                "stack": {"callFrames": [{"functionName": "f", "url": f"https://a:{s}@x/y.js"}]},
            }
        }
    ),
    "link header": lambda s: entry(response={"headers": headers(Link=f"<https://x/?sig={s}>; rel=next")}),
    "location header": lambda s: entry(
        response={"status": 302, "headers": headers(Location=f"https://x/#access_token={s}&state=a")}
    ),
    "refresh header": lambda s: entry(response={"headers": headers(Refresh=f"0; url=https://x/?token={s}")}),
    "set-cookie many": lambda s: entry(response={"headers": [{"name": "set-cookie", "value": f"a=1\nb={s}; path=/"}]}),
    "www-auth": lambda s: entry(
        response={"headers": [{"name": "WWW-Authenticate", "value": f'Digest realm="x", nonce="{s}", opaque="{s}"'}]}
    ),
    "etag": lambda s: entry(response={"headers": headers(x_ms_meta_password=s)}),
    "graphql": lambda s: posted(
        {"query": "mutation($p:String!){login(password:$p){t}}", "variables": {"input": {"pwd": s}}}
    ),
    "graphql inline": lambda s: entry(
        request={"postData": {"mimeType": "application/graphql", "text": f'mutation {{ login(pwd: "{s}") {{ t }} }}'}}
    ),
    "ndjson": lambda s: body('{"a":1}\n{"dbPass":"' + s + '"}\n', "application/x-ndjson"),
    "jsonp": lambda s: body('cb({"dbPass":"' + s + '"})', "text/javascript"),
    "json in js mime": lambda s: body('{"dbPass":"' + s + '"}', "text/javascript"),
    "yaml list": lambda s: body(f"env:\n  - name: DB_PASS\n    value: {s}\n", "application/yaml"),
    "yaml list quoted": lambda s: body(f"env:\n  - name: DB_PASS\n    value: '{s}'\n", "application/yaml"),
    "env file": lambda s: body(f"DB_PASS={s}\nA=1\n", "text/plain"),
    "ini": lambda s: body(f"[x]\nclient_secret = {s}\n", "text/plain"),
    "csv semicolon": lambda s: body(f"user;dbPass\na;{s}\n", "text/csv"),
    "csv plain": lambda s: body(f"user,dbPass\na,{s}\n", "text/plain"),
    "tsv": lambda s: body(f"user\tdbPass\na\t{s}\n", "text/tab-separated-values"),
    "md table": lambda s: body(f"| user | password |\n|---|---|\n| a | {s} |\n", "text/plain"),
    "html table": lambda s: body(
        f"<table><tr><th>user</th><th>password</th></tr><tr><td>a</td><td>{s}</td></tr></table>", "text/html"
    ),
    "html dl": lambda s: body(f"<dl><dt>Password</dt><dd>{s}</dd></dl>", "text/html"),
    "html label": lambda s: body(f"<label>Password:</label> <span>{s}</span>", "text/html"),
    "html tr": lambda s: body(f"<tr><td>Password</td><td>{s}</td></tr>", "text/html"),
    "aws": lambda s: body(json.dumps({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": s, "SessionToken": s})),
    "npmrc": lambda s: body(f"//registry.npmjs.org/:_authToken={s}\n", "text/plain"),
    "nuget": lambda s: body(
        f'<packageSourceCredentials><x><add key="ClearTextPassword" value="{s}"/></x></packageSourceCredentials>',
        "application/xml",
    ),
    "webconfig": lambda s: body(
        f'<connectionStrings><add name="d" connectionString="Server=x;User=a;Password={s}"/></connectionStrings>',
        "application/xml",
    ),
    "appsettings xml": lambda s: body(
        f'<appSettings><add key="StripeApiKey" value="{s}"/></appSettings>', "application/xml"
    ),
    "unattend": lambda s: body(
        f"<AdministratorPassword><Value>{b(s)}</Value><PlainText>false</PlainText></AdministratorPassword>",
        "application/xml",
    ),
    "docker": lambda s: body(
        json.dumps({"auths": {"x": {"username": "a", "password": s, "auth": b("a:" + s), "identitytoken": s}}})
    ),
    "terraform": lambda s: body(f'variable "db_password" {{\n  default = "{s}"\n}}', "text/plain"),
    "tfstate": lambda s: body(json.dumps({"outputs": {"pw": {"value": s, "type": "string", "sensitive": True}}})),
    "tfstate2": lambda s: body(json.dumps({"outputs": {"x": {"value": s, "type": "string", "sensitive": True}}})),
    "bicep": lambda s: body(f"param adminPassword string = '{s}'", "text/plain"),
    "bicep2": lambda s: body(f"@secure()\nparam foo string = '{s}'", "text/plain"),
    "powershell splat": lambda s: body(
        f"$params = @{{ AdminPassword = (ConvertTo-SecureString -String {s} -AsPlainText -Force) }}", "text/plain"
    ),
    "powershell cred": lambda s: body(
        f"[PSCredential]::new('a', (ConvertTo-SecureString \"{s}\" -AsPlainText))", "text/plain"
    ),
    "ps networkcredential": lambda s: body(f"New-Object Net.NetworkCredential('ada','{s}')", "text/plain"),
    "curl data": lambda s: body(f'curl -d \'{{"pw":"{s}"}}\' https://x', "text/plain"),
    "wget": lambda s: body(f"wget --password={s} --http-password {s}", "text/plain"),
    "psql url": lambda s: body(f"psql postgresql://ada:{s}@db/x", "text/plain"),
    "jdbc": lambda s: body(f"jdbc:oracle:thin:ada/{s}@db:1521/x", "text/plain"),
    "sqlplus": lambda s: body(f"sqlplus ada/{s}@db", "text/plain"),
    "sql": lambda s: body(f"CREATE LOGIN ada WITH PASSWORD = '{s}';", "text/plain"),
    "sql2": lambda s: body(f"CREATE USER 'ada'@'%' IDENTIFIED BY '{s}';", "text/plain"),
    "sql3": lambda s: body(f"ALTER USER ada WITH PASSWORD '{s}'", "text/plain"),
    "ansible": lambda s: body(f"ansible_ssh_pass: {s}\nansible_become_pass={s}", "text/plain"),
    "mail": lambda s: body(f"Your temporary password is {s}. Please change it.", "text/plain"),
    "mail2": lambda s: body(f"Username: ada\nTemporary password: {s}\n", "text/plain"),
    "german": lambda s: body(f"Ihr Passwort lautet {s}.", "text/plain"),
    "totp uri": lambda s: body(f"otpauth://totp/x:ada?secret={s}&issuer=x", "text/plain"),
    "recovery": lambda s: body(json.dumps({"recoveryCodes": [s, s]})),
    "intune": lambda s: body(json.dumps({"bitlocker": {"key": s, "id": GUID}})),
    "laps": lambda s: body(json.dumps({"credentials": [{"accountName": "admin", "passwordBase64": b(s)}]})),
    "runCommand params": lambda s: posted(
        {
            "commandId": "x",
            "parameters": [{"name": "dbPass", "value": s}],
            "protectedParameters": [{"name": "foo", "value": s}],
        }
    ),
    "aci env": lambda s: posted({"environmentVariables": [{"name": "X", "secureValue": s}]}),
    "apim": lambda s: posted({"properties": {"displayName": "x", "value": s, "secret": True}}),
    "automation": lambda s: posted({"properties": {"value": '"' + s + '"', "isEncrypted": True}}),
    "datafactory": lambda s: posted(
        {"password": {"type": "SecureString", "value": s}, "x": {"type": "SecureString", "value": s}}
    ),
    "logic params": lambda s: posted(
        {"definition": {"parameters": {"p": {"type": "SecureString"}}}, "parameters": {"p": {"value": s}}}
    ),
    "migrate creds": lambda s: posted({"runAsAccounts": [{"userName": "a", "pw": s}], "credential": {"cred": s}}),
    "vmware appliance": lambda s: posted(
        {"properties": {"fqdn": "x", "port": "443", "friendlyName": "a", "password": s}}
    ),
    "xml attr name val": lambda s: body(f'<Property Name="DbPass" Val="{s}"/>', "application/xml"),
    "xml attr odd": lambda s: body(
        f'<setting name="dbPass" serializeAs="String"><value>{s}</value></setting>', "application/xml"
    ),
    "key val arr": lambda s: body(json.dumps({"Key": "DB_PASS", "Value": s})),
    "map entries": lambda s: body(json.dumps({"entries": [["dbPass", s]]})),
    "tuple obj": lambda s: body(json.dumps({"settings": ["dbPass=" + s]})),
    "cmd arr2": lambda s: body(json.dumps({"args": ["--password", s, "--user", "a"]})),
    "cmd arr3": lambda s: body(json.dumps({"args": ["--password=" + s]})),
    "cmd arr4": lambda s: body(json.dumps({"args": ["login", "-p", s]})),
    "utf16 b64 ps": lambda s: body(
        "powershell -enc " + base64.b64encode(f"$pw='{s}'".encode("utf-16-le")).decode(), "text/plain"
    ),
    "gzip b64 in json": lambda s: body(json.dumps({"data": b(gzip.compress(json.dumps({"pw": s}).encode()))})),
    "deflate saml": lambda s: entry(
        url="https://x/?SAMLRequest=" + quote(b(zlib.compress(s.encode() * 3)[2:-4]), safe="")
    ),
    "mail with a page": lambda s: posted(
        {
            "message": {
                "body": {"content": f"<p>Your new password is: <strong>{s}</strong><br>Client secret: <code>{s}</code>"}
            }
        }
    ),
    "label and line": lambda s: body(f"Temporary password:<br/>{s}<br/>", "text/html"),
}
