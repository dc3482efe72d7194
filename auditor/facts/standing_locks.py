"""Locks as a use: whoever locked a thing wants it kept."""

from collections.abc import Collection

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence
from auditor.facts.leftovers.leftover import Serving
from auditor.inventory.arm_id import ArmId

LOCK = "lock"
"""How the names of the locks end that a project puts on its storage account; before that stands its own name."""


def under_locks(context: Context, identity: ArmId, *, projects: Collection[str] = ()) -> Serving:
    """Return what the locks over a thing show; those that one of `projects` put there are no use."""
    own = {f"{name}{LOCK}".lower() for name in projects}
    standing = context.references.locks_over(identity)
    foreign = tuple(Evidence(one.id, "a lock holds it") for one in standing if one.arm_id.name.lower() not in own)
    return Serving({"a lock": foreign} if foreign else {}, context.references.hidden_locks(identity))
