"""The catalogue: nothing of Microsoft's page is missing, nothing in it points nowhere."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from auditor.audit.catalogue import TOPICS, BadCatalogue, CatalogueEntry, catalogue, catalogue_in
from auditor.audit.explain.lookup import about_error, explained, known_names
from auditor.audit.rules.book import Rule, load_rules
from auditor.data import rules_dir
from auditor.facts.schema import SubjectKind

HEADINGS = {
    "I can't find my existing project": "project-not-found-in-portal",
    "Create a second project": "second-project",
    "Supported geographies": "supported-geographies",
    "Delete projects and associated workspaces": "delete-project-and-workspace",
    "Requests must contain user identity headers": "user-identity-headers",
    "Invalid OVF manifest entry": "ovf-manifest",
    "The appliance can't connect to the internet": "appliance-no-internet",
    "Error 802": "clock-skew",
    "UnableToConnectToServer": "vcenter-connection",
    "Error ID 60052": "registration-refused",
    "Error ID 60039": "registration-project-not-found",
    "Error ID 60030": "key-vault-operation-failed",
    "Error ID 60031": "key-vault-operation-failed",
    "Error ID 60028": "discovery-not-started",
    "Error ID 60025": "entra-operation-failed",
    "Discovery in progress": "discovery-in-progress",
    "Deleted VMs are still shown": "deleted-machines-still-shown",
    "No latest information on VMs": "machines-out-of-date",
    "Error ID 50004": "winrm-name-not-resolved",
    "WinRM error code 0x803381B9": "winrm-name-not-resolved",
    "Azure readiness issues": "azure-readiness",
    "Enterprise Agreement as an offer": "enterprise-agreement-offer",
    "Linux VMs conditionally ready": "linux-conditionally-ready",
    "VM SKU bigger than on-premises": "machine-size-larger",
    "Disk SKU bigger than on-premises": "disk-size-larger",
    "PercentageOfCoresUtilizedMissing": "performance-data-missing",
    "PercentageOfMemoryUtilizedMissing": "performance-data-missing",
    "OS license cost": "license-cost",
    "Performance history and percentile": "performance-history",
    "Dependency visualization in Azure Government": "dependencies-in-azure-government",
    "Agents installed, no dependencies": "dependencies-not-shown",
    "Operating systems of MMA": "monitoring-agent-systems",
    "Operating systems of the dependency agent": "dependency-agent-systems",
    "Dependencies for more than an hour": "dependencies-longer-than-an-hour",
    "Groups of more than 10 VMs": "dependencies-of-large-groups",
    "Install agent after failover": "dependencies-after-failover",
    "Collect portal network traffic logs": "portal-network-log",
}
"""Every heading of Microsoft's page of 2019, shortened, and the entry that answers it."""

TERMS = (
    "Unsupported boot type",
    "Conditionally supported Windows OS",
    "Unsupported Windows OS",
    "Conditionally endorsed Linux OS",
    "Unendorsed Linux OS",
    "Unknown operating system",
    "Unsupported OS bitness",
    "Requires a Microsoft Visual Studio subscription",
    "VM not found for the required storage performance",
    "VM not found for the required network performance",
    "VM not found in the specified location",
    "One or more unsuitable disks",
    "One or more unsuitable network adapters.",
    "Disk count exceeds limit",
    "Disk size exceeds limit",
    "Disk unavailable in the specified location",
    "Disk unavailable for the specified redundancy",
    "Could not determine disk suitability because of an internal error",
    "VM with required cores and memory not found",
    "Could not determine VM suitability because of an internal error",
    "Could not determine suitability for one or more disks because of an internal error",
    "Could not determine suitability for one or more network adapters because of an internal error",
)
"""Every term of the page's table of readiness, as a report shows it."""

RULES = load_rules(rules_dir())
ENTRIES = catalogue().entries


@pytest.mark.parametrize(("heading", "identity"), HEADINGS.items(), ids=HEADINGS)
def test_every_heading_of_the_page_has_an_entry(heading: str, identity: str) -> None:
    (entry,) = catalogue().about(identity)
    number = heading.rpartition(" ")[2]
    assert entry.meaning
    assert entry.steps
    assert not number.isdigit() or number in entry.errors or number == "10"
    assert entry.changed


@pytest.mark.parametrize("term", TERMS)
def test_every_term_of_readiness_is_found_as_a_report_shows_it(term: str) -> None:
    (entry,) = catalogue().about(term)
    assert entry.topic == "readiness"
    assert entry.meaning
    assert entry.steps


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_points_at_what_exists(entry: CatalogueEntry) -> None:
    assert set(entry.rules) <= {rule.id for rule in RULES}
    assert entry.topic in TOPICS
    assert all(reference.startswith("https://") for reference in entry.references)
    assert entry.references
    for cause in entry.causes:
        assert [bool(cause.rules), bool(cause.counted), bool(cause.unseen)].count(True) == 1, cause.text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_exactly_the_errors_that_the_catalogue_says_it_causes(rule: Rule) -> None:
    assert set(rule.errors) == {error for entry in ENTRIES if rule.id in entry.rules for error in entry.errors}


def test_what_an_account_may_be_refused_for_may_be_that_it_cannot_sign_in() -> None:
    """A disabled account, or a guest who has not accepted, can do nothing.

    It never gets as far as a refusal in Azure's own words, and what Entra says of a sign-in names its cause itself.
    """
    subjects = {rule.id: rule.subject for rule in RULES}
    of_accounts = {
        entry.id: set(entry.rules)
        for entry in ENTRIES
        if entry.topic not in {"azure", "key-vault", "sign-in"}
        and any(subjects[rule] is SubjectKind.REGISTRATION for rule in entry.rules)
    }
    nobody = {"account-disabled", "guest-invitation-pending"}
    assert {entry: nobody - rules for entry, rules in of_accounts.items() if nobody - rules} == {}
    assert len(of_accounts) > 5


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_name_of_an_entry_asks_for_the_rules_that_it_names_as_causes(entry: CatalogueEntry) -> None:
    for name in entry.names:
        found = about_error(name, catalogue(), RULES)
        assert found is not None
        assert {rule.id for rule in found.rules} == {rule for one in found.entries for rule in one.rules}, name
        assert entry in found.entries


SEVERAL = {
    "The appliance might not be registered successfully to the Azure Migrate project": {
        "registration-refused",
        "registration-project-not-found",
    },
    "AccessDenied": {"server-winrm-denied", "vault-refuses-by-access-policy"},
    "Access is denied": {"hyper-v-access-denied", "server-winrm-denied"},
    "Unable to connect to server": {"server-unreachable", "vcenter-not-reached-for-performance"},
    "10002": {"arc-onboarding-timeout", "guest-discovery-errors"},
    "181008": {"replication-no-disk-snapshots", "replication-cycle-timed-out"},
}
"""The names that Microsoft uses for several things: each leads to all of them, and each says which it is."""


def test_a_name_means_several_things_only_where_microsoft_uses_it_for_them() -> None:
    meant: dict[str, set[str]] = defaultdict(set)
    for entry in ENTRIES:
        for name in entry.names:
            meant[name.casefold()].add(entry.id)
    assert {name: ids for name, ids in meant.items() if len(ids) > 1} == {
        name.casefold(): ids for name, ids in SEVERAL.items()
    }


@pytest.mark.parametrize("name", SEVERAL)
def test_a_name_of_several_things_leads_to_all_of_them(name: str) -> None:
    assert {entry.id for entry in catalogue().about(name)} == SEVERAL[name]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_no_alias_is_one_word_of_everyday_language(entry: CatalogueEntry) -> None:
    assert [alias for alias in entry.aliases if re.fullmatch("[A-Z]?[a-z]+", alias)] == []


UNDATED = {
    "appliance-no-internet",
    "blocked-by-conditional-access",
    "delete-project-and-workspace",
    "dependencies-after-failover",
    "dependencies-in-azure-government",
    "dependencies-longer-than-an-hour",
    "dependencies-not-shown",
    "dependencies-of-large-groups",
    "dependency-agent-systems",
    "device-code-refused",
    "disk-size-larger",
    "enterprise-agreement-offer",
    "license-cost",
    "linux-conditionally-ready",
    "machine-size-larger",
    "monitoring-agent-systems",
    "ovf-manifest",
    "performance-history",
    "portal-network-log",
    "private-link-identity",
    "project-not-found-in-portal",
    "registration-project-not-found",
    "scope-locked",
    "second-project",
    "supported-geographies",
    "user-identity-headers",
    "vault-not-empty",
}
"""Entries whose source was read without noting its date."""


def test_every_entry_has_the_date_of_its_source() -> None:
    assert {entry.id for entry in ENTRIES if not entry.dated} == UNDATED


@pytest.mark.parametrize("dated", ["2026", "2026-13", "2026-7", "July 2026", "1999-01"])
def test_a_date_is_a_month(tmp_path: Path, dated: str) -> None:
    with pytest.raises(BadCatalogue, match="dated"):
        catalogue_in(folder(tmp_path, GOOD.replace("}", f', dated: "{dated}"}}')))


@pytest.mark.parametrize("error", ["AADSTS53003", "53003"])
def test_an_error_of_entra_is_found_by_its_bare_number_too(error: str) -> None:
    assert [entry.id for entry in catalogue().about(error)] == ["blocked-by-conditional-access"]


def test_a_heading_is_a_name() -> None:
    for entry in ENTRIES:
        assert entry in catalogue().about(entry.heading)


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


@pytest.mark.parametrize("number", ["9000", "9021", "9037", "10000", "10012"])
def test_a_range_of_errors_holds_every_number_of_it(number: str) -> None:
    (entry,) = catalogue().about(number)
    assert entry.id == "guest-discovery-errors"
    assert entry.heading.endswith(" (9000-9037, 10000-10012)")


@pytest.mark.parametrize("number", ["8999", "9038", "9999", "10013"])
def test_a_range_of_errors_ends_where_it_says(number: str) -> None:
    assert catalogue().about(number) == ()


def test_a_heading_names_an_error_once() -> None:
    headings = {entry.id: entry.heading for entry in ENTRIES}
    assert headings["sql-password-expired"].endswith("has expired or must be changed (30007, 30008)")
    assert headings["vault-refuses-by-role"].count("ForbiddenByRbac") == 1
    assert headings["vcenter-connection"] == "Connection failed: UnableToConnectToServer (vCenter Server)"


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
