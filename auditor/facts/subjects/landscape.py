"""The map of one environment, from projects down to workspaces."""

from collections.abc import Iterable, Iterator
from itertools import chain

from auditor.access.access import Access
from auditor.facts.entities.applications import application_name
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.landscape import KINDS, Landscape, MapPlace, Relation
from auditor.facts.leftovers.workspaces.association import associations_of
from auditor.facts.subjects.appliance import appliance_subject
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.loganalytics import Workspace


def landscape(inventory: Inventory, access: Access) -> Landscape:
    """Return the map of one environment: projects, appliances, their applications and vaults, workspaces."""
    context = Context(inventory, access)
    places: dict[tuple[str, str], MapPlace] = {}
    ways: set[Relation] = set()
    for place, before in chain(_projects(context), _appliances(context), _workspaces(context)):
        places.setdefault((place.kind, place.id.lower()), place)
        ways.update(Relation(one.lower(), place.id.lower()) for one in before)
    known = {key for _, key in places}
    return Landscape(
        tuple(sorted(places.values(), key=lambda place: (KINDS.index(place.kind), place.id.lower()))),
        tuple(sorted(way for way in ways if way.from_ in known and way.to in known)),
    )


def _projects(context: Context) -> Iterator[tuple[MapPlace, Iterable[str]]]:
    estate = context.estate
    for project in chain(estate.projects.values(), estate.old_projects.values()):
        yield MapPlace("project", project.id, project.display_name), ()


def _appliances(context: Context) -> Iterator[tuple[MapPlace, Iterable[str]]]:
    for appliance in context.estate.appliances:
        project = appliance.project
        if project is not None:
            yield MapPlace("project", str(project), project.name, held=False), ()
        drawn = appliance_subject(context, appliance)
        yield MapPlace("appliance", drawn.id, drawn.name), ([str(project)] if project is not None else ())
        yield from _below(context, appliance, drawn.id)


def _below(context: Context, appliance: ApplianceOnSite, place: str) -> Iterator[tuple[MapPlace, Iterable[str]]]:
    """Yield the application and the vault of an appliance."""
    if appliance.application_id:
        yield _application(context, appliance.application_id), [place]
    vault = context.estate.vault_of(appliance)
    if vault is not None:
        held = context.inventory.get(vault) is not None
        # The vault contains the application's certificate; without an application it belongs to the appliance itself.
        yield MapPlace("vault", str(vault), vault.name, held=held), [appliance.application_id or place]


def _application(context: Context, app_id: str) -> MapPlace:
    held = context.directory.application(app_id) or context.directory.principal(app_id)
    return MapPlace("application", app_id, application_name(context, app_id), held=held is not None)


def _workspaces(context: Context) -> Iterator[tuple[MapPlace, Iterable[str]]]:
    """Yield the workspaces associated with a project, and the projects known only from such an association."""
    pointed = {
        appliance.project.name.lower(): (appliance.project,)
        for appliance in context.estate.appliances
        if appliance.project is not None
    }
    known = {**pointed, **context.estate.projects_by_name}
    for workspace in context.inventory.all(Workspace):
        owners = {name: known.get(name.lower(), ()) for name in associations_of(context, workspace).projects}
        yield from ((MapPlace("project", name, name, held=False), ()) for name, found in owners.items() if not found)
        before = [str(one) for found in owners.values() for one in found]
        before += [name for name, found in owners.items() if not found]
        if before:
            yield MapPlace("workspace", workspace.id, workspace.display_name), before
