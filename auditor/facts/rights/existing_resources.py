"""The existing resources of a project that an action of a step is done to, and the rights on these resources.

A deny assignment may stand on a single resource, and a resource may have been moved to another group: a right on the
project's group alone does not show either.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditor.facts.estate.environment import Context
from auditor.facts.fact import once
from auditor.facts.rights.questions import AccountAccess, AskedRight
from auditor.facts.rights.vault_access import project_vaults
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.association import owner_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.resources.offazure import MasterSite

REGISTERS_AT = "Microsoft.OffAzure/MasterSites/applianceRegistrationInfo/action"
_ON_VAULTS = "microsoft.keyvault/vaults/"
_ON_ASSESSMENTS = "microsoft.migrate/assessmentprojects/"
_ON_SOLUTIONS = "microsoft.migrate/migrateprojects/solutions/write"
_DISCOVERY = "discovery"
"""A part of the name of the solution that keeps the map of appliances; other solutions belong to other tools."""
_ON_MASTER_SITES = "microsoft.offazure/mastersites/"


def rights_on_existing(
    context: Context, account: AccountAccess, project: ArmId, rights: Iterable[AskedRight]
) -> Iterator[AskedRight]:
    """Yield the rights among `rights` that are also needed on an existing resource of the project, asked there.

    Left out is what the account is known to lack on the whole group or project, or is denied there: one cure covers
    both.
    """
    wholes = {str(whole).lower(): whole for whole in (project.resource_group_id, project) if whole is not None}
    for right in rights:
        whole = wholes.get(right.scope.lower())
        if right.assigns or len(right.actions) != 1 or whole is None:
            continue
        for place in resources_of(context, project, right.actions[0]):
            if right.granted.is_false and place.is_within(whole):
                continue
            yield replace(account.ask(right.actions, place), when=right.when)


def resources_of(context: Context, project: ArmId, action: str) -> tuple[ArmId, ...]:
    """Return the resources of the project, as far as they were read, to which `action` is done."""
    name = action.lower()
    if name.startswith(_ON_VAULTS):
        vaults = project_vaults(context, project)
        return tuple(vault for vault in vaults if isinstance(context.inventory.get(vault), Vault))
    if name.startswith(_ON_ASSESSMENTS):
        held = context.inventory.all(AssessmentProject)
        return tuple(sorted(one.arm_id for one in held if owner_of(one) == project))
    if name.startswith(_ON_SOLUTIONS):
        held_by = context.estate.solutions_by_project.get(project.key, ())
        return tuple(sorted(one.arm_id for one in held_by if _DISCOVERY in one.arm_id.name.lower()))
    return master_sites(context, project) if name.startswith(_ON_MASTER_SITES) else ()


def master_sites(context: Context, project: ArmId) -> tuple[ArmId, ...]:
    """Return the master sites of the project that were read: those that its solutions or its sites name."""
    estate = context.estate
    named = [one.extended_details.get("masterSiteId") for one in estate.solutions_by_project.get(project.key, ())]
    for appliance in estate.appliances_of(project):
        properties = appliance.site.properties
        named.append(properties.master_site_id if properties else None)
    found = {one.key: one for one in map(arm_id, named) if one is not None and _is_read(context.inventory, one)}
    return once(found[key] for key in sorted(found))


def _is_read(inventory: Inventory, identity: ArmId) -> bool:
    return isinstance(inventory.get(identity), MasterSite)
