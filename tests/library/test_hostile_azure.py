"""`auditor.collect` in a program: where Azure lies or goes away it says so, and it leaves nothing behind."""

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import auditor
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.emulator.contoso_corner import corner

Rules = Sequence[Mapping[str, object]]
METADATA, TOKEN, LISTS = "metadata/endpoints", "oauth2", "^/(subscriptions|providers)"
FOREIGN = {"Location": "https://evil.example/"}


@contextmanager
def azure(monkeypatch: pytest.MonkeyPatch, rules: Rules = (), latency_ms: float = 0) -> Iterator[Endpoints]:
    with running_in_thread(corner(), Options(faults=faults_of(rules), latency_ms=latency_ms)) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        yield endpoints


async def collected(endpoints: Endpoints) -> Snapshot:
    return await auditor.collect(all_subscriptions=True, cloud=endpoints.arm, auth="environment")


REFUSED = {
    "a page instead of the cloud": ({"path": METADATA, "status": 200, "body": "<html>"}, auditor.ReadFailed, "proxy"),
    "a cloud elsewhere": (
        {"path": METADATA, "status": 200, "body": '{"authentication": {"loginEndpoint": "http://evil.example"}}'},
        auditor.UnknownCloud,
        "no https login endpoint",
    ),
    "a redirect to another cloud": (
        {"path": METADATA, "status": 302, "headers": FOREIGN},
        auditor.ReadFailed,
        "not followed",
    ),
    "a page instead of a token": (
        {"path": TOKEN, "status": 200, "body": "<html>"},
        auditor.SignInFailed,
        "it may come from a proxy or a sign-in page",
    ),
    "a token that is none": (
        {"path": TOKEN, "status": 200, "body": '{"access_token": "x", "expires_in": 3599, "token_type": "Bearer"}'},
        auditor.SignInFailed,
        "cannot be read",
    ),
    "a sign-in that fails there": ({"path": TOKEN, "status": 503}, auditor.SignInFailed, "try again later"),
    "an error for the subscriptions": (
        {"path": "^/subscriptions", "status": 200, "body": '{"error": {"code": "X", "message": "y"}}'},
        auditor.ReadFailed,
        "which subscriptions there are",
    ),
    "a redirect of the subscriptions": (
        {"path": "^/subscriptions", "status": 307, "headers": FOREIGN},
        auditor.ReadFailed,
        "not followed",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_leaves_nothing_to_read_is_an_error_of_the_library(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, failure, said = REFUSED[case]
    assert failure.__name__ in auditor.__all__
    with azure(monkeypatch, [rule]) as endpoints, pytest.raises(failure, match=said):
        asyncio.run(collected(endpoints))


HALFWAY: dict[str, Mapping[str, object]] = {
    "the token is refused": {"status": 401, "headers": {"WWW-Authenticate": 'Bearer error="invalid_token"'}},
    "answers hold an error": {"status": 200, "body": '{"error": {"code": "X", "message": "y"}}'},
    "pages without end": {"wrong": "pages without end"},
    "lists of nothing, and more": {"wrong": "a foreign next link"},
}


@pytest.mark.parametrize("case", HALFWAY)
def test_what_goes_wrong_halfway_is_unknown_and_never_a_problem(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    true = {(one.rule, one.subject.id, one.verdict) for one in auditor.audit(corner()).findings}
    with azure(monkeypatch, [{"path": LISTS, "skip": 6, **HALFWAY[case]}]) as endpoints:
        snapshot = asyncio.run(collected(endpoints))
    assert snapshot.gaps
    result = auditor.audit(snapshot)
    assert result.unknown
    assert {(one.rule, one.subject.id, one.verdict) for one in result.failing} <= true


def settled() -> Mapping[str, object]:
    """Return the state that lasts: the emulated Azure, in a thread of this process, closes its connections later."""
    before, now = None, state()
    while now != before:
        time.sleep(0.2)
        before, now = now, state()
    return now


def state() -> Mapping[str, object]:
    """Return what a library may not leave behind in the process of a program."""
    gc.collect()
    loggers = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    return {
        "threads": sorted(one.name for one in threading.enumerate()),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "log handlers": [len(one.handlers) for one in (logging.root, *loggers)],
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "collector": gc.get_threshold(),
        "variables": dict(os.environ),
    }


def test_a_program_that_turns_warnings_into_exceptions_can_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with azure(monkeypatch) as endpoints:
        code = (
            "import asyncio, warnings; warnings.simplefilter('error'); import auditor;"
            f"read = auditor.collect(all_subscriptions=True, cloud={endpoints.arm!r}, auth='environment');"
            "print(auditor.audit(asyncio.run(read)))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("<Result of "), done.stderr


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_it_leaves_nothing_behind_however_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a loop that runs already, in several threads, cancelled, out of time, and refused.

    Azure waits before each answer, so that no scan ends before it is cancelled.
    """
    with azure(monkeypatch, latency_ms=30) as endpoints:

        async def cancelled_after(steps: int) -> list["asyncio.Task[object]"]:
            running = asyncio.ensure_future(collected(endpoints))
            for _ in range(steps):
                await asyncio.sleep(0)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            return [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]

        async def several() -> tuple[Snapshot, Snapshot]:
            return await asyncio.gather(collected(endpoints), collected(endpoints))

        first = asyncio.run(collected(endpoints))
        before = settled()
        for steps in (0, 3, 60, 150):
            assert asyncio.run(cancelled_after(steps)) == []
        with ThreadPoolExecutor(2) as threads:
            futures = [threads.submit(lambda: asyncio.run(collected(endpoints))) for _ in range(2)]
        both = asyncio.run(several())
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(collected(endpoints), 0.001))
        with pytest.raises(auditor.BadRequest):
            asyncio.run(auditor.collect(subscriptions=["x"], cloud=endpoints.arm, auth="environment"))
        assert [one.reads for one in (*both, *(future.result() for future in futures))] == [first.reads] * 4
        assert {name: value for name, value in settled().items() if value != before[name]} == {}
