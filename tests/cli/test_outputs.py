"""Where a result cannot be written is found out before anything is read."""

from pathlib import Path

import pytest

from auditor.cli.failures import UsageFailed
from auditor.cli.outputs import ensure_different, ensure_writable, write_text


def test_a_target_that_can_be_written_is_left_untouched(tmp_path: Path) -> None:
    ensure_writable(tmp_path / "new.json", option="--output")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("missing/out.json", "no such file or directory"),
        (".", "is a folder"),
        ("a-file/out.json", "not a directory"),
    ],
)
def test_a_target_that_cannot_be_written(tmp_path: Path, target: str, said: str) -> None:
    (tmp_path / "a-file").write_text("")
    with pytest.raises(UsageFailed, match=said):
        ensure_writable(tmp_path / target, option="--output")


def test_a_device_is_never_replaced() -> None:
    with pytest.raises(UsageFailed, match="not an ordinary file"):
        ensure_writable(Path("/dev/null"), option="--output")


def test_two_outputs_to_one_file(tmp_path: Path) -> None:
    with pytest.raises(UsageFailed, match="`--output` and `--save-snapshot` name the same file"):
        ensure_different({"--output": tmp_path / "a", "--save-snapshot": tmp_path / "x" / ".." / "a", "--at": None})


def test_what_is_written_is_whole_and_private(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    write_text(["one\n", "zwei ä\n"], target)
    assert target.read_text(encoding="utf-8") == "one\nzwei ä\n"
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageFailed, match="cannot write"):
        write_text(["x"], tmp_path / "missing" / "out.txt")
