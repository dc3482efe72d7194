"""Log Analytics workspaces, live and soft-deleted, and the solutions installed on them."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from auditor.inventory.resources.resource import Body, Reference, Resource, moment

KEPT = timedelta(days=14)
"""The time for which a deleted workspace can be recovered and its name stays taken."""


class WorkspaceReplication(Body, frozen=True):
    """The replication of a workspace to another region."""

    enabled: bool | None = None


class WorkspaceProperties(Body, frozen=True):
    """The properties of a workspace; `customer_id` is the workspace's own GUID."""

    customer_id: str | None = None
    provisioning_state: str | None = None
    retention_in_days: int | None = None
    sku: Any = None
    workspace_capping: Any = None
    modified_date: str | None = None
    replication: WorkspaceReplication | None = None


class Workspace(Resource, frozen=True):
    """A live workspace."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.OperationalInsights/workspaces",)

    properties: WorkspaceProperties = WorkspaceProperties()


class DeletedWorkspace(Workspace, frozen=True):
    """A soft-deleted workspace, which can be recovered for 14 days and whose name stays taken."""

    deleted: ClassVar[bool] = True

    @property
    def deleted_at(self) -> datetime | None:
        """The time of its deletion, which is the last modification that Azure reports."""
        return moment(self.properties.modified_date)

    @property
    def purged_at(self) -> datetime | None:
        """The time when it is purged and its name becomes free."""
        return None if self.deleted_at is None else self.deleted_at + KEPT

    def is_purged(self, now: datetime) -> bool:
        """Return whether it has been purged by now; one that does not show when it was deleted may not be yet."""
        return self.purged_at is not None and self.purged_at <= now


class OmsPlan(Body, frozen=True):
    """The plan of a solution, with a `product` such as `OMSGallery/ServiceMap`."""

    name: str | None = None
    product: str | None = None


class OmsSolutionProperties(Body, frozen=True):
    """The workspace that a solution is installed on."""

    workspace_resource_id: Reference | None = None
    provisioning_state: str | None = None


class OmsSolution(Resource, frozen=True):
    """A solution on a workspace; it may be in another resource group than the workspace."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.OperationsManagement/solutions",)

    plan: OmsPlan = OmsPlan()
    properties: OmsSolutionProperties = OmsSolutionProperties()
