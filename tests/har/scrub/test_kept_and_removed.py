"""Tables of texts: what is removed by its name or its form, and what looks alike and stays."""

import base64
import json

import pytest

from auditor.har.scrub.names import header_kind
from auditor.har.scrub.removals import Kind
from auditor.har.scrub.search.forms import is_opaque
from tests.har.scrub.planted import GUID, MESSAGE, URL, base64_of, entry, error, headers, scrubbed, scrubbed_text

CHANCE = "q8Jf3kLz0PvX7mN2cR5tY9bH4wG6sD1aE"
SECRET = "Zq9x7Lm2Vt4Rk8Pw"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            f"/subscriptions/{GUID}/providers/Microsoft.Web/sites/{CHANCE}/functions/main",
            f"/subscriptions/{GUID}/providers/Microsoft.Web/sites/[removed: opaque string]/functions/main",
        ),
        (
            f"https://management.azure.com/{GUID}/operationStatuses/{CHANCE}?api-version=1",
            f"https://management.azure.com/{GUID}/operationStatuses/[removed: opaque string]?api-version=1",
        ),
        (f"/documents/{CHANCE[:20]}/{CHANCE[:20]}/x", "/documents/[removed: opaque string]"),
        (f"Authorization: Bearer {SECRET}", "Authorization: Bearer [removed: token]"),
        (f"Cookie: a={SECRET}; b=x", "Cookie: [removed: cookie]"),
        ("Basic YWRhOkh1bnRlcjIyIQ==/x", "Basic [removed: password]/x"),
        ("Bearer RhhUBKAWSZcOagRXgJfU", "Bearer [removed: token]"),
        ("6d5a67386856534e7640636f6e746f736f2e636f6d", b"user-1@example.invalid".hex()),
        ("Basic YWRhOkh1bnRlcjIyIQ== Hunter22!", "Basic [removed: password] [removed: password]"),
        (f"curl -u ada:{SECRET} https://x", "curl -u [removed: password] https://x"),
        (f"az login --service-principal -u x -p {SECRET}", "az login --service-principal -u x -p [removed: password]"),
        (f"--client-secret '{SECRET}' --name x", "--client-secret '[removed: secret]' --name x"),
        (f"https://ada:{SECRET}@host/x", "https://removed@host/x"),
        (f"https://x/y?sv=1&sig={SECRET}&se=2", "https://x/y?sv=1&sig=%5Bremoved:%20signature%5D&se=2"),
        (f"see https://x/y?sig={SECRET} now", "see https://x/y?sig=%5Bremoved:%20signature%5D now"),
        (f"https://x/#code={SECRET}&state=ok", "https://x/#code=%5Bremoved:%20token%5D&state=ok"),
        (f"AccountName=a;AccountKey={SECRET}==;X=1", "AccountName=a;AccountKey=[removed: key];X=1"),
        (f"password: {SECRET} and more\nnext", "password: [removed: password]\nnext"),
        (f"$password = '{SECRET}'", "$password = '[removed: password]'"),
        ("abc8Q~" + "x" * 31 + "1.-", "[removed: secret]"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\nabc=\n-----END PRIVATE KEY-----\nx", "[removed: key]\nx"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc", "[removed: key]"),
        (
            f'{{"kty":"RSA","kid":"1","n":"public","d":"{SECRET}"}}',
            '{"kty":"RSA","kid":"1","n":"public","d":"[removed: key]"}',
        ),
        (f'{{"keyName":"key1","value":"{SECRET}"}}', '{"keyName":"key1","value":"[removed: key]"}'),
        (f'{{"a":1,"a":"{SECRET}","a":2}}', '{"a":2}'),
        ('{"key":"' + "-".join(["123456"] * 8) + '"}', '{"key":"[removed: opaque string]"}'),
        ("go to /devicelogin with ABCD-EFGH", "go to /devicelogin with [removed: token]"),
        (f"your password is <b>{SECRET}</b>", "your password is <b>[removed: password]</b>"),
        (f"<p>Password: <b>{SECRET}</b>", "<p>Password: <b>[removed: password]</b>"),
        (f'Kennwort:<br/> <i class="x">{SECRET}</i>', 'Kennwort:<br/> <i class="x">[removed: password]</i>'),
        ("Password: <b>must be longer</b>", "Password: <b>must be longer</b>"),
        (f"tried with password {SECRET}.", "tried with password [removed: password]"),
        (f"Password -> {SECRET}", "Password -> [removed: password]"),
        (f"the old password ({SECRET}) was refused", "the old password ([removed: password]) was refused"),
        (f"| Password | {SECRET} |", "| Password | [removed: password] |"),
        (f"Password\n{SECRET}\n", "Password\n[removed: password]\n"),
        ("Password (0x80070005) (AADSTS50126)", "Password (0x80070005) (AADSTS50126)"),
        ("| Password | Status |", "| Password | Status |"),
        ("['login', '-u', 'x', '-p', 'bateduredi']", "['login', '-u', 'x', '-p', '[removed: password]']"),
        ("['run', '-p', '8080', '-p', 'project']", "['run', '-p', '8080', '-p', 'project']"),
        (f"['run', '-p', '{SECRET}']", "['run', '-p', '[removed: password]']"),
        (f"Cookie                        : a={SECRET}", "Cookie                        : [removed: cookie]"),
        (
            'New-Object System.Net.Cookie("ESTSAUTH", "bateduredi", "/", "x")',
            'New-Object System.Net.Cookie("ESTSAUTH", "[removed: password]", "/", "x")',
        ),
        ("cannot be used with password 8-123 characters", "cannot be used with password 8-123 characters"),
        ("Access denied for user (using password: YES)", "Access denied for user (using password: YES)"),
        ("Sign in with password: 0x80070005", "Sign in with password: 0x80070005"),
        (
            f'{{"projectKey": "{GUID}", "id": "/subscriptions/{GUID}/x", "x": "{GUID}"}}',
            f'{{"projectKey":"[removed: key]","id":"/subscriptions/{GUID}/x","x":"[removed: key]"}}',
        ),
        ("failed with password policy error 60052", "failed with password policy error 60052"),
        ('{"password":12345678}', '{"password":"[removed: password]"}'),
        (
            f'{{"value":"{SECRET}","id":"https://v.vault.azure.net/secrets/x/1"}}',
            '{"value":"[removed: secret]","id":"https://v.vault.azure.net/secrets/x/1"}',
        ),
        (
            '{"displayName":"Ada Lovelace","upn":"a@b.cd"} by Ada Lovelace',
            '{"displayName":"[removed: personal name]","upn":"user-1@example.invalid"} by [removed: personal name]',
        ),
        (
            "ada@contoso.com, ADA@contoso.com, bob@x.org",
            "user-1@example.invalid, user-1@example.invalid, user-2@example.invalid",
        ),
        ("ada_contoso.com#EXT#@x.onmicrosoft.com ada@contoso.com", "user-1@example.invalid user-1@example.invalid"),
        (base64_of(f'{{"client_secret":"{SECRET}"}}'), base64_of('{"client_secret":"[removed: secret]"}')),
        (f'x={{"Password":"{SECRET}"}} done', 'x={"Password":"[removed: password]"} done'),
    ],
)
def test_a_secret_is_removed_and_nothing_else(text: str, left: str) -> None:
    assert scrubbed_text(text) == left


@pytest.mark.parametrize(
    "text",
    [
        URL,
        MESSAGE,
        "Bearer authentication is needed, Basic authentication is not allowed",
        "Invalid token: signature mismatch, code: 60052, state: Failed",
        '{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}}',
        '{"code":"AADSTS50076","state":"Enabled","key":"Environment","value":"prod"}',
        "Could not load 'Newtonsoft.Json, Version=13.0.0.0, PublicKeyToken=30ad4fe6b2a6aeed'",
        'Bearer authorization_uri="https://login.windows.net/x", error="invalid_token"',
        '{"permissions":{"keys":["get"],"secrets":["get","set"],"certificates":["list"]}}',
        f'{{"passwordCredentials":[{{"keyId":"{GUID}","endDateTime":"2026-01-01T00:00:00Z"}}]}}',
        '{"authorization":{"action":"Microsoft.Migrate/migrateProjects/write","scope":"/subscriptions/x"}}',
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "thumbprint 8A2E5C7D9B1F3A4C6E8D0B2F4A6C8E0D1B3F5A7C",
        f"/subscriptions/{GUID}/resourceGroups/DefaultResourceGroup-WEU/providers/Microsoft.OffAzure/VMwareSites/site7a2fbsite",
        f"machines/10-150-8-52-{GUID}_{GUID}",
        "state: `az provider show --namespace NAMESPACE --query registrationState`",
        '{"token":{"code":"InvalidToken","message":"The token is expired"}}',
        '{"secret":{"error":{"code":"SecretNotFound","message":"A secret with (name/id) s1 was not found"}}}',
        '{"adminPassword":{"reference":{"keyVault":{"id":"/subscriptions/x"},"secretName":"s1"}}}',
        '{"error":{"code":"InvalidParameter","message":"password: too short","target":"adminPassword"}}',
        '{"tokenType":"Bearer","expires_in":3599,"secretPermissions":["get"],"keySource":"Microsoft.Storage"}',
        "Secret not found: kv1, token error: AuthorizationFailed, Error code: KeyVaultAccessDenied, state: Failed",
        "npm @azure/msal-browser@3.10.0 in C:\\temp\\new at 10:11:12",
        '{"a": 1.50, "b": 1e5,\n "c": "x"}',
    ],
)
def test_what_is_no_secret_stays_to_the_letter(text: str) -> None:
    assert scrubbed_text(text) == text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("authorization", Kind.TOKEN),
        ("X-Ms-Authorization-Auxiliary", Kind.TOKEN),
        ("Proxy-Authorization", Kind.TOKEN),
        ("Set-Cookie", Kind.COOKIE),
        ("x-ms-client-principal-name", Kind.PERSONAL_HEADER),
        ("X-Forwarded-For", Kind.PERSONAL_HEADER),
        ("x-ms-encryption-key", Kind.KEY),
        ("Ocp-Apim-Subscription-Key", Kind.KEY),
        ("X-CSRF-Token", Kind.TOKEN),
        ("X-Vendor", Kind.UNKNOWN_HEADER),
        ("x-ms-client-request-id", None),
        ("x-ms-correlation-request-id", None),
        ("x-ms-request-id", None),
        ("x-ms-client-session-id", None),
        ("Content-Type", None),
        (":authority", None),
        ("WWW-Authenticate", None),
    ],
)
def test_headers_are_known_by_their_names(name: str, kind: Kind | None) -> None:
    assert header_kind(name) == kind


@pytest.mark.parametrize(
    ("run", "is_chance"),
    [
        ("q8Jf3kLz0PvX7mN2cR5tY9bH4wG6sD1aE", True),
        ("c" * 64, True),
        ("4bf92f3577b34da6a3ce929d0e0e4736", False),
        ("MicrosoftMigrateProjectsSolutions", False),
        ("Microsoft.OffAzure/VMwareSites/branchphys02d0f3site", False),
        ("2026-11-30-10-11-12-2026-11-30-10-11-12", False),
    ],
)
def test_chance_is_told_from_words(run: str, is_chance: bool) -> None:
    assert is_opaque(run) is is_chance


def test_of_an_answer_that_consists_of_secrets_only_names_and_ids_stay() -> None:
    url = f"{URL.partition('?')[0].replace('migrateProjects', 'x')}/listKeys?api-version=2020-05-01"
    answer = json.dumps({"first": "short", "id": GUID, "list": ["a b c", 5], "on": True})
    granted = entry(url=url, content={"text": answer}, response={"status": 200})
    refused = entry(url=url)
    output, removals = scrubbed(granted, refused)
    content = json.loads(output[0]["response"]["content"]["text"])
    assert content == {"first": "[removed: secret]", "id": GUID, "list": ["[removed: secret]"] * 2, "on": True}
    assert output[1]["response"] == refused["response"]
    assert removals.counts == {Kind.SECRET: 3}


def test_in_a_batch_the_parts_that_consist_of_secrets_are_removed() -> None:
    urls = {"a": f"{URL.partition('?')[0]}/listAppSecrets?x=1", "b": URL, "c": "/x/listKeys"}
    sent = {"requests": [{"name": name, "url": url} for name, url in urls.items()]}
    content = {"odd": "short", "id": GUID}
    answer = {"responses": [{"name": name, "httpStatusCode": 200, "content": content} for name in "ba"]}
    answer["responses"].append({"name": "c", "httpStatusCode": 403, "content": error()})
    posted = {"postData": {"mimeType": "application/json", "text": json.dumps(sent)}}
    output, _ = scrubbed(entry(request=posted, content={"text": json.dumps(answer)}))
    left = json.loads(output[0]["response"]["content"]["text"])["responses"]
    assert [one["content"] for one in left] == [content, {"odd": "[removed: secret]", "id": GUID}, error()]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"mimeType": "image/png", "encoding": "base64", "text": "iVBORw0KGgo="}, Kind.BINARY),
        ({"mimeType": "application/x-protobuf", "text": "abc"}, Kind.BINARY),
        ({"mimeType": "text/plain", "text": "a\0b"}, Kind.BINARY),
        ({"mimeType": "", "encoding": "base64", "text": base64.b64encode(b"\x1f\x8b\x08\0abcd").decode()}, Kind.BINARY),
        ({"mimeType": "application/javascript", "text": "var x = 1"}, Kind.SCRIPT),
        ({"mimeType": "text/plain", "encoding": "base64", "text": "no base64!"}, Kind.UNREADABLE),
        ({"mimeType": "text/plain", "encoding": "br", "text": "abcdefgh"}, Kind.UNREADABLE),
        ({"mimeType": "text/plain", "text": "x" * (8 * 1024 * 1024 + 1)}, Kind.UNREADABLE),
    ],
)
def test_a_body_that_cannot_be_judged_is_left_out(content: dict[str, str], kind: Kind) -> None:
    output, removals = scrubbed(entry(content=content))
    left = output[0]["response"]["content"]
    assert "text" not in left
    assert "encoding" not in left
    assert left["comment"] == f"[removed: {kind}]"
    assert left["size"] == 10
    assert removals.counts == {kind: 1}


def test_the_headers_of_a_refused_call_tell_which_call_it_was() -> None:
    sent = headers(
        Authorization=f"Bearer {SECRET}",
        x_ms_client_request_id=GUID,
        X_MS_CLIENT_PRINCIPAL_NAME="ada@contoso.com",
        X_Forwarded_For="203.0.113.7, 10.0.0.1",
        Referer=f"https://portal.azure.com/?code={SECRET}",
        Accept_Language="de",
    )
    output, _ = scrubbed(
        entry(request={"headers": sent}, entry={"serverIPAddress": "203.0.113.7", "comment": "via 203.0.113.7"})
    )
    assert {one["name"]: one["value"] for one in output[0]["request"]["headers"]} == {
        "Authorization": "[removed: token]",
        "x-ms-client-request-id": GUID,
        "X-MS-CLIENT-PRINCIPAL-NAME": "user-1@example.invalid",
        "X-Forwarded-For": "[removed: personal header]",
        "Referer": "https://portal.azure.com/?code=%5Bremoved:%20token%5D",
        "Accept-Language": "de",
    }
    assert output[0]["serverIPAddress"] == "[removed: network address]"
    assert output[0]["comment"] == "via [removed: personal header]"
