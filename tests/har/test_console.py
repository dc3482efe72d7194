"""The log of a browser's console: lines that name a call, and errors beside them."""

import json
from pathlib import Path

import pytest

from auditor.data import fixtures_dir
from auditor.har.capture import BadCapture
from auditor.har.console import calls_in_log
from auditor.har.failure_kinds import kind_of
from auditor.har.reading import read_file
from tests.har.captures import ARM, GROUP, PROJECT, error, refusal

LOAD = "Failed to load resource:"


@pytest.mark.parametrize(
    ("line", "method", "status", "kind"),
    [
        (f"PUT {ARM}{PROJECT}?api-version=2020-05-01 403 (Forbidden)", "PUT", 403, "call-access-refused"),
        (
            f"management.azure.com{GROUP}:1 {LOAD} the server responded with a status of 429 ()",
            "?",
            429,
            "call-throttled",
        ),
        (f"XHRPUT {ARM}{PROJECT} [HTTP/2 403  120ms]", "PUT", 403, "call-access-refused"),
        (f"GET {ARM}{GROUP} net::ERR_NAME_NOT_RESOLVED", "GET", 0, "call-without-answer"),
        (f"Access to fetch at '{ARM}{GROUP}' from origin 'x' has been blocked by CORS", "?", 0, "call-without-answer"),
    ],
)
def test_a_line_of_a_browser_is_a_call(line: str, method: str, status: int, kind: str) -> None:
    (call,) = calls_in_log(f"12:00 something\n{line}\n")
    assert (call.method, call.status, kind_of(call).id) == (method, status, kind)


def test_an_error_is_joined_with_the_call_that_it_answers() -> None:
    body = json.dumps(error("AuthorizationFailed", refusal()))
    found = list(
        calls_in_log(f"PUT {ARM}{PROJECT} 403 (Forbidden)\n[Microsoft_Azure_Migrate] 10:00:00 failed: {body}\n")
    )
    assert [(call.status, call.said.code) for call in found] == [(403, "AuthorizationFailed")]


def test_errors_without_a_call_are_shown_as_well() -> None:
    found = list(calls_in_log(f"failed: {json.dumps(error('AuthorizationFailed', refusal()))}\nAADSTS53003: blocked"))
    assert {(kind_of(call).id, call.said.code) for call in found} == {
        ("call-access-refused", "AuthorizationFailed"),
        ("call-sign-in-refused", "AADSTS53003"),
    }
    assert all(call.method == "?" for call in found)


@pytest.mark.parametrize(
    "line", ["GET https://portal.azure.com/x.js 404 (Not Found)", "all is well", f"GET {ARM}{GROUP} 200 (OK)"]
)
def test_other_lines_are_no_calls(line: str) -> None:
    assert list(calls_in_log(line)) == []


@pytest.mark.parametrize("name", ["console.log", "portal.har", "x"])
def test_a_file_is_known_by_its_content(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(f"PUT {ARM}{PROJECT} 403 (Forbidden)\n", encoding="utf-16" if name == "x" else "utf-8")
    read = read_file(path)
    assert (read.is_log, len(read.groups)) == (True, 1)


@pytest.mark.parametrize(
    "part", ["a.", "a.bc/", "https://a.bc/", "Failed to load resource: ", "PUT ", "XHR", "net::ERR_"]
)
def test_a_line_made_to_be_slow_is_read(part: str) -> None:
    """A search that begins again at each part would take the square of this length, and not end."""
    assert list(calls_in_log(part * (200_000 // len(part)) + "\nFailed to load net::ERR_ " + part * 10_000)) == []


def test_an_error_far_into_a_log_is_found() -> None:
    text = "12:00 all is well\n" * 12_000 + json.dumps(error("AuthorizationFailed", refusal()))
    assert [call.said.code for call in calls_in_log(text)] == ["AuthorizationFailed"]


def test_no_bound_of_one_text_hides_an_error_of_a_log() -> None:
    many = [f"12:00 {{ x }} failed: {json.dumps(error(f'Weird{number:04}', 'no'))}" for number in range(900)]
    pretty = json.dumps(error("ScopeLocked", "locked"), indent=2)
    junk = '{ "a": b }\n' * 300
    text = "\n".join([*many[:450], junk, pretty, *many[450:]])
    codes = {call.said.code for call in calls_in_log(text)}
    assert codes >= {"ScopeLocked", *(f"Weird{number:04}" for number in range(900))}


def test_failed_requests_to_other_services_are_counted_by_host(tmp_path: Path) -> None:
    path = tmp_path / "console.log"
    lines = ["GET https://api.contoso.com/x 500 (Internal Server Error)", "GET https://cdn.x.net/y.js net::ERR_FAILED"]
    path.write_text("\n".join([*lines, lines[0], "GET https://api.contoso.com/x 200 (OK)"]))
    assert read_file(path).others_failed == {"api.contoso.com": 2, "cdn.x.net": 1}


def test_what_of_a_log_is_not_looked_at_is_said(tmp_path: Path) -> None:
    path = tmp_path / "console.log"
    path.write_text("x " * 4_000 + f"PUT {ARM}{PROJECT} 403 (Forbidden)\n")
    assert "1 lines are so long" in read_file(path).left_out[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'see {"log": {"entries": [{"startedDateTime": "x"}]}}', "holds entries of a capture"),
        (b'[{"startedDateTime": "x"}]', "holds entries of a capture"),
        ("status of 403".encode("utf-32"), "is binary"),
    ],
)
def test_what_is_no_log_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(data)
    with pytest.raises(BadCapture, match=words):
        read_file(tmp_path / "log.txt")


@pytest.mark.parametrize("name", ["contoso", "fabrikam", "tailspin"])
def test_a_snapshot_is_never_read_as_a_log(name: str) -> None:
    with pytest.raises(BadCapture, match="is a snapshot of migaudit"):
        read_file(fixtures_dir() / f"{name}.yaml")
