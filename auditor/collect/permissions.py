"""The minimum permissions of a scan, summed over all lists and questions to the directory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.collect.catalogue import (
    DEEP,
    FOR_CANDIDATES,
    FOR_PROJECTS,
    FOR_VAULTS,
    MACHINES,
    PER_CANDIDATE,
    PER_LONE_ASSESSMENT,
    PER_RECOVERY_VAULT,
    PER_SUBSCRIPTION,
    PER_TENANT,
    QUESTIONED,
    TRACKED,
    TRACKED_FOR_CANDIDATES,
)
from auditor.collect.directory.questions import QUESTIONS
from auditor.collect.listing import Feature, Listing, Tracked, permissions_for
from auditor.inventory.lists import DIRECTORY_OBJECTS
from auditor.inventory.reads import BY_READER

ROLE_NAME = "migaudit reader"
ANY_SCOPE = "/subscriptions/<subscription-id>"
"""The placeholder in the role that the user replaces by a subscription or a management group."""


MEANINGS: dict[Feature, str] = {
    Feature.ENVIRONMENT: "tenants, subscriptions, management groups, resource groups, resource providers; "
    "Resource Graph needs no right of its own",
    Feature.ACCESS: "who holds which role, what is denied or locked, what PIM can activate, which policies refuse",
    Feature.PROJECTS: "Azure Migrate projects of both experiences, solutions, assessment projects, sites, hosts",
    Feature.VAULTS: "key vaults, soft-deleted ones that still hold a name, and the networks that their firewalls list",
    Feature.WORKSPACES: "Log Analytics workspaces, soft-deleted ones, and the solutions on them",
    Feature.LEFTOVERS: "leftovers of deleted projects: replication vaults, storage, private endpoints, collectors",
    Feature.ACCOUNTS: "the accounts a scan is about, their groups and directory roles, the tenant's policy",
    Feature.APPLICATIONS: "the applications behind the appliances, their owners, deleted ones",
    Feature.WORKSPACE_USES: "other uses of the workspaces of Azure Migrate, and who deleted a project",
    Feature.DEEP: "only with `--deep`: diagnostic settings of every resource, ingestion of the workspaces",
    Feature.READINESS: "only for `readiness` and `scan --deep`: groups, assessments, machines assessed and discovered",
    Feature.QUESTIONS: "only for `can`, `who-can`, `preflight`: delegations, PIM in the directory, members",
}
"""What each feature reads."""


@dataclass(frozen=True, slots=True)
class Rights:
    """The permissions of one feature: actions of Azure and permissions of Graph, both sorted."""

    feature: Feature
    actions: tuple[str, ...]
    graph: tuple[str, ...]


def rights() -> tuple[Rights, ...]:
    """Return the permissions of each feature, in the order of `Feature`, without those that no custom role can name."""
    actions: dict[Feature, set[str]] = defaultdict(set)
    graph: dict[Feature, set[str]] = defaultdict(set)
    for reader in _readers():
        actions[reader.feature] |= set(reader.needs) - {BY_READER}
    for question in QUESTIONS:
        graph[question.feature] |= set(question.needs)
    graph[Feature.ACCESS] |= set(permissions_for(DIRECTORY_OBJECTS))
    return tuple(
        Rights(feature, _sorted(actions[feature]), _sorted(graph[feature]))
        for feature in Feature
        if actions[feature] or graph[feature]
    )


def uncovered() -> tuple[str, ...]:
    """Return the names of the lists that the custom role cannot cover, because Azure has no operation for them."""
    return tuple(sorted({reader.what for reader in _readers() if BY_READER in reader.needs}, key=str.lower))


def _readers() -> Iterator[Listing | Tracked]:
    yield from (*PER_TENANT, *PER_SUBSCRIPTION)
    yield from (*PER_CANDIDATE, *PER_RECOVERY_VAULT, *PER_LONE_ASSESSMENT, *FOR_CANDIDATES, *FOR_PROJECTS, *FOR_VAULTS)
    yield from (*DEEP, *MACHINES, *QUESTIONED)
    yield from (*TRACKED, *TRACKED_FOR_CANDIDATES)
    yield from (child for kind in TRACKED for child in kind.children)


def role(*scopes: str) -> dict[str, object]:
    """Return the custom role that grants all actions, in the form that `az role definition create` takes.

    `scopes` are its assignable scopes; without any, `ANY_SCOPE`.
    """
    description = "Read what migaudit needs to audit Azure Migrate: no data, no secrets, no changes."
    return custom_role(ROLE_NAME, description, {action for one in rights() for action in one.actions}, scopes)


def custom_role(name: str, description: str, actions: Iterable[str], scopes: Iterable[str]) -> dict[str, object]:
    """Return a custom role in the form that `az role definition create` takes."""
    return {
        "Name": name,
        "IsCustom": True,
        "Description": description,
        "Actions": list(_sorted(set(actions))),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": list(scopes) or [ANY_SCOPE],
    }


def graph_permissions() -> tuple[str, ...]:
    """Return every Graph permission, sorted; delegated and application permissions have the same names."""
    return _sorted({permission for one in rights() for permission in one.graph})


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.lower))
