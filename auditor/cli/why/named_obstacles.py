"""What an error says it was refused by, looked for in an environment: a policy, a lock, a provider, a vault.

Rules judge what a registration needs. Whether the very policy or lock of a message still refuses, only this says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.access.key_vault.network import Address, Admission, VaultNetwork, address_of, is_private
from auditor.access.obstacles.policies import Policies
from auditor.access.rbac.scopes import ScopeTree
from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.azure_sentences import plain
from auditor.audit.explain.error_details import PolicyInError
from auditor.cli.why.about import touches
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DENY_ASSIGNMENTS, LOCKS, POLICY_ASSIGNMENTS
from auditor.inventory.reads import Gap
from auditor.inventory.resources.authorization import DenyAssignment, Lock, PolicyAssignment
from auditor.inventory.resources.keyvault import DeletedVault, Vault
from auditor.inventory.resources.subscriptions import ProviderRegistration, ResourceGroup, Subscription

_LOCK = "/providers/microsoft.authorization/locks/"
_DENIED_AT = re.compile(r"and id '?[^' ]+'? at scope '?(/[^' ]+)", re.IGNORECASE)
_LEVELS = frozenset({"cannotdelete", "readonly"})
_ADMITTED = Admission.ADMITTED
_NAME_TAKEN = frozenset({"vaultalreadyexists", "conflicterror"})
_POLICY = "/providers/microsoft.authorization/policyassignments/"


class CauseVerdict(Enum):
    """Whether a cause holds in the environment."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


_GROUP_STATES = {
    "deleting": CauseVerdict.CONFIRMED,
    "deprovisioning": CauseVerdict.CONFIRMED,
    "succeeded": CauseVerdict.REFUTED,
}


@dataclass(frozen=True, slots=True)
class NamedObstacle:
    """One thing that an error with this code names by its `id`, and whether it still stands there, in words."""

    code: str
    id: str
    words: str
    verdict: CauseVerdict


def named_obstacles(errors: Iterable[AzureError], inventory: Inventory) -> Iterator[NamedObstacle]:
    """Yield what the errors say they were refused by; nothing for an error that names none of these."""
    for error in errors:
        yield from _placeless(error)
        yield from _assigned(error, inventory)
        yield from _states(error, inventory)


def _assigned(error: AzureError, inventory: Inventory) -> Iterator[NamedObstacle]:
    """Yield the policies, the deny assignment and the locks that an error names."""
    for policy in error.details.policies:
        if policy.assignment:
            yield _policy(error.code, policy, inventory)
    if error.details.deny_assignment:
        yield _deny_assignment(error, inventory)
    for scope in error.details.locked:
        yield _lock(error, scope, inventory)


def _states(error: AzureError, inventory: Inventory) -> Iterator[NamedObstacle]:
    """Yield the provider, the vault, the subscription and the group whose state an error names."""
    said, code = error.details, error.code.lower()
    subscription = _subscription(said.scope) or (f"/subscriptions/{said.subscription}" if said.subscription else "")
    if said.provider and code == "missingsubscriptionregistration":
        yield _provider(error.code, said.provider, subscription, inventory)
    if said.vault and code in _NAME_TAKEN:
        yield _vault_name(error.code, said.vault, inventory)
    if said.vault and said.address:
        yield from _admitted(error, inventory)
    if subscription and code == "readonlydisabledsubscription":
        yield _subscription_state(error.code, subscription, inventory)
    if said.group and code == "resourcegroupbeingdeleted":
        yield _group_state(error.code, said.group, subscription, inventory)


def _placeless(error: AzureError) -> Iterator[NamedObstacle]:
    """Yield a refused action of which the text does not say where, or only in part, or which is not known."""
    said = error.details
    action, scope = (said.linked_action, said.linked_scope) if said.linked_action else (said.action, said.scope)
    if said.data_action and not action:
        words = f"no action is known for the permission that the key vault `{said.vault}` refused"
        yield NamedObstacle(error.code, said.vault, words, CauseVerdict.UNKNOWN)
    if action and not said.data_action and parsed(scope) is None:
        words = f"the text does not say in full at which scope `{action}` was refused: paste the whole message"
        yield NamedObstacle(error.code, action, words, CauseVerdict.UNKNOWN)


def _policy(code: str, policy: PolicyInError, inventory: Inventory) -> NamedObstacle:
    """Return whether a policy assignment still refuses; those of management groups are in no list that shows absence.

    One that is no longer enforced, or only audits, refuses nothing.
    """
    assignment, name = policy.assignment, f"the policy assignment `{policy.assignment}`"
    held = inventory.get(assignment) if parsed(assignment) is not None else None
    if isinstance(held, PolicyAssignment):
        if Policies(inventory, ScopeTree.of(inventory)).may_refuse(held, policy.reference):
            return NamedObstacle(code, assignment, f"{name} is still there", CauseVerdict.CONFIRMED)
        return NamedObstacle(code, assignment, f"{name} no longer refuses anything", CauseVerdict.REFUTED)
    scope = assignment[: assignment.lower().rfind(_POLICY)] if _POLICY in assignment.lower() else ""
    return _absent(code, assignment, name, POLICY_ASSIGNMENTS, _subscription(scope), inventory)


def _deny_assignment(error: AzureError, inventory: Inventory) -> NamedObstacle:
    """Return whether a deny assignment is there, which a message names by its id, or by a GUID without dashes.

    One of a management group is in no list that shows absence.
    """
    identity = error.details.deny_assignment
    wanted = identity.lower().rpartition("/")[2].replace("-", "")
    name = f"the deny assignment `{identity}`"
    for held in inventory.all(DenyAssignment):
        if held.arm_id.name.lower().replace("-", "") == wanted:
            return NamedObstacle(error.code, held.id, f"{name} is still there", CauseVerdict.CONFIRMED)
    at = _DENIED_AT.search(plain(error.message))
    where = identity.lower().partition("/providers/microsoft.authorization")[0] if "/" in identity else at and at[1]
    return _absent(error.code, identity, name, DENY_ASSIGNMENTS, _subscription(where or ""), inventory)


def _lock(error: AzureError, scope: str, inventory: Inventory) -> NamedObstacle:
    """Return whether a lock that refuses the operation stands at a scope or above it; one below is another lock."""
    writes = re.search(r"cannot perform write operation", error.message, re.IGNORECASE) is not None
    above = [lock for lock in inventory.all(Lock) if f"{scope.lower()}/".startswith(f"{_place(lock)}/")]
    for lock in above:
        level = (lock.properties.level or "").lower()
        if level in _LEVELS and (level == "readonly" or not writes):
            return NamedObstacle(error.code, lock.id, f"the lock `{lock.id}` is still there", CauseVerdict.CONFIRMED)
    if above:
        words = f"the lock `{above[0].id}` is there, and is not known to refuse this operation"
        return NamedObstacle(error.code, above[0].id, words, CauseVerdict.UNKNOWN)
    return _absent(error.code, scope, f"a lock of `{scope}`", LOCKS, _subscription(scope), inventory)


def _place(lock: Lock) -> str:
    return lock.id[: lock.id.lower().rfind(_LOCK)].lower()


def _vault_name(code: str, name: str, inventory: Inventory) -> NamedObstacle:
    """Return who holds the name of a key vault, which is unique in all of Azure; absence here shows nothing."""
    living = () if code.lower() == "conflicterror" else inventory.all(Vault)
    deleted = (vault for vault in inventory.all(DeletedVault) if not vault.is_purged(inventory.now))
    for vault in (*deleted, *living):
        if vault.arm_id.name.lower() == name.lower():
            state = "deleted " if isinstance(vault, DeletedVault) else ""
            words = f"the {state}key vault `{vault.id}` holds the name"
            return NamedObstacle(code, vault.id, words, CauseVerdict.CONFIRMED)
    words = (
        f"nothing that was read holds the name `{name}`; names of key vaults are unique in all of Azure, so it may be "
        "taken elsewhere, in another subscription or by somebody else"
    )
    return NamedObstacle(code, name, words, CauseVerdict.UNKNOWN)


def _admitted(error: AzureError, inventory: Inventory) -> Iterator[NamedObstacle]:
    """Yield the vault that a message names if its firewall admits the address now; rules judge one that does not.

    An address inside a network shows nothing: the firewall does not see which way it comes.
    """
    vault, shown = error.details.vault.lower(), _public(error.details.address)
    for held in inventory.all(Vault):
        if shown and held.arm_id.name.lower() == vault and VaultNetwork(inventory, held).admits(shown) is _ADMITTED:
            words = f"the firewall of the key vault `{held.id}` admits the address {error.details.address} now"
            yield NamedObstacle(error.code, held.id, words, CauseVerdict.REFUTED)


def _public(address: str) -> tuple[Address, ...]:
    try:
        shown = address_of(address)
    except ValueError:  # no address, or a part of one
        return ()
    return () if is_private(shown) else (shown,)


def _subscription_state(code: str, identity: str, inventory: Inventory) -> NamedObstacle:
    held = inventory.get(identity)
    if not isinstance(held, Subscription) or held.is_writable is None:
        words = f"the state of the subscription `{identity}` was not read"
        return NamedObstacle(code, identity, words, CauseVerdict.UNKNOWN)
    verdict = CauseVerdict.REFUTED if held.is_writable else CauseVerdict.CONFIRMED
    return NamedObstacle(code, identity, f"the subscription `{identity}` is in the state {held.state}", verdict)


def _group_state(code: str, name: str, subscription: str, inventory: Inventory) -> NamedObstacle:
    """Return whether Azure deletes the one resource group of this name that was read."""
    groups = [one for one in inventory.all(ResourceGroup) if one.arm_id.name.lower() == name.lower()]
    groups = [one for one in groups if not subscription or touches(one.id.lower(), subscription.lower())]
    state = (groups[0].properties.provisioning_state if len(groups) == 1 and groups[0].properties else None) or ""
    verdict = _GROUP_STATES.get(state.lower(), CauseVerdict.UNKNOWN)
    if verdict is CauseVerdict.UNKNOWN:
        words = f"whether the resource group `{name}` is being deleted was not read"
        return NamedObstacle(code, name, words, verdict)
    return NamedObstacle(code, groups[0].id, f"the resource group `{groups[0].id}` is in the state {state}", verdict)


def _provider(code: str, namespace: str, subscription: str, inventory: Inventory) -> NamedObstacle:
    name = f"the provider `{namespace}` in `{subscription or 'a subscription that is not named'}`"
    identity = f"{subscription}/providers/{namespace}"
    held = inventory.get(identity)
    if not isinstance(held, ProviderRegistration) or held.registered is None:
        words = f"whether {name} is registered was not read"
        return NamedObstacle(code, identity, words, CauseVerdict.UNKNOWN)
    if held.registered:
        return NamedObstacle(code, identity, f"{name} is registered now", CauseVerdict.REFUTED)
    return NamedObstacle(code, identity, f"{name} is not registered", CauseVerdict.CONFIRMED)


def _absent(code: str, identity: str, name: str, what: str, subscription: str, inventory: Inventory) -> NamedObstacle:
    """Return what is known of something that no list shows; only lists that were read to their end show absence."""
    gaps: tuple[Gap, ...] = inventory.gaps(what, subscription) if subscription else ()
    if not subscription or gaps:
        return NamedObstacle(code, identity, f"whether {name} is still there was not read", CauseVerdict.UNKNOWN)
    return NamedObstacle(code, identity, f"{name} is no longer there", CauseVerdict.REFUTED)


def _subscription(scope: str) -> str:
    known = parsed(scope)
    return known.subscription_id.text if known is not None and known.subscription_id is not None else ""


def parsed(text: str) -> ArmId | None:
    """Return the id that a text is, or None for any other text."""
    try:
        return ArmId.parse(text)
    except ValueError:  # no id, or one that was cut off
        return None
