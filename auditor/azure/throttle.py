"""The throttle: limits the number of concurrent requests, and slows down where Azure's rate limit is near."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

# ARM lets a principal read 250 times in a burst and 25 times a second per subscription (a token bucket). Below this
# number of remaining calls, requests are spread out, and more so the fewer remain, so that the bucket is never empty.
_LOW_WATER = 50
_WIDEST_GAP = 0.4
_NARROWEST_GAP = 0.01
_REMAINING = "x-ms-ratelimit-remaining-"
# Graph reports the used share of its budget from 0.8 upwards.
_GRAPH_SHARE = "x-ms-throttle-limit-percentage"
_GRAPH_ANNOUNCED = 0.8
_COUNTS = re.compile(r"(?:^|;)\s*(\d{1,9})")
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?#]+)", re.IGNORECASE)
_TOO_MANY = 429


@dataclass(slots=True)
class _Budget:
    """One of Azure's token buckets as far as it is known: seconds between requests, and the time of the next one."""

    gap: float = 0.0
    free_at: float = 0.0

    def reserve(self, now: float) -> float:
        """Reserve the next free moment and return the seconds until then."""
        if not self.gap:
            return 0.0
        moment = max(now, self.free_at)
        self.free_at = moment + self.gap
        return moment - now


class Throttle:
    """The limit of `concurrency` requests at once, with fewer per second where Azure reports that a budget runs low."""

    def __init__(self, concurrency: int, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._sleep = sleep
        self._budgets: dict[str, _Budget] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Hold a slot for one request to `url`, after the pause that its budget requires."""
        await self._slots.acquire()
        budget = self._budgets.get(budget_of(url))
        # The pause is computed after the queue, as answers may have changed the budget meanwhile, and is spent without
        # the slot, so that requests to other subscriptions can use it.
        if budget and (pause := budget.reserve(asyncio.get_running_loop().time())):
            self._slots.release()
            await self._sleep(pause)
            await self._slots.acquire()
        try:
            yield
        finally:
            self._slots.release()

    def heard(self, url: str, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Update the budget of `url` by the headers of an answer."""
        scarcity = 1.0 if status == _TOO_MANY else scarcity_of(headers)
        if scarcity:
            self._budgets.setdefault(budget_of(url), _Budget()).gap = _WIDEST_GAP * scarcity
        elif budget := self._budgets.get(budget_of(url)):
            # An answer without such headers is weak evidence: speed up step by step.
            budget.gap = 0.0 if scarcity == 0.0 or budget.gap < _NARROWEST_GAP else budget.gap / 2


def budget_of(url: str) -> str:
    """Return the key of the budget that a request to `url` uses: its subscription, or its host."""
    found = _SUBSCRIPTION.search(url)
    return found[1].lower() if found else url.split("/", 3)[2]


def scarcity_of(headers: Iterable[tuple[str, str]]) -> float | None:
    """Return 0 (plenty left) to 1 (nothing left) by the rate-limit headers; None where there are none.

    `x-ms-ratelimit-remaining-*` hold a count or `name;count` pairs separated by commas; the smallest count decides.
    """
    scarcity: float | None = None
    for name, value in headers:
        lower = name.lower()
        if lower.startswith(_REMAINING):
            counts = [int(count) for part in value.split(",") for count in _COUNTS.findall(part.strip())]
            shares = [max(0.0, 1 - count / _LOW_WATER) for count in counts]
        elif lower == _GRAPH_SHARE:
            shares = [_graph_scarcity(value)]
        else:
            continue
        scarcity = max([*shares, scarcity or 0.0])
    return scarcity


def _graph_scarcity(value: str) -> float:
    try:
        used = float(value)
    except ValueError:
        return 0.0
    return min(1.0, max(0.0, (used - _GRAPH_ANNOUNCED) / (1 - _GRAPH_ANNOUNCED)))
