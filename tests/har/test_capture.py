"""Reading a capture: whole, cut, damaged, hostile; what was whole is never lost."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.har import bounded_values, capture, long_strings
from auditor.har.capture import BadCapture, Capture
from auditor.har.long_strings import ShortStrings

ENTRIES = [
    {"time": number, "response": {"status": 200, "content": {"text": f'{{"a": "é\\u00"}} {number}'}}}
    for number in range(400)
]
DOCUMENT = {"log": {"version": "1.2", "pages": [{"id": "page_1"}], "entries": ENTRIES, "comment": "of the portal"}}
WHOLE = json.dumps(DOCUMENT).encode()


def read(folder: Path, data: bytes) -> tuple[Capture, list[dict[str, Any]]]:
    path = folder / "portal.har"
    path.write_bytes(data)
    with Capture(path) as held:
        return held, list(held.entries())


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        b"\xef\xbb\xbf" + WHOLE,
        gzip.compress(WHOLE),
        WHOLE.decode().encode("utf-16"),
        WHOLE.decode().encode("utf-16-le"),
        WHOLE.decode().encode("utf-16-be"),
        gzip.compress(WHOLE.decode().encode("utf-16")),
        json.dumps({"x": [{}], "log": dict(reversed(DOCUMENT["log"].items()))}, indent=2, ensure_ascii=False).encode(),
    ],
    ids=["plain", "marked", "compressed", "UTF-16", "little", "big", "compressed UTF-16", "in another order"],
)
def test_a_whole_capture_is_read(data: bytes, tmp_path: Path) -> None:
    held, entries = read(tmp_path, data)
    assert entries == ENTRIES
    assert held.count == 400
    assert held.log == {"version": "1.2", "pages": [{"id": "page_1"}], "comment": "of the portal"}
    assert (held.broken, held.left_out) == ("", ())


@pytest.mark.parametrize(
    ("data", "entries", "words"),
    [
        (WHOLE[: len(WHOLE) // 2], 190, "is cut: it ends after"),
        (gzip.compress(WHOLE)[:-9], 390, "cannot be decompressed after"),
        (WHOLE + b"x", 400, "is no JSON after"),
        (b'{"log": {"entries": [{"a": 1}, {"a": ' + b"9" * 5_000, 1, "entry 2 could not be read, the other 1 were"),
        (b'{"log": {"entries": [{"a": 1}, {"a": NaN}, {"b":', 2, "and it ends too early: entry 3 could not be read"),
    ],
    ids=["cut", "cut while compressed", "trailing", "digits", "cut after no number"],
)
def test_what_stands_before_a_break_is_read_and_the_break_is_named(
    data: bytes, entries: int, words: str, tmp_path: Path
) -> None:
    held, found = read(tmp_path, data)
    assert held.count == len(found) >= entries
    assert words in held.broken
    assert held.broken.endswith("save it again in the browser (Network tab, Export HAR)")


@pytest.mark.parametrize(
    ("odd", "read_as"),
    [
        ('{"time": NaN, "x": -Infinity}', {"time": None, "x": None}),
        (f'{{"x": {"9" * 5_000}}}', {"x": None}),
        (r'{"x": "a\ud800b \udc00 \ud83d\ude00 \\ud800"}', {"x": "a\ufffdb \ufffd \U0001f600 \\ud800"}),
        ('{"x": "a\nb\x01"}', {"x": "a\nb\x01"}),
        ('{"x": 1,}', None),
        ('{"x": undefined}', None),
        ('{"x": [1, 2}}', None),
        ('{"x": "say "hello" to", "y": "}"}', None),
        ('{"startedDateTime": "x, "request": {"url": 1}}', None),
        ('{"x": "never closed}', None),
    ],
)
def test_what_is_no_json_costs_its_own_entry_alone(odd: str, read_as: Any, tmp_path: Path) -> None:
    before, after = (
        [{"a": n} for n in range(300)],
        [{"startedDateTime": "x", "b": n, "c": "y" * 900} for n in range(300)],
    )
    texts = [*map(json.dumps, before), odd, *map(json.dumps, after)]
    for pages in ("", '"pages": [{"onLoad": NaN}], '):
        held, entries = read(tmp_path, f'{{"log": {{{pages}"entries": [{", ".join(texts)}]}}}}'.encode())
        assert entries == [*before, *([] if read_as is None else [read_as]), *after]
        assert held.count == len(entries)
        assert bool(held.broken) is (read_as is None)
        assert read_as is not None or "entry 301 could not be read, the other 600 were" in held.broken


def test_pieces_of_a_damaged_entry_are_no_entries(tmp_path: Path) -> None:
    one = {"startedDateTime": "x", "request": {"url": "y", "headers": [{"name": "z"}]}, "response": {"content": {}}}
    texts = [json.dumps(one)] * 9
    for damage in ('"url": y"', '"url": ]', '"url": {{'):
        texts[4] = json.dumps(one).replace('"url": "y"', damage)
        held, entries = read(tmp_path, f'{{"log": {{"entries": [{", ".join(texts)}]}}}}'.encode())
        assert (entries, held.count) == ([one] * 8, 8)
        assert "entry 5 could not be read, the other 8 were" in held.broken


@settings(max_examples=40)
@given(st.binary(max_size=60), st.integers(0, len(WHOLE) - 1))
def test_damage_of_any_kind_is_survived_and_told(tmp_path_factory: Any, junk: bytes, at: int) -> None:
    data = WHOLE[:at] + junk + WHOLE[at + len(junk) :]
    try:
        held, entries = read(tmp_path_factory.mktemp("damaged"), data)
    except BadCapture:
        return
    whole = [one for one in entries if one in ENTRIES]
    assert len(whole) >= 395 or held.broken


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"Failed to load resource", "is no JSON"),
        (bytes(range(256)) * 9, "is no JSON"),
        (WHOLE[:90], "is cut: it ends after 90 bytes, in entry 1; no entry is whole"),
        (b'{"error": {"code": "Forbidden"}}', "is JSON, but no capture: it has no `log.entries`"),
        (b'{"log": {"entries": {}}}', "is JSON, but no capture"),
        (b"[1]", "is JSON, but no capture"),
        (b"[" * 100_000, "is JSON, but no capture"),
        (b"\x1f\x8bnothing", "cannot be decompressed"),
        ("{}".encode("utf-16"), "is JSON, but no capture"),
    ],
)
def test_what_is_no_capture_is_refused_in_a_sentence(data: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(BadCapture, match="portal") as refused:
        read(tmp_path, data)
    assert words in str(refused.value)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCapture, match="it is a folder; name the HAR file"):
        Capture(tmp_path)
    with pytest.raises(BadCapture, match="no such file"):
        Capture(tmp_path / "none.har")


def test_a_capture_without_entries_is_one(tmp_path: Path) -> None:
    assert read(tmp_path, b'{"log": {"entries": []}}')[1] == []


def test_deep_and_odd_entries_leave_the_others_alone(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    held, entries = read(
        tmp_path, f'{{"log": {{"entries": [{{"a": 1}}, {{"x": {deep}}}, null, {{"b": 2}}]}}}}'.encode()
    )
    assert (entries[0], entries[-1], len(entries)) == ({"a": 1}, {"b": 2}, 3)
    assert held.left_out[0].startswith("entry 2: only the first ")
    assert held.left_out[1] == "1 entries are no objects"


def test_a_huge_entry_is_cut_and_the_next_one_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "LARGEST_ENTRY", 50_000)
    monkeypatch.setattr(capture, "LONGEST_STRING", 40_000)
    monkeypatch.setattr(long_strings, "CHUNK", 500)
    body = json.dumps({"log": {"entries": [{"text": "x" * 90_000}, {"many": list(range(5_000))}, {"a": "b"}]}})
    held, entries = read(tmp_path, body.encode())
    assert 40_000 <= len(entries[0]["text"]) <= 40_600
    assert len(entries[1]["many"]) < 1_300
    assert entries[2] == {"a": "b"}
    assert held.left_out[0] == "1 texts are cut after 40,000 characters"
    assert held.left_out[1].startswith("entry 2: only")


def test_text_without_end_between_strings_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "LONGEST_STRING", 1_000)
    monkeypatch.setattr(long_strings, "CHUNK", 500)
    held, entries = read(tmp_path, b'{"log": {"entries": [{"a": 1}, {"a": [' + b"1, " * 5_000)
    assert entries == [{"a": 1}]
    assert "has text that no browser writes after" in held.broken


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)


class _Bytes:
    """A source that answers with a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size = data, size

    def read(self, _size: int) -> bytes:
        part, self.data = self.data[: self.size], self.data[self.size :]
        return part


@given(VALUES, st.booleans(), st.integers(1, 9))
def test_short_strings_pass_as_they_are_however_they_arrive(value: Any, ascii_only: bool, size: int) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")
    stream = ShortStrings(_Bytes(data, size), 10_000)
    assert b"".join(iter(stream.read, b"")) == data
    assert stream.shortened == 0


@given(st.text(min_size=20), st.booleans(), st.integers(1, 9))
def test_a_cut_string_is_still_json_and_a_beginning_of_the_whole(text: str, ascii_only: bool, size: int) -> None:
    data = json.dumps({"a": text, "b": 1}, ensure_ascii=ascii_only).encode("utf-8", "replace")
    stream = ShortStrings(_Bytes(data, size), 5)
    held = json.loads(b"".join(iter(stream.read, b"")))
    assert held["b"] == 1
    assert _units(text).startswith(_units(held["a"]))
    assert len(held["a"]) < 40


def _units(text: str) -> bytes:
    """The text as JSON escapes it, in which a pair of surrogates can be cut."""
    return text.encode("utf-16-le", "surrogatepass")


def test_the_events_of_a_value_are_all_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_values, "DEEPEST", 2)
    _, entries = read(tmp_path, b'{"log": {"entries": [{"a": {"b": {"c": [1, {}]}}, "d": 2}]}}')
    assert entries == [{"a": {}, "d": 2}]
