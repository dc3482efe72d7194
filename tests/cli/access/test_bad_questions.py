"""Each way in which a question can be wrong, or be about somebody unusual, has its own clear answer.

Asked of a saved snapshot in each encoding, and live of an Azure that serves it.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.implied_reads import with_reads
from tests.cli.environments import LIVE, SAVED, Asking, with_more
from tests.cli.running import Run
from tests.sampling import further

pytestmark = pytest.mark.untraced

EXIT = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
WRITE = "Microsoft.Migrate/migrateProjects/write"
APPLICATION = "ab1d0001-7c3f-4e58-b6a2-c0a050000001"
SERVICE_PRINCIPAL = "5be00002-2f6a-47d8-a1c3-c0a050000002"
GROUP = "96e00001-5d2b-4c7f-9e48-c0a050000001"
AUDITOR = "5be00001-2f6a-47d8-a1c3-c0a050000001"
MANAGEMENT_GROUPS = "/providers/Microsoft.Management/managementGroups"
UNSEEN = f"{MANAGEMENT_GROUPS}/elsewhere"
Arguments = tuple[object, ...]


@pytest.fixture(scope="module")
def saved(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Contoso in a file of each encoding."""
    held = load(fixtures / "contoso.yaml")
    files = {form: tmp_path_factory.mktemp("saved") / f"contoso.{form}" for form in ("yaml", "jsonl", "jsonl.zst")}
    for form, file in files.items():
        save(held if form == "yaml" else with_reads(held), file)
    return files


@pytest.fixture(params=["jsonl", *further("yaml", "jsonl.zst"), LIVE])
def asked(request: pytest.FixtureRequest, saved: Mapping[str, Path]) -> Arguments:
    """Contoso, saved or live."""
    if request.param == LIVE:
        signed_in = request.getfixturevalue("signed_in")
        return ("--cloud", signed_in.arm, "--auth", "environment", "--format", "json")
    return ("--snapshot", saved[request.param], "--format", "json")


@pytest.mark.parametrize(
    ("account", "who", "verdict", "told"),
    [
        (APPLICATION, SERVICE_PRINCIPAL, "deny", "is an application id"),
        ("ab0b0001-3e8c-4a17-95d4-c0a050000001", SERVICE_PRINCIPAL, "deny", "is the object id of an application"),
        ("sg-cloud-platform", GROUP, "allow", "is a group: the answer is about its members"),
        (GROUP, GROUP, "allow", "is a group: the answer is about its members"),
        ("someone@tailspintoys.com", "someone@tailspintoys.com", "unknown", "belongs to another tenant"),
        ("meganb@contos.com", "meganb@contos.com", "unknown", "did you mean `meganb@contoso.com`?"),
        ("contoso-migaudit", AUDITOR, "deny", ""),
    ],
)
def test_unusual_accounts(migaudit: Run, asked: Arguments, account: str, who: str, verdict: str, told: str) -> None:
    done = migaudit("can", *asked, "--account", account, "--action", WRITE, "--scope", EXIT)
    document = json.loads(done.out)
    assert (document["account"]["id"], document["verdict"]) == (who, verdict)
    assert told in done.err
    assert bool(document["gaps"]) is (verdict == "unknown")


def test_an_account_that_nobody_has_is_told_with_the_nearest(migaudit: Run, asked: Arguments) -> None:
    done = migaudit("can", *asked, "--account", "isaiahll@contoso.com", "--action", WRITE, "--scope", EXIT)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "no such account: `isaiahll@contoso.com`; did you mean `isaiahl@contoso.com`" in done.err


@pytest.mark.parametrize("way", [SAVED, LIVE])
def test_a_mail_of_several_accounts_names_them_all(
    migaudit: Run, fixtures: Path, tmp_path: Path, serve: object, way: str
) -> None:
    twins = [
        {
            "@odata.type": "#microsoft.graph.user",
            "id": f"a5e7fff{number}-0000-4000-8000-c0a05000fff{number}",
            "mail": "two@contoso.com",
            "userPrincipalName": f"two{number}@contoso.onmicrosoft.com",
            "displayName": "Two",
            "userType": "Member",
        }
        for number in (1, 2)
    ]
    about = Asking(way, tmp_path, serve).of(with_more(fixtures / "contoso.yaml", graph=twins))  # type: ignore[arg-type]
    done = migaudit("can", *about, "--account", "two@contoso.com", "--action", WRITE, "--scope", EXIT)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "more than one account is called `two@contoso.com`" in done.err
    assert [twin["id"] for twin in twins if twin["id"] not in done.err] == []


SLIP = "Microsoft.Migrate/migrateProject/write"


@pytest.mark.parametrize(
    ("option", "action", "told"),
    [
        ("--action", SLIP, f"`{SLIP}` is no control-plane action that `Microsoft.Migrate` publishes"),
        ("--action", SLIP, f"did you mean `{WRITE}`"),
        ("--action", "Microsoft.KeyVault/vaults/wrte", "did you mean `Microsoft.KeyVault/vaults/write`?"),
        ("--data-action", "Microsoft.KeyVault/vaults/secrets/getSecrets/action", "did you mean"),
        ("--action", "Microsoft.KeyVault/vaults/secrets/getSecret/action", "ask with `--data-action`"),
        ("--data-action", "Microsoft.KeyVault/vaults/write", "ask with `--action`"),
        ("--action", "make a project", "cannot be the action of any resource provider"),
    ],
)
def test_an_action_that_no_provider_publishes_is_unknown(
    migaudit: Run, fixtures: Path, option: str, action: str, told: str
) -> None:
    """An owner's `*` covers every text; nobody holds an action that does not exist."""
    about = ("--snapshot", fixtures / "contoso.yaml", "--format", "json", option, action, "--scope", EXIT)
    done = migaudit("can", *about, "--account", "meganb@contoso.com")
    document = json.loads(done.out)
    assert (document["verdict"], document["because"]) == ("unknown", [])
    assert [gap["code"] for gap in document["gaps"]] == ["NotPublished"]
    assert told in document["gaps"][0]["message"]
    assert told in done.err
    who = json.loads(migaudit("who-can", *about).out)
    assert (who["holders"], who["complete"], who["gaps"]) == ([], False, document["gaps"])


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("Microsoft.Banana/apples/read", "was not checked: no complete list of `Microsoft.Banana` is at hand"),
        ("Microsoft.Compute/galleries/read", "was not checked: no complete list of `Microsoft.Compute` is at hand"),
        ("Microsoft.Network/virtualNetworks/read", ""),
        ("Microsoft.Migrate/*", ""),
    ],
)
def test_an_action_of_a_provider_without_a_list_is_answered(
    migaudit: Run, fixtures: Path, action: str, told: str
) -> None:
    about = ("--snapshot", fixtures / "contoso.yaml", "--format", "json", "--action", action, "--scope", EXIT)
    done = migaudit("can", *about, "--account", "meganb@contoso.com")
    assert json.loads(done.out)["verdict"] == "allow"
    assert told in done.err
    assert bool(told) is bool(done.err)


@pytest.mark.parametrize("form", ["yaml", "jsonl"])
def test_a_subscription_that_was_not_read_is_unknown(migaudit: Run, saved: Mapping[str, Path], form: str) -> None:
    """The root and the management groups were read, but not what the subscription itself grants or denies."""
    scope = f"{EXIT[:-4]}fff1/resourceGroups/rg"
    about = ("--snapshot", saved[form], "--format", "json", "--action", WRITE, "--scope", scope)
    for account in ("meganb@contoso.com", "leeg@contoso.com"):
        document = json.loads(migaudit("can", *about, "--account", account).out)
        assert document["verdict"] == "unknown"
        assert document["gaps"]
    assert json.loads(migaudit("who-can", *about).out)["complete"] is False


def test_a_management_group_that_was_not_seen_is_unknown(migaudit: Run, asked: Arguments) -> None:
    question = ("can", *asked, "--account", "leeg@contoso.com", "--action", WRITE, "--scope")
    done = migaudit(*question, UNSEEN)
    if "--cloud" in asked:
        assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
        assert (
            "no management group `elsewhere` was seen: it does not exist, or the signed-in account may not see it"
            in done.err
        )
        return
    document = json.loads(done.out)
    assert document["verdict"] == "unknown"
    assert "NotSeen" in {gap["code"] for gap in document["gaps"]}
    assert json.loads(migaudit("who-can", *asked, "--action", WRITE, "--scope", UNSEEN).out)["complete"] is False


@pytest.mark.parametrize("group", ["contoso", "contoso-landingzones"])
def test_a_management_group_that_was_seen_is_answered_by_its_own_lists(
    migaudit: Run, asked: Arguments, group: str
) -> None:
    """A scan keeps the lists of subscriptions only: then they are missing, and said to be."""
    above = ("--action", WRITE, "--scope", f"{MANAGEMENT_GROUPS}/{group}")
    scanned = ".jsonl" in str(asked)
    for account, verdict in (("meganb@contoso.com", "allow"), ("isaiahl@contoso.com", "deny")):
        document = json.loads(migaudit("can", *asked, "--account", account, *above).out)
        assert document["verdict"] == ("unknown" if scanned else verdict)
        assert {gap["scope"].lower() for gap in document["gaps"]} == ({above[-1].lower()} if scanned else set())
        assert scanned or not any("was not read" in note["text"] for note in document["notes"])
    found = json.loads(migaudit("who-can", *asked, "--expand", *above).out)
    assert {one["name"] for one in found["holders"]} == {"meganb@contoso.com", "lynner@contoso.com"}
    assert found["complete"] is not scanned


def test_azure_is_asked_about_the_account_that_is_signed_in(migaudit: Run, asked: Arguments) -> None:
    told = {}
    for account in ("contoso-migaudit", "leeg@contoso.com"):
        done = migaudit("can", *asked, "--account", account, "--action", WRITE, "--scope", EXIT)
        told[account] = [note["text"] for note in json.loads(done.out)["notes"] if note["kind"] == "selfCheck"]
    [text] = told["contoso-migaudit"]
    assert text.endswith("which agrees with this answer")
    assert told["leeg@contoso.com"] == []


def test_members_are_listed_when_asked_for(migaudit: Run, asked: Arguments) -> None:
    question = ("who-can", *asked, "--action", WRITE, "--scope", EXIT)
    plain, expanded = (
        {one["name"] for one in json.loads(migaudit(*each).out)["holders"]}
        for each in (question, (*question, "--expand"))
    )
    assert "gradya@contoso.com" in expanded - plain


def test_members_of_a_group_in_a_vaults_policies_are_listed_too(migaudit: Run, asked: Arguments) -> None:
    vault = f"{EXIT}/resourceGroups/rg-migrate-prod/providers/Microsoft.KeyVault/vaults/ContosoDcExit4f2akv"
    secret = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    question = ("who-can", *asked, "--data-action", secret, "--scope", vault)
    plain, expanded = (json.loads(migaudit(*each).out) for each in (question, (*question, "--expand")))
    names = [{one["name"]: one["holding"] for one in each["holders"]} for each in (plain, expanded)]
    assert names[0]["sg-cloud-platform"] == "group"
    assert "gradya@contoso.com" not in names[0]
    assert names[1]["gradya@contoso.com"] == "member"
    read = asked[0] == "--cloud" or str(asked[1]).endswith(".yaml")
    assert expanded["complete"] is read, "a snapshot holds the members of a group only where somebody asked for them"
