"""The appliances of a project that cannot sign in, as obstacles to the start of discovery.

An appliance that has registered discovers as its own application. Without a service principal, or with a disabled one,
Entra refuses it whatever the account at its configuration manager may do.
"""

from collections.abc import Iterable

from auditor.facts.entities.applications import application_exists, application_name, has_principal, principal_enabled
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, all_of, unless_gaps
from auditor.facts.preflight.obstacles import APPLICATION, Obstacle, ObstacleEffect, may_block
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import DISCOVER, Step


def of_appliances(context: Context, plan: RegistrationPlan, step: Step) -> tuple[tuple[Obstacle, ...], tuple[Gap, ...]]:
    """Return the applications of the project's appliances that cannot sign in, and the gaps that may hide others.

    They block the start of discovery if every appliance of the planned kind has such a one; it may be about another
    appliance otherwise, also about one that has yet to register. An application that is gone is then a finding alone:
    it is what an appliance out of service leaves. Each obstacle's id is the application id.
    """
    if step.id != DISCOVER:
        return (), ()
    kinds = None if plan.kind is None else _SITES[plan.kind.value]
    appliances = [
        one
        for one in context.estate.appliances_of(plan.project)
        if one.application_id is not None and kinds in {None, one.kind}
    ]
    each = [(one, signs_in(context, one)) for one in appliances]
    refused = [(one, fact) for one, fact in each if fact.is_false]
    none_left = len(refused) == len(each)
    effect = ObstacleEffect.BLOCKS if none_left else ObstacleEffect.MAY_BLOCK
    obstacles = tuple(
        Obstacle(APPLICATION, one.application_id or "", _words(context, one), effect)
        for one, _ in refused
        if none_left or application_exists(context, one).is_true
    )
    return obstacles, tuple(gap for _, fact in each for gap in fact.gaps)


def signs_in(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether Entra lets the appliance's application sign in."""
    app_id = appliance.application_id or ""
    existing = application_exists(context, appliance)
    if not existing.is_true:
        return existing
    there = has_principal(context, app_id)
    return all_of((there, principal_enabled(context, app_id))) if there.is_true else there


def able(obstacles: Iterable[Obstacle], gaps: Iterable[Gap]) -> Fact[bool]:
    """Return whether the appliances can sign in; unknown if some cannot, or if that was not read."""
    found = tuple(obstacles)
    blocking = [it for it in found if it.effect is ObstacleEffect.BLOCKS]
    if blocking:
        return Known(False, tuple(Evidence(it.id, it.text) for it in blocking))
    return unless_gaps(True, (*map(may_block, found), *gaps))


def _words(context: Context, appliance: ApplianceOnSite) -> str:
    app_id = appliance.application_id or ""
    name = application_name(context, app_id)
    if has_principal(context, app_id).is_true:
        what = f"the service principal of its application `{name}` is disabled"
    elif application_exists(context, appliance).is_true:
        what = f"the service principal of its application `{name}` is gone"
    else:
        what = f"its application `{name}` is gone"
    return f"the appliance `{appliance.name}` cannot sign in: {what}"


_SITES = {"vmware": "VMware", "hyperv": "HyperV", "physical": "Server"}
