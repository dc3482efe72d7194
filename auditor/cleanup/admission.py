"""Checks of a plan before it is applied, and the rights that applying and restoring need."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from auditor.azure.clouds import Cloud
from auditor.cleanup.plan import CleanupPlan, Item, PlanSource
from auditor.cleanup.results import RunEnd
from auditor.facts.rights.workspace_rights import DELETE, RECOVER

END_OF_OPERATION = "Microsoft.OperationalInsights/locations/operationStatuses/read"
"""The right to ask whether a deletion or a recovery has ended."""

RECREATE = {
    "solution": "Microsoft.OperationsManagement/solutions/write",
    "linked service": "Microsoft.OperationalInsights/workspaces/linkedServices/write",
}
"""The right to recreate each kind of saved resource."""

TO_RESTORE = tuple(sorted([END_OF_OPERATION, RECOVER, *RECREATE.values()], key=str.lower))
"""The rights that `cleanup restore` needs."""

TO_APPLY = tuple(sorted([DELETE, *TO_RESTORE], key=str.lower))
"""The rights that `cleanup apply` needs: it deletes only what the same account could restore."""

_CLOCKS_APART = timedelta(minutes=5)
"""The difference between two clocks that is tolerated."""


class NotAdmitted(Exception):
    """A refusal of the whole plan; `end` is the result of the run."""

    def __init__(self, end: RunEnd, reason: str) -> None:
        super().__init__(reason)
        self.end = end


def admit(plan: CleanupPlan, now: datetime, max_age: timedelta) -> None:
    """Raise `NotAdmitted` for a plan of the embedded environment or from a partial scan, and for its date.

    A plan may be neither too old nor dated in the future.
    """
    if plan.source is PlanSource.DEMO:
        raise NotAdmitted(
            RunEnd.REFUSED,
            "the plan is of the embedded environment, of which nothing is in Azure: `migaudit cleanup rehearse` goes "
            "the whole way on an emulated Azure",
        )
    if plan.partial:
        raise NotAdmitted(
            RunEnd.REFUSED, f"the plan comes from a partial scan: {'; '.join(plan.partial)}; run a complete scan"
        )
    age = now - plan.created_at
    if age < -_CLOCKS_APART:
        raise NotAdmitted(RunEnd.STALE, "the plan is dated in the future: correct the clock and make the plan again")
    if age > max_age:
        raise NotAdmitted(RunEnd.STALE, f"the plan is {_age(age)} old, more than {_age(max_age)}: make it again")


def admit_there(plan: CleanupPlan, tenant_id: str, cloud: Cloud) -> None:
    """Raise `NotAdmitted` unless the plan is for this tenant and this cloud, or the cloud that an emulator replays."""
    if plan.tenant_id.lower() != tenant_id.lower():
        raise NotAdmitted(
            RunEnd.REFUSED, f"the plan is for tenant {plan.tenant_id}, and you are signed in to {tenant_id}"
        )
    if plan.cloud not in {cloud.name, cloud.replays}:
        raise NotAdmitted(
            RunEnd.REFUSED, f"the plan is for the cloud {plan.cloud}, and you are signed in to {cloud.name}"
        )


def to_delete_and_restore(item: Item) -> Iterable[tuple[str, str]]:
    """Yield the actions that deleting `item` and restoring all of it need, each with its ARM id."""
    yield DELETE, item.id
    yield RECOVER, item.id
    for saved in item.lost_for_good:
        yield RECREATE[saved.kind], saved.id


def _age(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"
