"""The access engine: one index over an inventory, asked who may do what, where, and why."""

from auditor.access.decisions import Decisions
from auditor.access.directory.entra import EntraRights
from auditor.access.directory.principals import Principals
from auditor.access.directory.roles import DirectoryRole, HeldRole
from auditor.access.escalation import Escalation
from auditor.access.key_vault.plane import Model, VaultPlane, model_of, vault_key
from auditor.access.obstacles.notes import ObstacleNotes
from auditor.access.obstacles.policies import PolicyRefusal
from auditor.access.obstacles.providers import ProviderState
from auditor.access.rbac.completeness import Completeness
from auditor.access.rbac.decision import Rbac
from auditor.access.rbac.denials import DenyIndex
from auditor.access.rbac.grants import GrantIndex
from auditor.access.rbac.lapses import Lapses
from auditor.access.rbac.matching import Matcher
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import RoleBook
from auditor.access.rbac.scopes import ScopeTree
from auditor.access.self_check import SelfCheck, self_check
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Note, NoteKind, Plane
from auditor.access.who_can import Holders, WhoCan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory

__all__ = ["Access"]


class Access:
    """Effective access over one inventory, as configured at the time it was read.

    Principals are object ids in any case; actions are compared without case; nothing here reads anything.
    """

    def __init__(self, inventory: Inventory) -> None:
        """Index `inventory`; see `of`."""
        self.inventory = inventory
        self.tree = ScopeTree.of(inventory)
        self.principals = Principals(inventory)
        self.roles = RoleBook.of(inventory)
        self.grants = GrantIndex(inventory)
        self.completeness = Completeness(inventory, self.tree, self.grants, self.principals)
        self.denials = DenyIndex(inventory, self.tree, self.principals)
        lapses = Lapses(inventory, self.tree, self.completeness)
        self.matcher = Matcher(self.grants, self.roles, self.tree, self.principals, lapses)
        self.vaults = VaultPlane(inventory, self.principals)
        self.entra = EntraRights(inventory, self.principals)
        rbac = Rbac(self.matcher, self.denials, self.completeness, self.principals)
        # Those who ask the verdict hold it, not this engine: a circle would keep the whole inventory in memory.
        self._decisions = Decisions(self.tree, self.principals, rbac, self.vaults, self.denials)
        self._holders = Holders(
            inventory,
            self.tree,
            self.grants,
            self.matcher,
            self.principals,
            self.completeness,
            self.vaults,
            self._decisions.decide,
        )
        providers = ProviderState(inventory, self._decisions.decide, self._holders.of)
        self._obstacles = ObstacleNotes(inventory, self.tree, self.grants, providers)
        self._escalation = Escalation(inventory, self.principals, self.entra, self._decisions.decide)

    @classmethod
    def of(cls, inventory: Inventory) -> "Access":
        """Return the engine over `inventory`; one pass over the assignments, a second or two for a million of them."""
        return cls(inventory)

    def can(self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> AccessAnswer:
        """Return whether the principal may do `action` at `scope`, why, what was unread, and what else matters there.

        On the data plane of a key vault the vault's permission model decides. Notes never change the verdict.
        """
        decided = self.decide(principal_id, action, scope, plane)
        identities, place = self.principals.identities(principal_id), self.tree.place(scope)
        operation = normalized(action)
        notes = list(self._obstacles.notes(identities, operation, place, plane))
        if decided.verdict is AccessVerdict.DENY:
            notes.extend(
                Note(NoteKind.PIM, str(scope), text) for text in self.completeness.unseen_eligibility(identities)
            )
        check = self.self_check(principal_id, action, scope, plane)
        if check is not None:
            notes.append(Note(NoteKind.SELF_CHECK, str(scope), check.text))
        if decided.verdict is not AccessVerdict.ALLOW:
            notes.extend(self._escalation.notes(identities, operation, place, plane, self.vaults.vault(place)))
        return decided.with_notes(notes)

    def decide(self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> AccessAnswer:
        """Return the same verdict, reasons and gaps as `can`, without the notes about the surroundings: faster."""
        return self._decisions.decide(principal_id, action, scope, plane)

    def self_check(
        self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL
    ) -> SelfCheck | None:
        """Return what Azure itself says, if this is who made the snapshot and Azure was asked about this very scope.

        The contents of a vault with access policies are no matter of roles, so Azure's list says nothing there.
        """
        own = self.principals.resolved(self.inventory.header.by.object_id)
        if self.principals.resolved(principal_id) != own:
            return None
        place = self.tree.place(scope)
        in_vault = plane is Plane.DATA and vault_key(place) is not None
        if in_vault and model_of(self.vaults.vault(place)) is not Model.RBAC:
            return None
        return self_check(self.inventory, self.decide(principal_id, action, scope, plane), action, str(scope), plane)

    def surroundings(
        self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL
    ) -> tuple[Note, ...]:
        """Return what stands beside any answer to this question: locks, policies, providers, firewalls, the account."""
        identities, place = self.principals.identities(principal_id), self.tree.place(scope)
        return tuple(self._obstacles.notes(identities, normalized(action), place, plane))

    def refusals(self, action: str, scope: ArmId) -> tuple[PolicyRefusal, ...]:
        """Return the policies that may refuse `action` at `scope`, whoever asks, exemptions heeded."""
        return tuple(self._obstacles.refusals(normalized(action), self.tree.place(scope)))

    def who_can(self, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> WhoCan:
        """Return everyone whom something grants `action` at `scope`, in separate groups, and whether that is all."""
        return self._holders.of(normalized(action), scope, plane)

    def may_create_applications(self, principal_id: str) -> AccessAnswer:
        """Return whether the principal may register applications in the directory."""
        return self.entra.may_create_applications(self.principals.identities(principal_id))

    def controls_application(self, principal_id: str, app_id: str) -> AccessAnswer:
        """Return whether the principal may change an application (`app_id`: app id or object id) and its keys."""
        return self.entra.controls_application(self.principals.identities(principal_id), app_id)

    def administers_applications(self, principal_id: str) -> AccessAnswer:
        """Return whether the principal may change every application of the tenant, those to come included."""
        return self.entra.administers_applications(self.principals.identities(principal_id))

    def activatable(
        self, principal_id: str, roles: frozenset[DirectoryRole], app_id: str | None = None
    ) -> tuple[HeldRole, ...]:
        """Return which of these directory roles the principal may activate, over the directory or over `app_id`."""
        return self.entra.activatable(self.principals.identities(principal_id), roles, app_id)
