"""What today's pages document, and what people paste, is found in the catalogue under exactly that name."""

import pytest

from auditor.audit.catalogue import catalogue

BY_ENTRY = {
    "access-too-young": "If access was recently granted, please refresh your credentials",
    "role-only-through-pim": "PIM|Privileged Identity Management",
    "pin-sign-in": "Sign in with a PIN isn't supported",
    "blocked-by-conditional-access": "AADSTS53003|53003|BlockedByConditionalAccess",
    "device-code-refused": "AADSTS53000|AADSTS53001|AADSTS50097",
    "sign-in-refused-by-policy": "AADSTS53002|AADSTS530032",
    "sign-in-blocked-by-risk": "AADSTS530034|AADSTS50053",
    "sign-in-needs-another-factor": "AADSTS50076|AADSTS50079|AADSTS50158",
    "account-sign-in-disabled": "AADSTS50057",
    "sign-in-wrong-password": "AADSTS50126",
    "account-not-in-tenant": "AADSTS50020|AADSTS50034|AADSTS90072",
    "account-not-assigned-to-application": "AADSTS50105",
    "consent-missing": "AADSTS65001|AADSTS90094",
    "sign-in-application-missing": "AADSTS700016",
    "application-secret-refused": "AADSTS7000215|AADSTS7000222",
    "application-certificate-refused": "AADSTS700027",
    "service-principal-not-found": "AADSTS7000229",
    "application-disabled": "AADSTS7000112",
    "session-ended": "AADSTS50173|AADSTS700082",
    "entra-operation-failed": (
        "60025|Microsoft Entra operation failed with status Forbidden"
        "|Azure Active Directory (AAD) operation failed with status Forbidden"
    ),
    "key-vault-operation-failed": (
        "60030|60031|ForbiddenToAccessKeyVault|Azure Key Vault create or update operation failed"
    ),
    "registration-project-not-found": (
        "60039|The appliance might not be registered successfully to the Azure Migrate project (Error ID: 60039)"
    ),
    "registration-refused": "60052",
    "connectivity-check-failed": "Connectivity check fails during the prerequisites setup",
    "aka-ms-check-failed": "Connectivity check fails for the aka.ms URL during the prerequisites setup",
    "auto-update-check-failed": "Auto-update check fails during the prerequisites setup",
    "clock-skew": "Time sync check fails during the prerequisites setup|802",
    "vddk-check-failed": "VDDK check fails during the prerequisites setup on the VMware appliance|VDDK",
    "graph-windows-net-unauthorized": "graph.windows.net",
    "evaluation-licence-ended": "180 days",
    "fips-mode": "FIPS",
    "windows-server-refused": "Windows Server 2016",
    "other-software-on-appliance": "Multiple custom attributes of the same type found",
    "agent-not-connected": "AgentNotConnected",
    "report-not-authorized": "403: This request is not authorized to perform this operation",
    "authorization-failed": "AuthorizationFailed",
    "linked-authorization-failed": "LinkedAuthorizationFailed",
    "deny-assignment-refuses": "DenyAssignmentAuthorizationFailed",
    "policy-refuses": "RequestDisallowedByPolicy",
    "provider-not-registered": "MissingSubscriptionRegistration|NoRegisteredProviderFound",
    "subscription-read-only": "ReadOnlyDisabledSubscription",
    "token-of-another-tenant": "InvalidAuthenticationTokenTenant",
    "group-being-deleted": "ResourceGroupBeingDeleted",
    "deployment-failed": "DeploymentFailed",
    "role-assignment-exists": "RoleAssignmentExists",
    "role-assignment-limit": "RoleAssignmentLimitExceeded",
    "principal-not-found": "PrincipalNotFound",
    "graph-request-denied": "Authorization_RequestDenied",
    "scope-locked": "ScopeLocked",
    "vault-not-empty": "ServiceResourceNotEmptyWithContainerDetails",
    "vault-name-in-use": "VaultAlreadyExists",
    "vault-conflict": "ConflictError|A vault with the same name already exists in deleted state",
    "vault-refuses-by-role": "ForbiddenByRbac",
    "vault-refuses-by-access-policy": "ForbiddenByPolicy",
    "vault-refuses-by-firewall": "ForbiddenByFirewall",
    "vault-refuses-public-connection": "ForbiddenByConnection",
    "vault-token-of-another-tenant": "AKV10032",
    "vault-token-refused": "AKV10000|AKV10022|AKV10046",
    "server-unreachable": "60001|UnableToConnectToPhysicalServer",
    "server-credentials-refused": "60002",
    "server-performance-missing": "60004",
    "server-ssh-timeout": "60005",
    "server-access-denied": "60006",
    "server-wmi-failed": "60011",
    "arc-onboarding-internal": "60009|60078",
    "arc-onboarding-credentials-missing": "60108",
    "arc-onboarding-system-unsupported": "60109",
    "server-winrm-denied": "50000|0x80070005",
    "ws-management-identify": "does not support WS-Management Identify",
    "bios-guid-missing": "Failed to fetch BIOS GUID",
    "no-authentication-method": "No suitable authentication method found",
    "sql-credentials-refused": "30000|30014",
    "sql-unreachable": "30001|30012|30013|30016",
    "sql-certificate-not-trusted": "30003",
    "sql-rights-missing": "30004|30005|30010",
    "sql-login-of-another-kind": "30006",
    "sql-password-expired": "30007|30008",
    "sql-internal-error": "30009|30011|30015|30017|30018|30019",
    "web-iis-console-missing": "40001",
    "web-server-not-connected": "40002|40003",
    "web-configuration-not-readable": "40004|40005",
    "web-discovery-other": "40006|40007",
    "vcenter-not-reached-for-performance": "751|758",
    "performance-statistics-level": "754|760|statistics level",
    "machine-not-found-in-vcenter": "757|8002",
    "replication-resync-snapshot-gone": "508",
    "replication-change-id-missing": "563",
    "replication-no-disk-snapshots": "566",
    "replication-consolidation-failed": "572",
    "replication-state-gone": "587",
    "replication-throttled": "633",
    "replication-cycle-timed-out": "1003|1011",
    "replication-download-timed-out": "1012",
    "replication-tracking-reset": "1018",
    "replication-host-refused": "1022",
    "replication-raw-disk": "1023",
    "replication-vmware-failure": "1028",
    "boot-diagnostics-storage-gone": "110088",
}
"""The entries, and after each the names that lead to it alone, divided by bars."""

NAMES = [(name, entry) for entry, names in BY_ENTRY.items() for name in names.split("|")]


@pytest.mark.parametrize(("name", "identity"), NAMES, ids=[name for name, _ in NAMES])
def test_a_name_of_today_leads_to_its_entry(name: str, identity: str) -> None:
    assert [entry.id for entry in catalogue().about(name)] == [identity]


TOO_YOUNG = ("registration-refused", "key-vault-operation-failed", "entra-operation-failed", "authorization-failed")


@pytest.mark.parametrize("identity", TOO_YOUNG)
def test_a_right_that_is_too_young_is_among_the_causes_and_waiting_is_the_first_step(identity: str) -> None:
    (entry,) = catalogue().about(identity)
    assert any("minutes ago" in cause.text and cause.unseen for cause in entry.causes)
    assert "wait" in entry.steps[0]
    assert "sign in again" in entry.steps[0]
