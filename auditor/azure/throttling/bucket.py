"""The model of one budget: what should be left of it now, by what is published, was sent and was answered."""

from math import inf, isinf

from auditor.azure.throttling.limits import Limit

_RESERVE = 0.1
"""The share of a budget that is left to others with the same account, such as a deployment or the portal."""
_LEAST_RESERVE = 2.0
"""The units that are left at least, as requests arrive less evenly than they are sent; of a tiny budget a quarter."""
CAREFUL = Limit(10, 2.5)
"""The limit of a budget that is not published, from the first sign that it has one."""
_FASTER = 1.1
_FAST_ENOUGH = 100.0


class Bucket:
    """The token bucket of one budget; without a published `limit` it is bottomless until Azure says otherwise.

    Times are in seconds of one clock. `under_way` are the units of requests that were sent and not yet answered.
    """

    def __init__(self, limit: Limit | None, now: float) -> None:
        self._published = limit is not None
        self._burst = inf if limit is None else limit.burst
        self._rate = inf if limit is None else limit.per_second
        self._left = self._burst
        self._as_of = now
        self._full_at = 0.0
        self.blocked_until = 0.0
        self.under_way = 0.0

    def wait(self, units: float, now: float) -> float:
        """Return the seconds until `units` can be taken while the reserve stays; 0 for at once."""
        blocked = max(0.0, self.blocked_until - now)
        if isinf(self._burst):
            return blocked
        self._refill(now)
        missing = min(units + self._reserve, self._burst) - self._left
        if missing <= 0:
            return blocked
        return max(blocked, self._full_at - now if self._full_at > now else missing / self._rate)

    def take(self, units: float) -> None:
        """Take the units of a request that is sent now."""
        self._left -= units
        self.under_way += units

    def ended(self, units: float) -> None:
        """Note that a request with these units is no longer under way."""
        self.under_way -= units

    def correct(self, further: float) -> None:
        """Take the units by which a request cost more than was taken."""
        self._left -= further

    def counted(self, left: float, now: float) -> None:
        """Note that Azure counted what was left when it answered a request.

        What is left now lies between that and the same without all that is still under way.
        """
        if isinf(self._burst):
            self._burst, self._rate = max(left + self.under_way, CAREFUL.burst), CAREFUL.per_second
            self._left, self._as_of = left, now
        self._refill(now)
        self._burst = max(self._burst, left)
        self._left = min(max(self._left, left - self.under_way), left)

    def resets(self, left: float, after: float, now: float) -> None:
        """Note what is left of a window, and that it is full again `after` seconds; until then nothing is refilled."""
        self._full_at = 0.0
        self.counted(left, now)
        self._full_at = now + after

    def refused(self, pause: float, now: float) -> None:
        """Note that the budget is used up, and take nothing of it for `pause` seconds."""
        if isinf(self._burst):
            self._burst, self._rate = CAREFUL.burst, CAREFUL.per_second
        self.blocked_until = max(self.blocked_until, now + pause)
        # Then it is refilled from the reserve upwards: the pause itself has filled that.
        self._left, self._as_of = self._reserve, self.blocked_until
        self._full_at = 0.0

    def answered(self) -> None:
        """Note an answer that tells nothing of the budget: one that is not published is taken for a little larger."""
        if self._published or isinf(self._burst):
            return
        self._rate *= _FASTER
        if self._rate > _FAST_ENOUGH:
            self._burst = self._rate = self._left = inf

    @property
    def _reserve(self) -> float:
        """The units that are not taken."""
        return max(self._burst * _RESERVE, min(_LEAST_RESERVE, self._burst / 4))

    @property
    def share_left(self) -> float:
        """The share that is left if everything under way had cost nothing."""
        return 1.0 if isinf(self._burst) else (self._left + self.under_way) / self._burst

    @property
    def burst(self) -> float:
        """The units in the full budget."""
        return self._burst

    def grow(self, limit: Limit) -> None:
        """Replace the limit by a larger one."""
        self._left += limit.burst - self._burst
        self._burst, self._rate = limit.burst, limit.per_second

    def _refill(self, now: float) -> None:
        if now < self._full_at:
            self._as_of = now
            return
        if self._full_at:
            self._left, self._as_of, self._full_at = self._burst - self.under_way, self._full_at, 0.0
        if now > self._as_of:
            # What is under way may not have reached Azure yet, whose full bucket is not refilled until it does.
            most = self._burst - self.under_way
            self._left = max(self._left, min(most, self._left + (now - self._as_of) * self._rate))
            self._as_of = now
