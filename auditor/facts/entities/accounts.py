"""Whether an account can act at all: it is of this tenant, enabled, and has accepted its invitation."""

from auditor.facts.fact import Evidence, Fact, Gap, Known, all_of, not_, once
from auditor.facts.subjects.account import enabled, invitation_pending
from auditor.inventory.inventory import Inventory

DIRECTORY_OBJECTS = "graph/directoryObjects"
NOT_IN_DIRECTORY = "NotInDirectory"
"""Code of a gap for an account that a directory which was read does not hold."""
NOT_REGISTERING = "NotRegistering"
"""Code of a gap for an account that is not the one that registers, so nothing is known of the one that does."""


def unseen(inventory: Inventory, object_id: str) -> tuple[Gap, ...]:
    """Return why nothing can be said of an account that is not among what the directory returned; empty for others.

    Where the directory was read, such an account was deleted for good or belongs to another tenant: whatever groups it
    is in there cannot be read here, so not even that it lacks a right is known.
    """
    if inventory.object(object_id) is not None or _made_this(inventory, object_id) or _deleted(inventory, object_id):
        return ()
    if "@" in object_id:
        message = "an address of another tenant: the groups and roles of an account there cannot be read from here"
        return (Gap(DIRECTORY_OBJECTS, object_id, 0, NOT_IN_DIRECTORY, message),)
    unread = (*inventory.gaps("graph/users", object_id), *inventory.gaps(DIRECTORY_OBJECTS, object_id))
    message = "this directory holds no such account: it was deleted, or belongs to another tenant"
    text = f"{message}, where nothing can be read"
    return once(unread) or (Gap(DIRECTORY_OBJECTS, object_id, 0, NOT_IN_DIRECTORY, text),)


def may_sign_in(inventory: Inventory, object_id: str) -> Fact[bool]:
    """Return whether the account gets a token: the one that made the snapshot did."""
    if _made_this(inventory, object_id):
        return Known(True, (Evidence(object_id, "read this environment"),))
    if _deleted(inventory, object_id):
        return Known(False, (Evidence(object_id, "the account was deleted"),))
    return all_of((enabled(inventory, object_id), not_(invitation_pending(inventory, object_id))))


def _made_this(inventory: Inventory, object_id: str) -> bool:
    return inventory.header.by.object_id.lower() == object_id.lower()


def _deleted(inventory: Inventory, object_id: str) -> bool:
    key = object_id.lower()
    return inventory.object(key) is None and any(
        record.deleted and record.id.lower() == key for record in inventory.snapshot.graph
    )
