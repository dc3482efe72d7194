"""Calls of a capture: which failed, in what way, and what was being done."""

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any

import pytest

from auditor.har.calls import Call, CallOutcome, Calls, Within
from auditor.har.failure_kinds import failure_kinds, kind_of
from auditor.har.groups import FailureGroups
from auditor.har.services import Service, cloud_of, service_of
from tests.har.captures import ARM, CHRISTIE, GROUP, PROJECT, SUBSCRIPTION, entry, error, refusal, refused

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
LOGIN = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0"
PORTAL = "https://portal.azure.com/signin/index"
DISCOVERY = "https://discoverysrv-we.prod.migration.windowsazure.com"
VAULT = "https://fabrikam1a2bkv.vault.azure.net"
LOCKED = f"The scope '{PROJECT}' cannot perform write operation because following scope(s) are locked: '{GROUP}'."


def calls(*entries: dict[str, Any]) -> list[Call]:
    held = Calls()
    return [*(call for one in entries for call in held.of(one)), *held.unfinished()]


def failing(entries: Iterable[Call]) -> list[Call]:
    return [call for call in entries if call.outcome is not CallOutcome.ANSWERED]


def config(**settings: str) -> str:
    return f"<html><script>//<![CDATA[\n$Config={json.dumps(settings)};\n//]]></script></html>"


@pytest.mark.parametrize(
    ("made", "kind", "code"),
    [
        (refused(), "call-access-refused", "AuthorizationFailed"),
        (entry(f"{ARM}{GROUP}", 403, "<h1>Forbidden</h1>", mime="text/html"), "call-access-refused", ""),
        (
            entry(f"{ARM}{GROUP}", 409, error("ScopeLocked", LOCKED), method="PUT"),
            "call-refused-by-lock",
            "ScopeLocked",
        ),
        (
            entry(f"{ARM}{GROUP}", 403, error("RequestDisallowedByPolicy", "Resource 'x' was disallowed by policy.")),
            "call-refused-by-policy",
            "RequestDisallowedByPolicy",
        ),
        (
            entry(
                f"{ARM}{GROUP}", 409, error("MissingSubscriptionRegistration", "The subscription is not registered.")
            ),
            "call-provider-not-registered",
            "MissingSubscriptionRegistration",
        ),
        (
            entry(
                f"{ARM}{GROUP}",
                409,
                error("ConflictError", "A vault with the same name already exists in deleted state."),
            ),
            "call-name-taken",
            "ConflictError",
        ),
        (
            entry(f"{ARM}{GROUP}", 409, error("ConflictError", "Another update is running.")),
            "call-failed",
            "ConflictError",
        ),
        (entry(f"{ARM}{GROUP}", 429), "call-throttled", ""),
        (
            entry(f"{ARM}{GROUP}", 401, error("ExpiredAuthenticationToken", "expired")),
            "call-token-not-accepted",
            "ExpiredAuthenticationToken",
        ),
        (
            entry(f"{ARM}{GROUP}", 404, error("ResourceGroupNotFound", "not found")),
            "call-not-found",
            "ResourceGroupNotFound",
        ),
        (entry(f"{ARM}{GROUP}", 502, "<html>Bad gateway</html>", mime="text/html"), "call-service-failed", ""),
        (entry(f"{ARM}{GROUP}", 400, error("WeirdThing", "nobody knows")), "call-failed", "WeirdThing"),
        (entry(f"{ARM}{GROUP}", 418), "call-failed", ""),
        (
            entry(
                "https://graph.microsoft.com/v1.0/applications",
                403,
                error("Authorization_RequestDenied", "Insufficient privileges"),
            ),
            "call-access-refused",
            "Authorization_RequestDenied",
        ),
        (
            entry(f"{VAULT}/secrets", 403, error("Forbidden", "no", innererror={"code": "ForbiddenByRbac"})),
            "call-key-vault-refused",
            "ForbiddenByRbac",
        ),
        (entry(f"{VAULT}/secrets", 403, error("Forbidden", "no")), "call-key-vault-refused", "Forbidden"),
        (
            entry(f"{DISCOVERY}/x", 401, {"message": "Requests must contain user identity headers"}),
            "call-without-identity",
            "",
        ),
        (
            entry(f"{ARM}{GROUP}", 400, error("BadRequest", "Requests must contain user identity headers.")),
            "call-without-identity",
            "BadRequest",
        ),
        (
            entry(
                f"{LOGIN}/token",
                400,
                {"error": "invalid_grant", "error_description": "AADSTS50076: use multi-factor authentication."},
                method="POST",
            ),
            "call-sign-in-refused",
            "AADSTS50076",
        ),
        (
            entry(
                f"{LOGIN}/authorize",
                200,
                config(sErrorCode="53003", strServiceExceptionMessage="AADSTS53003: blocked"),
                mime="text/html",
            ),
            "call-sign-in-refused",
            "AADSTS53003",
        ),
        (
            entry(
                f"{LOGIN}/authorize",
                302,
                redirectURL=f"{PORTAL}/#error=access_denied&error_description=AADSTS65004%3a+declined",
            ),
            "call-sign-in-refused",
            "AADSTS65004",
        ),
        (
            entry(f"{PORTAL}/?error=login_required&error_description=AADSTS50058%3A+A+silent+sign-in"),
            "call-sign-in-interaction",
            "AADSTS50058",
        ),
        (entry(f"{ARM}{GROUP}", 0, _error="net::ERR_FAILED"), "call-without-answer", ""),
        (
            entry(
                f"{ARM}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Resources/locations/x/operationStatuses/1",
                200,
                {"status": "Failed", "error": {"code": "VaultAlreadyExists", "message": "is already in use"}},
            ),
            "call-name-taken",
            "VaultAlreadyExists",
        ),
        (
            entry(f"{ARM}{PROJECT}", 200, {"properties": {"provisioningState": "Failed"}}, method="PUT"),
            "call-work-failed",
            "",
        ),
    ],
)
def test_a_failing_call_is_of_one_kind(made: dict[str, Any], kind: str, code: str) -> None:
    (call,) = failing(calls(made))
    assert (kind_of(call).id, call.said.code) == (kind, code)


@pytest.mark.parametrize(
    "made",
    [
        entry(f"{ARM}{GROUP}", 200, {"value": [{"properties": {"provisioningState": "Failed"}}]}),
        entry(f"{ARM}{GROUP}", 304),
        entry(f"{ARM}{GROUP}", 200, {"status": "InProgress"}),
        entry(f"{LOGIN}/authorize", 200, config(sErrorCode="", sFT="x"), mime="text/html"),
        entry(f"{LOGIN}/authorize", 302, redirectURL="https://portal.azure.com/?code=0.AX&state=1"),
        entry(f"{LOGIN}/token", 400, {"error": "authorization_pending", "error_description": "AADSTS70016: pending"}),
        entry("https://portal.azure.com/app.js", 404),
        entry("https://management.azure.com.evil.com/", 403),
        entry("data:text/plain,x", 0),
        entry(f"{ARM}{GROUP}", 200, method="OPTIONS"),
    ],
)
def test_what_did_not_fail_is_no_failure(made: dict[str, Any]) -> None:
    assert failing(calls(made)) == []


def test_batches_of_resource_manager_are_unpacked_by_name() -> None:
    sent = {
        "requests": [
            {"name": "a", "httpMethod": "GET", "url": f"{GROUP}?api-version=1"},
            {
                "name": "b",
                "httpMethod": "PUT",
                "url": f"{ARM}{PROJECT}",
                "requestHeaderDetails": {"commandName": "Migrate.Create"},
            },
            {"name": "c", "httpMethod": "GET", "url": "/subscriptions"},
        ]
    }
    answers = [
        {"name": "b", "httpStatusCode": 403, "content": error("AuthorizationFailed", refusal())},
        {"name": "a", "httpStatusCode": 200, "content": {}},
    ]
    found = calls(entry(f"{ARM}/batch?api-version=2020-06-01", 200, {"responses": answers}, method="POST", sent=sent))
    assert [(call.method, call.status, call.within) for call in found] == [
        ("PUT", 403, Within.BATCH),
        ("GET", 200, Within.BATCH),
        ("GET", 0, Within.BATCH),
    ]
    assert found[0].command == "Migrate.Create"
    assert found[0].said.error is not None
    assert found[0].said.error.details.account == CHRISTIE
    assert (
        found[0].operation.words
        == "create or change the Azure Migrate project `fabrikam-exit` in `rg-fabrikam-migrate`"
    )
    assert found[2].outcome is CallOutcome.UNANSWERED


def test_batches_without_names_are_matched_by_their_order() -> None:
    sent = {"requests": [{"httpMethod": "GET", "url": "/subscriptions"}, {"httpMethod": "DELETE", "url": PROJECT}]}
    answers = [{"httpStatusCode": 200}, {"httpStatusCode": 409, "content": json.dumps(error("ScopeLocked", LOCKED))}]
    (call,) = failing(calls(entry(f"{ARM}/batch", 200, {"responses": answers}, method="POST", sent=sent)))
    assert (call.method, call.address.path, call.said.code) == ("DELETE", PROJECT, "ScopeLocked")


def test_batches_of_graph_are_unpacked_by_id() -> None:
    sent = {
        "requests": [{"id": "1", "method": "GET", "url": "/me"}, {"id": "2", "method": "POST", "url": "/applications"}]
    }
    body = base64.b64encode(
        json.dumps(error("Authorization_RequestDenied", "Insufficient privileges")).encode()
    ).decode()
    answers = [{"id": "2", "status": 403, "body": body}, {"id": "1", "status": 200, "body": {}}]
    url = "https://graph.microsoft.com/v1.0/$batch"
    (call,) = failing(calls(entry(url, 200, {"responses": answers}, method="POST", sent=sent)))
    assert (call.service, call.address.path, call.said.code) == (
        Service.GRAPH,
        "/v1.0/applications",
        "Authorization_RequestDenied",
    )


def test_a_batch_that_is_answered_later_is_joined_with_its_answers() -> None:
    sent = {
        "requests": [
            {"name": "a", "httpMethod": "PUT", "url": PROJECT},
            {"name": "b", "httpMethod": "GET", "url": GROUP},
        ]
    }
    asked = entry(f"{ARM}/batch", 202, method="POST", sent=sent)
    polled = entry(f"{ARM}/batch/1", 202)
    answers = [{"name": "a", "httpStatusCode": 403, "content": error("AuthorizationFailed", refusal())}]
    found = calls(asked, polled, entry(f"{ARM}/batch/1", 200, {"responses": answers}))
    assert [(call.method, call.address.path, call.status) for call in found] == [
        ("PUT", PROJECT, 403),
        ("GET", GROUP, 0),
    ]
    assert [call.outcome for call in found] == [CallOutcome.FAILED, CallOutcome.UNANSWERED]


def test_a_batch_whose_answer_is_not_in_the_capture_is_unknown() -> None:
    sent = {"requests": [{"name": "a", "httpMethod": "PUT", "url": PROJECT}]}
    (call,) = calls(entry(f"{ARM}/batch", 200, method="POST", sent=sent))
    assert (call.outcome, call.address.path) == (CallOutcome.UNANSWERED, PROJECT)
    assert "not in the capture" in call.why
    (bare,) = calls(entry(f"{ARM}/batch", 200, method="POST"))
    assert bare.outcome is CallOutcome.UNANSWERED


def test_failed_operations_of_a_deployment_are_read_to_the_innermost_error() -> None:
    rows = [
        {"properties": {"provisioningState": "Succeeded"}},
        {
            "properties": {
                "provisioningState": "Failed",
                "statusMessage": error("DeploymentFailed", "x", details=[{"code": "ScopeLocked", "message": LOCKED}]),
            }
        },
    ]
    (call,) = failing(calls(entry(f"{ARM}{GROUP}/deployments/d/operations", 200, {"value": rows})))
    assert (call.said.code, call.within) == ("ScopeLocked", Within.LATER)


@pytest.mark.parametrize(
    "content",
    [
        {"encoding": "base64", "text": base64.b64encode(json.dumps(error("ScopeLocked", LOCKED)).encode()).decode()},
        {
            "encoding": "base64",
            "text": base64.b64encode(gzip.compress(json.dumps(error("ScopeLocked", LOCKED)).encode())).decode(),
        },
        {"text": gzip.compress(json.dumps(error("ScopeLocked", LOCKED)).encode()).decode("latin-1")},
        {"text": "\ufeff" + json.dumps(error("ScopeLocked", LOCKED))},
    ],
    ids=["base64", "compressed", "compressed text", "marked"],
)
def test_encoded_bodies_are_read(content: dict[str, str]) -> None:
    (call,) = calls(entry(f"{ARM}{GROUP}", 409, content=content))
    assert call.said.code == "ScopeLocked"


def test_binary_bodies_are_counted_and_ignored() -> None:
    held = Calls()
    content = {"encoding": "base64", "text": base64.b64encode(bytes(range(256)) * 20).decode()}
    (call,) = held.of(entry(f"{ARM}{GROUP}", 500, content=content))
    assert (call.outcome, call.said.is_empty, held.binary) == (CallOutcome.FAILED, True, 1)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"request": None},
        {"request": {"url": 5, "method": None, "headers": "x"}, "response": []},
        {"request": {"url": f"{ARM}/x", "headers": [1, {"name": 3, "value": 4}]}, "response": {"status": "403"}},
        {
            "request": {"url": f"{ARM}/batch", "method": "POST", "postData": {"text": '{"requests": [1, {"url": 4}]}'}},
            "response": {"status": 200, "content": {"text": '{"responses": [1, {"name": []}, {"status": true}]}'}},
        },
        {
            "request": {"url": f"{ARM}/x", "postData": {"params": [1, {"name": "error_description", "value": 5}]}},
            "response": {"status": True},
        },
        {
            "startedDateTime": "never",
            "request": {"url": f"{ARM}/x"},
            "response": {"status": -1, "content": {"text": ["x"]}},
        },
        {"request": {"url": f"{ARM}/x"}, "response": {"status": 403, "content": {"text": "[" * 50_000}}},
    ],
)
def test_odd_entries_do_no_harm(odd: dict[str, Any]) -> None:
    for call in calls(odd):
        kind_of(call)


def test_calls_that_are_alike_are_counted_with_their_times() -> None:
    groups = FailureGroups()
    groups.add_all(calls(refused("10:00:05"), refused("10:00:00"), refused("10:00:09")))
    (group,) = groups
    assert group.first is not None
    assert group.last is not None
    assert (group.count, f"{group.first:%M:%S}", f"{group.last:%M:%S}") == (3, "00:00", "00:09")


def test_a_call_that_works_later_is_noted_until_it_fails_again() -> None:
    groups = FailureGroups()
    url = f"{ARM}{PROJECT}?api-version=2020-05-01"
    groups.add_all(calls(refused(), entry(url, 200, method="PUT", at="10:05:00")))
    (group,) = groups
    assert group.worked_later
    groups.add_all(calls(refused("10:06:00")))
    assert not group.worked_later


@pytest.mark.parametrize(
    ("host", "service", "cloud"),
    [
        ("management.azure.com", Service.ARM, "AzureCloud"),
        ("westeurope.management.azure.com", Service.ARM, "AzureCloud"),
        ("management.usgovcloudapi.net", Service.ARM, "AzureUSGovernment"),
        ("management.chinacloudapi.cn", Service.ARM, "AzureChinaCloud"),
        ("MANAGEMENT.AZURE.COM.", Service.ARM, "AzureCloud"),
        ("graph.windows.net", Service.GRAPH, ""),
        ("x.vault.usgovcloudapi.net", Service.KEY_VAULT, ""),
        ("x.privatelink.vaultcore.azure.net", Service.KEY_VAULT, ""),
        ("x.managedhsm.azure.cn", Service.KEY_VAULT, ""),
        ("login.partner.microsoftonline.cn", Service.SIGN_IN, ""),
        ("weu.discoverysrv.windowsazure.com", Service.MIGRATE, ""),
        ("notmanagement.azure.com", None, ""),
        ("portal.azure.com", None, ""),
    ],
)
def test_services_are_known_by_whole_labels_of_their_hosts(host: str, service: Service | None, cloud: str) -> None:
    assert (service_of(host), cloud_of(host)) == (service, cloud)


@pytest.mark.parametrize(
    ("method", "url", "words", "action"),
    [
        (
            "POST",
            f"{ARM}/subscriptions/s/providers/Microsoft.OffAzure/register",
            "register the resource provider `Microsoft.OffAzure` in the subscription `s`",
            "Microsoft.OffAzure/register/action",
        ),
        (
            "POST",
            f"{ARM}{GROUP}/providers/Microsoft.Storage/storageAccounts/x/listKeys",
            "`listKeys` of the storage account `x` in `rg-fabrikam-migrate`",
            "Microsoft.Storage/storageAccounts/listKeys/action",
        ),
        (
            "GET",
            f"{ARM}{GROUP}/providers/Microsoft.Migrate/migrateProjects",
            "list every Azure Migrate project in `rg-fabrikam-migrate`",
            "Microsoft.Migrate/migrateProjects/read",
        ),
        (
            "PUT",
            f"{ARM}{PROJECT}/providers/Microsoft.Authorization/roleAssignments/g",
            "create or change the role assignment `g` in `rg-fabrikam-migrate`",
            "Microsoft.Authorization/roleAssignments/write",
        ),
        (
            "PUT",
            f"{ARM}{GROUP}",
            "create or change the resource group `rg-fabrikam-migrate`",
            "Microsoft.Resources/subscriptions/resourceGroups/write",
        ),
        (
            "GET",
            f"{ARM}{GROUP}/providers/Microsoft.RecoveryServices/vaults/v/replicationJobs/j",
            "follow the job `j` of `Microsoft.RecoveryServices` in `rg-fabrikam-migrate`",
            "Microsoft.RecoveryServices/vaults/replicationJobs/read",
        ),
        (
            "POST",
            f"{ARM}/subscriptions/s/providers/Microsoft.Storage/checkNameAvailability",
            "ask `Microsoft.Storage` whether a name is available in the subscription `s`",
            "Microsoft.Storage/checkNameAvailability/action",
        ),
        ("POST", "https://graph.microsoft.com/v1.0/applications", "create one of `/applications` in the directory", ""),
        ("GET", f"{VAULT}/secrets/a/b", "read the secret `a` in the key vault `fabrikam1a2bkv`", ""),
    ],
)
def test_what_was_being_done_is_said_in_words(method: str, url: str, words: str, action: str) -> None:
    (call,) = calls(entry(url, 403, method=method))
    assert (call.operation.words, call.operation.action) == (words, action)


def test_no_code_belongs_to_two_kinds() -> None:
    codes = [code.lower() for kind in failure_kinds().values() for code in kind.codes]
    assert len(codes) == len(set(codes))


def test_a_resource_that_failed_once_and_is_read_is_no_failing_call() -> None:
    assert failing(calls(entry(f"{ARM}{PROJECT}", 200, {"properties": {"provisioningState": "Failed"}}))) == []


@pytest.mark.parametrize(
    ("method", "url", "failed_at", "worked_at", "later"),
    [
        ("PUT", f"{ARM}{PROJECT}", "10:00:00", "10:01:00", True),
        ("PUT", f"{ARM}{PROJECT}", "10:05:00", "10:00:00", False),
        ("POST", "https://graph.microsoft.com/v1.0/groups", "10:00:00", "10:01:00", False),
        ("GET", "https://graph.microsoft.com/v1.0/users?$select=signInActivity", "10:00:00", "10:01:00", True),
    ],
)
def test_only_the_same_call_counts_as_a_later_success(
    method: str, url: str, failed_at: str, worked_at: str, later: bool
) -> None:
    groups = FailureGroups()
    denied = error("Forbidden", "No.")
    groups.add_all(calls(entry(url, 403, denied, method=method, at=failed_at)))
    groups.add_all(calls(entry(url, 200, {}, method=method, at=worked_at)))
    (group,) = groups
    assert group.worked_later is later


def test_a_repeated_call_is_known_by_its_parameters_and_its_body_in_whatever_order_the_file_has_them() -> None:
    query, url = f"{ARM}/providers/Microsoft.ResourceGraph/resources", f"{ARM}{GROUP}?x="
    no = error("TooManyRequests", "No.")

    def pair(first: dict[str, Any], later: dict[str, Any]) -> list[bool]:
        found = []
        for order in ([first, later], [later, first]):
            groups = FailureGroups()
            groups.add_all(calls(*order))
            found.append([group.worked_later for group in groups] == [True])
        return found

    def post(status: int, at: str, sent: str) -> dict[str, Any]:
        return entry(query, status, no if status > 400 else {}, method="POST", sent={"query": sent}, at=at)

    assert pair(post(429, "10:00:00", "a"), post(200, "10:00:09", "a")) == [True, True]
    assert pair(post(429, "10:00:00", "a"), post(200, "10:00:09", "b")) == [False, False]
    assert pair(post(429, "10:00:09", "a"), post(200, "10:00:00", "a")) == [False, False]
    assert pair(entry(f"{url}1", 401, at="10:00:00"), entry(f"{url}1", at="10:00:01")) == [True, True]
    assert pair(entry(f"{url}1", 401, at="10:00:00"), entry(f"{url}2", at="10:00:01")) == [False, False]


def test_what_failed_in_a_batch_and_worked_by_itself_worked_later() -> None:
    sent = {"requests": [{"name": "a", "httpMethod": "GET", "url": f"{GROUP}?api-version=1"}]}
    answers = {"responses": [{"name": "a", "httpStatusCode": 429, "content": {}}]}
    groups = FailureGroups()
    groups.add_all(calls(entry(f"{ARM}/batch", 200, answers, method="POST", sent=sent, at="10:00:00")))
    groups.add_all(calls(entry(f"{ARM}{GROUP}?api-version=1", at="10:00:09")))
    assert [group.worked_later for group in groups] == [True]


def test_a_group_worked_later_only_if_all_in_it_did() -> None:
    groups = FailureGroups()
    urls = [f"{ARM}{GROUP}?x={number}" for number in range(3)]
    groups.add_all(calls(*(entry(one, 429, at="10:00:00") for one in urls)))
    for number, one in enumerate(urls):
        groups.add_all(calls(entry(one, at=f"10:00:0{number + 1}")))
        (group,) = groups
        assert group.worked_later is (number == 2)
    assert [(one.count, f"{one.succeeded:%S}") for one in groups] == [(3, "03")]
