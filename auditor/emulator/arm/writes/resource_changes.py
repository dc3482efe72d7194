"""The writes by which a problem is cured: locks, roles, key vaults, exemptions, providers, and what was left behind.

They are answered only where the emulator was asked to accept them, and change its index, not the snapshot.
"""

from collections.abc import Mapping

import msgspec

from auditor.emulator.arm.catalogue import BY_TYPE
from auditor.emulator.arm.errors import refuse
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.scopes import LOCKS
from auditor.emulator.arm.target import Target, ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse

VAULTS = "microsoft.keyvault/vaults"
DELETED_VAULTS = "microsoft.keyvault/deletedvaults"
ROLE_ASSIGNMENTS = "microsoft.authorization/roleassignments"
_WRITABLE = frozenset({VAULTS, ROLE_ASSIGNMENTS, "microsoft.authorization/policyexemptions"})


class ResourceChanges:
    """The deletion of any resource, the creation of a few kinds, and the registration of providers."""

    def __init__(self, index: ArmIndex) -> None:
        self._index = index
        self._deleted_vaults: dict[str, ArmRow] = {}

    def answer(self, target: Target, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to a write, or None for one that is not accepted; raises `Refusal` under a lock."""
        if target.is_list:
            return None
        if request.method == "DELETE":
            return self._delete(target)
        if request.method == "PUT" and target.type in _WRITABLE:
            return self._put(target, request)
        return None

    def register(self, request: HttpRequest) -> HttpResponse | None:
        """Return the provider, which is registered from now on, or None for any other request."""
        provider, _, action = request.key.rpartition("/")
        row = self._index.get(provider)
        if action != "register" or row is None or "registrationState" not in row.fields:
            return None
        return HttpResponse(200, self._add(row, {**row.fields, "registrationState": "Registered"}).body)

    def _delete(self, target: Target) -> HttpResponse:
        row = self._index.get(target.key)
        if row is None:
            return HttpResponse(204)
        if target.type != LOCKS:
            self._refuse_if_locked(row.key, "delete", levels={"cannotdelete", "readonly"})
        if target.type == VAULTS:
            self._soft_delete(row)
        for each in (*self._index.below(row.key), row):
            self._index.remove(each)
        return HttpResponse(200)

    def _put(self, target: Target, request: HttpRequest) -> HttpResponse:
        body = request.json()
        properties = body.get("properties") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(properties, dict):
            raise refuse(400, "InvalidRequestContent", "properties are required.")
        self._refuse_if_locked(target.key, "write", levels={"readonly"})
        if properties.get("createMode") == "recover":
            return self._recover(target)
        identity = request.path.rstrip("/")
        kind = BY_TYPE.get(target.type)
        named = {"id": identity, "name": identity.rpartition("/")[2], "type": kind.name if kind else target.type}
        if target.type == ROLE_ASSIGNMENTS:
            body = {**body, "properties": {**properties, "scope": identity.rpartition("/providers/")[0]}}
        held = self._index.get(target.key)
        row = self._add(ArmRow(target.key, target.type, b"{}"), {**(held.fields if held else {}), **body, **named})
        return HttpResponse(200 if held else 201, row.body)

    def _soft_delete(self, row: ArmRow) -> None:
        """Keep a key vault among the deleted ones, where it can be recovered."""
        name, place = row.key.rpartition("/")[2], str(row.fields.get("location", ""))
        identity = f"{'/'.join(str(row.fields['id']).split('/')[:3])}/providers/Microsoft.KeyVault"
        identity = f"{identity}/locations/{place}/deletedVaults/{name}"
        properties = {"vaultId": row.fields["id"], "location": place, "deletionDate": "2026-11-23T10:00:00Z"}
        deleted = {"id": identity, "name": name, "type": "Microsoft.KeyVault/deletedVaults", "properties": properties}
        self._deleted_vaults[row.key] = row
        self._add(ArmRow(identity.lower(), DELETED_VAULTS, b"{}"), deleted)

    def _recover(self, target: Target) -> HttpResponse:
        """Bring back a deleted key vault; one that only the snapshot holds as deleted comes back empty."""
        for deleted in list(self._index.of_type(DELETED_VAULTS)):
            if str(deleted.properties.get("vaultId", "")).lower() == target.key:
                break
        else:
            raise refuse(404, "DeletedVaultNotFound", f"No deleted vault '{target.key.rpartition('/')[2]}' exists.")
        self._index.remove(deleted)
        kept = self._deleted_vaults.pop(target.key, None)
        empty = {
            "id": deleted.properties["vaultId"],
            "name": deleted.fields["name"],
            "type": "Microsoft.KeyVault/vaults",
            "location": deleted.properties.get("location"),
            "tags": deleted.properties.get("tags") or {},
            "properties": {"accessPolicies": [], "provisioningState": "Succeeded", "enableRbacAuthorization": False},
        }
        back = self._add(ArmRow(target.key, VAULTS, b"{}"), kept.fields if kept else empty)
        return HttpResponse(200, back.body)

    def _add(self, row: ArmRow, body: Mapping[str, object]) -> ArmRow:
        changed = ArmRow(row.key, row.type, msgspec.json.encode(body, order="sorted"))
        self._index.add(changed)
        return changed

    def _refuse_if_locked(self, key: str, action: str, *, levels: set[str]) -> None:
        locks = (lock for scope in ancestry(key) for lock in self._index.at(LOCKS, scope))
        locked = [lock.container for lock in locks if str(lock.properties.get("level", "")).lower() in levels]
        if locked:
            raise refuse(
                409,
                "ScopeLocked",
                f"The scope '{key}' cannot perform {action} operation because following scope(s) are locked: "
                f"'{', '.join(locked)}'. Please remove the lock and try again.",
            )
