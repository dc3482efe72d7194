"""The check that every pinned package has a wheel on every platform migaudit supports: `make wheels`.

It reads lists of files from the package index and installs nothing. Its table is in
docs/decisions/0006-dependencies.md.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.pins import pins

TOP = Path(__file__).resolve().parent.parent
LOCK = TOP / "requirements" / "runtime.txt"

PLATFORMS = {
    "Windows, x64": "x86_64-pc-windows-msvc",
    "macOS 13, Apple silicon": "aarch64-apple-darwin",
    "macOS 13, Intel": "x86_64-apple-darwin",
    "Linux, glibc 2.28, x64": "x86_64-manylinux_2_28",
    "Linux, glibc 2.28, arm64": "aarch64-manylinux_2_28",
    "Linux, musl, x64": "x86_64-unknown-linux-musl",
}
"""The platforms: the name that is printed, and the name that uv uses."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def has_wheels(lock: Path, platform: str, python: str) -> bool:
    """Return whether all pins of a lock have a wheel for a platform and a Python."""
    command = ["uv", "pip", "compile", "--quiet", "--no-config", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-platform", platform, "--python-version", python, str(lock)]
    ended = subprocess.run([sys.executable, "-m", *command], capture_output=True, encoding="utf-8", check=False)
    if ended.returncode != 0 and not re.search(r" has no (usable )?wheels ", ended.stderr):
        raise SystemExit(ended.stderr)
    return ended.returncode == 0


def lacking(platform: str, python: str) -> list[str]:
    """Return the names of the pinned packages without a wheel."""
    if has_wheels(LOCK, platform, python):
        return []
    with TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"
        without = []
        for pin in pins(LOCK):
            one.write_text(f"{pin}\n", encoding="utf-8")
            if not has_wheels(one, platform, python):
                without.append(pin.name)
    return without


def main() -> int:
    """Print the answers as a table in Markdown. Return 1 if a wheel is missing."""
    found = {(platform, python): lacking(PLATFORMS[platform], python) for platform in PLATFORMS for python in PYTHONS}
    print("|", " | ".join(["every pinned package has a wheel for", *PYTHONS]), "|")
    print("|---" * (1 + len(PYTHONS)), "|", sep="")
    for platform in PLATFORMS:
        cells = [", ".join(found[platform, python]) or "yes" for python in PYTHONS]
        print("|", " | ".join([platform, *(cell if cell == "yes" else f"not {cell}" for cell in cells)]), "|")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
