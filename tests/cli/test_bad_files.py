"""Whatever stands where a file was named: it is refused at once, by its name, and never taken for something else."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from tests.cli.running import Run
from tests.inventory.snapshot.sealed import sealed
from tests.sampling import sampled

S = "/subscriptions/0a000000-0000-0000-0000-000000000001"
Words = Callable[[Path, Path], list[str | Path]]
"""The command line that reads a file, with a folder for whatever else it takes."""

HEAD = '{"tool":"hand","snapshot":1,"tenant_id":"t","collected_at":"2026-11-23T10:00:00Z"}\n'
YAML_HEAD = "snapshot: {tool: hand, snapshot: 1, tenant_id: t, collected_at: 2026-11-23T10:00:00Z}\n"
RULE = (
    "id: x\ntitle: t\nsubject: project\nseverity: {}\nfail_when: 'true'\nmessage: m\nwhy: w\nsince: '0.1'\n"
    "fixes: [{{title: t, changes: c, safe: true, portal: [p]}}]\n"
)


def _json_lines(value: str) -> bytes:
    return sealed(f'{HEAD}{{"arm":{{"id":"{S}","x":{value}}}}}\n'.encode("utf-8", "surrogateescape"))


def _packed(value: str) -> bytes:
    return zstandard.compress(_json_lines(value))


def _yaml(value: str) -> bytes:
    return f"{YAML_HEAD}arm:\n- id: {S}\n  x: {value}\n".encode("utf-8", "surrogateescape")


def _result(value: str) -> bytes:
    known = '"schema":"migaudit/scan/1","tenant_id":"t","evaluated_at":"2026-11-23T10:00:00Z"'
    return f'{{{known},\n"findings":{value}}}\n'.encode("utf-8", "surrogateescape")


def _suppressions(value: str) -> bytes:
    return f"suppressions:\n- {{rule: lock-in-the-way, subject: x, reason: r, owner: o, expires: {value}}}\n".encode(
        "utf-8", "surrogateescape"
    )


def _rule(value: str) -> bytes:
    return RULE.format(value).encode("utf-8", "surrogateescape")


def _settings(value: str) -> bytes:
    return f"[emulate]\nlatency-ms = {value}\n".encode("utf-8", "surrogateescape")


def _faults(value: str) -> bytes:
    return f"faults:\n- {{path: x, status: 500, times: {value}}}\n".encode("utf-8", "surrogateescape")


def _with_snapshot(*words: str) -> Words:
    return lambda file, _folder: [*words, "--snapshot", file]


def _rules_in(file: Path, _folder: Path) -> list[str | Path]:
    return ["scan", "--snapshot", "WORLD", "--rules", file.parent]


OPTIONS: dict[str, tuple[str, Callable[[str], bytes], Words]] = {
    "scan --snapshot x.jsonl": ("x.jsonl", _json_lines, _with_snapshot("scan")),
    "scan --snapshot x.jsonl.zst": ("x.jsonl.zst", _packed, _with_snapshot("scan")),
    "scan --snapshot x.yaml": ("x.yaml", _yaml, _with_snapshot("scan")),
    "scan --baseline x.jsonl": ("x.jsonl", _json_lines, lambda f, _: ["scan", "--snapshot", "WORLD", "--baseline", f]),
    "scan --baseline x.json": ("x.json", _result, lambda f, _: ["scan", "--snapshot", "WORLD", "--baseline", f]),
    "scan --suppress": ("s.yaml", _suppressions, lambda f, _: ["scan", "--snapshot", "WORLD", "--suppress", f]),
    "scan --rules": ("x.yaml", _rule, _rules_in),
    "rules check": ("x.yaml", _rule, lambda f, _: ["rules", "check", f]),
    "rules test": ("x.yaml", _rule, lambda f, _: ["rules", "test", f]),
    "--config": ("migaudit.toml", _settings, lambda f, _: ["--config", f, "rules", "list"]),
    "snapshot show": ("x.jsonl", _json_lines, lambda f, _: ["snapshot", "show", f]),
    "snapshot convert": ("x.yaml", _yaml, lambda f, folder: ["snapshot", "convert", f, folder / "out.jsonl"]),
    "snapshot redact": ("x.jsonl", _json_lines, lambda f, folder: ["snapshot", "redact", f, folder / "out.jsonl"]),
    "snapshot diff OLD": ("x.jsonl.zst", _packed, lambda f, _: ["snapshot", "diff", f, "WORLD"]),
    "diff OLD": ("x.json", _result, lambda f, _: ["diff", f, "WORLD"]),
    "diff NEW": ("x.yaml", _yaml, lambda f, _: ["diff", "WORLD", f]),
    "emulate SNAPSHOT": ("x.jsonl", _json_lines, lambda f, _: ["emulate", f]),
    "emulate --faults": ("f.yaml", _faults, lambda f, _: ["emulate", "WORLD", "--faults", f]),
    "preflight --snapshot": ("x.jsonl", _json_lines, _with_snapshot("preflight", "--project", "p", "--account", "a")),
    "can --snapshot": (
        "x.yaml",
        _yaml,
        _with_snapshot("can", "--account", "a", "--action", "Microsoft.X/things/read", "--scope", S),
    ),
    "who-can --snapshot": (
        "x.jsonl",
        _json_lines,
        _with_snapshot("who-can", "--action", "Microsoft.X/things/read", "--scope", S),
    ),
    "cleanup plan --snapshot": (
        "x.jsonl",
        _json_lines,
        lambda f, folder: ["cleanup", "plan", "--snapshot", f, "--output", folder / "plan.json"],
    ),
}
"""Every place on the command line that takes a file to read: the file's name, a file with a value in it, the words."""

KINDS = list({made: option for option, (_, made, _) in reversed(OPTIONS.items())}.values())
"""One option for each kind of file: what is in a file is read the same, whoever asks for it."""

VALUES = {
    "5000 digits": "9" * 5000,
    "beyond 64 bits": "18446744073709551616",
    "below 64 bits": "-9223372036854775809",
    "beyond a float": "1e999",
    "infinity": ".inf",
    "infinity by its tag": "!!float .inf",
    "a number that is none": "!!int abc",
    "a truth that is none": "!!bool maybe",
    "hexadecimal": "0x" + "F" * 5000,
    "250 lists in one another": "[" * 250 + "]" * 250,
    "100,000 lists that no bracket ends": "[" * 100_000,
    "half a character": '"\\ud800"',
    "NUL escaped": '"a\\u0000b"',
    "NUL": '"a\x00b"',
    "bad UTF-8": '"\udcff"',
    "half a character in UTF-8": '"\udced\udca0\udc80"',
}
HARMLESS = {"NUL escaped"}
"""What JSON can say is no reason to refuse a body."""
WORDS = {"infinity", "hexadecimal"}
"""What is a text in YAML as JSON has it."""


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """End what waits for a pipe."""
    signal.alarm(60)
    yield
    signal.alarm(0)


@pytest.fixture
def refuses(migaudit: Run, fixtures: Path, tmp_path: Path) -> Callable[[Words, Path], None]:
    """Run the command over the file and expect it to be refused by its name."""

    def refused(words: Words, file: Path) -> None:
        told = migaudit(*(fixtures / "fabrikam.yaml" if word == "WORLD" else word for word in words(file, tmp_path)))
        assert told.code == 2, told.err
        assert file.name in told.err
        assert "internal error" not in told.err
        assert "Traceback" not in told.err
        assert not (tmp_path / "out.jsonl").exists()

    return refused


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that holds nothing else."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@sampled("value", list(VALUES), one_in=4)
@pytest.mark.parametrize("option", KINDS)
def test_a_value_that_nothing_can_hold_is_refused(
    option: str, value: str, place: Path, refuses: Callable[[Words, Path], None]
) -> None:
    name, made, words = OPTIONS[option]
    if (value in HARMLESS and made in {_json_lines, _packed, _yaml}) or (value in WORDS and made is _yaml):
        pytest.skip("a value like any other there")
    (place / name).write_bytes(made(VALUES[value]))
    refuses(words, place / name)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _unreadable(path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    path.write_bytes(b"x")
    path.chmod(0)


FILES: dict[str, Callable[[Path], object]] = {
    "an empty file": lambda path: path.write_bytes(b""),
    "a line feed": lambda path: path.write_bytes(b"\n"),
    "zeros": lambda path: path.write_bytes(b"\x00" * 4096),
    "UTF-16": lambda path: path.write_bytes("a: [1]\n".encode("utf-16")),
    "two marks of byte order": lambda path: path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf{]"),
    "a folder": lambda path: path.mkdir(),
    "a pipe": _fifo,
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": _loop,
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a file that may not be read": _unreadable,
    "nothing": lambda _path: None,
}
EMPTY_IS_FINE = {"an empty file", "a line feed"}


@sampled("file", list(FILES), one_in=4)
@pytest.mark.parametrize("option", OPTIONS)
def test_what_is_no_such_file_is_refused(
    option: str, file: str, place: Path, refuses: Callable[[Words, Path], None]
) -> None:
    name, _, words = OPTIONS[option]
    if option == "--config" and file in EMPTY_IS_FINE:
        pytest.skip("no setting is a configuration too")
    if option == "scan --rules" and file == "nothing":
        pytest.skip("a folder without rules is another case")
    FILES[file](place / name)
    refuses(words, place / name)
