"""Secrets in commands and sentences: what is removed of a text for people, and what stays to the letter."""

import json

import pytest

from auditor.har.scrub.text import text_without_secrets
from tests.har.scrub.planted import GUID, MESSAGE, URL

SECRET = "Hunter22!"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"cannot reach ada:{SECRET}@db01", "cannot reach ada:[removed: password]@db01"),
        (f"sa:{SECRET}@sql.contoso.com:1433", "sa:[removed: password]@sql.contoso.com:1433"),
        ("mongodb://ada:x1y2z3@h:10255/?ssl", "mongodb://removed@h:10255/?ssl"),
        ("az login -u ada -p hunter", "az login -u ada -p [removed: password]"),
        (f"docker login x.azurecr.io -u a -p {SECRET}", "docker login x.azurecr.io -u a -p [removed: password]"),
        (f"tool -p '{SECRET}' -v", "tool -p '[removed: password]' -v"),
        (f"mysql -u root -p{SECRET} db", "mysql -u root -p[removed: password] db"),
        (f"tool /p:{SECRET}", "tool /p:[removed: password]"),
        (f"net user ada {SECRET} /add", "net user ada [removed: password] /add"),
        (f"net use Z: //srv/x {SECRET} /user:ada", "net use Z: //srv/x [removed: password] /user:ada"),
        (f"echo {SECRET} | sudo -S ls", "echo [removed: password] | sudo -S ls"),
        ("openssl pkcs12 -passin pass:abcd1234", "openssl pkcs12 -passin pass:[removed: password]"),
        (f"The password '{SECRET}' is too short", "The password '[removed: password]' is too short"),
        (f"'{SECRET}' is not a valid password", "'[removed: password]' is not a valid password"),
        ("password: hunter", "password: [removed: password]"),
        (
            "open the page https://microsoft.com/devicelogin and enter the code C8L5ZK9PD to authenticate.",
            "open the page https://microsoft.com/devicelogin and enter the code [removed: token] to authenticate.",
        ),
        ("Your verification code is 123456", "Your verification code is [removed: token]"),
        ("abc8Q~" + "x" * 31 + "1.-", "[removed: secret]"),
        ("eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl", "[removed: token]"),
        ("AccountName=a;AccountKey=abc==;X=1", "AccountName=a;AccountKey=[removed: key];X=1"),
        (f"{SECRET} is the wrong password={SECRET}", "[removed: password] is the wrong password=[removed: password]"),
        (
            json.dumps({"displayName": "Ada", "mail": "ada@contoso.com", "password": SECRET}),
            '{"displayName":"Ada","mail":"ada@contoso.com","password":"[removed: password]"}',
        ),
    ],
)
def test_a_secret_in_a_text_for_people_is_removed(text: str, left: str) -> None:
    assert text_without_secrets(text) == left
    assert text_without_secrets(left) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        URL,
        MESSAGE,
        "The client 'isaiahl@contoso.com' with object id 'x' does not have authorization",
        "user:ada@contoso.com failed, mailto:ada@contoso.com, SMTP:ada.lovelace@contoso.com",
        "ssh -p 22 host, docker run -p 80:80 x, mkdir -p /a/b, use -p to set it",
        "error code ETIMEDOUT after 3, error code 60052, exit code 1, Code: AuthorizationFailed",
        "password: too short. Password: must be at least 12 characters. Password: Expired",
        "The supplied password must be between 8-123 characters long and must satisfy at least 3 of the requirements",
        "The value of parameter 'adminPassword' is not valid; the password 'adminPassword' is missing",
        f"AADSTS50126: Error validating credentials due to invalid username or password. Trace ID: {GUID}",
        "Deployment template parameter 'password' is not supplied",
    ],
)
def test_a_text_for_people_without_secrets_stays_to_the_letter(text: str) -> None:
    assert text_without_secrets(text) == text
