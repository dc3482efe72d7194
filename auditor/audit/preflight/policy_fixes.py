"""The fixes for policies that may refuse what a step creates."""

from collections.abc import Iterator

from auditor.audit.findings import Fix
from auditor.audit.preflight.commands import exempt
from auditor.facts.estate.environment import Context
from auditor.facts.policies.project_policies import SPARED
from auditor.facts.preflight.check import StepCheck
from auditor.facts.preflight.obstacles import Obstacle
from auditor.facts.preflight.plan import RegistrationPlan


def exemptions(context: Context, plan: RegistrationPlan, check: StepCheck) -> Iterator[Fix]:
    """Yield an exemption of the resource group from each policy that may refuse, with an end."""
    ends = f"{context.inventory.now + SPARED:%Y-%m-%dT00:00:00Z}"
    for obstacle in check.obstacles:
        if obstacle.kind == "policy":
            yield _exemption(obstacle, str(plan.project.resource_group_id or plan.project), ends)


def _exemption(policy: Obstacle, group: str, ends: str) -> Fix:
    only = "".join(f" `{name}`" for name in policy.references)
    what = f"from its policies{only} only" if only else "from it"
    return Fix(
        f"Have the resource group exempted from the policy `{policy.id.rpartition('/')[2]}` for the time of the step",
        (
            "Compare first what the policy asks for with the project: a private endpoint, a location, a tag.",
            f"Open Policy > Assignments > `{policy.id}`, choose Create exemption, and exempt `{group}` {what}.",
            f"Let it end at {ends}, and inform the person who assigned the policy.",
        ),
        exempt(policy.id, group, policy.references, ends),
        "Until the exemption ends, these policies protect nothing in the resource group.",
        safe=False,
    )
