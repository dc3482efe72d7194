"""Each way in which a question can be wrong, or be about somebody unusual, has its own clear answer."""

import json
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from tests.cli.running import Run

EXIT = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
WRITE = "Microsoft.Migrate/migrateProjects/write"
APPLICATION = "ab1d0001-7c3f-4e58-b6a2-c0a050000001"
SERVICE_PRINCIPAL = "5be00002-2f6a-47d8-a1c3-c0a050000002"
UNSEEN = "/providers/Microsoft.Management/managementGroups/elsewhere"


@pytest.fixture(scope="module")
def asked(fixtures: Path) -> tuple[object, ...]:
    return ("--snapshot", fixtures / "contoso.yaml", "--format", "json")


@pytest.mark.parametrize(
    ("account", "who", "verdict", "told"),
    [
        (APPLICATION, SERVICE_PRINCIPAL, "deny", "is an application id"),
        ("ab0b0001-3e8c-4a17-95d4-c0a050000001", SERVICE_PRINCIPAL, "deny", "is the object id of an application"),
        ("sg-cloud-platform", "96e00001-5d2b-4c7f-9e48-c0a050000001", "allow", "is a group: this is about its members"),
        ("someone@tailspintoys.com", "someone@tailspintoys.com", "unknown", "is of another tenant"),
        ("contoso-migaudit", "5be00001-2f6a-47d8-a1c3-c0a050000001", "deny", ""),
    ],
)
def test_unusual_accounts(
    migaudit: Run, asked: tuple[object, ...], account: str, who: str, verdict: str, told: str
) -> None:
    done = migaudit("can", *asked, "--account", account, "--action", WRITE, "--scope", EXIT)
    document = json.loads(done.out)
    assert (document["account"]["id"], document["verdict"]) == (who, verdict)
    assert told in done.err
    assert bool(document["gaps"]) is (verdict == "unknown")


def test_an_account_that_nobody_has_is_told_with_the_nearest(migaudit: Run, asked: tuple[object, ...]) -> None:
    done = migaudit("can", *asked, "--account", "isaiahll@contoso.com", "--action", WRITE, "--scope", EXIT)
    assert done.code == ExitCode.USAGE
    assert "no such account: `isaiahll@contoso.com`; did you mean" in done.err


@pytest.mark.parametrize("command", [("can", "--account", "leeg@contoso.com"), ("who-can",)])
def test_a_slip_in_the_action_is_told_with_the_nearest(
    migaudit: Run, asked: tuple[object, ...], command: tuple[str, ...]
) -> None:
    slip = "Microsoft.Migrate/migrateProject/write"
    done = migaudit(*command, *asked, "--action", slip, "--scope", EXIT)
    assert done.code == ExitCode.CLEAN
    assert f"`{slip}`" in done.err
    assert f"did you mean `{WRITE}`" in done.err
    no_action = migaudit(*command, *asked, "--action", "make a project", "--scope", EXIT)
    assert "no action that a resource provider could have" in no_action.err


def test_a_management_group_that_was_not_seen_is_unknown(migaudit: Run, asked: tuple[object, ...]) -> None:
    done = migaudit("can", *asked, "--account", "leeg@contoso.com", "--action", WRITE, "--scope", UNSEEN)
    document = json.loads(done.out)
    assert document["verdict"] == "unknown"
    assert "NotSeen" in {gap["code"] for gap in document["gaps"]}
    assert json.loads(migaudit("who-can", *asked, "--action", WRITE, "--scope", UNSEEN).out)["complete"] is False


def test_azure_is_asked_about_the_account_that_is_signed_in(migaudit: Run, asked: tuple[object, ...]) -> None:
    told = {}
    for account in ("contoso-migaudit", "leeg@contoso.com"):
        done = migaudit("can", *asked, "--account", account, "--action", WRITE, "--scope", EXIT)
        told[account] = [note["text"] for note in json.loads(done.out)["notes"] if note["kind"] == "selfCheck"]
    [text] = told["contoso-migaudit"]
    assert text.endswith("as the records say")
    assert told["leeg@contoso.com"] == []


def test_members_are_listed_when_asked_for(migaudit: Run, asked: tuple[object, ...]) -> None:
    question = ("who-can", *asked, "--action", WRITE, "--scope", EXIT)
    plain, expanded = (
        {one["name"] for one in json.loads(migaudit(*each).out)["holders"]}
        for each in (question, (*question, "--expand"))
    )
    assert "gradya@contoso.com" in expanded - plain
