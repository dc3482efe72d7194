"""Actions, which ARM takes as POST: the few that only ask are answered, the others refused."""

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.picture import ArmPicture
from auditor.emulator.arm.target import MANAGEMENT_GROUP
from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_answer
from auditor.emulator.refusals import refusal_of

_ENTITIES = "/providers/microsoft.management/getentities"
_TAKEN_BY = {
    "/providers/microsoft.keyvault/checknameavailability": (
        "microsoft.keyvault/vaults",
        "microsoft.keyvault/deletedvaults",
    ),
    "/providers/microsoft.keyvault/checkmhsmnameavailability": ("microsoft.keyvault/managedhsms",),
}
"""The questions whether a name is free, and the types of resources that take one."""


class ArmActions:
    """Answers POST requests."""

    def __init__(self, picture: ArmPicture) -> None:
        self._picture = picture

    def answer(self, call: HttpRequest, caller: Caller) -> HttpResponse:
        """Return the answer to what only asks; to register what is registered changes nothing. Raises `Refusal`."""
        if call.key == _ENTITIES:
            return self._entities()
        for question, kinds in _TAKEN_BY.items():
            if call.key.endswith(question):
                return self._name(call, kinds)
        segments = call.key.strip("/").split("/")
        if segments[-1] == "register" and len(segments) in {3, 5} and segments[-3] == "providers":
            state = self._registered(call.key.rpartition("/")[0], segments[-2])
            if state is not None:
                return state
        raise arm_errors.forbidden(caller.object_id, *_action(call.path.rstrip("/")))

    def _entities(self) -> HttpResponse:
        gap = self._picture.refusals.at(MANAGEMENT_GROUP, "")
        if gap is not None:
            raise Refusal(refusal_of(gap))
        found = self._picture.groups.entities()
        return json_answer({"value": found, "count": len(found)})

    def _registered(self, key: str, namespace: str) -> HttpResponse | None:
        """The registration of a provider, where it stands; the tenant and management groups need none."""
        row = self._picture.index.get(key)
        if row is not None and str(row.fields.get("registrationState", "")).lower() == "registered":
            return HttpResponse(body=row.body)
        if key.startswith("/providers/") or namespace == "microsoft.management":
            return json_answer({"id": key, "namespace": namespace, "registrationState": "Registered"})
        return None

    def _name(self, call: HttpRequest, kinds: tuple[str, ...]) -> HttpResponse:
        asked = call.json()
        name = asked.get("name") if isinstance(asked, dict) else None
        if not isinstance(name, str) or not name:
            raise arm_errors.refuse(400, "BadRequest", "The name of the vault is missing in the request body.")
        held = (row.key.rpartition("/")[2] for kind in kinds for row in self._picture.index.of_type(kind))
        if name.lower() not in held:
            return json_answer({"nameAvailable": True})
        message = f"The vault name '{name}' is already in use. Vault names are globally unique."
        return json_answer({"nameAvailable": False, "reason": "AlreadyExists", "message": message})


def _action(path: str) -> tuple[str, str]:
    """The action that a POST to `path` is, and the scope it is asked for at: names of resources stand in the scope."""
    head, _, tail = path.rpartition("/providers/")
    namespace, *rest = tail.strip("/").split("/")
    if not head and not path.lower().startswith("/providers/"):
        return f"Microsoft.Resources/{rest[-1] if rest else namespace}/action", path.rpartition("/")[0] or "/"
    if len(rest) < 2:
        return "/".join([namespace, *rest, "action"]), head or "/"
    return "/".join([namespace, *rest[:-1:2], rest[-1], "action"]), path.rpartition("/")[0]
