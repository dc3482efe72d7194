"""Single ARM resources by id."""

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.catalogue import BY_TYPE
from auditor.emulator.arm.picture import ArmPicture
from auditor.emulator.arm.providers import ProviderList
from auditor.emulator.arm.role_definitions import ROLE_DEFINITIONS
from auditor.emulator.arm.target import MANAGEMENT_GROUP, PROVIDER, RESOURCE_GROUP, SUBSCRIPTION, Target, ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal
from auditor.emulator.refusals import refusal_of


class ArmItems:
    """Answers requests for one resource."""

    def __init__(self, picture: ArmPicture) -> None:
        self._picture = picture
        self._providers = ProviderList(picture.index)

    def answer(self, target: Target, call: HttpRequest) -> HttpResponse:
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

    def _found(self, target: Target, call: HttpRequest) -> HttpResponse | None:
        picture = self._picture
        if target.type == ROLE_DEFINITIONS:
            body = picture.roles.get(target.key)
            return None if body is None else HttpResponse(body=body)
        if target.type == MANAGEMENT_GROUP:
            return picture.groups.one(target.key, call)
        if target.type == PROVIDER and target.names:
            return self._providers.one(target, call)
        if picture.index.is_gone(target.key):
            return None
        row = picture.index.get(target.key)
        return None if row is None else HttpResponse(body=row.wire)


def _absent(target: Target, call: HttpRequest) -> Refusal:
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
