"""Pictures of the workbook of a scan, opened in LibreOffice Calc; `make docs` takes them before it builds the site.

They are taken only if the workbook has changed and the programs are installed: LibreOffice Calc, an X server without a
screen (`Xvfb`), `xdotool`, and `import` of ImageMagick. Otherwise the stored pictures stay.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from auditor.cli.environment.demo import CAST

TOP = Path(__file__).resolve().parent.parent
IMAGES = TOP / "docs" / "images"
MADE_FROM = IMAGES / "workbook-made-from.sha256"
PROGRAMS = ("soffice", "Xvfb", "xdotool", "import")
SHEETS = {"workbook-findings": 1, "workbook-left-overs": 3}
"""The names of the pictures, each with the number of its sheet, from 0."""
_SCREEN = "1500x760x24"
_PATIENCE = 90
"""Seconds that the program has for opening the workbook."""
_SETTLED = 3
"""Seconds after which it has drawn what it shows."""


def missing_programs() -> list[str]:
    """Return the names of the programs that are needed and not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _program(name: str) -> str:
    return shutil.which(name) or name


def write_workbook(path: Path) -> None:
    """Write the workbook of the embedded environment to `path`."""
    accounts = [word for account in CAST for word in ("--account", account)]
    about = ["--snapshot", "fixtures/contoso.yaml", "--quiet", "--fail-on", "never", *accounts]
    command = [sys.executable, "-m", "auditor.cli.main", "scan", *about, "--format", f"xlsx={path}"]
    subprocess.run(command, cwd=TOP, check=True)


def fingerprint(workbook: Path) -> str:
    """Return a digest of what is in the sheets and of this module; if it has changed, the pictures are old."""
    with ZipFile(workbook) as held:
        sheets = [held.read(name) for name in sorted(held.namelist()) if not name.startswith("docProps/")]
    return sha256(b"".join((*sheets, Path(__file__).read_bytes()))).hexdigest()


def take(workbook: Path) -> None:
    """Open the workbook and store a picture of each of `SHEETS`; raises `SystemExit` if it does not open."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, _screen() as display:
        environment = os.environ | {"DISPLAY": display, "HOME": folder}
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        options = ["--nologo", "--norestore", "--nofirststartwizard", "--nolockcheck", "--calc"]
        quiet = subprocess.DEVNULL
        office = subprocess.Popen(
            [_program("soffice"), profile, *options, str(workbook)], env=environment, stderr=quiet
        )
        try:
            _wait_for(workbook.name, environment)
            at = 0
            for name, number in SHEETS.items():
                for _ in range(number - at):
                    subprocess.run([_program("xdotool"), "key", "ctrl+Next"], env=environment, check=True)
                    time.sleep(_SETTLED)
                at, kept = number, IMAGES / f"{name}.png"
                subprocess.run([_program("import"), "-window", "root", str(kept)], env=environment, check=True)
                if quant := shutil.which("pngquant"):
                    subprocess.run([quant, "--force", "--ext", ".png", "--strip", "64", str(kept)], check=True)
        finally:
            office.terminate()
            office.wait(timeout=_PATIENCE)


@contextmanager
def _screen() -> Iterator[str]:
    """Yield the name of a display without a screen, which ends with the block."""
    reader, writer = os.pipe()
    options = ["-displayfd", str(writer), "-screen", "0", _SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen([_program("Xvfb"), *options], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(title: str, environment: dict[str, str]) -> None:
    """Return when a window whose title begins with `title` has been drawn."""
    until = time.monotonic() + _PATIENCE
    search = [_program("xdotool"), "search", "--onlyvisible", "--name", f"^{title}"]
    while subprocess.run(search, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
        if time.monotonic() > until:
            raise SystemExit(f"LibreOffice did not open the workbook within {_PATIENCE} seconds")
        time.sleep(0.5)
    time.sleep(2 * _SETTLED)


def main() -> int:
    """Take the pictures again if they no longer show the current workbook."""
    with TemporaryDirectory() as folder:
        workbook = Path(folder) / "migrate.xlsx"
        write_workbook(workbook)
        current = fingerprint(workbook)
        if MADE_FROM.exists() and MADE_FROM.read_text(encoding="utf-8").strip() == current:
            return 0
        if missing := missing_programs():
            print(f"the pictures of the workbook are older than it, and {', '.join(missing)} is missing to take them")
            return 0
        take(workbook)
    MADE_FROM.write_text(f"{current}\n", encoding="utf-8")
    print("took the pictures of the workbook again")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
