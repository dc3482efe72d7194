"""The notes about obstacles: locks, subscription state, providers, firewalls, policies, taken names, account state."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from auditor.access.directory.principals import PrincipalIdentities
from auditor.access.key_vault.permissions import is_vault_action
from auditor.access.obstacles.policies import REFUSES, Policies, PolicyRefusal
from auditor.access.obstacles.providers import ProviderState
from auditor.access.obstacles.requested import Requested
from auditor.access.obstacles.vaults import MAKES_VAULT, firewall_notes, taken_names
from auditor.access.rbac.grants import GrantIndex
from auditor.access.rbac.scopes import ScopePlace, ScopeTree
from auditor.access.verdicts import Note, NoteKind, Plane
from auditor.inventory.arm_id import made_at, scope_key
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    DELETED_KEY_VAULTS,
    DIRECTORY_OBJECTS,
    LOCKS,
    POLICY_ASSIGNMENTS,
    PROVIDERS,
    SUBSCRIPTIONS,
)
from auditor.inventory.reads import Gap
from auditor.inventory.resources.authorization import Lock
from auditor.inventory.resources.directory import ServicePrincipal, User
from auditor.inventory.resources.subscriptions import Subscription

_READ_ONLY_STATES = frozenset({"disabled", "expired"})


class ObstacleNotes:
    """The obstacles of one inventory, as notes on a question; none of them changes the verdict."""

    def __init__(self, inventory: Inventory, tree: ScopeTree, grants: GrantIndex, providers: ProviderState) -> None:
        """Keep the collaborators; the inventory is indexed at the first question."""
        self._inventory = inventory
        self._grants = grants
        self._providers = providers
        self._policies = Policies(inventory, tree)

    def notes(self, identities: PrincipalIdentities, operation: str, place: ScopePlace, plane: Plane) -> Iterator[Note]:
        """Yield every note about the account, and about obstacles to the operation (normalized) at `place`."""
        yield from self.of_account(identities.principal)
        yield from self._ended(identities, place)
        if plane is Plane.DATA:
            if is_vault_action(operation):
                yield from firewall_notes(self._inventory, place)
            return
        verb = operation.rpartition("/")[2]
        yield from self.locks(operation, place)
        yield from self._subscription(verb, place)
        yield from self._providers.notes(identities.principal, operation, place)
        yield from self._refused(operation, place)
        yield from taken_names(self._inventory, operation, place)
        yield from self._classic(identities, place)
        yield from _unread_notes(self._inventory, operation, place)

    def of_account(self, principal: str) -> Iterator[Note]:
        """Yield a note for each reason why the account itself can do nothing: disabled, deleted, not accepted."""
        held = self._inventory.object(principal)
        if held is None:
            if principal in self._deleted:
                text = "the account was deleted: its grants stay, but it cannot sign in unless it is restored"
                yield Note(NoteKind.ACCOUNT, principal, text)
            elif not self._inventory.gaps(DIRECTORY_OBJECTS, principal):
                yield Note(NoteKind.ACCOUNT, principal, "the directory holds no object with this id")
            return
        if isinstance(held, User | ServicePrincipal) and held.account_enabled is False:
            yield Note(NoteKind.ACCOUNT, held.id, "the account is disabled: it cannot get a token")
        if isinstance(held, User) and str(held.external_user_state).lower() == "pendingacceptance":
            yield Note(NoteKind.ACCOUNT, held.id, "the invitation has not been accepted yet: the guest cannot sign in")

    @cached_property
    def _deleted(self) -> frozenset[str]:
        return frozenset(record.id.lower() for record in self._inventory.snapshot.graph if record.deleted)

    def _ended(self, identities: PrincipalIdentities, place: ScopePlace) -> Iterator[Note]:
        for grant in self._grants.over:
            if grant.principal in identities.sure and grant.scope in place.paths:
                text = "this assignment is a PIM activation that is not in effect now; the snapshot is out of date here"
                yield Note(NoteKind.STALE, grant.id, text)

    def locks(self, operation: str, place: ScopePlace) -> Iterator[Note]:
        """Yield a note for each lock that blocks an operation (normalized) at `place`."""
        verb = operation.rpartition("/")[2]
        for key in place.paths:
            for lock in self._locks_by_scope.get(key, ()):
                level = (lock.properties.level or "").lower()
                if (level == "readonly" and verb != "read") or (level == "cannotdelete" and verb == "delete"):
                    text = f"lock `{lock.display_name}` ({lock.properties.level}) at `{key or '/'}` blocks this"
                    yield Note(NoteKind.LOCK, lock.id, text)

    @cached_property
    def _locks_by_scope(self) -> dict[str, list[Lock]]:
        found: dict[str, list[Lock]] = defaultdict(list)
        for lock in self._inventory.all(Lock):
            found[made_at(lock.id)].append(lock)
        return found

    def _subscription(self, verb: str, place: ScopePlace) -> Iterator[Note]:
        identity = place.scope.subscription_id
        held = None if identity is None else self._inventory.get(identity)
        if not isinstance(held, Subscription) or held.state is None:
            return
        state = held.state.lower()
        if held.is_writable:
            return
        if state in _READ_ONLY_STATES and verb not in {"read", "delete"}:
            yield Note(NoteKind.SUBSCRIPTION, held.id, f"the subscription is {held.state}: only reads and deletes work")
        elif state not in _READ_ONLY_STATES:
            yield Note(NoteKind.SUBSCRIPTION, held.id, f"the subscription is {held.state}: nothing works in it")

    def refusals(
        self, operation: str, place: ScopePlace, requested: Sequence[Requested] = (), *, changing: bool = False
    ) -> Iterator[PolicyRefusal]:
        """Yield the policies that may refuse an operation (normalized) at `place`, with `changing` or change it."""
        return self._policies.refusals(operation, place, requested, changing=changing)

    def _refused(self, operation: str, place: ScopePlace) -> Iterator[Note]:
        for refusal in self.refusals(operation, place):
            name = refusal.assignment.properties.display_name or refusal.assignment.display_name
            doubt = f" ({refusal.doubt})" if refusal.doubt else ""
            text = f"policy `{name}` applies here and may refuse the request{doubt}"
            yield Note(NoteKind.POLICY, refusal.assignment.id, text)

    def _classic(self, identities: PrincipalIdentities, place: ScopePlace) -> Iterator[Note]:
        """Yield a note where the account is a classic administrator: a retired role that grants nothing."""
        identity = place.scope.subscription_id
        held = self._inventory.object(identities.principal)
        if identity is None or not isinstance(held, User):
            return
        names = {name.lower() for name in (held.mail, held.user_principal_name) if name}
        for record in self._inventory.of_type("Microsoft.Authorization/classicAdministrators"):
            body = self._inventory.body(record.id) or {}
            properties = body.get("properties")
            mail = properties.get("emailAddress") if isinstance(properties, dict) else None
            if scope_key(record.id).startswith(identity.key + "/") and str(mail).lower() in names:
                text = "the account is listed as a classic administrator; that role is retired and grants nothing"
                yield Note(NoteKind.CLASSIC_ADMINISTRATOR, record.id, text)


def _unread_notes(inventory: Inventory, operation: str, place: ScopePlace) -> Iterator[Note]:
    """Yield a note for each list that was not read and may hide an obstacle to `operation` (control plane)."""
    verb = operation.rpartition("/")[2]
    if verb == "read":
        return
    scope, subscription = str(place.scope), place.scope.subscription_id
    if subscription is not None:  # locks exist only on subscriptions and below
        yield from _unread("whether a lock blocks this", scope, inventory.gaps(LOCKS, place.scope, below=False))
    if verb in REFUSES.values():
        gaps = inventory.gaps(POLICY_ASSIGNMENTS, place.scope, below=False)
        yield from _unread("whether a policy may refuse the request", scope, gaps)
    if subscription is None:
        return
    held = inventory.get(subscription)
    if not isinstance(held, Subscription) or held.state is None:
        gaps = inventory.gaps(SUBSCRIPTIONS, subscription, below=False)
        yield from _unread("the state of the subscription", str(subscription), gaps)
    provider = f"{subscription}/providers/{operation.partition('/')[0]}"
    if inventory.get(provider) is None and not operation.endswith("/register/action"):
        gaps = inventory.gaps(PROVIDERS, provider, below=False)
        yield from _unread("whether the resource provider is registered", str(subscription), gaps)
    if operation == MAKES_VAULT:
        gaps = inventory.gaps(DELETED_KEY_VAULTS, subscription, below=False)
        yield from _unread("whether a soft-deleted vault holds the name", str(subscription), gaps)


def _unread(what: str, scope: str, gaps: tuple[Gap, ...]) -> Iterator[Note]:
    if gaps:
        yield Note(NoteKind.UNREAD, scope, f"{what} was not read ({gaps[0].what}: {gaps[0].code or gaps[0].status})")
