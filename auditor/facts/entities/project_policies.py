"""Azure policies that may refuse the resources that registering an appliance creates."""

from collections.abc import Iterable

from auditor.access.obstacles.policies import DEFINITIONS, INITIATIVES, PolicyRefusal
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once, unless_gaps
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS, needs_of
from auditor.inventory.policy_values import given

MAKES = (
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.OffAzure/MasterSites/write",
    "Microsoft.OffAzure/VMwareSites/write",
    "Microsoft.OffAzure/HyperVSites/write",
    "Microsoft.OffAzure/ServerSites/write",
)
"""The writes by which a registration creates resources in the resource group of the project."""
UNDECIDED = "Undecided"
"""Code of a gap for a policy of which too little was read to know whether it may refuse a request."""

_LOCATIONS = "e56962a6-4747-49cd-b67b-bf8b01975c4c"
_TAG = "871b6d14-10aa-478d-b590-94f262ecfa99"
_OWN_TAG = "migrate project"
"""The built-in policies "Allowed locations" and "Require a tag", and the tag that Azure Migrate sets."""


def refusing(context: Context, project: ArmId) -> tuple[Fact[bool], tuple[PolicyRefusal, ...]]:
    """Return whether a policy may refuse one of the writes in `MAKES`, and the policies for which that is certain.

    A policy judges the body of a request, which is not known beforehand, so it *may* refuse. The built-in policies on
    locations and tags are left out where the project's own location and tag satisfy them.
    """
    inventory, group = context.inventory, project.resource_group_id or project
    every = {one.assignment.id.lower(): one for action in MAKES for one in context.access.refusals(action, group)}
    found = [one for _, one in sorted(every.items()) if not _satisfied(context, project, one)]
    certain = tuple(one for one in found if not one.doubt)
    if certain:
        because = (Evidence(one.assignment.id, "may refuse") for one in certain)
        return unless_gaps(True, inventory.gaps(POLICY_EXEMPTIONS, group, below=False), *because), certain
    gaps = once((*inventory.gaps(POLICY_ASSIGNMENTS, group, below=False), *_doubts(context, found)))
    return (Unknown(gaps) if gaps else Known(False)), ()


def _satisfied(context: Context, project: ArmId, refusal: PolicyRefusal) -> bool:
    """Return whether everything that Azure Migrate creates for the project certainly satisfies a built-in policy."""
    properties = refusal.assignment.properties
    definition = (properties.policy_definition_id or "").rpartition("/")[2].lower()
    values = given(properties.parameters)
    if definition == _TAG:
        return str(values.get("tagname")).lower() == _OWN_TAG
    held, allowed = context.estate.projects.get(project.key), values.get("listofallowedlocations")
    if definition != _LOCATIONS or held is None or not held.location or not isinstance(allowed, list):
        return False
    return _region(held.location) in {_region(str(one)) for one in allowed}


def _region(location: str) -> str:
    return location.replace(" ", "").lower()


def _doubts(context: Context, refusals: Iterable[PolicyRefusal]) -> Iterable[Gap]:
    for one in refusals:
        definition = one.assignment.properties.policy_definition_id or ""
        what = INITIATIVES if f"/{INITIATIVES.lower()}/" in definition.lower() else DEFINITIONS
        unread = context.inventory.gaps(what, definition)
        yield from unread or (Gap(what, definition, 0, UNDECIDED, one.doubt, needs_of(what)),)
