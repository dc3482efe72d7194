"""Single ARM resources by id."""

import msgspec

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.catalogue import BY_TYPE, NAMESPACES, ArmType
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.picture import ArmPicture
from auditor.emulator.arm.role_definitions import ROLE_DEFINITIONS
from auditor.emulator.arm.target import MANAGEMENT_GROUP, PROVIDER, RESOURCE_GROUP, SUBSCRIPTION, Target, ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_answer
from auditor.emulator.refusals import refusal_of

_NEVER_UNREGISTERED = frozenset({"microsoft.management", "microsoft.authorization", "microsoft.resources"})
_READ_FOR_REGISTRATION = frozenset({"microsoft.migrate", "microsoft.offazure", "microsoft.keyvault"})


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


class ProviderList:
    """Answers questions about one provider; lists of providers show what the snapshot holds, and no more."""

    def __init__(self, index: ArmIndex) -> None:
        self._index = index

    def one(self, target: Target, call: HttpRequest) -> HttpResponse | None:
        """The provider with its types, or None for one that does not exist as far as the snapshot tells."""
        namespace, row = target.names[0], self._index.get(target.key)
        if row is not None:
            return self._held(namespace, row)
        if not target.container:
            return json_answer(self._described(namespace)) if namespace in NAMESPACES else None
        if namespace in _NEVER_UNREGISTERED:
            return json_answer(
                {
                    "id": call.path,
                    **self._described(namespace),
                    "registrationState": "Registered",
                    "registrationPolicy": "RegistrationFree",
                }
            )
        if self._is_used(namespace, target.container):
            return json_answer({"id": call.path, **self._described(namespace), "registrationState": "Registered"})
        return None

    def _held(self, namespace: str, row: ArmRow) -> HttpResponse:
        """What the snapshot holds of it; as Azure always tells the types, they are put in where they are missing."""
        if row.fields.get("resourceTypes") is not None:
            return HttpResponse(body=row.wire)
        return json_answer({**self._described(namespace), **msgspec.json.decode(row.wire)})

    def _is_used(self, namespace: str, subscription: str) -> bool:
        """Whether a provider that the snapshot does not speak of must be registered: resources of it are there.

        Those that decide about a registration are served only as the snapshot holds them, so that what is not known
        stays unknown.
        """
        if namespace in _READ_FOR_REGISTRATION:
            return False
        return any(self._index.within(type_, subscription) for type_ in self._index.types_of(namespace))

    def _described(self, namespace: str) -> dict[str, object]:
        """The types that the emulator knows, or holds resources of, with their versions from the newest on."""
        known = {type_: kind for type_, kind in BY_TYPE.items() if type_.startswith(f"{namespace}/")}
        for type_ in self._index.types_of(namespace) - known.keys():
            row = next(self._index.of_type(type_), None)
            known[type_] = ArmType(type_ if row is None else str(row.fields.get("type") or type_))
        types = [
            {
                "resourceType": kind.name.partition("/")[2],
                "apiVersions": sorted(kind.supported.split(", "), reverse=True),
            }
            for _, kind in sorted(known.items())
        ]
        spelt = next((kind.name.partition("/")[0] for kind in known.values()), namespace)
        return {"namespace": NAMESPACES.get(namespace, spelt), "resourceTypes": types}
