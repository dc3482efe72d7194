"""The recipes for pipelines: their shell parts, and the variables that a runner gives to them for some inputs."""

import json
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
    """The shell part that audits, and its variables as a runner gives them."""

    script: str
    variables: Mapping[str, str]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _given(variables: Mapping[str, str], defaults: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for these inputs, and the defaults of the others; each is one input, or no input at all."""
    values = {**defaults, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    wanted = {}
    for name, text in variables.items():
        found = re.fullmatch(r"\$\{\{ (?:inputs|parameters)\.([\w-]+) \}\}", text)
        assert found or "${{" not in text, f"{name}: not one input: {text}"
        wanted[name] = values[_dashed(found[1])] if found else text
    return wanted


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"-\1", name).lower()


def github(**inputs: str) -> Recipe:
    action = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))
    (step,) = (step for step in action["runs"]["steps"] if step.get("id") == "audit")
    defaults = {name: _text(one["default"]) for name, one in action["inputs"].items()}
    return Recipe(step["run"], _given(step["env"], defaults, inputs))


def azure(**inputs: str) -> Recipe:
    template = yaml.safe_load(AZURE.read_text(encoding="utf-8"))
    (step,) = (step for step in template["steps"] if step.get("displayName") == "Audit")
    defaults = {_dashed(one["name"]): _text(one.get("default")) for one in template["parameters"]}
    return Recipe(step["inputs"]["inlineScript"], _given(step["env"], defaults, inputs))


def gitlab(**inputs: str) -> Recipe:
    """Return the job as GitLab makes it: it puts the inputs into the text, lists as JSON, and reads that as YAML.

    A list is given here as its lines. Raises `ValueError` for an input that GitLab refuses.
    """
    head, text = GITLAB.read_text(encoding="utf-8").split("\n---\n")
    told = yaml.safe_load(head)["spec"]["inputs"]
    values = {name: one.get("default") for name, one in told.items()}
    for key, value in inputs.items():
        name = key.replace("_", "-")
        values[name] = [line for line in value.splitlines() if line] if told[name].get("type") == "array" else value
    for name, value in values.items():
        one = told[name]
        if ("regex" in one and not re.search(one["regex"].replace("$", r"\Z"), value)) or (
            "options" in one and value not in one["options"]
        ):
            raise ValueError(f"`{name}` does not match")
        written = value if isinstance(value, str) else json.dumps(value)
        text = text.replace(f"$[[ inputs.{name} ]]", written)
    assert "$[[" not in text
    (job,) = yaml.safe_load(text).values()
    (script,) = job["script"]
    variables = {name: one if isinstance(one, str) else one["value"] for name, one in job["variables"].items()}
    return Recipe(script, variables)


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
