"""The rights of one account for one step, as both registrations and preflights use them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from auditor.facts.entities.private_connectivity import has_private_connectivity, makes_names, subnet_of
from auditor.facts.entities.replications import replicates
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, all_of, any_of, not_
from auditor.facts.presence import exists
from auditor.facts.rights.application_control import ApplicationControl, application_control
from auditor.facts.rights.existing_resources import rights_on_existing
from auditor.facts.rights.providers import NeededProvider, ProviderStates, creating_provider, providers_of
from auditor.facts.rights.questions import AccountAccess, AskedRight, rights_of
from auditor.facts.rights.steps import PRIVATE, ApplianceKind, Step, When, created_before
from auditor.facts.rights.vault_access import VaultAccess, vault_access
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import PROJECTS

_NOT_ASKED: Fact[bool] = Known(False)


@dataclass(frozen=True, slots=True)
class StepRights:
    """The rights of one account for one step: control plane, providers, key vaults, applications of appliances.

    `replicates` says whether the project replicates a machine; if it does, the rights for the first one are not needed.
    `private` says whether the project has private connectivity, `names` whether private DNS zones are made for it; if
    not, the rights for them are not needed.
    """

    rights: tuple[AskedRight, ...]
    providers: ProviderStates
    vaults: VaultAccess
    applications: ApplicationControl
    replicates: Fact[bool] = _NOT_ASKED
    private: Fact[bool] = _NOT_ASKED
    names: Fact[bool] = _NOT_ASKED

    @property
    def granted(self) -> Fact[bool]:
        """Whether every right on the control plane is granted, or belongs to a case that the project is not in."""
        return all_of(any_of((not_(self.case(right)), right.granted)) for right in self.rights)

    @property
    def needed(self) -> tuple[AskedRight, ...]:
        """The rights that are needed, leaving out those of a case of which it is not known that the project is in it.

        A first replication counts as the case until a replication was seen.
        """
        return tuple(one for one in self.rights if one.when not in PRIVATE or self.case(one).is_true)

    def case(self, right: AskedRight) -> Fact[bool]:
        """Return whether the project is in the case that a right is needed in."""
        match right.when:
            case When.FIRST_REPLICATION:
                return not_(self.replicates)
            case When.PRIVATE_CONNECTIVITY:
                return self.private
            case When.PRIVATE_NAMES:
                return all_of((self.private, self.names))
        return Known(True)

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
    subnet: ArmId | None = None,
) -> StepRights:
    """Return the rights of `account` for `step` of `project`, for an appliance of `kind` (None: any kind).

    `new_resource_group` says that the step also creates the project's resource group; `target` is the resource group
    that machines are migrated to, if it was named. `subnet` is the subnet that the user named for private endpoints:
    the project has, or will have, private connectivity.
    """
    replicating = replicates(context, project) if step.has_target else Known(False)
    private, names = _private(context, project, step, subnet)
    cases = {When.NEW_RESOURCE_GROUP} if new_resource_group else set[When]()
    if not replicating.is_true:
        cases.add(When.FIRST_REPLICATION)
    if not private.is_false:
        cases |= {When.PRIVATE_CONNECTIVITY} if names.is_false else PRIVATE
        subnet = subnet or subnet_of(context, project)
    rights = rights_of(account, step, project, kind, cases=cases, target=target, subnet=subnet)
    has = StepRights(
        (*rights, *rights_on_existing(context, account, project, rights)),
        ProviderStates(()),
        vault_access(context, account, project, step),
        application_control(context, account, project),
        replicating,
        private,
        names,
    )
    return replace(has, providers=providers_of(context.inventory, account, _providers(has, rights, project, step)))


def _providers(has: StepRights, rights: Iterable[AskedRight], project: ArmId, step: Step) -> Iterator[NeededProvider]:
    """Yield the providers that the step names, and those of what it creates, unless an earlier step needed them too."""
    own, before = project.subscription_id or project, created_before(step.id)
    yield from (NeededProvider(name, own) for name in step.providers)
    for right in rights:
        one = creating_provider(right, has.case(right))
        if one is not None and not (one.subscription == own and one.namespace.lower() in before):
            yield one


def _private(context: Context, project: ArmId, step: Step, subnet: ArmId | None) -> tuple[Fact[bool], Fact[bool]]:
    """Return whether the project has private connectivity and makes DNS zones, where the step depends on it.

    One that is yet to be created has it where the user named a subnet for it.
    """
    if not step.has_private_needs:
        return _NOT_ASKED, _NOT_ASKED
    if subnet is not None:
        return Known(True, (Evidence(str(subnet), "the subnet of its private endpoints"),)), makes_names(
            context, project
        )
    if exists(context.inventory, project, PROJECTS).is_false:
        return _NOT_ASKED, _NOT_ASKED
    return has_private_connectivity(context, project), makes_names(context, project)
