"""What a step builds in that Azure is deleting, as obstacles."""

from collections.abc import Iterable, Iterator

from auditor.facts.entities.being_deleted import group_being_deleted, project_being_deleted, vault_being_deleted
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, any_of, not_, once
from auditor.facts.preflight.obstacles import Obstacle, ObstacleEffect
from auditor.facts.rights.step_rights import StepRights
from auditor.inventory.arm_id import ArmId

BEING_DELETED = "beingDeleted"
"""Kind of an obstacle for a resource group, project or vault that Azure is deleting."""
_Place = tuple[ArmId, str, Fact[bool]]


def of_deletions(
    context: Context, project: ArmId, has: StepRights, groups: Iterable[ArmId] = ()
) -> tuple[tuple[Obstacle, ...], Fact[bool]]:
    """Return what is being deleted as obstacles, and whether all stays that the step builds in.

    That is the project with its group, the vaults and groups that the step needs rights in, and further `groups`.
    """
    places = tuple(_places(context, project, has, groups))
    found = tuple(
        Obstacle(
            BEING_DELETED, str(place), f"the {kind} `{place.name}` is being deleted by Azure", ObstacleEffect.BLOCKS
        )
        for place, kind, deleted in places
        if deleted.is_true
    )
    return found, not_(any_of(deleted for _, _, deleted in places))


def _places(context: Context, project: ArmId, has: StepRights, groups: Iterable[ArmId]) -> Iterator[_Place]:
    vaults = tuple(vault for vault in has.vaults.rights if vault not in has.vaults.gone)
    scopes = (project, *vaults, *(ArmId.parse(right.scope) for right in has.needed), *groups)
    for group in once(scope.resource_group_id for scope in scopes if scope.resource_group_id is not None):
        yield group, "resource group", group_being_deleted(context, group)
    yield project, "project", project_being_deleted(context, project)
    yield from ((vault, "key vault", vault_being_deleted(context, vault)) for vault in vaults)
