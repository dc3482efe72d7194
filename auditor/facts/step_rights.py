"""The control-plane rights that a step needs, asked where it needs them."""

from auditor.facts.rights.questions import Account, Asked
from auditor.facts.rights.steps import At, Kind, Step
from auditor.inventory.arm_id import ArmId


def rights_of(
    account: Account, step: Step, project: ArmId, kind: Kind | None = None, *, new_resource_group: bool = False
) -> tuple[Asked, ...]:
    """Return what the account may do of everything that a step of `project` needs in the control plane.

    Of an unknown kind of appliance any kind's actions will do. `new_resource_group` asks for what it takes to make the
    project's group too.
    """
    where = {
        At.PROJECT: project,
        At.RESOURCE_GROUP: project.resource_group_id or project,
        At.SUBSCRIPTION: project.subscription_id or project,
    }
    needs = [need for need in step.needs if new_resource_group or not need.new_resource_group]
    return tuple(account.ask(need.of(kind), where[need.at]) for need in needs if need.of(kind))
