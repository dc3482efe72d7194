"""Leftovers by kind: the associations of each kind, and the data that decides its verdict or leaves it open."""

from collections.abc import Iterable
from typing import Any

import pytest

from auditor.facts.fact import Unknown
from auditor.facts.leftovers.every import BESIDE_WORKSPACES, leftovers, may_hide
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict
from auditor.facts.subjects.leftover import leftover_subject
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import arm_record, event_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.facts.small import (
    APP_ID,
    ASSESSMENT,
    PROJECT,
    RG,
    SITE,
    SUBSCRIPTION,
    TENANT,
    VAULT,
    Body,
    S,
    application,
    assessment,
    assignment,
    context,
    gap,
    identity,
    inventory,
    project,
    service_principal,
    site,
    user,
    vault,
    workspace,
)

ORPHANED, IN_USE, ATTACHED = LeftoverVerdict.ORPHANED, LeftoverVerdict.IN_USE, LeftoverVerdict.ATTACHED
UNDECIDED, NOT_MIGRATE = LeftoverVerdict.UNDECIDED, LeftoverVerdict.NOT_MIGRATE
OF_IT = {"Migrate Project": "contoso-exit"}
MASTER = f"{RG}/providers/Microsoft.OffAzure/MasterSites/contoso-exitmastersite"
IMPORT = f"{RG}/providers/Microsoft.OffAzure/ImportSites/contoso-exitimportsite"
STORAGE = f"{RG}/providers/Microsoft.Storage/storageAccounts/migratersa1867481726"
RECOVERY = f"{RG}/providers/Microsoft.RecoveryServices/vaults/contoso-exit-MigrateVault-1041832"
ENDPOINT = f"{RG}/providers/Microsoft.Network/privateEndpoints/contoso-exitpe"
SOLUTION = f"{PROJECT}/Solutions/Servers-Migration-ServerMigration"
PRINCIPAL = "5be00009-0000-4000-8000-000000000009"


def of(kind: LeftoverKind, *arm: Body, **more: Any) -> list[Leftover]:
    return list(leftovers(context(inventory(*arm, **more)), (kind,)))


def one(kind: LeftoverKind, *arm: Body, **more: Any) -> Leftover:
    [only] = of(kind, *arm, **more)
    return only


def resource(id_: str, tags: object = None, **fields: Any) -> Body:
    parts = id_.split("/")
    return {"id": id_, "name": parts[-1], "type": f"{parts[-3]}/{parts[-2]}", "tags": tags, **fields}


def master(*sites: str, tags: object = None, **more: object) -> Body:
    return resource(MASTER, tags, properties={"sites": list(sites), **more})


def storage(tags: object = None, name: str = STORAGE) -> Body:
    return resource(name, tags, kind="StorageV2", sku={"name": "Standard_LRS"})


def recovery(tags: object = None, name: str = RECOVERY) -> Body:
    return resource(name, tags, sku={"name": "RS0"})


def inside(child: str, vault_: str = RECOVERY, name: str = "default", **properties: object) -> Body:
    kind = f"Microsoft.RecoveryServices/vaults/{child}"
    return {"id": f"{vault_}/{child}/{name}", "name": name, "type": kind, "properties": properties}


def lock(name: str, on: str = STORAGE) -> Body:
    identity_ = f"{on}/providers/Microsoft.Authorization/locks/{name}"
    return {
        "id": identity_,
        "name": name,
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": "CanNotDelete"},
    }


def endpoint(target: str, tags: object = None) -> Body:
    state = {"status": "Disconnected"}
    led = {"privateLinkServiceId": target, "privateLinkServiceConnectionState": state}
    subnet = {"id": f"{RG}/providers/Microsoft.Network/virtualNetworks/hub/subnets/endpoints"}
    connections = [{"name": "c", "properties": led}]
    return resource(ENDPOINT, tags, properties={"subnet": subnet, "privateLinkServiceConnections": connections})


def solution(**details: str) -> Body:
    kind = "Microsoft.Migrate/MigrateProjects/Solutions"
    return {"id": SOLUTION, "type": kind, "properties": {"details": {"extendedDetails": details}}}


SETTING = inside("replicationVaultSettings", migrationSolutionId=SOLUTION)
NAMELESS = f"{RG}/providers/Microsoft.RecoveryServices/vaults/contosorsvault"
OTHERS = f"{RG}/providers/Microsoft.Storage/storageAccounts/contosodata"

TIED: dict[LeftoverKind, tuple[Body, ...]] = {
    LeftoverKind.ASSESSMENT_PROJECT: (assessment(),),
    LeftoverKind.SITE: (site(),),
    LeftoverKind.MASTER_SITE: (master(SITE), site()),
    LeftoverKind.KEY_VAULT: (vault(), site()),
    LeftoverKind.RECOVERY_VAULT: (recovery(), SETTING),
    LeftoverKind.STORAGE_ACCOUNT: (storage(OF_IT),),
    LeftoverKind.LOCK: (storage(OF_IT), lock("contoso-EXITlock")),
    LeftoverKind.PRIVATE_ENDPOINT: (endpoint(PROJECT.replace("migrateProjects", "MigrateProjects")),),
    LeftoverKind.APPLICATION: (site(),),
}
"""For each kind, the body that associates one thing of it with the project `contoso-exit`."""
READS: dict[LeftoverKind, tuple[str, ...]] = {
    LeftoverKind.ASSESSMENT_PROJECT: (),
    LeftoverKind.SITE: (),
    LeftoverKind.MASTER_SITE: ("Microsoft.OffAzure/HyperVSites",),
    LeftoverKind.KEY_VAULT: ("Microsoft.OffAzure/ServerSites", "Microsoft.Authorization/locks"),
    LeftoverKind.RECOVERY_VAULT: (
        "Microsoft.RecoveryServices/vaults/backupProtectedItems",
        "Microsoft.RecoveryServices/vaults/replicationProtectedItems",
        "Microsoft.RecoveryServices/vaults/replicationVaultSettings",
    ),
    LeftoverKind.STORAGE_ACCOUNT: (
        "Microsoft.OffAzure/MasterSites",
        "Microsoft.Authorization/locks",
        "Microsoft.Migrate/projects",
    ),
    LeftoverKind.LOCK: ("Microsoft.OffAzure/MasterSites", "Microsoft.Migrate/projects"),
    LeftoverKind.PRIVATE_ENDPOINT: (),
    LeftoverKind.APPLICATION: ("Microsoft.OffAzure/VMwareSites",),
}
"""For each kind, the lists that could change the verdict, besides those of projects and their resource groups."""
ALWAYS = ("Microsoft.Migrate/migrateProjects", "Microsoft.Resources/resourceGroups")


@pytest.mark.parametrize("kind", list(TIED))
def test_what_is_tied_to_a_project_is_attached_while_that_exists_and_orphaned_once_it_is_gone(
    kind: LeftoverKind,
) -> None:
    attached = one(kind, *TIED[kind], project(), graph=[application()])
    assert (attached.verdict, attached.projects) == (ATTACHED, ("contoso-exit",))
    assert attached.evidence_against
    orphaned = one(kind, *TIED[kind], graph=[application()])
    assert (orphaned.verdict, orphaned.owner) == (ORPHANED, "the project `contoso-exit`")
    assert orphaned.unread == ()
    assert orphaned.evidence_for
    assert not orphaned.evidence_against
    assert orphaned.kind is kind


@pytest.mark.parametrize(("kind", "what"), [(kind, what) for kind in TIED for what in (*ALWAYS, *READS[kind])])
def test_a_list_that_could_tell_otherwise_leaves_it_open_and_is_named_with_its_cure(
    kind: LeftoverKind, what: str
) -> None:
    undecided = one(kind, *TIED[kind], graph=[application()], gaps=[gap(what, S)])
    assert undecided.verdict is UNDECIDED
    assert what in {each.what for each in undecided.unread}
    assert f"grant `{gap(what, S).cure}`" in undecided.why


@pytest.mark.parametrize("kind", [kind for kind in TIED if kind not in {LeftoverKind.LOCK, LeftoverKind.APPLICATION}])
@pytest.mark.parametrize("place", ["itself", RG, S])
def test_a_lock_over_it_is_no_use_and_is_named(kind: LeftoverKind, place: str) -> None:
    tied = TIED[kind]
    held = one(kind, *tied, lock("keep", str(tied[0]["id"]) if place == "itself" else place))
    assert (held.verdict, held.uses) == (ORPHANED, ())
    assert "`keep`" in held.why


@pytest.mark.parametrize("kind", [LeftoverKind.STORAGE_ACCOUNT, LeftoverKind.KEY_VAULT])
def test_the_lock_of_a_project_that_exists_shows_that_this_one_uses_it_whatever_else_says(kind: LeftoverKind) -> None:
    other = PROJECT.replace("contoso-exit", "contoso-next")
    held = one(kind, *TIED[kind], project(other), lock("contoso-nextLOCK", str(TIED[kind][0]["id"])))
    assert (held.verdict, held.projects) == (ATTACHED, ("contoso-exit", "contoso-next"))


# -------------------------------------------------------------------------------------------------- since, holds, costs


@pytest.mark.parametrize("kind", list(TIED))
def test_a_logged_deletion_says_since_when_and_by_whom(kind: LeftoverKind) -> None:
    plain = inventory(*TIED[kind], graph=[application()]).snapshot
    event = {
        "eventTimestamp": "2026-10-02T13:37:20Z",
        "caller": "isaiahl@contoso.com",
        "operationName": {"value": "Microsoft.Migrate/migrateProjects/delete"},
        "status": {"value": "Succeeded"},
        "resourceId": PROJECT,
        "subscriptionId": SUBSCRIPTION,
    }
    logged = Snapshot.of(plain.header, arm=plain.arm, graph=plain.graph, events=[event_record(event)])
    [only] = leftovers(context(Inventory.of(logged)), (kind,))
    assert only.since == "was deleted on 2 October 2026 by isaiahl@contoso.com"


def test_without_the_log_it_says_so() -> None:
    assert "shows no deletion" in one(LeftoverKind.SITE, site()).since
    assert "was not read" in one(LeftoverKind.SITE, site(), gaps=[gap("activityLog", S)]).since


@pytest.mark.parametrize(
    ("kind", "holds", "costs"),
    [
        (LeftoverKind.SITE, "the discovery data of the appliance `appliance01`, which last reported on 2026-11-23", ""),
        (LeftoverKind.MASTER_SITE, "links to 1 site", ""),
        (LeftoverKind.KEY_VAULT, "perhaps secrets, keys and certificates", ""),
        (LeftoverKind.RECOVERY_VAULT, "0 servers being migrated", "the SKU RS0"),
        (LeftoverKind.STORAGE_ACCOUNT, "what replication or private discovery stored in it", "the SKU Standard_LRS"),
        (LeftoverKind.LOCK, "the storage account `migratersa1867481726` and its resource group", ""),
        (LeftoverKind.PRIVATE_ENDPOINT, "a connection to `contoso-exit` (Disconnected)", ""),
    ],
)
def test_what_it_holds_and_what_its_price_hangs_on_is_told_as_far_as_azure_tells(
    kind: LeftoverKind, holds: str, costs: str
) -> None:
    found = one(kind, *TIED[kind])
    assert found.holds[0].startswith(holds)
    assert (found.costs or ("",))[0] == costs


# -------------------------------------------------------------------------------------------------------- kind by kind


def test_what_names_no_project_is_open_not_left() -> None:
    nobodys = assessment()
    nobodys["properties"].pop("assessmentSolutionId")
    homeless = site()
    homeless["properties"].pop("discoverySolutionId")
    for kind, arm in (
        (LeftoverKind.ASSESSMENT_PROJECT, nobodys),
        (LeftoverKind.SITE, homeless),
        (LeftoverKind.MASTER_SITE, master()),
    ):
        found = one(kind, arm)
        assert found.verdict is UNDECIDED
        assert found.why.startswith("which project it belongs to is not known")


def test_an_import_site_and_a_site_without_an_appliance_are_sites_too() -> None:
    imported = resource(IMPORT, properties={"discoverySolutionId": SOLUTION})
    bare = site()
    bare["properties"] = {"discoverySolutionId": SOLUTION}
    assert {found.verdict for found in of(LeftoverKind.SITE, imported, bare)} == {ORPHANED}


def test_a_site_that_was_not_read_whole_is_open_whatever_its_tag_says() -> None:
    stub = {"id": SITE, "type": "Microsoft.OffAzure/VMwareSites", "tags": OF_IT}
    unread = [gap("Microsoft.OffAzure/VMwareSites", SITE)]
    assert one(LeftoverKind.SITE, stub, gaps=unread).verdict is UNDECIDED


@pytest.mark.parametrize("detail", ["keyVaultId", "vaultId", "replicationStorageAccountId", "masterSiteId"])
def test_what_a_live_project_names_is_attached_though_its_tag_names_one_that_is_gone(detail: str) -> None:
    gone = {"Migrate Project": "contoso-gone"}
    kind, body = {
        "keyVaultId": (LeftoverKind.KEY_VAULT, vault() | {"tags": gone}),
        "vaultId": (LeftoverKind.RECOVERY_VAULT, recovery(gone)),
        "replicationStorageAccountId": (LeftoverKind.STORAGE_ACCOUNT, storage(gone)),
        "masterSiteId": (LeftoverKind.MASTER_SITE, master(tags=gone)),
    }[detail]
    named = solution(**{detail: str(body["id"]).upper()})
    assert one(kind, body).verdict is ORPHANED
    assert one(kind, body, project(), named).verdict is ATTACHED
    hidden = [gap("Microsoft.Migrate/migrateProjects/solutions", PROJECT)]
    assert one(kind, body, project(), gaps=hidden).verdict is UNDECIDED


def test_what_an_appliance_without_a_project_uses_is_open() -> None:
    homeless = site()
    homeless["properties"].pop("discoverySolutionId")
    assert one(LeftoverKind.KEY_VAULT, homeless, vault()).verdict is UNDECIDED
    assert one(LeftoverKind.APPLICATION, homeless, graph=[application()]).verdict is UNDECIDED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (storage(), LeftoverKind.STORAGE_ACCOUNT),
        (vault() | {"id": VAULT.replace("contosoexit", "migrateapplikv")} | {"name": None}, LeftoverKind.KEY_VAULT),
    ],
)
def test_a_name_alone_is_a_hint_that_leaves_it_open(body: Body, kind: LeftoverKind) -> None:
    hinted = one(kind, body)
    assert hinted.verdict is UNDECIDED
    assert "only its name suggests" in hinted.why


@pytest.mark.parametrize("body", [storage(name=OTHERS), vault(), recovery(name=f"{RG}/x/Vaults/backups")])
def test_what_nothing_ties_to_azure_migrate_is_passed_over(body: Body) -> None:
    assert of(LeftoverKind.STORAGE_ACCOUNT, body) == of(LeftoverKind.KEY_VAULT, body) == []
    assert of(LeftoverKind.RECOVERY_VAULT, body) == []


def test_a_lock_tells_whose_a_storage_account_is_that_only_its_name_suggests() -> None:
    found = one(LeftoverKind.STORAGE_ACCOUNT, storage(), lock("contoso-gonelock"))
    assert (found.verdict, found.projects) == (ORPHANED, ("contoso-gone",))
    assert found.uses == ()
    assert any("contoso-gonelock" in phrase for phrase in found.holds)
    assert one(LeftoverKind.STORAGE_ACCOUNT, storage(), lock("contoso-exitlock"), project()).verdict is ATTACHED
    assert of(LeftoverKind.LOCK, storage(name=OTHERS), lock("prodlock", OTHERS)) == []


def test_the_storage_account_of_a_master_site_is_its_projects() -> None:
    kept = master(SITE, customerStorageAccountArmId=OTHERS)
    assert one(LeftoverKind.STORAGE_ACCOUNT, storage(name=OTHERS), kept, site()).verdict is ORPHANED
    assert one(LeftoverKind.STORAGE_ACCOUNT, storage(name=OTHERS), kept, site(), project()).verdict is ATTACHED


def test_the_utility_storage_account_of_a_project_is_attached() -> None:
    own = project()
    own["properties"]["utilityStorageAccountId"] = OTHERS
    assert one(LeftoverKind.STORAGE_ACCOUNT, storage(name=OTHERS), own).verdict is ATTACHED


@pytest.mark.parametrize(
    ("child", "title"),
    [("backupProtectedItems", "Azure Backup"), ("replicationProtectedItems", "servers that replicate through it")],
)
def test_a_recovery_vault_that_protects_something_is_in_use(child: str, title: str) -> None:
    found = one(LeftoverKind.RECOVERY_VAULT, *TIED[LeftoverKind.RECOVERY_VAULT], inside(child, name="vm1"))
    assert (found.verdict, found.uses) == (IN_USE, (title,))


def test_a_recovery_vault_that_is_only_called_like_one_is_settled_by_its_settings() -> None:
    named, settings = recovery(name=NAMELESS), "Microsoft.RecoveryServices/vaults/replicationVaultSettings"
    assert one(LeftoverKind.RECOVERY_VAULT, named).verdict is NOT_MIGRATE
    assert one(LeftoverKind.RECOVERY_VAULT, named, gaps=[gap(settings, NAMELESS)]).verdict is UNDECIDED
    told = inside("replicationVaultSettings", NAMELESS, migrationSolutionId=SOLUTION)
    assert one(LeftoverKind.RECOVERY_VAULT, named, told).verdict is ORPHANED


def test_servers_on_their_way_are_counted_as_what_a_recovery_vault_holds() -> None:
    moving = [inside("replicationMigrationItems", name=f"server{number}") for number in range(3)]
    found = one(LeftoverKind.RECOVERY_VAULT, *TIED[LeftoverKind.RECOVERY_VAULT], *moving)
    assert found.holds == ("3 servers being migrated",)


def test_items_of_one_name_in_two_containers_are_counted_twice() -> None:
    containers = "replicationFabrics/f/replicationProtectionContainers"
    kind = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    moving = [
        {
            "id": f"{RECOVERY}/{containers}/{one}/replicationMigrationItems/vm1",
            "name": "vm1",
            "type": f"{kind}/replicationMigrationItems",
            "properties": {},
        }
        for one in ("one", "two")
    ]
    found = one(LeftoverKind.RECOVERY_VAULT, *TIED[LeftoverKind.RECOVERY_VAULT], *moving)
    assert found.holds == ("2 servers being migrated",)


@pytest.mark.parametrize("target", [VAULT, STORAGE, RECOVERY, MASTER, str(assessment()["id"])])
def test_an_endpoint_belongs_to_the_projects_of_what_it_leads_to(target: str) -> None:
    things = (vault(), site(), storage(OF_IT), recovery(OF_IT), master(SITE), assessment())
    assert one(LeftoverKind.PRIVATE_ENDPOINT, endpoint(target.upper()), *things).verdict is ORPHANED
    assert one(LeftoverKind.PRIVATE_ENDPOINT, endpoint(target.upper()), *things, project()).verdict is ATTACHED


def test_an_endpoint_to_something_else_is_passed_over_unless_it_is_tagged() -> None:
    assert of(LeftoverKind.PRIVATE_ENDPOINT, endpoint(OTHERS), storage(name=OTHERS)) == []
    assert one(LeftoverKind.PRIVATE_ENDPOINT, endpoint(OTHERS, OF_IT), storage(name=OTHERS)).verdict is ORPHANED


def test_a_tagged_endpoint_to_something_that_was_not_read_is_open() -> None:
    unread = [gap("Microsoft.KeyVault/vaults", S)]
    assert one(LeftoverKind.PRIVATE_ENDPOINT, endpoint(VAULT, OF_IT), gaps=unread).verdict is UNDECIDED


def held_by(scope: str, principal: str = PRINCIPAL, **properties: object) -> Body:
    body = assignment(scope, principal)
    body["properties"] |= {"principalType": "ServicePrincipal", **properties}
    return body


@pytest.mark.parametrize("scope", [STORAGE, RG, PROJECT])
def test_a_role_assignment_is_left_once_its_principal_is_gone(scope: str) -> None:
    things = (storage(OF_IT), site(), project())
    gone = one(LeftoverKind.ROLE_ASSIGNMENT, held_by(scope), *things)
    assert (gone.verdict, gone.projects) == (ORPHANED, ("contoso-exit",))
    assert (gone.name, gone.holds[0].startswith("the role `Contributor`")) == (f"a role of {PRINCIPAL}", True)
    there = one(LeftoverKind.ROLE_ASSIGNMENT, held_by(scope, str(user()["id"])), *things, graph=[user()])
    assert there.verdict is ATTACHED
    hidden = [gap("graph/directoryObjects", "/")]
    unread = one(LeftoverKind.ROLE_ASSIGNMENT, held_by(scope), *things, gaps=hidden)
    assert (unread.verdict, unread.unread) == (UNDECIDED, tuple(hidden))


@pytest.mark.parametrize("odd", [{"displayName": 5}, {"accountEnabled": "perhaps"}, {"userPrincipalName": {}}])
def test_a_principal_that_came_and_was_not_understood_is_not_called_gone(odd: Body) -> None:
    things = (storage(OF_IT), site(), project())
    odd_user = {**user(), **odd}
    open_ = one(LeftoverKind.ROLE_ASSIGNMENT, held_by(STORAGE, str(user()["id"])), *things, graph=[odd_user])
    assert open_.verdict is UNDECIDED
    assert {gap.code for gap in open_.unread} == {"Malformed"}
    beside = one(LeftoverKind.ROLE_ASSIGNMENT, held_by(STORAGE), *things, graph=[odd_user])
    assert beside.verdict is ORPHANED, "it costs what rests on it"


def test_a_role_of_a_principal_that_a_site_or_a_vault_names_is_the_projects_wherever_it_was_given() -> None:
    elsewhere = held_by(f"{S}/resourceGroups/other")
    assert of(LeftoverKind.ROLE_ASSIGNMENT, elsewhere) == []
    assert one(LeftoverKind.ROLE_ASSIGNMENT, elsewhere, site(identity(objectId=PRINCIPAL))).verdict is ORPHANED
    known = recovery(OF_IT) | {"identity": {"principalId": PRINCIPAL}}
    assert one(LeftoverKind.ROLE_ASSIGNMENT, elsewhere, known).projects == ("contoso-exit",)


@pytest.mark.parametrize(
    "foreign", [{"principalType": "ForeignGroup"}, {"delegatedManagedIdentityResourceId": f"{RG}/x/y/z"}]
)
def test_a_principal_of_another_tenant_is_not_called_gone(foreign: Body) -> None:
    assert of(LeftoverKind.ROLE_ASSIGNMENT, held_by(STORAGE, **foreign), storage(OF_IT)) == []


def test_roles_at_the_subscription_are_everybodys() -> None:
    assert of(LeftoverKind.ROLE_ASSIGNMENT, held_by(S), storage(OF_IT)) == []


def test_an_application_that_is_only_called_like_one_is_open() -> None:
    hinted = one(LeftoverKind.APPLICATION, graph=[service_principal()])
    assert (hinted.id, hinted.verdict) == (APP_ID, UNDECIDED)
    assert "Site Recovery uses the same names" in hinted.why
    assert of(LeftoverKind.APPLICATION, graph=[service_principal(name="payroll")]) == []


def collector(kind: str = "hypervcollectors") -> Body:
    agent = {"spnDetails": {"applicationId": APP_ID.upper(), "objectId": PRINCIPAL, "tenantId": TENANT}}
    found = resource(f"{ASSESSMENT}/{kind}/appliance01collector")
    return found | {"type": f"Microsoft.Migrate/assessmentprojects/{kind}", "properties": {"agentProperties": agent}}


@pytest.mark.parametrize("kind", ["vmwarecollectors", "hypervcollectors", "servercollectors"])
def test_an_application_that_only_a_collector_names_is_its_projects(kind: str) -> None:
    left = one(LeftoverKind.APPLICATION, assessment(), collector(kind), graph=[application()])
    assert (left.id, left.verdict, left.projects) == (APP_ID, ORPHANED, ("contoso-exit",))
    assert collector(kind)["id"] in {each.id for each in left.evidence_for}
    living = one(LeftoverKind.APPLICATION, assessment(), collector(kind), project(), graph=[application()])
    assert living.verdict is ATTACHED
    elsewhere = site(of=f"{PROJECT}-two")
    both = (assessment(), collector(kind), elsewhere, project(f"{PROJECT}-two"))
    assert one(LeftoverKind.APPLICATION, *both, graph=[application()]).verdict is ATTACHED
    nobodys = assessment()
    nobodys["properties"].pop("assessmentSolutionId")
    assert one(LeftoverKind.APPLICATION, nobodys, collector(kind), graph=[application()]).verdict is UNDECIDED


def test_a_role_of_a_principal_that_only_a_collector_names_is_the_projects() -> None:
    assert one(LeftoverKind.ROLE_ASSIGNMENT, assessment(), collector(), held_by(S)).projects == ("contoso-exit",)


@pytest.mark.parametrize("what", ["graph/applications", "graph/servicePrincipals"])
def test_an_application_that_could_not_be_looked_up_is_open_not_gone(what: str) -> None:
    assert of(LeftoverKind.APPLICATION, site()) == []
    closed = Gap(what, APP_ID, 403, "Authorization_RequestDenied", "no", "Application.Read.All")
    unread = one(LeftoverKind.APPLICATION, site(), gaps=[closed])
    assert unread.verdict is UNDECIDED
    assert unread.why.startswith("whether it still exists is not known")
    assert "grant `Application.Read.All`" in unread.why
    assert closed in unread.unread
    where = context(inventory(site(), gaps=[closed]))
    assert isinstance(leftover_subject(where, unread).facts["remain.name"], Unknown)


@pytest.mark.parametrize("kind", list(LeftoverKind))
def test_a_list_that_was_not_read_may_hide_things_of_its_kind(kind: LeftoverKind) -> None:
    lists = {
        LeftoverKind.WORKSPACE: "Microsoft.OperationalInsights/workspaces",
        LeftoverKind.ASSESSMENT_PROJECT: "Microsoft.Migrate/assessmentProjects",
        LeftoverKind.SITE: "Microsoft.OffAzure/ImportSites",
        LeftoverKind.MASTER_SITE: "Microsoft.OffAzure/MasterSites",
        LeftoverKind.KEY_VAULT: "Microsoft.KeyVault/vaults",
        LeftoverKind.RECOVERY_VAULT: "Microsoft.RecoveryServices/vaults",
        LeftoverKind.STORAGE_ACCOUNT: "Microsoft.Storage/storageAccounts",
        LeftoverKind.LOCK: "Microsoft.Authorization/locks",
        LeftoverKind.PRIVATE_ENDPOINT: "Microsoft.Network/privateEndpoints",
        LeftoverKind.ROLE_ASSIGNMENT: "Microsoft.Authorization/roleAssignments",
        LeftoverKind.APPLICATION: "Microsoft.OffAzure/HyperVSites",
        LeftoverKind.SERVICE_BUS: "Microsoft.ServiceBus/namespaces",
        LeftoverKind.REPLICATION_VAULT: "Microsoft.DataReplication/replicationVaults",
        LeftoverKind.REPLICATION_FABRIC: "Microsoft.DataReplication/replicationFabrics",
        LeftoverKind.REPLICA_DISK: "Microsoft.RecoveryServices/vaults",
        LeftoverKind.DEPENDENCY_MAP: "Microsoft.DependencyMap/maps",
        LeftoverKind.WORKLOAD_SITE: "Microsoft.MySQLDiscovery/MySQLSites",
        LeftoverKind.PRIVATE_DNS_ZONE: "Microsoft.Network/privateDnsZones",
        LeftoverKind.DELETED_WORKSPACE: "Microsoft.OperationalInsights/deletedWorkspaces",
        LeftoverKind.DELETED_KEY_VAULT: "Microsoft.KeyVault/deletedVaults",
    }
    closed = gap(lists[kind], S)
    assert may_hide(context(inventory(gaps=[closed])), {kind}) == (closed,)
    assert may_hide(context(inventory()), {kind}) == ()


def test_collectors_that_were_not_read_may_hide_applications_only_where_their_project_is_gone() -> None:
    closed = gap("Microsoft.Migrate/assessmentProjects/servercollectors", ASSESSMENT)
    kinds = {LeftoverKind.APPLICATION}
    assert may_hide(context(inventory(assessment(), gaps=[closed])), kinds) == (closed,)
    assert may_hide(context(inventory(assessment(), project(), gaps=[closed])), kinds) == ()


def test_the_identity_of_an_arc_machine_is_no_application_that_is_left() -> None:
    assert of(LeftoverKind.APPLICATION, site(), graph=[service_principal("ManagedIdentity")]) == []


# ------------------------------------------------------------------------------------------------------- soft-deleted


def buried(*deleted: Body, arm: Iterable[Body] = ()) -> Inventory:
    plain = inventory(*arm).snapshot
    graves = (arm_record(body, deleted=True) for body in deleted)
    return Inventory.of(Snapshot.of(plain.header, arm=[*plain.arm, *graves]))


def test_a_soft_deleted_workspace_holds_its_name_for_fourteen_days() -> None:
    held = buried(workspace(tags=OF_IT, modifiedDate="Fri, 13 Nov 2026 09:12:30 GMT"))
    [found] = leftovers(context(held), (LeftoverKind.DELETED_WORKSPACE,))
    assert found.verdict is ORPHANED
    assert f"{found.released_on:%Y-%m-%d %H:%M}" == "2026-11-27 09:12"
    assert found.holds[0] == "the name `contoso-exit-ws` until 27 November 2026"
    assert list(leftovers(context(buried(workspace())), (LeftoverKind.DELETED_WORKSPACE,))) == []


def test_what_was_due_to_be_purged_when_the_environment_was_read_is_left_no_more() -> None:
    due = buried(workspace(tags=OF_IT, modifiedDate="Mon, 9 Nov 2026 10:00:00 GMT"))
    assert list(leftovers(context(due), (LeftoverKind.DELETED_WORKSPACE,))) == []


@pytest.mark.parametrize(("day", "verb"), [("2026-11-22", "expired"), ("2026-11-24", "expires")])
def test_the_day_of_a_credential_is_told_as_past_or_to_come(day: str, verb: str) -> None:
    held = application() | {"passwordCredentials": [{"endDateTime": f"{day}T09:00:00Z"}]}
    [phrase] = one(LeftoverKind.APPLICATION, site(), graph=[held]).holds
    assert phrase.endswith(f"the last of which {verb} on {day}")


@pytest.mark.parametrize(("tags", "arm"), [(OF_IT, []), ({}, [site()])])
def test_a_soft_deleted_key_vault_holds_its_name_until_it_is_purged(tags: Body, arm: list[Body]) -> None:
    grave = resource(f"{S}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/contosoexitkv")
    grave |= {"type": "Microsoft.KeyVault/deletedVaults"}
    grave["properties"] = {"vaultId": VAULT, "tags": tags, "scheduledPurgeDate": "2027-02-08T09:00:51Z"}
    found = one(LeftoverKind.DELETED_KEY_VAULT, grave, *arm)
    assert found.verdict is ORPHANED
    assert found.holds[0] == "the name `contosoexitkv` until 8 February 2027"
    assert one(LeftoverKind.DELETED_KEY_VAULT, grave, *arm, project()).verdict is ATTACHED


# -------------------------------------------------------------------------------------------------------------- scope


def test_a_project_of_the_same_name_in_another_subscription_may_be_the_one() -> None:
    other = "0d1e2c3b-0000-4000-8000-000000000002"
    elsewhere = PROJECT.replace(SUBSCRIPTION, other)
    everywhere = {"subscriptions": (SUBSCRIPTION, other)}
    seen = one(LeftoverKind.STORAGE_ACCOUNT, storage(OF_IT), project(elsewhere), **everywhere)
    assert seen.verdict is ATTACHED
    closed = [Gap("Microsoft.Migrate/migrateProjects", f"/subscriptions/{other}", 403, "AuthorizationFailed")]
    assert one(LeftoverKind.STORAGE_ACCOUNT, storage(OF_IT), gaps=closed, **everywhere).verdict is UNDECIDED


def test_a_subscription_that_was_not_scanned_may_hold_the_project_that_a_tag_names() -> None:
    other = "/subscriptions/0d1e2c3b-0000-4000-8000-000000000002"
    beside = {"id": other, "subscriptionId": other[15:], "displayName": "Contoso Sandbox"}
    lists = ("migrateProjects", "projects")
    reads = [Read(f"Microsoft.Migrate/{what}", S) for what in lists]
    reads += [Read("Microsoft.Resources/subscriptions", "/"), Read("Microsoft.Resources/resourceGroups", S)]
    reads += [Read(what, S) for what in ("Microsoft.Authorization/locks", "Microsoft.OffAzure/MasterSites")]
    assert one(LeftoverKind.STORAGE_ACCOUNT, storage(OF_IT), reads=reads).verdict is ORPHANED
    unseen = one(LeftoverKind.STORAGE_ACCOUNT, storage(OF_IT), beside, reads=reads)
    assert unseen.verdict is UNDECIDED
    assert "this scan did not look into the subscription `Contoso Sandbox`" in unseen.why


def test_nothing_is_judged_by_lists_that_nobody_asked_for() -> None:
    arm = [body for bodies in TIED.values() for body in bodies]
    found = list(leftovers(context(inventory(*arm, graph=[application()], reads=[Read("x", "/")])), BESIDE_WORKSPACES))
    assert {each.verdict for each in found} == {UNDECIDED}
    assert all(each.unread for each in found)
