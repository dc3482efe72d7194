"""What has ever had to do with Azure Migrate, by what was read of it and of the projects.

Readers ask only about these things, and facts are drawn from the same signs, so both mean the same by them.
"""

from collections.abc import Iterable, Iterator

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, OldProject
from auditor.inventory.resources.offazure import Site
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.resource import Resource, tags_of

TAGS = ("migration project", "migrate project")
"""The keys of the tag that names a resource's project: as documented, and as newer projects' resources carry it."""

OLD_NAME = "migrate-"
"""How the workspaces begin that projects of the old experience made: a hint that is no proof."""

REPLICATION_STORAGE = ("migrateappligwsa", "migrateapplilsa", "migrateapplicsa", "migratersa")
"""How the storage accounts begin that the first replication makes: a hint that is no proof."""

REPLICATION_KEY_VAULT = "migrateapplikv"
"""How the key vaults begin that the first replication makes: a hint that is no proof."""

_RECOVERY_SUFFIX, _RECOVERY_PART = "rsvault", "-migratevault-"


def tagged_projects(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield (tag, project name) for each tag that names the project a resource was tied to."""
    yield from projects_in(resource.tags)


def projects_in(tags: object) -> Iterator[tuple[str, str]]:
    """Yield (tag, project name) for each of a body's tags that names a project."""
    values = tags_of(tags)
    for tag in TAGS:
        name = values.get(tag, "").strip()
        if name:
            yield tag, name


def named_project(workspace: Workspace) -> str:
    """Return the project that a workspace's name alone suggests, or the empty text."""
    name = workspace.display_name
    return name[len(OLD_NAME) :] if name.lower().startswith(OLD_NAME) else ""


def candidates(
    workspaces: Iterable[Workspace], projects: Iterable[AssessmentProject | OldProject]
) -> tuple[Workspace, ...]:
    """Return the workspaces that something ties to Azure Migrate: a reference, live or dangling, a tag, or a name."""
    referred = {_key(project.properties.customer_workspace_id) for project in projects}
    return tuple(
        workspace
        for workspace in workspaces
        if (key := _key(workspace.id)) is not None
        and (key in referred or any(tagged_projects(workspace)) or named_project(workspace))
    )


def named_for_migrate(vault: RecoveryVault) -> bool:
    """Say whether a Recovery Services vault is called as Azure Migrate calls those it makes."""
    name = vault.display_name.lower()
    return name.endswith(_RECOVERY_SUFFIX) or _RECOVERY_PART in name


def recovery_candidates(vaults: Iterable[RecoveryVault]) -> tuple[RecoveryVault, ...]:
    """Return the Recovery Services vaults that a tag or a name ties to Azure Migrate: worth asking what they hold."""
    return tuple(one for one in vaults if _key(one.id) and (any(tagged_projects(one)) or named_for_migrate(one)))


def owner_of(resource: AssessmentProject | Site) -> ArmId | None:
    """Return the project whose solution an assessment project or a site names, or None where it names none."""
    if isinstance(resource, AssessmentProject):
        solution = _id(resource.properties.assessment_solution_id)
    else:
        solution = _id(resource.properties.discovery_solution_id) if resource.properties else None
    return None if solution is None else solution.parent


def lone_assessments(
    assessments: Iterable[AssessmentProject], projects: Iterable[Resource]
) -> tuple[AssessmentProject, ...]:
    """Return the assessment projects that belong to none of `projects`: worth asking which applications they know."""
    held = {_key(one.id) for one in projects}
    return tuple(one for one in assessments if (owner := owner_of(one)) is None or owner.key not in held)


def bereft(resources: Iterable[Resource], projects: Iterable[Resource]) -> frozenset[str]:
    """Return the keys of the subscriptions that hold something of a project which is not among `projects`."""
    held = list(projects)
    ids = {_key(one.id) for one in held}
    names = {one.display_name.lower() for one in held}
    lonely: set[str] = set()
    for resource in resources:
        owner = owner_of(resource) if isinstance(resource, AssessmentProject | Site) else None
        if owner is not None and owner.key not in ids:
            lonely |= _subscription(owner)
        elif owner is None and any(name.lower() not in names for _, name in tagged_projects(resource)):
            lonely |= _subscription(_id(resource.id))
    return frozenset(lonely)


def _subscription(identity: ArmId | None) -> set[str]:
    scope = None if identity is None else identity.subscription_id
    return set() if scope is None else {scope.key}


def _id(text: str | None) -> ArmId | None:
    """Return an id, or None for what is none, such as a URL or a placeholder."""
    try:
        return ArmId.parse(text) if text else None
    except MalformedArmId:
        return None


def _key(text: str | None) -> str | None:
    """Return an id as it is compared; None for what is none."""
    identity = _id(text)
    return None if identity is None else identity.key
