"""The roles that give an account the actions of a step although Microsoft's table says that they may not do it."""

from collections.abc import Iterable

from auditor.access.rbac.roles import role_key
from auditor.facts.fact import once
from auditor.facts.rights.questions import AskedRight
from auditor.facts.rights.steps import CREATE, Step, steps


def documented_for_others(step: Step) -> frozenset[str]:
    """Return the roles (GUIDs) that Microsoft documents for other steps, and not for this one."""
    return frozenset(role for other in steps().values() for role in other.roles) - set(step.roles)


def refused_by_the_table(step: Step, rights: Iterable[AskedRight]) -> dict[AskedRight, str]:
    """Return the rights that only roles grant which are documented for other steps only, each with the first of them.

    Their actions allow the step, and Microsoft's table of roles says that they may not do it; nothing says which holds.
    """
    if step.id != CREATE:  # of other steps, pages beside the table name further roles
        return {}
    others = documented_for_others(step)
    granting = {right: _roles(right) for right in rights if right.granted.is_true}
    return {right: roles[0] for right, roles in granting.items() if roles and others.issuperset(roles)}


def _roles(right: AskedRight) -> tuple[str, ...]:
    """Return the roles (GUIDs) that grant a right."""
    return once(role_key(item.id) for item in right.granted.evidence if "/roledefinitions/" in item.id.lower())
