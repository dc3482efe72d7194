"""The engine of one machine: other processes overtake a step that only waits, with the variables of the start."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.fleet import engine as module
from auditor.fleet import helper
from auditor.fleet.engine import JobLost, LocalEngine

SECRET = "MIGAUDIT_TEST_OF_HELPERS"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEngine]:
    """An engine of little patience; the lane of a step is its first argument."""
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    monkeypatch.setenv(SECRET, "of the start")
    made = LocalEngine(lambda lane, *_: lane)
    monkeypatch.setenv(SECRET, "of a tenant")
    try:
        yield made
    finally:
        made.close()


def await_file(_lane: object, path: Path) -> str:
    """Wait for a file that another step leaves: without other processes, for ever."""
    while not path.exists():
        time.sleep(0.02)
    return os.environ[SECRET]


def leave_file(_lane: object, path: Path) -> str:
    path.touch()
    return os.environ[SECRET]


def die(_lane: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def rest(_lane: object, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def give_up(*_: object) -> None:
    """A process that ends before it has begun."""


def test_a_step_that_waits_holds_up_none_but_those_of_its_lane(engine: LocalEngine, tmp_path: Path) -> None:
    file = tmp_path / "left"
    first = engine.submit(await_file, "one", file)
    same = engine.submit(rest, "one", 0.0)
    other = engine.submit(leave_file, "two", file)
    assert list(engine.ended()) == [other, first, same]
    assert (other.outcome(), first.outcome()) == ("of the start", "of a tenant")


def test_a_step_whose_process_is_killed_is_lost_alone(engine: LocalEngine, tmp_path: Path) -> None:
    file = tmp_path / "left"
    first = engine.submit(await_file, "one", file)
    killed = engine.submit(die, "two")
    joined = engine.submit(rest, "two", [killed])
    last = engine.submit(leave_file, "three", file)
    assert set(engine.ended()) == {first, killed, joined, last}
    for lost in (killed, joined):
        with pytest.raises(JobLost, match="mostly for want of memory"):
            lost.outcome()


def test_where_no_process_can_start_this_one_does_it_all(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "_serve", give_up)
    first, second = engine.submit(rest, "one", 2.0), engine.submit(rest, "two", 0.0)
    assert list(engine.ended()) == [first, second]
    assert second.outcome() == 0.0
