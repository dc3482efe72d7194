"""The set-up of this repository's virtual environments from their lock files: `python -m scripts.environment run`.

A lock is installed as it stands and never resolved (docs/decisions/0009-lock-files.md). Three steps:

- create: make an empty environment with the pip that comes with this Python, which then installs the pinned pip;
- download: fetch every pinned wheel and check its hash;
- install: install those wheels, from that folder alone, then the project, and run `pip check`.

The network is used only before anything is installed: a failed download leaves the environment unchanged, and the
next run continues with the files that have arrived. An installation that does not finish leaves a mark, and the next
run starts from an empty environment. The output of pip and venv goes to a log.

This module runs on a Python without any packages, so it imports the standard library only.
"""

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from scripts.environment_failures import SetUpFailed, explained

TOP = Path(__file__).resolve().parent.parent
REQUIREMENTS = TOP / "requirements"

PIP = ("-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
AS_LOCKED = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--progress-bar", "off")
INTO = ("--no-index", "--no-user", "--no-compile", "--no-warn-script-location", "--root-user-action", "ignore")

REACHING_AN_INDEX = frozenset(
    f"PIP_{name}"
    for name in (
        *("CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL", "FIND_LINKS"),
        *("INDEX_URL", "KEYRING_PROVIDER", "NO_CACHE_DIR", "NO_INDEX", "PROXY", "RETRIES", "TIMEOUT", "TRUSTED_HOST"),
    )
)
"""The pip settings that are taken from the machine; those that change what is installed, or where, are not."""


@dataclass(frozen=True)
class Layer:
    """The part of an environment that one target of the Makefile needs.

    `locks` are the lock files to install. The wheels of the lock files in `kept` are put into the environment's folder
    `wheels` without being installed. `below` is the layer that must be installed first, in the same folder.
    """

    folder: str
    title: str
    locks: tuple[str, ...]
    kept: tuple[str, ...] = ()
    project: bool = False
    below: str | None = None

    def digest(self) -> str:
        """Return a digest of the locks and the project's needs; if it changes, the layer must be installed again."""
        texts = [(REQUIREMENTS / lock).read_text(encoding="utf-8") for lock in (INSTALLER, *self.locks, *self.kept)]
        if self.project:
            texts.append(_project_needs())
        return sha256("\0".join(texts).encode()).hexdigest()


LAYERS = {
    "run": Layer(".venv", "what migaudit runs on", ("runtime.txt", "build.txt"), project=True),
    "dev": Layer(".venv", "the developers' tools", ("dev.txt",), kept=("pip.txt", "old-pip.txt"), below="run"),
    "pins": Layer(".venv-pins", "what renews the pins", ("pins.txt",)),
    "audit": Layer(".venv-audit", "what looks vulnerabilities up", ("audit.txt",)),
    "azure-cli": Layer(".venv-az", "the Azure CLI", ("azure-cli.txt",)),
}
INSTALLER = "pip.txt"
"""The lock that is installed first: the pip that installs the others, the same version on every machine."""


class Environment:
    """A virtual environment, with a record of the layers that were installed completely."""

    def __init__(self, folder: Path) -> None:
        """Use this folder, which need not exist yet."""
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.log = folder / "set-up.log"
        self._downloads = folder / ".downloads"
        self._unfinished = folder / ".unfinished"
        self._record = folder / ".ready.json"
        self._held: tuple[int, ...] = ()

    def layers(self) -> dict[str, str]:
        """Return the digest of each layer that is installed here.

        Raises `ValueError`, `KeyError` or `TypeError` if the record is damaged or no longer true.
        """
        if not self._record.exists():
            return {}
        record = json.loads(self._record.read_text(encoding="utf-8"))
        if record["folder"] != str(self.folder):
            raise ValueError(f"it was made as {record['folder']}")
        if record["python"] != _identity(self.python):
            raise ValueError(f"it was made by Python {record['python']}")
        return dict(record["layers"])

    def fault(self, python: Path | None) -> str | None:
        """Return why the environment must be recreated, or None; `python` is the interpreter that was asked for."""
        if not self.log.exists():
            return "it is not there yet"
        if self._unfinished.exists():
            return "its last set-up did not end"
        if _identity(self.python) is None:
            return "its Python does not run any more"
        try:
            layers = self.layers()
        except (ValueError, KeyError, TypeError) as wrong:
            return f"its record is not valid: {wrong}"
        if python is not None and _identity(python) != _identity(self.python):
            return "another Python was asked for"
        if any(name not in LAYERS or LAYERS[name].digest() != digest for name, digest in layers.items()):
            return "what it is made from has changed"
        return None

    def create(self) -> None:
        """Replace the contents of the folder, except downloads, with an empty environment.

        Raises `SetUpFailed`, also if the environment was made in another way: it may hold somebody's own files.
        """
        made_here = (self.log, self._unfinished, self.folder / ".ready")
        if any(self.folder.iterdir()) and not any(one.exists() for one in made_here):
            raise SetUpFailed(
                f"`{self.folder.name}` exists and is not one that make has made",
                f"move it away or remove it (`rm -r {self.folder.name}`), then run make again",
            )
        self._unfinished.touch()
        for child in set(self.folder.iterdir()) - {self._unfinished, self._downloads}:
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            else:
                child.unlink()
        self._run(_base_python(), "-m", "venv", str(self.folder))
        self._unfinished.unlink()

    def install(self, locks: tuple[Path, ...], project: Path | None = None) -> None:
        """Install lock files, then the project in editable mode. Raises `SetUpFailed`."""
        listed = [word for lock in locks for word in ("-r", str(lock))]
        self._pip("download", *AS_LOCKED, "--dest", str(self._downloads), *listed)
        self._unfinished.touch()
        alone = {"PIP_CONFIG_FILE": os.devnull}
        self._pip("install", *AS_LOCKED, *INTO, "--find-links", str(self._downloads), *listed, settings=alone)
        if project is not None:
            options = ("--no-deps", "--no-build-isolation", *INTO)
            self._pip("install", *options, "--editable", str(project), settings=alone)
        self._pip("check", settings=alone)
        self._unfinished.unlink()

    def keep(self, locks: tuple[Path, ...]) -> None:
        """Download the wheels of lock files into the folder `wheels`. Raises `SetUpFailed`."""
        for lock in locks:
            self._pip("download", *AS_LOCKED, "--dest", str(self.folder / "wheels"), "-r", str(lock))

    def finish(self, name: str, digest: str) -> None:
        """Record that a layer is installed."""
        record = {
            "folder": str(self.folder),
            "python": _identity(self.python),
            "layers": self.layers() | {name: digest},
        }
        written = self._record.with_suffix(".new")
        written.write_text(json.dumps(record), encoding="utf-8")
        written.replace(self._record)
        shutil.rmtree(self._downloads, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock the folder, creating it if necessary; wait while another run holds the lock."""
        if self.folder.is_symlink():
            raise SetUpFailed(
                f"`{self.folder.name}` is a symbolic link, in which no environment can be made",
                f"remove the link (`rm {self.folder.name}`), then run make again",
            )
        self.folder.mkdir(exist_ok=True)
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say(f"waiting for another make that is setting up {self.folder.name}")
                fcntl.flock(handle, fcntl.LOCK_EX)
            self._held = (handle,)
            yield
        finally:
            os.close(handle)

    def _pip(self, *arguments: str, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self._run(str(self.python), *PIP, *arguments, settings=settings)

    def _run(self, *command: str, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        """Run a command, with its output in the log. Raises `SetUpFailed` with the end of that output.

        The command inherits the lock on the folder, so that no other run begins if it outlives this process.
        """
        with self.log.open("a+", encoding="utf-8", errors="replace") as log:
            log.write(f"\n$ {' '.join(command)}\n")
            log.flush()
            begin = log.tell()
            ended = subprocess.run(
                command,
                env=environ(os.environ) | dict(settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self._held,
                check=False,
            )
            if ended.returncode != 0:
                log.seek(begin)
                raise explained(log.read(), self.log.relative_to(self.folder.parent))


def environ(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables for pip, without those that change what is installed, or where."""
    foreign = {"PYTHONPATH", "PYTHONHOME"}
    kept = {
        name: value
        for name, value in given.items()
        if name not in foreign and (name in REACHING_AN_INDEX or not name.startswith("PIP_"))
    }
    return kept | {"PIP_CONSTRAINT": os.devnull, "PIP_REQUIRE_HASHES": "0", "PIP_USER": "0"}


def _project_needs() -> str:
    """Return the parts of pyproject.toml that an installation of the project depends on."""
    try:
        declared = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise SetUpFailed("pyproject.toml cannot be read", f"mend it: {wrong}") from wrong
    keys = ("name", "requires-python", "dependencies", "optional-dependencies", "scripts")
    return json.dumps([declared["build-system"], *(declared["project"].get(key) for key in keys)])


def _base_python() -> str:
    """Return the interpreter that creates environments; it is not itself in one.

    In a shell in which `.venv` is active, the current interpreter disappears when `.venv` is recreated.
    """
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def _identity(python: Path) -> str | None:
    """Return the version of an interpreter and the folder of its installation; None if it does not run."""
    ask = "import sys; print(*sys.version_info[:2], sys.base_prefix)"
    try:
        ended = subprocess.run([str(python), "-I", "-c", ask], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def set_up(name: str, python: Path | None = None) -> None:
    """Install a layer, and the one below it, unless it is installed already. Raises `SetUpFailed` and `OSError`."""
    layer = LAYERS[name]
    environment = Environment(TOP / layer.folder)
    with environment.alone():
        _set_up(name, environment, python)


def _set_up(name: str, environment: Environment, python: Path | None) -> None:
    layer = LAYERS[name]
    if layer.below:
        _set_up(layer.below, environment, python)
    if fault := environment.fault(python):
        if environment.log.exists():
            _say(f"making {layer.folder} anew: {fault}")
        environment.create()
    if name in environment.layers():
        return
    _say(f"setting up {layer.folder}: {layer.title} (once, a minute or less)")
    locks, kept = (tuple(REQUIREMENTS / lock for lock in some) for some in (layer.locks, layer.kept))
    if layer.below is None:
        environment.install((REQUIREMENTS / INSTALLER,))
    environment.keep(kept)
    environment.install(locks, TOP if layer.project else None)
    environment.finish(name, layer.digest())


def main() -> int:
    """Set up one layer. Return 1 if that failed, after printing the cause and what to do, and 130 if interrupted."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    arguments.add_argument("layer", choices=LAYERS)
    arguments.add_argument(
        "--this-python", action="store_true", help="recreate the environment if it has another Python"
    )
    chosen = arguments.parse_args()
    try:
        set_up(chosen.layer, Path(sys.executable) if chosen.this_python else None)
    except (SetUpFailed, OSError) as failed:
        failure = failed if isinstance(failed, SetUpFailed) else explained(str(failed))
        _say(f"{LAYERS[chosen.layer].folder} could not be set up: {failure}")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; run make again and it continues")
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
