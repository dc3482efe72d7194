"""Every reader of Azure Resource Manager, in the order it is asked: the list to add a reader to."""

from auditor.collect.listing import Listing, Tracked
from auditor.collect.readers import (
    authorization,
    environment,
    keyvault,
    loganalytics,
    management_groups,
    migrate,
    offazure,
    policies,
)
from auditor.collect.readers import delegations as questioned
from auditor.collect.readers import leftovers as remains
from auditor.collect.readers import workspace_uses as uses
from auditor.collect.readers.activity_log import ACTIVITY_LOG

PER_TENANT: tuple[Listing, ...] = (
    environment.TENANTS,
    environment.SUBSCRIPTIONS,
    management_groups.MANAGEMENT_GROUPS,
    management_groups.DESCENDANTS,
    authorization.BUILT_IN_ROLES,
)
"""Asked once; the descendants of each management group that no other one covers."""

PER_SUBSCRIPTION: tuple[Listing, ...] = (
    environment.RESOURCE_GROUPS,
    environment.PROVIDERS,
    authorization.ROLE_ASSIGNMENTS,
    authorization.CUSTOM_ROLES,
    authorization.DENY_ASSIGNMENTS,
    authorization.LOCKS,
    authorization.ELIGIBILITY,
    authorization.ACTIVATION,
    keyvault.VAULTS,
    keyvault.DELETED_VAULTS,
    loganalytics.WORKSPACES,
    loganalytics.DELETED_WORKSPACES,
    loganalytics.SOLUTIONS,
    migrate.ASSESSMENT_PROJECTS,
    migrate.OLD_PROJECTS,
)
"""Asked of every subscription, whatever it holds: only a list that was read proves that nothing is there."""

TRACKED: tuple[Tracked, ...] = (migrate.PROJECTS, *offazure.SITES, *remains.TRACKED)
"""Found in every subscription's list of resources."""

PER_CANDIDATE: tuple[Listing, ...] = (*uses.PER_WORKSPACE, *map(uses.data_sources, uses.DATA_SOURCE_KINDS))
"""Asked of each workspace that something ties to Azure Migrate."""

PER_RECOVERY_VAULT: tuple[Listing, ...] = remains.PER_RECOVERY_VAULT
"""Asked of each Recovery Services vault that something ties to Azure Migrate."""

PER_LONE_ASSESSMENT: tuple[Listing, ...] = remains.PER_LONE_ASSESSMENT
"""Asked of each assessment project whose project is not there."""

FOR_CANDIDATES: tuple[Listing, ...] = (*uses.PER_SUBSCRIPTION, ACTIVITY_LOG)
"""Asked of every subscription once there is such a workspace in any of them; the Activity Log also where something is
left of a project that is not there."""

DEEP: tuple[Listing, ...] = (uses.DIAGNOSTIC_SETTINGS, uses.INGESTION)
"""Asked only by a deep scan, and only where there is such a workspace."""

FOR_PROJECTS: tuple[Listing, ...] = policies.POLICIES
"""Asked of every subscription that holds a project, and of all where the question is about access."""

QUESTIONED: tuple[Listing, ...] = (*questioned.PER_SUBSCRIPTION, questioned.OWN_PERMISSIONS)
"""Asked only where the question is about access: a plain scan leaves it out."""
