"""Failures in answers of success: which answers are one, with what error, and which are none."""

import json
from typing import Any

import pytest

from auditor.har.calls import Call, CallOutcome, Calls, Within
from auditor.har.failure_kinds import kind_of
from tests.har.captures import ARM, GROUP, PROJECT, entry, error

VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/v"
JOB = f"{ARM}{VAULT}/replicationJobs/j"
HUB = "https://b8e2.weu.hub.azure.com/api/assessmentProjects/p"
CONFIG = "https://appliance-7:44368/api/v1"
LOGS = "https://api.loganalytics.io/v1"
TAKEN = {"nameAvailable": False, "reason": "AlreadyExists", "message": "The storage account named x is already taken."}
LOCKED = "The scope cannot perform write operation because following scope(s) are locked"
ERROR = error("ScopeLocked", LOCKED)
ASR = [
    {
        "serviceErrorDetails": {"code": "28008", "message": "Protection could not be enabled."},
        "providerErrorDetails": {"errorCode": 539, "errorMessage": "The host is not connected."},
    }
]


def failing(*entries: dict[str, Any]) -> list[Call]:
    held = Calls()
    found = [*(call for one in entries for call in held.of(one)), *held.unfinished()]
    return [call for call in found if call.outcome is CallOutcome.FAILED]


def part(status: Any, content: Any, url: str = PROJECT) -> dict[str, Any]:
    sent = {"requests": [{"name": "a", "httpMethod": "PUT", "url": url}]}
    answers = {"responses": [{"name": "a", "httpStatusCode": status, "content": content}]}
    return entry(f"{ARM}/batch", 200, answers, method="POST", sent=sent)


def of_logs(status: Any, body: Any) -> dict[str, Any]:
    sent = {"requests": [{"id": "1", "method": "POST", "path": "/query", "workspace": "w"}]}
    answers = {"responses": [{"id": "1", "status": status, "body": body}]}
    return entry(f"{LOGS}/$batch", 200, answers, method="POST", sent=sent)


@pytest.mark.parametrize(
    ("made", "code", "kind"),
    [
        (entry(f"{ARM}{GROUP}/deployments/d/validate", 200, ERROR, method="POST"), "ScopeLocked", "lock"),
        (
            entry(f"{ARM}{GROUP}/deployments/d/validate", 200, {"status": "Failed", **ERROR}, method="POST"),
            "ScopeLocked",
            "lock",
        ),
        (
            entry(f"{ARM}{GROUP}/deployments/d/validate", 200, {"properties": ERROR}, method="POST"),
            "ScopeLocked",
            "lock",
        ),
        (entry(f"{ARM}{GROUP}", 200, {"code": "ScopeLocked", "message": LOCKED}), "ScopeLocked", "lock"),
        (entry(f"{ARM}{GROUP}", 200, {"errors": [ERROR["error"]]}), "ScopeLocked", "lock"),
        (entry(f"{ARM}{GROUP}", 200, {"Error": {"Code": "ScopeLocked", "Message": LOCKED}}), "ScopeLocked", "lock"),
        (entry(f"{ARM}{GROUP}/x", 201, {"properties": {"status": "AdminDenied"}}, method="PUT"), "", "work"),
        (part(200, ERROR), "ScopeLocked", "lock"),
        (part("200", ERROR), "ScopeLocked", "lock"),
        (part("OK", ERROR), "ScopeLocked", "lock"),
        (part("Conflict", ERROR), "ScopeLocked", "lock"),
        (part("409 Conflict", ERROR), "ScopeLocked", "lock"),
        (part(409.0, ERROR), "ScopeLocked", "lock"),
        (part(None, ERROR), "ScopeLocked", "lock"),
        (part("Forbidden", "no"), "", "access"),
        (of_logs(200, {"tables": [], **error("PartialError", "There were some errors.")}), "PartialError", "failed"),
        (of_logs("400", error("BadArgumentError", "The request is invalid")), "BadArgumentError", "f"),
        (
            entry(f"{LOGS}/workspaces/w/query", 200, {"tables": [], **error("PartialError", "x")}, method="POST"),
            "PartialError",
            "failed",
        ),
        (entry(f"{ARM}/subscriptions/s/checkNameAvailability", 200, TAKEN, method="POST"), "AlreadyExists", "name"),
        (
            entry(f"{ARM}/subscriptions/s/checkNameAvailability", 200, {"nameAvailable": False}, method="POST"),
            "NameUnavailable",
            "name",
        ),
        (entry(JOB, 200, {"properties": {"state": "Failed", "errors": ASR}}), "28008", "work"),
        (entry(JOB, 200, {"properties": {"status": "Failed", "errors": [ERROR["error"]]}}), "ScopeLocked", "lock"),
        (entry(JOB, 200, {"properties": {"state": "PartiallySucceeded"}}), "", "work"),
        (entry(JOB, 200, {"properties": {"state": "Completed with errors"}}), "", "work"),
        (
            entry(
                f"{ARM}{VAULT}/replicationJobs",
                200,
                {"value": [{"name": "j", "properties": {"state": "Failed", "endTime": "2026-11-23T10:00:05Z"}}]},
            ),
            "",
            "work",
        ),
        (entry(f"{ARM}{GROUP}/operationResults/1", 200, {"status": "Canceled"}), "", "work"),
        (
            entry(
                f"{ARM}{GROUP}/deployments/d/operations",
                200,
                {"value": [{"properties": {"provisioningState": "Failed", "statusMessage": None}}]},
            ),
            "",
            "work",
        ),
        (entry(f"{HUB}/operations/1", 200, {"status": "Failed", **ERROR}), "ScopeLocked", "lock"),
        (entry(f"{CONFIG}/Prerequisites", 200, {"Status": "Failed", "ErrorCode": 60052, "Message": "."}), "60052", "w"),
        (entry(f"{CONFIG}/register", 400, {"errorCode": 60052, "errorMessage": "x"}), "60052", "failed"),
        (
            entry("https://v.vault.azure.net/certificates/c/pending", 200, {"status": "failed", **ERROR}),
            "ScopeLocked",
            "lock",
        ),
        (
            entry(
                "https://srv.hypervrecoverymanager.windowsazure.com/x/jobs/1", 200, {"properties": {"state": "Failed"}}
            ),
            "",
            "work",
        ),
    ],
)
def test_a_failure_in_an_answer_of_success_is_a_failing_call(made: dict[str, Any], code: str, kind: str) -> None:
    (call,) = failing(made)
    assert (call.said.code, kind in kind_of(call).id) == (code, True)
    assert call.said.message


@pytest.mark.parametrize(
    "made",
    [
        entry(f"{ARM}{GROUP}/operationStatuses/1", 200, {"status": "Succeeded", "error": None}),
        entry(f"{ARM}{GROUP}/operationStatuses/1", 200, {"status": "Succeeded", "error": {"code": "", "message": ""}}),
        entry(f"{ARM}{GROUP}/operationStatuses/1", 200, {"status": "InProgress", "properties": {"errors": []}}),
        entry(JOB, 200, {"properties": {"state": "InProgress", "errors": ASR}}),
        entry(f"{HUB}/machines/1", 200, {"properties": {"provisioningState": "Failed", "errors": [ERROR["error"]]}}),
        entry(f"{ARM}/subscriptions/s/checkNameAvailability", 200, {"nameAvailable": True}, method="POST"),
        entry(
            f"{ARM}{VAULT}/replicationJobs",
            200,
            {"value": [{"name": "j", "properties": {"state": "Failed", "endTime": "2026-11-20T10:00:05Z"}}]},
        ),
        entry(f"{ARM}{GROUP}", 200, {"code": "DE", "name": "Germany", "message": "x"}),
        entry(f"{ARM}{GROUP}", 200, {"value": [{"error": ERROR["error"]}]}),
        part(200, {"value": []}),
        of_logs(200, {"tables": []}),
    ],
)
def test_what_went_well_is_no_failure(made: dict[str, Any]) -> None:
    assert failing(made) == []


def test_work_in_a_batch_that_failed_later_says_so() -> None:
    (call,) = failing(part(200, {"properties": {"provisioningState": "Failed"}}))
    assert (call.within, kind_of(call).id) == (Within.LATER, "call-work-failed")


@pytest.mark.parametrize(
    ("content", "unread"),
    [
        ({"size": 900}, 1),
        ({"size": 0}, 0),
        ({"text": json.dumps({"status": "Failed", **ERROR})[:-3]}, 1),
        ({"text": json.dumps({"status": "Succeeded"})}, 0),
        ({"text": "<!DOCTYPE html><html>the proxy blocked it</html>"}, 1),
        ({"encoding": "base64", "text": "/wD/AP8A/wD/AP8A/wD/AP8A/wD/AP8A"}, 1),
        ({"text": "plain words"}, 0),
    ],
)
def test_an_answer_that_is_missing_or_cut_is_counted(content: dict[str, Any], unread: int) -> None:
    held = Calls()
    assert [call.outcome for call in held.of(entry(f"{ARM}{GROUP}", 200, method="PUT", content=content))] == [
        CallOutcome.ANSWERED
    ]
    assert held.unread == unread


BLOBS = "https://st1.blob.core.windows.net/?comp=batch"
REFUSED_PART = (
    "--r\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nHTTP/1.1 403 This request is not authorized\r\n"
    "x-ms-error-code: AuthorizationPermissionMismatch\r\n\r\n<Error><Code>AuthorizationPermissionMismatch</Code>"
    "<Message>This request is not authorized using this permission.</Message></Error>\r\n"
)
FREE_PART = "--r\r\nContent-ID: 0\r\n\r\nHTTP/1.1 202 Accepted\r\nServer: x\r\n\r\n"
CHANGED = (
    "--r\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\n"
    'HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\n\r\n{"odata.error":{"code":"EntityAlreadyExists",'
    '"message":{"lang":"en-US","value":"0:The specified entity already exists."}}}\r\n--c--\r\n--r--\r\n'
)


@pytest.mark.parametrize("is_sent", [True, False])
def test_parts_of_a_batch_of_storage_are_calls(is_sent: bool) -> None:
    made = entry(BLOBS, 202, f"{FREE_PART}{REFUSED_PART}--r--", method="POST", mime="multipart/mixed; boundary=r")
    if is_sent:
        text = "--b\r\n\r\nDELETE /c/one HTTP/1.1\r\nx: y\r\n\r\n--b\r\n\r\nDELETE /c/two HTTP/1.1\r\n\r\n--b--"
        made["request"]["postData"] = {"mimeType": "multipart/mixed", "text": text}
    first, second = Calls().of(made)
    assert first.outcome is CallOutcome.ANSWERED
    assert (second.status, second.said.code, second.within) == (403, "AuthorizationPermissionMismatch", Within.BATCH)
    assert second.address.path == ("/c/two" if is_sent else "/")
    (failed,) = Calls().of(entry("https://st1.table.core.windows.net/$batch", 202, CHANGED, method="POST"))
    assert (failed.status, failed.said.code) == (409, "EntityAlreadyExists")


def test_an_accepted_batch_without_names_is_not_read_until_its_answer_comes() -> None:
    for answers, unread in (((), 1), ((entry(f"{ARM}/batch/1", 200, {"responses": [{"httpStatusCode": 200}]}),), 0)):
        calls = Calls()
        for one in (entry(f"{ARM}/batch", 202, method="POST"), *answers):
            list(calls.of(one))
        list(calls.unfinished())
        assert calls.unread == unread
