"""The journeys: every command on their pages, carried out in a home folder with nothing in it."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.data import fixtures_dir
from auditor.emulator.moved_dates import days_to, moved
from auditor.emulator.options import Endpoints
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load

TOP = Path(__file__).resolve().parents[2]
JOURNEYS = TOP / "docs" / "journeys"
PAGES = sorted(page.stem for page in JOURNEYS.glob("*.md") if page.stem != "index")
LAST_WORDS = {
    "demo": "60052",
    "colleague": "NO-GO",
    "snapshot": "deny",
    "workspace": "contoso-pilot-oms: restored",
    "rule": "owner-registers",
}
"""What the last command of each journey must say."""


@pytest.fixture(scope="module")
def azure() -> Iterator[Endpoints]:
    """Contoso as it would be today."""
    contoso = load(fixtures_dir() / "contoso.yaml")
    with running_in_thread(moved(contoso, days_to(contoso, datetime.now(UTC)))) as endpoints:
        yield endpoints


def plain(home: Path) -> dict[str, str]:
    """The variables of somebody who has set nothing; the modules are those of this tree."""
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(TOP)}


def commands(page: str) -> list[str]:
    """The commands of a page in their order."""
    text = (JOURNEYS / f"{page}.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES)
def test_a_journey_leads_where_its_page_says(page: str, azure: Endpoints, tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    (work / "my-rules").mkdir(parents=True)
    home.mkdir()
    example = (TOP / "docs" / "examples" / "rules" / "owner-registers.yaml").read_text(encoding="utf-8")
    (work / "my-rules" / "owner-registers.yaml").write_text(example, encoding="utf-8")
    told = ""
    for command in commands(page):
        words = shlex.split(command)
        assert words[0] == "migaudit", command
        own = "--demo" in words or "rehearse" in words
        there = {} if own else {**azure.env, "MIGAUDIT_CLOUD": azure.arm, "MIGAUDIT_AUTH": "environment"}
        run = subprocess.run(
            [Path(sys.executable).with_name("migaudit"), *words[1:]],
            cwd=work,
            env={**plain(home), **there},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        expected = 1 if words[1] == "preflight" else 0  # the page says that it is no-go
        assert run.returncode == expected, f"{command}\n{run.stdout}\n{run.stderr}"
        told = run.stdout
    assert LAST_WORDS[page].lower() in told.lower()
    assert list(home.iterdir()) == []


def test_the_first_page_says_how_to_go_through_them_without_azure(tmp_path: Path) -> None:
    serve, read = commands("index")
    env = {**plain(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    with subprocess.Popen(shlex.split(serve), cwd=tmp_path, env=env, stdout=subprocess.PIPE) as azure:
        assert azure.stdout is not None
        azure.stdout.readline()
        demo = commands("demo")[0].replace("scan --demo", "scan --demo --error 60052")
        command = f"set -e\n{read}\n{demo} >&2\n{commands('colleague')[0]} --step register --format json"
        second = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False
        )
        azure.terminate()
    assert second.returncode == 1, second.stderr
    assert json.loads(second.stdout)["verdict"] == "no-go"
    assert list(tmp_path.iterdir()) == []


ELSEWHERE = {"pipelines": "tests/ci/test_recipes.py", "cloud-shell": "tests/ci/test_cloud_shell.py"}
"""The pages of the list whose commands other tests carry out, also with an empty home folder."""


def test_the_other_pages_of_the_list_have_tests_of_their_own() -> None:
    index = (JOURNEYS / "index.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\(\.\./([\w-]+)\.md\)", index)) == sorted(ELSEWHERE)
    assert all('"HOME"' in (TOP / test).read_text(encoding="utf-8") for test in ELSEWHERE.values())


def test_every_journey_is_in_the_list_of_journeys_and_in_the_menu() -> None:
    index = (JOURNEYS / "index.md").read_text(encoding="utf-8")
    menu = (TOP / "mkdocs.yml").read_text(encoding="utf-8")
    assert sorted(LAST_WORDS) == PAGES
    assert all(f"({page}.md)" in index and f"journeys/{page}.md" in menu for page in PAGES)
