"""The association of resources with Azure Migrate: by references, tags and names.

The scan reads more about associated resources, and the facts use the same signs.
"""

from collections.abc import Iterable, Iterator

from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, MigrateProject, OldProject
from auditor.inventory.resources.offazure import Site
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.resource import Resource, tags_of

TAGS = ("migration project", "migrate project")
"""The keys of the tag that names a resource's project: the documented one, and that of newer projects."""

OLD_NAME = "migrate-"
"""The beginning of the names of workspaces made for projects of the old experience; a hint, but no proof."""

REPLICATION_STORAGE = ("migrateappligwsa", "migrateapplilsa", "migrateapplicsa", "migratersa")
"""The beginnings of the names of storage accounts made by the first replication; a hint, but no proof."""

REPLICATION_KEY_VAULT = "migrateapplikv"
"""The beginning of the names of key vaults made by the first replication; a hint, but no proof."""

REPLICATION_SERVICE_BUS = ("migrateapplisbns", "migratesbns")
"""The beginnings of the names of Service Bus namespaces made by the first replication; a hint, but no proof."""

OWN_DNS_ZONE = ".migration.windowsazure."
"""A part of the names of private DNS zones that only Azure Migrate uses."""

_RECOVERY_SUFFIX, _RECOVERY_PART = "rsvault", "-migratevault-"


def tagged_projects(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield (tag, project name) for each tag of a resource that names a project."""
    yield from projects_in(resource.tags)


def projects_in(tags: object) -> Iterator[tuple[str, str]]:
    """Yield (tag, project name) for each tag in a body that names a project."""
    values = tags_of(tags)
    for tag in TAGS:
        name = values.get(tag, "").strip()
        if name:
            yield tag, name


def named_project(workspace: Workspace) -> str:
    """Return the name of the project that a workspace's name suggests, or the empty text."""
    name = workspace.display_name
    return name[len(OLD_NAME) :] if name.lower().startswith(OLD_NAME) else ""


def candidates(
    workspaces: Iterable[Workspace], projects: Iterable[AssessmentProject | OldProject]
) -> tuple[Workspace, ...]:
    """Return the workspaces associated with Azure Migrate: by a project's reference, live or not, a tag, or a name."""
    referred = {_key(project.properties.customer_workspace_id) for project in projects}
    return tuple(
        workspace
        for workspace in workspaces
        if (key := _key(workspace.id)) is not None
        and (key in referred or any(tagged_projects(workspace)) or named_project(workspace))
    )


def unattached(
    workspaces: Iterable[Workspace],
    references: Iterable[AssessmentProject | OldProject],
    projects: Iterable[MigrateProject | OldProject],
) -> tuple[Workspace, ...]:
    """Return the workspaces that a reference or a tag associates with projects of which none is among `projects`.

    An assessment project that names no project may be in use itself, and so is a project of the old experience.
    """
    existing = [arm_id(one.id) for one in projects]
    ids = {one.key for one in existing if one is not None}
    names = {one.name.lower() for one in existing if one is not None}
    associated: set[str | None] = set()
    attached: set[str | None] = set()
    for referring in references:
        named = (referring.properties.customer_workspace_id or "").strip()
        owner = owner_of(referring) if isinstance(referring, AssessmentProject) else None
        (attached if owner is None or owner.key in ids else associated).add(_key(named) or named.lower())
    found = []
    for workspace in workspaces:
        keys = {_key(workspace.id), (workspace.properties.customer_id or "").lower()} - {None, ""}
        tags = {name.lower() for _, name in tagged_projects(workspace)}
        if _key(workspace.id) and (tags or keys & associated) and not keys & attached and not tags & names:
            found.append(workspace)
    return tuple(found)


def named_for_migrate(vault: RecoveryVault) -> bool:
    """Return whether a Recovery Services vault has a name as Azure Migrate gives it."""
    name = vault.display_name.lower()
    return name.endswith(_RECOVERY_SUFFIX) or _RECOVERY_PART in name


def recovery_candidates(vaults: Iterable[RecoveryVault]) -> tuple[RecoveryVault, ...]:
    """Return the Recovery Services vaults that are associated with Azure Migrate by a tag or a name."""
    return tuple(one for one in vaults if _key(one.id) and (any(tagged_projects(one)) or named_for_migrate(one)))


def owner_of(resource: AssessmentProject | Site) -> ArmId | None:
    """Return the project whose solution an assessment project or a site refers to, or None."""
    if isinstance(resource, AssessmentProject):
        solution = arm_id(resource.properties.assessment_solution_id)
    else:
        solution = arm_id(resource.properties.discovery_solution_id) if resource.properties else None
    return None if solution is None else solution.parent


def lone_assessments(
    assessments: Iterable[AssessmentProject], projects: Iterable[Resource]
) -> tuple[AssessmentProject, ...]:
    """Return the assessment projects that belong to none of `projects`."""
    held = {_key(one.id) for one in projects}
    return tuple(one for one in assessments if (owner := owner_of(one)) is None or owner.key not in held)


def bereft(resources: Iterable[Resource], projects: Iterable[Resource]) -> frozenset[str]:
    """Return the keys of the subscriptions that contain a resource of a project which is not among `projects`."""
    held = list(projects)
    ids = {_key(one.id) for one in held}
    names = {one.display_name.lower() for one in held}
    lonely: set[str] = set()
    for resource in resources:
        owner = owner_of(resource) if isinstance(resource, AssessmentProject | Site) else None
        if owner is not None and owner.key not in ids:
            lonely |= _subscription(owner)
        elif owner is None and any(name.lower() not in names for _, name in tagged_projects(resource)):
            lonely |= _subscription(arm_id(resource.id))
    return frozenset(lonely)


def _subscription(identity: ArmId | None) -> set[str]:
    scope = None if identity is None else identity.subscription_id
    return set() if scope is None else {scope.key}


def _key(text: str | None) -> str | None:
    """Return the key of an id for comparison, or None for any other text."""
    identity = arm_id(text)
    return None if identity is None else identity.key
