"""Resolves the requirements anew into fully pinned, hashed files: `python -m scripts.pins`.

Every line must be a pin or a hash: no address of an index, no path of some machine.
"""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PINS = TOP / "requirements"

# Each pin file and what it is resolved from. dev.txt holds runtime.txt's very versions.
SOURCES: dict[str, tuple[str, ...]] = {
    "runtime.txt": ("pyproject.toml",),
    "dev.txt": ("pyproject.toml", "requirements/dev.in", "--constraints", "requirements/runtime.txt"),
    "azure-cli.txt": ("requirements/azure-cli.in",),
}

_PIN = re.compile(r"[a-z0-9][a-z0-9-]*==[A-Za-z0-9.!+_-]+( ; [^\\]+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def resolve(target: str) -> None:
    """Write one pin file: every Python from 3.11 on, every platform, with hashes, naming no index."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-config", "--no-header", "--no-annotate", "--output-file", f"requirements/{target}"]
    subprocess.run([sys.executable, "-m", *command, *SOURCES[target], *sys.argv[1:]], cwd=TOP, check=True)


def faults(target: str) -> list[str]:
    """What is wrong with a pin file, one line each, with its line number."""
    lines = (PINS / target).read_text(encoding="utf-8").splitlines()
    return [
        f"requirements/{target}:{number}: neither a pin nor a hash: {line}"
        for number, line in enumerate(lines, start=1)
        if not (_PIN.fullmatch(line) or _HASH.fullmatch(line))
    ]


def all_faults() -> list[str]:
    """What is wrong with any of the pin files."""
    return [fault for target in SOURCES for fault in faults(target)]


if __name__ == "__main__":
    for file in SOURCES:
        resolve(file)
    raise SystemExit("\n".join(all_faults()) or 0)
