from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import pytest

from auditor.inventory.accounts import find_account
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap, Read
from auditor.inventory.resources.authorization import RoleAssignment
from auditor.inventory.resources.directory import Application, DeletedApplication, User
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.loganalytics import DeletedWorkspace, Workspace
from auditor.inventory.resources.migrate import MigrateProject, Solution, site_map
from auditor.inventory.resources.offazure import Site
from auditor.inventory.snapshot.records import Header, Link, ScanScope, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

HEADER = Header(tenant_id="t", collected_at=datetime(2026, 11, 23, 10, tzinfo=UTC))
S = ArmId.parse("/subscriptions/0A000000-0000-0000-0000-000000000001")
RG = ArmId.parse(f"{S}/resourceGroups/rg")
VAULTS = "Microsoft.KeyVault/vaults"


def vault(name: str, **properties: object) -> dict[str, object]:
    return {
        "id": f"{RG}/providers/Microsoft.KeyVault/vaults/{name}",
        "name": name,
        "properties": {"sku": {}, **properties},
    }


def picture(*bodies: Mapping[str, object], reads: list[Read] | None = None, gaps: list[Gap] | None = None) -> Inventory:
    return Inventory.of(Snapshot.of(HEADER, arm=[arm_record(body) for body in bodies], reads=reads, gaps=gaps or ()))


def test_a_read_above_covers_what_lies_below() -> None:
    held = picture(vault("a"), reads=[Read(VAULTS.upper(), str(S).upper())])
    assert held.gaps(VAULTS, RG) == ()
    assert held.gaps(VAULTS, "/subscriptions/other")[0].code == "NotRead"


def test_without_reads_only_what_was_scanned_was_read() -> None:
    header = msgspec.structs.replace(HEADER, scope=ScanScope((str(S),)))
    held = Inventory.of(Snapshot.of(header, arm=[arm_record(vault("a"))]))
    assert held.gaps(VAULTS, RG) == ()
    assert [gap.code for gap in held.gaps(VAULTS, "/subscriptions/other")] == ["NotScanned"]
    assert held.gaps("Microsoft.Resources/subscriptions", "/subscriptions/other") == ()
    assert picture(vault("a")).gaps(VAULTS, "/subscriptions/other") == ()


def test_what_was_not_asked_is_a_gap_with_its_cure() -> None:
    (gap,) = picture(reads=[]).gaps("Microsoft.KeyVault/deletedVaults", S)
    assert (gap.status, gap.code, gap.needs) == (0, "NotRead", "Microsoft.KeyVault/locations/deletedVaults/read")


def test_a_gap_spoils_the_list_even_beside_a_read() -> None:
    gap = Gap(VAULTS, str(S), 403)
    assert picture(vault("a"), reads=[Read(VAULTS, str(S))], gaps=[gap]).gaps(VAULTS, S) == (gap,)


def test_a_refused_detail_hides_no_resource() -> None:
    held = picture(vault("a"), gaps=[Gap(VAULTS, f"{RG}/providers/{VAULTS}/a", 403)])
    assert len(held.gaps(VAULTS, S)) == 1
    assert held.gaps(VAULTS, S, below=False) == ()
    assert held.gaps(VAULTS, f"{RG}/providers/{VAULTS}/ab") == ()


def test_a_body_that_cannot_be_understood_is_a_gap() -> None:
    held = picture(vault("a", accessPolicies="none"), vault("b"))
    assert [item.name for item in held.all(Vault)] == ["b"]
    assert [gap.code for gap in held.gaps(VAULTS, S)] == ["Malformed"]


@pytest.mark.parametrize("kind", ["Microsoft.KeyVault/vaults", "Microsoft.Authorization/roleAssignments"])
@pytest.mark.parametrize(
    ("identity", "place"),
    [
        ("hello", "/"),
        ("/x", "/"),
        ("/subscriptions", "/"),
        ("/subscriptions/../x", "/"),
        (f"{S}/resourceGroups/../providers/{{kind}}/v", str(S)),
        (f"{S}/resourceGroups/rg/providers/{{kind}}/v\nw", str(S)),
        (f"{S}/resourceGroups//providers/{{kind}}/v", str(S)),
        (f"{S}/providers/{{kind}}/v?x=1", str(S)),
    ],
)
def test_an_id_that_is_none_is_a_gap_of_its_list(kind: str, identity: str, place: str) -> None:
    inventory = picture({"id": identity.format(kind=kind), "type": kind})
    gaps = inventory.gaps(kind, S)
    assert [(gap.what, gap.scope, gap.code) for gap in gaps] == [(kind, place, "Malformed")]
    assert inventory.malformed == gaps
    assert inventory.all(Vault) == ()
    assert list(inventory.assignments) == []


def test_rbac_flag_keeps_three_cases_apart() -> None:
    held = picture(vault("a", enableRbacAuthorization=None), vault("b", enableRbacAuthorization=True), vault("c"))
    a, b, c = (item.properties.enable_rbac_authorization for item in held.all(Vault))
    assert (a, b) == (None, True)
    assert c is not None
    assert c is not False


def test_ids_are_found_in_any_case_and_kept_as_they_came() -> None:
    held = picture(vault("MixedCase"))
    found = held.get(f"{RG}/PROVIDERS/microsoft.keyvault/VAULTS/mixedcase")
    assert isinstance(found, Vault)
    assert found.arm_id.name == "MixedCase"
    body = held.body(found.arm_id)
    assert body is not None
    assert body["name"] == "MixedCase"


@pytest.mark.parametrize("tags", [None, "", {}, 7])
def test_tags_of_any_shape(tags: object) -> None:
    held = picture({**vault("a"), "tags": tags})
    assert held.all(Vault)[0].tag_values == {}


def test_tag_keys_are_compared_without_case() -> None:
    held = picture({**vault("a"), "tags": {"Migrate Project": "P1", "x": None}})
    assert held.all(Vault)[0].tag_values == {"migrate project": "P1"}


def test_live_and_deleted_workspaces_of_one_id() -> None:
    body = {"id": f"{RG}/providers/Microsoft.OperationalInsights/workspaces/w", "properties": {"customerId": "1"}}
    held = Inventory.of(Snapshot.of(HEADER, arm=[arm_record(body), arm_record(body, deleted=True)]))
    assert (len(held.all(Workspace)), len(held.all(DeletedWorkspace))) == (1, 1)
    assert type(held.get(str(body["id"]))) is Workspace


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[\r\n {"ApplianceName": "A", "SiteId": "/s/1"}]', [("A", "/s/1")]),
        ('{"A": {"SiteId": "/s/1"}, "B": {"siteId": "/s/2"}}', [("A", "/s/1"), ("B", "/s/2")]),
        ('[{"A": {"SiteId": "/s/1"}}]', [("A", "/s/1")]),
        ('{"A": "/s/1"}', [("A", "/s/1")]),
        ('[{"A": "/s/1"}, 7, null]', [("A", "/s/1")]),
        ("not json", []),
        ("", []),
        (None, []),
        ("17", []),
        ('{"A": {"Other": 1}}', []),
    ],
)
def test_every_encoding_of_the_site_map(text: str | None, expected: list[tuple[str, str]]) -> None:
    assert list(site_map(text)) == expected


def test_the_third_map_overrides_the_second() -> None:
    details = {
        "applianceNameToSiteIdMapV2": '[{"ApplianceName":"A","SiteId":"/old"}]',
        "applianceNameToSiteIdMapV3": '{"a":{"SiteId":"/new"}}',
    }
    body = {
        "id": f"{RG}/providers/Microsoft.Migrate/MigrateProjects/p/Solutions/s",
        "properties": {"details": {"extendedDetails": {**details, "count": 3}}},
    }
    (solution,) = picture(body).all(Solution)
    assert solution.sites_by_appliance == {"a": "/new"}


def test_sites_of_every_kind_and_all_their_appliances() -> None:
    kinds = ("VMwareSites", "vmwareSites2", "hypervsites", "ServerSites", "ImportSites")
    bodies: list[dict[str, object]] = [
        {
            "id": f"{RG}/providers/Microsoft.OffAzure/{kind}/s",
            "properties": {
                "applianceName": "one",
                "agentDetails": {"lastHeartBeatUtc": "2020-06-26T02:14:10.8900467Z"},
                "siteAppliancePropertiesCollection": [{"applianceName": "ONE"}, {"applianceName": "two"}],
            },
        }
        for kind in kinds
    ]
    sites = picture(*bodies).all(Site)
    assert len(sites) == 4
    assert [appliance.appliance_name for appliance in sites[0].appliances] == ["one", "two"]
    assert sites[0].properties is not None
    assert sites[0].properties.agent_details is not None
    assert sites[0].properties.agent_details.last_heartbeat == datetime(2020, 6, 26, 2, 14, 10, 890046, tzinfo=UTC)


def test_a_stub_has_no_properties() -> None:
    held = picture(
        {"id": f"{RG}/providers/Microsoft.Migrate/migrateProjects/p", "type": "Microsoft.Migrate/MigrateProjects"}
    )
    assert held.all(MigrateProject)[0].properties is None
    assert held.of_type("microsoft.migrate/MIGRATEPROJECTS")[0].id.endswith("/p")
    assert held.all(RoleAssignment) == ()


def directory() -> Inventory:
    people = [
        {"id": "u1", "userPrincipalName": "ann@contoso.com", "mail": "ann@contoso.com"},
        {
            "id": "u2",
            "userPrincipalName": "bob_fabrikam.com#EXT#@contoso.com",
            "mail": "shared@contoso.com",
            "userType": "Guest",
        },
        {"id": "u3", "userPrincipalName": "cat@contoso.com", "mail": "shared@contoso.com"},
    ]
    graph = [graph_record({"@odata.type": "#microsoft.graph.user", **person}) for person in people]
    graph.append(graph_record({"@odata.type": "#microsoft.graph.servicePrincipal", "id": "sp1", "appId": "app1"}))
    graph.append(graph_record({"@odata.type": "#microsoft.graph.application", "id": "a1", "appId": "app1"}))
    graph.append(
        graph_record({"@odata.type": "#microsoft.graph.application", "id": "a2", "appId": "app2"}, deleted=True)
    )
    return Inventory.of(Snapshot.of(HEADER, graph=graph, links=[Link("owner", "a1", "u1")]))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("U1", ["u1"]),
        ("ANN@contoso.com", ["u1"]),
        ("bob@fabrikam.com", ["u2"]),
        ("bob_fabrikam.com#EXT#", ["u2"]),
        ("shared@contoso.com", ["u2", "u3"]),
        ("app1", ["sp1"]),
        ("nobody@contoso.com", []),
        ("", []),
        ("  ", []),
    ],
)
def test_accounts_are_found_by_every_name_they_have(text: str, ids: list[str]) -> None:
    assert [thing.id for thing in find_account(directory(), text)] == ids


def test_directory_objects_live_and_deleted() -> None:
    held = directory()
    assert [user.is_guest for user in held.objects(User)] == [None, True, None]
    assert [application.id for application in held.objects(Application)] == ["a1"]
    assert [application.id for application in held.objects(DeletedApplication)] == ["a2"]
    assert held.object("a2") is None
    assert [link.to for link in held.links("owner", "A1")] == ["u1"]
    assert [link.from_ for link in held.links_to("owner", "U1")] == ["a1"]
