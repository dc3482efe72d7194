"""The plan of a registration: project, kind of appliance, and the one or two accounts that do its steps."""

from dataclasses import dataclass

from auditor.access.key_vault.network import Address
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.rights.steps import DISCOVER, ApplianceKind, Step, steps
from auditor.inventory.arm_id import ArmId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPlan:
    """A planned registration.

    `project` may still have to be created, together with its resource group. `account` (an object id) does every step
    except the start of discovery, which `discovery_account` does. `named` says that the user named the account, rather
    than leaving it to be the signed-in one. `mode` is None if not given, `kind` is None for any kind of appliance.
    `new` says that a project which does not exist is to be created, whichever steps are checked: each is judged as if
    those before it were done. `placed` says that the user named its subscription.
    `addresses` are those that the appliance shows to key vaults, empty if they are not known.
    `target` is the resource group that machines are migrated to, or None if it was not named. `subnet` is the subnet of
    the private endpoints, if the user named one: the project has, or will have, private connectivity.
    """

    project: ArmId
    account: str
    discovery_account: str
    named: bool = True
    kind: ApplianceKind | None = ApplianceKind.VMWARE
    mode: Mode | None = None
    target: ArmId | None = None
    subnet: ArmId | None = None
    steps: tuple[str, ...] = tuple(steps())
    new: bool = True
    placed: bool = True
    addresses: tuple[Address, ...] = ()

    @property
    def asked(self) -> tuple[Step, ...]:
        """The steps to check, in the order of the work."""
        return tuple(step for step in steps().values() if step.id in self.steps)

    @property
    def by_two(self) -> bool:
        """Whether different accounts register the appliance and start discovery."""
        return self.account.lower() != self.discovery_account.lower()

    def account_of(self, step: Step) -> str:
        """Return the object id of the account that does `step`."""
        return self.discovery_account if step.id == DISCOVER else self.account
