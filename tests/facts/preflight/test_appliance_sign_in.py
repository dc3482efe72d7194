"""Starting discovery where the application of an appliance exists and cannot sign in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.access.access import Access
from auditor.audit.preflight.report import StepOutcome, preflight
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import ApplianceKind
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import APPLIANCE_PRINCIPAL, CHRISTIE, PROJECT, Environment, fabrikam

Edit = Callable[[Environment], object]
ERRORS = ("AADSTS7000112", "AADSTS700016", "AADSTS7000229")


def as_it_is(_: Environment) -> None:
    """Leave it."""


def disabled(world: Environment) -> None:
    world.graph(APPLIANCE_PRINCIPAL)["accountEnabled"] = False


def gone(world: Environment) -> None:
    world.document["graph"].remove(world.graph(APPLIANCE_PRINCIPAL))


def without_application(world: Environment) -> None:
    app_id = world.graph(APPLIANCE_PRINCIPAL)["appId"]
    world.document["graph"] = [one for one in world.document["graph"] if one.get("appId") != app_id]


def unstated(world: Environment) -> None:
    world.graph(APPLIANCE_PRINCIPAL)["accountEnabled"] = None


def unread(world: Environment) -> None:
    gone(world)
    gap = {"what": "graph/servicePrincipals", "scope": "/", "status": 403, "code": "Authorization_RequestDenied"}
    world.document["gaps"].append({**gap, "message": "refused"})


def started(edit: Edit, kind: ApplianceKind | None, folder: Path) -> StepOutcome:
    world = fabrikam()
    edit(world)
    inventory = Inventory.of(load(world.save(folder, "sign-in")))
    plan = RegistrationPlan(
        project=ArmId.parse(PROJECT), account=CHRISTIE, discovery_account=CHRISTIE, kind=kind, mode=Mode.USER
    )
    steps = {step.id: step for step in preflight(Context(inventory, Access.of(inventory)), plan).steps}
    assert {steps[one].verdict.value for one in ("create-project", "generate-key", "register")} == {"go"}
    return steps["start-discovery"]


@pytest.mark.parametrize(
    ("edit", "kind", "verdict", "command"),
    [
        (as_it_is, ApplianceKind.VMWARE, "go", None),
        (disabled, ApplianceKind.VMWARE, "no-go", f"az ad sp update --id {APPLIANCE_PRINCIPAL} --set "),
        (gone, ApplianceKind.VMWARE, "no-go", "az ad sp create --id abfa0011-"),
        (unread, ApplianceKind.VMWARE, "unknown", None),
        (unstated, ApplianceKind.VMWARE, "unknown", None),
        (disabled, ApplianceKind.HYPERV, "go", None),
        (gone, None, "unknown", "az ad sp create --id abfa0011-"),
        (without_application, ApplianceKind.VMWARE, "no-go", ""),
        (without_application, None, "go", None),
    ],
)
def test_an_appliance_that_cannot_sign_in_cannot_start_discovery(
    edit: Edit, kind: ApplianceKind | None, verdict: str, command: str | None, tmp_path: Path
) -> None:
    step = started(edit, kind, tmp_path)
    assert step.verdict.value == verdict
    assert step.errors == (ERRORS if verdict == "no-go" else ())
    commands = [fix.az for fix in step.fixes if fix.az]
    assert [one.startswith(command) for one in commands] == [True] if command else commands == []
    assert bool(step.fixes) is (command is not None)
    assert ("the appliance `fabvc01` cannot sign in" in " ".join(step.reasons)) is (command is not None)
