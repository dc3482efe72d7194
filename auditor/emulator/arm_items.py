"""Single ARM resources by id."""

from auditor.emulator import arm_errors
from auditor.emulator.arm_picture import ArmPicture
from auditor.emulator.arm_target import (
    MANAGEMENT_GROUP,
    PROVIDER,
    RESOURCE_GROUP,
    SUBSCRIPTION,
    Target,
    ancestry,
)
from auditor.emulator.catalogue import BY_TYPE, NAMESPACES
from auditor.emulator.exchange import Answer, Call, Refusal, json_answer
from auditor.emulator.refusals import refusal_of
from auditor.emulator.role_definitions import ROLE_DEFINITIONS

_NEVER_UNREGISTERED = (
    "/providers/microsoft.management",
    "/providers/microsoft.authorization",
    "/providers/microsoft.resources",
)
_READ_FOR_REGISTRATION = frozenset({"microsoft.migrate", "microsoft.offazure", "microsoft.keyvault"})
_REGISTERED = {"registrationState": "Registered", "registrationPolicy": "RegistrationFree", "resourceTypes": []}


class ArmItems:
    """Answers requests for one resource."""

    def __init__(self, picture: ArmPicture) -> None:
        self._picture = picture

    def answer(self, target: Target, call: Call) -> Answer:
        """Return the resource; raises the refusal that a gap records, or a 404 where it is known not to exist."""
        refusals = self._picture.refusals
        gap = refusals.at(target.type, target.key)
        if gap is not None:
            raise Refusal(refusal_of(gap))
        found = self._found(target, call)
        if found is not None:
            return found
        covering = refusals.over(target.type, ancestry(target.container)) or (
            refusals.at(target.type, "") if target.type in {SUBSCRIPTION, MANAGEMENT_GROUP} else None
        )
        if covering is not None:
            raise Refusal(refusal_of(covering))
        raise _absent(target, call)

    def _found(self, target: Target, call: Call) -> Answer | None:
        picture = self._picture
        if target.type == ROLE_DEFINITIONS:
            body = picture.roles.get(target.key)
            return None if body is None else Answer(body=body)
        if target.type == MANAGEMENT_GROUP:
            return picture.groups.one(target.key, call)
        if target.type == PROVIDER and not target.container and target.names:
            return _tenant_provider(target)
        if target.type == PROVIDER and self._is_used(target):
            return json_answer({"id": call.path, **_described(target.names[0]), "registrationState": "Registered"})
        if target.key.endswith(_NEVER_UNREGISTERED) and picture.index.get(target.key) is None:
            return json_answer({"id": call.path, "namespace": call.path.rpartition("/")[2], **_REGISTERED})
        if picture.index.is_gone(target.key):
            return None
        row = picture.index.get(target.key)
        return None if row is None else Answer(body=row.wire)

    def _is_used(self, target: Target) -> bool:
        """Whether a provider that the snapshot does not speak of must be registered: resources of it are there.

        Those that decide about a registration are served only as the snapshot holds them, so that what is not known
        stays unknown.
        """
        namespace, index = target.names[0], self._picture.index
        if namespace in _READ_FOR_REGISTRATION or namespace not in NAMESPACES or index.get(target.key) is not None:
            return False
        kinds = (kind for kind in BY_TYPE if kind.startswith(f"{namespace}/"))
        return any(index.within(kind, target.container) for kind in kinds)


def _tenant_provider(target: Target) -> Answer | None:
    return json_answer(_described(target.names[0])) if target.names[0] in NAMESPACES else None


def _described(namespace: str) -> dict[str, object]:
    """A provider with the types and versions that the emulator knows, by which clients choose a version."""
    known = NAMESPACES[namespace]
    types = [
        {
            "resourceType": kind.name.partition("/")[2],
            "apiVersions": list(kind.versions or (kind.supported.split(", ")[-1],)),
        }
        for kind in BY_TYPE.values()
        if kind.name.startswith(f"{known}/")
    ]
    return {"namespace": known, "resourceTypes": types}


def _absent(target: Target, call: Call) -> Refusal:
    """The 404 in the words for this kind of thing; names are spelt as they were asked."""
    name = call.path.rstrip("/").rpartition("/")[2]
    if target.type == SUBSCRIPTION:
        return arm_errors.subscription_not_found(name)
    if target.type == RESOURCE_GROUP:
        return arm_errors.group_not_found(name)
    if target.type == PROVIDER:
        return arm_errors.invalid_namespace(name)
    if target.type == MANAGEMENT_GROUP:
        return arm_errors.refuse(
            404, "NotFound", f"'/providers/Microsoft.Management/managementGroups/{name}' not found"
        )
    if target.type == ROLE_DEFINITIONS:
        return arm_errors.refuse(
            404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{name}' does not exist."
        )
    if target.type == "microsoft.authorization/roleassignments":
        return arm_errors.refuse(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")
    kind = BY_TYPE.get(target.type)
    group = call.path.split("/")[4] if target.resource_group else None
    return arm_errors.resource_not_found(kind.name if kind else target.type, name, group)
