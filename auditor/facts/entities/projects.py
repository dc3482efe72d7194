"""The state of a project of the new experience: whether an appliance can register with it."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, all_of, map_fact
from auditor.facts.presence import exists, told
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import PROJECTS


def project_state(context: Context, project: ArmId) -> Fact[str]:
    """Return the provisioning state of a project of the new experience; of one that is gone it stays unknown."""
    held = context.estate.projects.get(project.key)
    state = held.properties.provisioning_state if held and held.properties else None
    return told(context.inventory, PROJECTS, str(project), "provisioningState", state)


def project_ready(context: Context, project: ArmId) -> Fact[bool]:
    """Return whether the project is there and its provisioning has succeeded."""
    return is_ready(exists(context.inventory, project, PROJECTS), project_state(context, project))


def is_ready(there: Fact[bool], state: Fact[str]) -> Fact[bool]:
    """Return whether a project that may be there, and in that state, can be worked with."""
    return all_of((there, map_fact(lambda it: it.lower() == "succeeded", state)))
