"""The private endpoints of a project that a step needs and that do not work, as obstacles."""

from collections.abc import Iterable

from auditor.facts.entities.project_endpoints import EndpointFault, faults_and_gaps
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, unless_gaps
from auditor.facts.preflight.obstacles import ENDPOINT, Obstacle, ObstacleEffect, may_block
from auditor.facts.presence import exists
from auditor.facts.rights.steps import Step
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import PROJECTS


def of_endpoints(context: Context, project: ArmId, step: Step) -> tuple[tuple[Obstacle, ...], tuple[Gap, ...]]:
    """Return the endpoints that block `step` or may block it, and the gaps that may hide others.

    One blocks if nothing else reaches what it leads to. A project that does not exist yet has none.
    """
    if not step.endpoints or exists(context.inventory, project, PROJECTS).is_false:
        return (), ()
    faults, gaps = faults_and_gaps(context, project, step.endpoints)
    return tuple(map(_obstacle, faults)), gaps


def working(obstacles: Iterable[Obstacle], gaps: Iterable[Gap]) -> Fact[bool]:
    """Return whether the endpoints work that the step needs; unknown if one may be needed, or was not read."""
    found = tuple(obstacles)
    blocking = [it for it in found if it.effect is ObstacleEffect.BLOCKS]
    if blocking:
        return Known(False, tuple(Evidence(it.id, it.text) for it in blocking))
    return unless_gaps(True, (*map(may_block, found), *gaps))


def _obstacle(fault: EndpointFault) -> Obstacle:
    effect = ObstacleEffect.BLOCKS if fault.only_way else ObstacleEffect.MAY_BLOCK
    return Obstacle(ENDPOINT, fault.id, f"the private endpoint {fault.words}", effect)
