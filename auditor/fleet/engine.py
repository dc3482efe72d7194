"""Where the steps run: the interface of engines, and the engine of this machine."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol

from auditor.fleet.helper import Helper, HelperGone, HelperUnusable

PATIENCE = 5.0
"""Seconds that all steps may do nothing but wait before other processes begin with the tenants that are due."""
IDLE = 0.1
"""The share of a processor below which a step is waiting: for an endpoint that does not answer, or that throttles."""
HELPERS = 16
"""The largest number of other processes. They take memory (about that of a scan each), but there is time for them."""
LOOK_SECONDS = 0.5
"""Seconds between looks at how long the steps take."""
TO_END = 2.0
"""Seconds that an interrupted step may take to end."""


class JobLost(Exception):
    """A job ended without a result, for the given reason: its worker was killed again and again, or lacks migaudit."""


class EngineLost(Exception):
    """The engine cannot go on, for the given reason, and has not ended the jobs that are left."""


class StepJob(Protocol):
    """One step that was handed to an engine."""

    def outcome(self) -> Any:
        """Return what the step returned; raises `JobLost`."""
        ...


class Engine(Protocol):
    """Runs functions; an argument may be a job, or a list of jobs, and is then replaced by what they returned."""

    def submit(self, step: Callable[..., Any], *arguments: object) -> StepJob:
        """Take a step to run."""
        ...

    def ended(self) -> Iterator[StepJob]:
        """Yield each job as it ends, also those submitted meanwhile, until none is left; raises `EngineLost`."""
        ...


class LocalJob:
    """A step that runs on this machine when its turn comes; `lane` says which others it must not run beside."""

    def __init__(self, step: Callable[..., Any], arguments: Sequence[object], lane: object) -> None:
        self.lane = lane
        self.has_ended = False
        self.lost_helper = False
        self.failure: BaseException | None = None
        self._step = step
        self._arguments = arguments
        self._returned: Any = None

    @property
    def is_ready(self) -> bool:
        """Whether the jobs that it depends on have ended."""
        return all(one.has_ended for one in _jobs_in(self._arguments))

    def run(self, helper: Helper | None) -> None:
        """Run the step here or in the helper, and keep what it returned or raised."""
        try:
            given = [_returned(one) for one in self._arguments]
            self._returned = self._step(*given) if helper is None else helper.run(self._step, given)
        except HelperGone as gone:
            self.failure = JobLost(str(gone))
            self.lost_helper = True
        except BaseException as failure:  # noqa: BLE001 - raised where it is waited for
            self.failure = failure

    def end(self) -> None:
        """Note the end, and forget the arguments, which may be large."""
        self.has_ended, self._arguments = True, ()

    def outcome(self) -> Any:
        """Return what the step returned; raises `JobLost` if its process was killed, or that of one it depends on."""
        if isinstance(self.failure, JobLost):
            raise self.failure
        return self._returned


def _jobs_in(arguments: Sequence[object]) -> Iterator[LocalJob]:
    for one in arguments:
        if isinstance(one, LocalJob):
            yield one
        elif isinstance(one, list):
            yield from _jobs_in(one)


def _returned(argument: object) -> object:
    if isinstance(argument, LocalJob):
        return argument.outcome()
    if isinstance(argument, list):
        return [_returned(one) for one in argument]
    return argument


class _Place:
    """Where a step runs: its thread, and the process if it is another one; and since when it only waits."""

    def __init__(self, thread: Thread, helper: Helper | None) -> None:
        self.thread = thread
        self._helper = helper
        self._looked = self._busy = time.monotonic()
        self._used = self._cpu()

    def waits(self) -> bool:
        """Return whether the step has only waited for so long as `PATIENCE`; to be asked now and then."""
        now, used = time.monotonic(), self._cpu()
        if now - self._looked >= LOOK_SECONDS:
            if used - self._used > IDLE * (now - self._looked):
                self._busy = now
            self._looked, self._used = now, used
        return now - self._busy > PATIENCE

    def _cpu(self) -> float:
        return time.process_time() if self._helper is None else self._helper.cpu_seconds


class LocalEngine:
    """The engine that runs the steps in this process, one at a time, in the order of submission.

    Where one only waits, as at an endpoint that never answers, other processes begin with those that are due. Steps of
    one lane never run at once: `lane` returns it from the arguments of a step, or None for any.

    Args:
        lane: which steps draw on the same account.
        stop: ends what runs in other threads of this process.
    """

    def __init__(self, lane: Callable[..., object] = lambda *_: None, stop: Callable[[], None] = lambda: None) -> None:
        self._lane = lane
        self._stop = stop
        self._variables = dict(os.environ)  # before those of a tenant take their place
        self._due: deque[LocalJob] = deque()
        self._next: deque[LocalJob] = deque()
        self._running: dict[LocalJob, _Place] = {}
        self._free: list[Helper | None] = [None]
        self._helpers: list[Helper] = []
        self._may_help = True
        self._ended: SimpleQueue[tuple[LocalJob, Helper | None]] = SimpleQueue()

    def submit(self, step: Callable[..., Any], *arguments: object) -> LocalJob:
        """Take a step; one submitted while another runs belongs to the same tenant and is run before the others."""
        job = LocalJob(step, arguments, self._lane(*arguments))
        self._next.append(job)
        return job

    def ended(self) -> Iterator[LocalJob]:
        """Run the steps and yield each as it ends; what a step raises is raised here."""
        while self._next or self._due or self._running:
            self._due.extendleft(reversed(self._next))
            self._next.clear()
            self._hand_out()
            try:
                job, helper = self._ended.get(timeout=LOOK_SECONDS)
            except Empty:
                self._help()
                continue
            del self._running[job]
            if self._is_over(job, helper):
                yield job

    def close(self) -> None:
        """End what still runs, without waiting long for it."""
        self._stop()
        for helper in self._helpers:
            helper.close()
        for place in self._running.values():
            place.thread.join(TO_END)

    def _hand_out(self) -> None:
        """Begin the steps that may run now, as long as a place is free."""
        busy = {job.lane for job in self._running if job.lane is not None}
        for job in tuple(self._due):
            if not self._free:
                return
            if job.is_ready and job.lane not in busy:
                self._due.remove(job)
                busy |= {job.lane} - {None}
                self._begin(job, self._free.pop(0))

    def _begin(self, job: LocalJob, helper: Helper | None) -> None:
        def work() -> None:
            job.run(helper)
            self._ended.put((job, helper))

        thread = Thread(target=work, name="migaudit-step", daemon=True)
        self._running[job] = _Place(thread, helper)
        thread.start()

    def _is_over(self, job: LocalJob, helper: Helper | None) -> bool:
        """Free the place of a job; return False for one whose helper never began, which is due again."""
        if isinstance(job.failure, HelperUnusable):
            self._may_help, job.failure = False, None
            self._due.appendleft(job)
            return False
        if helper is None:
            self._free.insert(0, None)
        elif not job.lost_helper:
            self._free.append(helper)
        if job.failure is not None and not isinstance(job.failure, JobLost):
            raise job.failure
        job.end()
        return True

    def _help(self) -> None:
        """Start as many further processes as steps run, if all of these only wait, and others may run beside them."""
        waiting = [place.waits() for place in self._running.values()]
        room = HELPERS - sum(helper.is_alive for helper in self._helpers)
        if self._free or not self._may_help or not all(waiting):
            return
        lanes = {job.lane for job in self._running if job.lane is not None}
        due = 0
        for job in self._due:
            if job.is_ready and job.lane not in lanes:
                due += 1
                lanes |= {job.lane} - {None}
        for _ in range(min(room, len(waiting), due)):
            helper = Helper(self._variables)
            self._helpers.append(helper)
            self._free.append(helper)
