"""Many reads at once, but no more tasks than can be under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice

Job = Callable[[], Awaitable[object]]

WIDTH = 96
"""Jobs under way at once: more than the wire sends at once, so that it never waits for a body being decoded."""


class Workers:
    """A fixed number of workers that do the jobs given to them; a job may add further ones while it runs.

    Jobs are drawn as workers become free, so that a hundred thousand of them need no memory before their turn.
    """

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._due: asyncio.Queue[Job] = asyncio.Queue()
        self._later: Iterator[Job] = iter(())

    def add(self, job: Job) -> None:
        """Have `job` done when a worker is free."""
        self._due.put_nowait(job)

    async def run(self, jobs: Iterable[Job] = ()) -> None:
        """Do all jobs, those included that they add; the first failure stops the others and is raised itself."""
        self._later = iter(jobs)
        for _ in range(self._width):
            self._draw()
        try:
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(self._work()) for _ in range(self._width)]
                await self._due.join()
                for worker in workers:
                    worker.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    def _draw(self) -> None:
        for job in islice(self._later, 1):
            self.add(job)

    async def _work(self) -> None:
        while True:
            job = await self._due.get()
            await job()
            self._draw()
            self._due.task_done()
