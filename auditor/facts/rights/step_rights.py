"""The rights of one account for one step, as both registrations and preflights use them."""

from dataclasses import dataclass

from auditor.facts.entities.replications import replicates
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, all_of, any_of
from auditor.facts.rights.application_control import ApplicationControl, application_control
from auditor.facts.rights.providers import ProviderStates, providers_of
from auditor.facts.rights.questions import AccountAccess, AskedRight, all_granted, rights_of
from auditor.facts.rights.steps import ApplianceKind, Step, When
from auditor.facts.rights.vault_access import VaultAccess, vault_access
from auditor.inventory.arm_id import ArmId

_NOT_ASKED: Fact[bool] = Known(False)


@dataclass(frozen=True, slots=True)
class StepRights:
    """The rights of one account for one step: control plane, providers, key vaults, applications of appliances.

    `replicates` says whether the project replicates a machine; if it does, the rights for the first one are not needed.
    """

    rights: tuple[AskedRight, ...]
    providers: ProviderStates
    vaults: VaultAccess
    applications: ApplicationControl
    replicates: Fact[bool] = _NOT_ASKED

    @property
    def granted(self) -> Fact[bool]:
        """Whether every right on the control plane is granted, or not needed since the project already replicates."""
        first = [right for right in self.rights if right.when is When.FIRST_REPLICATION]
        always = [right for right in self.rights if right.when is not When.FIRST_REPLICATION]
        return all_of((all_granted(always), any_of((self.replicates, all_granted(first)))))

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
    target: ArmId | None = None,
) -> StepRights:
    """Return the rights of `account` for `step` of `project`, for an appliance of `kind` (None: any kind).

    `new_resource_group` says that the step also creates the project's resource group; `target` is the resource group
    that machines are migrated to, if it was named.
    """
    replicating = replicates(context, project) if step.has_target else Known(False)
    cases = {When.NEW_RESOURCE_GROUP} if new_resource_group else set[When]()
    if not replicating.is_true:
        cases.add(When.FIRST_REPLICATION)
    return StepRights(
        rights_of(account, step, project, kind, cases=cases, target=target),
        providers_of(context.inventory, account, project, step.providers),
        vault_access(context, account, project, step),
        application_control(context, account, project),
        replicating,
    )
