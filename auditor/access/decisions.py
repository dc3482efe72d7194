"""The verdict on one question: on the contents of a key vault by its permission model, else by roles."""

from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.key_vault.permissions import is_vault_action
from auditor.access.key_vault.plane import Model, VaultPlane, model_of, vault_key
from auditor.access.rbac.decision import Rbac
from auditor.access.rbac.denials import DenyIndex
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.scopes import ScopePlace, ScopeTree
from auditor.access.verdicts import AccessAnswer, Note, NoteKind, Plane
from auditor.inventory.arm_id import ArmId


class Decisions:
    """Verdicts with their reasons and gaps; what surrounds them is told elsewhere."""

    def __init__(
        self, tree: ScopeTree, principals: Principals, rbac: Rbac, vaults: VaultPlane, denials: DenyIndex
    ) -> None:
        """Keep the parts that decide."""
        self._tree = tree
        self._principals = principals
        self._rbac = rbac
        self._vaults = vaults
        self._denials = denials

    def decide(self, principal_id: str, action: str, scope: ArmId, plane: Plane) -> AccessAnswer:
        """Return whether the principal may do `action` at `scope`, why, and what was unread."""
        identities, place = self._principals.identities(principal_id), self._tree.place(scope)
        operation = normalized(action)
        if plane is Plane.DATA and is_vault_action(operation) and vault_key(place) is not None:
            return self._on_vault(identities, operation, place)
        return self._rbac.decide(identities, operation, plane, place)

    def _on_vault(self, identities: PrincipalIdentities, operation: str, place: ScopePlace) -> AccessAnswer:
        vault = self._vaults.vault(place)
        model = model_of(vault)
        if vault is None or model is Model.UNKNOWN:
            return self._vaults.undecided(place)
        if model is Model.RBAC:
            return self._rbac.decide(identities, operation, Plane.DATA, place)
        denials = self._denials.denials(identities, operation, Plane.DATA, place)
        # Whether a denial reaches a vault of this model is not documented: the policies answer, the denial is told.
        told = "denies this data action; whether it reaches a vault with access policies is not documented"
        notes = (Note(NoteKind.DATA_DENY, denial.id, told) for denial in (*denials.certain, *denials.conditional))
        return self._vaults.decide(identities, operation, vault).with_notes(notes)
