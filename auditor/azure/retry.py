"""The retries of failed requests: the wait before each, `Retry-After`, and when an endpoint counts as down."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from auditor.azure.errors import ReadFailed

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
FEWEST = 6
"""The number of failed attempts that an outage needs at least, since one slow request is not an outage."""
_SECONDS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Retry:
    """The retry limits of one request; times in seconds.

    Attributes:
        attempts: the largest number of attempts.
        first_wait: the mean wait after the first failure without `Retry-After`; it doubles with each further one.
        longest_wait: the upper limit of these waits.
        bound: the time from its first byte after which the request is given up, whatever `Retry-After` says.
        sleep: waits for some seconds.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    bound: float = 100.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def wait(self, failures: int, asked: float | None, elapsed: float) -> float | None:
        """Return the seconds to wait after the `failures`th failure in a row; None = give up.

        `asked` is the wait that the server asked for, which is never shortened, `elapsed` the time since the request
        was first sent.
        """
        if failures >= self.attempts:
            return None
        spread = random.uniform(0.5, 1.5)  # noqa: S311 - spreads requests in time, keeps no secret
        backoff = min(self.first_wait * 2 ** (failures - 1), self.longest_wait) * spread
        pause = backoff if asked is None else asked + min(backoff, 0.1 * asked)
        return pause if elapsed + pause <= self.bound else None


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that the server asks to wait: `Retry-After` as a number or HTTP date, or Azure's milliseconds.

    None where no header can be read; 0 for a date in the past.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        milliseconds = headers.get(name)
        if milliseconds and _SECONDS.fullmatch(milliseconds.strip()):
            return float(milliseconds) / 1000
    text = (headers.get("Retry-After") or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # all of them are raised for texts that are no date
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


class Outage:
    """The consecutive failures of one endpoint, counted over all requests; any other answer resets the count.

    At least `FEWEST` identical failures over at least `patience` seconds are an outage. The longest wait that the
    endpoint itself asked for meanwhile does not count: who is throttled for a minute is not down.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._kind = ""
        self._count = 0
        self._since = 0.0
        self._asked = 0.0

    def failed(self, kind: str, asked: float = 0.0) -> None:
        """Count a failed attempt; `kind` is the status or the kind of fault, `asked` the wait in `Retry-After`."""
        if kind != self._kind:
            self._kind, self._count, self._since = kind, 0, asyncio.get_running_loop().time()
            self._asked = 0.0
        self._count += 1
        self._asked = max(self._asked, asked)

    def answered(self) -> None:
        """Reset the count, as an attempt was answered."""
        self._kind, self._count = "", 0

    @property
    def has_lasted(self) -> bool:
        """Whether the failures are an outage."""
        lasted = asyncio.get_running_loop().time() - self._since
        return self._count >= FEWEST and lasted >= self._patience + self._asked

    def refuse(self, url: str) -> None:
        """Raise `ReadFailed` with the code `GivenUp` for a request to `url` during an outage."""
        if self.has_lasted:
            seconds = asyncio.get_running_loop().time() - self._since
            message = (
                f"it was not sent: each of {self._count:,} attempts in {seconds:.0f} seconds ended in {self._kind}"
            )
            raise ReadFailed(0, "GivenUp", message, url)
