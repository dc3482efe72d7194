"""The session on the page about cleaning up: the real commands, one after the other, against an emulated Contoso.

Contoso is the embedded environment as it is. Its dates are moved to the current day before the session and back again
in its output, so that the page is the same on any day.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from auditor.data import demo_file
from auditor.emulator.moved_dates import moved
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load

_DAY_OF_THE_WORLD = date(2026, 11, 23)
_QUESTION = "type its name to delete it: "
_ISO_DATE = re.compile(r"(?<!api-version=)(?<!api-version )\d{4}-\d\d-\d\d")
_LONG_DATE = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")
_CLOCK = re.compile(r"(?<=\d{4}-\d\d-\d\d )\d\d:\d\d(?=\sUTC)|(?<=\d{4}-\d\d-\d\d at )\d\d:\d\d(?=\sUTC)")


@dataclass(frozen=True)
class Step:
    """One command of the session: its arguments, the typed answers, its exit code, the number of lines shown."""

    arguments: str
    typed: tuple[str, ...] = ()
    code: int = 0
    shown: int = 200


STEPS: Mapping[str, Step] = {
    "cleanup-scan": Step("scan --all --rule workspace-left-behind --fail-on never", shown=24),
    "cleanup-plan": Step("cleanup plan --all --output plan.json"),
    "cleanup-show": Step("cleanup show plan.json --verbose", shown=24),
    "cleanup-script": Step("cleanup script plan.json --shell bash"),
    "cleanup-dry-run": Step("cleanup apply plan.json --dry-run"),
    "cleanup-apply": Step("cleanup apply plan.json", typed=("Contoso-Wave0-WS", "contoso-pilot-oms")),
    "cleanup-again": Step("cleanup apply plan.json"),
    "cleanup-restore": Step("cleanup restore plan.json"),
}
"""The commands of the session in their order, by the name of their block on the page."""


def shown(name: str) -> str:
    """Return a step as a block of the page."""
    return _session()[name]


@cache
def _session() -> dict[str, str]:
    shift = datetime.now(UTC).date() - _DAY_OF_THE_WORLD
    with (
        running_in_thread(moved(load(demo_file()), shift)) as endpoints,
        tempfile.TemporaryDirectory() as folder,
    ):
        plain = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
        environment = {**os.environ, **endpoints.env, **plain}
        azure = {"MIGAUDIT_CLOUD": endpoints.arm, "MIGAUDIT_AUTH": "environment"}
        return {name: _block(step, _run(step, azure, environment, Path(folder)), shift) for name, step in STEPS.items()}


def _run(step: Step, azure: dict[str, str], environment: dict[str, str], folder: Path) -> str:
    """Return the output of a step on both streams, with the typed answers after the questions."""
    arguments = step.arguments.split()
    offline = arguments[1] in {"show", "script"}
    run = subprocess.run(
        [Path(sys.executable).with_name("migaudit"), *arguments],
        input="".join(f"{text}\n" for text in step.typed),
        env=environment if offline else {**environment, **azure},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if run.returncode != step.code:
        raise SystemExit(f"`migaudit {step.arguments}` ended with {run.returncode}: {run.stdout}")
    head, *answers = run.stdout.split(_QUESTION)
    told = zip(step.typed, answers, strict=True) if step.typed else ()
    return head + "".join(f"{_QUESTION}{typed}\n{after}" for typed, after in told)


def _block(step: Step, text: str, shift: timedelta) -> str:
    lines = [line.rstrip() for line in _on_the_day(text, shift).strip("\n").splitlines()]
    cut = [*lines[: step.shown], "…"] if len(lines) > step.shown else lines
    return "```console\n" + "\n".join([f"$ migaudit {step.arguments}", *cut]) + "\n```\n"


def _on_the_day(text: str, shift: timedelta) -> str:
    """Return a text with its dates moved back to the day of the snapshot."""
    text = _ISO_DATE.sub(lambda found: str(date.fromisoformat(found[0]) - shift), text)
    text = _LONG_DATE.sub(lambda found: _long(_day_of(found[0]) - shift), text)
    return _CLOCK.sub("10:00", text).replace("MigauditEmulator", "AzureCloud")


def _day_of(text: str) -> date:
    return datetime.strptime(text, "%d %B %Y").replace(tzinfo=UTC).date()


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
