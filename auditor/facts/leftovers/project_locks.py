"""The locks that replication puts on what it uses: each is named after its project, and outlives it."""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, once
from auditor.facts.leftovers.associations import Association, Associations, association_by_name
from auditor.inventory.arm_id import ArmId
from auditor.inventory.resources.authorization import Lock

LOCK = "lock"
"""The suffix in the name of a project's lock on its storage account, after the project's name."""


def locks_on(context: Context, identity: ArmId) -> list[Lock]:
    """Return the locks on the resource itself."""
    return [lock for lock in context.references.locks_over(identity) if lock.arm_id.scope == identity]


def own_locks(context: Context, identity: ArmId, associations: Associations) -> list[Lock]:
    """Return those of the locks on the resource that one of its projects created."""
    own = {f"{name}{LOCK}".lower() for name in associations.projects}
    return [lock for lock in locks_on(context, identity) if lock.arm_id.name.lower() in own]


def associations_by_locks(context: Context, identity: ArmId) -> Iterator[Association]:
    """Yield the associations that the names of its locks show; only for a resource that replication seems to use."""
    for lock in locks_on(context, identity):
        name = lock.arm_id.name
        if name.lower().endswith(LOCK) and len(name) > len(LOCK):
            project = name[: -len(LOCK)]
            yield association_by_name(context, identity, project, Evidence(lock.id, f"is named after {project}"))


def with_locks(context: Context, identity: ArmId, associations: Associations) -> Associations:
    """Return the associations of something that replication uses with those that its locks show.

    The lock of an existing project shows that this one uses it, whatever a tag says. Where nothing else shows whose it
    is, the lock of any project does.
    """
    shown = tuple(associations_by_locks(context, identity))
    found = tuple(one for one in shown if one.alive.is_true or not associations.found)
    hidden = context.references.hidden_locks(identity)
    return replace(
        associations, found=once([*associations.found, *found]), hidden=once([*associations.hidden, *hidden])
    )


def owners_of(context: Context, lock: Lock) -> tuple[ArmId, ...]:
    """Return the existing projects that a lock is named after."""
    name = lock.arm_id.name.lower()
    return context.estate.projects_by_name.get(name.removesuffix(LOCK), ()) if name.endswith(LOCK) else ()


def kept_by(lock: Lock) -> str:
    """Return the phrase on what a lock keeps."""
    return f"the lock `{lock.display_name}`, which keeps it and its resource group from being deleted"
