"""Blocks of the documentation that hold what a command really prints.

A block stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`; NAME is a key of `COMMANDS`.
"""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

COMMANDS: dict[str, tuple[str, ...]] = {
    "demo": ("scan", "--demo", "--error", "60052", "--fail-on", "never"),
    "help": ("--help",),
    "scan-help": ("scan", "--help"),
    "preflight-help": ("preflight", "--help"),
    "can-help": ("can", "--help"),
    "who-can-help": ("who-can", "--help"),
    "explain-help": ("explain", "--help"),
    "rules-help": ("rules", "--help"),
    "snapshot-help": ("snapshot", "--help"),
    "permissions-help": ("permissions", "--help"),
    "emulate-help": ("emulate", "--help"),
    "permissions": ("permissions",),
}

_BLOCK = re.compile(r"(?P<begin><!-- (?P<name>[a-z-]+):begin -->\n).*?(?P<end><!-- (?P=name):end -->)", re.DOTALL)


def filled(text: str) -> str:
    """The text with every block holding what its command prints today."""
    return _BLOCK.sub(lambda block: block["begin"] + _shown(block["name"]) + block["end"], text)


@cache
def _shown(name: str) -> str:
    arguments = COMMANDS[name]
    return f"```console\n$ migaudit {' '.join(arguments)}\n{_printed(arguments)}\n```\n"


def _printed(arguments: tuple[str, ...]) -> str:
    """What the command prints on stdout, 100 columns wide and without colour."""
    plain = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
    migaudit = Path(sys.executable).with_name("migaudit")
    run = subprocess.run([migaudit, *arguments], env=plain, capture_output=True, encoding="utf-8", check=False)
    if run.returncode != 0:
        raise SystemExit(f"`migaudit {' '.join(arguments)}` ended with {run.returncode}: {run.stderr}")
    return "\n".join(line.rstrip() for line in run.stdout.strip("\n").splitlines())
