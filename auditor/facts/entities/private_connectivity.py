"""The connectivity of a project: private or public, and the subnet of its private endpoints.

A project of private connectivity reaches its resources through private endpoints in a network that is chosen when the
project is created; this cannot be changed later. Public access may stay on beside them.
Source: https://learn.microsoft.com/azure/migrate/discover-and-assess-using-private-endpoints
"""

import json
from collections.abc import Iterator
from typing import Any

from auditor.facts.entities.project_endpoints import endpoints_to
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, once, unless_gaps
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import PRIVATE_ENDPOINTS, PROJECTS, SOLUTIONS

_DETAILS = "privateEndpointDetails"


def has_private_connectivity(context: Context, project: ArmId) -> Fact[bool]:
    """Return whether an existing project has private connectivity; unknown if what could show it was not read."""
    because = tuple(_signs(context, project))
    if because:
        return Known(True, because)
    inventory = context.inventory
    gaps = [
        *inventory.gaps(PROJECTS, project),
        *inventory.gaps(SOLUTIONS, project),
        *inventory.gaps(PRIVATE_ENDPOINTS, project.subscription_id or project),
    ]
    return unless_gaps(False, gaps, Evidence(str(project), "no private endpoint leads to it"))


def subnet_of(context: Context, project: ArmId) -> ArmId | None:
    """Return the subnet of the project's private endpoints, as its solutions or its own endpoint name it.

    None where neither does, or where its solutions were not read: they come first.
    """
    if context.inventory.gaps(SOLUTIONS, project):
        return None
    for details in _details(context, project):
        named = details.get("subnetId")
        identity = arm_id(named) if isinstance(named, str) else None
        if identity is not None:
            return identity
    subnets = (one.properties.subnet for one in endpoints_to(context, project))
    found = (arm_id(one.id) for one in subnets if one is not None)
    return next((one for one in found if one is not None), None)


def makes_names(context: Context, project: ArmId) -> Fact[bool]:
    """Return whether Azure Migrate makes private DNS zones for the project; it does unless told otherwise."""
    if any(details.get("skipPrivateDnsZoneCreation") is True for details in _details(context, project)):
        return Known(False, (Evidence(str(project), "it was told to make no private DNS zones"),))
    return unless_gaps(True, context.inventory.gaps(SOLUTIONS, project))


def _signs(context: Context, project: ArmId) -> Iterator[Evidence]:
    held = context.estate.projects.get(project.key)
    properties = held.properties if held else None
    if properties is not None and (properties.public_network_access or "").lower() == "disabled":
        yield Evidence(str(project), f"publicNetworkAccess: {properties.public_network_access}")
    if properties is not None and properties.private_endpoint_connections:
        yield Evidence(str(project), "it has private endpoint connections")
    for solution in context.estate.solutions_by_project.get(project.key, ()):
        if solution.extended_details.get(_DETAILS, "").strip():
            yield Evidence(solution.id, f"{_DETAILS}: {solution.extended_details[_DETAILS]}")
    yield from once(Evidence(one.id, "leads to the project") for one in endpoints_to(context, project))


def _details(context: Context, project: ArmId) -> Iterator[dict[str, Any]]:
    """Yield what the solutions of the project say about its private endpoints; a text that is no object is left out."""
    for solution in context.estate.solutions_by_project.get(project.key, ()):
        try:
            decoded = json.loads(solution.extended_details.get(_DETAILS, "null"))
        except ValueError:
            continue
        if isinstance(decoded, dict):
            yield decoded
