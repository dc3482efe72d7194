"""`migaudit snapshot redact`: the file it writes, the keys it takes, and what it refuses."""

import json
from pathlib import Path

import pytest

from auditor.inventory.snapshot.files import load
from tests.cli.running import Run

KEY = "a key of more than sixteen bytes"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "redaction.key"
    path.write_text(KEY + "\n")
    return path


def test_a_redacted_snapshot_is_scanned_alike(migaudit: Run, fixtures: Path, tmp_path: Path, key: Path) -> None:
    target = tmp_path / "r.jsonl.zst"
    done = migaudit("snapshot", "redact", fixtures / "contoso.yaml", target, "--key", key)
    assert done.code == 0
    assert "what is not removed:" in done.err
    assert "resource types" in done.err
    counts = [
        json.loads(migaudit("scan", "--snapshot", one, "--format", "json").out)["summary"]
        for one in (fixtures / "contoso.yaml", target)
    ]
    assert counts[0] == counts[1]


def test_the_key_may_stand_in_the_environment(
    migaudit: Run, fixtures: Path, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGAUDIT_REDACTION_KEY", KEY)
    one, other, third = tmp_path / "1.jsonl", tmp_path / "2.jsonl", tmp_path / "3.jsonl"
    assert migaudit("snapshot", "redact", fixtures / "fabrikam.yaml", one, "--key", key).code == 0
    assert migaudit("snapshot", "redact", fixtures / "fabrikam.yaml", other, "--key", "env").code == 0
    assert migaudit("snapshot", "redact", fixtures / "fabrikam.yaml", third).code == 0
    assert load(one) == load(other) != load(third)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"short", "the key has 5 bytes; it takes 16 at least"),
        (b"k" * 70_000, "larger than 64 KiB"),
        (None, "no such file"),
    ],
)
def test_a_bad_key_is_refused_and_nothing_written(
    migaudit: Run, fixtures: Path, tmp_path: Path, content: bytes | None, said: str
) -> None:
    path, target = tmp_path / "k", tmp_path / "r.yaml"
    if content is not None:
        path.write_bytes(content)
    done = migaudit("snapshot", "redact", fixtures / "fabrikam.yaml", target, "--key", path)
    assert done.code == 2
    assert said in done.err
    assert not target.exists()


def test_without_the_variable_env_is_refused(
    migaudit: Run, fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MIGAUDIT_REDACTION_KEY", raising=False)
    done = migaudit("snapshot", "redact", fixtures / "fabrikam.yaml", tmp_path / "r.yaml", "--key", "env")
    assert done.code == 2
    assert "`MIGAUDIT_REDACTION_KEY` is not set" in done.err


def test_it_never_writes_over_its_source_or_key(migaudit: Run, fixtures: Path, tmp_path: Path, key: Path) -> None:
    copy = tmp_path / "c.yaml"
    copy.write_bytes((fixtures / "fabrikam.yaml").read_bytes())
    assert "name the same file" in migaudit("snapshot", "redact", copy, copy).err
    bad = migaudit("snapshot", "redact", copy, tmp_path / "r.txt", "--key", key)
    assert bad.code == 2
    assert "ends with .jsonl" in bad.err


def test_what_may_have_stayed_is_told(migaudit: Run, fixtures: Path, tmp_path: Path) -> None:
    done = migaudit("snapshot", "redact", fixtures / "contoso.yaml", tmp_path / "r.yaml")
    assert "values with a word that is replaced elsewhere" in done.err
