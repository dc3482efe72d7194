from typing import Any

import pytest

from auditor.access.access import Access
from auditor.facts.fact import Unknown
from auditor.facts.subjects.every import subjects
from tests.facts.small import (
    APP_ID,
    PROJECT,
    RG,
    SITE,
    VAULT,
    Body,
    S,
    found,
    gap,
    identity,
    inventory,
    project,
    site,
    value,
    vault,
)


def facts(*arm: Body, **more: Any) -> dict[str, Any]:
    seen = found(inventory(*arm, **more), "appliance", accounts=())
    return {name.partition(".")[2]: value(fact) for name, fact in seen.facts.items()} | dict(seen.texts)


def test_a_healthy_appliance() -> None:
    seen = facts(project(), site(), vault())
    assert (seen["name"], seen["id"], seen["kind"]) == ("appliance01", SITE, "VMware")
    assert (seen["project"], seen["project_exists"], seen["has_project"]) == ("contoso-exit", True, True)
    assert (seen["vault_id"], seen["vault_exists"]) == (VAULT, True)
    assert seen["application_id"] == APP_ID
    assert (seen["registered"], seen["has_heartbeat"], seen["days_silent"]) == (True, True, 0)


@pytest.mark.parametrize(
    ("heartbeat", "days"),
    [("2026-10-24T10:00:01Z", 29), ("2026-10-24T10:00:00.1234567Z", 29), ("2026-10-24T09:59:59Z", 30), (None, None)],
)
def test_silence_is_counted_in_whole_days(heartbeat: str | None, days: int | None) -> None:
    seen = facts(site(heartbeat=heartbeat))
    assert seen["days_silent"] == days
    assert seen["has_heartbeat"] is (days is not None)


@pytest.mark.parametrize(
    ("certificate", "has", "left"),
    [
        ({"not_after": "2026-11-24T10:00:00Z"}, True, 1),
        ({"not_after": "2026-11-23T10:00:00Z"}, True, 0),
        ({"not_after": "2026-11-23T09:59:59Z"}, True, -1),
        ({"error": "cannot be parsed"}, True, None),
        (None, False, None),
    ],
)
def test_the_certificate_ends_when_it_says(certificate: Body | None, has: bool, left: int | None) -> None:
    seen = facts(site(identity(x_certificate=certificate)))
    assert (seen["has_certificate"], seen["certificate_days_left"]) == (has, left)


def test_of_a_site_whose_details_were_refused_its_name_and_its_lists_alone_are_known() -> None:
    stub = {"id": SITE, "type": "Microsoft.OffAzure/VMwareSites", "name": "appliance01site"}
    refused = gap("Microsoft.OffAzure/VMwareSites", SITE)
    subject = found(inventory(stub, gaps=[refused]), "appliance", accounts=())
    unknown = {name for name, fact in subject.facts.items() if isinstance(fact, Unknown)}
    assert {one.partition(".")[2] for one in subject.facts.keys() - unknown} == {
        *("name", "id", "kind"),
        *("source_failing", "failing_sources"),
    }
    assert all(fact.why == (refused,) for fact in subject.facts.values() if isinstance(fact, Unknown))


def test_a_project_is_gone_only_if_its_group_and_list_were_read() -> None:
    assert facts(site())["project_exists"] is False
    for what in ("Microsoft.Migrate/migrateProjects", "Microsoft.Resources/resourceGroups"):
        assert facts(site(), gaps=[gap(what, S)])["project_exists"] is None


def test_a_project_in_a_subscription_that_was_not_scanned_is_unknown() -> None:
    other = PROJECT.replace("000000000001", "000000000009")
    assert facts(site(of=other))["project_exists"] is None


def test_ids_are_joined_without_case() -> None:
    seen = facts(project(PROJECT.upper()), site(vault=VAULT.lower()), vault())
    assert (seen["project_exists"], seen["vault_exists"]) == (True, True)


def test_a_site_that_names_no_project_is_placed_by_the_solutions_map() -> None:
    nameless = site()
    del nameless["properties"]["discoverySolutionId"]
    solution = {
        "id": f"{PROJECT}/Solutions/Servers-Discovery-ServerDiscovery",
        "type": "Microsoft.Migrate/migrateProjects/solutions",
        "properties": {
            "details": {
                "extendedDetails": {"applianceNameToSiteIdMapV3": f'[{{"appliance01": {{"SiteId": "{SITE}"}}}}]'}
            }
        },
    }
    assert facts(project(), nameless, solution)["project"] == "contoso-exit"
    assert facts(project(), nameless)["has_project"] is False


def test_a_vault_is_found_by_its_address_where_its_id_is_not_told() -> None:
    by_address = site()
    agent = by_address["properties"]["agentDetails"]
    agent |= {"keyVaultId": None, "keyVaultUri": "https://ContosoExitKV.vault.azure.net"}
    assert facts(by_address, vault(vaultUri="https://contosoexitkv.vault.azure.net/"))["vault_id"] == VAULT


def test_appliances_that_share_a_site_are_told_apart() -> None:
    shared = site()
    shared["properties"]["siteAppliancePropertiesCollection"] = [
        {"applianceName": "appliance01"},
        {"applianceName": "appliance02", "agentDetails": {"id": "b"}, "servicePrincipalIdentityDetails": identity()},
    ]

    of = inventory(shared)
    seen = [one for one in subjects(of, Access.of(of), accounts=()) if one.kind.value == "appliance"]
    assert [one.id for one in seen] == [f"{SITE}#appliance01", f"{SITE}#appliance02"]


def test_a_site_without_an_appliance_is_no_subject() -> None:

    empty = {"id": SITE, "type": "Microsoft.OffAzure/VMwareSites", "properties": {"provisioningState": "Succeeded"}}
    imported = {
        "id": f"{RG}/providers/Microsoft.OffAzure/ImportSites/i",
        "type": "Microsoft.OffAzure/ImportSites",
        "properties": {"discoverySolutionId": f"{PROJECT}/Solutions/x"},
    }
    of = inventory(empty, imported)
    assert [one for one in subjects(of, Access.of(of), accounts=()) if one.kind.value == "appliance"] == []


def with_version(version: str | None, number: int = 1, kind: str = "VMwareSites") -> Body:
    body = site()
    identifier = SITE.replace("VMwareSites", kind) + str(number)
    agent = {"id": "agent", "version": version} if version else {"id": "agent"}
    properties = {**body["properties"], "applianceName": f"appliance{number}", "agentDetails": agent}
    return {**body, "id": identifier, "type": f"Microsoft.OffAzure/{kind}", "properties": properties}


@pytest.mark.parametrize(
    ("own", "others", "comparable", "outdated"),
    [
        ("2.0.9", ["2.0.10"], True, True),
        ("2.0.10", ["2.0.9"], True, False),
        ("2.0.10", ["2.0.10"], False, False),
        ("2.0.10", ["2.0.10.1"], True, True),
        ("2.0.10", ["6.1.3"], False, False),
        ("2.0.10", [None, "latest", "2.0.1", "2.1", "2.0.11"], True, True),
        (None, ["2.0.9"], None, None),
        ("preview", ["2.0.9"], None, None),
        ("2.0.10", [], False, False),
    ],
)
def test_an_agent_is_outdated_where_another_of_its_kind_is_newer(
    own: str | None, others: list[str | None], comparable: bool | None, outdated: bool | None
) -> None:
    world = [with_version(own, 0), *(with_version(version, number) for number, version in enumerate(others, 1))]
    held = inventory(project(), *world, with_version("2.9.9", 9, "HyperVSites"))
    (seen,) = [one for one in subjects(held, Access.of(held), accounts=()) if one.name == "appliance0"]
    assert value(seen.facts["appliance.comparable"]) is comparable
    assert value(seen.facts["appliance.outdated"]) is outdated


def test_an_appliance_that_was_not_read_may_be_newer() -> None:
    unread = gap("Microsoft.OffAzure/VMwareSites", S)
    seen = found(inventory(project(), with_version("2.0.1", 0), gaps=[unread]), "appliance", accounts=())
    assert isinstance(seen.facts["appliance.comparable"], Unknown)
    assert isinstance(seen.facts["appliance.outdated"], Unknown)
    world = (with_version("2.0.1", 0), with_version("2.0.2", 1))
    held = inventory(project(), *world, gaps=[unread])
    (older,) = [one for one in subjects(held, Access.of(held), accounts=()) if one.name == "appliance0"]
    assert value(older.facts["appliance.outdated"]) is True
    assert older.texts["appliance.newest_version"] == "2.0.2"
