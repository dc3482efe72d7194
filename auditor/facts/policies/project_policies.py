"""Azure policies that may refuse the resources that registering an appliance creates."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from auditor.access.obstacles.policies import DEFINITIONS, INITIATIVES, PolicyRefusal, RefusingPolicy
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once, unless_gaps
from auditor.facts.policies.created_resources import written_by
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS, needs_of

MAKES = (
    "Microsoft.Migrate/migrateProjects/write",
    "Microsoft.Migrate/assessmentProjects/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.OffAzure/MasterSites/write",
    "Microsoft.OffAzure/VMwareSites/write",
    "Microsoft.OffAzure/HyperVSites/write",
    "Microsoft.OffAzure/ServerSites/write",
)
"""The writes by which generating a key and registering create or change resources in the project's resource group."""
UNDECIDED = "Undecided"
"""Code of a gap for a policy of which too little was read to know whether it may refuse a request."""

SPARED = timedelta(days=30)
"""How long an exemption in a fix lasts: long enough to register, and it ends by itself."""


def refusing(context: Context, project: ArmId) -> tuple[Fact[bool], tuple[PolicyRefusal, ...]]:
    """Return whether a policy may refuse one of the writes in `MAKES`, and the policies for which that is certain.

    Each policy is evaluated for the resources that Azure Migrate creates, as far as they are known beforehand, and for
    those that exist already. So it *may* refuse: the request itself may differ.
    """
    inventory, group = context.inventory, project.resource_group_id or project
    every = refusals(context, project, group, MAKES)
    certain = tuple(one for one in every if not one.doubt)
    if certain:
        because = (Evidence(one.assignment.id, "may refuse") for one in certain)
        return unless_gaps(True, inventory.gaps(POLICY_EXEMPTIONS, group, below=False), *because), certain
    gaps = once((*inventory.gaps(POLICY_ASSIGNMENTS, group, below=False), *_doubts(context, every)))
    return (Unknown(gaps) if gaps else Known(False)), ()


def refusals(
    context: Context, project: ArmId, scope: ArmId, actions: Iterable[str], *, changing: bool = False
) -> tuple[PolicyRefusal, ...]:
    """Return the policies that may refuse one of `actions` of a step of `project` at `scope`, each once.

    `changing` adds those that change what the step makes.
    """
    found: dict[str, PolicyRefusal] = {}
    for action in actions:
        requested = written_by(context, project, action)
        for one in context.access.refusals(action, scope, requested, changing=changing) if requested else ():
            held = found.get(one.assignment.id.lower())
            found[one.assignment.id.lower()] = _joined(held, one) if held else one
    return tuple(one for _, one in sorted(found.items()))


def _joined(one: PolicyRefusal, other: PolicyRefusal) -> PolicyRefusal:
    known = {(policy.id.lower(), policy.reference.lower()) for policy in one.policies}
    more = (policy for policy in other.policies if (policy.id.lower(), policy.reference.lower()) not in known)
    return replace(one, policies=(*one.policies, *more), doubt=one.doubt and other.doubt)


def in_words(refusal: PolicyRefusal) -> str:
    """Return an assignment with the policies in it that refuse, and what each refuses."""
    properties = refusal.assignment.properties
    name = properties.display_name or refusal.assignment.display_name
    scope = properties.scope or str(refusal.assignment.arm_id.scope)
    each = "; ".join(_policy_in_words(one, name) for one in refusal.policies)
    doubt = f" ({refusal.doubt})" if refusal.doubt else ""
    return f"`{name}` (assigned at `{scope}`){doubt}{': ' if each else ''}{each}"


def _policy_in_words(policy: RefusingPolicy, assignment: str) -> str:
    member = f" (`{policy.reference}` in the initiative)" if policy.reference else ""
    name = f"`{policy.name}`{member} " if member or policy.name != assignment else ""
    if policy.changes:
        return (
            f"{name}{policy.changes} in what the step makes or changes; whether an appliance still works is not known"
        )
    if not policy.asks:
        return f"{name}{'refuses' if policy.certain else 'may refuse'} it"
    if policy.certain:
        return f"{name}refuses a resource where {policy.asks}"
    return f"{name}refuses a resource where {policy.asks}, which is not known beforehand"


def references(refusal: PolicyRefusal) -> tuple[str, ...]:
    """Return the names in the initiative of the policies that refuse; empty for a policy that is assigned alone."""
    return tuple(one.reference for one in refusal.policies if one.reference)


def _doubts(context: Context, refusals: Iterable[PolicyRefusal]) -> Iterable[Gap]:
    for one in refusals:
        definition = one.assignment.properties.policy_definition_id or ""
        what = INITIATIVES if f"/{INITIATIVES.lower()}/" in definition.lower() else DEFINITIONS
        unread = context.inventory.gaps(what, definition)
        yield from unread or (Gap(what, definition, 0, UNDECIDED, one.doubt, needs_of(what)),)
