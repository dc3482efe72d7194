"""Projects: the ones named by the user, and whether an appliance can register with a project."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.facts.entities.being_deleted import is_being_deleted
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, all_of, map_fact
from auditor.facts.presence import exists, in_body
from auditor.facts.subject import listed
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import OLD_PROJECTS, PROJECTS


@dataclass(frozen=True, slots=True)
class AskedProject:
    """A project named by the user: by id, or by name and optionally resource group."""

    name: str
    id: ArmId | None = None
    resource_group: str | None = None

    @classmethod
    def of(cls, text: str, resource_group: str | None = None) -> "AskedProject":
        """Return the project for a name or an ARM id."""
        identity = arm_id(text) if text.startswith("/") else None
        return cls(identity.name, identity, identity.resource_group) if identity else cls(text, None, resource_group)

    def is_for(self, project: ArmId) -> bool:
        """Return whether `project` is the one that was asked for."""
        if self.id is not None:
            return project == self.id
        same_group = (
            self.resource_group is None or (project.resource_group or "").lower() == self.resource_group.lower()
        )
        return project.name.lower() == self.name.lower() and same_group


def project_state(context: Context, project: ArmId) -> Fact[str]:
    """Return the provisioning state of a project of the new experience; unknown for a deleted project."""
    held = context.estate.projects.get(project.key)
    state = held.properties.provisioning_state if held and held.properties else None
    return in_body(context.inventory, PROJECTS, str(project), "provisioningState", state)


def project_ready(context: Context, project: ArmId) -> Fact[bool]:
    """Return whether the project exists and its provisioning has succeeded."""
    return is_ready(exists(context.inventory, project, PROJECTS), project_state(context, project))


def is_ready(existing: Fact[bool], state: Fact[str]) -> Fact[bool]:
    """Return whether a project is usable, given whether it exists and its provisioning state."""
    return all_of((existing, map_fact(lambda it: it.lower() == "succeeded", state)))


def not_ready_in_words(state: str) -> str:
    """Return what a provisioning state other than `Succeeded` means for a project that exists."""
    if is_being_deleted(state):
        return f"is being deleted: its provisioning state is `{state}`"
    if state.lower() in {"failed", "canceled"}:
        return f"exists, but was not deployed: its provisioning state is `{state}`"
    return f"exists, but its deployment has not ended: its provisioning state is `{state}`"


def why_unusable(context: Context, project: ArmId) -> str:
    """Return in words why no appliance can register with a project that was found; empty if nothing shows that."""
    if project.type.lower() == OLD_PROJECTS.lower():
        return "is of the old experience, with which no appliance can register"
    state = project_state(context, project)
    if isinstance(state, Known) and is_ready(Known(True), state).is_false:
        return f"{not_ready_in_words(state.value)}, so that no appliance can register with it"
    return ""


def namesakes_in_words(context: Context, found: Iterable[ArmId]) -> Iterator[str]:
    """Yield where projects of the same name are; of one that no appliance can register with, why not."""
    unusable = {str(one): why_unusable(context, one) for one in found}
    if usable := [one for one, why in unusable.items() if not why]:
        yield f"a project of this name is at {listed(usable)}"
    yield from (f"`{one}` {why}" for one, why in unusable.items() if why)
