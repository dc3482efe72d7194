"""`why`: an error that was pasted, confirmed or refuted by an environment."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor.cli.exit_codes import ExitCode
from auditor.emulator.options import Endpoints
from tests.cases.fabrikam import fabrikam
from tests.cli.running import Run

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "why-1.json"
GROUP = "/subscriptions/5fab0001-91e4-4a7c-b035-fab0b1c00001/resourceGroups/rg-fabrikam-migrate"
PROJECT = f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/fabrikam-exit"
CHRISTIE = "a5fa0001-8d3f-4e06-b2a9-fab0b1c00001"
NOBODY = "a5fa0001-8d3f-4e06-b2a9-00000000dead"


def refusal(account: str, action: str, scope: str) -> str:
    return (
        f"The client 'x' with object id '{account}' does not have authorization to perform action '{action}' over "
        f"scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )


def asked(migaudit: Run, fixtures: Path, text: str, *options: str) -> tuple[int, dict[str, object]]:
    done = migaudit("why", text, "--snapshot", fixtures / "fabrikam.yaml", "--format", "json", *options)
    document = json.loads(done.out)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    return done.code, document


def test_a_right_that_the_account_lacks_confirms_the_refusal(migaudit: Run, fixtures: Path) -> None:
    code, document = asked(migaudit, fixtures, refusal(NOBODY, "Microsoft.Migrate/migrateProjects/write", PROJECT))
    assert (code, document["verdict"]) == (ExitCode.FINDINGS, "confirmed")


READ_ONLY = "The subscription 0d1e2c3b-4a59-4687-9b10-c0a050000001 is disabled and therefore marked as read only."
SUBSCRIPTION = GROUP.partition("/resourceGroups")[0]
POLICIES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments"
ABOVE = "/providers/Microsoft.Management/managementGroups/fabrikam/providers/Microsoft.Authorization/policyAssignments"
LOCK = f"{GROUP}/providers/Microsoft.Authorization/locks/hold"


def disallowed(policy: str, place: str = POLICIES) -> str:
    info = {"policyAssignmentId": f"{place}/{policy}", "policyDefinitionEffect": "Deny"}
    return json.dumps(
        {
            "error": {
                "code": "RequestDisallowedByPolicy",
                "message": "Resource 'kv' was disallowed by policy.",
                "additionalInfo": [{"type": "PolicyViolation", "info": info}],
            }
        }
    )


def locked(scope: str) -> str:
    return (
        f"(ScopeLocked) The scope '{scope}' cannot perform delete operation because following scope(s) are locked: "
        f"'{scope}'. Please remove the lock and try again."
    )


def unregistered(namespace: str) -> str:
    return (
        f"(MissingSubscriptionRegistration) The subscription '{SUBSCRIPTION.rpartition('/')[2]}' is not registered to "
        f"use namespace '{namespace}'."
    )


@pytest.mark.parametrize(
    ("text", "unread", "verdict", "words"),
    [
        (disallowed("guard"), "", "confirmed", "is still there"),
        (disallowed("gone"), "", "refuted", "is no longer there"),
        (disallowed("gone"), "Microsoft.Authorization/policyAssignments", "unknown", "was not read"),
        (disallowed("above", ABOVE), "", "confirmed", "is still there"),
        (disallowed("unread", ABOVE), "", "unknown", "was not read"),
        (locked(GROUP), "", "confirmed", "is still there"),
        (locked(SUBSCRIPTION), "", "refuted", "is no longer there"),
        (locked(GROUP).replace("delete", "write"), "", "unknown", "not known to refuse this operation"),
        (locked(f"{GROUP}-other"), "", "refuted", "is no longer there"),
        (locked(f"{GROUP}-other"), "Microsoft.Authorization/locks", "unknown", "was not read"),
        (unregistered("Microsoft.OffAzure"), "", "refuted", "is registered now"),
        (unregistered("Microsoft.Contoso"), "", "unknown", "was not read"),
    ],
)
def test_what_an_error_was_refused_by_is_looked_for_itself(
    text: str, unread: str, verdict: str, words: str, migaudit: Run, tmp_path: Path
) -> None:
    world = fabrikam()
    policy = {"scope": SUBSCRIPTION, "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/x"}
    world.add({"id": f"{POLICIES}/guard", "type": "Microsoft.Authorization/policyAssignments", "properties": policy})
    world.add({"id": f"{ABOVE}/above", "type": "Microsoft.Authorization/policyAssignments", "properties": policy})
    world.add({"id": LOCK, "type": "Microsoft.Authorization/locks", "properties": {"level": "CanNotDelete"}})
    if unread:
        gap = {"what": unread, "scope": SUBSCRIPTION, "status": 403, "code": "AuthorizationFailed"}
        world.document["gaps"].append({**gap, "message": "refused"})
    saved = world.save(tmp_path, "named")
    done = migaudit("why", text, "--snapshot", saved, "--format", "json")
    document = json.loads(done.out)
    assert [one["cause"] for one in document["named"]] == [verdict]
    assert document["verdict"] == verdict
    assert words in document["named"][0]["words"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("AADSTS700016: Application with identifier 'ab1d0001-7c3f-4e58-b6a2-c0a050000001' was not found", "refuted"),
        ("AADSTS700016: Application with identifier 'ab1d9999-7c3f-4e58-b6a2-c0a050000001' was not found", "unknown"),
        (locked("/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/rg-nolock"), "refuted"),
        (json.dumps({"error": {"code": "ReadOnlyDisabledSubscription", "message": READ_ONLY}}), "refuted"),
        (
            "MissingSubscriptionRegistration: The subscription is not registered to use namespace 'Microsoft.X'",
            "unknown",
        ),
    ],
)
def test_what_is_wrong_with_another_thing_confirms_nothing(
    text: str, verdict: str, migaudit: Run, fixtures: Path
) -> None:
    document = json.loads(migaudit("why", text, "--snapshot", fixtures / "contoso.yaml", "--format", "json").out)
    assert document["verdict"] == verdict
    assert [one for one in document["findings"] if one["verdict"] == "fail"] == []


def test_a_right_that_the_account_has_now_means_an_old_token(migaudit: Run, fixtures: Path) -> None:
    text = refusal(CHRISTIE, "Microsoft.Migrate/migrateProjects/write", PROJECT)
    shown = migaudit("why", text, "--snapshot", fixtures / "fabrikam.yaml")
    assert "AuthorizationFailed: refuted" in shown.out
    assert "sign in again" in " ".join(shown.out.split())


def test_a_subscription_that_was_not_read_leaves_it_unknown(migaudit: Run, fixtures: Path) -> None:
    elsewhere = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg"
    code, document = asked(migaudit, fixtures, refusal(CHRISTIE, "Microsoft.Migrate/migrateProjects/write", elsewhere))
    assert (code, document["verdict"]) == (ExitCode.UNDECIDED, "unknown")


def test_a_number_asks_the_rules_that_detect_its_causes(migaudit: Run, fixtures: Path) -> None:
    code, document = asked(migaudit, fixtures, "Error ID: 60039", "--account", "christiec@fabrikam.com")
    scan = migaudit(
        *("scan", "--error", "60039", "--snapshot", fixtures / "fabrikam.yaml", "--format", "json"),
        *("--account", "christiec@fabrikam.com"),
    )
    shown = json.loads(scan.out)["findings"]
    findings = document["findings"]
    assert isinstance(findings, list)
    assert sorted(one["rule"] for one in findings) == sorted(one["rule"] for one in shown)
    assert (code == ExitCode.FINDINGS) == any(one["verdict"] == "fail" for one in shown)


@pytest.mark.parametrize(
    "text",
    ["802", "10003", "my clock is wrong", "how do I bake bread", "Event ID 60052", "Site Recovery error ID 10003"],
)
def test_what_azure_does_not_show_is_no_question(migaudit: Run, fixtures: Path, text: str) -> None:
    done = migaudit("why", text, "--snapshot", fixtures / "fabrikam.yaml")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "`migaudit explain`" in done.err


def test_a_text_without_a_subscription_needs_to_know_where(migaudit: Run) -> None:
    done = migaudit("why", "60052")
    assert done.code == ExitCode.USAGE
    assert "`--subscription`" in done.err


def test_azure_itself_is_asked(migaudit: Run, signed_in: Endpoints) -> None:
    scope = f"/subscriptions/{signed_in.subscription_ids[0]}"
    done = migaudit(
        *("why", refusal(NOBODY, "Microsoft.Migrate/migrateProjects/write", scope), "--format", "json"),
        *("--cloud", signed_in.arm, "--auth", "environment"),
    )
    assert done.out, done.err
    document = json.loads(done.out)
    assert [one["answer"]["scope"] for one in document["questions"]] == [scope]
    assert document["verdict"] in {"confirmed", "unknown"}


def test_a_project_of_another_group_is_no_cause(migaudit: Run, fixtures: Path) -> None:
    """The account may not register with a project elsewhere, and that is no reason why it was refused here."""
    group = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/rg-migrate-prod"
    project = f"{group}/providers/Microsoft.Migrate/migrateProjects/contoso-dc-exit"
    said = refusal("a5e70002-6b1c-4d2e-8f30-c0a050000002", "Microsoft.Migrate/migrateProjects/write", project)
    done = migaudit("why", said, "--snapshot", fixtures / "contoso.yaml", "--format", "json")
    document = json.loads(done.out)
    assert (done.code, document["verdict"]) == (ExitCode.CLEAN, "refuted")
    assert all(project in one["subject"]["id"] for one in document["findings"])


@pytest.mark.parametrize("error", ["ScopeLocked", "ServiceResourceNotEmpty", "RequestDisallowedByPolicy"])
def test_a_refusal_that_does_not_say_what_it_refused_is_not_refuted(error: str, migaudit: Run, tmp_path: Path) -> None:
    """The lock is none of the project's, so that no rule speaks of it."""
    world = fabrikam()
    lock = f"{GROUP.replace('-migrate', '-logs')}/providers/Microsoft.Authorization/locks/keep"
    world.add({"id": lock, "type": "Microsoft.Authorization/locks", "properties": {"level": "CanNotDelete"}})
    done = migaudit("why", error, "--snapshot", world.save(tmp_path, "locked"), "--format", "json")
    assert json.loads(done.out)["verdict"] == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "60052 with password 'Hunter2Secret'",
        "60052 (token 'Hunter2Secret.eyJzdWIiOiIx')",
        "Passwort: „Hunter2Secret“ Fehler 60052",
        "60030 resource 'AccountKey=Hunter2Secret' vault 'kv'",
        '{"error": {"code": "AuthorizationFailed", "message": "for \'x\' with \'Hunter2Secret\'"}}',
    ],
)
def test_what_stands_in_quotes_without_a_word_for_it_is_not_repeated(text: str, migaudit: Run, fixtures: Path) -> None:
    for form in ("text", "json"):
        done = migaudit("why", text, "--snapshot", fixtures / "fabrikam.yaml", "--format", form)
        assert done.code == ExitCode.UNDECIDED
        assert "hunter2secret" not in (done.out + done.err).lower()


@pytest.mark.parametrize(
    ("at", "verdict"), [("2027-02-07T00:00:00Z", "confirmed"), ("2027-02-10T00:00:00Z", "unknown")]
)
def test_a_vault_that_was_purged_holds_its_name_no_longer(at: str, verdict: str, migaudit: Run, fixtures: Path) -> None:
    text = "(VaultAlreadyExists) The vault name 'contosolab3d9kv' is already in use."
    done = migaudit("why", text, "--snapshot", fixtures / "contoso.yaml", "--at", at, "--format", "json")
    assert json.loads(done.out)["named"][0]["cause"] == verdict


@pytest.mark.parametrize(
    ("held", "refused", "verdict"),
    [
        ("list", "get", "unknown"),
        ("get", "list", "unknown"),
        (None, "get", "confirmed"),
        ("create", "create", "refuted"),
    ],
)
def test_one_of_two_permissions_does_not_refute_the_other(
    held: str | None, refused: str, verdict: str, migaudit: Run, tmp_path: Path
) -> None:
    world = fabrikam()
    properties = world.arm(f"{GROUP}/providers/Microsoft.KeyVault/vaults/fabrikamexit52c8kv")["properties"]
    permissions = {"keys": [held] if held else []}
    properties["enableRbacAuthorization"] = False
    properties["accessPolicies"] = [
        {"tenantId": properties["tenantId"], "objectId": CHRISTIE, "permissions": permissions}
    ]
    text = (
        f"The user, group or application 'appid=x;oid={CHRISTIE}' does not have keys {refused} permission on key vault "
        "'fabrikamexit52c8kv;location=westeurope'."
    )
    done = migaudit("why", text, "--snapshot", world.save(tmp_path, "policies"), "--format", "json")
    document = json.loads(done.out)
    assert [one["cause"] for one in document["questions"]] == [verdict]
    assert document["verdict"] == verdict


def test_accounts_of_a_text_that_are_not_read_are_counted(migaudit: Run, fixtures: Path) -> None:
    text = "60052 " + " ".join(f"for user{number}@fabrikam.com" for number in range(8))
    done = migaudit("why", text, "--snapshot", fixtures / "fabrikam.yaml")
    assert "the text names 8 accounts, of which 3 are not read: name one with `-a`" in done.err
