"""What a plan must be, and which rights it needs, before anything of it is touched."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from auditor.azure.clouds import Cloud
from auditor.cleanup.plan import CleanupPlan, Item
from auditor.cleanup.results import RunEnd
from auditor.facts.rights.workspace_rights import DELETE, RECOVER

END_OF_OPERATION = "Microsoft.OperationalInsights/locations/operationStatuses/read"
"""Asking whether a deletion or a recovery has ended."""

PUT_BACK = {
    "solution": "Microsoft.OperationsManagement/solutions/write",
    "linked service": "Microsoft.OperationalInsights/workspaces/linkedServices/write",
}
"""What creating each kind of saved thing anew needs."""

TO_RESTORE = tuple(sorted([END_OF_OPERATION, RECOVER, *PUT_BACK.values()], key=str.lower))
"""What `cleanup restore` needs."""

TO_APPLY = tuple(sorted([DELETE, *TO_RESTORE], key=str.lower))
"""What `cleanup apply` needs: it touches nothing that the same account could not bring back."""


def to_delete_and_bring_back(item: Item) -> Iterable[tuple[str, str]]:
    """Yield each action that deleting `item` and bringing all of it back needs, with the ARM id that it is done to."""
    yield DELETE, item.id
    yield RECOVER, item.id
    for saved in item.lost_for_good:
        yield PUT_BACK[saved.kind], saved.id


_CLOCKS_APART = timedelta(minutes=5)


class NotAdmitted(Exception):
    """The plan as a whole is refused; `end` says in which way."""

    def __init__(self, end: RunEnd, reason: str) -> None:
        super().__init__(reason)
        self.end = end


def admit(plan: CleanupPlan, now: datetime, max_age: timedelta) -> None:
    """Raise `NotAdmitted` for a plan from a partial scan, and for one that is too old or from the future."""
    if plan.partial:
        raise NotAdmitted(
            RunEnd.REFUSED, f"the plan comes from a partial scan: {'; '.join(plan.partial)}; scan it whole"
        )
    age = now - plan.created_at
    if age < -_CLOCKS_APART:
        raise NotAdmitted(RunEnd.STALE, "the plan was made in the future: set the clock right and make the plan again")
    if age > max_age:
        raise NotAdmitted(RunEnd.STALE, f"the plan is {_told(age)} old, more than {_told(max_age)}: make it again")


def admit_there(plan: CleanupPlan, tenant_id: str, cloud: Cloud) -> None:
    """Raise `NotAdmitted` unless the plan is about this tenant in this cloud, or the one that an emulator replays."""
    if plan.tenant_id.lower() != tenant_id.lower():
        raise NotAdmitted(
            RunEnd.REFUSED, f"the plan is about tenant {plan.tenant_id}, and you are signed in to {tenant_id}"
        )
    if plan.cloud not in {cloud.name, cloud.replays}:
        raise NotAdmitted(
            RunEnd.REFUSED, f"the plan is about the cloud {plan.cloud}, and you are signed in to {cloud.name}"
        )


def _told(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"
