"""The limits that Azure publishes for one principal: the size of each of its budgets, before any answer told more.

Sources: Microsoft's pages *Understand how Azure Resource Manager throttles requests*, *Guidance for throttled requests
in Azure Resource Graph*, *Microsoft Graph service-specific throttling limits* (identity and access, per application and
tenant, by the size of the tenant) and *Service limits in Azure Monitor* (queries of Log Analytics, per user).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """The size of a token bucket: `burst` units when it is full, refilled by `per_second` units."""

    burst: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The published limits.

    Attributes:
        reads, writes, deletes: requests to Resource Manager, per subscription and for the tenant.
        global_reads, global_writes, global_deletes: those of all principals of a subscription together.
        resource_graph: queries of Resource Graph.
        directory: units of Microsoft Graph, for a small, a medium and a large tenant.
        logs: queries of Log Analytics.
    """

    reads: Limit = Limit(250, 25)
    writes: Limit = Limit(200, 10)
    deletes: Limit = Limit(200, 10)
    global_reads: Limit = Limit(3750, 375)
    global_writes: Limit = Limit(3000, 150)
    global_deletes: Limit = Limit(3000, 150)
    resource_graph: Limit = Limit(15, 3)
    directory: tuple[Limit, ...] = (Limit(3500, 350), Limit(5000, 500), Limit(8000, 800))
    logs: Limit = Limit(200, 200 / 30)


PUBLISHED = Limits()


@dataclass(frozen=True, slots=True)
class Pace:
    """The largest number of requests per second, if any, and the limits of Azure before an answer says more."""

    per_second: float | None = None
    limits: Limits = PUBLISHED
