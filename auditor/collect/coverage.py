"""What a scan came to as a whole: whether it could read anything of what it was asked for."""

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.snapshot import Snapshot


def nothing_readable(snapshot: Snapshot) -> bool:
    """Say whether not a single list of the subscriptions in scope was answered.

    True also where the scope came out empty because no subscription could be seen.
    """
    wanted = {name.lower() for name in snapshot.header.scope.subscriptions}
    return not any(_subscription_of(read.scope) in wanted for read in snapshot.reads or ())


def least_permission(snapshot: Snapshot) -> str:
    """Return the sentence that says which right would let a scan of the same scope read something."""
    where = [f"`/subscriptions/{name}`" for name in snapshot.header.scope.subscriptions]
    groups = [
        f"`/providers/Microsoft.Management/managementGroups/{name}`" for name in snapshot.header.scope.management_groups
    ]
    scopes = ", ".join(groups or where[:3]) + (f" and {len(where) - 3} more" if len(where) > 3 and not groups else "")
    at = f"at {scopes}" if scopes else "at a subscription or a management group"
    return (
        f"`{snapshot.header.by.name or snapshot.header.by.object_id}` needs the role `Reader` {at}, "
        "or the smaller custom role that `migaudit permissions` prints"
    )


def _subscription_of(scope: str) -> str | None:
    try:
        return ArmId.parse(scope).subscription
    except MalformedArmId:
        return None
