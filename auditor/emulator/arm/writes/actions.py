"""ARM actions, which are POST requests: queries are answered, everything else is refused."""

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.target import MANAGEMENT_GROUP
from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_response
from auditor.emulator.refusals import refusal_of

_ENTITIES = "/providers/microsoft.management/getentities"
_NAME_CHECKS = {
    "/providers/microsoft.keyvault/checknameavailability": (
        "microsoft.keyvault/vaults",
        "microsoft.keyvault/deletedvaults",
    ),
    "/providers/microsoft.keyvault/checkmhsmnameavailability": ("microsoft.keyvault/managedhsms",),
}
"""The actions that check whether a name is available, and the types whose resources occupy one."""


class ArmActions:
    """The answers to POST requests."""

    def __init__(self, environment: ArmEnvironment) -> None:
        self._environment = environment

    def answer(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        """Return the answer to a query, or to registering a registered provider; raises `Refusal` for all else."""
        if request.key == _ENTITIES:
            return self._entities()
        for action, types in _NAME_CHECKS.items():
            if request.key.endswith(action):
                return self._check_name(request, types)
        segments = request.key.strip("/").split("/")
        if segments[-1] == "register" and len(segments) in {3, 5} and segments[-3] == "providers":
            state = self._registered(request.key.rpartition("/")[0], segments[-2])
            if state is not None:
                return state
        raise arm_errors.forbidden(caller.object_id, *_action(request.path.rstrip("/")))

    def _entities(self) -> HttpResponse:
        gap = self._environment.refusals.at(MANAGEMENT_GROUP, "")
        if gap is not None:
            raise Refusal(refusal_of(gap))
        found = self._environment.groups.entities()
        return json_response({"value": found, "count": len(found)})

    def _registered(self, key: str, namespace: str) -> HttpResponse | None:
        """Return the provider if it is registered; those of the tenant, and Microsoft.Management, always are."""
        row = self._environment.index.get(key)
        if row is not None and str(row.fields.get("registrationState", "")).lower() == "registered":
            return HttpResponse(body=row.body)
        if key.startswith("/providers/") or namespace == "microsoft.management":
            return json_response({"id": key, "namespace": namespace, "registrationState": "Registered"})
        return None

    def _check_name(self, request: HttpRequest, types: tuple[str, ...]) -> HttpResponse:
        asked = request.json()
        name = asked.get("name") if isinstance(asked, dict) else None
        if not isinstance(name, str) or not name:
            raise arm_errors.refuse(400, "BadRequest", "The name of the vault is missing in the request body.")
        held = (row.key.rpartition("/")[2] for type_ in types for row in self._environment.index.of_type(type_))
        if name.lower() not in held:
            return json_response({"nameAvailable": True})
        message = f"The vault name '{name}' is already in use. Vault names are globally unique."
        return json_response({"nameAvailable": False, "reason": "AlreadyExists", "message": message})


def _action(path: str) -> tuple[str, str]:
    """Return the action that a POST to `path` performs, and its scope."""
    head, _, tail = path.rpartition("/providers/")
    namespace, *rest = tail.strip("/").split("/")
    if not head and not path.lower().startswith("/providers/"):
        return f"Microsoft.Resources/{rest[-1] if rest else namespace}/action", path.rpartition("/")[0] or "/"
    if len(rest) < 2:
        return "/".join([namespace, *rest, "action"]), head or "/"
    return "/".join([namespace, *rest[:-1:2], rest[-1], "action"]), path.rpartition("/")[0]
