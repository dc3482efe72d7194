"""The rights that carrying out a plan and taking it back need, beside those that reading needs."""

from collections.abc import Iterable

from auditor.cleanup.plan import Item
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
