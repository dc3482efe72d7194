"""Identities that can sign in: a service principal by secret, a user by device code, a managed identity."""

import secrets
import uuid
from dataclasses import dataclass

import msgspec

from auditor.inventory.snapshot.snapshot import Snapshot

_NAMESPACE = uuid.UUID("6d1f2c1e-7a34-5c0b-9a53-3f6d0b8e4c11")
"""The UUID namespace for the ids of identities that the snapshot does not contain."""


@dataclass(frozen=True, slots=True)
class SignInIdentity:
    """One identity; a service principal has an `app_id`, a user a `upn`."""

    object_id: str
    name: str
    app_id: str = ""
    upn: str = ""

    @property
    def is_user(self) -> bool:
        """Whether this is a user, not a service principal."""
        return bool(self.upn)


@dataclass(frozen=True, slots=True)
class SignInIdentities:
    """The three identities that can sign in, and the secret of the service principal."""

    tenant_id: str
    domains: frozenset[str]
    service: SignInIdentity
    user: SignInIdentity
    managed: SignInIdentity
    client_secret: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> "SignInIdentities":
        """Return the identities for a snapshot: its `by` for its own kind, generated ones for the others."""
        header, by = snapshot.header, snapshot.header.by
        is_user = by.type.lower() == "user" and bool(by.object_id)
        domains = _domains(snapshot)
        home = min(domains, default="emulator.example.com")
        return cls(
            tenant_id=header.tenant_id,
            domains=domains,
            service=_service(snapshot) if by.object_id and not is_user else _outside(header.tenant_id, "service"),
            user=_user(snapshot, home) if is_user else _visitor(header.tenant_id, home),
            managed=_outside(header.tenant_id, "managed"),
            client_secret=secrets.token_hex(20),
        )

    def is_home(self, tenant: str) -> bool:
        """Return whether `tenant` is this tenant's id or domain, or `common` or `organizations`."""
        name = tenant.lower()
        return name in {self.tenant_id.lower(), "common", "organizations"} or name in self.domains


def _service(snapshot: Snapshot) -> SignInIdentity:
    by = snapshot.header.by
    app_id = str(_directory_object(snapshot, by.object_id).get("appId") or _made_up(snapshot.header.tenant_id, "app"))
    return SignInIdentity(by.object_id, by.name, app_id=app_id)


def _user(snapshot: Snapshot, home: str) -> SignInIdentity:
    by = snapshot.header.by
    held = _directory_object(snapshot, by.object_id)
    upn = str(held.get("userPrincipalName") or (by.name if "@" in by.name else f"{by.object_id}@{home}"))
    return SignInIdentity(by.object_id, str(held.get("displayName") or by.name), upn=upn)


def _visitor(tenant_id: str, home: str) -> SignInIdentity:
    return SignInIdentity(_made_up(tenant_id, "visitor"), "Visitor", upn=f"visitor@{home}")


def _outside(tenant_id: str, kind: str) -> SignInIdentity:
    return SignInIdentity(_made_up(tenant_id, kind), f"emulator-{kind}", app_id=_made_up(tenant_id, f"{kind}-app"))


def _made_up(tenant_id: str, what: str) -> str:
    """Return an id that is the same in every run for one tenant and occurs in no snapshot."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant_id.lower()}/{what}"))


def _directory_object(snapshot: Snapshot, object_id: str) -> dict[str, object]:
    wanted = object_id.lower()
    for record in snapshot.graph:
        if record.id.lower() == wanted and not record.deleted:
            fields: dict[str, object] = msgspec.json.decode(record.body)
            return fields
    return {}


def _domains(snapshot: Snapshot) -> frozenset[str]:
    found: set[str] = set()
    for record in snapshot.arm:
        if record.id.lower().startswith("/tenants/"):
            fields = msgspec.json.decode(record.body)
            listed = fields.get("domains")
            found.update(str(domain).lower() for domain in (listed if isinstance(listed, list) else []))
            if isinstance(fields.get("defaultDomain"), str):
                found.add(fields["defaultDomain"].lower())
    return frozenset(found)
