from pathlib import Path

import pytest

from scripts import pins

GOOD = f"click==8.5.1 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'f' * 64}\n"
ELSEWHERE = f"uvloop==0.23.0 ; sys_platform != 'win32' \\\n    --hash=sha256:{'a' * 64}\n"


def test_the_pin_files_of_this_repository_are_pins_and_hashes_only() -> None:
    assert pins.all_faults() == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://pypi.example/simple",
        "--find-links /srv/wheels",
        "click @ file:///srv/wheels/click-8.5.1-py3-none-any.whl",
        "click>=8",
        "click==8.5.1",
        f"    --hash=md5:{'0' * 32}",
        "    # via migaudit (/home/ada/migaudit/pyproject.toml)",
    ],
)
def test_what_names_a_place_or_lacks_a_hash_is_a_fault(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dev.txt").write_text(GOOD + ELSEWHERE + line + "\n", encoding="utf-8")
    monkeypatch.setattr(pins, "PINS", tmp_path)
    (fault,) = pins.faults("dev.txt")
    assert fault.startswith("requirements/dev.txt:6: ")
    assert line in fault
