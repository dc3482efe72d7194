"""Situations that people reported from the field, each as Fabrikam with a few edits."""

from collections.abc import Callable, Mapping

from tests.cases.fabrikam import (
    CHRISTIE,
    CONTRIBUTOR,
    GROUP,
    GUEST,
    MOVER,
    OWNER,
    PROJECT,
    RECOVERY_VAULT,
    ROOT_GROUP,
    SUBSCRIPTION,
    TENANT,
    USER_ACCESS_ADMINISTRATOR,
    VAULT,
    WORKSPACE,
    WORKSPACE_GUID,
    Body,
    Environment,
    fabrikam,
    resource,
)

CLOSED = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}
DEFAULT_SUBSCRIPTION = "/subscriptions/5fab0002-91e4-4a7c-b035-fab0b1c00002"
PROVIDERS = ("Migrate", "OffAzure", "KeyVault", "Storage", "RecoveryServices", "DataReplication")
RBAC_VAULT_POLICY = "/providers/Microsoft.Authorization/policyDefinitions/12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5"


def vault_admits_one_subnet() -> Environment:
    """The vault admits one subnet, which has no service endpoint of Key Vault."""
    changed = fabrikam()
    network = f"{changed.add_group('rg-fabrikam-net')}/providers/Microsoft.Network/virtualNetworks/vnet-fabrikam"
    subnet = f"{network}/subnets/snet-appliance"
    space = {"addressPrefix": "10.20.1.0/24", "serviceEndpoints": [], "provisioningState": "Succeeded"}
    changed.add(
        resource(
            network,
            "Microsoft.Network/virtualNetworks",
            {
                "addressSpace": {"addressPrefixes": ["10.20.0.0/16"]},
                "subnets": [{"id": subnet, "name": "snet-appliance", "properties": space}],
            },
        )
    )
    rule = {"id": subnet, "ignoreMissingVnetServiceEndpoint": True}
    changed.arm(VAULT)["properties"]["networkAcls"] = {**CLOSED, "virtualNetworkRules": [rule]}
    return changed


def access_administrator_of_the_group_only() -> Environment:
    """The mover is a Contributor of the subscription, and assigns roles in the project's group only."""
    changed = fabrikam()
    changed.add_mover()
    policies = changed.arm(VAULT)["properties"]["accessPolicies"]
    everything = next(policy for policy in policies if policy["objectId"] == CHRISTIE)
    policies.append({**everything, "objectId": MOVER})
    changed.assign(103, CONTRIBUTOR, MOVER, SUBSCRIPTION)
    changed.assign(104, USER_ACCESS_ADMINISTRATOR, MOVER, GROUP)
    return changed


def all_appliances_of_one_old_version() -> Environment:
    """Every appliance has the same old version, so that nothing newer was seen."""
    changed = fabrikam()
    for site in ("VMwareSites/fabvc0152c8site", "HyperVSites/fabhv01site"):
        changed.arm(f"{GROUP}/providers/Microsoft.OffAzure/{site}")["properties"]["agentDetails"]["version"] = (
            "2.0.3079.912"
        )
    return changed


def only_the_default_subscription_read() -> Environment:
    """The project's subscription can be seen and was not read; the default one was."""
    changed = fabrikam()
    shown = changed.arm(SUBSCRIPTION)
    changed.remove(SUBSCRIPTION, below=True)
    default = {
        **shown,
        "id": DEFAULT_SUBSCRIPTION,
        "subscriptionId": DEFAULT_SUBSCRIPTION.rsplit("/", 1)[1],
        "displayName": "Fabrikam Default",
    }
    changed.add(shown, default)
    for name in PROVIDERS:
        namespace = f"Microsoft.{name}"
        changed.add(
            {
                "id": f"{DEFAULT_SUBSCRIPTION}/providers/{namespace}",
                "namespace": namespace,
                "registrationPolicy": "RegistrationRequired",
                "registrationState": "NotRegistered",
            }
        )
    changed.assign(105, OWNER, CHRISTIE, DEFAULT_SUBSCRIPTION)
    changed.document["links"][:] = [link for link in changed.document["links"] if link["from"] != SUBSCRIPTION]
    changed.link("parent", DEFAULT_SUBSCRIPTION, ROOT_GROUP)
    changed.document["snapshot"]["scope"]["subscriptions"] = [default["subscriptionId"]]
    return changed


def private_project_with_failed_endpoint() -> Environment:
    """A project of private connectivity: the endpoint of the Recovery Services vault failed."""
    changed = fabrikam()
    network = f"{changed.add_group('rg-fabrikam-net')}/providers/Microsoft.Network/virtualNetworks/vnet-fabrikam"
    project = changed.arm(PROJECT)
    project["identity"] = _system_identity(21)
    project["properties"]["publicNetworkAccess"] = "Disabled"
    vault = changed.arm(VAULT)["properties"]
    vault["publicNetworkAccess"] = "Disabled"
    vault["networkAcls"] = CLOSED
    endpoint = f"{GROUP}/providers/Microsoft.Network/privateEndpoints"
    vault["privateEndpointConnections"] = [
        {
            "id": f"{VAULT}/privateEndpointConnections/kvpe",
            "properties": {
                "privateEndpoint": {"id": f"{endpoint}/fabrikamexit52c8kvpe"},
                "privateLinkServiceConnectionState": {"status": "Approved"},
                "provisioningState": "Succeeded",
            },
        }
    ]
    recovery = {
        "publicNetworkAccess": "Disabled",
        "privateEndpointStateForSiteRecovery": "None",
        "privateEndpointStateForBackup": "None",
    }
    changed.add(_recovery_vault(recovery))
    for name, service, part, state, connection in (
        ("fabrikamexit52c8kvpe", VAULT, "vault", "Succeeded", "Approved"),
        ("fabrikamexit52c8pe", PROJECT, "Default", "Succeeded", "Approved"),
        ("fabrikamexit1880011rsvpe", RECOVERY_VAULT, "AzureSiteRecovery", "Failed", "Pending"),
    ):
        link = {
            "privateLinkServiceId": service,
            "groupIds": [part],
            "privateLinkServiceConnectionState": {"status": connection, "description": "", "actionsRequired": "None"},
        }
        changed.add(
            resource(
                f"{endpoint}/{name}",
                "Microsoft.Network/privateEndpoints",
                {
                    "provisioningState": state,
                    "subnet": {"id": f"{network}/subnets/snet-pe"},
                    "privateLinkServiceConnections": [{"name": name, "properties": link}],
                    "manualPrivateLinkServiceConnections": [],
                    "customDnsConfigs": [],
                },
            )
        )
    return changed


def initiative_denies_vaults_of_access_policies() -> Environment:
    """An initiative, whose effect is Deny by a parameter's default, refuses vaults with access policies."""
    changed = fabrikam()
    field = "Microsoft.KeyVault/vaults/enableRbacAuthorization"
    initiative = f"{ROOT_GROUP}/providers/Microsoft.Authorization/policySetDefinitions/Enforce-Guardrails-KeyVault"
    assignment = f"{ROOT_GROUP}/providers/Microsoft.Authorization/policyAssignments/Enforce-GR-KeyVault"
    changed.add(
        _policy(
            RBAC_VAULT_POLICY,
            "policyDefinitions",
            {
                "displayName": "Azure Key Vault should use RBAC permission model",
                "policyType": "BuiltIn",
                "mode": "Indexed",
                "metadata": {"version": "1.0.0"},
                "parameters": {
                    "effect": {
                        "type": "String",
                        "allowedValues": ["Audit", "Deny", "Disabled"],
                        "defaultValue": "Audit",
                    }
                },
                "policyRule": {
                    "if": {
                        "allOf": [
                            {"field": "type", "equals": "Microsoft.KeyVault/vaults"},
                            {"field": "Microsoft.KeyVault/vaults/createMode", "notEquals": "recover"},
                            {"anyOf": [{"field": field, "exists": "false"}, {"field": field, "equals": "false"}]},
                        ]
                    },
                    "then": {"effect": "[parameters('effect')]"},
                },
            },
        ),
        _policy(
            initiative,
            "policySetDefinitions",
            {
                "displayName": "Enforce recommended guardrails for Azure Key Vault",
                "policyType": "Custom",
                "parameters": {"effectKvRbac": {"type": "String", "defaultValue": "Deny"}},
                "policyDefinitions": [
                    {
                        "policyDefinitionReferenceId": "KvRbac",
                        "policyDefinitionId": RBAC_VAULT_POLICY,
                        "parameters": {"effect": {"value": "[parameters('effectKvRbac')]"}},
                    }
                ],
            },
        ),
        _policy(
            assignment,
            "policyAssignments",
            {
                "displayName": "Enforce recommended guardrails for Azure Key Vault",
                "policyDefinitionId": initiative,
                "scope": ROOT_GROUP,
                "notScopes": [],
                "parameters": {},
                "enforcementMode": "Default",
            },
        ),
    )
    changed.link("inheritedBy", assignment, SUBSCRIPTION)
    return changed


def vault_firewall_denies_all() -> Environment:
    """The vault's public access is on, and its firewall denies by default without any rule."""
    changed = fabrikam()
    changed.arm(VAULT)["properties"]["networkAcls"] = CLOSED
    return changed


def vault_soft_deleted() -> Environment:
    """The project's vault was deleted; purge protection keeps its name taken."""
    changed = fabrikam()
    changed.remove(VAULT)
    name = VAULT.rsplit("/", 1)[1]
    changed.add(
        {
            "id": f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/{name}",
            "name": name,
            "type": "Microsoft.KeyVault/deletedVaults",
            "properties": {
                "vaultId": VAULT,
                "location": "westeurope",
                "deletionDate": "2026-11-15T09:00:00Z",
                "scheduledPurgeDate": "2027-02-13T09:00:00Z",
                "purgeProtectionEnabled": True,
                "tags": {"Migrate Project": "fabrikam-exit"},
            },
        }
    )
    changed.document["deleted"] = []
    return changed


def group_cannot_be_deleted() -> Environment:
    """The project was deleted; a replicating machine and a locked storage account keep its group."""
    changed = fabrikam()
    changed.delete_project()
    item = f"{RECOVERY_VAULT}/replicationFabrics/fabhv01hvsite/replicationProtectionContainers/cloud_1"
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/migratersa1880011"
    tags = {"Migrate Project": "fabrikam-exit"}
    changed.add(
        _recovery_vault({}),
        {
            "id": f"{item}/replicationMigrationItems/vm-1",
            "name": "vm-1",
            "type": "Microsoft.RecoveryServices/vaults/replicationMigrationItems",
            "properties": {
                "machineName": "FABAPP01",
                "migrationState": "Replicating",
                "health": "Normal",
                "providerSpecificDetails": {"instanceType": "VMwareCbt"},
            },
        },
        resource(
            storage,
            "Microsoft.Storage/storageAccounts",
            {"publicNetworkAccess": "Enabled"},
            kind="StorageV2",
            tags=tags,
            sku={"name": "Standard_LRS", "tier": "Standard"},
        ),
        {
            "id": f"{storage}/providers/Microsoft.Authorization/locks/fabrikam-exitlock",
            "type": "Microsoft.Authorization/locks",
            "name": "fabrikam-exitlock",
            "properties": {"level": "CanNotDelete", "notes": "This is in use by Azure Migrate project"},
        },
    )
    changed.assign(202, CONTRIBUTOR, "5bfa0099-6c2e-4f18-9d47-fab0b1c00099", storage, "ServicePrincipal")
    return changed


def leftover_workspace_with_vm_insights() -> Environment:
    """The workspace of a deleted project has the solutions ServiceMap and VMInsights."""
    changed = fabrikam(queried=True)
    changed.delete_project()
    solutions = f"{SUBSCRIPTION}/resourcegroups/rg-fabrikam-migrate/providers/Microsoft.OperationsManagement/solutions"
    for product in ("ServiceMap", "VMInsights"):
        name = f"{product}(fabrikam-exit-oms)"
        changed.add(
            resource(
                f"{solutions}/{name}",
                "Microsoft.OperationsManagement/solutions",
                {"workspaceResourceId": _lower(WORKSPACE), "containedResources": [], "referencedResources": []},
                plan={
                    "name": name,
                    "publisher": "Microsoft",
                    "product": f"OMSGallery/{product}",
                    "promotionCode": "",
                },
            )
        )
    return changed


def soft_deleted_workspace_of_a_deleted_group() -> Environment:
    """The whole group was deleted; its workspace can still be recovered."""
    changed = fabrikam()
    changed.delete_project()
    workspace = changed.arm(WORKSPACE)
    changed.remove(GROUP, below=True)
    workspace["properties"]["modifiedDate"] = "2026-11-18T09:00:00Z"
    changed.document["deleted"] = [workspace]
    return changed


def leftover_workspace_with_replication() -> Environment:
    """The replication of a deleted project's workspace to another region is on."""
    changed = fabrikam(queried=True)
    changed.delete_project()
    changed.arm(WORKSPACE)["properties"]["replication"] = {
        "enabled": True,
        "location": "northeurope",
        "provisioningState": "Succeeded",
    }
    return changed


def leftover_workspace_of_traffic_analytics() -> Environment:
    """A flow log sends its traffic analytics to the workspace of a deleted project."""
    changed = fabrikam(queried=True)
    changed.delete_project()
    watcher = f"{changed.add_group('NetworkWatcherRG')}/providers/Microsoft.Network/networkWatchers"
    watcher = f"{watcher}/NetworkWatcher_westeurope"
    analytics = {
        "enabled": True,
        "workspaceId": WORKSPACE_GUID,
        "workspaceRegion": "westeurope",
        "workspaceResourceId": _lower(WORKSPACE),
        "trafficAnalyticsInterval": 60,
    }
    network = f"{SUBSCRIPTION}/resourceGroups/rg-fabrikam-net/providers/Microsoft.Network"
    changed.add(
        resource(watcher, "Microsoft.Network/networkWatchers"),
        resource(
            f"{watcher}/flowLogs/nsg-app-flow",
            "Microsoft.Network/networkWatchers/flowLogs",
            {
                "enabled": True,
                "targetResourceId": f"{network}/networkSecurityGroups/nsg-app",
                "flowAnalyticsConfiguration": {"networkWatcherFlowAnalyticsConfiguration": analytics},
            },
        ),
    )
    return changed


def guest_never_accepted() -> Environment:
    """The guest has roles, and did not accept the invitation."""
    changed = fabrikam()
    changed.graph(GUEST)["externalUserState"] = "PendingAcceptance"
    return changed


def owner_on_a_vault_of_roles() -> Environment:
    """The vault was switched to roles; the mover owns the subscription and has no role on data."""
    changed = fabrikam()
    changed.add_mover()
    vault = changed.arm(VAULT)["properties"]
    vault["accessPolicies"] = []
    vault["enableRbacAuthorization"] = True
    changed.assign(205, OWNER, MOVER, SUBSCRIPTION)
    return changed


def read_only_lock_on_the_subscription() -> Environment:
    """A ReadOnly lock freezes the whole subscription."""
    changed = fabrikam()
    changed.add(
        {
            "id": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/locks/freeze",
            "type": "Microsoft.Authorization/locks",
            "name": "freeze",
            "properties": {"level": "ReadOnly", "notes": "change freeze"},
        }
    )
    return changed


SITUATIONS: tuple[Callable[[], Environment], ...] = (
    vault_admits_one_subnet,
    access_administrator_of_the_group_only,
    all_appliances_of_one_old_version,
    only_the_default_subscription_read,
    private_project_with_failed_endpoint,
    initiative_denies_vaults_of_access_policies,
    vault_firewall_denies_all,
    vault_soft_deleted,
    group_cannot_be_deleted,
    leftover_workspace_with_vm_insights,
    soft_deleted_workspace_of_a_deleted_group,
    leftover_workspace_with_replication,
    leftover_workspace_of_traffic_analytics,
    guest_never_accepted,
    owner_on_a_vault_of_roles,
    read_only_lock_on_the_subscription,
)


def _recovery_vault(properties: Mapping[str, object]) -> Body:
    return resource(
        RECOVERY_VAULT,
        "Microsoft.RecoveryServices/vaults",
        properties,
        tags={"Migrate Project": "fabrikam-exit"},
        identity=_system_identity(22),
        sku={"name": "RS0", "tier": "Standard"},
    )


def _system_identity(number: int) -> dict[str, str]:
    return {
        "type": "SystemAssigned",
        "principalId": f"5bfa00{number}-6c2e-4f18-9d47-fab0b1c000{number}",
        "tenantId": TENANT,
    }


def _policy(arm_id: str, kind: str, properties: Mapping[str, object]) -> Body:
    return {
        "id": arm_id,
        "type": f"Microsoft.Authorization/{kind}",
        "name": arm_id.rsplit("/", 1)[1],
        "properties": properties,
    }


def _lower(arm_id: str) -> str:
    """Return a workspace's id as Azure writes it: lower case from the group on."""
    head, sep, tail = arm_id.partition("/resourceGroups/")
    return head + sep.lower() + tail.lower()
