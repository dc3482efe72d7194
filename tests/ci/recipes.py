"""The recipes for pipelines: their shell parts, and the variables that a runner gives to them for some inputs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).resolve().parents[2]
GITHUB, AZURE, GITLAB = TOP / "action.yml", TOP / "ci" / "azure-pipelines.yml", TOP / "ci" / "gitlab.yml"
WORKFLOWS = sorted((TOP / ".github" / "workflows").glob("*.yml"))
INSERTED = re.compile(r"\$\{\{.*?\}\}|\$\[\[.*?\]\]|\$\(\w+(\.\w+)+\)", re.DOTALL)
"""What a service puts into a file before the shell reads it: expressions, inputs, and macros such as `$(Build.Id)`."""


@dataclass(frozen=True)
class Recipe:
    """The shell part that audits, its variables as written, and the defaults of its inputs."""

    script: str
    variables: Mapping[str, str]
    defaults: Mapping[str, str]

    def given(self, **inputs: str) -> dict[str, str]:
        """Return the variables as a runner gives them for these inputs, and the defaults of the others."""
        values = {**self.defaults, **{name.replace("_", "-"): value for name, value in inputs.items()}}
        wanted = {}
        for name, text in self.variables.items():
            found = re.fullmatch(r"\$(?:\{\{|\[\[) (?:inputs|parameters)\.([\w-]+) (?:\}\}|\]\])", text)
            assert found, f"{name}: not one input: {text}"
            key = re.sub(r"(?<=[a-z])([A-Z])", r"-\1", found[1]).lower()
            wanted[name] = values[key]
        return wanted


def _text(value: object) -> str:
    return "" if value is None else str(value)


def github() -> Recipe:
    action = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))
    (step,) = (step for step in action["runs"]["steps"] if step.get("id") == "audit")
    return Recipe(step["run"], step["env"], {name: _text(one["default"]) for name, one in action["inputs"].items()})


def azure() -> Recipe:
    template = yaml.safe_load(AZURE.read_text(encoding="utf-8"))
    (step,) = (step for step in template["steps"] if step.get("displayName") == "Audit")
    defaults = {
        re.sub(r"(?<=[a-z])([A-Z])", r"-\1", one["name"]).lower(): _text(one.get("default"))
        for one in template["parameters"]
    }
    return Recipe(step["inputs"]["inlineScript"], step["env"], defaults)


def gitlab() -> Recipe:
    head, jobs = yaml.safe_load_all(GITLAB.read_text(encoding="utf-8"))
    (job,) = jobs.values()
    (script,) = job["script"]
    assert all(one["expand"] is False for one in job["variables"].values())
    variables = {name: one["value"] for name, one in job["variables"].items()}
    defaults = {name: _text(one.get("default")) for name, one in head["spec"]["inputs"].items()}
    return Recipe(script, variables, defaults)


RECIPES = {"github": github, "azure": azure, "gitlab": gitlab}


def shell_parts(path: Path) -> list[str]:
    """Return every text in a file that a shell runs."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for name, below in value.items():
                if name in {"run", "bash", "script", "inlineScript", "pwsh", "powershell"}:
                    found.extend(below if isinstance(below, list) else [below])
                look(below)
        elif isinstance(value, list):
            for one in value:
                look(one)

    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        look(document)
    return found
