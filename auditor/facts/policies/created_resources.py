"""The resources that the steps of a registration create or change, as far as their bodies are known beforehand.

Azure Migrate's portal and Microsoft's scripts make them: in the location of the project, with the tag `Migrate
Project`, and key vaults with access policies. An existing resource is judged by its own body, since the step keeps it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.access.obstacles.requested import ABSENT, Requested
from auditor.facts.estate.environment import Context
from auditor.facts.rights.vault_access import hidden_vaults, project_vaults
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import KEY_VAULTS, PROJECTS

OWN_TAG = "Migrate Project"
"""The tag that Azure Migrate sets on what it creates; its value is the name of the project."""
_GROUP = "Microsoft.Resources/subscriptions/resourceGroups"


def written_by(context: Context, project: ArmId, action: str) -> tuple[Requested, ...]:
    """Return the resources that `action` writes in a step of `project`; empty for an action that writes none."""
    kind, _, verb = action.rpartition("/")
    if verb.lower() != "write":
        return ()
    return tuple(_existing(context, project, kind)) or (_new(context, project, kind),)


def _existing(context: Context, project: ArmId, kind: str) -> Iterator[Requested]:
    """Yield the resources of the project of one type that exist and that the step would write again."""
    lower = kind.lower()
    ids: tuple[ArmId, ...] = ()
    if lower == KEY_VAULTS.lower() and not hidden_vaults(context, project):
        ids = project_vaults(context, project)
    elif lower == PROJECTS.lower():
        ids = (project,)
    elif lower == _GROUP.lower():
        ids = (project.resource_group_id or project,)
    bodies = [context.inventory.body(identity) for identity in ids]
    if all(body is not None for body in bodies):
        tags = {OWN_TAG: project.name} if lower == PROJECTS.lower() else {}
        yield from (Requested(lower, _tagged(body, tags), complete=True) for body in bodies if body is not None)


def _tagged(body: Mapping[str, Any], tags: Mapping[str, str]) -> Mapping[str, Any]:
    held = body.get("tags")
    return {**body, "tags": {**(held if isinstance(held, dict) else {}), **tags}}


def _new(context: Context, project: ArmId, kind: str) -> Requested:
    body: dict[str, Any] = {"tags": {OWN_TAG: project.name}}
    held = context.estate.projects.get(project.key)
    if held is not None and held.location:
        body["location"] = held.location
    lower = kind.lower()
    if lower == _GROUP.lower():
        body = {"name": project.resource_group or "", "tags": {}}
    elif not Requested(lower).has_own_place:
        body = {"tags": {}, "location": ABSENT}
    if lower == PROJECTS.lower():
        body["name"] = project.name
    if lower == KEY_VAULTS.lower():
        body["properties"] = dict(_VAULT)
    return Requested(lower, body)


_VAULT: Mapping[str, Any] = {"enableRbacAuthorization": False, "createMode": ABSENT}
"""What is known of the vault that Azure Migrate creates. Its network rules depend on the project and on its age."""
