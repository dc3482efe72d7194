"""Preflights for the accounts of Contoso, and one in which everything is called what a test wants."""

import shlex
from functools import cache

from auditor.access.access import Access
from auditor.audit.findings import Reversal
from auditor.audit.preflight.report import (
    AccountRef,
    Fix,
    Gap,
    Missing,
    Obstacle,
    ObstacleEffect,
    Preflight,
    ProjectRef,
    StepOutcome,
    StepVerdict,
    preflight,
)
from auditor.data import fixtures_dir
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.inventory.accounts import find_account
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.report.preflight_result import PreflightResult

TITLES = {"0d1e2c3b-4a59-4687-9b10-c0a050000001": "Contoso Datacenter Exit"}


@cache
def context() -> Context:
    inventory = Inventory.of(load(fixtures_dir() / "contoso.yaml"))
    return Context(inventory, Access.of(inventory))


@cache
def result(account: str, project: str = "contoso-dc-exit", *, who: bool = False) -> PreflightResult:
    world = context()
    [person] = find_account(world.inventory, account)
    [found] = [one for one in world.estate.projects.values() if one.display_name == project]
    plan = RegistrationPlan(project=found.arm_id, account=person.id, discovery_account=person.id)
    return told(preflight(world, plan, who=who))


def told(found: Preflight) -> PreflightResult:
    inventory = context().inventory
    return PreflightResult(
        tool="migaudit 0.0.0",
        tenant_id=inventory.tenant_id,
        tenant_name="contoso.com",
        cloud="AzureCloud",
        evaluated_at=inventory.now,
        read_by="contoso-migaudit",
        titles={},
        preflight=found,
    )


def outcome(name: str) -> Preflight:
    """One step that fails, in which every text that comes from Azure is `name`."""
    account = AccountRef("a5e70001-0000-4000-8000-c0a050000001", name)
    group = f"/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/{name}"
    command = shlex.join(["az", "--scope", group])
    asked = Fix(f"Give {name}", (f"Open {name}.",), command, name, True, f"by {name}", Reversal(name, command))
    step = StepOutcome(
        "register",
        "Register the appliance",
        StepVerdict.NO_GO,
        account,
        False,
        ("60052",),
        (f"because of {name}",),
        (Missing(("A.B/c/write",), group, "control"),),
        (),
        (Obstacle("lock", group, f"lock {name}", ObstacleEffect.MAY_BLOCK),),
        (Gap("A.B/c", group, 403, "Refused", name, name),),
        (
            asked,
            Fix(f"Ask {name}", (f"Open {name}.",), None, name, safe=False, by=name),
            Fix(name, (name,), None, name, safe=True),
        ),
    )
    return Preflight(account, account, ProjectRef(group, name, name, name, None), "user", "vmware", (step,))
