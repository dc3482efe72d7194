"""The entry point of the access engine: who may do what at which scope, and why."""

from collections.abc import Callable, Sequence

from auditor.access.directory.conditional_access import ConditionalAccess
from auditor.access.directory.entra import EntraRights
from auditor.access.directory.members import by_member, is_group
from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.directory.roles import DirectoryRole, HeldRole
from auditor.access.escalation import ASSIGN, Escalation
from auditor.access.key_vault.permissions import is_vault_action
from auditor.access.key_vault.plane import Model, VaultPlane, model_of, vault_key
from auditor.access.obstacles.notes import ObstacleNotes
from auditor.access.obstacles.policies import PolicyRefusal
from auditor.access.obstacles.providers import ProviderState
from auditor.access.obstacles.requested import Requested
from auditor.access.rbac.assignment_conditions import AssignmentRequest
from auditor.access.rbac.completeness import Completeness, Lapses
from auditor.access.rbac.decision import Rbac
from auditor.access.rbac.denials import DenyIndex
from auditor.access.rbac.grants import GrantIndex
from auditor.access.rbac.matching import Matcher
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import RoleBook
from auditor.access.rbac.scopes import ScopePlace, ScopeTree
from auditor.access.self_check import SelfCheck, self_check
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Note, NoteKind, Plane
from auditor.access.who_can import Holders, WhoCan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory

__all__ = ["Access"]


class Access:
    """The effective access in one inventory, as configured when it was read.

    Principals are object ids; ids and actions are compared without case. No method reads anything from Azure.
    """

    def __init__(self, inventory: Inventory) -> None:
        """Build the indexes over `inventory`; see `of`."""
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
        self._rbac = rbac = Rbac(self.matcher, self.denials, self.completeness, self.principals)
        self.conditional_access = ConditionalAccess(inventory, self.entra)
        # The parts below hold the decisions, not this engine: a reference cycle would keep the inventory in memory.
        self._decisions = _Decisions(self.tree, self.principals, rbac, self.vaults, self.denials)
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
        """Return the engine over `inventory`; it passes once over the assignments, one to two seconds per million."""
        return cls(inventory)

    def can(self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> AccessAnswer:
        """Return whether the principal may do `action` at `scope`, with reasons, gaps and notes.

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
        """Return the same verdict, reasons and gaps as `can`, but no notes about obstacles and escalation; faster."""
        return self._decisions.decide(principal_id, action, scope, plane)

    def may_assign(self, principal_id: str, role: str, scope: ArmId) -> AccessAnswer:
        """Return whether the principal may assign a role (its GUID) to a service principal at `scope`.

        Conditions that limit the roles or the kinds of principals are decided for this assignment.
        """
        identities, place = self.principals.identities(principal_id), self.tree.place(scope)
        return self._rbac.decide(identities, normalized(ASSIGN), Plane.CONTROL, place, AssignmentRequest(role.lower()))

    def activations(
        self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL, role: str | None = None
    ) -> tuple[frozenset[str], ...]:
        """Return the ways to gain `action` at `scope` by activating, each as the set of what has to be activated.

        A set holds ids of eligibility instances and of groups to become a member of. Grants under a condition are no
        way. `role` is the GUID of the role that an action which assigns roles has to give.
        """
        return self._decisions.activations(principal_id, action, scope, plane, role)

    def self_check(
        self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL
    ) -> SelfCheck | None:
        """Return the comparison with Azure's own permission list, or None where there is nothing to compare.

        Azure lists permissions only for the account that made the snapshot, where the list was read. It says
        nothing about the contents of a vault with access policies, since roles do not decide there.
        """
        own = self.principals.resolved(self.inventory.header.by.object_id)
        if self.principals.resolved(principal_id) != own:
            return None
        place = self.tree.place(scope)
        in_vault = plane is Plane.DATA and vault_key(place) is not None
        if in_vault and model_of(self.vaults.vault(place)) is not Model.RBAC:
            return None
        return self_check(self.inventory, self.decide(principal_id, action, scope, plane), action, str(scope), plane)

    def obstacles(self, principal_id: str, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> tuple[Note, ...]:
        """Return the notes that apply whatever the verdict: locks, policies, providers, firewalls, account state."""
        identities, place = self.principals.identities(principal_id), self.tree.place(scope)
        return tuple(self._obstacles.notes(identities, normalized(action), place, plane))

    def locks(self, action: str, scope: ArmId) -> tuple[Note, ...]:
        """Return those of the notes of `obstacles` that are about locks."""
        return tuple(self._obstacles.locks(normalized(action), self.tree.place(scope)))

    def of_account(self, principal_id: str) -> tuple[Note, ...]:
        """Return the notes on why the account itself can do nothing: disabled, deleted, invitation not accepted."""
        return tuple(self._obstacles.of_account(self.principals.resolved(principal_id)))

    def refusals(
        self, action: str, scope: ArmId, requested: Sequence[Requested] = (), *, changing: bool = False
    ) -> tuple[PolicyRefusal, ...]:
        """Return the policies that may refuse `action` at `scope` for any principal, without those exempted there.

        `requested` are the resources that the action writes, as far as they are known. `changing` adds the policies
        that let the action pass with another body, where that may matter for an appliance.
        """
        place = self.tree.place(scope)
        return tuple(self._obstacles.refusals(normalized(action), place, requested, changing=changing))

    def who_can(self, action: str, scope: ArmId, plane: Plane = Plane.CONTROL) -> WhoCan:
        """Return every principal that is granted `action` at `scope`, by way of holding it, with the gaps.

        The answer of each has notes where the account itself can do nothing, for example because it is disabled.
        """
        return self._holders.of(normalized(action), scope, plane).noted(self._obstacles.of_account)

    def may_create_applications(self, principal_id: str) -> AccessAnswer:
        """Return whether the principal may register applications in the directory."""
        what = "whether a member may register applications"
        return self._as_user(principal_id, self.entra.may_create_applications, what)

    def controls_application(self, principal_id: str, app_id: str) -> AccessAnswer:
        """Return whether the principal may change an application (`app_id`: app id or object id) and its keys."""

        def controls(identities: PrincipalIdentities) -> AccessAnswer:
            return self.entra.controls_application(identities, app_id)

        return self._as_user(principal_id, controls, "whether a member owns the application or holds a role over it")

    def reads_service_principals(self, principal_id: str) -> AccessAnswer:
        """Return whether the principal may read the service principals of the directory."""
        what = "whether a member may read service principals"
        return self._as_user(principal_id, self.entra.reads_service_principals, what)

    def administers_applications(self, principal_id: str) -> AccessAnswer:
        """Return whether the principal may change every application of the tenant, including future ones."""
        what = "whether a member holds a role over all applications"
        return self._as_user(principal_id, self.entra.administers_applications, what)

    def device_code(self, principal_id: str) -> AccessAnswer:
        """Return whether Conditional Access lets the principal sign in by device code, as an appliance asks it to."""
        what = "whether Conditional Access lets a member sign in"
        return self._as_user(principal_id, self.conditional_access.device_code, what)

    def _as_user(
        self, principal_id: str, ask: Callable[[PrincipalIdentities], AccessAnswer], what: str
    ) -> AccessAnswer:
        """Return an answer that only an account has; a group has it where all members do, or where a role gives it."""
        own = ask(self.principals.identities(principal_id))
        if own.verdict is AccessVerdict.ALLOW or not is_group(self.inventory, principal_id):
            return own
        return by_member(self.inventory, principal_id, lambda one: ask(self.principals.identities(one)), what)

    def own_credential(self, principal_id: str) -> AccessAnswer:
        """Return whether Conditional Access lets a service principal sign in with its own credential."""
        return self.conditional_access.own_credential(self.principals.identities(principal_id))

    def future_application(self) -> AccessAnswer:
        """Return whether Conditional Access lets an application sign in that is yet to be made for this tenant."""
        return self.conditional_access.future_application()

    def granted_scopes(self, principal_id: str) -> tuple[str, ...]:
        """Return every scope at which the principal, or a group that it may belong to, holds a role of any kind."""
        identities = self.principals.identities(principal_id)
        whom = (identities.sure, identities.perhaps, identities.eligible)
        grants = (self.grants.of(one) for members in whom for one in members)
        scopes = {grant.where for by_scope in grants for held in by_scope.values() for grant in held}
        return tuple(sorted(scopes | {grant.where for grant in self.grants.foreign}))

    def activatable(
        self, principal_id: str, roles: frozenset[DirectoryRole], app_id: str | None = None
    ) -> tuple[HeldRole, ...]:
        """Return which of `roles` the principal may activate, tenant-wide or over the application `app_id`."""
        return self.entra.activatable(self.principals.identities(principal_id), roles, app_id)


class _Decisions:
    """The choice between the two decision procedures: a key vault's permission model, or Azure RBAC."""

    def __init__(
        self, tree: ScopeTree, principals: Principals, rbac: Rbac, vaults: VaultPlane, denials: DenyIndex
    ) -> None:
        """Keep the collaborators."""
        self._tree = tree
        self._principals = principals
        self._rbac = rbac
        self._vaults = vaults
        self._denials = denials

    def decide(self, principal_id: str, action: str, scope: ArmId, plane: Plane) -> AccessAnswer:
        """Return whether the principal may do `action` at `scope`, with reasons and gaps."""
        identities, place = self._principals.identities(principal_id), self._tree.place(scope)
        operation = normalized(action)
        if plane is Plane.DATA and is_vault_action(operation) and vault_key(place) is not None:
            return self._on_vault(identities, operation, place)
        return self._rbac.decide(identities, operation, plane, place)

    def activations(
        self, principal_id: str, action: str, scope: ArmId, plane: Plane, role: str | None
    ) -> tuple[frozenset[str], ...]:
        """Return the ways to gain the action by activating, by the procedure that decides it."""
        identities, place = self._principals.identities(principal_id), self._tree.place(scope)
        operation = normalized(action)
        if plane is Plane.DATA and is_vault_action(operation) and vault_key(place) is not None:
            vault = self._vaults.vault(place)
            if vault is None or self._vaults.refused(vault) is not None or model_of(vault) is Model.UNKNOWN:
                return ()
            if model_of(vault) is Model.POLICIES:
                return self._vaults.activations(identities, operation, vault)
        request = None if role is None else AssignmentRequest(role.lower())
        return self._rbac.activations(identities, operation, plane, place, request)

    def _on_vault(self, identities: PrincipalIdentities, operation: str, place: ScopePlace) -> AccessAnswer:
        vault = self._vaults.vault(place)
        model = model_of(vault)
        refused = None if vault is None else self._vaults.refused(vault)
        if refused is not None:
            return refused
        if vault is None or model is Model.UNKNOWN:
            return self._vaults.undecided(place)
        if model is Model.RBAC:
            return self._rbac.decide(identities, operation, Plane.DATA, place)
        denials = self._denials.denials(identities, operation, Plane.DATA, place)
        # Whether a deny assignment applies to such a vault is not documented: the policies decide, it becomes a note.
        text = "denies this data action; whether it applies to a vault with access policies is not documented"
        notes = (Note(NoteKind.DATA_DENY, denial.id, text) for denial in (*denials.certain, *denials.conditional))
        return self._vaults.decide(identities, operation, vault).with_notes(notes)
