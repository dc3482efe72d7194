"""The sizes of the budgets that an emulator serves; by default those that Azure publishes."""

from typing import Annotated

import msgspec
from msgspec import Meta

Positive = Annotated[float, Meta(gt=0)]


class QuotaSize(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token bucket: `burst` requests or units when it is full, refilled by `per_second`."""

    burst: Positive
    per_second: Positive


class WindowSize(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of queries in each window of some seconds."""

    queries: Annotated[int, Meta(ge=1)]
    seconds: Positive


class QuotaSizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sizes of all budgets; the fields of `limits` in a fault file.

    `reads`, `writes` and `deletes` are those of Resource Manager, for each principal, per subscription and for the
    tenant; `principals` times as many are for all principals of a subscription together. `directory` are the units of
    Microsoft Graph for each application; without it, they follow from the number of users, as in Azure. `pim` is the
    budget of the lists of Privileged Identity Management, which Azure does not publish: without it there is none.
    """

    reads: QuotaSize = QuotaSize(250, 25)
    writes: QuotaSize = QuotaSize(200, 10)
    deletes: QuotaSize = QuotaSize(200, 10)
    principals: Positive = 15
    resource_graph: WindowSize = WindowSize(15, 5)
    directory: QuotaSize | None = None
    pim: QuotaSize | None = None


def directory_size(users: int) -> QuotaSize:
    """Return the budget of a directory with so many users: units in ten seconds, for each application."""
    return QuotaSize(3500, 350) if users < 50 else QuotaSize(5000, 500) if users <= 500 else QuotaSize(8000, 800)
