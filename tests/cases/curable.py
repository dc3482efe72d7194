"""Situations that a command of the rule book cures, each as Fabrikam with a few edits."""

from tests.cases.fabrikam import (
    APPLIANCE_APPLICATION,
    APPLIANCE_PRINCIPAL,
    GROUP,
    MOVER,
    RECOVERY_VAULT,
    SUBSCRIPTION,
    VAULT,
    WORKSPACE,
    Environment,
    fabrikam,
    resource,
)
from tests.cases.situations import CLOSED, group_cannot_be_deleted, private_project_with_failed_endpoint

NEW_APPLICATION = "abfa0019-1e5d-4b39-8c60-fab0b1c00019"


def newcomer() -> Environment:
    """The mover has no right at all."""
    changed = fabrikam()
    changed.add_mover()
    return changed


def policy_with_few_permissions() -> Environment:
    """The mover's access policy has the permissions that Microsoft's own script gives."""
    changed = newcomer()
    vault = changed.arm(VAULT)["properties"]
    permissions = {
        "keys": ["get", "list", "create", "update", "delete"],
        "secrets": ["get", "set", "list", "delete"],
        "certificates": ["get", "list"],
    }
    tenant = vault["tenantId"]
    vault["accessPolicies"].append({"tenantId": tenant, "objectId": MOVER, "permissions": permissions})
    return changed


def provider_not_registered() -> Environment:
    """A resource provider that appliances need is not registered."""
    changed = fabrikam()
    changed.arm(f"{SUBSCRIPTION}/providers/Microsoft.OffAzure")["registrationState"] = "NotRegistered"
    return changed


def lock_on_the_vault() -> Environment:
    """A ReadOnly lock stands on the key vault."""
    changed = fabrikam()
    lock = f"{VAULT}/providers/Microsoft.Authorization/locks/frozen"
    changed.add(
        {"id": lock, "type": "Microsoft.Authorization/locks", "name": "frozen", "properties": {"level": "ReadOnly"}}
    )
    return changed


def site_of_no_project() -> Environment:
    """A site belongs to no project."""
    changed = fabrikam()
    site = f"{GROUP}/providers/Microsoft.OffAzure/ServerSites/lonelysite"
    changed.add(resource(site, "Microsoft.OffAzure/ServerSites", {"applianceName": "lonely"}))
    return changed


def newer_leftovers() -> Environment:
    """The project was deleted, and left what its newer parts and private connectivity made."""
    changed = group_cannot_be_deleted()
    tags = {"Migrate Project": "fabrikam-exit"}
    for kind, name in (
        ("Microsoft.ServiceBus/namespaces", "migratesbns1880011"),
        ("Microsoft.DataReplication/replicationVaults", "fabrikamreplicationvault"),
        ("Microsoft.DataReplication/replicationFabrics", "fabrikamreplicationfabric"),
        ("Microsoft.DependencyMap/maps", "fabrikammap"),
        ("Microsoft.MySQLDiscovery/MySQLSites", "fabrikammysql"),
        ("Microsoft.Network/privateDnsZones", "privatelink.prod.migration.windowsazure.com"),
    ):
        changed.add(resource(f"{GROUP}/providers/{kind}/{name}", kind, tags=tags))
    return changed


def mover_disabled() -> Environment:
    """The mover's account is disabled."""
    changed = newcomer()
    changed.graph(MOVER)["accountEnabled"] = False
    return changed


def disabled_principal_as_mover() -> Environment:
    """The mover is a service principal, and disabled."""
    changed = fabrikam()
    changed.document["graph"].append(
        {**changed.graph(APPLIANCE_PRINCIPAL), "id": MOVER, "appId": NEW_APPLICATION, "accountEnabled": False}
    )
    return changed


def application_of_others() -> Environment:
    """The mover does not own the application of the appliance."""
    changed = newcomer()
    changed.document["links"][:] = [one for one in changed.document["links"] if MOVER not in _owned(one)]
    return changed


def application_of_nobody() -> Environment:
    """Neither the application of the appliance nor its service principal has an owner."""
    changed = newcomer()
    owned = {APPLIANCE_APPLICATION, APPLIANCE_PRINCIPAL}
    changed.document["links"][:] = [one for one in changed.document["links"] if not owned & {*_owned(one)}]
    return changed


def _owned(link: dict[str, str]) -> tuple[str, ...]:
    return (link["from"], link["to"]) if link["rel"] == "owner" else ()


def principal_disabled() -> Environment:
    """The service principal of the appliance's application is disabled."""
    changed = fabrikam()
    changed.graph(APPLIANCE_PRINCIPAL)["accountEnabled"] = False
    return changed


def principal_missing() -> Environment:
    """The appliance's application has no service principal."""
    changed = newcomer()
    graph, links = changed.document["graph"], changed.document["links"]
    graph[:] = [one for one in graph if one["id"] != APPLIANCE_PRINCIPAL]
    links[:] = [one for one in links if APPLIANCE_PRINCIPAL not in {one["from"], one["to"]}]
    return changed


def appliance_without_policy() -> Environment:
    """The application of the appliance lost its access policy."""
    changed = fabrikam()
    vault = changed.arm(VAULT)["properties"]
    vault["accessPolicies"] = [one for one in vault["accessPolicies"] if one["objectId"] != APPLIANCE_PRINCIPAL]
    return changed


def private_project_deleted() -> Environment:
    """The project of private connectivity was deleted, and left its endpoints."""
    changed = private_project_with_failed_endpoint()
    changed.delete_project()
    return changed


def empty_recovery_vault() -> Environment:
    """The project was deleted, and left a Recovery Services vault with nothing in it."""
    changed = group_cannot_be_deleted()
    changed.document["arm"][:] = [
        one for one in changed.document["arm"] if not one["id"].startswith(f"{RECOVERY_VAULT}/")
    ]
    return changed


def workspace_deleted() -> Environment:
    """The workspace of the project was deleted, and can be recovered."""
    changed = fabrikam()
    workspace = changed.arm(WORKSPACE)
    workspace["properties"]["modifiedDate"] = "2026-11-18T09:00:00Z"
    changed.document["deleted"] = [workspace]
    changed.remove(WORKSPACE, below=True)
    return changed


def workspace_deleted_after_its_project() -> Environment:
    """The project was deleted, then its workspace, which can be recovered."""
    changed = workspace_deleted()
    changed.delete_project()
    return changed


def workspace_left() -> Environment:
    """The project was deleted, and left its workspace, into which nothing came."""
    changed = fabrikam(queried=True)
    changed.delete_project()
    return changed


def policy_denies_vaults() -> Environment:
    """A policy refuses every key vault."""
    changed = fabrikam()
    kind = "Microsoft.Authorization"
    definition, assignment = (
        f"{SUBSCRIPTION}/providers/{kind}/{one}/guard" for one in ("policyDefinitions", "policyAssignments")
    )
    rule = {"if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"}, "then": {"effect": "Deny"}}
    changed.add(
        resource(definition, f"{kind}/policyDefinitions", {"mode": "Indexed", "policyRule": rule}),
        resource(
            assignment,
            f"{kind}/policyAssignments",
            {"policyDefinitionId": definition, "scope": SUBSCRIPTION, "enforcementMode": "Default"},
        ),
    )
    return changed


def admits_one_other_address() -> Environment:
    """The firewall of the vault lists one address, which is not the appliance's."""
    changed = fabrikam()
    changed.arm(VAULT)["properties"]["networkAcls"] = {**CLOSED, "ipRules": [{"value": "198.51.100.7"}]}
    return changed
