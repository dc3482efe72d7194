"""Copies of captures in odd shapes: no secret of a file is in its copy, and what is left out is said."""

import gzip
import json
from pathlib import Path

import pytest

from auditor.har.capture import BadCapture
from auditor.har.scrub.copy import scrubbed_copy
from tests.har.scrub.planted import entry, headers, readings

SECRET = "Zq9x7Lm2Vt4Rk8Pw"
ENTRY = entry(
    request={"headers": headers(Authorization=f"Bearer {SECRET}")},
    content={"text": json.dumps({"said": SECRET, "dbPass": "hunter22x", "number": 1})},
)
TEXT = json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [ENTRY, ENTRY]}})
CAPTURES = {
    "plain": TEXT.encode(),
    "with a mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "Latin-1": TEXT.replace("Forbidden", "Verb\xf6ten").encode("latin-1"),
    "NaN": TEXT.replace('"time": 12.5', '"time": NaN').encode(),
    "half a character": TEXT.replace("Forbidden", "\\ud800x").encode(),
    "half a character as bytes": TEXT.replace("Forbidden", "\ud800x").encode("utf-8", "surrogatepass"),
    "NaN in a body": TEXT.replace('\\"number\\": 1', '\\"number\\": NaN').encode(),
    "control characters": TEXT.replace("Forbidden", "a\tb\x01").encode(),
    "compressed": gzip.compress(TEXT.encode()),
}
BROKEN = {
    "cut": TEXT[:-300].encode(),
    "something after it": f"{TEXT} dbPass={SECRET}".encode(),
    "two captures": (TEXT + TEXT).encode(),
    "compressed and cut": gzip.compress((TEXT[:-4] + "," + TEXT[TEXT.index("[{") + 1 :]).encode(), 0)[:-900],
}
NO_CAPTURES = {
    "a comment before it": f"/* x */{TEXT}".encode(),
    "entries alone": json.dumps([ENTRY]).encode(),
    "an entry a line": f"{json.dumps(ENTRY)}\n{json.dumps(ENTRY)}".encode(),
    "the log far behind": json.dumps({"x": "y" * 70_000, "log": {"entries": [ENTRY]}}).encode(),
}


def copied(content: bytes, folder: Path) -> tuple[str, int | None, str]:
    source, target = folder / "in.har", folder / "out.har"
    source.write_bytes(content)
    done = scrubbed_copy(source, target)
    return target.read_text(), done.entries, done.broken


def leaks(text: str) -> list[str]:
    documents = [json.loads(text)] if text[:1] in "{[" and "\n{" not in text else [text]
    return [one for one in readings(documents) if SECRET in one or "hunter22x" in one]


@pytest.mark.parametrize("name", CAPTURES)
def test_a_capture_in_any_encoding_is_copied_whole(name: str, tmp_path: Path) -> None:
    text, entries, broken = copied(CAPTURES[name], tmp_path)
    assert (entries, broken) == (2, "")
    assert leaks(text) == []


@pytest.mark.parametrize("name", BROKEN)
def test_of_a_broken_capture_what_is_copied_is_scrubbed_and_the_rest_is_left_out(name: str, tmp_path: Path) -> None:
    text, entries, broken = copied(BROKEN[name], tmp_path)
    assert entries
    assert broken
    assert leaks(text) == []


@pytest.mark.parametrize("name", NO_CAPTURES)
def test_entries_outside_of_a_capture_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadCapture, match="holds entries of a capture"):
        copied(NO_CAPTURES[name], tmp_path)
    assert not (tmp_path / "out.har").exists()


def test_a_capture_that_is_cut_before_its_first_entry_ends_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCapture, match="no entry is whole"):
        copied(TEXT[: len(TEXT) // 2].encode(), tmp_path)
    assert not (tmp_path / "out.har").exists()
