"""The catalogue of all ARM lists that a scan reads, in the order they are read.

A list whose row states how it is read is in it already; one with a reader of its own must be added here.
"""

from collections.abc import Callable
from typing import Any

from auditor.collect.listing import Listing, Sdk, Tracked
from auditor.collect.readers import (
    assessments,
    authorization,
    delegations,
    environment,
    key_vaults,
    leftovers,
    loganalytics,
    management_groups,
    migrate,
    policies,
    workspace_uses,
)
from auditor.collect.readers.activity_log import ACTIVITY_LOG
from auditor.collect.readers.from_rows import tracked
from auditor.inventory.lists import Purpose

PER_TENANT: tuple[Listing, ...] = (
    environment.TENANTS,
    environment.SUBSCRIPTIONS,
    management_groups.MANAGEMENT_GROUPS,
    management_groups.DESCENDANTS,
    authorization.BUILT_IN_ROLES,
)
"""Read once; the descendants of each management group that no other one covers."""

PER_SUBSCRIPTION: tuple[Listing, ...] = (
    environment.RESOURCE_GROUPS,
    environment.PROVIDERS,
    authorization.ROLE_ASSIGNMENTS,
    authorization.CUSTOM_ROLES,
    authorization.DENY_ASSIGNMENTS,
    authorization.LOCKS,
    authorization.ELIGIBILITY,
    authorization.ACTIVATION,
    key_vaults.VAULTS,
    key_vaults.DELETED_VAULTS,
    loganalytics.WORKSPACES,
    loganalytics.DELETED_WORKSPACES,
    migrate.ASSESSMENT_PROJECTS,
    migrate.OLD_PROJECTS,
    *leftovers.PER_SUBSCRIPTION,
)
"""Read in every subscription, whatever it contains: only a list that was read proves absence."""

LAST: tuple[Listing, ...] = (authorization.ELIGIBILITY, authorization.ACTIVATION)
"""Those of them that are read after all others: Privileged Identity Management has the smallest budget."""

CLIENTS: tuple[Callable[[], type[Any]], ...] = (
    environment.resources("").client,
    *(listing.source.client for listing in PER_SUBSCRIPTION if isinstance(listing.source, Sdk)),
)
"""Load the clients of azure-mgmt by which a subscription is read."""

TRACKED: tuple[Tracked, ...] = (migrate.PROJECTS, *tracked(Purpose.DISCOVERY), *leftovers.TRACKED)
"""Found in the list of all resources of every subscription."""

FILTERED: tuple[Listing | Tracked, ...] = (environment.RESOURCE_GROUPS, *TRACKED)
"""Lists from which Azure leaves out, without an error, what the account may not read."""

PER_CANDIDATE: tuple[Listing, ...] = (
    *workspace_uses.PER_WORKSPACE,
    *map(workspace_uses.data_sources, workspace_uses.DATA_SOURCE_KINDS),
)
"""Read by a deep scan and for a deletion, for each workspace that is associated with Azure Migrate.

Any other scan reads some of these and of the following ones, until one proves a use (`workspaces/first_use.py`).
"""

PER_RECOVERY_VAULT: tuple[Listing, ...] = leftovers.PER_RECOVERY_VAULT
"""Read for each Recovery Services vault that is associated with Azure Migrate."""

PER_LONE_ASSESSMENT: tuple[Listing, ...] = leftovers.PER_LONE_ASSESSMENT
"""Read for each assessment project without a project."""

FOR_CANDIDATES: tuple[Listing, ...] = (
    loganalytics.SOLUTIONS,
    *workspace_uses.PER_SUBSCRIPTION,
    policies.POLICY_ASSIGNMENTS,
    ACTIVITY_LOG,
)
"""Read in every subscription where any of them has such a workspace; the Activity Log also where something of a missing
project is left over, and solutions otherwise only in subscriptions with a workspace of one."""

TRACKED_FOR_CANDIDATES: tuple[Tracked, ...] = workspace_uses.TRACKED
"""Found there in a second list of resources, which is filtered to these types."""

DEEP: tuple[Listing, ...] = (workspace_uses.DIAGNOSTIC_SETTINGS, workspace_uses.INGESTION)
"""Read only by a deep scan, and only where there is such a workspace."""

MACHINES: tuple[Listing, ...] = assessments.LISTINGS
"""Read only where machines are asked for, of each assessment project and site."""

FOR_VAULTS: tuple[Listing, ...] = (key_vaults.NETWORKS,)
"""Read one by one, where the firewall of an appliance's vault lists a subnet."""

FOR_PROJECTS: tuple[Listing, ...] = policies.POLICIES
"""Read in every subscription with a project, and in all where the question is about access."""

QUESTIONED: tuple[Listing, ...] = (*delegations.PER_SUBSCRIPTION, delegations.OWN_PERMISSIONS)
"""Read only where the question is about access; a plain scan leaves it out."""
