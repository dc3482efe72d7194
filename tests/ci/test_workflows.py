"""The workflows: pinned, audited, and their own shell parts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from auditor import __version__
from tests.ci.recipes import GITHUB, TOP, WORKFLOWS

USES = re.compile(r"uses: (?P<action>\S+?)@(?P<commit>\S+)(?P<comment>.*)")
PAGES = (TOP / "docs" / "pipelines.md", TOP / "docs" / "releasing.md")


def test_every_action_is_one_commit_everywhere_and_says_its_tag() -> None:
    commits: dict[str, set[tuple[str, str]]] = {}
    for path in (GITHUB, *WORKFLOWS, *PAGES):
        for found in USES.finditer(path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[0-9a-f]{40}", found["commit"])
            assert found["action"].startswith("OWNER/") or re.fullmatch(r" # v\d+\.\d+\.\d+", found["comment"])
            commits.setdefault(found["action"], set()).add((found["commit"], found["comment"]))
    assert len(commits) > 8
    assert {action: some for action, some in commits.items() if len(some) > 1} == {}


def zizmor(*inputs: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--pedantic", "--no-progress", "--quiet"]
    command.append("--color=never")
    return subprocess.run([*command, *map(str, inputs)], capture_output=True, encoding="utf-8", check=False)


def test_zizmor_finds_nothing_and_would(tmp_path: Path) -> None:
    assert zizmor(*WORKFLOWS, GITHUB).returncode == 0
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    documented = re.findall(r"```yaml\n(name:.*?)```", PAGES[0].read_text(encoding="utf-8"), re.DOTALL)
    assert len(documented) == 1
    (folder / "documented.yml").write_text(documented[0], encoding="utf-8")
    assert zizmor(folder / "documented.yml").stdout.startswith("No findings")
    injected = documented[0] + "      - run: echo ${{ github.event.issue.title }}\n"
    (folder / "documented.yml").write_text(injected, encoding="utf-8")
    assert "template-injection" in zizmor(folder / "documented.yml").stdout


@pytest.mark.parametrize(("tag", "code"), [(f"v{__version__}", 0), ("v99.0.0", 1), (__version__, 1)])
def test_a_tag_that_is_not_the_version_is_refused(tag: str, code: int) -> None:
    jobs = yaml.safe_load((TOP / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))["jobs"]
    (script,) = (step["run"] for step in jobs["build"]["steps"] if step.get("name", "").startswith("Refuse"))
    env = {**os.environ, "GITHUB_REF_NAME": tag}
    assert subprocess.run(["bash", "-e", "-c", script], cwd=TOP, env=env, check=False).returncode == code


def test_only_what_publishes_may_write() -> None:
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            writes = {right for right, level in job["permissions"].items() if level == "write"}
            assert not writes or (path.name == "release.yml" and name in {"provenance", "publish", "release", "site"})


def test_every_make_target_of_a_workflow_exists() -> None:
    known = re.findall(r"^([a-z-]+):.*?##", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    asked = [
        target
        for path in WORKFLOWS
        for line in re.findall(r"run: make (.+)", path.read_text(encoding="utf-8"))
        for target in line.split()
    ]
    assert {"check", "dist", "sbom"} == {*asked}
    assert {*asked} <= {*known}
