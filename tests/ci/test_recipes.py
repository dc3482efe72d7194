"""The shell part of each recipe for pipelines, run as its service runs it, against the emulator."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from auditor.data import fixtures_dir
from auditor.emulator.options import Endpoints
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from tests.ci.recipes import AZURE, GITHUB, GITLAB, INSERTED, RECIPES, TOP, WORKFLOWS, shell_parts

STAND_IN = f"""\
mkdir -p "$1/bin"
printf '#!/bin/sh\\nexec {sys.executable} -m auditor.cli.main "$@"\\n' >"$1/bin/migaudit"
chmod +x "$1/bin/migaudit"
"""
"""What `install.sh` would make; the real one is run by the test of Cloud Shell."""
FILES = {"scan": {"json", "html", "markdown", "sarif", "junit"}, "preflight": {"json", "html", "markdown"}}


@pytest.fixture(scope="module")
def endpoints() -> Iterator[Endpoints]:
    with running_in_thread(load(fixtures_dir() / "fabrikam.yaml")) as served:
        yield served


@dataclass
class Place:
    """A machine of a runner: a clone of the repository, an installed migaudit, and folders."""

    home: Path
    endpoints: Endpoints
    results: dict[str, Path] = field(default_factory=dict)

    def run(self, recipe: str, **inputs: str) -> "subprocess.CompletedProcess[str]":
        """Run the shell part of a recipe for some inputs."""
        clone, temporary = self.home / "clone", self.home / "tmp"
        reached = f"--cloud={self.endpoints.arm}\n--auth=environment\n--at=2026-11-23T10:00:00Z\n"
        inputs["arguments"] = reached + inputs.get("arguments", "")
        if recipe == "gitlab":
            inputs |= {"repository": clone.as_uri(), "ref": "main"}
        if recipe == "azure":
            inputs["folder"] = str(clone)
        found = RECIPES[recipe]()
        if recipe != "gitlab":
            install = ["bash", str(clone / "ci" / "install.sh"), str(temporary / "migaudit")]
            subprocess.run(install, check=True)
        own = {
            "github": {
                "GITHUB_ACTION_PATH": str(clone),
                "RUNNER_TEMP": str(temporary),
                "GITHUB_OUTPUT": str(self.home / "output"),
                "GITHUB_STEP_SUMMARY": str(self.home / "summary"),
            },
            "azure": {"AGENT_TEMPDIRECTORY": str(temporary), "TF_BUILD": "True"},
            "gitlab": {"CI_PROJECT_DIR": str(temporary), "AZURE_ID_TOKEN": "made.up.token", "TMPDIR": str(temporary)},
        }[recipe]
        bare = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "GITHUB_"))}
        env = {**bare, **self.endpoints.env, **own, **found.given(**inputs), "PYTHONPATH": str(TOP)}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found.script],
            cwd=self.home,
            env=env,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def files(self) -> set[str]:
        return {path.suffix[1:] for path in (self.home / "tmp" / "migaudit-results").glob("migaudit.*")}


@pytest.fixture
def place(tmp_path: Path, endpoints: Endpoints) -> Place:
    clone = tmp_path / "clone"
    shutil.copytree(TOP / "ci", clone / "ci")
    (clone / "ci" / "install.sh").write_text(STAND_IN, encoding="utf-8")
    (tmp_path / "tmp").mkdir()
    who = ("-c", "user.name=x", "-c", "user.email=x@contoso.com")
    for command in (("init", "-q", "-b", "main"), ("add", "."), (*who, "commit", "-qm", "x")):
        subprocess.run(["git", *command], cwd=clone, check=True)
    return Place(tmp_path, endpoints)


@pytest.mark.untraced
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_scan_ends_with_its_code_and_leaves_its_files(recipe: str, place: Place) -> None:
    done = place.run(recipe, fail_on="low")
    assert done.returncode == 0, done.stdout + done.stderr
    assert place.files() == FILES["scan"]
    held = json.loads((place.home / "tmp" / "migaudit-results" / "migaudit.json").read_text(encoding="utf-8"))
    assert held["schema"] == "migaudit/scan/1"
    if recipe == "github":
        results = place.home / "tmp" / "migaudit-results"
        said = (place.home / "output").read_text(encoding="utf-8").splitlines()
        assert said == [f"sarif={results / 'migaudit.sarif'}", f"html={results / 'migaudit.html'}"]
        assert (place.home / "summary").read_text(encoding="utf-8").startswith("# ")
    if recipe == "azure":
        assert done.stdout.splitlines()[-1].startswith("##vso[task.uploadsummary]")


@pytest.mark.untraced
def test_a_preflight_has_its_own_files(place: Place) -> None:
    done = place.run("github", command="preflight", subscriptions="Fabrikam Migration", project="fabrikam-exit")
    assert done.returncode in {0, 1, 4}, done.stdout
    assert place.files() == FILES["preflight"]
    assert "sarif" not in (place.home / "output").read_text(encoding="utf-8")


HOSTILE = {
    "subscriptions": "$(touch pwned)`touch pwned`\n\"; touch pwned; #\n' ; touch pwned",
    "accounts": "-o\n--output=pwned\n$(touch pwned)",
    "project": "x\n--output=pwned",
}


@pytest.mark.untraced
@pytest.mark.parametrize("recipe", RECIPES)
def test_no_input_becomes_a_command_or_an_option(recipe: str, place: Place) -> None:
    done = place.run(recipe, **HOSTILE)
    assert done.returncode in {2, 3}, done.stdout
    assert not list(place.home.rglob("pwned*"))


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"command": "cleanup"}, "neither scan nor preflight"),
        ({"arguments": "apply"}, "OPTION=VALUE"),
        ({"arguments": "-o\nx"}, "OPTION=VALUE"),
    ],
)
def test_other_commands_and_words_are_refused(inputs: dict[str, str], said: str, place: Place) -> None:
    done = place.run("github", **inputs)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.untraced
@pytest.mark.parametrize(
    "name", ["##vso[task.setvariable variable=a]b", "##[error]x", "\n::set-output name=x::y", "x\n  ::add-mask::y"]
)
def test_what_azure_holds_gives_the_runner_no_order(name: str, place: Place) -> None:
    """A name in Azure may be anything; here an account that does not exist has it, and is named in the message."""
    wrapper = place.home / "clone" / "ci" / "install.sh"
    quoted = name.replace("\n", "\\n")
    wrapper.write_text(
        f"mkdir -p $1/bin\nprintf '#!/bin/bash\\nprintf %%b \"{quoted}\"\\nexit 3\\n' >$1/bin/migaudit\n"
        "chmod +x $1/bin/migaudit\n",
        encoding="utf-8",
    )
    done = place.run("github")
    assert done.returncode == 3
    assert done.stdout
    orders = [line for line in done.stdout.splitlines() if re.search(r"##(vso)?\[|^\s*::", line)]
    assert orders == []


def test_no_service_puts_a_value_into_the_text_of_a_script() -> None:
    parts = [part for path in (GITHUB, AZURE, GITLAB, *WORKFLOWS) for part in shell_parts(path)]
    assert len(parts) > 10
    assert [part for part in parts if INSERTED.search(part)] == []


def test_the_scripts_are_sound() -> None:
    scripts = [str(path) for path in sorted((TOP / "ci").glob("*.sh"))]
    command = [str(Path(sys.executable).with_name("shellcheck")), *scripts]
    checked = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (len(scripts), checked.stdout) == (2, "")
