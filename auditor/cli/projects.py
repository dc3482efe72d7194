"""Whether a project or resource group on the command line can be what the user meant."""

from auditor.cli.failures import UsageFailed
from auditor.facts.presence import arm_id
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.migrate import MigrateProject, OldProject
from auditor.inventory.resources.offazure import Site
from auditor.inventory.resources.subscriptions import ResourceGroup
from auditor.nearest import no_such

_RESOURCE_GROUPS = "Microsoft.Resources/resourceGroups"
_PROJECTS = ("Microsoft.Migrate/migrateProjects", "Microsoft.Migrate/projects")


def refuse_unknown_places(inventory: Inventory, project: str | None, resource_group: str | None) -> None:
    """Raise `UsageFailed` for a name that nothing bears or points at, where everything that could was read.

    A project that was asked for with its resource group, or by its id, is never refused: that it is not there is the
    very finding (60039).
    """
    if project is None:
        if resource_group is not None and not _hidden(inventory, _RESOURCE_GROUPS):
            _refuse_unless_held(
                "resource group", resource_group, [one.arm_id.name for one in inventory.all(ResourceGroup)]
            )
        return
    if project.startswith("/"):
        ArmId.parse(project)
    elif resource_group is None and not any(_hidden(inventory, what) for what in _PROJECTS):
        _refuse_unless_held("project", project, _project_names(inventory))


def _refuse_unless_held(kind: str, name: str, held: list[str]) -> None:
    if name.casefold() not in {one.casefold() for one in held}:
        raise UsageFailed(no_such(kind, name, held))


def _project_names(inventory: Inventory) -> list[str]:
    """Return the names of all projects, those included that only an appliance's site still points at."""
    held = [one.arm_id.name for kind in (MigrateProject, OldProject) for one in inventory.all(kind)]
    solutions = [site.properties.discovery_solution_id for site in inventory.all(Site) if site.properties]
    pointed = [one.parent.name for one in map(arm_id, solutions) if one is not None]
    return [*held, *pointed]


def _hidden(inventory: Inventory, what: str) -> bool:
    """Say whether something in scope may bear a name that was not read."""
    return any(
        inventory.gaps(what, f"/subscriptions/{one}", below=False) for one in inventory.header.scope.subscriptions
    )
