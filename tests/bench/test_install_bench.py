"""The page of sizes and times of installing; nothing is installed for tests."""

from pathlib import Path

import pytest

from bench.install_bench import Added, Figures, Installed, InstallFailed, main, page
from bench.measured import Measured

PLAIN = {"migaudit": ("0.1.0", 5 << 20), "rich": ("14.0", 2 << 20), "pip": ("26.3", 9 << 20)}


def took(wall: float) -> Measured:
    return Measured(wall, wall / 2, 30 << 20, 0)


def test_the_page_has_what_was_measured_without_the_tools_of_an_environment() -> None:
    written = page(
        Figures(
            command="python -m bench.install_bench",
            load=0.2,
            archives={"migaudit-0.1.0-py3-none-any.whl": 3 << 19},
            downloads=4 << 20,
            installed=Installed(took(2), took(8), PLAIN, 3 << 20),
            added=[Added("xlsx", took(9), {"xlsxwriter": ("3.2", 1 << 20), "small": ("1", 1 << 19)})],
            uncompiled=(16 << 20, 18 << 20),
            first={"migaudit --version": took(1)},
            starts={"migaudit --version": [took(0.5), took(0.25), took(0.75)]},
            floor=30 << 20,
        )
    )
    assert "- `migaudit-0.1.0-py3-none-any.whl`: 1.50 MB" in written
    assert "- 1 wheels of the packages that it needs: 4.0 MB" in written
    assert "so that no network is in it: 8.0 s, 4.0 s of CPU" in written
    assert "- 2 packages with migaudit: 7.0 MB" in written
    assert "compiles as it installs them: 3.0 MB more" in written
    assert "The 2 largest packages; the others take 0.0 MB together." in written
    assert written.index("| migaudit 0.1.0 | 5.0 MB |") < written.index("| rich 14.0 | 2.0 MB |")
    assert "| `xlsx` | 9.0 s | 2 | 1.5 MB | xlsxwriter 3.2 |" in written
    assert "| `migaudit --version` | 0.25 s | 0.12 s | at most 30 MB | 1.00 s |" in written
    assert "The fastest of 3 runs" in written
    assert "takes 16.0 MB with pip before these first runs, and 18.0 MB after" in written
    assert "pip 26.3" not in written


def test_a_step_that_fails_leaves_the_page_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> Figures:
        raise InstallFailed("no matching distribution")

    monkeypatch.setattr("bench.install_bench.measured", refused)
    assert main(["--extras", "xlsx", "--page", str(tmp_path / "page.md")]) == 1
    assert "no matching distribution" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
