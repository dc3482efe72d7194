"""What it takes to install and to start: `make bench-install` measures, and writes `docs/footprint.md`.

The archives are built from this tree, and installed with the pinned versions into empty environments from a folder of
wheels, so that no network is in the figures. The commands are those of the environment without extras.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from auditor import __version__
from bench.measured import MEBIBYTE, Measured, measure
from bench.page import table
from scripts.dist import build

TOP = Path(__file__).resolve().parents[1]
PAGE = TOP / "docs" / "footprint.md"
LOCKS = ("runtime.txt", "build.txt", "dev.txt")
EXTRAS = ("xlsx", "ocsf", "fleet", "analysis")
LARGEST = 10
_SAME = 1.05
"""A peak of memory up to so many times the floor may be the floor."""
RUNS = 5
PIP = ("-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
_PIN = re.compile(r"^([A-Za-z0-9._-]+==[^\s;\\]+)( ; [^\\\n]*)?", re.MULTILINE)
_AS_INSTALLED = {"MIGAUDIT_FAIL_ON": "never", "PYTHONPATH": ""}
_OURS = "migaudit"
_TOOLS = frozenset({"pip", "setuptools"})
"""What `python -m venv` puts into every environment."""

_SIZES = """import importlib.metadata as m, json, sys
from pathlib import Path
top = Path(sys.prefix)
sizes = {}
for one in m.distributions():
    files = {Path(one.locate_file(f)).resolve() for f in one.files or ()}
    kept = [f.stat().st_size for f in files if f.is_file() and f.is_relative_to(top) and f.suffix != '.pyc']
    sizes[one.metadata['Name'].lower()] = (one.version, sum(kept))
compiled = sum(f.stat().st_size for f in top.rglob('*.pyc'))
print(json.dumps([sizes, compiled]))"""
"""Prints the size of each distribution's files in its environment, and that of all compiled modules, in bytes."""


class InstallFailed(Exception):
    """A step of the measurement failed; the text is what pip or the command said."""


Sizes = dict[str, tuple[str, int]]
"""The version and the bytes of each distribution in an environment, without compiled modules."""


@dataclass(frozen=True, slots=True)
class Installed:
    """One installation: how long creating the environment and pip took, what it holds, and its compiled modules."""

    created: Measured
    took: Measured
    sizes: Sizes
    compiled: int

    @property
    def packages(self) -> Sizes:
        """Return what is there besides the tools of every environment."""
        return {name: held for name, held in self.sizes.items() if name not in _TOOLS}


@dataclass(frozen=True, slots=True)
class Added:
    """An extra that was installed into that environment: how long it took, and the packages that came with it."""

    extra: str
    took: Measured
    sizes: Sizes


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run measured, and on what.

    `uncompiled` is the bytes of an environment, with pip, whose installation compiled nothing: before and after the
    first run of each command, which `first` measures. `floor` is the peak of memory that is measured for a program of
    next to nothing: Linux counts the memory of its parent, too.
    """

    command: str
    load: float
    archives: dict[str, int]
    downloads: int
    installed: Installed
    added: list[Added]
    uncompiled: tuple[int, int]
    first: dict[str, Measured]
    starts: dict[str, list[Measured]]
    floor: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the page; return 1 if a step failed, which leaves the page as it was."""
    parser = argparse.ArgumentParser(description="Measure installing and starting, and write the page.")
    parser.add_argument("--extras", nargs="*", choices=EXTRAS, default=list(EXTRAS))
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each command is started")
    parser.add_argument("--page", type=Path, default=PAGE, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    command = f"python -m bench.install_bench --runs {given.runs} --extras {' '.join(given.extras)}"
    try:
        with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as folder:
            figures = measured(command.rstrip(), given, Path(folder))
    except InstallFailed as failed:
        print(f"{failed}\nthe page stays as it was", file=sys.stderr)
        return 1
    given.page.write_text(page(figures), encoding="utf-8")
    return 0


def measured(command: str, given: argparse.Namespace, folder: Path) -> Figures:
    """Build, download, install and start everything. Raises `InstallFailed`."""
    load = os.getloadavg()[0]
    source, wheel = build(TOP, folder / "dist")
    wheels = _downloaded(wheel, given.extras, folder)
    own, plain = folder / "own", folder / "plain"
    created = _environment(own)
    took = _pip(own, "install", *_from(folder), str(wheel))
    sizes, compiled = _sizes(own)
    starts = {name: [_run(own, words, folder) for _ in range(given.runs)] for name, words in _commands(folder).items()}
    _environment(plain)
    _pip(plain, "install", "--no-compile", *_from(folder), str(wheel))
    before = _size(plain)
    first = {name: _run(plain, words, folder) for name, words in _commands(folder).items()}
    return Figures(
        command=command,
        load=load,
        archives={one.name: one.stat().st_size for one in (wheel, source)},
        downloads=sum(one.stat().st_size for one in wheels),
        installed=Installed(created, took, sizes, compiled),
        added=list(_added(wheel, given.extras, own, sizes, folder)),
        uncompiled=(before, _size(plain)),
        first=first,
        starts=starts,
        floor=measure(["true"]).peak,
    )


def _commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """The commands whose start is measured; what they write goes into the folder."""
    contoso = str(TOP / "fixtures" / "contoso.yaml")
    saved = str(folder / "contoso.jsonl.zst")
    return {
        "migaudit --version": ("--version",),
        "migaudit --help": ("--help",),
        "migaudit explain 60052": ("explain", "60052"),
        "migaudit rules list": ("rules", "list"),
        "migaudit snapshot convert contoso.yaml contoso.jsonl.zst": ("snapshot", "convert", contoso, saved),
        "migaudit scan --snapshot contoso.jsonl.zst": ("scan", "--snapshot", saved),
        "migaudit scan --demo": ("scan", "--demo"),
        "migaudit preflight --demo": ("preflight", "--demo"),
        "migaudit cleanup rehearse --yes": ("cleanup", "rehearse", "--yes"),
    }


def _downloaded(wheel: Path, extras: Sequence[str], folder: Path) -> list[Path]:
    """Fetch the pinned wheels for migaudit and the extras into the folder `wheels`; return those without an extra."""
    pins = [pin for lock in LOCKS for pin in _PIN.findall((TOP / "requirements" / lock).read_text(encoding="utf-8"))]
    (folder / "pins.txt").write_text("".join(f"{name}{marker}\n" for name, marker in pins), encoding="utf-8")
    _environment(folder / "fetch")
    into = ("download", "--quiet", "--only-binary", ":all:", "-c", str(folder / "pins.txt"), "--dest")
    _pip(folder / "fetch", *into, str(folder / "wheels"), str(wheel))
    plain = [one for one in (folder / "wheels").iterdir() if not one.name.startswith(_OURS)]
    if extras:
        _pip(folder / "fetch", *into, str(folder / "wheels"), f"{wheel}[{','.join(extras)}]")
    return plain


def _added(wheel: Path, extras: Sequence[str], environment: Path, sizes: Sizes, folder: Path) -> Iterator[Added]:
    """Install one extra after the other into an environment that holds `sizes`."""
    for extra in extras:
        took = _pip(environment, "install", *_from(folder), f"{wheel}[{extra}]")
        now, _ = _sizes(environment)
        yield Added(extra, took, {name: held for name, held in now.items() if name not in sizes})
        sizes = now


def _sizes(environment: Path) -> tuple[Sizes, int]:
    asked = [str(environment / "bin" / "python"), "-I", "-c", _SIZES]
    sizes, compiled = json.loads(subprocess.run(asked, capture_output=True, encoding="utf-8", check=True).stdout)
    return {name: (kept, size) for name, (kept, size) in sizes.items()}, compiled


def _from(folder: Path) -> tuple[str, ...]:
    return ("--quiet", "--no-index", "--find-links", str(folder / "wheels"), "-c", str(folder / "pins.txt"))


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(one.lstat().st_size for one in folder.rglob("*") if one.is_file() and not one.is_symlink())


def _environment(folder: Path) -> Measured:
    """Make an empty environment and return how long it took."""
    return _checked(measure([sys.executable, "-m", "venv", str(folder)]), "python -m venv failed")


def _pip(environment: Path, *arguments: str) -> Measured:
    said = environment / "pip.txt"
    command = [str(environment / "bin" / "python"), *PIP, *arguments]
    return _checked(measure(command, output=said), said.with_suffix(".err").read_text(encoding="utf-8"))


def _run(environment: Path, words: Sequence[str], folder: Path) -> Measured:
    said = folder / "said.txt"
    took = measure([str(environment / "bin" / "migaudit"), *words], output=said, env=_AS_INSTALLED)
    if took.status == 1 and words[0] == "preflight":
        return took  # the demo is about a no-go
    return _checked(took, said.with_suffix(".err").read_text(encoding="utf-8"))


def _checked(took: Measured, said: str) -> Measured:
    if took.status != 0:
        raise InstallFailed(said)
    return took


def page(figures: Figures) -> str:
    """Return the page as Markdown."""
    held = figures.installed
    largest = sorted(((size, f"{name} {kept}") for name, (kept, size) in held.packages.items()), reverse=True)
    parts = [
        "# Sizes and times of installing and starting",
        "`make bench-install` measures, and writes this page. Every figure on it is of one run of",
        f"```console\n{figures.command}\n```",
        _machine(figures),
        "## What is downloaded",
        _archives(figures),
        "## What is installed",
        _INSTALLED.format(
            created=_time(held.created),
            took=_time(held.took),
            count=len(held.packages),
            size=_mb(_total(held.packages)),
            compiled=_mb(held.compiled),
        ),
        _LARGEST.format(shown=len(largest[:LARGEST]), rest=_mb(sum(size for size, _ in largest[LARGEST:]))),
        table(("package", "size"), largest[:LARGEST], lambda row: (row[1], _mb(row[0]))),
        *([_EXTRAS, table(_EXTRAS_HEAD, figures.added, _added_row)] if figures.added else []),
        "## Starting",
        _STARTING.format(runs=len(next(iter(figures.starts.values())))),
        _UNCOMPILED.format(before=_mb(figures.uncompiled[0]), after=_mb(figures.uncompiled[1])),
        table(_START_HEAD, figures.starts.items(), lambda item: _start_row(*item, figures)),
    ]
    return "\n\n".join(parts) + "\n"


_INSTALLED = """- `python -m venv`: {created}
- pip, the wheel and the pinned wheels from a folder, so that no network is in it: {took}
- {count} packages with migaudit: {size}
- modules that pip compiles as it installs them: {compiled} more, and a part of its time; `make demo` and
  [the lines for Cloud Shell](cloud-shell.md) leave that to the first start"""
_LARGEST = "The {shown} largest packages; the others take {rest} together."
_EXTRAS = "[Extras](getting-started.md#install-it), installed one after the other into that environment:"
_EXTRAS_HEAD = ("extra", "time", "packages", "size", "the largest")
_STARTING = """The fastest of {runs} runs, which begin with everything compiled and in the memory of the system; and the
first run of each, one after the other, after an installation that compiled nothing. The commands with `--demo`, and
`rehearse`, start an emulated Azure, sign in to it, and read it over HTTPS."""
_UNCOMPILED = "That environment takes {before} with pip before these first runs, and {after} after them."
_START_HEAD = ("command", "time", "CPU", "memory", "first run")


def _machine(figures: Figures) -> str:
    load = f"The load of the machine was {figures.load:.1f} at the beginning"
    if figures.load > 1:
        load += ": other work ran beside it, so that times are longer than on a quiet machine"
    return (
        f"on {datetime.now(UTC):%Y-%m-%d} with migaudit {__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}.\n{load}."
    )


def _archives(figures: Figures) -> str:
    lines = [f"- `{name}`: {size / MEBIBYTE:.2f} MB" for name, size in figures.archives.items()]
    count = len(figures.installed.packages.keys() - {_OURS})
    return "\n".join([*lines, f"- {count} wheels of the packages that it needs: {_mb(figures.downloads)}"])


def _added_row(one: Added) -> tuple[str, ...]:
    name, (kept, _) = max(one.sizes.items(), key=lambda item: item[1][1])
    return f"`{one.extra}`", f"{one.took.wall:.1f} s", str(len(one.sizes)), _mb(_total(one.sizes)), f"{name} {kept}"


def _start_row(name: str, runs: list[Measured], figures: Figures) -> tuple[str, ...]:
    least = min(runs, key=lambda run: run.wall)
    memory = f"{'at most ' if least.peak <= figures.floor * _SAME else ''}{least.peak / MEBIBYTE:.0f} MB"
    return f"`{name}`", f"{least.wall:.2f} s", f"{least.cpu:.2f} s", memory, f"{figures.first[name].wall:.2f} s"


def _total(sizes: Sizes) -> int:
    return sum(size for _, size in sizes.values())


def _time(took: Measured) -> str:
    return f"{took.wall:.1f} s, {took.cpu:.1f} s of CPU"


def _mb(size: float) -> str:
    return f"{size / MEBIBYTE:.1f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
