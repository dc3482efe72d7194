"""The workers of a scan: a fixed number of concurrent tasks for any number of reads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice

Job = Callable[[], Awaitable[object]]

WIDTH = 96
"""The number of concurrent jobs: more than concurrent requests, so that requests go on while bodies are decoded."""


class Workers:
    """Up to `width` workers that run jobs; a job may add further ones while it runs.

    Jobs are taken from their iterable as workers become free, so that a hundred thousand of them need no memory. There
    are never more workers than there were jobs, since most of the many small groups of jobs are of one or two.
    """

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._due: asyncio.Queue[Job] = asyncio.Queue()
        self._later: Iterator[Job] = iter(())
        self._group: asyncio.TaskGroup | None = None
        self._workers: list[asyncio.Task[None]] = []

    def add(self, job: Job) -> None:
        """Queue a job for the next free worker."""
        self._due.put_nowait(job)
        self._engage()

    async def run(self, jobs: Iterable[Job] = ()) -> None:
        """Run all jobs, including those that they add; the first failure stops the others and is raised."""
        self._later = iter(jobs)
        try:
            async with asyncio.TaskGroup() as self._group:
                for _ in range(self._due.qsize()):
                    self._engage()
                for _ in range(self._width):
                    self._draw()
                await self._due.join()
                for worker in self._workers:
                    worker.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            self._group, self._workers = None, []

    def _draw(self) -> None:
        for job in islice(self._later, 1):
            self.add(job)

    def _engage(self) -> None:
        if self._group is not None and len(self._workers) < self._width:
            self._workers.append(self._group.create_task(self._work()))

    async def _work(self) -> None:
        while True:
            job = await self._due.get()
            await job()
            self._draw()
            self._due.task_done()
