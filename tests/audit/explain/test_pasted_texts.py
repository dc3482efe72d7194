"""Texts as people paste them, each with the entry that must come first."""

import json
from typing import Any

import pytest

from auditor.audit.catalogue import catalogue
from auditor.audit.explain.explanation import Explanation, explanation
from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir

RULES = load_rules(rules_dir())
SUBSCRIPTION = "/subscriptions/1c0ffee1-0000-4000-8000-00000000a001"
ADELE = "1c0ffee1-0000-4000-8000-00000000b001"


def found(text: str) -> Explanation:
    return explanation(text, catalogue(), RULES)


def error(code: str, message: str = "It failed.", **more: Any) -> str:
    return json.dumps({"error": {"code": code, "message": message, **more}})


HEADINGS = {
    "I can't find my existing Azure Migrate project.": "project-not-found-in-portal",
    "I can’t find my existing Azure Migrate project": "project-not-found-in-portal",
    "How do I create a second Azure Migrate project?": "second-project",
    "Which Azure geographies does Azure Migrate support?": "supported-geographies",
    "How do I delete Azure Migrate projects and associated Log Analytics workspaces?": "delete-project-and-workspace",
    'Migration project creation failed with a "Requests must contain user identity headers" error.': (
        "user-identity-headers"
    ),
    'Deployment of an Azure Migrate appliance for VMware failed with a "The provided manifest file is invalid: Invalid '
    'OVF manifest entry" error.': "ovf-manifest",
    "The appliance can't connect to the internet.": "appliance-no-internet",
    "Error 802: Date and time synchronization error.": "clock-skew",
    "Error 802: date and time synchronisation error": "clock-skew",
    "Connection failed. Error: UnableToConnectToServer.": "vcenter-connection",
    "The appliance might not be registered successfully to the Azure Migrate project (Error ID: 60052).": (
        "registration-refused"
    ),
    "The appliance might not be registered successfully to the Azure Migrate project (Error ID: 60039).": (
        "registration-project-not-found"
    ),
    "An Azure Key Vault management operation failed (Error ID: 60030, 60031).": "key-vault-operation-failed",
    "Discovery couldn't be initiated because of an error. The operation failed for the specified list of hosts or "
    "clusters (Error ID: 60028).": "discovery-not-started",
    "An Azure AD operation failed. The error occurred while creating or updating the Azure AD application (Error ID: "
    "60025).": "entra-operation-failed",
    "I started discovery but don't see the discovered VMs on the Azure portal. The Server Assessment and Server "
    'Migration tiles show a status of "Discovery in progress."': "discovery-in-progress",
    "I'm using an appliance that continuously discovers my on-premises environment, but the VMs that are deleted in my "
    "on-premises environment are still shown in the portal.": "deleted-machines-still-shown",
    "Why is the disk SKU recommended by Server Assessment bigger than what's allocated on-premises?": (
        "disk-size-larger"
    ),
    "I don't see the latest information on the on-premise VMs on the portal.": "machines-out-of-date",
    "Can't connect to a host or cluster because the server name can't be resolved. WinRM error code: 0x803381B9 (Error "
    "ID: 50004).": "winrm-name-not-resolved",
    "Azure readiness issues": "azure-readiness",
    "I can't specify Enterprise Agreement (EA) as an Azure offer in the assessment properties.": (
        "enterprise-agreement-offer"
    ),
    'Why does Server Assessment mark my Linux VMs "Conditionally ready"?': "linux-conditionally-ready",
    "Why does the VM SKU recommended by Server Assessment have more cores and more memory than what's allocated "
    "on-premises?": "machine-size-larger",
    'Why does my assessment report indicate "PercentageOfCoresUtilizedMissing" or "PercentageOfMemoryUtilizedMissing" '
    "for some VMs?": "performance-data-missing",
    "Is the OS license cost of the VM included in the compute cost estimated by Server Assessment?": "license-cost",
    "Is the OS licence cost of the VM included?": "license-cost",
    "What impact do performance history and percentile utilization have on the size recommendations?": (
        "performance-history"
    ),
    "What impact do performance history and percentile utilisation have on the size recommendations?": (
        "performance-history"
    ),
    "I can't find the dependency visualization functionality for Azure Government projects.": (
        "dependencies-in-azure-government"
    ),
    "I installed the Microsoft Monitoring Agent (MMA) and the dependency agent on my on-premises VMs, but the "
    "dependencies are now showing up in the Azure Migrate portal.": "dependencies-not-shown",
    "What operating systems does MMA support?": "monitoring-agent-systems",
    "What operating systems does the dependency agent support?": "dependency-agent-systems",
    "I can't visualize dependencies in Azure Migrate for more than a one-hour duration.": (
        "dependencies-longer-than-an-hour"
    ),
    "I can't visualise dependencies in Azure Migrate for more than a one-hour duration.": (
        "dependencies-longer-than-an-hour"
    ),
    "I can't visualize dependencies for groups that have more than 10 VMs.": "dependencies-of-large-groups",
    "I installed agents and used the dependency visualization to create groups. Now, post-failover, the machines show "
    '"Install agent" action instead of "View dependencies."': "dependencies-after-failover",
    "Collect Azure portal logs": "portal-network-log",
}

IDS = {
    "60052": "registration-refused",
    " 60052 ": "registration-refused",
    "error 60052": "registration-refused",
    "Error ID: 60052": "registration-refused",
    "Error ID 60052.": "registration-refused",
    "(Error ID: 60052)": "registration-refused",
    "error id = 60052": "registration-refused",
    "errorcode:60052": "registration-refused",
    "ErrorCode=60052;": "registration-refused",
    "Error Code - 60052": "registration-refused",
    "[Error] 60052": "registration-refused",
    "#60052": "registration-refused",
    "appliance failed with 60052": "registration-refused",
    "What does error 60039 mean?": "registration-project-not-found",
    "60030, 60031": "key-vault-operation-failed",
    "60030/60031": "key-vault-operation-failed",
    "60031 & 60030": "key-vault-operation-failed",
    "Errors 60030 and 60031": "key-vault-operation-failed",
    "Error ID:\u00a060025": "entra-operation-failed",
    "Error ID: 60\u200b025": "entra-operation-failed",
    "error 802": "clock-skew",
    "802": "clock-skew",
    "0x803381B9": "winrm-name-not-resolved",
    "0x803381b9": "winrm-name-not-resolved",
    "WinRM error code: 0x803381B9": "winrm-name-not-resolved",
    "HRESULT: -2144108103": "winrm-name-not-resolved",
    "HRESULT: 2150859193": "winrm-name-not-resolved",
    "9012": "guest-discovery-errors",
    "Error ID 10004: guest": "guest-discovery-errors",
    "1039": "vault-permissions-lost",
    "InsufficientPermissionsOnKeyVault": "vault-permissions-lost",
    "error: insufficientpermissionsonkeyvault": "vault-permissions-lost",
    "542 StorageAccountNotFound": "cache-storage-gone",
    "StorageAccountNotFound": "cache-storage-gone",
    "DataPreconditionFailed": "private-link-identity",
    "AADSTS53003": "blocked-by-conditional-access",
    "aadsts53003": "blocked-by-conditional-access",
    "AADSTS53000: Device is not in required device state: compliant.": "device-code-refused",
    "ServiceResourceNotEmptyWithContainerDetails": "vault-not-empty",
    "user-identity-headers": "user-identity-headers",
}

SHAPES = {
    "an error of Resource Manager": (error("ScopeLocked"), "scope-locked"),
    "one in the colours of PowerShell": (
        "\x1b[31;1mNew-AzResource: \x1b[31;1mError\x1b[0m \x1b[36;1m60052\x1b[0m",
        "registration-refused",
    ),
    "one with spaces": (json.dumps(json.loads(error("ScopeLocked")), indent=2), "scope-locked"),
    "one without the outer object": ('{"code": "ScopeLocked", "message": "Locked."}', "scope-locked"),
    "one that was cut": ('{"error":{"code":"ScopeLocked","message":"The scope \'/subscr', "scope-locked"),
    "one in another": (
        error("DeploymentFailed", details=[{"code": "Conflict", "message": error("ScopeLocked")}]),
        "scope-locked",
    ),
    "one in a string": (json.dumps(error("ScopeLocked")), "scope-locked"),
    "one in a string twice": (json.dumps(json.dumps(error("ScopeLocked"))), "scope-locked"),
    "one in a log": (f"2026-11-23T10:00:00Z WARN response {error('ScopeLocked')} after 3 tries", "scope-locked"),
    "one in a log, quoted": (f'time="10:00" body={json.dumps(error("ScopeLocked"))}', "scope-locked"),
    "what az prints": ("ERROR: (ScopeLocked) The scope is locked.\nCode: ScopeLocked\nMessage: The", "scope-locked"),
    "PowerShell's words": (
        "New-AzResourceGroup: 10:00:00 - Error: Code=ScopeLocked; Message=The scope cannot perform write operation",
        "scope-locked",
    ),
    "a page": ("<div class='e'><b>Error&nbsp;ID:</b> <span>60052</span></div>", "registration-refused"),
    "a page with a script": ("<p>Error 60052</p><script>var error = 60039</script>", "registration-refused"),
    "a page with entities": ("<p>Requests must contain user identity&#32;headers</p>", "user-identity-headers"),
    "line ends of Windows": ("Registration failed.\r\nError ID: 60052\r\n", "registration-refused"),
    "line ends of old Macs": ("Registration failed.\rError ID: 60052\r", "registration-refused"),
    "typographic quotes": ("“Requests must contain user identity headers”", "user-identity-headers"),
    "a sentence over two lines": ("Requests must contain\n   user identity headers", "user-identity-headers"),
    "numbers in JSON": ('{"properties": {"errors": [{"id": 60052, "severity": "Error"}]}}', "registration-refused"),
    "a code as text in JSON": ('{"errorCode": "60039", "errorMessage": "x"}', "registration-project-not-found"),
    "an error of Entra": (
        '{"error":"invalid_grant","error_description":"AADSTS53003: Access has been blocked.","error_codes":[53003]}',
        "blocked-by-conditional-access",
    ),
    "a table of tabs": ("Severity\tError ID\tMessage\nHigh\t60052\tnot registered", "registration-refused"),
}

WHERE = f"{SUBSCRIPTION}/resourceGroups/rg-migrate"
VAULT = f"{WHERE}/providers/Microsoft.KeyVault/vaults/migkv"
FIELD = {
    "Fehler-ID: 60052": "registration-refused",
    "Fehlercode 60030": "key-vault-operation-failed",
    "Código de error: 60039": "registration-project-not-found",
    "Code d’erreur : 60025": "entra-operation-failed",
    "エラー コード: 60001:UnableToConnectToPhysicalServer": "server-unreachable",
    "error 50004 winrm": "winrm-name-not-resolved",
    "Details Azure Key Vault create or update operation failed for &amp;amp;#39;https://kv.vault.azure.net/&amp;amp;#39;."
    " The error encountered is &amp;amp;#39;AKV10022: Invalid audience.&amp;amp;#39; Recommendation Please check": (
        "vault-token-refused"
    ),
    'The check failed as the URL https://graph.windows.net/ is not reachable and has returned an error: "401 : '
    'Unauthorized".': "graph-windows-net-unauthorized",
    "Microsoft Entra operation failed with status Forbidden": "entra-operation-failed",
    "Azure Active Directory (AAD) operation failed with status Forbidden.": "entra-operation-failed",
    "Service request failed.\nStatus: 403 (Forbidden)\nErrorCode: ForbiddenToAccessKeyVault": (
        "key-vault-operation-failed"
    ),
    "403: This request is not authorized to perform this operation.": "report-not-authorized",
    f"Caller is not authorized to perform action on resource.\nCaller: appid=a;oid={ADELE};iss=b\nAction: "
    f"'Microsoft.KeyVault/vaults/secrets/getSecret/action'\nResource: '{VAULT}'\nInner error: "
    '{ "code": "ForbiddenByRbac" }': "vault-refuses-by-role",
    f"The user, group or application 'appid=a;oid={ADELE};numgroups=1' does not have secrets get permission on key "
    "vault 'migkv;location=westeurope'.": "vault-refuses-by-access-policy",
    "Client address is not authorized and caller is not a trusted service. Inner error: ForbiddenByFirewall": (
        "vault-refuses-by-firewall"
    ),
    "Public network access is disabled and request is not from a trusted service nor via an approved private link. "
    "ForbiddenByConnection": "vault-refuses-public-connection",
    f"The client 'a@contoso.example' with object id '{ADELE}' does not have authorization to perform action "
    f"'Microsoft.Migrate/migrateProjects/write' over scope '{WHERE}' or the scope is invalid.": "authorization-failed",
    "(AuthorizationFailed) The client": "authorization-failed",
    error(
        "DenyAssignmentAuthorizationFailed",
        f"The client 'a' with object id '{ADELE}' has permission to perform action 'Microsoft.Storage/storageAccounts/"
        f"listKeys/action' on scope '{WHERE}'; however, the access is denied because of the deny assignment with name "
        f"'System' and Id 'bb83c1f70be4470981c82dbd01457724' at scope '{WHERE}'.",
    ): "deny-assignment-refuses",
    error("LinkedAuthorizationFailed", "The client has permission, but not on the linked scope(s)"): (
        "linked-authorization-failed"
    ),
    "RequestDisallowedByPolicy: Resource 'kv' was disallowed by policy.": "policy-refuses",
    "The subscription isn't registered to use namespace 'Microsoft.OffAzure'. MissingSubscriptionRegistration": (
        "provider-not-registered"
    ),
    "VaultAlreadyExists: The vault name 'migkv' is already in use.": "vault-name-in-use",
    "VaultAlreadyExists": "vault-name-in-use",
    "A vault with the same name already exists in deleted state.": "vault-conflict",
    "ResourceNotFound: The Resource 'Microsoft.Migrate/migrateProjects/p' under resource group 'rg' was not found.": (
        "resource-not-found"
    ),
    "Code=ResourceGroupNotFound; Message=Resource group 'rg' could not be found.": "resource-not-found",
    "SubscriptionNotFound": "subscription-not-found",
    "ExpiredAuthenticationToken: The access token expiry UTC time '10:00' is earlier than current UTC time '11:00'.": (
        "access-token-expired"
    ),
    "InvalidAuthenticationTokenTenant: The access token is from the wrong issuer": "token-of-another-tenant",
    "HTTP 429 TooManyRequests": "resource-manager-throttles",
    "The request is being throttled.": "resource-manager-throttles",
    "Server Error: 502 Bad Gateway": "azure-service-failed",
    "Key based authentication is not permitted on this storage account.": "storage-keys-not-permitted",
    '{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}': (
        "graph-request-denied"
    ),
    '{"odata.error":{"code":"Authorization_RequestDenied","message":{"lang":"en","value":"Insufficient"}}}': (
        "graph-request-denied"
    ),
    "Directory_QuotaExceeded": "directory-quota-exceeded",
    "AADSTS50058: A silent sign-in request was sent but no user is signed in.": "session-ended",
    "AADSTS50076: Due to a configuration change use multi-factor authentication": "sign-in-needs-another-factor",
    "AADSTS50079": "sign-in-needs-another-factor",
    "AADSTS500121: Authentication failed during strong authentication request.": "sign-in-needs-another-factor",
    "AADSTS50005: User tried to log in to a device from an unsupported platform": "sign-in-refused-by-policy",
    "AADSTS50105": "account-not-assigned-to-application",
    "AADSTS65001: The user or administrator has not consented": "consent-missing",
    "AADSTS700016: Application with identifier 'a' was not found in the directory 'Contoso'.": (
        "sign-in-application-missing"
    ),
    "AADSTS7000215: Invalid client secret provided.": "application-secret-refused",
    "AADSTS90072: User account 'a' from identity provider 'live.com' does not exist in tenant": "account-not-in-tenant",
    "Access is denied. 0x80070005": "server-winrm-denied",
    "Failed to fetch BIOS GUID": "bios-guid-missing",
    "AgentNotConnected": "agent-not-connected",
    "SQL 30004": "sql-rights-missing",
    "error id 40001": "web-iis-console-missing",
    "181008": "replication-no-disk-snapshots",
    "VDDK not found": "vddk-check-failed",
    "UnableToConnectToServer": "vcenter-connection",
    "PIM": "role-only-through-pim",
}

QUESTIONS = {
    "Discovery is in progress for days": "discovery-in-progress",
    "why is my appliance disconnected": "appliance-disconnected",
    "device code blocked": "blocked-by-conditional-access",
    "log analytics workspace still there after deleting project": "delete-project-and-workspace",
    "my clock is wrong": "clock-skew",
    "clock skew on the appliance": "clock-skew",
    "appliance is offline": "appliance-no-internet",
    "guest invitation": "user-identity-headers",
    "key vault forbidden": "key-vault-operation-failed",
    "license costs": "license-cost",
    "licence": "license-cost",
    "delete a project and its workspace": "delete-project-and-workspace",
    "which regions are supported": "supported-geographies",
    "HAR file": "portal-network-log",
    "deleted machines still shown": "deleted-machines-still-shown",
    "conditional access": "blocked-by-conditional-access",
    "recovery services vault cannot be deleted": "vault-not-empty",
}


@pytest.mark.parametrize(
    ("text", "entry"), [*HEADINGS.items(), *IDS.items(), *SHAPES.values(), *FIELD.items(), *QUESTIONS.items()]
)
def test_a_text_leads_to_its_entry(text: str, entry: str) -> None:
    answer = found(text)
    assert [match.entry.id for match in answer.matches][:1] == [entry]
    assert answer.unknown == ()


@pytest.mark.parametrize("text", [*HEADINGS, *IDS, *(text for text, _ in SHAPES.values())])
def test_what_is_named_is_explained_in_full_and_first(text: str) -> None:
    answer = found(text)
    assert answer.shown[0].entries == (answer.matches[0].entry,)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("60053", ("60053",)),
        ("Error 50005", ("50005",)),
        ("error 60053", ("60053",)),
        ("Error ID: 60053. The appliance might not be registered successfully.", ("60053",)),
        ("AADSTS53999: Access has been blocked by Conditional Access policies.", ("AADSTS53999",)),
        ("0x80338111", ("0x80338111",)),
    ],
)
def test_a_number_is_never_answered_with_another(text: str, unknown: tuple[str, ...]) -> None:
    answer = found(text)
    assert (answer.matches, answer.shown, answer.unknown) == ((), (), unknown)


def test_the_words_around_an_unknown_number_are_no_answer() -> None:
    answer = found("AADSTS50999: A silent sign-in request was sent but no user is signed in.")
    assert (answer.shown, answer.unknown) == ((), ("AADSTS50999",))


def test_a_known_and_an_unknown_error_are_both_named() -> None:
    answer = found("Errors: 60052, 60053")
    assert [match.entry.id for match in answer.matches] == ["registration-refused"]
    assert answer.unknown == ("60053",)


@pytest.mark.parametrize(
    "text",
    [
        "how do I bake bread",
        "the printer is on fire",
        "kubernetes pod crash loop",
        "http status code 802",
        "connected to port 60052 with 542 bytes" + " and nothing else happened" * 100,
        "1c0ffee1-6005-4000-8000-000000060052",
        "at 2026-11-23T10:00:00.60052Z all was well",
        "{}",
        "[[[[",
        "<p></p>",
        "\x1b[31m\x07\x00",
    ],
)
def test_nothing_is_found_where_nothing_fits(text: str) -> None:
    answer = found(text)
    assert (answer.matches, answer.shown) == ((), ())


def test_several_errors_are_ranked_by_how_certain_they_are() -> None:
    answer = found(f"Error 60052 {error('ScopeLocked')} and Requests must contain user identity headers")
    assert [match.entry.id for match in answer.matches] == [
        "registration-refused",
        "scope-locked",
        "user-identity-headers",
    ]
    assert [one.entries[0].id for one in answer.shown] == ["registration-refused", "scope-locked"]


def test_a_topic_lists_its_entries() -> None:
    answer = found("Discovery issues")
    assert {match.entry.topic for match in answer.matches} == {"discovery"}
    assert answer.shown == ()


def test_a_rule_is_explained_as_before() -> None:
    answer = found("application-missing")
    assert answer.is_one_name
    assert answer.shown[0].by_rule
