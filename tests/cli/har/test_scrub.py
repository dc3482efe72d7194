"""`migaudit har scrub`: the copy, what is said about it, and files that cannot be copied."""

import base64
import gzip
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor.cli.terminal import Terminal
from auditor.har.capture import BadCapture
from auditor.har.scrub import copy
from auditor.har.scrub.copy import scrubbed_copy
from tests.cli.running import Run
from tests.har.scrub.planted import GUID, URL, entry, error, headers

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "har-scrub-1.json"
SECRET = "Zq9x7Lm2Vt4Rk8Pw"


def capture(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}})


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    path = tmp_path / "portal.har"
    refused = entry(
        request={
            "headers": headers(Authorization=f"Bearer {SECRET}", Cookie="session=abcdef123456"),
            "cookies": [{"name": "session", "value": "abcdef123456"}],
        }
    )
    picture = entry(content={"mimeType": "image/png", "encoding": "base64", "text": "iVBORw0KGgo="})
    person = entry(
        content={"text": json.dumps({"mail": "ada@contoso.com", "note": f"said {SECRET} to ADA@contoso.com"})}
    )
    path.write_text(capture(refused, picture, person))
    return path


def test_the_copy_is_a_capture_without_secrets(portal: Path, tmp_path: Path, migaudit: Run) -> None:
    target = tmp_path / "copy.har"
    done = migaudit("har", "scrub", portal, "--output", target)
    assert done.code == 0
    assert done.out == ""
    assert "wrote 3 entries" in done.err
    assert "removed: 2 cookies, 2 tokens, 1 binary body; replaced: 2 mail addresses of 1 account" in done.err
    assert "still in it" in done.err
    text = target.read_text()
    assert SECRET not in text
    assert "abcdef123456" not in text
    log = json.loads(text)["log"]
    assert log["version"] == "1.2"
    assert json.loads(log["entries"][0]["response"]["content"]["text"]) == error()
    assert "text" not in log["entries"][1]["response"]["content"]
    assert json.loads(log["entries"][2]["response"]["content"]["text"]) == {
        "mail": "user-1@example.invalid",
        "note": "said [removed: token] to user-1@example.invalid",
    }
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    again = tmp_path / "again.har"
    assert "removed: nothing" in migaudit("har", "scrub", target, "-o", again).err
    assert again.read_bytes() == target.read_bytes()


def test_the_counts_as_json_fit_their_schema(portal: Path, tmp_path: Path, migaudit: Run) -> None:
    done = migaudit("har", "scrub", portal, "--output", tmp_path / "copy.har", "--format", "json", "--quiet")
    document = json.loads(done.out)
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["removed"] == {"binary body": 1, "cookie": 2, "token": 2}
    assert document["complete"] is True
    assert done.err == ""


def test_a_person_sees_what_is_being_done(portal: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    scrubbed_copy(portal, tmp_path / "copy.har", seen.append)
    assert seen == [copy.SEARCHING] * 3 + [copy.WRITING] * 3


def test_the_bars_leave_the_notes_as_they_are(
    portal: Path, tmp_path: Path, migaudit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = migaudit("har", "scrub", portal, "--output", tmp_path / "copy.har")
    monkeypatch.setattr(Terminal, "shows_progress", True)
    assert migaudit("har", "scrub", portal, "--output", tmp_path / "copy.har").err.strip() == plain.err.strip()


def test_of_a_cut_capture_what_is_whole_is_copied(portal: Path, tmp_path: Path, migaudit: Run) -> None:
    text = portal.read_text()
    portal.write_text(text[: text.rindex('"request"')])
    target = tmp_path / "copy.har"
    done = migaudit("har", "scrub", portal, "--output", target, "--format", "json")
    assert done.code == 0
    assert "not complete" in done.err
    assert json.loads(done.out)["complete"] is False
    assert len(json.loads(target.read_text())["log"]["entries"]) == 2


def test_the_log_of_a_console_is_copied_as_a_text(tmp_path: Path, migaudit: Run) -> None:
    source, target = tmp_path / "console.log", tmp_path / "copy.log"
    source.write_text(f"GET https://x/?sig={SECRET}&sv=1 403 ScopeLocked {GUID}\nseen {SECRET}\n")
    done = migaudit("har", "scrub", source, "--output", target)
    assert done.code == 0
    assert "wrote the text" in done.err
    assert target.read_text() == (
        f"GET https://x/?sig=%5Bremoved:%20signature%5D&sv=1 403 ScopeLocked {GUID}\nseen [removed: signature]\n"
    )


def test_a_long_log_is_read_in_blocks_of_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy, "_BLOCK", 200)
    lines = [f"line {number} is fine" for number in range(100)]
    lines[50] = f'"password":\n  "{SECRET}"'
    source, target = tmp_path / "console.log", tmp_path / "copy.log"
    source.write_text("\n".join(lines))
    scrubbed_copy(source, target)
    assert target.read_text() == "\n".join(lines).replace(SECRET, "[removed: password]")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_log_of_any_encoding_is_copied_as_utf_8(encoding: str, tmp_path: Path) -> None:
    source, target = tmp_path / "console.log", tmp_path / "copy.log"
    source.write_bytes(f'{{"level": "log", "größe": 1}}\npassword={SECRET}\n'.encode(encoding))
    scrubbed_copy(source, target)
    assert target.read_text(encoding="utf-8") == '{"level": "log", "größe": 1}\npassword=[removed: password]\n'


def test_a_line_that_is_too_long_to_judge_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy, "_BLOCK", 100)
    monkeypatch.setattr(copy, "_LONGEST_LINE", 300)
    source = tmp_path / "console.log"
    source.write_text("x " * 1_000)
    with pytest.raises(BadCapture, match="a line of more than"):
        scrubbed_copy(source, tmp_path / "copy.log")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\x01\x02binary", "is binary"),
        (b'{"log": {"entries": [{"a', "is cut"),
        (b'{"log": {"version": "1.2"}}', "no `log.entries`"),
    ],
)
def test_what_cannot_be_judged_is_refused(content: bytes, said: str, tmp_path: Path, migaudit: Run) -> None:
    source, target = tmp_path / "x.har", tmp_path / "copy.har"
    source.write_bytes(content)
    done = migaudit("har", "scrub", source, "--output", target)
    assert done.code == 2
    assert said in done.err
    assert list(tmp_path.iterdir()) == [source]


def test_a_file_is_never_written_over_itself(portal: Path, tmp_path: Path, migaudit: Run) -> None:
    before = portal.read_bytes()
    link = tmp_path / "link.har"
    link.symlink_to(portal)
    for output in (portal, link):
        done = migaudit("har", "scrub", portal, "--output", output)
        assert done.code == 2
        assert "name the same file" in done.err
    assert portal.read_bytes() == before


def test_nothing_is_left_where_a_run_is_interrupted(
    portal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Iterator[str]:
        yield "{"
        raise KeyboardInterrupt

    monkeypatch.setattr(copy, "_written", interrupted)
    with pytest.raises(KeyboardInterrupt):
        scrubbed_copy(portal, tmp_path / "copy.har")
    assert list(tmp_path.iterdir()) == [portal]


@pytest.mark.parametrize("name", ["portal.har", "console.log"])
def test_the_copy_has_the_same_failing_calls(name: str, tmp_path: Path, migaudit: Run) -> None:
    """Copies hold the same failures, codes, calls and ids; only what is secret or personal is missing in messages."""
    source = tmp_path / name
    if name == "portal.har":
        packed = base64.b64encode(gzip.compress(json.dumps(error()).encode())).decode()
        example = json.loads((SCHEMA.parents[1] / "examples" / "portal.har").read_text(encoding="utf-8"))
        example["log"]["entries"] += [
            entry(url=URL.replace("wave1", "wave2"), content={"encoding": "base64", "text": packed}),
            *signing_in(),
        ]
        source.write_text(json.dumps(example))
    else:
        source.write_text(
            f"PUT {URL}&sig={SECRET} 403 (Forbidden)\n{json.dumps(error())}\n"
            f"{URL}&access_token={SECRET} Failed to load resource: the server responded with a status of 404 ()\n"
        )
    target = tmp_path / f"copy-{name}"
    assert migaudit("har", "scrub", source, "--output", target).code == 0
    before, after = (json.loads(migaudit("har", path, "--format", "json").out) for path in (source, target))
    assert len(failures(before)) > 3
    assert failures(before) == failures(after)
    assert before["capture"]["looked_at"] == after["capture"]["looked_at"]


def signing_in() -> list[dict[str, Any]]:
    """A batch, a page of the sign-in, and an address that it sends the browser back to; each refused, with secrets."""
    answers = {
        "responses": [{"name": "a", "httpStatusCode": 403, "headers": {"Set-Cookie": SECRET}, "content": error()}]
    }
    config = {
        "sErrorCode": "53003",
        "strServiceExceptionMessage": "AADSTS53003: blocked",
        "sFT": SECRET,
        "canary": SECRET,
    }
    back = f"https://portal.azure.com/signin/?error=access_denied&code={SECRET}&error_description=AADSTS65004+x&state={SECRET}"
    sent = {"requests": [{"name": "a", "httpMethod": "GET", "url": f"{URL}&sig={SECRET}"}]}
    return [
        entry(
            url="https://management.azure.com/batch?api-version=2020-06-01",
            request={"method": "POST", "postData": {"mimeType": "application/json", "text": json.dumps(sent)}},
            response={"status": 200},
            content={"text": json.dumps(answers)},
        ),
        entry(
            url="https://login.microsoftonline.com/common/login",
            response={"status": 200},
            content={"mimeType": "text/html", "text": f"<script>$Config={json.dumps(config)};</script>"},
        ),
        entry(
            url="https://login.microsoftonline.com/common/reprocess",
            response={"status": 302, "redirectURL": back, "headers": headers(Location=back)},
            content={"text": ""},
        ),
    ]


TOLD = (
    "rule",
    "service",
    "method",
    "host",
    "path",
    "type",
    "status",
    "code",
    "account",
    "action",
    "scope",
    "count",
    "first",
)


def failures(document: dict[str, Any]) -> list[tuple[object, ...]]:
    """Return what tells failures apart, without the sentences, in which addresses of mail have other names."""
    return [
        *((one["rule"], one["errors"], one["severity"], one["verdict"]) for one in document["findings"]),
        *(tuple(one[key] for key in TOLD) for one in document["calls"]),
    ]


def test_a_missing_file_is_named(tmp_path: Path, migaudit: Run) -> None:
    done = migaudit("har", "scrub", tmp_path / "nothing.har", "--output", tmp_path / "copy.har")
    assert done.code == 2
    assert "cannot read" in done.err
