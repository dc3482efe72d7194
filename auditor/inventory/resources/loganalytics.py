"""Log Analytics workspaces, live and soft-deleted, and the solutions installed on them."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from auditor.inventory.resources.resource import Body, Reference, Resource, moment

KEPT = timedelta(days=14)
"""How long a deleted workspace can be recovered, and its name stays taken."""


class WorkspaceReplication(Body, frozen=True):
    """Replication of a workspace to another region."""

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
    """A soft-deleted workspace: recoverable for 14 days, its name stays taken."""

    deleted: ClassVar[bool] = True

    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted: the last change Azure tells of it."""
        return moment(self.properties.modified_date)

    @property
    def purged_at(self) -> datetime | None:
        """When it goes away and frees its name."""
        return None if self.deleted_at is None else self.deleted_at + KEPT


class OmsPlan(Body, frozen=True):
    """What a solution is: `product` such as `OMSGallery/ServiceMap`."""

    name: str | None = None
    product: str | None = None


class OmsSolutionProperties(Body, frozen=True):
    """Which workspace a solution stands on."""

    workspace_resource_id: Reference | None = None
    provisioning_state: str | None = None


class OmsSolution(Resource, frozen=True):
    """A solution on a workspace; it may live in another resource group than the workspace."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.OperationsManagement/solutions",)

    plan: OmsPlan = OmsPlan()
    properties: OmsSolutionProperties = OmsSolutionProperties()
