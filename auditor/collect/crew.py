"""Many reads at once, but no more tasks than can be under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

Job = Callable[[], Awaitable[object]]

WIDTH = 96
"""Jobs under way at once: more than the wire sends at once, so that it never waits for a body being decoded."""


class Crew:
    """A fixed number of workers that do the jobs given to them; a job may add further ones while it runs."""

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()

    def add(self, job: Job) -> None:
        """Have `job` done when a worker is free."""
        self._jobs.put_nowait(job)

    async def run(self, jobs: Iterable[Job] = ()) -> None:
        """Do all jobs, those included that they add; the first failure stops the others and is raised itself."""
        for job in jobs:
            self.add(job)
        try:
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(self._work()) for _ in range(self._width)]
                await self._jobs.join()
                for worker in workers:
                    worker.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            await job()
            self._jobs.task_done()
