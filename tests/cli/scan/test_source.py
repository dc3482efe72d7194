"""`scan --source`: what it says of its choice, and what a report says where only Resource Graph was read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor.cli.exit_codes import ExitCode
from auditor.collect.resource_graph import source
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.lists import RESOURCE_GRAPH
from auditor.inventory.reads import ONLY_RESOURCE_GRAPH
from auditor.inventory.snapshot.files import load
from fixtures.generate import Size, environment
from tests.cli.running import Done, Run
from tests.cli.scan.test_scan_live import SCHEMA

SUBSCRIPTIONS = 6
WORLD = environment(Size(subscriptions=SUBSCRIPTIONS, projects=0.2, orphans=0, management_groups=1, users=3), 2)
FOUND = {record.id.split("/")[2] for record in WORLD.arm if "/providers/microsoft.migrate/" in record.id.lower()}
LEFT = SUBSCRIPTIONS - len(FOUND)


@pytest.fixture(scope="module")
def served() -> Iterator[Endpoints]:
    with running_in_thread(WORLD) as endpoints:
        yield endpoints


@pytest.fixture
def scan(served: Endpoints, migaudit: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in served.env.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str | Path) -> Done:
        return migaudit("scan", "--cloud", served.arm, "--auth", "environment", "--fail-on", "never", *arguments)

    return run


def document(done: Done) -> Any:
    found = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(found)
    return found


def test_the_choice_and_its_outcome_are_said_on_stderr(scan: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = f"Resource Graph shows nothing of Azure Migrate in {LEFT} of {SUBSCRIPTIONS} subscriptions"
    given = scan("--all", "--source", "graph")
    assert given.err.startswith(outcome)
    assert scan("--all", "--source", "arm").err == ""
    assert "no more than 40: every list is read" in scan("--all").err
    monkeypatch.setattr(source, "MANY", SUBSCRIPTIONS - 1)
    many = scan("--all")
    assert f"{SUBSCRIPTIONS} subscriptions, more than {SUBSCRIPTIONS - 1}: Azure Resource Graph tells" in many.err
    assert outcome in many.err
    assert "--source arm" in many.err


def test_reports_for_people_say_once_what_every_rule_could_not_see(scan: Run) -> None:
    whole, shown = (scan("--all", "--source", source).out for source in ("arm", "graph"))
    said = f"what may be unseen in {LEFT} subscriptions of which only Resource Graph was read"
    assert said in " ".join(shown.split())
    for part in ("this account may not read it", "guests who have not accepted", "`--source arm`", "`--subscription`"):
        assert " ".join(shown.split()).count(part) >= 1, part
    assert shown.count("may not read it") == 1
    assert said not in whole
    assert "that were not seen" not in shown
    markdown = scan("--all", "--source", "graph", "--format", "markdown").out
    assert said in " ".join(markdown.split())
    assert "this account may not read it" in " ".join(markdown.split())
    assert "that were not seen" not in markdown


def test_the_result_for_machines_holds_each_as_one_gap_with_the_number_of_places(scan: Run) -> None:
    found = document(scan("--all", "--source", "graph", "--format", "json"))
    unseen = [one for one in found["findings"] if one["subject"]["id"] == "/subscriptions"]
    assert len(unseen) > 40
    assert 0 < LEFT < SUBSCRIPTIONS
    for one in unseen:
        assert {(gap["code"], gap["count"]) for gap in one["gaps"]} == {(ONLY_RESOURCE_GRAPH, LEFT)}
        assert one["verdict"] == "unknown"
    beside = [gap for gap in found["coverage"]["gaps"] if gap["code"] == ONLY_RESOURCE_GRAPH]
    assert beside
    assert {gap["scope"] for gap in beside} == {"/"}
    assert sum(read["what"] == RESOURCE_GRAPH for read in found["coverage"]["reads"]) == LEFT


def test_ignorance_counts_with_strict(scan: Run) -> None:
    strict = ("--rule", "project-missing", "--strict")
    assert scan("--all", "--source", "graph", *strict).code == ExitCode.UNDECIDED
    assert scan("--all", "--source", "arm", *strict).code == ExitCode.CLEAN


def test_a_saved_scan_says_offline_what_it_said_live(scan: Run, migaudit: Run, tmp_path: Path) -> None:
    kept = tmp_path / "graph.jsonl"
    live = scan("--all", "--source", "graph", "--format", "json", "--save-snapshot", kept)
    offline = migaudit("scan", "--snapshot", kept, "--format", "json", "--fail-on", "never")
    assert document(offline)["findings"] == document(live)["findings"]
    asked = load(kept).header.asked
    assert asked is not None
    assert asked.source == "graph"


def test_a_subscription_that_is_named_is_read_by_its_lists(scan: Run, served: Endpoints) -> None:
    named = [part for one in served.subscription_ids for part in ("--subscription", one)]
    done = scan(*named, "--source", "graph", "--format", "json")
    assert done.err == ""
    assert not any(read["what"] == RESOURCE_GRAPH for read in document(done)["coverage"]["reads"])


def test_the_configuration_file_sets_the_source(scan: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "migaudit.toml").write_text('[scan]\nsource = "graph"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "Resource Graph shows nothing" in scan("--all").err


def test_a_resource_group_that_is_asked_for_makes_its_subscription_one_to_read(scan: Run) -> None:
    groups = sorted(one.id for one in WORLD.arm if one.type == "Microsoft.Resources/resourceGroups")
    by_name = {one.rpartition("/")[2]: one for one in groups}
    for name in list(by_name)[:2]:
        done = scan("--all", "--source", "graph", "--resource-group", name, "--format", "json")
        reads = document(done)["coverage"]["reads"]
        place = by_name[name].partition("/resourceGroups")[0]
        assert {"Microsoft.KeyVault/vaults"} <= {one["what"] for one in reads if one["scope"] == place}


def test_a_refusal_of_resource_graph_is_said_and_everything_is_read(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = faults_of([{"path": RESOURCE_GRAPH, "status": 403, "code": "AuthorizationFailed"}])
    with running_in_thread(WORLD, Options(faults=faults)) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        azure = ("--cloud", endpoints.arm, "--auth", "environment")
        done = migaudit("scan", *azure, "--all", "--source", "graph", "--format", "json", "--fail-on", "never")
    assert done.err == (
        "Resource Graph did not answer everywhere (403 AuthorizationFailed); "
        f"every list of {SUBSCRIPTIONS} subscriptions is read\n"
    )
    found = document(done)
    assert not [one for one in found["findings"] if one["subject"]["id"] == "/subscriptions"]
    assert {gap["what"] for gap in found["coverage"]["gaps"] if gap["status"] == 403} == {RESOURCE_GRAPH}
