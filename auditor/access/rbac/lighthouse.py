"""Azure Lighthouse delegations: roles for principals of another tenant, which no list of role assignments contains."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from auditor.inventory.arm_id import made_at, scope_key
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DELEGATIONS
from auditor.inventory.reads import MALFORMED, Gap

_DEFINITIONS = "Microsoft.ManagedServices/registrationDefinitions"


@dataclass(frozen=True, slots=True)
class Delegation:
    """An authorization at a scope; `limited` where its role may only be used to assign the roles that it lists."""

    id: str
    principal: str
    scope: str
    role: str
    standing: bool
    limited: bool


class _Authorization(msgspec.Struct, frozen=True, rename="camel"):
    principal_id: str | None = None
    role_definition_id: str | None = None
    delegated_role_definition_ids: tuple[str, ...] | None = None


class _Properties(msgspec.Struct, frozen=True, rename="camel"):
    registration_definition_id: str | None = None
    registration_definition: dict[str, Any] | None = None
    authorizations: tuple[_Authorization, ...] | None = None
    eligible_authorizations: tuple[_Authorization, ...] | None = None


class _Registration(msgspec.Struct, frozen=True):
    id: str
    properties: _Properties = _Properties()


def delegations(inventory: Inventory) -> tuple[tuple[Delegation, ...], tuple[Gap, ...]]:
    """Return all authorizations, eligible ones included, and a gap for each malformed registration."""
    definitions = {scope_key(record.id): record.body for record in inventory.of_type(_DEFINITIONS)}
    found: list[Delegation] = []
    gaps: list[Gap] = []
    for record in inventory.of_type(DELEGATIONS):
        if record.deleted:
            continue
        try:
            offer = _offer(_decoded(record.body), definitions)
        except msgspec.ValidationError as malformed:
            gaps.append(Gap(DELEGATIONS, record.id, 0, MALFORMED, f"the body cannot be understood: {malformed}"))
        else:
            found.extend(_authorizations(record.id, offer))
    return tuple(found), tuple(gaps)


def _authorizations(identity: str, offer: _Properties) -> Iterator[Delegation]:
    for standing, rows in ((True, offer.authorizations), (False, offer.eligible_authorizations)):
        for row in rows or ():
            yield Delegation(
                identity,
                (row.principal_id or "").strip().lower(),
                made_at(identity, "microsoft.managedservices"),
                row.role_definition_id or "",
                standing,
                bool(row.delegated_role_definition_ids),
            )


def _offer(registration: _Registration, definitions: dict[str, bytes]) -> _Properties:
    """Return the definition's properties: as expanded in the assignment, otherwise from the definition's own record."""
    inner = (registration.properties.registration_definition or {}).get("properties")
    if isinstance(inner, dict):
        return msgspec.convert(inner, _Properties, strict=False)
    body = definitions.get(scope_key(registration.properties.registration_definition_id))
    return _Properties() if body is None else _decoded(body).properties


def _decoded(body: bytes) -> _Registration:
    return msgspec.json.decode(body, type=_Registration, strict=False)
