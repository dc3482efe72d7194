"""What is soft-deleted and not purged yet, judged by the day on which the environment was read.

Azure purges some time after the day that it states. From that day on nothing is promised any more: the name counts as
free, and the content as gone.
"""

from collections.abc import Iterable

from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.keyvault import DeletedVault
from auditor.inventory.resources.loganalytics import DeletedWorkspace


def recoverable_vaults(inventory: Inventory) -> tuple[DeletedVault, ...]:
    """Return the soft-deleted key vaults that can still be recovered."""
    every: Iterable[DeletedVault] = inventory.all(DeletedVault)
    return tuple(one for one in every if not one.is_purged(inventory.now))


def recoverable_workspaces(inventory: Inventory) -> tuple[DeletedWorkspace, ...]:
    """Return the soft-deleted workspaces that can still be recovered."""
    every: Iterable[DeletedWorkspace] = inventory.all(DeletedWorkspace)
    return tuple(one for one in every if not one.is_purged(inventory.now))
