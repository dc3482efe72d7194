"""What is said of a copy is what is said of the capture: the errors of scrubbed answers, whatever their form."""

import base64
import gzip
import json
import zlib
from typing import Any

import pytest

from auditor.har.calls import Calls
from tests.har.captures import ARM, GROUP, PROJECT, entry, error
from tests.har.scrub.planted import scrubbed

LOCKED = json.dumps(error("ScopeLocked", "The scope is locked"))
LOGIN = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
KEYS = f"{ARM}{GROUP}/providers/Microsoft.Storage/storageAccounts/st1/listKeys?api-version=2023-01-01"


def content(text: str, **more: str) -> dict[str, Any]:
    return entry(f"{ARM}{PROJECT}", 409, content={"text": text, "mimeType": "application/json", **more})


CASES: dict[str, dict[str, Any]] = {
    "compressed": content(base64.b64encode(gzip.compress(LOCKED.encode())).decode(), encoding="base64"),
    "compressed, as text": content(gzip.compress(LOCKED.encode()).decode("latin-1")),
    "deflated": content(base64.b64encode(zlib.compress(LOCKED.encode())).decode(), encoding="base64"),
    "called base64": content(LOCKED, encoding="base64"),
    "sign-in, numbers": entry(LOGIN, body={"error": "invalid_grant", "error_codes": [50076]}),
    "sign-in, settings": entry(LOGIN, body={"sErrorCode": "50126", "sFT": "Zq9x7Lm2Vt4Rk8Pw"}),
    "sign-in, result": entry(LOGIN, body={"Success": False, "ResultValue": "UserVoiceAuthFailed", "ErrCode": 500121}),
    "error of 200": entry(KEYS, body=error("AuthorizationFailed", "no access to the keys")),
    "refused keys": entry(KEYS, 403, error("AuthorizationFailed", "no access"), method="POST"),
    "error under a name": entry(f"{ARM}{PROJECT}", 400, {"token": error("InvalidToken", "The token is old")}),
    "password refused": entry(f"{ARM}{PROJECT}", 400, error("InvalidParameter", "password: too short")),
    "opaque id": entry(
        f"{ARM}/operationStatuses/q8Jf3kLz0PvX7mN2cR5tY9bH4wG6sD1aE", 500, error("InternalError", "x y")
    ),
    "vault refused": entry(
        "https://kv1.vault.azure.net/secrets/s1",
        403,
        error("Forbidden", "The user does not have secrets get permission"),
    ),
}


def told(held: dict[str, Any]) -> list[tuple[object, ...]]:
    calls = Calls()
    return [
        (one.service, one.method, one.address.host, one.outcome, one.status, [each.code for each in one.said.errors])
        for one in (*calls.of(held), *calls.unfinished())
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_copy_says_what_the_capture_says(case: str) -> None:
    before = told(CASES[case])
    assert before[0][-1]
    assert told(scrubbed(CASES[case])[0][0]) == before
