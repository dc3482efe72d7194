import asyncio

import pytest

from auditor.collect.workers import Job, Workers


async def test_all_jobs_are_done_never_more_at_once_than_there_are_workers() -> None:
    at_once, most, done = 0, 0, 0
    all_busy = asyncio.Event()

    async def job() -> None:
        nonlocal at_once, most, done
        at_once += 1
        most = max(most, at_once)
        if at_once == 5:
            all_busy.set()
        await all_busy.wait()
        at_once -= 1
        done += 1

    await Workers(width=5).run([job] * 100)
    assert (done, most) == (100, 5)


async def test_a_job_may_add_jobs() -> None:
    workers, seen = Workers(width=2), []

    def job(depth: int) -> Job:
        async def work() -> None:
            seen.append(depth)
            if depth:
                workers.add(job(depth - 1))
                workers.add(job(depth - 1))

        return work

    await workers.run([job(3)])
    assert sorted(seen) == [0] * 8 + [1] * 4 + [2] * 2 + [3]


async def test_the_first_failure_is_raised_as_itself_and_stops_the_rest() -> None:
    started = []

    async def fail() -> None:
        raise KeyError("first")

    async def wait() -> None:
        started.append(True)
        await asyncio.Event().wait()

    with pytest.raises(KeyError, match="first"):
        await Workers(width=2).run([wait, fail, wait, wait])
    assert len(started) == 1


async def test_cancelling_ends_the_workers() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(Workers().run([wait]))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_workers_without_jobs_end() -> None:
    await Workers().run([])
