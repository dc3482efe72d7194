"""Single ARM resources by id, and resource providers with their registration, types and api-versions."""

import msgspec

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.catalogue import BY_TYPE, NAMESPACES, ArmType
from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.index import ArmIndex, ArmRow, without
from auditor.emulator.arm.lag import Lag
from auditor.emulator.arm.role_definitions import ROLE_DEFINITIONS
from auditor.emulator.arm.target import MANAGEMENT_GROUP, PROVIDER, RESOURCE_GROUP, SUBSCRIPTION, Target, ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_response
from auditor.emulator.refusals import refusal_of

_NEVER_UNREGISTERED = frozenset({"microsoft.management", "microsoft.authorization", "microsoft.resources"})
_READ_FOR_REGISTRATION = frozenset(
    f"microsoft.{name}"
    for name in (
        *("migrate", "offazure", "keyvault", "mysqldiscovery", "dependencymap", "applicationmigration", "insights"),
        *("hybridcompute", "storage", "network", "guestconfiguration", "compute", "hybridconnectivity"),
        *("recoveryservices", "datareplication", "azurearcdata"),
    )
)


class ArmItems:
    """The answers to requests for one resource."""

    def __init__(self, environment: ArmEnvironment) -> None:
        self._environment = environment
        self._providers = ProviderList(environment.index, environment.lag)

    def answer(self, target: Target, request: HttpRequest) -> HttpResponse:
        """Return the resource; raises the refusal of a gap, or a 404 if the resource does not exist."""
        refusals = self._environment.refusals
        gap = refusals.at(target.type, target.key)
        if gap is not None:
            raise Refusal(refusal_of(gap))
        found = self._found(target, request)
        if found is not None:
            return found
        covering = refusals.over(target.type, ancestry(target.container)) or (
            refusals.at(target.type, "") if target.type in {SUBSCRIPTION, MANAGEMENT_GROUP} else None
        )
        if covering is not None:
            raise Refusal(refusal_of(covering))
        raise _absent(target, request)

    def _found(self, target: Target, request: HttpRequest) -> HttpResponse | None:
        environment = self._environment
        if target.type == ROLE_DEFINITIONS:
            body = environment.roles.get(target.key)
            return None if body is None else HttpResponse(body=body)
        if target.type == MANAGEMENT_GROUP:
            return environment.groups.get(target.key, request)
        if target.type == PROVIDER and target.names:
            return self._providers.get(target, request)
        if environment.index.is_deleted(target.key):
            return None
        row = environment.index.get(target.key)
        if row is None:
            return None
        kind = BY_TYPE.get(target.type)
        missing = kind.missing(request.query["api-version"]) if kind is not None else ()
        return HttpResponse(body=without(row.wire, missing))


def _absent(target: Target, request: HttpRequest) -> Refusal:
    """Return the 404 for this type, with the name as in the request."""
    name = request.path.rstrip("/").rpartition("/")[2]
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
    group = request.path.split("/")[4] if target.resource_group else None
    return arm_errors.resource_not_found(kind.name if kind else target.type, name, group)


class ProviderList:
    """Single resource providers; lists of them contain only what the snapshot does."""

    def __init__(self, index: ArmIndex, lag: Lag) -> None:
        self._index = index
        self._lag = lag

    def get(self, target: Target, request: HttpRequest) -> HttpResponse | None:
        """Return the provider with its types, or None if the snapshot does not show that it exists."""
        namespace, row = target.names[0], self._index.get(target.key)
        if row is not None:
            return self._held(namespace, row)
        if not target.container:
            return json_response(self._described(namespace)) if namespace in NAMESPACES else None
        if namespace in _NEVER_UNREGISTERED:
            return json_response(
                {
                    "id": request.path,
                    **self._described(namespace),
                    "registrationState": "Registered",
                    "registrationPolicy": "RegistrationFree",
                }
            )
        if self._is_used(namespace, target.container):
            return json_response({"id": request.path, **self._described(namespace), "registrationState": "Registered"})
        return None

    def _held(self, namespace: str, row: ArmRow) -> HttpResponse:
        """Return the provider in the snapshot; missing types are added, since Azure always returns them."""
        if row.fields.get("resourceTypes") is not None:
            return HttpResponse(body=row.wire)
        return json_response({**self._described(namespace), **msgspec.json.decode(row.wire)})

    def _is_used(self, namespace: str, subscription: str) -> bool:
        """Return whether a provider outside the snapshot must be registered, because it has resources.

        Providers whose registration the audit judges are not guessed, so that an unknown registration stays unknown.
        """
        if namespace in _READ_FOR_REGISTRATION:
            return False
        return any(self._index.within(type_, subscription) for type_ in self._index.types_of(namespace))

    def _described(self, namespace: str) -> dict[str, object]:
        """Return the types that the emulator knows or has resources of, with their api-versions, newest first."""
        known = {type_: kind for type_, kind in BY_TYPE.items() if type_.startswith(f"{namespace}/")}
        for type_ in self._index.types_of(namespace) - known.keys():
            row = next(self._index.of_type(type_), None)
            known[type_] = ArmType(type_ if row is None else str(row.fields.get("type") or type_))
        types = [
            {
                "resourceType": kind.name.partition("/")[2],
                "apiVersions": sorted(kind.supported.split(", "), reverse=True),
            }
            for _, every in sorted(known.items())
            if (kind := self._lag.of_cloud(every)) is not None
        ]
        documented = next((kind.name.partition("/")[0] for kind in known.values()), namespace)
        return {"namespace": NAMESPACES.get(namespace, documented), "resourceTypes": types}
