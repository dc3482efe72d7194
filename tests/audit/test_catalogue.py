"""The catalogue: nothing of Microsoft's page is missing, nothing in it points nowhere."""

from pathlib import Path

import pytest

from auditor.audit.catalogue import TOPICS, BadCatalogue, Entry, catalogue, catalogue_in
from auditor.audit.explain import explained, known_names
from auditor.audit.rules import load_rules
from auditor.data import rules_dir

HEADINGS = [
    # projects
    "project-not-found-in-portal",
    "second-project",
    "supported-geographies",
    "delete-project-and-workspace",
    "user-identity-headers",
    # appliance
    "ovf-manifest",
    "appliance-no-internet",
    "802",
    "UnableToConnectToServer",
    "60052",
    "60039",
    "60030",
    "60031",
    "60028",
    "60025",
    # discovery
    "discovery-in-progress",
    "deleted-machines-still-shown",
    "machines-out-of-date",
    "50004",
    # assessment
    "azure-readiness",
    "enterprise-agreement-offer",
    "linux-conditionally-ready",
    "machine-size-larger",
    "disk-size-larger",
    "PercentageOfCoresUtilizedMissing",
    "PercentageOfMemoryUtilizedMissing",
    "license-cost",
    "performance-history",
    # dependency visualization
    "dependencies-in-azure-government",
    "dependencies-not-shown",
    "monitoring-agent-systems",
    "dependency-agent-systems",
    "dependencies-longer-than-an-hour",
    "dependencies-of-large-groups",
    "dependencies-after-failover",
    # logs
    "portal-network-log",
    # the terms of readiness
    "unsupported boot type",
    "conditionally supported windows os",
    "unsupported windows os",
    "conditionally endorsed linux os",
    "unendorsed linux os",
    "unknown operating system",
    "unsupported os bitness",
    "requires a microsoft visual studio subscription",
    "vm not found for the required storage performance",
    "vm not found for the required network performance",
    "vm not found in the specified location",
    "one or more unsuitable disks",
    "one or more unsuitable network adapters.",
    "disk count exceeds limit",
    "disk size exceeds limit",
    "disk unavailable in the specified location",
    "disk unavailable for the specified redundancy",
    "could not determine disk suitability because of an internal error",
    "vm with required cores and memory not found",
    "could not determine vm suitability because of an internal error",
    "could not determine suitability for one or more disks because of an internal error",
    "could not determine suitability for one or more network adapters because of an internal error",
]
"""Every heading and every term of Microsoft's page of 2019, by id or by name."""

RULES = load_rules(rules_dir())
ENTRIES = catalogue().entries


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_heading_of_the_page_has_an_entry(heading: str) -> None:
    (entry,) = catalogue().about(heading)
    assert entry.meaning
    assert entry.steps


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_points_at_what_exists(entry: Entry) -> None:
    assert set(entry.rules) <= {rule.id for rule in RULES}
    assert entry.topic in TOPICS
    assert all(reference.startswith("https://") for reference in entry.references)
    assert entry.references
    for cause in entry.causes:
        assert bool(cause.rules) != bool(cause.unseen), cause.text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_error_of_a_rule_is_explained_and_names_the_rule(rule: object) -> None:
    (held,) = [one for one in RULES if one is rule]
    for error in held.errors:
        (entry,) = catalogue().about(error)
        assert held.id in entry.rules


def test_no_name_means_two_things() -> None:
    names = [name.casefold() for entry in ENTRIES for name in {one.casefold() for one in entry.names}]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    "name", [" 60025 ", "Entra operation failed with status forbidden", "AZURE AD OPERATION FAILED"]
)
def test_a_name_is_found_however_it_is_spelt(name: str) -> None:
    found = explained(name, catalogue(), RULES)
    assert found is not None
    assert [entry.id for entry in found.entries] == ["entra-operation-failed"]
    assert {"application-missing", "not-application-owner"} <= {rule.id for rule in found.rules}
    safe = [fix.safe for _, fix in found.fixes]
    assert safe == sorted(safe, reverse=True)


def test_a_rule_is_explained_by_itself_with_what_it_causes() -> None:
    found = explained("Application-Missing", catalogue(), RULES)
    assert found is not None
    assert [rule.id for rule in found.rules] == ["application-missing"]
    assert "entra-operation-failed" in {entry.id for entry in found.entries}


def test_what_nobody_knows_is_not_explained() -> None:
    assert explained("60053", catalogue(), RULES) is None
    assert "60052" in known_names(catalogue(), RULES)


GOOD = "- {id: one, title: One, meaning: It is one., steps: [Count.]}\n"


def folder(tmp_path: Path, projects: str) -> Path:
    for topic in TOPICS:
        (tmp_path / f"{topic}.yaml").write_text("[]")
    (tmp_path / "projects.yaml").write_text(projects)
    return tmp_path


def test_a_file_gives_its_entries_their_topic(tmp_path: Path) -> None:
    (entry,) = catalogue_in(folder(tmp_path, GOOD)).entries
    assert (entry.id, entry.topic, entry.errors) == ("one", "projects", ())


@pytest.mark.parametrize(
    ("text", "said"),
    [(GOOD + GOOD, "two entries `one`"), (GOOD.replace("title", "titel"), "titel"), ("- {id: [", "projects.yaml")],
)
def test_a_file_with_a_mistake_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadCatalogue, match=said):
        catalogue_in(folder(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match=r"projects\.yaml"):
        catalogue_in(tmp_path)
