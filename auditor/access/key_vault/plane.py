"""The data plane of Key Vault: the permission model of a vault, and the rights that access policies grant."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.key_vault.permissions import granted, is_empty, permissions_for
from auditor.access.rbac.scopes import ScopePlace
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Reason, ReasonKind, answer
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import KEY_VAULTS
from auditor.inventory.reads import ALL_WITHOUT_PURGE, UNDOCUMENTED, Gap
from auditor.inventory.resources.keyvault import AccessPolicy, Vault

_VAULT_PATH = "/providers/microsoft.keyvault/vaults/"


class Model(Enum):
    """The permission model of a vault's data plane."""

    RBAC = "rbac"
    POLICIES = "policies"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _PolicyEntry:
    """An access policy that covers the data action for the principal or one of its groups."""

    object_id: str
    reasons: tuple[Reason, ...]
    compound: bool
    eligible: bool
    gaps: tuple[Gap, ...]


def vault_key(place: ScopePlace) -> str | None:
    """Return the key of the vault that `place` is or lies in, or None outside of vaults."""
    head, found, tail = place.key.partition(_VAULT_PATH)
    return f"{head}{found}{tail.partition('/')[0]}" if found and tail else None


def model_of(vault: Vault | None) -> Model:
    """Return the vault's permission model: unknown for a vault that was not read, or only without its properties."""
    by_roles = None if vault is None else vault.properties.by_roles
    if by_roles is None:
        return Model.UNKNOWN
    return Model.RBAC if by_roles else Model.POLICIES


class VaultPlane:
    """The decision procedure for the data plane of vaults with access policies."""

    def __init__(self, inventory: Inventory, principals: Principals) -> None:
        """Keep the collaborators."""
        self._inventory = inventory
        self._principals = principals

    def vault(self, place: ScopePlace) -> Vault | None:
        """Return the vault that `place` is or lies in, or None where it was not read."""
        key = vault_key(place)
        held = None if key is None else self._inventory.get(key)
        return held if isinstance(held, Vault) else None

    def undecided(self, place: ScopePlace) -> AccessAnswer:
        """Return the answer for a vault whose permission model is not known."""
        key = vault_key(place) or place.key
        message = "which permission model the vault uses was not read (`enableRbacAuthorization`)"
        unread = tuple(gap for gap in self._inventory.gaps(KEY_VAULTS, key, below=False))
        return answer(
            AccessVerdict.UNKNOWN, (), unread or (Gap(KEY_VAULTS, key, 0, "NotHeld", message, f"{KEY_VAULTS}/read"),)
        )

    def decide(self, identities: PrincipalIdentities, operation: str, vault: Vault) -> AccessAnswer:
        """Return the answer of the vault's access policies on a data action (normalized)."""
        model = Reason(ReasonKind.VAULT_MODEL, vault.id, "this vault uses access policies for its contents")
        entries = list(self._entries(identities, operation, vault))
        certain = [entry for entry in entries if not entry.gaps]
        doubts = (gap for entry in entries for gap in entry.gaps)
        unread = (*identities.gaps, *self._principals.unread_offers(identities), *self.policies_unread(vault), *doubts)
        for verdict, found in (
            (AccessVerdict.ALLOW, [entry for entry in certain if not entry.compound and not entry.eligible]),
            (AccessVerdict.CONDITIONAL, [entry for entry in certain if entry.compound and not entry.eligible]),
            (AccessVerdict.ELIGIBLE, [entry for entry in certain if entry.eligible]),
        ):
            if found:
                because = (model, *(reason for entry in found for reason in entry.reasons))
                return answer(verdict, because, () if verdict is AccessVerdict.ALLOW else unread)
        if unread:
            return answer(
                AccessVerdict.UNKNOWN, (model, *(reason for entry in entries for reason in entry.reasons)), unread
            )
        return answer(
            AccessVerdict.DENY,
            (model, Reason(ReasonKind.NOTHING, vault.id, "no access policy grants this to the account")),
        )

    def activations(self, identities: PrincipalIdentities, operation: str, vault: Vault) -> tuple[frozenset[str], ...]:
        """Return the groups that the principal may become a member of and whose access policies grant a data action."""
        entries = [entry for entry in self._entries(identities, operation, vault) if entry.eligible]
        groups = {identities.eligible[entry.object_id][0] for entry in entries if not entry.gaps and not entry.compound}
        return tuple(frozenset({group}) for group in sorted(groups))

    def refused(self, vault: Vault) -> AccessAnswer | None:
        """Return the refusal of a vault that trusts another tenant than the one that was read; None for any other.

        A vault accepts only tokens of the tenant that it names, whatever its roles and access policies say.
        """
        trusted = (vault.properties.tenant_id or "").strip().lower()
        if not trusted or trusted == self._inventory.tenant_id.lower():
            return None
        text = f"this vault trusts the tenant `{trusted}` only: it refuses every token of `{self._inventory.tenant_id}`"
        return answer(AccessVerdict.DENY, (Reason(ReasonKind.VAULT_TENANT, vault.id, text),))

    def _is_of_this_tenant(self, policy: AccessPolicy) -> bool:
        """Return whether a policy names the tenant that was read, or none: it gives nothing to accounts of another."""
        named = (policy.tenant_id or "").strip().lower()
        return not named or named == self._inventory.tenant_id.lower()

    def policies_unread(self, vault: Vault) -> tuple[Gap, ...]:
        """Return the gap of a vault whose body lacks its access policies: a missing list is not an empty list."""
        if vault.properties.access_policies is not None:
            return ()
        message = "the vault's access policies were not returned (`accessPolicies`)"
        return (Gap(KEY_VAULTS, vault.id, 0, "NotHeld", message, f"{KEY_VAULTS}/read"),)

    def _entries(self, identities: PrincipalIdentities, operation: str, vault: Vault) -> Iterator[_PolicyEntry]:
        for index, policy in enumerate(vault.properties.access_policies or ()):
            if not self._is_of_this_tenant(policy):
                continue
            object_id = (policy.object_id or "").strip().lower()
            eligible = object_id in identities.eligible
            acts = True if eligible else self._principals.acts_as(identities, object_id, None)
            if acts is False:
                continue
            covered = _covering(policy, operation, vault)
            if covered is None:
                continue
            name, gaps = covered
            if acts is None:
                gaps = (*gaps, *self._principals.doubt(identities, object_id, None))
            reasons = self._explained(identities, vault, index, name)
            yield _PolicyEntry(object_id, reasons, bool(policy.application_id), eligible, gaps)

    def _explained(self, identities: PrincipalIdentities, vault: Vault, index: int, name: str) -> tuple[Reason, ...]:
        policy = (vault.properties.access_policies or ())[index]
        object_id = (policy.object_id or "").strip().lower()
        text = f"access policy {index} of vault `{vault.display_name}` grants `{name}`"
        reasons = [Reason(ReasonKind.ACCESS_POLICY, vault.id, text)]
        reasons.extend(self._principals.reasons(identities, object_id))
        if policy.application_id:
            text = f"only through the application `{policy.application_id}` on behalf of the account"
            reasons.append(Reason(ReasonKind.CONDITION, vault.id, text))
        return tuple(reasons)


def _perhaps_without_purge(vault: Vault) -> Gap:
    message = "whether `all` in an access policy includes `purge` is not documented"
    return Gap(KEY_VAULTS, vault.id, 0, ALL_WITHOUT_PURGE, message)


def _covering(policy: AccessPolicy, operation: str, vault: Vault) -> tuple[str, tuple[Gap, ...]] | None:
    """Return the permission of `policy` that covers a data action, with a gap where that is not known."""
    wanted = permissions_for(operation)
    if wanted is not None:
        category, names = wanted
        name = granted(policy.permissions, category, names)
        if name is None:
            return None
        gaps = (_perhaps_without_purge(vault),) if name.strip().lower() == "all" and "purge" in names else ()
        return f"{category} {name}", gaps
    if is_empty(policy.permissions):
        return None
    message = f"which access policy permission covers `{operation}` is not known"
    return "some permissions", (Gap(KEY_VAULTS, vault.id, 0, UNDOCUMENTED, message),)
