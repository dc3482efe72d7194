"""Lines of a snapshot that hold a plain role assignment, of which there can be a million: they need no further look.

Such a line is exactly what is written for a role assignment with known properties, and holds no sign of a secret.
"""

from sys import intern

import msgspec
from msgspec import UNSET, UnsetType

from auditor.inventory.snapshot.records import ArmRecord
from auditor.inventory.snapshot.secrets import texts_may_hold_secret

_Text = str | None | UnsetType


class _Properties(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The properties that Azure documents, sorted by name as in a file."""

    condition: _Text = UNSET
    condition_version: _Text = UNSET
    created_by: _Text = UNSET
    created_on: _Text = UNSET
    delegated_managed_identity_resource_id: _Text = UNSET
    description: _Text = UNSET
    principal_id: _Text = UNSET
    principal_type: _Text = UNSET
    role_definition_id: _Text = UNSET
    scope: _Text = UNSET
    updated_by: _Text = UNSET
    updated_on: _Text = UNSET


class _Assignment(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    properties: _Properties
    type: str


class _Line(msgspec.Struct, frozen=True, gc=False):
    arm: _Assignment


_BEGIN, _END = b'{"arm":', b"}\n"
_TYPE = b'"type":"Microsoft.Authorization/roleAssignments"}' + _END
_decode = msgspec.json.Decoder(_Line).decode
_encode = msgspec.json.Encoder().encode


def plain_assignment(line: bytes) -> ArmRecord | None:
    """Return the record in a line of a file, with its line feed, or None if the line holds anything else.

    A property that is not known, comes twice, or is written in another way makes the line differ from its own text
    written anew.
    """
    if not line.endswith(_TYPE):
        return None
    try:
        held = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not held.arm.id or texts_may_hold_secret(line) or b"%b\n" % _encode(held) != line:
        return None
    return ArmRecord(held.arm.id, intern(held.arm.type), line[len(_BEGIN) : -len(_END)])
