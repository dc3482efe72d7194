"""The container file, carried out without an engine: in a mount namespace of its own, where its paths are real."""

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from dockerfile_parse import DockerfileParser

TOP = Path(__file__).resolve().parents[2]
FILE = TOP / "Containerfile"
SYSTEM = Path("/usr/bin/python3")


@dataclass
class Stage:
    """One stage: its steps as shell text, and what the last one says about running it."""

    name: str
    steps: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    entry: str = ""


def instructions() -> Iterator[tuple[str, str]]:
    """Yield each instruction with its value; the text of a value is not expanded."""
    parser = DockerfileParser(fileobj=BytesIO(FILE.read_bytes()), env_replace=False)
    for one in parser.structure:
        if one["instruction"] != "COMMENT":
            yield one["instruction"], one["value"]


def stages() -> list[Stage]:
    """Return the stages; each step is shell text that finds the context in `$CONTEXT`, other stages in `$ROOT/NAME`."""
    found: list[Stage] = []
    for instruction, value in instructions():
        if instruction == "FROM":
            found.append(Stage(value.partition(" AS ")[2] or "last"))
        elif instruction != "ARG":
            _add(found[-1], instruction, value)
    return found


def _add(stage: Stage, instruction: str, value: str) -> None:
    match instruction:
        case "RUN":
            stage.steps.append(value)
        case "COPY":
            stage.steps.append(_copy(value.split()))
        case "ENV":
            stage.variables |= dict(word.split("=", 1) for word in shlex.split(value))
        case "WORKDIR":
            stage.folder = value
        case "USER":
            stage.user = value
        case "ENTRYPOINT":
            stage.entry = value
        case "CMD":
            pass
        case _:
            raise AssertionError(f"not known here: {instruction}")


def _copy(words: list[str]) -> str:
    stage = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), "")
    *given, target = (word for word in words if not word.startswith("--"))
    if stage:
        (one,) = given
        return f'mkdir -p "$(dirname {target})" && cp -a "$ROOT/{stage}{one}" {target}'
    return f"mkdir -p {target} && cp {' '.join(f'$CONTEXT/{one}' for one in given)} {target}"


def may_mount() -> bool:
    """Whether the steps can be carried out: by root, with a Python of the system, in a namespace of their own."""
    if not SYSTEM.exists() or not all(shutil.which(tool) for tool in ("unshare", "setpriv", "mount")):
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
