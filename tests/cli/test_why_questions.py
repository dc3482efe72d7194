"""`why` put to a whole tenant: texts as people paste them, each with what the tenant is known to say of it."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Run

MAIN, LAB, TRIAL = (f"0d1e2c3b-4a59-4687-9b10-c0a05000000{number}" for number in (1, 2, 3))
ELSEWHERE = "00000000-0000-4000-8000-000000000001"
TENANT, ANOTHER = "72c0a7b1-5d3e-4f60-9b1a-c0a050000000", "0fab71ca-3c58-4e92-a7d6-fab0b1c00000"
BRANCHES = f"/subscriptions/{MAIN}/resourceGroups/rg-migrate-branches"
PROD = f"/subscriptions/{MAIN}/resourceGroups/rg-migrate-prod"
VAULT = "contosobranches7c1dkv"
MEGAN = "a5e70001-6b1c-4d2e-8f30-c0a050000001"
ISAIAH, PRADEEP = "a5e70002-6b1c-4d2e-8f30-c0a050000002", "a5e70003-6b1c-4d2e-8f30-c0a050000003"
DIEGO, ALEX = "a5e70004-6b1c-4d2e-8f30-c0a050000004", "a5e70005-6b1c-4d2e-8f30-c0a050000005"
POLICY = f"/subscriptions/{LAB}/providers/Microsoft.Authorization/policyAssignments/deny-public-vaults"
ABOVE = "/providers/Microsoft.Management/managementGroups/contoso/providers/Microsoft.Authorization/policyAssignments"
DENY = f"{PROD}/providers/Microsoft.Authorization/denyAssignments/de170001-6e2f-4b81-9c05-c0a050000001"
GONE_APP, LIVING_APP = "ab1d0002-7c3f-4e58-b6a2-c0a050000002", "ab1d0001-7c3f-4e58-b6a2-c0a050000001"
ENDED_APP = "ab1d0004-7c3f-4e58-b6a2-c0a050000004"
CALLER = f"Caller: appid={ELSEWHERE};oid={MEGAN};iss=https://sts.windows.net/{TENANT}/ "


def taken(vault: str) -> str:
    return f"The vault name '{vault}' is already in use."


def firewall(vault: str, caller: str = CALLER) -> str:
    return (
        "Client address is not authorized and caller is not a trusted service.\nClient address: 198.51.100.7\n"
        f"{caller}\nVault: {vault};location=westeurope"
    )


def disallowed(assignment: str) -> str:
    return (
        'Resource \'kv\' was disallowed by policy. Policy identifiers: \'[{"policyAssignment":{"name":"p","id":"'
        f'{assignment}"}},"policyDefinition":{{"name":"d","id":"/providers/Microsoft.Authorization/x"}}}}]\'.'
    )


def unregistered(subscription: str, namespace: str) -> str:
    return f"The subscription '{subscription}' is not registered to use namespace '{namespace}'."


def unauthorized(account: str, scope: str, kind: str = "VMwareSites") -> str:
    return (
        f"(AuthorizationFailed) The client 'x' with object id '{account}' does not have authorization to perform "
        f"action 'Microsoft.OffAzure/{kind}/write' over scope '{scope}' or the scope is invalid."
    )


def by_policy(account: str, vault: str, permission: str) -> str:
    return (
        f"The user, group or application 'appid={ELSEWHERE};oid={account};iss=https://sts.windows.net/{TENANT}/' does "
        f"not have {permission} permission on key vault '{vault};location=westeurope'."
    )


def linked(account: str, scope: str, other: str) -> str:
    return (
        f"(LinkedAuthorizationFailed) The client 'x' with object id '{account}' has permission to perform action "
        f"'Microsoft.Network/privateEndpoints/write' on scope '{scope}'; however, it does not have permission to "
        f"perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) "
        f"'{other}/providers/Microsoft.Network/virtualNetworks/v/subnets/s' (respectively) or the linked scope(s) are "
        "invalid."
    )


def denied(identity: str, scope: str) -> str:
    return (
        f"access is denied because of the deny assignment with name 'Stack' and Id '{identity}' at scope '{scope}'. "
        "(DenyAssignmentAuthorizationFailed)"
    )


def wrong_issuer(one: str, other: str) -> str:
    return (
        f"The access token is from the wrong issuer 'https://sts.windows.net/{one}/'. It must match the tenant "
        f"'https://sts.windows.net/{other}/' associated with this subscription."
    )


QUESTIONS = [
    # names of key vaults are unique in all of Azure: what is not here may be anywhere
    (f"{taken('contosolab3d9kv')} VaultAlreadyExists", "confirmed"),
    (f"VaultAlreadyExists: {taken('contosolab3d9kv')}", "confirmed"),
    (taken(VAULT), "confirmed"),
    (f"{taken('somebodyelse')} VaultAlreadyExists", "unknown"),
    (f"{taken('somebodyelse')} (VaultAlreadyExists)", "unknown"),
    ("VaultAlreadyExists: the name `somebodyelse` cannot be used", "unknown"),
    ('{"error":{"code":"VaultAlreadyExists","message":"In use.","target":"somebodyelse"}}', "unknown"),
    ("ConflictError: vault 'somebodyelse' exists in deleted state", "unknown"),
    # another vault
    (firewall(VAULT), "confirmed"),
    (firewall("othervault"), "unknown"),
    (firewall(VAULT, CALLER.replace(TENANT, ANOTHER)), "unknown"),
    ("ForbiddenByFirewall https://othervault.vault.azure.net/secrets/x", "unknown"),
    (f"ForbiddenByFirewall https://{VAULT}.vault.azure.net/secrets/x", "confirmed"),
    ("ForbiddenByFirewall", "confirmed"),
    # another subscription, another provider
    (f"MissingSubscriptionRegistration: {unregistered(LAB, 'Microsoft.OffAzure')}", "confirmed"),
    (f"MissingSubscriptionRegistration: {unregistered(MAIN, 'Microsoft.OffAzure')}", "refuted"),
    (f"MissingSubscriptionRegistration: {unregistered(LAB, 'Microsoft.Contoso')}", "unknown"),
    (f"MissingSubscriptionRegistration: {unregistered(ELSEWHERE, 'Microsoft.OffAzure')}", "unknown"),
    ("MissingSubscriptionRegistration: namespace “Microsoft.Contoso”", "unknown"),
    (f"The subscription '{TRIAL}' is disabled and therefore marked as read only.", "confirmed"),
    (f"The subscription '{MAIN}' is disabled and therefore marked as read only.", "refuted"),
    (f"The subscription '{ELSEWHERE}' is disabled and therefore marked as read only.", "unknown"),
    (f"ReadOnlyDisabledSubscription for {ELSEWHERE}", "unknown"),
    # policies: those of management groups are in no list that shows absence
    (disallowed(POLICY), "confirmed"),
    (disallowed(f"{POLICY}-gone"), "refuted"),
    (disallowed(f"{ABOVE}/allowed-locations"), "unknown"),
    (disallowed(POLICY.replace(LAB, ELSEWHERE)), "unknown"),
    ("RequestDisallowedByPolicy: Resource 'kv' was disallowed by policy.", "unknown"),
    # deny assignments
    (denied(DENY, PROD), "confirmed"),
    (denied(DENY.rpartition("/")[2].replace("-", ""), PROD), "confirmed"),
    (denied("ffffffffffff40008000000000000001", PROD), "refuted"),
    (denied("ffffffffffff40008000000000000001", "/providers/Microsoft.Management/managementGroups/contoso"), "unknown"),
    (denied("ffffffffffff40008000000000000001", f"/subscriptions/{ELSEWHERE}"), "unknown"),
    ("DenyAssignmentAuthorizationFailed", "unknown"),
    # tokens, which no rule judges
    (wrong_issuer(ANOTHER, TENANT), "unknown"),
    ("InvalidAuthenticationTokenTenant: The access token is from the wrong issuer", "unknown"),
    # applications, also in another directory
    (f"AADSTS700016: Application with identifier '{GONE_APP}' was not found in the directory 'Contoso'.", "confirmed"),
    (f"AADSTS700016: Application with identifier '{GONE_APP}' was not found in the directory 'Other'.", "unknown"),
    (
        f"AADSTS700016: Application with identifier '{LIVING_APP}' was not found in the directory 'contoso.com'.",
        "refuted",
    ),
    (f"AADSTS700016: Application with identifier '{ELSEWHERE}' was not found in the directory 'Contoso'.", "unknown"),
    # errors of one product
    ("UnableToConnectToServer", "refuted"),
    ("Connection failed. Error: UnableToConnectToServer. Unable to connect to vCenter 'vc01'.", "unknown"),
    ("error 50004: the host hv-ber-03 cannot be resolved, WinRM", "confirmed"),
    ("error 751", "refuted"),
    # a group
    ("The resource group 'rg-nowhere' is in deprovisioning state and cannot perform this operation.", "unknown"),
    ("The resource group 'rg-migrate-prod' is in deprovisioning state and cannot perform this operation.", "refuted"),
    ("ResourceGroupBeingDeleted", "unknown"),
    # locks
    (f"(ScopeLocked) cannot perform delete operation because following scope(s) are locked: '{PROD}'.", "refuted"),
    # the request that was refused is not in the text
    ("AuthorizationFailed", "unknown"),
    ("Authorization_RequestDenied", "unknown"),
    ("AADSTS50014: The user's redemption is in pending state", "unknown"),
    # accounts, applications and storage that the text names
    ("AADSTS50057: The user account 'meganb@contoso.com' is disabled.", "refuted"),
    ("AADSTS50057: The user account 'nobody@contoso.com' is disabled.", "unknown"),
    (f"AADSTS7000222: The secret keys for app '{ENDED_APP}' are expired.", "confirmed"),
    (f"AADSTS7000222: The secret keys for app '{LIVING_APP}' are expired.", "refuted"),
    (f"error 60025 for application '{GONE_APP}'", "confirmed"),
    (f"error 60025 for application '{LIVING_APP}'", "unknown"),
    ("error 542: storage account 'migratersa7701942215' not found", "confirmed"),
    ("error 542: storage account 'otherstorage' not found", "unknown"),
    ("DeploymentFailed in resource group 'rg-migrate-lab'", "confirmed"),
    ("DeploymentFailed in resource group 'rg-nowhere'", "unknown"),
    (f"Error 60030 for vault https://{VAULT}.vault.azure.net/", "confirmed"),
    ("Error 60030 for vault https://someothervault.vault.azure.net/", "unknown"),
    (f"Error 60039 for subscription {ELSEWHERE}", "unknown"),
    (f"Error 60039, correlation id {ELSEWHERE}", "confirmed"),
    (json.dumps({"errorCode": "60039", "correlationId": ELSEWHERE}), "confirmed"),
    (json.dumps({"errorCode": "60039", "subscriptionId": ELSEWHERE}), "unknown"),
    (json.dumps({"body": json.dumps({"errorCode": "60039", "message": "\r\nVault: somebodyelse"})}), "unknown"),
    (json.dumps({"body": json.dumps({"errorCode": "60039", "requestId": ELSEWHERE})}), "confirmed"),
    ("Error 60039 for the user 'nobody@contoso.com'", "unknown"),
    ("Error ID: 60039. Click 'Register' to try again.", "confirmed"),
    (
        "ForbiddenByFirewall: Client address is not authorized and caller is not a trusted service. " + CALLER,
        "confirmed",
    ),
    (
        (
            "GET https://othervault.vault.azure.net/secrets/x\nForbiddenByFirewall: Client address is not "
            "authorized and "
            f"caller is not a trusted service. {CALLER}"
        ),
        "unknown",
    ),
    (
        (
            "AADSTS53003: Access has been blocked by Conditional Access policies. App id: "
            "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
            " Signed in as meganb@contoso.com. Correlation ID: 00000000-0000-4000-8000-000000000001"
        ),
        "unknown",
    ),
    # what stands there and no longer refuses
    (disallowed(POLICY.replace(LAB, MAIN).replace("deny", "audit")), "refuted"),
    (firewall(VAULT).replace("198.51.100.7", "203.0.113.7"), "refuted"),
    (firewall(VAULT).replace("198.51.100.7", "203.0.113"), "confirmed"),
    # an action that was refused on a linked scope alone, elsewhere than at a resource, or nobody knows where
    (linked(ALEX, BRANCHES, PROD), "refuted"),
    (linked(ALEX, PROD, BRANCHES), "confirmed"),
    (unauthorized(MEGAN, "/"), "confirmed"),
    (unauthorized(DIEGO, "/subscriptions/0d1e2c3b"), "unknown"),
    (unauthorized(DIEGO, "/subscriptions/"), "unknown"),
    (unauthorized(DIEGO, BRANCHES.replace("branches", "lab").replace(MAIN, LAB), "Nonsense"), "unknown"),
    # the very permission of an access policy, whatever else the account lacks there
    (by_policy(PRADEEP, "contosodcexit4f2akv", "secrets set"), "confirmed"),
    (by_policy(ISAIAH, "contosodcexit4f2akv", "secrets set"), "refuted"),
    (by_policy(ISAIAH, VAULT, "secrets set"), "confirmed"),
    (by_policy(ISAIAH, VAULT, "certificates get"), "refuted"),
    (by_policy(ISAIAH, VAULT, "keys wrapKey"), "confirmed"),
    (by_policy(ISAIAH, VAULT, "keys getrotationpolicy"), "unknown"),
    (by_policy(PRADEEP, "somebodyelse", "secrets set"), "unknown"),
    # two errors: one that holds is enough, one that is open leaves the other's refutation open
    (f"{taken('somebodyelse')} VaultAlreadyExists\n\n{firewall(VAULT)}", "confirmed"),
    (f"{unregistered(MAIN, 'Microsoft.OffAzure')}\n\n{taken('somebodyelse')} VaultAlreadyExists", "unknown"),
    (f"{unregistered(MAIN, 'Microsoft.OffAzure')}\n\n{unregistered(LAB, 'Microsoft.OffAzure')}", "confirmed"),
    # nothing is named, and the rule's condition holds somewhere
    ("Error ID: 60039", "confirmed"),
    ("Error ID: 60039. The project 'wave-9' was not found.", "unknown"),
    ("Error ID: 60039. The project 'contoso-pilot' was not found.", "confirmed"),
]


@pytest.mark.parametrize(("text", "verdict"), QUESTIONS)
def test_a_tenant_says_what_is_so_of_what_the_text_names(
    text: str, verdict: str, migaudit: Run, fixtures: Path
) -> None:
    done = migaudit("why", text, "--snapshot", fixtures / "contoso.yaml", "--format", "json")
    document = json.loads(done.out)
    found = {field: document[field] for field in ("questions", "named", "findings", "unjudged")}
    assert document["verdict"] == verdict, found
    assert any(found.values()) or verdict == "refuted"


@pytest.mark.parametrize(
    "error", ["AuthorizationFailed", "Authorization_RequestDenied", "DenyAssignmentAuthorizationFailed"]
)
def test_what_an_account_may_do_refutes_no_request_that_is_not_named(error: str, migaudit: Run, fixtures: Path) -> None:
    """That it may register says nothing about the action that was refused."""
    asked = ("--account", "meganb@contoso.com", "--snapshot", fixtures / "contoso.yaml", "--format", "json")
    assert json.loads(migaudit("why", error, *asked).out)["verdict"] == "unknown"
