"""The throttle: limits concurrent requests, and sends none for which Azure's budgets have no room.

Each budget is modelled as a token bucket (`bucket.py`) of the published size until answers tell more. What Azure counts
in its headers corrects the model, so that requests wait here instead of being refused there. A refusal with
`Retry-After` holds up everything that draws on the same budget.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from auditor.azure.errors import ReadFailed
from auditor.azure.retry import retry_after
from auditor.azure.throttling.bucket import Bucket
from auditor.azure.throttling.budgets import Budget, BudgetKind, draws_of
from auditor.azure.throttling.headers import Heard, heard_in
from auditor.azure.throttling.limits import Limit, Pace

_TOO_MANY = 429
_UNAVAILABLE = 503
_ANNOUNCED = 0.8
"""The share of the directory's budget from which Microsoft Graph says how much is used."""
_SURELY_ANNOUNCED = 0.85
_LOOK_AGAIN = 0.25
"""Seconds after which a request that waits looks whether answers have made room in its budget meanwhile."""
_UNPACED = Pace()


class Clock:
    """A clock that also counts the time of sleeps that did not wait, as the tests have them."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._ahead = 0.0

    def now(self) -> float:
        """Return the seconds on the clock."""
        return asyncio.get_running_loop().time() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait for some seconds; afterwards the clock has advanced by as many."""
        due = self.now() + seconds
        await self._sleep(seconds)
        if (left := due - self.now()) > 0:
            self._ahead += left
            await asyncio.sleep(0)  # let answers come in, for which others may wait


class Throttle:
    """The limit of `concurrency` requests at once, and of what the `pace` and Azure's budgets have room for.

    A request is not sent at all if its budget is closed for more than `patience` seconds.
    """

    def __init__(self, concurrency: int, clock: Clock, pace: Pace = _UNPACED, patience: float = 100.0) -> None:
        self.clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._limits = pace.limits
        self._gap = 0.0 if pace.per_second is None else 1 / pace.per_second
        self._next = 0.0
        self._patience = patience
        self._buckets: dict[Budget, Bucket] = {}
        self._queues: dict[tuple[Budget, ...], asyncio.Lock] = {}

    @asynccontextmanager
    async def turn(self, method: str, url: str, body: bytes = b"") -> AsyncIterator["Turn"]:
        """Hold a slot for one request, once its budgets have room; raises `ReadFailed` where one is closed for long."""
        turn = Turn(self, method, url, body)
        await self._take(turn)
        try:
            await self._enter(turn)
            try:
                yield turn
            finally:
                self._slots.release()
        finally:
            turn.end()

    def heard(self, method: str, url: str, status: int, headers: Mapping[str, str]) -> None:
        """Update the budgets of a request that came in a batch of others by its own answer."""
        Turn(self, method, url, b"").heard(status, headers)

    async def _take(self, turn: "Turn") -> None:
        """Wait until all budgets of the request have room, behind those that draw on the same, and take its units."""
        queue = self._queues.get(turn.budgets)
        if turn.wait(self.clock.now()) <= 0 and (queue is None or not queue.locked()):
            turn.take()
            return
        async with self._queues.setdefault(turn.budgets, queue or asyncio.Lock()):
            while (pause := turn.wait(self.clock.now())) > 0:
                self._check_patience(turn)
                await self.clock.sleep(max(turn.blocked(self.clock.now()), min(pause, _LOOK_AGAIN)))
            turn.take()

    async def _enter(self, turn: "Turn") -> None:
        """Get a slot, keep the distance to the request before, and see that no budget was closed meanwhile."""
        while True:
            await self._slots.acquire()
            try:
                if self._gap:
                    await self._keep_distance()
                pause = turn.blocked(self.clock.now())
                if pause > 0:
                    self._check_patience(turn)
            except BaseException:
                self._slots.release()
                raise
            if pause <= 0:
                return
            # The pause is spent without the slot, so that requests to other budgets can use it.
            self._slots.release()
            await self.clock.sleep(pause)

    async def _keep_distance(self) -> None:
        now = self.clock.now()
        moment = max(now, self._next)
        self._next = moment + self._gap
        if moment > now:
            await self.clock.sleep(moment - now)

    def _check_patience(self, turn: "Turn") -> None:
        now = self.clock.now()
        if (pause := turn.blocked(now)) > self._patience:
            asked = f"Azure asked to wait {pause:.0f} more seconds"
            message = f"it was not sent: {asked} with requests that draw on the budget for {turn.narrowest()}"
            raise ReadFailed(0, "GivenUp", message, turn.url)

    def bucket(self, budget: Budget) -> Bucket:
        """Return the model of a budget."""
        found = self._buckets.get(budget)
        if found is None:
            found = self._buckets[budget] = Bucket(self._published(budget.kind), self.clock.now())
        return found

    def larger_directory(self, burst: float) -> Limit | None:
        """Return the next larger published limit of a directory; None for the largest."""
        return next((limit for limit in self._limits.directory if limit.burst > burst), None)

    def _published(self, kind: BudgetKind) -> Limit | None:
        if kind is BudgetKind.DIRECTORY:
            return self._limits.directory[0]
        if kind in {BudgetKind.PROVIDER, BudgetKind.HOST}:
            return None
        limit: Limit = getattr(self._limits, kind.name.lower())
        return limit


class Turn:
    """One request in the throttle: the budgets it draws on, and what its answer says about them."""

    def __init__(self, throttle: Throttle, method: str, url: str, body: bytes) -> None:
        self.url = url
        self._throttle = throttle
        self._draws = draws_of(method, url, body)
        self._taken = False
        self._buckets = [(budget, throttle.bucket(budget), units) for budget, units in self._draws]

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The budgets it draws on."""
        return tuple([budget for budget, _ in self._draws])

    def wait(self, now: float) -> float:
        """Return the seconds until all its budgets have room."""
        return max(bucket.wait(units, now) for _, bucket, units in self._buckets)

    def blocked(self, now: float) -> float:
        """Return the seconds until none of its budgets is closed any more, 0 or less if none is."""
        return max(bucket.blocked_until for _, bucket, _ in self._buckets) - now

    def narrowest(self) -> Budget:
        """Return the budget that is closed longest."""
        return max(self._buckets, key=lambda one: one[1].blocked_until)[0]

    def take(self) -> None:
        """Take its units of each budget."""
        self._taken = True
        for _, bucket, units in self._buckets:
            bucket.take(units)

    def end(self) -> None:
        """Note that it is no longer under way."""
        if self._taken:
            for _, bucket, units in self._buckets:
                bucket.ended(units)

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Update its budgets by the status and the headers of its answer."""
        now = self._throttle.clock.now()
        said = heard_in(headers.items())
        pause = retry_after(headers) if status in {_TOO_MANY, _UNAVAILABLE} else None
        for budget, bucket, units in self._buckets:
            if status == _TOO_MANY and self._refused(budget, said):
                bucket.refused(pause or 0.0, now)
            elif status == _UNAVAILABLE and pause and self._is_of_service(budget):
                bucket.refused(pause, now)
            elif budget.kind is BudgetKind.DIRECTORY:
                self._heard_of_directory(bucket, units, said, now)
            else:
                _heard_of(bucket, budget.kind, said, now)

    def _refused(self, budget: Budget, said: Heard) -> bool:
        """Return whether a 429 closes this budget: all of them, unless it says which side refused."""
        if said.of_provider is None or len(self._draws) == 1:
            return True
        return said.of_provider == (budget.kind is BudgetKind.PROVIDER)

    def _is_of_service(self, budget: Budget) -> bool:
        return budget.kind is BudgetKind.PROVIDER or len(self._draws) == 1

    def _heard_of_directory(self, bucket: Bucket, units: float, said: Heard, now: float) -> None:
        """Update the directory's budget; silence where a small tenant would be warned shows that it is a larger one."""
        if said.units is not None and said.units > units:
            bucket.correct(said.units - units)
        if said.share is not None:
            bucket.counted(max(0.0, 1 - said.share) * bucket.burst, now)
        elif bucket.share_left < 1 - _SURELY_ANNOUNCED:
            larger = self._throttle.larger_directory(bucket.burst)
            if larger is not None:
                bucket.grow(larger)


def _heard_of(bucket: Bucket, kind: BudgetKind, said: Heard, now: float) -> None:
    left = said.left.get(kind)
    if left is None:
        bucket.answered()
    elif kind is BudgetKind.RESOURCE_GRAPH and said.resets_after is not None:
        bucket.resets(left, said.resets_after, now)
    else:
        bucket.counted(left, now)
