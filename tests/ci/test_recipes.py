"""The shell part of each recipe for pipelines, run as its service runs it, against the emulator."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
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

    def run(self, recipe: str, **inputs: str) -> "subprocess.CompletedProcess[str]":
        """Run the shell part of a recipe for some inputs."""
        clone, temporary = self.home / "clone", self.home / "tmp"
        reached = f"--cloud={self.endpoints.arm}\n--auth=environment\n--at=2026-11-23T10:00:00Z\n"
        inputs["arguments"] = reached + inputs.get("arguments", "")
        if recipe == "gitlab":
            inputs = {"repository": "https://gitlab.contoso.com/tools/migaudit.git", "ref": "main", **inputs}
        if recipe == "azure":
            inputs["folder"] = str(clone)
        found = RECIPES[recipe](**inputs)
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
            "gitlab": {
                "CI_PROJECT_DIR": str(temporary),
                "AZURE_ID_TOKEN": "made.up.token",
                "TMPDIR": str(temporary),
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf",
                "GIT_CONFIG_VALUE_0": "https://gitlab.contoso.com/tools/migaudit.git",
            },
        }[recipe]
        bare = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "GITHUB_"))}
        bare["HOME"] = str(self.user)
        env = {**bare, **self.endpoints.env, **own, **found.variables, "PYTHONPATH": str(TOP)}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found.script],
            cwd=self.home,
            env=env,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    @property
    def user(self) -> Path:
        """The home folder of the runner's user."""
        return self.home / "user"

    def files(self) -> set[str]:
        return {path.suffix[1:] for path in self.results.glob("migaudit.*")}

    @property
    def results(self) -> Path:
        """The folder of the last results."""
        return max((self.home / "tmp").glob("migaudit-results*"), key=lambda folder: folder.stat().st_mtime_ns)


@pytest.fixture
def place(tmp_path: Path, endpoints: Endpoints) -> Place:
    clone = tmp_path / "clone"
    shutil.copytree(TOP / "ci", clone / "ci")
    (clone / "ci" / "install.sh").write_text(STAND_IN, encoding="utf-8")
    (tmp_path / "tmp").mkdir()
    (tmp_path / "user").mkdir()
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
    assert list(place.user.iterdir()) == []
    held = json.loads((place.results / "migaudit.json").read_text(encoding="utf-8"))
    assert held["schema"] == "migaudit/scan/1"
    if recipe == "github":
        results = place.results
        said = (place.home / "output").read_text(encoding="utf-8").splitlines()
        parts = [f"{form}={results / f'migaudit.{form}'}" for form in ("sarif", "html")]
        assert said == [f"folder={results}", *parts]
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
QUOTED = 'It\'s "quoted": [a, b] & {c} # 100% | näme'


@pytest.mark.untraced
@pytest.mark.parametrize("recipe", RECIPES)
def test_no_input_becomes_a_command_or_an_option(recipe: str, place: Place) -> None:
    hostile = {**HOSTILE, **({"project": "x"} if recipe == "gitlab" else {})}
    done = place.run(recipe, **hostile)
    assert done.returncode in {2, 3}, done.stdout
    assert not list(place.home.rglob("pwned*"))


@pytest.mark.parametrize("name", ["project", "image", "stage", "repository", "ref", "command", "fail_on"])
@pytest.mark.parametrize("value", ['x"\n  before_script: [touch pwned]\n#', '"', "x\n", "'; y"])
def test_gitlab_is_given_no_input_that_becomes_yaml(name: str, value: str) -> None:
    good = {"repository": "https://gitlab.contoso.com/tools/migaudit.git", "ref": "main"}
    with pytest.raises(ValueError, match=f"`{name.replace('_', '-')}` does not match"):
        RECIPES["gitlab"](**{**good, name: value})


@pytest.mark.untraced
@pytest.mark.parametrize("recipe", RECIPES)
def test_every_line_is_one_name_whatever_is_in_it(recipe: str, place: Place) -> None:
    """A subscription is looked for under exactly its name: of two, the one that is not there is named in the error."""
    done = place.run(recipe, subscriptions=f"Fabrikam Migration\n{QUOTED}")
    assert done.returncode == 2, done.stdout
    assert f"no such subscription: `{QUOTED}`" in done.stdout


@pytest.mark.untraced
def test_gitlab_installs_a_commit_and_gives_the_token_of_the_job_to_its_own_host_alone(place: Place) -> None:
    asked = ["git", "-C", str(place.home / "clone"), "rev-parse", "HEAD"]
    commit = subprocess.run(asked, check=True, capture_output=True, encoding="utf-8").stdout.strip()
    assert place.run("gitlab", ref=commit, subscriptions="Fabrikam Migration").returncode == 0
    script = RECIPES["gitlab"](repository="https://gitlab.contoso.com/x.git", ref="x").script
    (helper,) = re.findall(r"^helper=.*$", script, re.MULTILINE)
    (option,) = re.findall(r'-c ("credential.*")', script)
    fill = f'{helper}; printf "protocol=https\\nhost=%s\\n\\n" "$HOST" | git -c {option} credential fill'
    own = {"CI_SERVER_URL": "https://gitlab.contoso.com", "CI_JOB_TOKEN": "t0ken", "GIT_TERMINAL_PROMPT": "0"}
    told = {
        host: subprocess.run(
            ["sh", "-c", fill],
            env={"PATH": os.environ["PATH"], "HOST": host, "GIT_ASKPASS": "false", **own},
            capture_output=True,
            encoding="utf-8",
            check=False,
        ).stdout
        for host in ("gitlab.contoso.com", "evil.example")
    }
    assert "password=t0ken" in told["gitlab.contoso.com"]
    assert "t0ken" not in told["evil.example"]


@pytest.mark.untraced
@pytest.mark.parametrize("recipe", ["azure", "github"])
def test_a_run_that_fails_has_no_results_of_an_earlier_one(recipe: str, place: Place) -> None:
    earlier = place.home / "tmp" / "migaudit-results"
    earlier.mkdir()
    (earlier / "migaudit.sarif").write_text("{}", encoding="utf-8")
    assert place.run(recipe, subscriptions="nowhere").returncode == 2
    assert place.files() == set()
    if recipe == "github":
        assert place.results != earlier
        assert (place.home / "output").read_text(encoding="utf-8") == f"folder={place.results}\n"


@pytest.mark.untraced
def test_a_summary_that_is_cut_says_so(place: Place) -> None:
    script = (place.home / "clone" / "ci" / "audit.sh").read_text(encoding="utf-8")
    (function,) = re.findall(r"^summary\(\) \{.*?^\}$", script, re.MULTILINE | re.DOTALL)
    (place.home / "long").write_text("# é\n" * 100, encoding="utf-8")

    def shown(most: int) -> str:
        command = ["bash", "-euo", "pipefail", "-c", f"{function}\nsummary long {most}"]
        return subprocess.run(command, cwd=place.home, check=True, capture_output=True).stdout.decode("utf-8")

    assert shown(500) == "# é\n" * 100
    assert shown(23).startswith("# é\n" * 4 + "\n**Cut here: 23 bytes of 500 are shown.**")


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"command": "cleanup"}, "neither scan nor preflight"),
        ({"arguments": "apply"}, "OPTION=VALUE"),
        ({"arguments": "-o\nx"}, "OPTION=VALUE"),
        ({"strict": "yes"}, "neither true nor false"),
    ],
)
def test_other_commands_and_words_are_refused(inputs: dict[str, str], said: str, place: Place) -> None:
    done = place.run("github", **inputs)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.untraced
@pytest.mark.parametrize(
    "name",
    [
        "##vso[task.setvariable variable=a]b",
        "##[error]x",
        "\n::set-output name=x::y",
        "x\n  ::add-mask::y",
        "x\r::error::y",
        "\u00a0::error::y",
        ":::z",
    ],
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
    assert not re.search(r"##(vso)?\[|::|\r", done.stdout)


def test_no_service_puts_a_value_into_the_text_of_a_script() -> None:
    parts = [part for path in (GITHUB, AZURE, GITLAB, *WORKFLOWS) for part in shell_parts(path)]
    assert len(parts) > 10
    assert [part for part in parts if INSERTED.search(part)] == []


def test_the_scripts_are_sound() -> None:
    scripts = [str(path) for path in sorted((TOP / "ci").glob("*.sh"))]
    command = [str(Path(sys.executable).with_name("shellcheck")), *scripts]
    checked = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (len(scripts), checked.stdout) == (2, "")


def test_it_signs_in_as_the_pipeline_does_whatever_the_machine_is() -> None:
    """By itself migaudit would ask the machine for its identity first."""
    place = {"repository": "https://gitlab.contoso.com/x.git", "ref": "x"}
    ways = {name: RECIPES[name](**(place if name == "gitlab" else {})).variables["AUDIT_AUTH"] for name in RECIPES}
    assert ways == {"github": "cli", "azure": "cli", "gitlab": "workload-identity"}
