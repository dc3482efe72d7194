"""Renews the pins: resolves the requirements anew into lock files: `python -m scripts.pins`.

`--keep` leaves the versions that are pinned already, for a change of the requirements alone.
A lock holds nothing but pins and hashes: no address of an index, no path of some machine.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parent.parent
PROJECT = "pyproject.toml"


@dataclass(frozen=True)
class Source:
    """What a lock is resolved from, as file names: the project or a list, which stands beside the lock.

    `below` are the locks that are installed into the same environment before this one, which takes their versions and
    does not pin again what they pin.
    """

    inputs: tuple[str, ...]
    below: tuple[str, ...] = ()


SOURCES = {
    "pip.txt": Source(("pip.in",)),
    "runtime.txt": Source((PROJECT,)),
    "build.txt": Source(("build.in",), below=("runtime.txt",)),
    "dev.txt": Source((PROJECT, "dev.in"), below=("pip.txt", "runtime.txt", "build.txt")),
    "old-pip.txt": Source(("old-pip.in",)),
    "azure-cli.txt": Source(("azure-cli.in",)),
}
DEVELOPED_IN = ("pip.txt", "runtime.txt", "build.txt", "dev.txt")
"""The locks of the environment in which the project is developed, and this module runs."""
WITH_EXTRAS = "dev.txt"
"""The lock that holds what the project's optional extras need."""

_PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[A-Za-z0-9.!+_-]+)(?P<marker> ; [^\\]+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def resolve(folder: Path, lock: str, *options: str) -> None:
    """Write one lock for every Python from 3.11 on and every platform, with hashes, naming no index."""
    source = SOURCES[lock]
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-config", "--no-header", "--no-annotate", "--output-file", lock, *options]
    command += [word for other in source.below for word in ("--constraints", other)]
    command += ["--all-extras"] if lock == WITH_EXTRAS else []
    inputs = [f"../{PROJECT}" if one == PROJECT else one for one in source.inputs]
    subprocess.run([sys.executable, "-m", *command, *inputs], cwd=folder, check=True)
    pinned_below = {block for other in source.below for block in _blocks(folder / other)}
    own = [block for block in _blocks(folder / lock) if block not in pinned_below]
    (folder / lock).write_text("".join(own), encoding="utf-8")


def _blocks(lock: Path) -> list[str]:
    """Return the pins of a lock as text, each with its hashes."""
    return re.findall(r"^\S.*\n(?:[ \t].*\n)*", lock.read_text(encoding="utf-8"), re.MULTILINE)


def pins(lock: Path) -> list[Requirement]:
    """Return the pins of a lock, one for each version and marker."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [Requirement(line.removesuffix("\\")) for line in lines if _PIN.fullmatch(line)]


def asked(folder: Path, lock: str) -> list[Requirement]:
    """Return what the inputs of a lock ask for."""
    project = tomllib.loads((folder.parent / PROJECT).read_text(encoding="utf-8"))["project"]
    texts: list[str] = []
    for one in SOURCES[lock].inputs:
        if one != PROJECT:
            lines = (folder / one).read_text(encoding="utf-8").splitlines()
            texts += [line for line in lines if line and not line.startswith("#")]
            continue
        texts += project["dependencies"]
        if lock == WITH_EXTRAS:
            texts += [text for some in project["optional-dependencies"].values() for text in some]
    return [Requirement(text) for text in texts]


def faults(folder: Path) -> list[str]:
    """Return what is wrong with the locks in a folder, a line each; what they are made from stands beside them."""
    found = [fault for lock in SOURCES for fault in _foreign_lines(folder / lock)]
    found += [fault for lock in SOURCES for fault in _unmet(folder, lock)]
    return found + _unasked(folder)


def _foreign_lines(lock: Path) -> list[str]:
    return [
        f"requirements/{lock.name}:{number}: neither a pin nor a hash: {line}"
        for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1)
        if not (_PIN.fullmatch(line) or _HASH.fullmatch(line))
    ]


def _unmet(folder: Path, lock: str) -> list[str]:
    """Return where a lock disagrees with what it was made from, or with the locks below it."""
    below = [pin for other in SOURCES[lock].below for pin in pins(folder / other)]
    own = pins(folder / lock)
    twice = [
        f"requirements/{lock}: {pin} is pinned here, {other} in a lock that is installed before"
        for pin in own
        for other in below
        if pin.name == other.name and pin.specifier != other.specifier
    ]
    held = [*below, *own]
    candidates = [
        (one, [pin for pin in held if pin.name == canonicalize_name(one.name)]) for one in asked(folder, lock)
    ]
    return twice + [
        f"requirements/{lock}: {one} is asked for, pinned is {' and '.join(map(str, there)) or 'nothing'}; `make pins`"
        for one, there in candidates
        if not any(_meets(pin, one) for pin in there)
    ]


def _unasked(folder: Path) -> list[str]:
    """Return the pins that nothing asks for any more, by what the installed packages say they need."""
    needed: set[tuple[str, str]] = set()
    for lock in DEVELOPED_IN:
        for one in asked(folder, lock):
            _need(one, needed)
    names = {name for name, _ in needed}
    return [
        f"requirements/{lock}: {pin.name} is pinned, and nothing asks for it; `make pins`"
        for lock in DEVELOPED_IN
        for pin in pins(folder / lock)
        if pin.name not in names and (pin.marker is None or pin.marker.evaluate())
    ]


def _need(one: Requirement, needed: set[tuple[str, str]]) -> None:
    """Add a requirement with all that it needs in turn; each is a name with an extra, or with none."""
    name = canonicalize_name(one.name)
    for extra in {"", *one.extras}:
        if (name, extra) in needed:
            continue
        needed.add((name, extra))
        for text in requires(name) or ():
            further = Requirement(text)
            if further.marker is None or further.marker.evaluate({"extra": extra}):
                _need(further, needed)


def _meets(pin: Requirement, one: Requirement) -> bool:
    """Whether a pin is of a version that is asked for."""
    return all(one.specifier.contains(exact.version, prereleases=True) for exact in pin.specifier)


def main(options: Iterable[str]) -> int:
    """Write every lock; 1 where one of them is not as it should be."""
    for lock in SOURCES:
        resolve(TOP / "requirements", lock, *([] if "--keep" in options else ["--upgrade"]))
    # What the installed packages need is not asked here: these are the versions of before.
    found = [fault for lock in SOURCES for fault in _foreign_lines(TOP / "requirements" / lock)]
    print(*found, sep="\n", end="")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
