"""Where the steps run: the interface of engines, and the engine that runs them here, one after another."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol


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
    """A step that runs in this process when its turn comes."""

    def __init__(self, step: Callable[..., Any], arguments: Sequence[object]) -> None:
        self._step = step
        self._arguments = arguments
        self._returned: Any = None

    def run(self) -> None:
        """Run the step; what it raises ends the run, since steps raise only when they are interrupted."""
        self._returned = self._step(*(_returned(one) for one in self._arguments))
        self._arguments = ()

    def outcome(self) -> Any:
        """Return what the step returned."""
        return self._returned


def _returned(argument: object) -> object:
    if isinstance(argument, LocalJob):
        return argument.outcome()
    if isinstance(argument, list):
        return [_returned(one) for one in argument]
    return argument


class LocalEngine:
    """The engine that runs every step in this process, in the order of submission; a tenant's parts come first."""

    def __init__(self) -> None:
        self._due: deque[LocalJob] = deque()
        self._next: deque[LocalJob] = deque()

    def submit(self, step: Callable[..., Any], *arguments: object) -> LocalJob:
        """Take a step; one submitted while another runs belongs to the same tenant and is run before the others."""
        job = LocalJob(step, arguments)
        self._next.append(job)
        return job

    def ended(self) -> Iterator[LocalJob]:
        """Run the steps and yield each as it ends."""
        while self._next or self._due:
            self._due.extendleft(reversed(self._next))
            self._next.clear()
            job = self._due.popleft()
            job.run()
            yield job
