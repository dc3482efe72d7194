"""Escalation paths: ways for an account to gain access it does not have, reported as notes, never as access."""

from collections.abc import Callable, Iterator

from auditor.access.directory.entra import EntraRights
from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.directory.roles import CHANGES_GROUPS, CONTROLS_APPLICATIONS, HANDS_OUT_ROLES, DirectoryRole
from auditor.access.key_vault.permissions import is_vault_action
from auditor.access.key_vault.plane import Model, model_of
from auditor.access.rbac.scopes import ScopePlace
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Note, NoteKind, Plane, ReasonKind
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import Application, ServicePrincipal
from auditor.inventory.resources.keyvault import Vault

Decide = Callable[[str, str, ArmId, Plane], AccessAnswer]

ASSIGN = "Microsoft.Authorization/roleAssignments/write"
DEFINE = "Microsoft.Authorization/roleDefinitions/write"
WRITE_VAULT = "Microsoft.KeyVault/vaults/write"
WRITE_POLICIES = "Microsoft.KeyVault/vaults/accessPolicies/write"
DEPLOY = "Microsoft.KeyVault/vaults/deploy/action"
ASSIGN_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
WRITE_MACHINE = "Microsoft.Compute/virtualMachines/write"

_THROUGH_RESOURCE_MANAGER = {
    "microsoft.keyvault/vaults/secrets/setsecret/action": "Microsoft.KeyVault/vaults/secrets/write",
    "microsoft.keyvault/vaults/keys/create/action": "Microsoft.KeyVault/vaults/keys/write",
}
"""Control actions that write the contents of a vault, by the data action with the same effect."""


class Escalation:
    """The known escalation paths; the engine itself decides about each step."""

    def __init__(self, inventory: Inventory, principals: Principals, entra: EntraRights, decide: Decide) -> None:
        """Keep the collaborators; `decide` answers a question without notes."""
        self._inventory = inventory
        self._principals = principals
        self._entra = entra
        self._decide = decide

    def notes(
        self, identities: PrincipalIdentities, operation: str, place: ScopePlace, plane: Plane, vault: Vault | None
    ) -> Iterator[Note]:
        """Yield a note for every known path by which the principal could gain `operation` (normalized) at `place`."""
        yield from self._by_roles(identities, place)
        if plane is Plane.DATA and vault is not None and is_vault_action(operation):
            yield from self._into_vault(identities, vault, operation)
        yield from self._by_identities(identities, place)
        yield from self._by_applications(identities, operation, place, plane)
        yield from self._by_directory_roles(identities)

    def _verdict(self, identities: PrincipalIdentities, action: str, scope: ArmId) -> AccessAnswer:
        return self._decide(identities.principal, action, scope, Plane.CONTROL)

    def _by_roles(self, identities: PrincipalIdentities, place: ScopePlace) -> Iterator[Note]:
        assigning = self._verdict(identities, ASSIGN, place.scope)
        if assigning.verdict is AccessVerdict.ALLOW:
            yield _note(place, "the account may assign itself any role here")
        elif assigning.verdict is AccessVerdict.CONDITIONAL:
            texts = [reason.text for reason in assigning.because if reason.kind is ReasonKind.CONDITION]
            yield _note(place, f"the account may assign roles here under a condition: {'; '.join(texts)}")
        elif self._verdict(identities, DEFINE, place.scope).verdict is AccessVerdict.ALLOW:
            yield _note(place, "the account may add permissions to any custom role that it holds here")

    def _into_vault(self, identities: PrincipalIdentities, vault: Vault, operation: str) -> Iterator[Note]:
        scope = vault.arm_id
        writes = self._verdict(identities, WRITE_VAULT, scope).verdict is AccessVerdict.ALLOW
        if model_of(vault) is Model.POLICIES:
            if writes or self._verdict(identities, WRITE_POLICIES, scope).verdict is AccessVerdict.ALLOW:
                yield Note(
                    NoteKind.ESCALATION, vault.id, "the account may add an access policy for itself on this vault"
                )
        elif writes:
            text = (
                "the account may possibly switch the vault to access policies and add one for itself (sources disagree)"
            )
            yield Note(NoteKind.ESCALATION, vault.id, text)
        through = _THROUGH_RESOURCE_MANAGER.get(operation)
        if through is not None and self._verdict(identities, through, scope).verdict is AccessVerdict.ALLOW:
            text = f"the account may write the vault's contents through Azure Resource Manager (`{through}`)"
            yield Note(NoteKind.ESCALATION, vault.id, text)
        deploys = vault.properties.enabled_for_template_deployment is True and "/secrets/" in operation
        if deploys and self._verdict(identities, DEPLOY, scope).verdict is AccessVerdict.ALLOW:
            text = "the account may read secret values as parameters of a template deployment"
            yield Note(NoteKind.ESCALATION, vault.id, text)

    def _by_identities(self, identities: PrincipalIdentities, place: ScopePlace) -> Iterator[Note]:
        steps = (ASSIGN_IDENTITY, WRITE_MACHINE)
        if all(self._verdict(identities, step, place.scope).verdict is AccessVerdict.ALLOW for step in steps):
            yield _note(
                place, "the account may run a machine with any managed identity here and use that identity's rights"
            )

    def _by_applications(
        self, identities: PrincipalIdentities, operation: str, place: ScopePlace, plane: Plane
    ) -> Iterator[Note]:
        for link in self._inventory.links_to("owner", identities.principal):
            owned = self._inventory.object(link.from_)
            if not isinstance(owned, Application | ServicePrincipal):
                continue
            acting = self._principals.resolved(owned.id)
            if (
                acting != identities.principal
                and self._decide(acting, operation, place.scope, plane).verdict is AccessVerdict.ALLOW
            ):
                text = f"the account owns the application `{owned.label}`, whose service principal may do this"
                yield Note(NoteKind.ESCALATION, owned.id, text)

    def _by_directory_roles(self, identities: PrincipalIdentities) -> Iterator[Note]:
        active = self._entra.roles(identities)
        for held in (*active, *self._entra.activatable(identities, frozenset(DirectoryRole))):
            if not held.tenant_wide:
                continue
            if held.role is DirectoryRole.GLOBAL_ADMINISTRATOR:
                text = "a Global Administrator may elevate itself to User Access Administrator at the root"
            elif held.role in CONTROLS_APPLICATIONS:
                text = f"{held.role.title} may act as any application of the tenant"
            elif held.role in HANDS_OUT_ROLES:
                text = f"{held.role.title} may give itself any directory role"
            elif held.role in CHANGES_GROUPS:
                text = f"{held.role.title} may add itself to groups that hold Azure roles but no directory role"
            elif held.role is DirectoryRole.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR:
                text = f"{held.role.title} may reset the sign-in methods of any account"
            else:
                continue
            text += "" if held in active else ", once the role is activated"
            yield Note(NoteKind.ESCALATION, held.role.value, text)


def _note(place: ScopePlace, text: str) -> Note:
    return Note(NoteKind.ESCALATION, str(place.scope), text)
