"""The fleet file and the weekly run of the documentation, against the Azures of its tenants."""

import json
import re
import shlex
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.fleet.file import load_fleet
from tests.cli.fleet.estate import estate
from tests.cli.running import Run

TOP = Path(__file__).parents[3]
EXAMPLE = TOP / "docs" / "examples" / "fleet.yaml"
PAGE = (TOP / "docs" / "fleet.md").read_text(encoding="utf-8")
PLACES = {"Contoso": "contoso", "Contoso Government": "contoso-gov", "Tailspin Toys": "tailspin"}


def weekly() -> list[str]:
    """Return the options of the command in the documented line of cron, after the file."""
    line = re.search(r"^30 5 \* \* 1 .*$", PAGE, re.MULTILINE)
    assert line is not None
    words = shlex.split(line[0].partition("; migaudit ")[2].replace(r"$(date +\%F)", "TODAY"))
    assert words[:4] == ["--quiet", "fleet", "run", "~/fleet.yaml"]
    return words


def test_the_example_and_the_weekly_run_work(migaudit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with estate(tmp_path, tuple(PLACES.values())) as served:
        for name, value in served.env.items():
            monkeypatch.setenv(name, value)
        text = EXAMPLE.read_text(encoding="utf-8").replace("auth: managed-identity", "auth: environment")
        text = text.replace("    cloud: AzureUSGovernment\n", "")
        for name, place in PLACES.items():
            text = text.replace(f"- name: {name}\n", f"- name: {name}\n    cloud: {served.azures[place].arm}\n")
        file, runs = tmp_path / "fleet.yaml", tmp_path / "runs"
        file.write_text(text, encoding="utf-8")
        for week in ("2026-11-23", "2026-11-30"):
            told = {"~/fleet.yaml": file, "~/runs/TODAY": runs / week, "~/fleet.txt": tmp_path / "fleet.txt"}
            done = migaudit(*(told.get(word, word) for word in weekly()), "--rule", "lock-in-the-way")
            assert (done.code, done.out, done.err) == (ExitCode.FINDINGS, "", "")
    assert "3 of 3 tenants read" in (tmp_path / "fleet.txt").read_text(encoding="utf-8")
    kept = json.loads((runs / "2026-11-30" / "fleet.json").read_text())["tenants"]
    assert [(one["name"], one["result"]["cloud"], len(one["result"]["subscriptions"])) for one in kept] == [
        ("Contoso", "AzureCloud", 2),
        ("Contoso Government", "AzureUSGovernment", 2),
        ("Tailspin Toys", "AzureCloud", 2),
    ]
    same = migaudit("fleet", "diff", runs / "2026-11-23", runs / "2026-11-30")
    assert same.code == ExitCode.CLEAN
    assert len(load_fleet(EXAMPLE)) == len(PLACES)


def test_without_the_extra_the_message_says_how_to_get_it(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("auditor.extras.find_spec", lambda _name: None)
    for option in (("--workers", "2"), ("--scheduler", "tls://dask.contoso.com:8786")):
        told = migaudit("fleet", "run", EXAMPLE, *option)
        assert (told.code, told.out) == (ExitCode.USAGE, "")
        assert "python -m pip install '.[fleet]'" in told.err
