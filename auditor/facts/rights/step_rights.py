"""The rights of one account for one step, as both registrations and preflights use them."""

from dataclasses import dataclass

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, all_of
from auditor.facts.rights.application_control import ApplicationControl, application_control
from auditor.facts.rights.providers import ProviderStates, providers_of
from auditor.facts.rights.questions import AccountAccess, AskedRight, all_granted, rights_of
from auditor.facts.rights.steps import ApplianceKind, Step
from auditor.facts.rights.vault_access import VaultAccess, vault_access
from auditor.inventory.arm_id import ArmId


@dataclass(frozen=True, slots=True)
class StepRights:
    """The rights of one account for one step: control plane, providers, key vaults, applications of appliances."""

    rights: tuple[AskedRight, ...]
    providers: ProviderStates
    vaults: VaultAccess
    applications: ApplicationControl

    @property
    def granted(self) -> Fact[bool]:
        """Whether every right on the control plane is granted."""
        return all_granted(self.rights)

    @property
    def may_act(self) -> Fact[bool]:
        """Whether Resource Manager accepts the step: all rights are granted and all providers are usable."""
        return all_of((self.granted, self.providers.usable))


NOTHING_ASKED = StepRights((), ProviderStates(()), VaultAccess({}, {}, ()), ApplicationControl((), (), (), ()))
"""The empty rights, for an account about which nothing can be known."""


def step_rights(
    context: Context,
    account: AccountAccess,
    project: ArmId,
    step: Step,
    kind: ApplianceKind | None = None,
    *,
    new_resource_group: bool = False,
) -> StepRights:
    """Return the rights of `account` for `step` of `project`, for an appliance of `kind` (None: any kind).

    `new_resource_group` says that the step also creates the project's resource group.
    """
    return StepRights(
        rights_of(account, step, project, kind, new_resource_group=new_resource_group),
        providers_of(context.inventory, account, project, step.providers),
        vault_access(context, account, project, step),
        application_control(context, account, project),
    )
