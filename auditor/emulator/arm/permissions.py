"""What a caller may do by the role assignments that the snapshot holds."""

import msgspec

from auditor.emulator.arm.picture import ArmPicture
from auditor.emulator.arm.scopes import ROLE_ASSIGNMENTS

_MAY_READ: dict[str, object] = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}


def of_caller(picture: ArmPicture, scope: str, principal: str) -> list[bytes]:
    """Return the caller's permission objects at `scope`; a caller without a grant in the picture still may read."""
    principals = picture.scoped.principals_of(principal)
    found: list[bytes] = []
    for row in picture.scoped.rows(ROLE_ASSIGNMENTS, scope, below=False):
        if str(row.properties.get("principalId", "")).lower() not in principals:
            continue
        definition = picture.roles.get(str(row.properties.get("roleDefinitionId", "")).lower())
        if definition is None:
            continue
        properties = msgspec.json.decode(definition).get("properties", {})
        found.extend(msgspec.json.encode(permission) for permission in properties.get("permissions", ()))
    return found or [msgspec.json.encode(_MAY_READ)]
