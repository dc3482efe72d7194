"""`can` and `who-can`: one question, one answer, the records behind it."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor.cli.exit_codes import ExitCode
from auditor.emulator.options import Endpoints
from tests.cases.fabrikam import CHRISTIE, GROUP, fabrikam
from tests.cli.running import Run

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
EXIT = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
LAB = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000002/resourceGroups/rg-migrate-lab"
PROD = f"{EXIT}/resourceGroups/rg-migrate-prod"
WRITE = "Microsoft.Migrate/migrateProjects/write"


def valid(name: str, text: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(text)
    Draft202012Validator(json.loads((SCHEMAS / f"{name}-1.json").read_text(encoding="utf-8"))).validate(document)
    return document


@pytest.fixture(scope="module")
def world(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


@pytest.mark.parametrize(
    ("account", "scope", "verdict"),
    [
        ("isaiahl@contoso.com", EXIT, "allow"),
        ("ISAIAHL@CONTOSO.COM", EXIT.upper().replace("SUBSCRIPTIONS", "subscriptions"), "allow"),
        ("a5e70002-6b1c-4d2e-8f30-c0a050000002", LAB, "deny"),
        ("jonis@contoso.com", EXIT, "eligible"),
        ("00000000-1111-4222-8333-444444444444", EXIT, "deny"),
    ],
)
def test_can(migaudit: Run, world: Path, account: str, scope: str, verdict: str) -> None:
    done = migaudit(
        *("can", "--snapshot", world, "--account", account, "--action", WRITE, "--scope", scope, "--format", "json")
    )
    assert (done.code, done.err) == (ExitCode.CLEAN, "")
    document = valid("can", done.out)
    assert document["verdict"] == verdict
    assert document["because"]


@pytest.mark.parametrize(
    ("account", "at", "verdict"),
    [
        ("jonis@contoso.com", "2027-05-31T23:59:59Z", "eligible"),
        ("jonis@contoso.com", "2027-06-01T00:00:00Z", "deny"),
        ("johannal@contoso.com", "2026-11-23T12:00:00Z", "allow"),
        ("johannal@contoso.com", "2026-11-23T14:00:04Z", "eligible"),
        ("johannal@contoso.com", "2027-02-01T00:00:00Z", "deny"),
    ],
)
def test_the_time_of_the_question_decides_about_windows(
    migaudit: Run, world: Path, account: str, at: str, verdict: str
) -> None:
    about = ("--snapshot", world, "--action", WRITE, "--scope", EXIT, "--at", at, "--format", "json")
    assert valid("can", migaudit("can", "--account", account, *about).out)["verdict"] == verdict
    holders = json.loads(migaudit("who-can", *about).out)["holders"]
    assert [one["verdict"] for one in holders if one["name"] == account] == ([verdict] if verdict != "deny" else [])


def test_what_was_not_read_is_unknown(migaudit: Run, fixtures: Path) -> None:
    scope = "/subscriptions/57a10001-2c9d-4b6e-8f13-7a1159190001"
    arguments = ("can", "--snapshot", fixtures / "tailspin.yaml", "-a", "tailspin-migaudit", "--action", WRITE)
    by_id = ("can", "--snapshot", fixtures / "tailspin.yaml", "-a", "5b7a0001-3d8f-4a25-9c71-7a1159190001")
    done = migaudit(*by_id, "--action", WRITE, "--scope", scope, "--format", "json")
    document = valid("can", done.out)
    assert document["verdict"] == "unknown"
    assert document["gaps"]
    shown = migaudit(*by_id, "--action", WRITE, "--scope", scope).out
    assert shown.startswith("unknown: ")
    assert "\n  unread  `Microsoft.Authorization/roleAssignments` at" in shown
    assert migaudit(*arguments, "--scope", scope).code == ExitCode.USAGE


def test_a_person_reads_the_reason(migaudit: Run, world: Path) -> None:
    shown = migaudit("can", "--snapshot", world, "-a", "isaiahl@contoso.com", "--action", WRITE, "--scope", EXIT).out
    assert max(map(len, shown.splitlines())) <= 100
    assert " ".join(shown.split()).startswith(
        f"allow: isaiahl@contoso.com, {WRITE} at Contoso Datacenter Exit ({EXIT}) yes because "
    )
    assert "`Contributor`" in shown


def test_a_vault_answers_by_its_own_model(migaudit: Run, world: Path) -> None:
    vault = f"{EXIT}/resourceGroups/rg-migrate-branches/providers/Microsoft.KeyVault/vaults/contosobranches7c1dkv"
    secret = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    done = migaudit(
        *("can", "--snapshot", world, "-a", "isaiahl@contoso.com", "--data-action", secret, "--scope", vault),
        *("--format", "json"),
    )
    document = valid("can", done.out)
    assert (document["verdict"], document["plane"]) == ("deny", "data")


def test_who_can(migaudit: Run, world: Path) -> None:
    arguments = ("who-can", "--snapshot", world, "--action", WRITE, "--scope", EXIT)
    document = valid("who-can", migaudit(*arguments, "--format", "json").out)
    holders = {one["name"]: one["holding"] for one in document["holders"]}  # type: ignore[attr-defined]
    assert holders["isaiahl@contoso.com"] == "standing"
    assert holders["jonis@contoso.com"] == "eligible"
    assert holders["sg-cloud-platform"] == "group"
    shown = migaudit(*arguments).out
    able = len(holders) - list(holders.values()).count("orphaned")
    assert " ".join(shown.split()).startswith(f"{WRITE} at Contoso Datacenter Exit ({EXIT}): {able} standing:")
    groups = [line.partition(":")[0] for line in shown.splitlines()[2:] if not line.startswith(" ")]
    assert groups == ["standing", "through a group", "eligible", "deleted from the directory"]
    members = migaudit(*arguments, "--members").out
    assert len(members.splitlines()) > len(shown.splitlines())


def test_with_gaps_there_may_be_more(migaudit: Run, fixtures: Path) -> None:
    scope = "/subscriptions/57a10001-2c9d-4b6e-8f13-7a1159190001"
    done = migaudit("who-can", "--snapshot", fixtures / "tailspin.yaml", "--action", WRITE, "--scope", scope)
    asked, _, count = " ".join(done.out.split()).partition(f"{WRITE} at Tailspin Migration ({scope}): ")
    assert not asked
    assert count.startswith("nobody for certain unread ")


def test_whoever_could_not_be_decided_is_not_counted(migaudit: Run, world: Path) -> None:
    unseen = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a05000ffff"
    shown = " ".join(migaudit("who-can", "--snapshot", world, "--action", WRITE, "--scope", unseen).out.split())
    assert f"{unseen}: nobody for certain, and 2 could not be decided could not be decided (2)" in shown


def test_a_live_question(migaudit: Run, signed_in: Endpoints) -> None:
    azure = ("--cloud", signed_in.arm, "--auth", "environment", "--format", "json")
    asked = ("--action", WRITE, "--scope", LAB)
    done = migaudit("can", *azure, "--account", "isaiahl@contoso.com", *asked)
    assert valid("can", done.out)["verdict"] == "deny"
    assert valid("who-can", migaudit("who-can", *azure, *asked).out)["holders"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--account", "x@contoso.com", "--action", WRITE, "--scope", EXIT], "no such account: `x@contoso.com`"),
        (["--account", "isaiahl@contoso.com", "--scope", EXIT], "either `--action` or `--data-action`"),
        (["--account", "a", "--action", WRITE, "--data-action", WRITE, "--scope", EXIT], "name one action"),
        (["--account", "a", "--action", WRITE, "--scope", "rg-migrate"], "is not an ARM resource id"),
        (["--account", "a", "--action", WRITE], "'--scope'"),
        (["--action", WRITE, "--scope", EXIT], "'--account'"),
        (["--account", "a", "--action", WRITE, "--scope", EXIT, "--at", "soon"], "`--at soon` is not a time"),
    ],
)
def test_bad_questions(migaudit: Run, world: Path, arguments: list[str], said: str) -> None:
    done = migaudit("can", "--snapshot", world, *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err


def test_the_root_needs_a_snapshot(migaudit: Run) -> None:
    done = migaudit("who-can", "--action", WRITE, "--scope", "/")
    assert done.code == ExitCode.USAGE
    assert "names neither a subscription nor a management group" in done.err


def test_a_live_question_about_who_is_signed_in_is_checked_against_azure(migaudit: Run, signed_in: Endpoints) -> None:
    azure = ("--cloud", signed_in.arm, "--auth", "environment", "--format", "json")
    signed = "5be00001-2f6a-47d8-a1c3-c0a050000001"
    done = migaudit("can", *azure, "--account", signed, "--action", WRITE, "--scope", LAB)
    document = json.loads(done.out)
    assert document["verdict"] == "deny"
    assert [note["id"] for note in document["notes"] if note["kind"] == "selfCheck"] == [LAB]


def test_live_members_are_read_when_asked_for(migaudit: Run, signed_in: Endpoints) -> None:
    azure = ("--cloud", signed_in.arm, "--auth", "environment", "--format", "json")
    question = ("who-can", *azure, "--action", WRITE, "--scope", EXIT)
    plain, expanded = json.loads(migaudit(*question).out), json.loads(migaudit(*question, "--expand").out)
    names = [{one["name"] for one in each["holders"]} for each in (plain, expanded)]
    assert "gradya@contoso.com" in names[1] - names[0]
    group = "96e00001-5d2b-4c7f-9e48-c0a050000001"
    unread = [{gap["scope"] for gap in each["gaps"]} for each in (plain, expanded)]
    assert group in unread[0] - unread[1]


def test_a_live_question_about_somebody_of_another_tenant(migaudit: Run, signed_in: Endpoints) -> None:
    azure = ("--cloud", signed_in.arm, "--auth", "environment", "--format", "json")
    done = migaudit("can", *azure, "-a", "someone@tailspintoys.com", "--action", WRITE, "--scope", EXIT)
    document = json.loads(done.out)
    assert document["verdict"] == "unknown"
    assert [gap["code"] for gap in document["gaps"]] == ["OtherTenant"]
    slip = migaudit("can", *azure, "-a", "isaiahll@contoso.com", "--action", WRITE, "--scope", EXIT)
    assert slip.code == ExitCode.USAGE


def test_who_can_says_who_cannot_sign_in(migaudit: Run, tmp_path: Path) -> None:
    world = fabrikam()
    world.graph(CHRISTIE)["accountEnabled"] = False
    question = ("who-can", "--snapshot", world.save(tmp_path, "disabled"), "--action", WRITE, "--scope", GROUP)
    document = migaudit(*question, "--format", "json").out
    assert valid("who-can", document)
    holders = {one["id"]: one for one in json.loads(document)["holders"]}
    assert [note["text"] for note in holders[CHRISTIE]["notes"]] == ["the account is disabled: it cannot get a token"]
    assert [one["id"] for one in holders.values() if one["notes"]] == [CHRISTIE]
    assert ": the account is disabled: it cannot get a token" in " ".join(migaudit(*question).out.split())


@pytest.mark.parametrize(
    "question",
    [
        ("can", "--account", "pradeepg@contoso.com", "--action", WRITE),
        ("who-can", "--action", WRITE),
        ("why", "60052"),
    ],
)
def test_the_embedded_environment_can_be_asked_without_any_azure(
    question: tuple[str, ...], migaudit: Run, fixtures: Path
) -> None:
    scope = () if question[0] == "why" else ("--scope", PROD)
    command = (*question, *scope, "--format", "json")
    shown, file = migaudit(*command, "--demo"), migaudit(*command, "--snapshot", fixtures / "contoso.yaml")
    assert shown.code == file.code
    same = ("verdict", "holders") if question[0] != "why" else ("verdict",)
    documents = [json.loads(one.out) for one in (shown, file)]
    assert [documents[0].get(key) for key in same] == [documents[1].get(key) for key in same]


@pytest.mark.parametrize("question", [("can", "--account", "a"), ("who-can",)])
def test_a_demo_of_something_else_is_refused(question: tuple[str, ...], migaudit: Run, fixtures: Path) -> None:
    asked = (*question, "--action", WRITE, "--scope", PROD, "--demo")
    for further in (("--snapshot", fixtures / "contoso.yaml"), ("--cloud", "AzureChinaCloud")):
        done = migaudit(*asked, *further)
        assert (done.code, done.out) == (ExitCode.USAGE, "")
        assert "leave out" in done.err
