"""`preflight`: a verdict for each step, for everyone in Contoso, and a clear answer to every odd question."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor.cli.exit_codes import ExitCode
from auditor.emulator.options import Endpoints
from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.records import graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cli.running import Run
from tests.sampling import sampled

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "preflight-1.json"
EXIT_SUBSCRIPTION = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
PROD, BRANCHES, LAB = "contoso-dc-exit", "contoso-branches", "contoso-lab"
GO, NO_GO, UNKNOWN = "go", "no-go", "unknown"
Document = dict[str, Any]
Ask = Callable[..., Document]


@pytest.fixture(scope="module")
def world(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


@pytest.fixture
def ask(migaudit: Run, world: Path) -> Ask:
    def asked(*arguments: str, snapshot: Path = world) -> Document:
        done = migaudit("preflight", "--snapshot", snapshot, *arguments, "--format", "json")
        document: Document = json.loads(done.out)
        Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
        expected = {GO: ExitCode.CLEAN, NO_GO: ExitCode.FINDINGS, UNKNOWN: ExitCode.UNDECIDED}
        assert done.code == expected[document["verdict"]]
        return document

    return asked


def steps(document: Document) -> dict[str, Document]:
    return {step["id"]: step for step in document["steps"]}


def verdicts(document: Document) -> tuple[str, ...]:
    return tuple(step["verdict"] for step in document["steps"])


@sampled(
    "account, project, expected",
    [
        ("meganb@contoso.com", PROD, (GO, GO, GO, GO, UNKNOWN)),
        ("isaiahl@contoso.com", PROD, (GO, GO, GO, GO, UNKNOWN)),
        ("pradeepg@contoso.com", PROD, (GO, GO, NO_GO, NO_GO, UNKNOWN)),
        ("diegos@contoso.com", PROD, (GO, GO, GO, NO_GO, UNKNOWN)),
        ("diegos@contoso.com", LAB, (GO, NO_GO, NO_GO, NO_GO, UNKNOWN)),
        ("leeg@contoso.com", PROD, (GO, NO_GO, NO_GO, NO_GO, UNKNOWN)),
        ("jonis@contoso.com", PROD, (GO, NO_GO, NO_GO, NO_GO, UNKNOWN)),
        ("johannal@contoso.com", PROD, (GO, GO, GO, NO_GO, UNKNOWN)),
        ("gradya@contoso.com", PROD, (GO, GO, GO, NO_GO, UNKNOWN)),
        ("henriettam@contoso.com", PROD, (GO, NO_GO, NO_GO, NO_GO, UNKNOWN)),
        ("lidiah@contoso.com", BRANCHES, (GO, GO, UNKNOWN, UNKNOWN, UNKNOWN)),
        ("pattif@contoso.com", PROD, (GO, NO_GO, NO_GO, NO_GO, UNKNOWN)),
        ("nestorw@fabrikam.com", PROD, (GO, NO_GO, NO_GO, NO_GO, UNKNOWN)),
        ("sg-cloud-platform", PROD, (GO, GO, GO, NO_GO, UNKNOWN)),
    ],
    one_in=4,
)
def test_the_cast_of_contoso(ask: Ask, account: str, project: str, expected: tuple[str, ...]) -> None:
    document = ask("--project", project, "--account", account)
    assert verdicts(document) == expected
    for step in document["steps"]:
        assert bool(step["fixes"]) <= (step["verdict"] != GO)
        assert bool(step["errors"]) <= (step["verdict"] == NO_GO)


@pytest.mark.parametrize(
    ("account", "step", "errors"),
    [
        ("leeg@contoso.com", "register", ["60030", "60031", "60052"]),
        ("jonis@contoso.com", "register", ["60052"]),
        ("pradeepg@contoso.com", "register", ["60030", "60031"]),
        ("adelev@fabrikam.com", "register", ["60025"]),
        ("diegos@contoso.com", "start-discovery", ["60025"]),
    ],
)
def test_the_error_that_the_user_would_meet(ask: Ask, account: str, step: str, errors: list[str]) -> None:
    assert steps(ask("-p", PROD, "-a", account, "--step", step))[step]["errors"] == errors


def commands(step: Document) -> list[str]:
    return [fix["az"] for fix in step["fixes"] if fix["az"]]


@pytest.mark.parametrize(
    ("fields", "owner"),
    [({}, True), ({"accountEnabled": False}, False), ({"externalUserState": "PendingAcceptance"}, False)],
)
def test_no_fix_names_an_account_that_cannot_do_the_step(
    migaudit: Run, world: Path, tmp_path: Path, fields: Document, owner: bool
) -> None:
    """Isaiah owns the appliance's application; the account that is used instead has to get a token too."""
    held = load(world)
    graph = [
        graph_record(json.loads(one.body) | fields) if b'"isaiahl@contoso.com"' in one.body and not one.deleted else one
        for one in held.graph
    ]
    changed = tmp_path / "changed.yaml"
    save(Snapshot.of(held.header, arm=held.arm, graph=graph, links=held.links, events=held.events), changed)
    about = ("--snapshot", changed, "-p", PROD, "-a", "pradeepg@contoso.com", "--format", "json")
    step = steps(json.loads(migaudit("preflight", *about).out))["start-discovery"]
    assert any(fix["title"].startswith("Use the account that owns the application") for fix in step["fixes"]) is owner
    assert ("isaiahl@contoso.com" in json.dumps(step["fixes"])) is owner


def test_the_fix_is_the_smallest_role_at_the_narrowest_scope(ask: Ask) -> None:
    step = steps(ask("-p", PROD, "-a", "leeg@contoso.com", "--step", "register"))["register"]
    assert step["fixes"][0]["title"] == "Use an account that can do this today"
    [role] = [shlex.split(one) for one in commands(step) if "role assignment" in one]
    assert role[role.index("--role") + 1] == "Azure Migrate Decide and Plan Expert"
    assert role[role.index("--scope") + 1].endswith("/resourceGroups/rg-migrate-prod")


def replicate(ask: Ask, project: str, account: str, target: str, *more: str) -> Document:
    document = ask("-p", project, "-a", account, "--step", "replicate", "--target-resource-group", target, *more)
    return steps(document)["replicate"]


def test_contributors_lack_only_what_the_documented_role_gives(ask: Ask) -> None:
    step = replicate(ask, BRANCHES, "isaiahl@contoso.com", "rg-migrate-branches")
    assert [one["action"].rpartition("/")[0] for one in step["missing"]] == [
        "Microsoft.Authorization/locks",
        "Microsoft.Authorization/roleAssignments",
    ]
    assert "--role 'Azure Migrate Execute Expert'" in commands(step)[0]


def test_of_another_kind_replication_needs_less(ask: Ask) -> None:
    step = replicate(ask, BRANCHES, "isaiahl@contoso.com", "rg-migrate-branches", "--kind", "hyperv")
    assert step["verdict"] == GO


def test_a_project_that_replicates_needs_no_further_role(ask: Ask) -> None:
    assert replicate(ask, PROD, "isaiahl@contoso.com", "rg-migrate-prod")["verdict"] == GO


def test_without_a_target_group_replication_is_unknown_and_outside_the_headline(ask: Ask) -> None:
    document = ask("-p", PROD, "-a", "meganb@contoso.com")
    step = steps(document)["replicate"]
    assert (document["verdict"], step["verdict"], step["in_headline"]) == (GO, UNKNOWN, False)
    assert [gap["message"] for gap in step["gaps"]] == ["the target group was not named"]
    assert ask("-p", PROD, "-a", "meganb@contoso.com", "--step", "replicate")["verdict"] == UNKNOWN


def test_a_target_group_that_does_not_exist_stops_replication_and_gets_no_role(ask: Ask) -> None:
    step = replicate(ask, BRANCHES, "isaiahl@contoso.com", "rg-nowhere")
    assert step["verdict"] == NO_GO
    assert any("there is no resource group `rg-nowhere`" in text for text in step["because"])
    assert not any("rg-nowhere" in one for one in commands(step))


@pytest.mark.parametrize(
    "target", ["/subscriptions/x", f"{EXIT_SUBSCRIPTION}/resourceGroups/rg/providers/A.B/c/d", "a/b"]
)
def test_a_target_that_is_no_resource_group_is_refused(migaudit: Run, world: Path, target: str) -> None:
    done = migaudit("preflight", "--snapshot", world, "-p", PROD, "--target-resource-group", target)
    assert done.code == ExitCode.USAGE
    assert "neither the name of a resource group nor its id" in done.err


def test_an_eligible_role_is_activated_before_any_is_given(ask: Ask) -> None:
    step = steps(ask("-p", PROD, "-a", "jonis@contoso.com", "--step", "register"))["register"]
    assert all(one["eligible"] for one in step["missing"])
    first = step["fixes"][0]
    assert "Activate the role `Contributor`" in first["title"]
    words = shlex.split(first["az"])
    assert words[:2] == ["az", "rest"]
    assert json.loads(words[words.index("--body") + 1])["properties"]["requestType"] == "SelfActivate"


def test_an_eligible_role_of_the_directory_is_activated_before_anybody_becomes_owner(ask: Ask) -> None:
    step = steps(ask("-p", PROD, "-a", "jonis@contoso.com", "--step", "start-discovery"))["start-discovery"]
    [right] = [one for one in step["missing"] if one["plane"] == "directory"]
    assert right["eligible"]
    titles = [fix["title"] for fix in step["fixes"]]
    activation = next(fix for fix in step["fixes"] if "directory role `Application Administrator`" in fix["title"])
    assert titles.index(activation["title"]) < titles.index(
        "Use the account that owns the application: `isaiahl@contoso.com`"
    )
    assert "My roles > Microsoft Entra roles" in activation["portal"][0]
    words = shlex.split(activation["az"])
    url, body = words[words.index("--url") + 1], json.loads(words[words.index("--body") + 1])
    assert url == "https://graph.microsoft.com/v1.0/roleManagement/directory/roleAssignmentScheduleRequests"
    assert (body["action"], body["directoryScopeId"]) == ("selfActivate", "/")
    assert body["roleDefinitionId"] == "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"


def test_what_a_deny_assignment_takes_no_role_gives_back(ask: Ask) -> None:
    step = steps(ask("-p", PROD, "-a", "henriettam@contoso.com", "--step", "register"))["register"]
    assert all(one["denied_by"] for one in step["missing"])
    assert not any("role assignment" in one for one in commands(step))
    assert any("deny assignment" in fix["title"] for fix in step["fixes"])


def test_a_condition_that_admits_the_storage_roles_is_decided(ask: Ask) -> None:
    step = replicate(ask, BRANCHES, "gradya@contoso.com", "rg-migrate-branches")
    assert (step["verdict"], step["conditional"]) == (GO, [])


def test_a_condition_keeps_a_step_unknown_and_is_told(ask: Ask) -> None:
    step = steps(ask("-p", BRANCHES, "-a", "lidiah@contoso.com", "--step", "register"))["register"]
    assert step["verdict"] == UNKNOWN
    assert {one["action"].rpartition("/")[0] for one in step["conditional"]} == {
        "Microsoft.KeyVault/vaults/secrets/getSecret",
        "Microsoft.KeyVault/vaults/secrets/setSecret",
    }
    assert all("StringStartsWith" in one["condition"] for one in step["conditional"])


def test_a_policy_gives_what_registering_asks_for_in_the_vault(ask: Ask) -> None:
    step = steps(ask("-p", PROD, "-a", "pradeepg@contoso.com", "--step", "register"))["register"]
    [command] = [shlex.split(one) for one in commands(step) if "set-policy" in one]
    assert command[command.index("--object-id") + 2 :] == [
        *("--secret-permissions", "all", "--key-permissions", "all", "--certificate-permissions", "all")
    ]
    assert not any("role assignment" in one for one in commands(step))


def test_a_vault_that_goes_by_roles_takes_a_role(ask: Ask) -> None:
    step = steps(ask("-p", BRANCHES, "-a", "pradeepg@contoso.com", "--step", "register"))["register"]
    [command] = [one for one in commands(step) if "role assignment" in one]
    assert "--role 'Key Vault Administrator'" in command
    assert command.endswith("/contosobranches7c1dkv")


@pytest.mark.parametrize(
    ("arguments", "kind", "effect"),
    [
        (("--create", "-p", "anew", "-g", "rg-migrate-classic", "-a", "isaiahl@contoso.com"), "lock", "blocks"),
        (("-p", LAB, "-a", "diegos@contoso.com"), "provider", "blocks"),
        (("-p", LAB, "-a", "meganb@contoso.com"), "provider", "note"),
        (("-p", LAB, "-a", "meganb@contoso.com"), "policy", "may-block"),
        (("-p", LAB, "-a", "meganb@contoso.com"), "takenName", "may-block"),
        (("-p", BRANCHES, "-a", "meganb@contoso.com"), "firewall", "may-block"),
        (("-p", PROD, "-a", "pattif@contoso.com"), "account", "blocks"),
        (("-p", PROD, "-a", "nestorw@fabrikam.com"), "account", "blocks"),
    ],
)
def test_what_is_in_the_way(ask: Ask, arguments: tuple[str, ...], kind: str, effect: str) -> None:
    step = steps(ask(*arguments, "--step", "create-project", "--step", "register"))["register"]
    found = [it for it in step["overlays"] if it["kind"] == kind]
    assert {it["effect"] for it in found} == {effect}
    assert all(it["id"] and it["text"] for it in found)
    if effect == "blocks":
        assert step["verdict"] == NO_GO


def test_a_policy_that_only_audits_is_not_in_the_way(ask: Ask) -> None:
    step = steps(ask("-p", PROD, "-a", "meganb@contoso.com", "--step", "register"))["register"]
    assert step["overlays"] == []


def test_who_could_register_the_provider_is_told(ask: Ask) -> None:
    step = steps(ask("-p", LAB, "-a", "diegos@contoso.com", "--step", "generate-key"))["generate-key"]
    missing = [it for it in step["overlays"] if it["kind"] == "provider"]
    assert {it["id"].rpartition("/")[2] for it in missing} == {"Microsoft.OffAzure", "Microsoft.DataReplication"}
    assert all("`meganb@contoso.com` may" in it["text"] for it in missing)
    [command] = [one for one in commands(step) if "az provider register " in one]
    registering = "az provider register --subscription 0d1e2c3b-4a59-4687-9b10-c0a050000002 --namespace"
    assert command == f"{registering} Microsoft.OffAzure && {registering} Microsoft.DataReplication"


def test_a_subscription_that_is_disabled_blocks_every_step(ask: Ask) -> None:
    document = ask("-p", "contoso-trial", "-a", "isaiahl@contoso.com")
    assert verdicts(document) == (GO, NO_GO, NO_GO, NO_GO, UNKNOWN)
    register = steps(document)["register"]
    assert [it["kind"] for it in register["overlays"] if it["effect"] == "blocks"] == ["subscription"]
    assert (register["missing"], register["errors"]) == ([], ["60030", "60031", "60052"])
    assert [fix["title"] for fix in register["fixes"]] == [
        "Have the subscription enabled again by its owner or billing administrator"
    ]


def test_a_provider_of_the_list_stops_generating_the_key_but_not_registering(ask: Ask) -> None:
    """No page says that replicating to Azure needs DataReplication; generating the key needs it registered."""
    document = ask("-p", LAB, "-a", "diegos@contoso.com", "--target-resource-group", "rg-migrate-lab")
    in_the_way = {
        step["id"]: {it["id"].rpartition("/")[2] for it in step["overlays"] if it["kind"] == "provider"}
        for step in document["steps"]
    }
    assert in_the_way["generate-key"] == {"Microsoft.OffAzure", "Microsoft.DataReplication"}
    assert in_the_way["register"] == {"Microsoft.OffAzure"}
    assert in_the_way["replicate"] == set()


def test_creating_a_project_is_never_offered_with_a_role_that_may_not(ask: Ask) -> None:
    anew = ("-p", "anew", "-g", "rg-migrate-prod", "--create", "--step", "create-project", "-a")
    for account in ("leeg@contoso.com", "lidiah@contoso.com"):
        step = steps(ask(*anew, account))["create-project"]
        roles = [shlex.split(one) for one in commands(step) if "role assignment" in one]
        assert [one[one.index("--role") + 1] for one in roles] == ["Azure Migrate Owner"]


def test_through_azure_arc_no_appliance_for_hyperv_registers(ask: Ask) -> None:
    asked = ("-p", BRANCHES, "-a", "meganb@contoso.com", "--mode", "arc", "--step", "register")
    step = steps(ask(*asked, "--kind", "hyperv"))["register"]
    assert step["verdict"] == NO_GO
    assert "an appliance for Hyper-V cannot register through Azure Arc" in step["because"]
    assert steps(ask(*asked, "--kind", "vmware"))["register"]["verdict"] == UNKNOWN


def test_steps_are_judged_as_if_those_before_them_were_done(ask: Ask) -> None:
    anew = ("--create", "-p", "anew", "-g", "rg-migrate-prod", "-a", "meganb@contoso.com")
    whole = ask(*anew)
    assert (whole["verdict"], whole["project"]["exists"]) == (GO, False)
    alone = steps(ask(*anew, "--step", "register"))["register"]
    assert (alone["verdict"], alone["errors"]) == (GO, [])


def test_a_group_that_is_still_to_be_made_takes_a_right_on_the_subscription(ask: Ask) -> None:
    made = ("-s", "Contoso Datacenter Exit", "-p", "anew", "-g", "rg-anew", "--create", "--step", "create-project")
    assert ask(*made, "-a", "isaiahl@contoso.com")["verdict"] == GO
    step = steps(ask(*made, "-a", "alexw@contoso.com"))["create-project"]
    assert step["missing"][0]["action"] == "Microsoft.Resources/subscriptions/resourceGroups/write"
    [role] = [one for one in commands(step) if "role assignment" in one]
    assert "--role 'Azure Migrate Owner'" in role
    assert role.endswith(f"--scope {EXIT_SUBSCRIPTION}")


def test_a_project_that_failed_is_not_ready(ask: Ask) -> None:
    step = steps(ask("-p", LAB, "-a", "meganb@contoso.com", "--step", "register"))["register"]
    assert (step["verdict"], step["errors"]) == (NO_GO, ["60039"])
    assert "`Failed`" in step["because"][0]


@pytest.mark.parametrize(
    ("register", "discover", "verdict"),
    [
        ("isaiahl@contoso.com", "isaiahl@contoso.com", GO),
        ("isaiahl@contoso.com", "meganb@contoso.com", GO),
        ("isaiahl@contoso.com", "pradeepg@contoso.com", NO_GO),
    ],
)
def test_discovery_by_another_account(ask: Ask, register: str, discover: str, verdict: str) -> None:
    document = ask("-p", PROD, "-a", register, "--discovery-account", discover, "--step", "start-discovery")
    assert document["verdict"] == verdict
    step = steps(document)["start-discovery"]
    assert (document["account"]["name"], step["account"]["name"]) == (register, discover)
    assert step["errors"] == ([] if verdict == GO else ["60025"])


def test_in_a_new_project_only_a_directory_role_reaches_the_application_of_another(ask: Ask) -> None:
    two = ("--create", "-p", "anew", "-g", "rg-migrate-prod", "-a", "isaiahl@contoso.com", "--discovery-account")
    assert steps(ask(*two, "meganb@contoso.com"))["start-discovery"]["verdict"] == GO
    step = steps(ask(*two, "pradeepg@contoso.com"))["start-discovery"]
    assert (step["verdict"], step["errors"]) == (NO_GO, ["60025"])


def test_who_lists_accounts_and_groups(ask: Ask) -> None:
    who = ask("-p", PROD, "-a", "leeg@contoso.com", "--step", "register", "--who")["who"]
    named = {(one["name"], one["type"]) for one in who["accounts"]}
    assert {("meganb@contoso.com", "User"), ("sg-cloud-platform", "Group")} <= named
    assert "gradya@contoso.com" not in {name for name, _ in named}, "a member of a group that is listed"
    assert not {"pattif@contoso.com", "leeg@contoso.com", "pradeepg@contoso.com"} & {name for name, _ in named}
    assert who["complete"] is True


def test_whoever_is_listed_can(ask: Ask) -> None:
    who = ask("-p", PROD, "-a", "leeg@contoso.com", "--step", "register", "--who")["who"]
    for one in who["accounts"]:
        assert ask("-p", PROD, "-a", one["id"], "--step", "register")["verdict"] == GO


def test_a_user_says_nothing_about_an_application_made_in_advance(ask: Ask) -> None:
    by_user = ask("-p", BRANCHES, "-a", "meganb@contoso.com", "--mode", "app", "--step", "register")
    assert by_user["verdict"] == UNKNOWN
    assert "ask about that account" in steps(by_user)["register"]["gaps"][0]["message"]
    near = ("--appliance-address", "10.0.0.4")
    user_made = ask("-p", BRANCHES, "-a", "meganb@contoso.com", "--mode", "user", "--step", "register", *near)
    assert user_made["verdict"] == GO


def test_a_service_principal_that_is_named_registers_as_itself(migaudit: Run, fixtures: Path) -> None:
    held = load(fixtures / "fabrikam.yaml")
    project = next(record.id for record in held.arm if record.type.lower() == "microsoft.migrate/migrateprojects")
    about = ("--snapshot", fixtures / "fabrikam.yaml", "-p", project, "--step", "register", "--format", "json")
    named = migaudit("preflight", *about, "-a", held.header.by.object_id)
    assert (named.code, json.loads(named.out)["mode"]) == (ExitCode.CLEAN, "app")
    assert migaudit("preflight", *about).code == ExitCode.UNDECIDED, "whoever happens to be signed in is no appliance"


NETWORK = f"{EXIT_SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet"


def test_a_new_private_project_takes_rights_in_its_network(ask: Ask) -> None:
    new = ("--create", "-p", "contoso-new", "-g", "rg-migrate-prod", "-a", "pradeepg@contoso.com")
    document = ask(*new, "--private-subnet", f"{NETWORK}/subnets/endpoints")
    made = steps(document)
    assert made["create-project"]["verdict"] == "go"
    assert [one["action"] for one in made["generate-key"]["missing"]] == [
        "Microsoft.Authorization/roleAssignments/write"
    ]
    assert steps(ask(*new))["generate-key"]["missing"] == []


@pytest.mark.parametrize(
    ("project", "reason"),
    [
        ("contoso-dc-exi", "the project `contoso-dc-exi` was not found; the nearest names are `contoso-dc-exit`"),
        ("contoso-pilot", "the project `contoso-pilot` was deleted on 2 October 2026 by isaiahl@contoso.com"),
        ("contoso-pilot", "appliances still refer to one in the resource group `rg-migrate-pilot`"),
        ("contoso-classic", "is of the old experience, with which no appliance can register"),
    ],
)
@pytest.mark.parametrize("where", [(), ("-s", "Contoso Datacenter Exit")])
def test_a_name_that_no_project_has_is_not_found(ask: Ask, project: str, reason: str, where: tuple[str, ...]) -> None:
    document = ask("-p", project, "-a", "alexw@contoso.com", *where)
    assert document["verdict"] == "no-go"
    assert {error for step in document["steps"] for error in step["errors"]} == {"60039"}
    assert document["project"]["exists"] is False
    assert reason in document["reasons"][0]


BAD = [
    (("-p", PROD, "-a", "alexq@contoso.com"), "no such account: `alexq@contoso.com`; did you mean `alexw@contoso.com`"),
    (("-p", "contoso-new", "-a", "alexw@contoso.com", "--create"), "name the resource group to create it in"),
    (("-p", PROD, "-s", "Contoso Datacentre", "-a", "alexw@contoso.com"), "did you mean `Contoso Datacenter Exit`"),
    (("-p", f"{EXIT_SUBSCRIPTION}/resourceGroups/rg", "-a", "alexw@contoso.com"), "is not an Azure Migrate project"),
    (("-p", PROD, "--demo"), "leave out `--demo`"),
    ((), "name it with `--project`"),
    (("-p", PROD, "--at", "noon"), "is not a time"),
    (("-p", PROD, "--private-subnet", "snet"), "is not the id of a subnet"),
    (("-p", PROD, "--private-subnet", NETWORK), "is not the id of a subnet"),
]


@pytest.mark.parametrize(("arguments", "told"), BAD)
def test_what_cannot_be_meant(migaudit: Run, world: Path, arguments: tuple[str, ...], told: str) -> None:
    done = migaudit("preflight", "--snapshot", world, *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert told in done.err


def test_in_tailspin_nothing_is_made_up(migaudit: Run, fixtures: Path) -> None:
    reader = "a57a0001-4f6b-4e82-b9d0-7a1159190001"
    held = load(fixtures / "tailspin.yaml")
    project = next(record.id for record in held.arm if record.type.lower() == "microsoft.migrate/migrateprojects")
    done = migaudit(
        "preflight", "--snapshot", fixtures / "tailspin.yaml", "-p", project, "-a", reader, "--step", "register"
    )
    assert done.code == ExitCode.UNDECIDED
    assert "UNREAD" in done.out


def test_at_another_time(ask: Ask) -> None:
    """Johanna's activation ends at 14:00, Lee's eligibility begins in December."""
    after = ask("-p", PROD, "-a", "johannal@contoso.com", "--step", "generate-key", "--at", "2026-11-23T15:00:00Z")
    assert after["verdict"] == NO_GO
    later = ask("-p", PROD, "-a", "leeg@contoso.com", "--step", "generate-key", "--at", "2026-12-02T00:00:00Z")
    assert "Activate the role" in steps(later)["generate-key"]["fixes"][0]["title"]


def test_live(migaudit: Run, signed_in: Endpoints) -> None:
    asked = (
        "preflight",
        "--cloud",
        signed_in.arm,
        "--auth",
        "environment",
        "-s",
        "Contoso Datacenter Exit",
        "-p",
        PROD,
    )
    done = migaudit(*asked, "-a", "pradeepg@contoso.com", "--step", "register", "--format", "json")
    assert done.code == ExitCode.FINDINGS, done.err
    assert json.loads(done.out)["steps"][0]["errors"] == ["60030", "60031"]
    foreign = migaudit(*asked, "-a", "bob@northwind.example", "--step", "register", "--format", "json")
    assert foreign.code == ExitCode.UNDECIDED, foreign.err


def test_the_demo_needs_nothing(migaudit: Run) -> None:
    done = migaudit("preflight", "--demo")
    assert done.code == ExitCode.FINDINGS
    assert "NO-GO" in done.out
    assert "error 60030, 60031" in done.out


def test_actions_and_groups_that_cannot_be(migaudit: Run, world: Path) -> None:
    question = ("can", "--snapshot", world, "-a", "isaiahl@contoso.com", "--scope", EXIT_SUBSCRIPTION, "--action")
    slip = migaudit(*question, "Microsoft.Migrate/migrateProject/write")
    assert "did you mean `Microsoft.Migrate/migrateProjects/write`?" in slip.err
    assert "cannot be the action of any resource provider" in migaudit(*question, "everything").err
    assert migaudit(*question, "Microsoft.Migrate/migrateProjects/delete").err == ""
    hidden = "/providers/Microsoft.Management/managementGroups/hidden"
    at = ("--action", "Microsoft.Migrate/migrateProjects/write", "--scope", hidden)
    done = migaudit("can", "--snapshot", world, "-a", "leeg@contoso.com", *at)
    assert done.out.startswith("unknown: ")
    assert "at least" in migaudit("who-can", "--snapshot", world, *at).out


def test_the_request_names_the_command_that_checks_it_again(migaudit: Run, world: Path, tmp_path: Path) -> None:
    page, ticket = tmp_path / "request.html", tmp_path / "request.md"
    about = ("-p", PROD, "-a", "pradeepg@contoso.com", "--kind", "hyperv", "--step", "register")
    done = migaudit(
        "preflight", "--snapshot", world, *about, "--format", f"html={page}", "--format", f"markdown={ticket}"
    )
    assert (done.code, done.out) == (ExitCode.FINDINGS, "")
    again = (
        f"migaudit preflight --subscription {EXIT_SUBSCRIPTION.rpartition('/')[2]} --project {PROD} "
        "--resource-group rg-migrate-prod --account pradeepg@contoso.com --kind hyperv --step register"
    )
    assert again in page.read_text(encoding="utf-8")
    assert again in ticket.read_text(encoding="utf-8")
