"""Captures as other browsers and proxies write them: the same calls are found, however an entry is written."""

import base64
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from auditor.har.calls import Call, CallOutcome, Calls
from auditor.har.failure_kinds import kind_of
from auditor.har.groups import FailureGroups
from auditor.har.removed_secrets import SecretRemover
from tests.har.captures import ARM, CORRELATION, GROUP, PROJECT, entry, error, refused

LOCKED = error("ScopeLocked", "locked")
URL = f"{ARM}{GROUP}?api-version=1"
ANSWER = {"name": "a", "httpStatusCode": 409, "content": LOCKED}
SENT = {"requests": [{"name": "a", "httpMethod": "PUT", "url": PROJECT}]}


def packed(data: bytes) -> dict[str, str]:
    return {"encoding": "base64", "text": base64.b64encode(data).decode()}


def written(**parts: Any) -> dict[str, Any]:
    """The refused call with parts of its entry (`request_…`, `response_…`) written otherwise; None leaves one out."""
    made = refused()
    for name, value in parts.items():
        place, _, field = name.partition("_")
        held = made[place] if field else made
        if value is None:
            held.pop(field or place, None)
        else:
            held[field or place] = value
    return made


def batch(sent: Any, answered: Any) -> dict[str, Any]:
    made = entry(f"{ARM}/batch", 200, answered, method="POST")
    made["request"]["postData"] = sent
    return made


def calls(made: dict[str, Any]) -> list[Call]:
    held = Calls()
    return [*held.of(made), *held.unfinished()]


@pytest.mark.parametrize(
    "made",
    [
        written(request_headers={"Authorization": "Bearer x", "X-MS-Command-Name": "C"}),
        written(request_headers=None, response_headers={"x-ms-request-id": CORRELATION}),
        written(request_headers=[{"name": ":authority", "value": "management.azure.com"}], request_url=PROJECT),
        written(request_headers=[{"name": "Host", "value": "management.azure.com"}], request_url=PROJECT),
        written(response_status="403 Forbidden"),
        written(response_status="403"),
        written(response_status=403.0),
        written(startedDateTime="2026-11-23T12:00:00.0000000+02:00"),
        written(startedDateTime=1763892000000, pageref=None, time=None),
        written(request_method="put", comment="[#23]"),
        written(request_url=f"HTTPS://MANAGEMENT.AZURE.COM:443{PROJECT}?api-version=1"),
        written(request_cookies=None, response_cookies=None, response_redirectURL=None, cache=None, timings=None),
    ],
)
def test_a_refused_call_is_the_same_in_every_export(made: dict[str, Any]) -> None:
    (call,) = calls(made)
    assert (call.outcome, call.method, call.status, call.said.code) == (
        CallOutcome.FAILED,
        "PUT",
        403,
        "AuthorizationFailed",
    )
    assert call.address.path == PROJECT


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(LOCKED),
        {"text": json.dumps(LOCKED), "encoding": "base64"},
        packed(zlib.compress(json.dumps(LOCKED).encode())),
        packed(json.dumps(LOCKED).encode("utf-16")),
        {"text": ")]}',\n" + json.dumps(LOCKED)},
        {"text": json.dumps({"error": json.dumps(LOCKED)})},
        {"text": json.dumps(json.dumps(LOCKED))},
        {"text": "code: ScopeLocked"},
    ],
)
def test_a_body_is_read_however_it_is_written(content: Any) -> None:
    (call,) = calls(entry(URL, 409, content=content))
    assert call.said.code == "ScopeLocked"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (packed(json.dumps(SENT).encode()), {"responses": [ANSWER]}),
        ({"text": json.dumps(SENT)}, {"responses": [{**ANSWER, "content": json.dumps(json.dumps(LOCKED))}]}),
        ({"text": json.dumps(SENT)}, {"responses": [{**ANSWER, "httpStatusCode": "Conflict"}]}),
    ],
)
def test_a_batch_is_read_however_it_is_written(sent: Any, answered: Any) -> None:
    (call,) = calls(batch(sent, answered))
    assert (call.method, call.status, call.said.code) == ("PUT", 409, "ScopeLocked")


@pytest.mark.parametrize(
    ("made", "outcomes"),
    [
        (written(response=None), [CallOutcome.UNANSWERED]),
        (written(response_status=None), [CallOutcome.UNANSWERED]),
        (written(response_status=-1), [CallOutcome.UNANSWERED]),
        (written(response_content=None), [CallOutcome.FAILED]),
        (entry(URL, 304), [CallOutcome.ANSWERED]),
        (entry(URL, 200, method="OPTIONS"), []),
        (entry("http://management.azure.com:443", 200, method="CONNECT"), []),
        (entry("management.azure.com:443", 502, method="CONNECT"), [CallOutcome.FAILED]),
        (entry("wss://management.azure.com/x", 403), [CallOutcome.FAILED]),
        (batch({"text": json.dumps(SENT)}, '{"responses": [{"name": "a", "httpSta'), [CallOutcome.UNANSWERED]),
        (batch({"text": json.dumps(SENT)}, [ANSWER]), [CallOutcome.UNANSWERED]),
    ],
)
def test_what_an_export_leaves_out_is_never_taken_for_success(
    made: dict[str, Any], outcomes: list[CallOutcome]
) -> None:
    assert [call.outcome for call in calls(made)] == outcomes


def test_a_refused_question_of_the_browser_says_nothing_of_the_account() -> None:
    (call,) = calls(entry(URL, 403, method="OPTIONS"))
    assert kind_of(call).id == "call-failed"


@pytest.mark.parametrize("url", ["https://[::1", "://x", "", 5, None])
def test_an_entry_whose_address_cannot_be_read_is_counted(url: Any) -> None:
    held = Calls()
    assert list(held.of(entry(url, 500))) == []
    assert held.odd == 1


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inside in rows:
        yield (*above, name)
        yield from places(inside, (*above, name))


@pytest.mark.parametrize("odd", [None, 5, True, "x", [], {}, [[None]], {"a": [1]}, "\ud800%41=1", {"name": 5}])
def test_an_odd_value_at_any_place_does_no_harm(odd: Any) -> None:
    whole = refused()
    whole["request"]["postData"] = {"mimeType": "application/json", "text": "password=x", "params": [{"name": "a"}]}
    whole["request"]["cookies"] = [{"name": "a", "value": "b"}]
    for place in places(whole):
        made = json.loads(json.dumps(whole))
        around = made
        for name in place[:-1]:
            around = around[name]
        around[place[-1]] = odd
        held, groups, secrets = Calls(), FailureGroups(), SecretRemover()
        groups.add_all(held.of(made))
        secrets.learn(made)
        secrets.learn_sent(made)
        secrets.ready()
        groups.clean(secrets.cleaned)
        repr(list(groups)).encode()
        assert list(groups) or held.odd or held.others, place
