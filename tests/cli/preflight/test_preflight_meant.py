"""Whom and what a preflight is about, where the words on the command line leave it open: offline and live alike."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.emulator.options import Endpoints
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cli.environments import LIVE, SAVED, Asking, bodies, with_more
from tests.cli.running import Run

SUBSCRIPTION = "0d1e2c3b-4a59-4687-9b10-c0a050000001"
EXIT = f"/subscriptions/{SUBSCRIPTION}"
PROD = "contoso-dc-exit"
STEP = ("--step", "generate-key")


@pytest.fixture(scope="module")
def world(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


@pytest.fixture(params=[SAVED, LIVE])
def asking(request: pytest.FixtureRequest, tmp_path: Path, serve: Callable[..., Endpoints]) -> Asking:
    return Asking(request.param, tmp_path, serve)


@pytest.fixture
def contoso(request: pytest.FixtureRequest, asking: Asking, world: Path) -> tuple[str, ...]:
    """The options that ask Contoso as it is."""
    if asking.way == LIVE:
        signed_in = request.getfixturevalue("signed_in")
        return ("--cloud", signed_in.arm, "--auth", "environment", "--format", "json", "-s", SUBSCRIPTION)
    return ("--snapshot", str(world), "--format", "json", "-s", SUBSCRIPTION)


def test_a_project_in_two_resource_groups_takes_its_group_to_tell(migaudit: Run, asking: Asking, world: Path) -> None:
    twin = f"{EXIT}/resourceGroups/rg-migrate-branches/providers/Microsoft.Migrate/migrateProjects/{PROD}"
    body = {"id": twin, "type": "Microsoft.Migrate/migrateProjects", "name": PROD, "location": "westeurope"}
    asked = (*asking.of(with_more(world, arm=[{**body, "properties": {}}])), "-s", SUBSCRIPTION, "-p", PROD)
    done = migaudit("preflight", *asked, "-a", "meganb@contoso.com", *STEP)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert f"more than one project is called `{PROD}`" in done.err
    assert "`--resource-group`" in done.err
    chosen = migaudit("preflight", *asked, "-g", "RG-migrate-prod", "-a", "meganb@contoso.com", *STEP)
    assert json.loads(chosen.out)["project"]["resource_group"] == "rg-migrate-prod"


def test_a_mail_of_several_accounts_names_them_all(migaudit: Run, asking: Asking, world: Path) -> None:
    twins = [
        {
            "@odata.type": "#microsoft.graph.user",
            "id": f"a5e7fff{number}-0000-4000-8000-c0a05000fff{number}",
            "mail": "two@contoso.com",
            "userPrincipalName": f"two{number}@contoso.onmicrosoft.com",
        }
        for number in (1, 2)
    ]
    asked = (*asking.of(with_more(world, graph=twins)), "-s", SUBSCRIPTION, "-p", PROD, *STEP)
    done = migaudit("preflight", *asked, "-a", "two@contoso.com")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "more than one account is called `two@contoso.com`" in done.err
    assert [twin["id"] for twin in twins if twin["id"] not in done.err] == []


@pytest.mark.parametrize("kind", ["id", "appId"])
def test_ids_of_an_application_mean_its_service_principal(
    migaudit: Run, contoso: tuple[str, ...], world: Path, kind: str
) -> None:
    held = list(bodies(load(world)))
    principals = {one.get("appId"): one for one in held if str(one["@odata.type"]).endswith("servicePrincipal")}
    application = next(
        one for one in held if str(one["@odata.type"]).endswith("application") and one["appId"] in principals
    )
    own = principals[application["appId"]]["id"]
    done = migaudit("preflight", *contoso, "-p", PROD, "-a", str(application[kind]), *STEP)
    assert json.loads(done.out)["account"]["id"] == own
    assert f"its service principal `{own}` is used" in done.err


@pytest.mark.parametrize("group", ["sg-cloud-platform", "96e00001-5d2b-4c7f-9e48-c0a050000001"])
def test_a_group_is_its_members(migaudit: Run, contoso: tuple[str, ...], group: str) -> None:
    done = migaudit("preflight", *contoso, "-p", PROD, "-a", group, *STEP)
    assert "`sg-cloud-platform` is a group: the answer is about its members" in done.err
    assert json.loads(done.out)["verdict"] == "go"


def test_an_account_of_another_tenant_is_unknown_with_the_reason(migaudit: Run, contoso: tuple[str, ...]) -> None:
    done = migaudit("preflight", *contoso, "-p", PROD, "-a", "bob@northwind.example", *STEP)
    assert done.code == ExitCode.UNDECIDED
    [step] = json.loads(done.out)["steps"]
    assert (step["verdict"], step["missing"], step["fixes"]) == ("unknown", [], [])
    assert "another tenant" in step["gaps"][0]["message"]


def test_an_account_that_was_deleted_is_unknown_with_the_reason(migaudit: Run, world: Path) -> None:
    asked = ("--snapshot", world, "-p", PROD, "-a", "a5e79999-6b1c-4d2e-8f30-c0a050009999", "--format", "json")
    [step] = json.loads(migaudit("preflight", *asked, *STEP).out)["steps"]
    assert step["gaps"][0]["code"] == "NotInDirectory"


def test_a_slip_in_a_name_is_told_with_the_nearest(migaudit: Run, contoso: tuple[str, ...]) -> None:
    account = migaudit("preflight", *contoso, "-p", PROD, "-a", "alexq@contoso.com", *STEP)
    assert account.code == ExitCode.USAGE
    assert "no such account: `alexq@contoso.com`; did you mean `alexw@contoso.com`" in account.err
    project = migaudit("preflight", *contoso, "-p", "contoso-dc-exi", "-a", "alexw@contoso.com", *STEP)
    assert project.code == ExitCode.FINDINGS
    [step] = json.loads(project.out)["steps"]
    assert step["errors"] == ["60039"]
    assert "the nearest names are `contoso-dc-exit`" in step["because"][0]


OWN = "Microsoft.Authorization/permissions"


def telling(world: Path, scope: str, actions: list[str]) -> Snapshot:
    """Contoso where Azure tells who signed in that `actions` are theirs at `scope`."""
    body = {"id": f"{scope}/providers/{OWN}/0001", "type": OWN, "x_id": None, "x_type": None, "actions": actions}
    return with_more(world, arm=[{**body, "notActions": [], "dataActions": [], "notDataActions": []}])


def test_what_azure_itself_says_otherwise_is_shown(migaudit: Run, asking: Asking, world: Path) -> None:
    """Azure is asked at the project's own group too, though the project is named by its name alone."""
    told = telling(world, f"{EXIT}/resourceGroups/rg-migrate-prod", ["*/read", "Microsoft.OffAzure/*"])
    asked = (*asking.of(told), "-s", SUBSCRIPTION, "-p", PROD, *STEP)
    check = json.loads(migaudit("preflight", *asked).out)["self_check"]
    found = {(one["action"], one["azure_allows"], one["verdict"]) for one in check["disagreements"]}
    assert ("Microsoft.OffAzure/MasterSites/write", True, "deny") in found
    assert {action.partition("/")[0] for action, _, _ in found} == {"Microsoft.OffAzure"}
    table = [word for word in asked if word not in {"--format", "json"}]
    shown = migaudit("preflight", *table).out
    assert "disagrees  Microsoft.OffAzure/MasterSites/write" in shown
    assert "deny according to the records, but Azure's own list allows" in " ".join(shown.split())


def test_where_azure_says_the_same_the_count_is_told(migaudit: Run, contoso: tuple[str, ...]) -> None:
    done = migaudit("preflight", *contoso, "-p", PROD, *STEP)
    check = json.loads(done.out)["self_check"]
    assert check["compared"] > 0
    assert check["disagreements"] == []


def test_can_shows_what_azure_says_otherwise(migaudit: Run, asking: Asking, world: Path) -> None:
    asked = asking.of(telling(world, EXIT, ["*"]))
    question = ("--account", "contoso-migaudit", "--action", "Microsoft.Migrate/migrateProjects/write", "--scope", EXIT)
    document = json.loads(migaudit("can", *asked, *question).out)
    assert document["verdict"] == "deny"
    [text] = [note["text"] for note in document["notes"] if note["kind"] == "selfCheck"]
    assert text.endswith("which contradicts this answer (deny): do not rely on either yet")
