"""What is not in what was read is not missing: it may be in a subscription that can be seen and was not read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases.fabrikam import APPLIANCE_APPLICATION, APPLIANCE_PRINCIPAL, GROUP, PROJECT, Environment, fabrikam
from tests.cases.situations import DEFAULT_SUBSCRIPTION, only_the_default_subscription_read
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
UNREAD = "not in what was read: `Fabrikam Migration` can be seen and was not read"
ASKED = (
    (),
    ("--project", "fabrikam-exit"),
    ("--project", "fabrikam-exit", "--resource-group", "rg-fabrikam-migrate"),
    ("--resource-group", "rg-fabrikam-migrate"),
    ("--project", PROJECT),
)


def result(migaudit: Run, *scan: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(migaudit("scan", *scan, "--format", "json").out)
    return document


def one_project_of_another_name() -> Environment:
    """The default subscription holds a project too, which is not the one that is asked for."""
    changed = only_the_default_subscription_read()
    project = fabrikam().arm(PROJECT)
    place = f"{DEFAULT_SUBSCRIPTION}/resourceGroups/rg-trial"
    changed.add(
        {"id": place, "name": "rg-trial", "type": "Microsoft.Resources/resourceGroups", "location": "westeurope"},
        {**project, "id": f"{place}/providers/Microsoft.Migrate/MigrateProjects/trial", "name": "trial"},
    )
    return changed


def no_project_anywhere() -> Environment:
    """Every subscription was read, and none holds a project or anything of one."""
    changed = fabrikam()
    changed.remove(GROUP, below=True)
    return changed


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
@pytest.mark.parametrize("error", ["60039", "60052", "60030"])
def test_a_project_may_be_in_a_subscription_that_was_not_read(
    migaudit: Run, saved: Saved, error: str, asked: tuple[str, ...]
) -> None:
    snapshot = saved(only_the_default_subscription_read)
    found = result(migaudit, "--snapshot", snapshot, "--error", error, *asked)
    about_projects = [one for one in found["findings"] if one["subject"]["kind"] != "account"]
    assert about_projects
    assert {one["verdict"] for one in about_projects} == {"unknown"}
    assert found["outcome"] == "undecided"
    for one in about_projects:
        assert UNREAD in one["message"] or "`Fabrikam Migration` can be seen and was not read" in one["message"]
    shown = migaudit("scan", "--snapshot", snapshot, "--error", error, *asked, "--strict")
    assert shown.code == 4
    assert "no problem found" not in shown.out


def test_a_missing_project_is_unknown_and_no_permission_is_asked_for(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(only_the_default_subscription_read)
    found = result(migaudit, "--snapshot", snapshot, "--rule", "project-missing", "--project", "fabrikam-exit")
    [finding] = found["findings"]
    assert (finding["verdict"], finding["subject"]["name"]) == ("unknown", "fabrikam-exit")
    assert finding["message"].startswith(f"could not be checked: {UNREAD}; `--all` reads every subscription")
    assert "grant" not in finding["message"]


def test_a_project_by_its_id_in_a_subscription_that_was_read_is_missing(migaudit: Run, saved: Saved) -> None:
    project = PROJECT.replace(GROUP, f"{DEFAULT_SUBSCRIPTION}/resourceGroups/rg-fabrikam-migrate")
    scan = ("--snapshot", saved(only_the_default_subscription_read), "--rule", "project-missing", "--project", project)
    assert [one["verdict"] for one in result(migaudit, *scan)["findings"]] == ["fail"]


def test_a_project_that_was_found_leaves_nothing_open(migaudit: Run, saved: Saved) -> None:
    scan = ("--snapshot", saved(one_project_of_another_name), "--error", "60039")
    assert UNREAD not in json.dumps(result(migaudit, *scan))
    assert UNREAD in json.dumps(result(migaudit, *scan, "--project", "fabrikam-exit"))


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "markdown", "html", "sarif", "junit", "ocsf"])
@pytest.mark.parametrize(
    "asked", [("--rule", "project-missing"), ("--rule", "vault-missing", "--rule", "project-not-ready")]
)
def test_where_nothing_was_checked_every_format_says_so(
    migaudit: Run, saved: Saved, form: str, asked: tuple[str, ...]
) -> None:
    done = migaudit("scan", "--snapshot", saved(no_project_anywhere), *asked, "--format", form)
    text = " ".join(done.out.replace("\\n", " ").split()).lower()
    assert done.code == 0
    assert "nothing was checked: no project" in text
    assert "no problem found" not in text


@pytest.mark.parametrize("form", ["table", "json", "markdown", "html", "sarif", "junit", "ocsf"])
def test_an_error_of_projects_and_accounts_is_open_while_neither_was_judged(
    migaudit: Run, saved: Saved, form: str
) -> None:
    done = migaudit("scan", "--snapshot", saved(no_project_anywhere), "--error", "60039", "--format", form)
    text = " ".join(done.out.replace("\\n", " ").split()).lower()
    assert "no project is in what was read" in text
    assert "no problem found" not in text


def test_accounts_in_order_are_no_answer_about_a_project(migaudit: Run, saved: Saved) -> None:
    shown = migaudit("scan", "--snapshot", saved(no_project_anywhere), "--error", "60052").out
    assert "no project is in what was read; what else was checked is in order" in " ".join(shown.split())


def test_a_rule_that_does_not_apply_checked_nothing(migaudit: Run, saved: Saved) -> None:
    shown = migaudit("scan", "--snapshot", saved(fabrikam), "--rule", "appliance-outdated").out
    assert "nothing was checked: the rule does not apply to what was read" in shown


def accounts(migaudit: Run, snapshot: Path, account: str) -> set[str]:
    scan = ("--snapshot", snapshot, "--error", "60052", "--account", account)
    found = result(migaudit, *scan)
    assert found["outcome"] == "undecided"
    return {
        one["message"] for one in found["findings"] if one["rule"] in {"account-disabled", "guest-invitation-pending"}
    }


def test_an_account_of_another_tenant_is_said_to_be_one(migaudit: Run, saved: Saved) -> None:
    [message] = accounts(migaudit, saved(fabrikam), "adelev@contoso.com")
    assert "an address of another tenant" in message


def test_an_account_that_the_directory_does_not_hold_is_said_to_be_of_another_tenant(
    migaudit: Run, saved: Saved
) -> None:
    [message] = accounts(migaudit, saved(fabrikam), "a5fa0999-8d3f-4e06-b2a9-fab0b1c00999")
    assert "this directory holds no such account: it was deleted, or belongs to another tenant" in message


def application_without_principal() -> Environment:
    """The directory shows neither the appliance's application nor its service principal."""
    changed = fabrikam()
    changed.document["graph"][:] = [
        one for one in changed.document["graph"] if one["id"] not in {APPLIANCE_APPLICATION, APPLIANCE_PRINCIPAL}
    ]
    return changed


def test_an_application_that_is_only_known_by_its_id_is_said_to_be_one(migaudit: Run, saved: Saved) -> None:
    [message] = accounts(migaudit, saved(application_without_principal), "abfa0011-1e5d-4b39-8c60-fab0b1c00011")
    assert "only known as the id of an application" in message
