"""The budgets of a running emulator: each request takes its part, and is refused beyond it as Azure refuses it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, Refusal, error_body, json_response
from auditor.emulator.resource_graph.service import PATH
from auditor.emulator.throttling.quota_sizes import QuotaSize, QuotaSizes
from auditor.emulator.throttling.resource_units import resource_units

_KINDS = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
_PIM = ("/roleeligibilityscheduleinstances", "/roleassignmentscheduleinstances")
_ANNOUNCED = 0.8


@dataclass(slots=True)
class _Tokens:
    """The tokens of one bucket, as of a time."""

    size: QuotaSize
    left: float
    at: float

    def now(self, now: float) -> float:
        """Return the number of tokens at `now`."""
        self.left = min(self.size.burst, self.left + (now - self.at) * self.size.per_second)
        self.at = now
        return self.left

    def pause(self, units: float) -> int:
        """Return the whole seconds after which there are `units` tokens; at least one."""
        return max(1, math.ceil((units - self.left) / self.size.per_second))


@dataclass(slots=True)
class _Window:
    """The queries of one user in the current window, which ends at a time."""

    ends: float = 0.0
    queries: int = 0


class Quotas:
    """The budgets of all callers, by a `clock` in seconds.

    `of_arm` and `of_directory` take what a request costs; they return headers that say what is left, and raise
    `Refusal` with a 429 where nothing is.
    """

    def __init__(self, sizes: QuotaSizes, directory: QuotaSize, tenant_id: str, clock: Callable[[], float]) -> None:
        self._sizes = sizes
        self._directory = sizes.directory or directory
        self._tenant_id = tenant_id
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Tokens] = {}
        self._windows: dict[str, _Window] = {}

    def of_arm(self, request: HttpRequest, caller: Caller) -> dict[str, str]:
        """Take one request to Resource Manager from the budgets of its caller."""
        if request.key == PATH:
            return self._query(caller)
        kind = _KINDS.get(request.method, "writes")
        size: QuotaSize = getattr(self._sizes, kind)
        parts = request.key.split("/", 3)
        subscription = parts[2] if parts[1] == "subscriptions" and len(parts) > 2 else ""
        place = "subscription" if subscription else "tenant"
        own = self._bucket((kind, subscription, caller.object_id), size)
        if own.now(self._clock()) < 1:
            raise self._too_many(kind, place, subscription, caller, own)
        headers = {}
        if subscription:
            whole = QuotaSize(size.burst * self._sizes.principals, size.per_second * self._sizes.principals)
            everyone = self._bucket((kind, subscription), whole)
            if everyone.now(self._clock()) < 1:
                raise self._too_many(kind, place, subscription, caller, everyone)
            everyone.left -= 1
            headers[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] = str(int(everyone.left))
        own.left -= 1
        headers[f"x-ms-ratelimit-remaining-{place}-{kind}"] = str(int(own.left))
        if self._sizes.pim is not None and request.key.endswith(_PIM):
            self._pim(self._sizes.pim, caller, headers)
        return headers

    def of_directory(self, request: HttpRequest, caller: Caller) -> dict[str, str]:
        """Take the units of one request to Microsoft Graph, other than a batch, from the budget of its application."""
        units = resource_units(request)
        bucket = self._bucket(("directory", caller.app_id), self._directory)
        if bucket.now(self._clock()) < units:
            headers = {
                "Retry-After": str(bucket.pause(units)),
                "x-ms-throttle-scope": f"Tenant_Application/ReadWrite/{caller.app_id}/{self._tenant_id}",
                "x-ms-throttle-information": "ResourceUnitLimitExceeded",
            }
            raise Refusal(json_response(error_body("TooManyRequests", "Too many requests."), 429, headers))
        bucket.left -= units
        return {"x-ms-resource-unit": str(units)} | self.directory_share(caller)

    def directory_share(self, caller: Caller) -> dict[str, str]:
        """Return the header that says how much of the directory's budget is used, once that is much."""
        bucket = self._bucket(("directory", caller.app_id), self._directory)
        used = 1 - bucket.now(self._clock()) / bucket.size.burst
        return {"x-ms-throttle-limit-percentage": f"{used:.2f}"} if used >= _ANNOUNCED else {}

    def _bucket(self, key: tuple[str, ...], size: QuotaSize) -> _Tokens:
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = _Tokens(size, size.burst, self._clock())
        return found

    def _query(self, caller: Caller) -> dict[str, str]:
        """Take one query of Resource Graph; a window begins with the first query after the one before it ended."""
        now, size = self._clock(), self._sizes.resource_graph
        window = self._windows.setdefault(caller.object_id, _Window())
        if now >= window.ends:
            window.ends, window.queries = now + size.seconds, 0
        after = math.ceil(window.ends - now)
        headers = {
            "x-ms-user-quota-remaining": str(max(0, size.queries - window.queries - 1)),
            "x-ms-user-quota-resets-after": f"{timedelta(seconds=after)}".zfill(8),
        }
        if window.queries >= size.queries:
            body = error_body("RateLimiting", "Client application has been throttled.")
            raise Refusal(json_response(body, 429, {**headers, "Retry-After": str(after)}))
        window.queries += 1
        return headers

    def _pim(self, size: QuotaSize, caller: Caller, left: dict[str, str]) -> None:
        bucket = self._bucket(("pim", caller.object_id), size)
        if bucket.now(self._clock()) < 1:
            headers = {**left, "Retry-After": str(bucket.pause(1)), "x-ms-failure-cause": "service"}
            raise Refusal(json_response(error_body("TooManyRequests", "Too many requests."), 429, headers))
        bucket.left -= 1

    def _too_many(self, kind: str, place: str, subscription: str, caller: Caller, bucket: _Tokens) -> Refusal:
        pause = bucket.pause(1)
        code = f"{place.capitalize()}RequestsThrottled"
        message = (
            f"Number of '{kind.removesuffix('s')}' requests for {place} '{subscription or self._tenant_id}' actor "
            f"'{caller.object_id}' exceeded. Please try again after '{pause}' seconds after additional tokens are "
            "available. Refer to https://aka.ms/arm-throttling for additional information."
        )
        headers = {
            "Retry-After": str(pause),
            f"x-ms-ratelimit-remaining-{place}-{kind}": "0",
            "x-ms-failure-cause": "gateway",
        }
        return Refusal(json_response(error_body(code, message), 429, headers))
