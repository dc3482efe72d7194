"""The projects that a thing belongs to, as far as the environment shows them."""

from collections.abc import Iterable

from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.joins import Estate
from auditor.facts.subject import OwningProject
from auditor.inventory.arm_id import ArmId


def project_ref(estate: Estate, project: ArmId) -> OwningProject:
    """Return the project of this id; by the name that it has in Azure if it was read."""
    held = estate.projects.get(project.key) or estate.old_projects.get(project.key)
    return OwningProject(str(project), project.name) if held is None else OwningProject(held.id, held.display_name)


def projects_called(estate: Estate, name: str) -> tuple[OwningProject, ...]:
    """Return every project of this name; where none is there, the name alone, of a project that is gone or unread."""
    held = estate.projects_by_name.get(name.lower(), ())
    return tuple(project_ref(estate, project) for project in held) or (OwningProject("", name),)


def projects_of(estate: Estate, appliances: Iterable[ApplianceOnSite]) -> set[OwningProject]:
    """Return the projects of the appliances; one whose site names none has none."""
    return {project_ref(estate, one.project) for one in appliances if one.project is not None}
