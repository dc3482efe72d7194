"""Key vaults in which the account, or the application that an appliance makes, gets no access although it has rights.

A vault trusts one tenant, by default that of its subscription, and refuses the identities of every other one whatever
their roles; Azure Lighthouse gives no access to the content of vaults. An appliance that a user registers gives its own
application access with the user's right to write access policies, which are void in a vault whose content roles decide
on. No page says whether it assigns a role there instead; a user who may assign none cannot make up for it either.
Sources: https://learn.microsoft.com/azure/key-vault/general/authentication,
https://learn.microsoft.com/azure/lighthouse/concepts/cross-tenant-management-experience,
https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy
"""

from collections.abc import Iterator

from auditor.facts.entities.tenants import foreign_owner
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Unknown
from auditor.facts.preflight.obstacles import PERMISSIONS, Obstacle, ObstacleEffect
from auditor.facts.presence import exists
from auditor.facts.rights.questions import AccountAccess
from auditor.facts.rights.step_rights import StepRights
from auditor.facts.rights.steps import Step
from auditor.facts.rights.vault_access import decides_by_roles, project_vaults
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import KEY_VAULTS

_GIVES_ACCESS = "microsoft.keyvault/vaults/accesspolicies/write"
_ASSIGNS = "Microsoft.Authorization/roleAssignments/write"
_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
"""Key Vault Administrator, which gives an application all that an access policy would give it."""


def void_policies(context: Context, account: AccountAccess, project: ArmId, has: StepRights) -> Iterator[Obstacle]:
    """Yield the vaults of the project where an access policy gives the appliance's application no access, or may not.

    Nothing for a step that writes no access policies, nor where the account may assign roles in the vault.
    """
    if not any(action.lower() == _GIVES_ACCESS for right in has.needed for action in right.actions):
        return
    for vault in project_vaults(context, project):
        by_roles = decides_by_roles(context.inventory, vault)
        if by_roles.is_false or exists(context.inventory, vault, KEY_VAULTS).is_false:
            continue
        may_assign = account.ask_to_assign(_ASSIGNS, (_ADMINISTRATOR,), vault).granted
        if may_assign.is_true:
            continue
        name = f"the key vault `{vault.name}`"
        decides = (
            f"whether roles or access policies decide on the content of {name} was not read"
            if isinstance(by_roles, Unknown)
            else f"roles decide on the content of {name}"
        )
        assigns = (
            "the account may not assign a role there"
            if may_assign.is_false
            else "whether the account may assign a role there is not known"
        )
        text = (
            f"{decides}; the appliance gives its own application access by an access policy, which has no effect where "
            f"roles decide; {assigns}"
        )
        yield Obstacle(PERMISSIONS, str(vault), text, ObstacleEffect.MAY_BLOCK)


def vault_to_come(context: Context, project: ArmId, step: Step) -> Iterator[Obstacle]:
    """Yield the vault that the project is yet to get, for a step that needs its content in another tenant."""
    owner = foreign_owner(context, project)
    if owner and step.vault and not project_vaults(context, project):
        text = (
            f"the subscription belongs to the tenant `{owner}`; the key vault that generating a key makes trusts that "
            "tenant and refuses the accounts of every other one"
        )
        yield Obstacle(PERMISSIONS, str(project.subscription_id or project), text, ObstacleEffect.MAY_BLOCK)
