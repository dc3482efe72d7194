"""What somebody is about to do: register an appliance of some kind with a project, by one account or two."""

from dataclasses import dataclass

from auditor.facts.estate.registration_modes import Mode
from auditor.facts.rights.steps import ApplianceKind, Step, steps
from auditor.inventory.arm_id import ArmId

CREATE, DISCOVER = "create-project", "start-discovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPlan:
    """A registration that is to be.

    `project` may still have to be created, together with its resource group. `account` (an object id) does every step
    but the start of discovery, which `discovery_account` does. `named` tells that the account was named rather than
    being the one that happens to be signed in. `mode` is None where nobody said how the appliance registers, `kind`
    where any kind of appliance will do.
    """

    project: ArmId
    account: str
    discovery_account: str
    named: bool = True
    kind: ApplianceKind | None = ApplianceKind.VMWARE
    mode: Mode | None = None
    steps: tuple[str, ...] = tuple(steps())

    @property
    def asked(self) -> tuple[Step, ...]:
        """The steps that are asked about, in the order of the work."""
        return tuple(step for step in steps().values() if step.id in self.steps)

    @property
    def creates(self) -> bool:
        """Whether creating the project is one of the steps: those after it are judged as if it was done."""
        return CREATE in self.steps

    @property
    def by_two(self) -> bool:
        """Whether another account starts discovery than the one that registers."""
        return self.account.lower() != self.discovery_account.lower()

    def account_of(self, step: Step) -> str:
        """Return the object id of the account that does `step`."""
        return self.discovery_account if step.id == DISCOVER else self.account
