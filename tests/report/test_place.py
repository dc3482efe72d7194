"""The place of a finding: what is known of where it is, in every cloud and for every kind of subject."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from auditor.audit.findings import Coverage, Finding, OwningProject, Severity, SubjectRef, Verdict
from auditor.cli.options import ConnectionOptions
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.scan.options import ScanOptions
from auditor.cli.scan.run import judged
from auditor.data import fixtures_dir
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.library.judging import Settled
from auditor.report.place import NamedId, Place, Places
from auditor.report.portal import PORTALS
from auditor.report.result import ScanResult
from tests.report.conftest import ADELE, APPLICATION, GROUP, PROJECT, SITE, WORKSPACE
from tests.report.hostile_names import HOSTILE

TENANT = "72c0a7b1-5d3e-4f60-9b1a-c0a050000000"
SUBSCRIPTION = NamedId("0d1e2c3b-4a59-4687-9b10-c0a050000001", "Contoso Datacenter Exit")
EXIT = NamedId(PROJECT, "contoso-exit")
AUTHORIZATION = f"{GROUP}/providers/Microsoft.Authorization"
APP_PAGE = "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId"
PRINCIPAL_PAGE = "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId"
TITLE = "https://portal.azure.com/#@72c0a7b1-5d3e-4f60-9b1a-c0a050000000"


def about(subject: SubjectRef, **changes: object) -> Place:
    made = replace(result_about(subject), **changes)  # type: ignore[arg-type]  # fields of the result
    return Places(made).of(made.findings[0])


def result_about(subject: SubjectRef) -> ScanResult:
    finding = Finding("a-rule", "A rule", Verdict.FAIL, Severity.HIGH, (), subject, "it is so")
    return ScanResult(
        tool="migaudit 0.1.0",
        tenant_id=TENANT,
        tenant_name="contoso.com",
        cloud="AzureCloud",
        evaluated_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
        read_by="contoso-migaudit",
        subscriptions=(SUBSCRIPTION.id,),
        titles={SUBSCRIPTION.id: SUBSCRIPTION.name},
        findings=(finding,),
        coverage=Coverage.of((), (), (finding,)),
    )


def test_projects_are_told_apart_by_where_they_are_and_by_their_ids() -> None:
    at = f"/subscriptions/{SUBSCRIPTION.id}/resourceGroups/rg-{{}}/providers/Microsoft.Migrate/{{}}/exit"
    one, shouted, other, older, named = (
        NamedId(at.format("a", "migrateProjects"), "exit"),
        NamedId(at.format("a", "MIGRATEPROJECTS"), "Exit"),
        NamedId(at.format("b", "migrateProjects"), "exit"),
        NamedId(at.format("a", "projects"), "exit"),
        NamedId("", "exit"),
    )
    places = Places(result_about(SubjectRef("project", one.id, one.name)))
    assert set(places.told_apart([one, shouted, named]).values()) == {"Exit"}
    assert places.told_apart([named]) == {named: "exit"}
    where = f"(rg-b, {SUBSCRIPTION.name})"
    assert places.told_apart([one, shouted, other, named]) == {
        one: f"Exit (rg-a, {SUBSCRIPTION.name})",
        shouted: f"Exit (rg-a, {SUBSCRIPTION.name})",
        other: f"exit {where}",
        named: "exit (which one is not known)",
    }
    assert places.told_apart([one, older, other]) == {one: one.text, older: older.text, other: f"exit {where}"}


def test_a_registration_is_where_its_project_is_and_about_its_account() -> None:
    """The name of the account is its own field: an arrow in a name says nothing."""
    pair = SubjectRef("registration", f"{ADELE}@{PROJECT}", "a → b → contoso-exit", account="adele@contoso.com")
    where = about(pair)
    assert where == Place(
        tenant=NamedId(TENANT, "contoso.com"),
        subscription=SUBSCRIPTION,
        resource_group="rg-migrate",
        projects=(EXIT,),
        account=NamedId(ADELE, "adele@contoso.com"),
        portal=f"{TITLE}/resource{PROJECT}",
    )


def test_a_thing_may_belong_to_several_projects_or_to_one_that_is_only_named() -> None:
    projects = (OwningProject("", "contoso-pilot"), OwningProject(PROJECT, "contoso-exit"))
    where = about(SubjectRef("workspace", WORKSPACE, "contoso-pilot-ws", projects))
    assert where.projects == (NamedId("", "contoso-pilot"), EXIT)
    assert dict(where.lines)["Projects"] == "contoso-pilot, contoso-exit"


def test_appliances_that_share_a_site_are_at_the_site() -> None:
    where = about(SubjectRef("appliance", f"{SITE}#contosovm01", "contosovm01"))
    assert where.portal == f"{TITLE}/resource{SITE}"
    assert where.resource_group == "rg-migrate"


def test_what_is_called_about_a_resource_is_where_that_is() -> None:
    where = about(SubjectRef("call", "403 PUT https://management.azure.com/subscriptions/x?y", "create it", at=PROJECT))
    assert (where.subscription, where.projects) == (SUBSCRIPTION, (EXIT,))


def test_a_subscription_without_a_name_has_its_id_alone() -> None:
    where = about(SubjectRef("workspace", WORKSPACE, "ws"), titles={})
    assert where.subscription == NamedId(SUBSCRIPTION.id)
    assert dict(where.lines)["Subscription"] == SUBSCRIPTION.id
    assert about(SubjectRef("workspace", WORKSPACE, "ws"), titles={SUBSCRIPTION.id: SUBSCRIPTION.id}) == where


def test_a_tenant_without_a_name_has_its_id_alone() -> None:
    assert about(SubjectRef("workspace", WORKSPACE, "ws"), tenant_name=TENANT).tenant == NamedId(TENANT)


@pytest.mark.parametrize(
    ("subject", "page"),
    [
        (SubjectRef("application", APPLICATION, "app"), f"{APP_PAGE}/{APPLICATION}"),
        (SubjectRef("remain", APPLICATION, "app"), f"{APP_PAGE}/{APPLICATION}"),
        (SubjectRef("account", ADELE, "a", object_type="User"), f"UserProfileMenuBlade/~/overview/userId/{ADELE}"),
        (SubjectRef("account", ADELE, "a", object_type="ServicePrincipal"), f"{PRINCIPAL_PAGE}/{ADELE}"),
        (SubjectRef("account", ADELE, "a", object_type="ManagedIdentity"), f"{PRINCIPAL_PAGE}/{ADELE}"),
        (SubjectRef("account", ADELE, "a", object_type="Group"), f"GroupDetailsMenuBlade/~/Overview/groupId/{ADELE}"),
        (SubjectRef("remain", f"{AUTHORIZATION}/locks/l", "l"), f"/resource{GROUP}/locks"),
        (SubjectRef("remain", f"{AUTHORIZATION}/roleAssignments/1", "1"), f"/resource{GROUP}/users"),
    ],
)
def test_every_kind_of_thing_has_its_page_in_the_portal(subject: SubjectRef, page: str) -> None:
    assert about(subject).portal.startswith(f"{TITLE}/")
    assert about(subject).portal.endswith(page)
    assert about(subject, cloud="AzureUSGovernment").portal == about(subject).portal.replace(".com/", ".us/")
    assert about(subject, cloud="https://management.contoso.local").portal == ""


@pytest.mark.parametrize(
    "subject",
    [
        SubjectRef("account", ADELE, "adele"),  # a page would depend on what it is
        SubjectRef("account", "adele@contoso.com", "adele", object_type="User"),
        SubjectRef("workspace", "/subscriptions", "workspaces that were not seen"),
        SubjectRef("project", "contoso-exit", "contoso-exit"),
        SubjectRef("scan", TENANT, "contoso.com"),
    ],
)
def test_what_has_no_place_has_no_link(subject: SubjectRef) -> None:
    where = about(subject)
    assert (where.portal, where.subscription, where.resource_group) == ("", NamedId(), "")


@given(HOSTILE)
def test_whatever_it_is_called_a_link_is_an_address(name: str) -> None:
    for subject in (
        SubjectRef("registration", f"{name}@/subscriptions/{name}", f"{name} → x", account=name),
        SubjectRef("workspace", f"/subscriptions/s/resourceGroups/{name}", name, (OwningProject(name, name),)),
        SubjectRef("account", name, name, object_type="User"),
        SubjectRef("application", name, name),
        SubjectRef("call", name, name, at=name),
    ):
        where = about(subject, titles={"s": name}, tenant_name=name)
        link = where.portal
        assert link == "" or (link.isascii() and link.isprintable() and not set(link) & set(" <>\"'`\\"))
        assert where.as_dict()["tenant"]["id"] == TENANT


FIXTURES = sorted(fixtures_dir().glob("*.yaml"))


@pytest.fixture(scope="module", params=FIXTURES, ids=lambda path: path.stem)
def fixture(request: pytest.FixtureRequest) -> ScanResult:
    """The result of a shipped environment, with every verdict."""
    inventory = Inventory.of(load(request.param))
    asked = ScanOptions(snapshot=request.param, connection=ConnectionOptions())
    return judged(chosen_rules(), inventory, asked, settled=Settled.NAMED)


def places(result: ScanResult) -> Iterator[tuple[Finding, Place]]:
    where = Places(result)
    return ((finding, where.of(finding)) for finding in result.findings)


def test_everything_of_a_fixture_is_where_its_id_says(fixture: ScanResult) -> None:
    for finding, where in places(fixture):
        subject = finding.subject
        assert where.tenant.id == fixture.tenant_id
        if where.subscription.id:
            assert f"/subscriptions/{where.subscription.id}" in subject.id.lower()
            assert where.subscription.name == fixture.titles.get(where.subscription.id, "")
            assert where.portal.startswith(PORTALS[fixture.cloud])
        else:
            assert "/subscriptions/" not in subject.id
        assert where.resource_group in subject.id
        assert bool(where.rule_link), finding.rule


def test_what_belongs_to_a_project_says_so(fixture: ScanResult) -> None:
    for finding, where in places(fixture):
        if finding.subject.kind in {"registration", "project"} and finding.subject.id != "/subscriptions":
            assert [one.name for one in where.projects] == [finding.subject.name.rpartition(" → ")[2]]
        for project in where.projects:
            assert project.name
            assert not project.id or project.id.lower().rpartition("/")[2] == project.name.lower()


def test_the_place_of_each_finding_is_found_without_looking_at_the_others() -> None:
    """The rules are looked up once: the work for a finding does not grow with their number, or that of findings."""
    result = _with_rules()
    where = Places(result)
    held = result.rules
    object.__setattr__(result, "rules", None)
    assert where.of(result.findings[0]).rule_link == held[0].references[0]


def _with_rules() -> ScanResult:
    from tests.report.conftest import RULES, registration, result

    return replace(result(registration(ADELE, "adele@contoso.com")), rules=RULES)
