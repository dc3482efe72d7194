"""Facts about how lasting the roles are that an account would register with."""

from datetime import timedelta

from auditor.access.pim import ACTIVE
from auditor.facts.estate.environment import Context
from auditor.facts.estate.held_roles import GROUPS, ROLE_ASSIGNMENTS
from auditor.facts.fact import Evidence, Fact, Known, unless_gaps
from auditor.facts.subject import Value
from auditor.inventory.arm_id import ArmId

SOON = timedelta(days=7)


def role_facts(context: Context, account: str, project: ArmId) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on the assignments of `account` at `project` that end within a week."""
    scope = project.resource_group_id or project
    ending = _ending(context, account, scope)
    texts = {"role_ends": min(moment for _, moment in ending)} if ending else {}
    return {"role_ending": _fact(context, account, scope, ending)}, texts


def _fact(context: Context, account: str, scope: ArmId, ending: list[tuple[str, str]]) -> Fact[bool]:
    if ending:
        return Known(True, tuple(Evidence(identity, f"ends {moment}") for identity, moment in ending))
    inventory = context.inventory
    gaps = (
        *inventory.gaps(ROLE_ASSIGNMENTS, scope, below=False),
        *inventory.gaps(ACTIVE, scope, below=False),
        *inventory.gaps(GROUPS, account),
    )
    return unless_gaps(False, gaps)


def _ending(context: Context, account: str, scope: ArmId) -> list[tuple[str, str]]:
    """The ids of the assignments, each with the moment it ends."""
    now = context.inventory.now
    return [
        (assignment.id, f"{ends:%Y-%m-%d %H:%M} UTC")
        for assignment in context.roles.found(account, scope)
        for ends in (instance.properties.ends for instance in context.roles.instances.get(assignment.id.lower(), ()))
        if ends is not None and now < ends <= now + SOON
    ]
