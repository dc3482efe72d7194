"""Discovery sources: the errors that an appliance reported for vCenter Servers, hosts and clusters."""

from typing import Any

import pytest

from auditor.facts.fact import Known
from auditor.facts.subject import Subject
from auditor.inventory.reads import Gap, Read
from tests.facts.small import RG, SITE, Body, found, gap, inventory, site, value, whats

VCENTERS = "Microsoft.OffAzure/VMwareSites/vCenters"
HOSTS, CLUSTERS = (f"Microsoft.OffAzure/HyperVSites/{child}" for child in ("hosts", "clusters"))
HYPERV = f"{RG}/providers/Microsoft.OffAzure/HyperVSites/appliance02site"
ERROR = {"id": 50004, "code": "Unreachable", "message": "The host cannot be reached.", "severity": "Error"}


def source(name: str = "vc01", *, below: str = SITE, child: str = "vCenters", **properties: Any) -> Body:
    kind = f"{below.split('/')[6]}/{below.split('/')[7]}/{child}"
    held = {"fqdn": f"{name}.contoso.com", **properties}
    return {"id": f"{below}/{child}/{name}", "type": kind, "name": name, "properties": held}


def hyperv() -> Body:
    return {**site(), "id": HYPERV, "type": "Microsoft.OffAzure/HyperVSites", "name": "appliance02site"}


def appliance(*arm: Body, **more: Any) -> Subject:
    return found(inventory(*arm, **more), "appliance", accounts=())


def failing(subject: Subject) -> tuple[Any, Any]:
    facts = subject.facts
    return value(facts["appliance.source_failing"]), value(facts["appliance.failing_sources"])


@pytest.mark.parametrize(
    ("errors", "fails"),
    [
        (None, False),
        ([], False),
        ([ERROR], True),
        ([{}], True),
        ([{"code": None, "message": None, "severity": None}], True),
        ([{**ERROR, "severity": "Warning"}], False),
        ([{**ERROR, "severity": "informational"}], False),
        ([{**ERROR, "severity": "Warning"}, ERROR], True),
    ],
)
def test_an_error_that_is_no_warning_fails_a_source(errors: object, fails: bool) -> None:
    assert failing(appliance(site(), source(errors=errors))) == (fails, int(fails))


def test_each_failing_source_is_evidence_and_healthy_ones_are_none() -> None:
    broken = source("hv02", below=HYPERV, child="hosts", errors=[ERROR])
    healthy = source("hv01", below=HYPERV, child="hosts", errors=[])
    seen = appliance(hyperv(), healthy, broken, source("cl01", below=HYPERV, child="clusters"))
    fact = seen.facts["appliance.source_failing"]
    assert isinstance(fact, Known)
    assert [(one.id, one.note) for one in fact.because] == [(broken["id"], "The host cannot be reached.")]
    assert failing(seen) == (True, 1)
    assert seen.texts["appliance.source_errors"] == "`hv02.contoso.com`: The host cannot be reached."


def test_a_site_without_sources_has_none_that_fails() -> None:
    assert failing(appliance(site())) == (False, 0)


def test_sources_belong_to_their_own_site_whatever_the_case() -> None:
    assert failing(appliance(site(), source(below=SITE.upper(), errors=[ERROR]))) == (True, 1)
    assert failing(appliance(site(), source(below=f"{SITE}2", errors=[ERROR]))) == (False, 0)


@pytest.mark.parametrize("refused", [HOSTS, CLUSTERS])
def test_without_one_of_the_lists_what_is_seen_may_not_be_all(refused: str) -> None:
    blind = appliance(hyperv(), gaps=[gap(refused, HYPERV)])
    assert failing(blind) == (None, None)
    assert whats(blind.facts["appliance.source_failing"]) == {refused}
    seen = appliance(hyperv(), source("a", below=HYPERV, child="hosts", errors=[ERROR]), gaps=[gap(refused, HYPERV)])
    assert failing(seen) == (True, None)


def test_a_list_that_nobody_asked_for_leaves_it_open() -> None:
    older = appliance(site(), reads=[Read("Microsoft.OffAzure/VMwareSites", RG.rpartition("/resourceGroups")[0])])
    assert whats(older.facts["appliance.source_failing"]) == {VCENTERS}


def test_the_lists_of_other_kinds_of_sites_do_not_matter() -> None:
    assert failing(appliance(site(), gaps=[gap(HOSTS, HYPERV), gap(VCENTERS, f"{SITE}2")])) == (False, 0)


@pytest.mark.parametrize("body", [{"properties": None}, {"properties": {"errors": "none"}}])
def test_a_source_that_tells_nothing_leaves_it_open(body: Body) -> None:
    told = {**source(), **body}
    seen = appliance(site(), told)
    assert failing(seen) == (None, None)
    unknown = seen.facts["appliance.failing_sources"]
    assert not isinstance(unknown, Known)
    [why] = unknown.why
    assert isinstance(why, Gap)
    assert why.scope == told["id"]


def test_the_message_stays_short_however_much_azure_says() -> None:
    long = {**ERROR, "message": "over\nand over " * 100}
    names = ("a", "b", "c", "d", "e")
    seen = appliance(site(), *(source(name, errors=[long, long]) for name in names))
    text = seen.texts["appliance.source_errors"]
    assert "\n" not in text
    assert text.startswith("`a.contoso.com`: over and over over and over")
    assert text.endswith("… (1,399 characters); and 2 more")
    assert len(text) < 1200
    assert failing(seen) == (True, 5)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ({"code": "X", "summaryMessage": "Short.", "message": "Long."}, "Long."),
        ({"code": "X", "summaryMessage": "Short."}, "Short."),
        ({"code": "X"}, "X"),
        ({"id": 1}, "an error without a message"),
    ],
)
def test_what_azure_says_is_passed_on(error: Body, says: str) -> None:
    seen = appliance(site(), source(fqdn=None, errors=[error]))
    assert seen.texts["appliance.source_errors"] == f"`vc01`: {says}"


def test_a_site_for_physical_servers_has_no_sources() -> None:
    servers = {**site(), "id": SITE.replace("VMware", "Server"), "type": "Microsoft.OffAzure/ServerSites"}
    assert failing(appliance(servers, gaps=[gap(VCENTERS, SITE)])) == (False, 0)
