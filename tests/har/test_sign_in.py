"""Refusals of the sign-in in every shape, each counted once; and errors that only headers or XML name."""

import json
from typing import Any

import pytest

from auditor.har.calls import Call, CallOutcome, Calls
from auditor.har.failure_kinds import kind_of
from tests.har.captures import ARM, GROUP, entry

LOGIN = "https://login.microsoftonline.com/common"
PORTAL = "https://portal.azure.com/signin/index/"
TOLD = "error=access_denied&error_description=AADSTS65004%3a+User+declined"
BARE = "error=login_required"
BLOB = "https://sa1.blob.core.windows.net/c/x.zip"
WRONG = "UserVoiceAuthFailedPhoneUnreachable"


def failing(*entries: dict[str, Any]) -> list[Call]:
    held = Calls()
    return [call for one in entries for call in held.of(one) if call.outcome is CallOutcome.FAILED]


def page(text: str, status: int = 200) -> dict[str, Any]:
    return entry(f"{LOGIN}/login", status, text, mime="text/html")


def answered(body: Any, status: int = 200, path: str = "/oauth2/v2.0/token") -> dict[str, Any]:
    return entry(f"{LOGIN}{path}", status, body, method="POST")


def form(text: str, url: str = PORTAL) -> dict[str, Any]:
    made = entry(url, 200, "", method="POST")
    made["request"]["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": text}
    return made


def sent_on(fields: dict[str, str]) -> dict[str, Any]:
    inputs = "".join(f'<input type="hidden" name="{name}" value="{value}" />' for name, value in fields.items())
    return page(f'<html><body><form method="POST" name="hiddenform" action="{PORTAL}">{inputs}</form></body></html>')


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (entry(f"{LOGIN}/authorize", 302, redirectURL=f"{PORTAL}?{TOLD}"), "AADSTS65004"),
        (entry(f"{LOGIN}/authorize", 302, redirectURL=f"{PORTAL}#{BARE}"), "login_required"),
        (entry(f"{LOGIN}/authorize", 302, headers=[{"name": "LOCATION", "value": f"{PORTAL}#{TOLD}"}]), "AADSTS65004"),
        (
            entry(
                f"{LOGIN}/authorize",
                302,
                redirectURL=PORTAL,
                headers=[{"name": "Location", "value": f"{PORTAL}#{BARE}"}],
            ),
            "login_required",
        ),
        (entry(f"{PORTAL}?{BARE}"), "login_required"),
        (entry(f"{PORTAL}#error=interaction_required&error_subcode=message_only"), "interaction_required"),
        (form(BARE), "login_required"),
        (form(TOLD), "AADSTS65004"),
        (sent_on({"error": "login_required", "state": "x"}), "login_required"),
        (sent_on({"error": "access_denied", "error_description": "AADSTS65004: User &amp; declined"}), "AADSTS65004"),
        (answered({"error": "invalid_grant", "error_codes": [50076]}, 400), "AADSTS50076"),
        (
            answered({"error": "invalid_grant", "error_codes": ["50173"], "suberror": "bad_token"}, 400),
            "AADSTS50173",
        ),
        (answered({"error": "invalid_grant", "error_description": "AADSTS70008: expired"}, 400), "AADSTS70008"),
        (answered({"error": "invalid_client"}, 401), "invalid_client"),
        (answered({"error": "invalid_grant", "error_codes": [50076]}), "AADSTS50076"),
        (answered({"error": {"code": "50034", "message": "no such user"}}, path="/GetCredentialType"), "AADSTS50034"),
        (answered({"sErrorCode": "50126"}), "AADSTS50126"),
        (answered({"Success": False, "ResultValue": WRONG, "Message": None}, path="/SAS/EndAuth"), WRONG),
        (
            answered({"Success": False, "ResultValue": WRONG, "Message": "unreachable", "ErrCode": 500121}),
            "AADSTS500121",
        ),
        (page("<!DOCTYPE html><html><body><p>AADSTS50020: User account</p></body></html>"), "AADSTS50020"),
        (page("<html><body>Error Code: 53003 Request Id: x</body></html>"), "AADSTS53003"),
        (page("<html><body>AADSTS50020</body></html>", 400), "AADSTS50020"),
        (page(f"<script>$Config={json.dumps({'iErrorCode': 50105})};</script>"), "AADSTS50105"),
        (page("<script>$Config={broken AADSTS50105</script>"), "AADSTS50105"),
    ],
)
def test_a_refused_sign_in_is_known_by_its_number_or_its_error(made: dict[str, Any], code: str) -> None:
    (call,) = failing(made)
    assert call.said.code == code
    assert kind_of(call).id in {"call-sign-in-refused", "call-sign-in-interaction"}


@pytest.mark.parametrize(
    "made",
    [
        answered({"Success": False, "ResultValue": "AuthenticationPending", "Retry": True}, path="/SAS/EndAuth"),
        answered({"Success": True, "ResultValue": "Success", "ErrCode": 0}, path="/SAS/EndAuth"),
        answered({"IfExistsResult": 0, "ThrottleStatus": 0, "error": None}, path="/GetCredentialType"),
        answered({"access_token": "x", "error": ""}),
        page("<html><script>var known = ['AADSTS50058']</script><body>Sign in</body></html>"),
        entry(f"{LOGIN}/x.js", 200, "const a = 'AADSTS50058'", mime="application/javascript"),
        entry("https://portal.azure.com/api/x?error=none_yet"),
        form("error=0&name=x"),
        sent_on({"code": "0.AX", "state": "x"}),
    ],
)
def test_other_answers_of_the_sign_in_are_no_refusal(made: dict[str, Any]) -> None:
    assert failing(made) == []


@pytest.mark.parametrize("told", [TOLD, BARE])
def test_a_refusal_is_counted_once_where_it_is_sent_and_where_it_arrives(told: str) -> None:
    leaves = entry(f"{LOGIN}/authorize", 302, redirectURL=f"{PORTAL}?{told}")
    arrives = entry(f"{PORTAL}?{told}")
    posted = [
        sent_on(dict(one.split("=") for one in told.replace("%3a+", ": ").replace("+", " ").split("&"))),
        form(told),
    ]
    for pair in ([leaves, arrives], [arrives, leaves], posted):
        assert len(failing(*pair)) == 1
        assert len(failing(*pair, *pair)) == 2
    assert len(failing(leaves, leaves, arrives)) == 2
    passed_on = entry(f"{LOGIN}/reprocess?{told}", 302, redirectURL=f"{PORTAL}?{told}")
    assert len(failing(leaves, passed_on, passed_on, arrives)) == 1
    assert len(failing(passed_on, arrives)) == 1


@pytest.mark.parametrize(("number", "kind"), [("53000", "call-sign-in-refused"), ("50058", "call-sign-in-interaction")])
def test_conditional_access_is_a_refusal_whatever_interaction_is_asked_for(number: str, kind: str) -> None:
    body = {"error": "interaction_required", "error_description": f"AADSTS{number}: It is so.", "suberror": "x"}
    (call,) = failing(answered(body, 400))
    assert (kind_of(call).id, call.said.code, call.said.message) == (kind, f"AADSTS{number}", "It is so.")


def test_the_errors_of_storage_and_of_headers_are_read() -> None:
    told = "<Code>AuthenticationFailed</Code><Message>Signature not valid.\nTime:1</Message>"
    xml = f"\ufeff<?xml version='1.0'?><Error>{told}</Error>"
    headers = [{"name": "x-ms-error-code", "value": "AuthorizationPermissionMismatch"}]
    challenge = [
        {"name": "WWW-Authenticate", "value": 'Bearer realm="", error="invalid_token", error_description="old"'}
    ]
    found = failing(
        entry(BLOB, 403, xml, mime="application/xml"),
        entry(BLOB, 403, method="HEAD", headers=headers),
        entry(f"{ARM}{GROUP}", 401, headers=challenge),
    )
    assert [(call.said.code, call.said.message) for call in found] == [
        ("AuthenticationFailed", "Signature not valid. Time:1"),
        ("AuthorizationPermissionMismatch", ""),
        ("invalid_token", "old"),
    ]


def test_failed_calls_to_other_services_are_counted_by_host() -> None:
    held = Calls()
    pim = "https://api.azrbac.mspim.azure.com/api/v2/privilegedAccess/azureResources/roleAssignments"
    made = [
        entry("https://main.vortex.data.microsoft.com/x", 0, _error="net::ERR_BLOCKED_BY_CLIENT"),
        entry("https://portal.azure.com/app.js", 404),
        entry("https://portal.azure.com/app.js", 200),
        entry(pim, 403, {"error": {"code": "UnauthorizedAccess", "message": "no"}}),
        entry("https://portal.azure.com/api/DelegationToken", 401, {"message": "AADSTS50173: expired"}, method="POST"),
    ]
    found = [call for one in made for call in held.of(one)]
    assert [(call.service.name, call.said.code) for call in found] == [
        ("ENTRA", "UnauthorizedAccess"),
        ("PORTAL", "AADSTS50173"),
    ]
    assert held.others_failed == {"main.vortex.data.microsoft.com": 1, "portal.azure.com": 1}
