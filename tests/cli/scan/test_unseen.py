"""A scan that could not look is not green, in no format and not for its exit code."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.inventory.snapshot.files import save
from auditor.inventory.snapshot.records import Link
from tests.cli.running import Run
from tests.facts.blind import fabrikam_without


def test_a_scan_that_could_not_look_is_not_green(migaudit: Run, fixtures: Path, tmp_path: Path) -> None:
    inventory = fabrikam_without("Microsoft.Migrate/migrateProjects", "Microsoft.OffAzure/VMwareSites")
    blind = tmp_path / "blind.yaml"
    save(inventory.snapshot, blind)
    asked = ("scan", "--snapshot", blind, "--rule", "account-cannot-register", "--strict", "--format", "json")
    done = migaudit(*asked)
    assert done.code == 4
    [finding] = json.loads(done.out)["findings"]
    assert (finding["rule"], finding["verdict"]) == ("account-cannot-register", "unknown")
    assert finding["subject"] == {
        "kind": "registration",
        "id": "/subscriptions",
        "name": "registrations with projects that were not seen",
    }
    assert {gap["what"] for gap in finding["gaps"]} == {"Microsoft.Migrate/migrateProjects"}
    assert (
        migaudit("scan", "--snapshot", fixtures / "fabrikam.yaml", "--rule", "account-cannot-register", "--strict").code
        == 0
    )


@pytest.mark.parametrize("form", ["table", "jsonl", "csv", "markdown", "html", "sarif", "junit", "ocsf"])
def test_every_format_says_that_something_was_not_seen(migaudit: Run, tmp_path: Path, form: str) -> None:
    blind = tmp_path / "blind.yaml"
    save(fabrikam_without("Microsoft.Migrate/migrateProjects").snapshot, blind)
    assert "projects that were not seen" in migaudit("scan", "--snapshot", blind, "--format", form).out


def test_what_was_not_seen_before_either_is_not_new(migaudit: Run, tmp_path: Path) -> None:
    blind = tmp_path / "blind.yaml"
    save(fabrikam_without("Microsoft.Migrate/migrateProjects").snapshot, blind)
    result = json.loads(migaudit("scan", "--snapshot", blind, "--baseline", blind, "--format", "json").out)
    assert result["findings"] == []
    assert result["baseline"]["unknown"] > 0


def test_a_part_of_a_snapshot_is_not_hidden_by_another_part(migaudit: Run, fixtures: Path) -> None:
    snapshot = fixtures / "tailspin.yaml"
    shown = [
        migaudit(
            "scan",
            "--snapshot",
            snapshot,
            "--verbose",
            "--subscription",
            f"57a1000{number}-2c9d-4b6e-8f13-7a115919000{number}",
        )
        for number in (1, 2)
    ]
    assert ["where  workspaces that were not seen" in one.out for one in shown] == [False, True]


def test_the_coverage_names_a_subscription_that_only_the_management_groups_show(migaudit: Run, tmp_path: Path) -> None:
    snapshot = fabrikam_without().snapshot
    [link] = [one for one in snapshot.links if one.rel == "parent"]
    further = Link("parent", "/subscriptions/5fab0009-91e4-4a7c-b035-fab0b1c00009", link.to)
    save(replace(snapshot, links=(*snapshot.links, further)), tmp_path / "further.yaml")
    scanned = json.loads(migaudit("scan", "--snapshot", tmp_path / "further.yaml", "--format", "json").out)
    [gap] = [one for one in scanned["coverage"]["gaps"] if one["what"] == "Microsoft.Resources/subscriptions"]
    assert "cannot see the subscription `5fab0009-" in gap["message"]
    before = tmp_path / "before.yaml"
    save(snapshot, before)
    known = json.loads(migaudit("scan", "--snapshot", before, "--format", "json").out)["findings"]
    failing = [[one for one in held if one["verdict"] == "fail"] for held in (known, scanned["findings"])]
    assert failing[0] == failing[1]


def test_groups_that_are_below_themselves_are_looked_at_once(migaudit: Run, fixtures: Path, tmp_path: Path) -> None:
    group = "/providers/Microsoft.Management/managementGroups"
    text = (fixtures / "contoso.yaml").read_text()
    below = f"  - {{rel: parent, from: {group}/contoso-platform, to: {group}/contoso}}\n"
    assert below in text
    circle = f"  - {{rel: parent, from: {group}/contoso, to: {group}/contoso-landingzones}}\n"
    snapshot = tmp_path / "circle.yaml"
    snapshot.write_text(text.replace(below, below + circle))
    found = [
        migaudit("scan", "--snapshot", file, "--management-group", "contoso", "--format", "json")
        for file in (snapshot, fixtures / "contoso.yaml")
    ]
    assert [one.code for one in found] == [1, 1]
    assert json.loads(found[0].out)["subscriptions"] == json.loads(found[1].out)["subscriptions"]
