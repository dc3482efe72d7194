"""`har FILE`: the failing calls of a capture in every format, alone and put to an environment."""

import json
import re
from pathlib import Path
from typing import Any

import jwt
import pytest
from jsonschema import Draft202012Validator

from auditor.cli.formats import FORMATS
from auditor.emulator.options import Endpoints
from tests.cli.running import Run
from tests.cli.workbook_text import shown_in
from tests.har.captures import (
    ARM,
    CHRISTIE,
    GROUP,
    PROJECT,
    SUBSCRIPTION,
    capture,
    entry,
    error,
    refusal,
    refused,
    saved,
)

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "scan-1.json"
DENIED = error("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
NOBODY = "a5fa0001-8d3f-4e06-b2a9-00000000dead"
SECRETS = (
    "eyJhbGciOiJSUzI1NiJ9.c2VjcmV0LXBsYW50ZWQ.c2lnbmF0dXJl",
    "planted-cookie-value",
    "planted-signature-value",
    "0.AXgAplanted1Code2Value3",
    "planted-flow-token",
    "planted-password",
    "planted-key-value",
)
JWT, COOKIE, SIG, CODE, FLOW, PASSWORD, KEY = SECRETS


def asked(migaudit: Run, path: Path, *options: str | Path) -> tuple[int, dict[str, Any]]:
    done = migaudit("har", path, "--format", "json", *options)
    document = json.loads(done.out)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    return done.code, document


def planted() -> list[dict[str, Any]]:
    """Every place of an entry that can hold a secret, with one in it."""
    said = (
        f"refused for Bearer {JWT}, see https://x.blob.core.windows.net/c?a=1&sig={SIG} and https://x/?code={CODE}; "
        f"Cookie: ESTSAUTH={COOKIE}"
    )
    config = {
        "sErrorCode": "53003",
        "strServiceExceptionMessage": "AADSTS53003: blocked",
        "sFT": FLOW,
        "canary": COOKIE,
    }
    where = f"{ARM}{PROJECT}?api-version=2020-05-01&sig={SIG}&access_token={JWT}&code={CODE}#id_token={JWT}"
    body = error("WeirdThing", said, access_token=JWT, password=PASSWORD, innererror={"primaryKey": KEY, "code": "X1"})
    sent = {
        "requests": [{"name": "a", "httpMethod": "GET", "url": f"{GROUP}?sig={SIG}", "headers": {"Authorization": JWT}}]
    }
    body["error"]["message"] += f"; no session {COOKIE}, no key {SIG}, not {PASSWORD}"
    answers = {"responses": [{"name": "a", "httpStatusCode": 403, "headers": {"Set-Cookie": COOKIE}, "content": body}]}
    told = f"error=access_denied&code={CODE}&error_description=AADSTS65004+{JWT}&state={SIG}"
    back = f"https://portal.azure.com/signin/?{told}"
    made = [
        entry(where, 400, body, method="PUT", command=f"cmd {JWT}"),
        entry(f"{ARM}/batch", 200, answers, method="POST", sent=sent),
        entry("https://login.microsoftonline.com/common/login", 200, f"<script>$Config={json.dumps(config)};</script>"),
        entry("https://login.microsoftonline.com/common/reprocess", 302, redirectURL=back),
        entry(back),
        entry(f"{ARM}/subscriptions/{JWT}/x", 0, _error=f"net::ERR_FAILED {JWT}"),
        entry(f"{ARM}{GROUP}", 500, f"<html>trace: {said} password={PASSWORD}</html>"),
    ]
    for one in made:
        one["request"]["cookies"] = [{"name": "ESTSAUTH", "value": COOKIE}]
        one["request"]["headers"] += [{"name": "Cookie", "value": f"ESTSAUTH={COOKIE}"}]
        one["response"]["headers"] += [{"name": "Set-Cookie", "value": f"a={COOKIE}"}]
        one["request"].setdefault("postData", {"text": f"password={PASSWORD}&code={CODE}"})
    return made


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_shows_a_secret_wherever_it_stands(form: str, migaudit: Run, tmp_path: Path) -> None:
    title = f"https://portal.azure.com/#access_token={JWT}&code={CODE}"
    path = saved(tmp_path / "portal.har", *planted(), title=title)
    done, shown = shown_in(form, migaudit, tmp_path, "har", path, "--all-verdicts", "--verbose")
    assert "WeirdThing" in shown
    assert "AADSTS53003" in shown
    assert [secret for secret in SECRETS if secret in shown + done.err] == []


def test_failing_calls_are_findings_of_a_scan(migaudit: Run, tmp_path: Path) -> None:
    path = saved(
        tmp_path / "portal.har", refused(), refused("10:00:07"), entry(f"{ARM}/subscriptions", 200, {"value": []})
    )
    code, document = asked(migaudit, path)
    assert code == 1
    (finding,) = document["findings"]
    assert (finding["rule"], finding["errors"], finding["subject"]["kind"]) == (
        "call-access-refused",
        ["AuthorizationFailed"],
        "call",
    )
    (call,) = document["calls"]
    assert (call["count"], call["account"], call["scope"], call["page"]) == (
        2,
        CHRISTIE,
        PROJECT,
        "Azure Migrate - Microsoft Azure",
    )
    assert document["capture"]["looked_at"] == {"arm": 3}
    assert document["subscriptions"] == [SUBSCRIPTION]
    assert migaudit("har", path, "--fail-on", "never").code == 0


def test_the_text_is_a_timeline_with_explanations_and_the_next_command(migaudit: Run, tmp_path: Path) -> None:
    out = " ".join(migaudit("har", saved(tmp_path / "portal.har", refused())).out.split())
    assert re.search("high 10:00:00 1 create or change .*403 AuthorizationFailed", out)
    assert out.index("AuthorizationFailed: the account") < out.index("TIMELINE") < out.index("1 problem (1 high).")
    assert "AuthorizationFailed: the account may not do this here" in out
    assert f"$ migaudit can --account {CHRISTIE}" in out
    assert re.search(r"migaudit har \S+portal\.har .*--show call-access-refused", out)


def test_an_unexplained_failure_is_shown_with_what_azure_said(migaudit: Run, tmp_path: Path) -> None:
    path = saved(tmp_path / "portal.har", entry(f"{ARM}{PROJECT}", 400, error("WeirdThing", "nobody knows")))
    out = migaudit("har", path).out
    assert "400 WeirdThing: nobody knows" in out
    assert "migaudit has no explanation for this error" in out


def test_without_a_failing_call_it_says_what_was_looked_at(migaudit: Run, tmp_path: Path) -> None:
    made = [entry(f"{ARM}{GROUP}", 200, {}) for _ in range(3)] + [entry("https://graph.microsoft.com/v1.0/me", 200, {})]
    path = saved(tmp_path / "portal.har", *made)
    code, document = asked(migaudit, path)
    words = "no failing call among 4 calls: 3 to Azure Resource Manager, 1 to Microsoft Graph"
    assert (code, document["outcome"], document["conclusion"]) == (0, "in_order", words)
    for form in FORMATS:
        assert "no problem found" not in shown_in(form, migaudit, tmp_path, "har", path)[1].lower()


def test_a_capture_without_azure_is_no_good_news(migaudit: Run, tmp_path: Path) -> None:
    path = saved(tmp_path / "portal.har", entry("https://portal.azure.com/app.js", 200, "x"))
    code, document = asked(migaudit, path)
    assert (code, document["outcome"]) == (4, "nothing_checked")
    assert document["conclusion"] == "nothing was checked: no call to Azure is among its 1 request"


@pytest.mark.parametrize("form", FORMATS)
def test_failed_calls_to_other_services_are_said_in_every_format(form: str, migaudit: Run, tmp_path: Path) -> None:
    made = [entry("https://api.contoso.com/x", 500), entry("https://api.contoso.com/y", 0), entry(f"{ARM}{GROUP}", 200)]
    path = saved(tmp_path / "portal.har", *made)
    done, shown = shown_in(form, migaudit, tmp_path, "har", path, "--strict")
    words = "2 calls to other services failed or got no answer, not explained: api.contoso.com (2)"
    assert (done.code, words in " ".join(shown.replace("\\", "").split())) == (4, True)
    assert "no failing call" not in shown


def test_a_call_without_an_answer_is_unknown(migaudit: Run, tmp_path: Path) -> None:
    path = saved(
        tmp_path / "portal.har", entry(f"{ARM}{PROJECT}", 0, method="PUT", _error="net::ERR_BLOCKED_BY_CLIENT")
    )
    code, document = asked(migaudit, path)
    assert (code, document["outcome"], document["findings"][0]["verdict"]) == (0, "undecided", "unknown")
    assert "an extension of the browser blocked it" in document["findings"][0]["message"]
    assert migaudit("har", path, "--strict").code == 4


def test_a_cut_file_shows_the_calls_before_the_cut_and_is_never_in_order(migaudit: Run, tmp_path: Path) -> None:
    whole = json.dumps(capture(refused(), *(entry(f"{ARM}{GROUP}", 200, {}) for _ in range(50))))
    path = tmp_path / "portal.har"
    path.write_text(whole[: len(whole) // 2])
    done = migaudit("har", path)
    assert done.code == 1
    assert "is cut: it ends after" in " ".join(done.out.split())
    assert "is cut: it ends after" in done.err
    path.write_text(json.dumps(capture(*(entry(f"{ARM}{GROUP}", 200, {}) for _ in range(50))))[:9_000])
    code, document = asked(migaudit, path, "--strict")
    assert (code, document["outcome"]) == (4, "undecided")
    assert "is cut" in document["conclusion"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\0\1\2", "is no JSON"),
        (b'{"error": {}}', "is JSON, but no capture"),
        (b'{"log": {"entries": [{"a"', "is cut"),
    ],
)
def test_bad_files_are_errors_of_usage(data: bytes, words: str, migaudit: Run, tmp_path: Path) -> None:
    path = tmp_path / "portal.har"
    path.write_bytes(data)
    done = migaudit("har", path)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_console_log_gives_the_same_finding(migaudit: Run, tmp_path: Path) -> None:
    path = tmp_path / "console.log"
    path.write_text(f"PUT {ARM}{PROJECT} 403 (Forbidden)\n{json.dumps(error('AuthorizationFailed', refusal()))}\n")
    code, document = asked(migaudit, path)
    (finding,) = document["findings"]
    _, same = asked(migaudit, saved(tmp_path / "portal.har", refused()))
    assert code == 1
    assert document["capture"]["kind"] == "console"
    assert (finding["rule"], finding["subject"]) == (same["findings"][0]["rule"], same["findings"][0]["subject"])
    path.write_text("nothing of interest\n")
    assert asked(migaudit, path)[0] == 4


@pytest.mark.parametrize(
    ("action", "account", "verdict", "words"),
    [
        ("Microsoft.Migrate/migrateProjects/write", CHRISTIE, "refuted", "the token was probably older than the role"),
        ("Microsoft.Migrate/migrateProjects/write", NOBODY, "confirmed", "may not do"),
    ],
)
def test_an_environment_confirms_or_refutes_a_refusal(
    action: str, account: str, verdict: str, words: str, migaudit: Run, tmp_path: Path, fixtures: Path
) -> None:
    body = error("AuthorizationFailed", refusal(action, PROJECT, account))
    path = saved(tmp_path / "portal.har", entry(f"{ARM}{PROJECT}", 403, body, method="PUT"))
    code, document = asked(migaudit, path, "--snapshot", fixtures / "fabrikam.yaml")
    assert code == 1
    assert document["calls"][0]["cause"]["verdict"] == verdict
    assert words in document["findings"][0]["message"]


@pytest.mark.parametrize(
    ("method", "path", "number", "verdict"),
    [
        ("POST", "applications", 4, "refuted"),
        ("PATCH", "applications/1c0ffee1-0000-4000-8000-00000000c001", 4, "confirmed"),
        ("POST", "applications/1c0ffee1-0000-4000-8000-00000000c001/addKey", 4, "confirmed"),
        ("PATCH", "applications/1c0ffee1-0000-4000-8000-00000000c001", 1, "refuted"),
        ("GET", "users", 4, "unknown"),
    ],
)
def test_a_refusal_of_graph_is_judged_for_who_asked_and_by_the_rule_about_that_request(
    method: str, path: str, number: int, verdict: str, migaudit: Run, tmp_path: Path, fixtures: Path
) -> None:
    caller = f"a5e7000{number}-6b1c-4d2e-8f30-c0a05000000{number}"
    made = entry(f"https://graph.microsoft.com/v1.0/{path}", 403, DENIED, method=method)
    token = jwt.encode({"oid": caller}, "x" * 32, algorithm="HS256")
    made["request"]["headers"][0]["value"] = f"Bearer {token}"
    saved_at = saved(tmp_path / "portal.har", made)
    _, document = asked(migaudit, saved_at, "--snapshot", fixtures / "contoso.yaml")
    assert document["calls"][0]["cause"]["verdict"] == verdict
    assert caller in {one["id"] for one in document["findings"][0]["evidence"]}
    assert token not in json.dumps(document)
    elsewhere = jwt.encode({"oid": caller, "tid": NOBODY}, "x" * 32, algorithm="HS256")
    made["request"]["headers"][0]["value"] = f"Bearer {elsewhere}"
    _, document = asked(migaudit, saved(tmp_path / "other.har", made), "--snapshot", fixtures / "contoso.yaml")
    assert document["calls"][0]["cause"]["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("caller", "tenant", "options", "verdict", "words"),
    [
        (1, "", (), "refuted", "none of the causes"),
        (4, "", (), "confirmed", "not-application-owner"),
        (0, "", (), "unknown", "does not name the account that asked"),
        (0, "", ("--account", "a5e70004-6b1c-4d2e-8f30-c0a050000004"), "confirmed", "not-application-owner"),
        (4, NOBODY, (), "unknown", "of another tenant"),
        (0, "sign-in", ("--account", "a5e70004-6b1c-4d2e-8f30-c0a050000004"), "unknown", "of another tenant"),
    ],
)
def test_what_another_account_or_tenant_was_refused_is_unknown(
    caller: int,
    tenant: str,
    options: tuple[str, ...],
    verdict: str,
    words: str,
    migaudit: Run,
    tmp_path: Path,
    fixtures: Path,
) -> None:
    made = entry(
        "https://graph.microsoft.com/v1.0/applications/1c0ffee1-0000-4000-8000-00000000c001",
        403,
        DENIED,
        method="PATCH",
    )
    claims = {"oid": f"a5e7000{caller}-6b1c-4d2e-8f30-c0a05000000{caller}", "tid": tenant}
    token = jwt.encode(claims, "x" * 32, algorithm="HS256")
    made["request"]["headers"] = [{"name": "Authorization", "value": f"Bearer {token}"}] if caller else []
    login = entry(f"https://login.microsoftonline.com/{NOBODY}/oauth2/v2.0/authorize", 200, "<html></html>")
    path = saved(tmp_path / "portal.har", *([login] if tenant == "sign-in" else []), made)
    _, document = asked(migaudit, path, "--snapshot", fixtures / "contoso.yaml", *options)
    assert document["calls"][0]["cause"]["verdict"] == verdict
    assert words in document["findings"][0]["message"]


@pytest.mark.parametrize(
    ("url", "body", "words"),
    [
        ("https://sa1.blob.core.windows.net/c", "<Error><Code>AuthorizationFailure</Code></Error>", "about `sa1`"),
        ("https://other-kv.vault.azure.net/secrets/a", error("ForbiddenByFirewall", "no"), "about `other-kv`"),
        ("https://appliance:44368/x", {"errorCode": 60052, "errorMessage": "no"}, "unknown in your environment"),
    ],
)
def test_another_resource_than_the_one_that_was_called_refutes_nothing(
    url: str, body: Any, words: str, migaudit: Run, tmp_path: Path, fixtures: Path
) -> None:
    path = saved(tmp_path / "portal.har", entry(url, 403, body))
    _, document = asked(migaudit, path, "--snapshot", fixtures / "fabrikam.yaml")
    assert document["calls"][0]["cause"]["verdict"] == "unknown"
    assert words in document["findings"][0]["message"]


def test_nothing_is_said_of_a_subscription_that_was_not_read(migaudit: Run, tmp_path: Path, fixtures: Path) -> None:
    elsewhere = PROJECT.replace(SUBSCRIPTION, "00000000-0000-0000-0000-000000000000")
    body = error("ScopeLocked", f"The scope '{elsewhere}' cannot perform write operation because scopes are locked.")
    path = saved(tmp_path / "portal.har", entry(f"{ARM}{elsewhere}", 409, body, method="PUT"))
    _, document = asked(migaudit, path, "--snapshot", fixtures / "fabrikam.yaml")
    assert document["calls"][0]["cause"]["verdict"] == "unknown"
    assert "was not read" in document["findings"][0]["message"]


@pytest.mark.parametrize("form", FORMATS)
def test_halves_of_characters_and_damage_are_survived_in_every_format(form: str, migaudit: Run, tmp_path: Path) -> None:
    half = "\ud800"
    made = [
        entry(f"{ARM}{GROUP}/{half}", 400, error("WeirdThing", f"a{half}"), command=half),
        entry(f"{ARM}{GROUP}", 0, _error=f"net::{half}"),
        refused(),
    ]
    text = json.dumps(capture(*made, title=half)).replace('"time": 12.5', '"time": NaN', 1)
    path = tmp_path / "portal.har"
    path.write_text(text.replace('"time": 12.5', '"time": 12,5', 1))
    done, shown = shown_in(form, migaudit, tmp_path, "har", path)
    assert (done.code, "WeirdThing" in shown, "AuthorizationFailed" in shown) == (1, True, True)
    assert "entry 2 could not be read, the other 2 were" in done.err
    assert "entry 2 could not be read, the other 2 were" in " ".join(shown.replace("\\", "").split())


@pytest.mark.parametrize("form", FORMATS)
def test_names_cannot_steer_the_output(form: str, migaudit: Run, tmp_path: Path) -> None:
    evil = "x\x1b]0;owned\x07\u202e<script>alert(1)</script>|=cmd()`$(id)`"
    made = entry(f"{ARM}{GROUP}/providers/Microsoft.Migrate/migrateProjects/{evil}", 400, error("WeirdThing", evil))
    path = saved(tmp_path / "portal.har", made, title=evil)
    _, out = shown_in(form, migaudit, tmp_path, "har", path, "--verbose")
    assert "WeirdThing" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert form != "html" or "<script>alert" not in out


def test_options_about_an_environment_need_one(migaudit: Run, tmp_path: Path) -> None:
    done = migaudit("har", saved(tmp_path / "portal.har", refused()), "--account", CHRISTIE)
    assert done.code == 2
    assert "name it with `--subscription` or `--snapshot`" in done.err


def test_a_scrubbed_copy_shows_the_same_failing_calls(migaudit: Run, tmp_path: Path) -> None:
    path, copy = saved(tmp_path / "portal.har", refused(), *planted()), tmp_path / "copy.har"
    assert migaudit("har", "scrub", path, "--output", copy).code == 0
    _, before = asked(migaudit, path)
    _, after = asked(migaudit, copy)
    shown = [
        [(one["rule"], one["status"], one["code"], one["count"]) for one in each["calls"]] for each in (before, after)
    ]
    assert shown[0] == shown[1]
    assert len(shown[0]) > 5


def test_azure_itself_is_asked(migaudit: Run, signed_in: Endpoints, tmp_path: Path) -> None:
    scope = f"/subscriptions/{signed_in.subscription_ids[0]}"
    body = error("AuthorizationFailed", refusal("Microsoft.Migrate/migrateProjects/write", scope, NOBODY))
    path = saved(tmp_path / "portal.har", entry(f"{ARM}{scope}", 403, body))
    live = ("--subscription", signed_in.subscription_ids[0], "--cloud", signed_in.arm, "--auth", "environment")
    _, document = asked(migaudit, path, *live)
    (question,) = document["calls"][0]["cause"]["questions"]
    assert question["answer"]["scope"] == scope
    assert document["calls"][0]["cause"]["verdict"] in {"confirmed", "unknown"}
