"""Ctrl-C and SIGTERM end work that would never end by itself, and keep what was read."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cli.environment.interruptible import run_interruptible
from auditor.cli.exit_codes import ExitCode

ORDERLY = "await asyncio.Event().wait()"
STUBBORN = """
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.Event().wait()
"""
IN_A_THREAD = "await asyncio.to_thread(threading.Event().wait)"
TURNED_INTO_AN_ERROR = """
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError as stopped:
        raise OSError("connection lost") from stopped
"""
AMID_WORK = """
    while True:
        await asyncio.sleep(0)
"""

PROGRAM = """
import asyncio, sys, threading
from auditor.cli.environment.interruptible import run_interruptible

async def work():
    print("ready", flush=True)
    {waiting}

try:
    run_interruptible(work, lambda: print("kept", flush=True))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(
    "waiting",
    [ORDERLY, IN_A_THREAD, TURNED_INTO_AN_ERROR, STUBBORN, AMID_WORK],
    ids=["orderly", "thread", "error", "stubborn", "working"],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_process_and_keeps_what_it_has(waiting: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(waiting=waiting.strip())], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        rest, _ = process.communicate(timeout=120)
    assert process.returncode == ExitCode.INTERRUPTED
    assert rest == "kept\n"


LOST = """
import os, sys, weakref
from auditor.cli.environment.interruptible import run_interruptible
from auditor.cli.interrupts import record_interrupts

class Module:
    pass

async def work():
    print("begun", flush=True)

record_interrupts()
module = Module()
dying = weakref.ref(module, lambda _: os.kill(os.getpid(), {number}))
del module
print("loaded", flush=True)
try:
    run_interruptible(work, lambda: None)
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_ctrl_c_that_python_loses_while_it_loads_is_obeyed_before_the_work_begins() -> None:
    program = LOST.format(number=int(signal.SIGINT))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert "Exception ignored" in done.stderr
    assert (done.returncode, done.stdout) == (ExitCode.INTERRUPTED, "loaded\n")


SAVING = """
import os, sys
from auditor.cli.interrupts import undisturbed

try:
    with undisturbed():
        for _ in range({signals}):
            os.kill(os.getpid(), {number})
        print("saved", flush=True)
    print("never", flush=True)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(("signals", "told"), [(1, "saved\n"), (2, "")])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_must_not_be_lost_is_done_first_unless_told_twice(signals: int, told: str, number: signal.Signals) -> None:
    program = SAVING.format(signals=signals, number=int(number))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (ExitCode.INTERRUPTED, told)


def test_what_the_work_returns_or_raises_comes_through() -> None:
    async def fine() -> int:
        return 7

    async def broken() -> int:
        raise ValueError("no")

    before = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
    assert run_interruptible(fine, lambda: None) == 7
    with pytest.raises(ValueError, match="no"):
        run_interruptible(broken, lambda: None)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


CLOSING_SLOWLY = """
import asyncio, time
from pathlib import Path
from auditor.cli.environment.interruptible import removed_in_any_case, run_interruptible

async def work():
    print("ready", flush=True)
    await asyncio.sleep(60)

folder = Path({folder!r})
with removed_in_any_case(folder):
    try:
        run_interruptible(work, lambda: None)
    finally:
        time.sleep(60)
"""


def test_a_process_that_must_end_leaves_no_folder_with_keys_behind(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "ca.key").touch()
    program = CLOSING_SLOWLY.format(folder=str(folder))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=50)
    assert process.returncode == ExitCode.INTERRUPTED
    assert not folder.exists()


@pytest.mark.parametrize(("inherited", "interrupts"), [("SIG_DFL", True), ("SIG_IGN", False)])
def test_a_terminal_that_is_closed_interrupts_unless_nohup_ignores_it(inherited: str, interrupts: bool) -> None:
    told = (
        f"import signal; signal.signal(signal.SIGHUP, signal.{inherited}); "
        "from auditor.cli.interrupts import INTERRUPTS; print(signal.SIGHUP in INTERRUPTS)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == f"{interrupts}\n"
