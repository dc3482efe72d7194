"""The budgets of Azure that a request draws on, and how many units it takes of each."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from auditor.azure.throttling.directory_units import batch_units, units

_SUBSCRIPTION = "/subscriptions/"
_RESOURCE_GRAPH = "/providers/microsoft.resourcegraph/resources"
_DIRECTORY = re.compile(r"/(?:v1\.0|beta)(?P<rest>/.*)")
_LOGS = re.compile(r"/v1/workspaces/[^/]+/query")
_ARM = ("/subscriptions", "/providers/", "/tenants", "/resources", "/batch")
_PIM = frozenset(
    {
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "microsoft.authorization/roleassignmentscheduleinstances",
    }
)
"""Lists that the service for Privileged Identity Management answers, whose budget is small and not published."""


class BudgetKind(StrEnum):
    """The budgets that Azure has; the value says in words for what."""

    READS = "reads"
    WRITES = "writes"
    DELETES = "deletes"
    GLOBAL_READS = "reads of all principals"
    GLOBAL_WRITES = "writes of all principals"
    GLOBAL_DELETES = "deletes of all principals"
    PROVIDER = "the resource provider"
    RESOURCE_GRAPH = "Resource Graph"
    DIRECTORY = "Microsoft Graph"
    LOGS = "Log Analytics"
    HOST = "the host"


_OF_METHOD = {
    "GET": (BudgetKind.READS, BudgetKind.GLOBAL_READS),
    "HEAD": (BudgetKind.READS, BudgetKind.GLOBAL_READS),
    "DELETE": (BudgetKind.DELETES, BudgetKind.GLOBAL_DELETES),
}
_OTHERWISE = (BudgetKind.WRITES, BudgetKind.GLOBAL_WRITES)


class Budget(NamedTuple):
    """One budget: its kind, and whose it is: a subscription, a provider in one; empty for that of the tenant."""

    kind: BudgetKind
    of: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} ({self.of})" if self.of else self.kind.value


Draw = tuple[Budget, float]
"""A budget, and the units that a request takes of it."""


def draws_of(method: str, url: str, body: bytes = b"") -> tuple[Draw, ...]:
    """Return what a request draws on; requests that draw on the same budgets wait in one queue."""
    start = url.find("/", url.find("://") + 3)
    path = url[start:].partition("?")[0].lower() if start > 0 else "/"
    if directory := _DIRECTORY.fullmatch(path):
        rest, query = directory["rest"], url.partition("?")[2]
        taken = batch_units(body) if rest == "/$batch" else units(method, rest, query)
        return ((Budget(BudgetKind.DIRECTORY), taken),)
    if path == _RESOURCE_GRAPH:
        return _RESOURCE_GRAPH_DRAWS
    if path.startswith(_ARM):
        subscription = path.split("/", 3)[2] if path.startswith(_SUBSCRIPTION) else ""
        return _arm_draws(method.upper(), subscription, _provider(path))
    if _LOGS.fullmatch(path):
        return _LOGS_DRAWS
    return _host_draws(url[url.find("://") + 3 : start] if start > 0 else url)


_RESOURCE_GRAPH_DRAWS: tuple[Draw, ...] = ((Budget(BudgetKind.RESOURCE_GRAPH), 1.0),)
_LOGS_DRAWS: tuple[Draw, ...] = ((Budget(BudgetKind.LOGS), 1.0),)


def _provider(path: str) -> str:
    """Return the provider (lower case) that answers a path: that of its last `/providers/`, or the list of PIM."""
    _, separator, below = path.rpartition("/providers/")
    if not separator:
        return ""
    namespace, _, rest = below.partition("/")
    kind = f"{namespace}/{rest.partition('/')[0]}"
    return kind if kind in _PIM else namespace


@lru_cache(maxsize=65536)
def _arm_draws(method: str, subscription: str, provider: str) -> tuple[Draw, ...]:
    own, everyone = _OF_METHOD.get(method, _OTHERWISE)
    found: list[Draw] = [(Budget(own, subscription), 1.0)]
    if subscription:
        found.append((Budget(everyone, subscription), 1.0))
    if provider in _PIM:  # one service for the whole tenant
        found.append((Budget(BudgetKind.PROVIDER, "Privileged Identity Management"), 1.0))
    elif provider:
        found.append((Budget(BudgetKind.PROVIDER, f"{provider} in {subscription}" if subscription else provider), 1.0))
    return tuple(found)


@lru_cache(maxsize=64)
def _host_draws(host: str) -> tuple[Draw, ...]:
    return ((Budget(BudgetKind.HOST, host), 1.0),)
