"""The picture of the screen after `scan --demo`, as it stands in a terminal with colours."""

import inspect
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path("images") / "scan-demo.svg"
"""The path of the picture below docs/."""
COLUMNS = 100
_COMMAND = ("scan", "--demo", "--fail-on", "never", "--quiet")
_FONT_FACES = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)


def pages() -> dict[Path, str]:
    """Return the picture by its path below docs/."""
    return {PICTURE: _picture()}


def _picture() -> str:
    """Return the screen as SVG; it names fonts, but fetches none."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(f"$ migaudit scan --demo\n{_screen()}"))
    frame = inspect.signature(Console.export_svg).parameters["code_format"].default
    frame = _FONT_FACES.sub("", frame).replace("Fira Code, monospace", "Fira Code, DejaVu Sans Mono, monospace")
    text = console.export_svg(title="migaudit", code_format=frame, unique_id="scan-demo")
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _screen() -> str:
    plain = {"COLUMNS": str(COLUMNS), "LINES": "70", "FORCE_COLOR": "1", "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | plain
    migaudit = Path(sys.executable).with_name("migaudit")
    run = subprocess.run([migaudit, *_COMMAND], env=environment, capture_output=True, encoding="utf-8", check=True)
    return run.stdout
