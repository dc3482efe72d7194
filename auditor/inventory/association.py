"""Which workspaces have ever had to do with Azure Migrate, by what was read of them and of the projects.

Readers ask only about these, and facts are drawn from the same signs, so both mean the same by them.
"""

from collections.abc import Iterable, Iterator

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, OldProject

TAGS = ("migration project", "migrate project")
"""The keys of the tag that names a workspace's project: as documented, and as newer projects' resources carry it."""

OLD_NAME = "migrate-"
"""How the workspaces begin that projects of the old experience made: a hint that is no proof."""


def tagged_projects(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Yield (tag, project name) for each tag that names the project a workspace was tied to."""
    for tag in TAGS:
        name = workspace.tag_values.get(tag, "").strip()
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


def _key(text: str | None) -> str | None:
    """Return an id as it is compared; None for what is none, such as a URL or a placeholder."""
    try:
        return ArmId.parse(text).key if text else None
    except MalformedArmId:
        return None
