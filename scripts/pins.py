"""The resolution of the requirements into lock files: `make pins`; `make lock` keeps the versions already pinned.

A lock contains pins and hashes only: no address of an index and no path of a machine.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parent.parent
PROJECT = "pyproject.toml"


@dataclass(frozen=True)
class Source:
    """The inputs of a lock, as file names: the project file, or a list in the folder of the lock.

    `below` are the locks that are installed into the same environment first. This lock uses their versions and does
    not repeat their pins.
    """

    inputs: tuple[str, ...]
    below: tuple[str, ...] = ()


SOURCES = {
    "pip.txt": Source(("pip.in",)),
    "pins.txt": Source(("pins.in",)),
    "runtime.txt": Source((PROJECT,)),
    "build.txt": Source(("build.in",), below=("runtime.txt",)),
    "dev.txt": Source((PROJECT, "dev.in"), below=("pip.txt", "runtime.txt", "build.txt")),
    "old-pip.txt": Source(("old-pip.in",)),
    "azure-cli.txt": Source(("azure-cli.in",)),
    "audit.txt": Source(("audit.in",)),
}
DEVELOPED_IN = ("pip.txt", "runtime.txt", "build.txt", "dev.txt")
"""The locks of the environment in which the project is developed and this module runs."""
WITH_EXTRAS = "dev.txt"
"""The lock with the dependencies of the project's optional extras."""
WITH_BUILD_SYSTEM = "build.txt"
"""The lock with the requirements of the project's `[build-system]`."""

PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "x86_64", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64", "os_name": "nt"},
)
"""The platforms that the pins must cover, as environment markers name them."""

_PIN = re.compile(r"[a-z0-9][a-z0-9-]*==[A-Za-z0-9.!+_-]+( ; [^\\]+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def resolve(folder: Path, lock: str, *options: str) -> None:
    """Write one lock for every platform and every Python from 3.11 on, with hashes and without an index."""
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
    """Return the requirements in the inputs of a lock."""
    declared = tomllib.loads((folder.parent / PROJECT).read_text(encoding="utf-8"))
    texts: list[str] = []
    for one in SOURCES[lock].inputs:
        if one == PROJECT:
            texts += declared["project"]["dependencies"]
        else:
            lines = (folder / one).read_text(encoding="utf-8").splitlines()
            texts += [text for line in lines if (text := line.partition("#")[0].strip())]
    if lock == WITH_EXTRAS:
        texts += [text for some in declared["project"]["optional-dependencies"].values() for text in some]
    if lock == WITH_BUILD_SYSTEM:
        texts += declared["build-system"]["requires"]
    return [Requirement(text) for text in texts]


def faults(folder: Path) -> list[str]:
    """Return the faults of the locks in a folder, one line per fault; their inputs are in the same folder."""
    return [*(fault for lock in SOURCES for fault in faults_of(folder, lock)), *_unasked(folder)]


def faults_of(folder: Path, lock: str) -> list[str]:
    """Return the faults of one lock: foreign lines, pins without a hash, requirements that the pins do not meet."""
    return [*_foreign_lines(folder / lock), *_unhashed(folder / lock), *_unmet(folder, lock)]


def _foreign_lines(lock: Path) -> list[str]:
    return [
        f"requirements/{lock.name}:{number}: neither a pin nor a hash: {line}"
        for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1)
        if not (_PIN.fullmatch(line) or _HASH.fullmatch(line))
    ]


def _unhashed(lock: Path) -> list[str]:
    blocks = [block.splitlines() for block in _blocks(lock)]
    return [
        f"requirements/{lock.name}: no hash: {pin}" for pin, *hashes in blocks if _PIN.fullmatch(pin) and not hashes
    ]


def _unmet(folder: Path, lock: str) -> list[str]:
    """Return the requirements that a lock and those below it do not meet on some platform, and conflicting pins."""
    held = [pin for one in (*SOURCES[lock].below, lock) for pin in pins(folder / one)]
    found = []
    for platform in PLATFORMS:
        here = [pin for pin in held if _applies(pin, platform)]
        for one in asked(folder, lock):
            there = [pin for pin in here if pin.name == canonicalize_name(one.name)]
            if _applies(one, platform) and not (there and all(_meets(pin, one) for pin in there)):
                pinned = " and ".join(map(str, there)) or "nothing"
                found.append(f"requirements/{lock}: {one} is asked for, pinned is {pinned}; `make lock`")
        versions = defaultdict(set)
        for pin in here:
            versions[pin.name].add(str(pin.specifier))
        found += [
            f"requirements/{lock}: {name} is pinned at {' and at '.join(sorted(some))}; `make lock`"
            for name, some in versions.items()
            if len(some) > 1
        ]
    return list(dict.fromkeys(found))


def _applies(one: Requirement, platform: Mapping[str, str]) -> bool:
    """Return whether a marker holds on a platform; variables that the platform leaves out have their value here."""
    return one.marker is None or one.marker.evaluate(dict(platform))


def _unasked(folder: Path) -> list[str]:
    """Return the pins that nothing asks for any more, according to the metadata of the installed packages."""
    needed: set[tuple[str, str]] = set()
    for lock in DEVELOPED_IN:
        for one in asked(folder, lock):
            _need(one, needed)
    names = {name for name, _ in needed}
    return [
        f"requirements/{lock}: {pin.name} is pinned, and nothing asks for it; `make lock`"
        for lock in DEVELOPED_IN
        for pin in pins(folder / lock)
        if pin.name not in names and _applies(pin, {})
    ]


def _need(one: Requirement, needed: set[tuple[str, str]]) -> None:
    """Add a requirement and its own requirements to `needed`, as pairs of a name and an extra, which may be empty."""
    name = canonicalize_name(one.name)
    for extra in {"", *one.extras}:
        if (name, extra) in needed:
            continue
        needed.add((name, extra))
        for text in _requires(name):
            further = Requirement(text)
            if _applies(further, {"extra": extra}):
                _need(further, needed)


def _requires(name: str) -> list[str]:
    """Return the requirements of a package; none if it is not installed, which `_unmet` reports."""
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def _meets(pin: Requirement, one: Requirement) -> bool:
    """Return whether the pinned version meets a requirement."""
    return all(one.specifier.contains(exact.version, prereleases=True) for exact in pin.specifier)


def main() -> int:
    """Write every lock. Return 1 if one of them has a fault."""
    arguments = argparse.ArgumentParser(description="Pins what pyproject.toml and the lists in requirements/ ask for.")
    arguments.add_argument("--keep", action="store_true", help="leave the versions that are pinned already")
    options = [] if arguments.parse_args().keep else ["--upgrade"]
    for lock in SOURCES:
        resolve(TOP / "requirements", lock, *options)
    # `faults` would also look for unused pins, which needs the project's packages; they are not installed here.
    found = [fault for lock in SOURCES for fault in faults_of(TOP / "requirements", lock)]
    print(*found, sep="\n", end="")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
