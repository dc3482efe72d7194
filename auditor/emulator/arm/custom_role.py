"""The custom role that a request wants to create, checked as Azure checks it."""

import msgspec

from auditor.emulator.arm.errors import refuse
from auditor.emulator.arm.index import ArmRow
from auditor.emulator.arm.target import Target
from auditor.emulator.exchange import HttpRequest
from auditor.inventory.operations import is_published

_LISTS = (
    ("actions", False, "InvalidActionOrNotAction"),
    ("notActions", False, "InvalidActionOrNotAction"),
    ("dataActions", True, "InvalidDataActionOrNotDataAction"),
    ("notDataActions", True, "InvalidDataActionOrNotDataAction"),
)
"""The lists of a permission object, whether they hold data actions, and the code that refuses one of them."""


def custom_role(target: Target, request: HttpRequest) -> ArmRow:
    """Return the definition in a PUT request; raises `Refusal` where Azure would not accept it.

    An action of a provider that is not in the published lists, or is not listed completely, is accepted.
    """
    body = request.json()
    properties = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(properties, dict) or not isinstance(properties.get("roleName"), str):
        raise _incomplete("roleName")
    permissions, scopes = properties.get("permissions"), properties.get("assignableScopes")
    if not isinstance(permissions, list) or not all(isinstance(one, dict) for one in permissions):
        raise _incomplete("permissions")
    if not isinstance(scopes, list) or not scopes:
        raise _incomplete("assignableScopes")
    for permission in permissions:
        _check(permission)
    held = {
        "id": request.path.rstrip("/"),
        "name": request.path.rstrip("/").rpartition("/")[2],
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {**properties, "type": "CustomRole"},
    }
    return ArmRow(target.key, target.type, msgspec.json.encode(held, order="sorted"))


def _check(permission: dict[str, object]) -> None:
    for name, data, code in _LISTS:
        listed = permission.get(name)
        for action in listed if isinstance(listed, list) else ():
            text = str(action)
            if text.count("*") > 1:
                raise refuse(400, code, f"'{text}' contains multiple wildcards. Only one is allowed.")
            if is_published(text, data=data) is False:
                raise refuse(400, code, f"'{text}' does not match any of the actions supported by the providers.")


def _incomplete(name: str) -> Exception:
    return refuse(400, "InvalidRequestContent", f"properties.{name} is required.")
