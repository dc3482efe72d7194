"""What is taken out of Azure's own errors: the account, the action, the scope, the policy, and the next command."""

import json
import shlex
from typing import Any

import pytest

from auditor.audit.explain.azure_errors import AzureError, azure_errors
from auditor.audit.explain.error_details import PolicyInError
from auditor.audit.explain.next_commands import next_commands
from auditor.audit.explain.pasted_text import pasted

SUBSCRIPTION = "1c0ffee1-0000-4000-8000-00000000a001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-migrate"
PROJECT = f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/wave-1"
VAULT = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-migrate/providers/microsoft.keyvault/vaults/wave1kv"
ADELE = "1c0ffee1-0000-4000-8000-00000000b001"
APP = "1c0ffee1-0000-4000-8000-00000000c001"
HOME, OTHER = "1c0ffee1-0000-4000-8000-00000000d001", "1c0ffee1-0000-4000-8000-00000000d002"
ASSIGNMENT = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/tags"
DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions/need-tag"

REFUSED = (
    f"The client 'adele@contoso.com' with object id '{ADELE}' does not have authorization to perform action "
    f"'Microsoft.Migrate/migrateProjects/write' over scope '{PROJECT}' or the scope is invalid. If access was recently "
    "granted, please refresh your credentials."
)
LINKED = (
    f"The client 'adele@contoso.com' with object id '{ADELE}' has permission to perform action "
    f"'Microsoft.Network/privateEndpoints/write' on scope '{GROUP}'; however, it does not have permission to perform "
    f"action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '{GROUP}/providers/"
    "Microsoft.Network/virtualNetworks/v/subnets/s' (respectively) or the linked scope(s) are invalid."
)
DENIED = (
    f"The client 'adele@contoso.com' with object id '{ADELE}' has permission to perform action "
    f"'Microsoft.KeyVault/vaults/write' on scope '{GROUP}'; however, the access is denied because of the deny "
    f"assignment with name 'Stack' and Id '{SUBSCRIPTION.replace('-', '')}' at scope '{GROUP}'."
)
POLICY = (
    'Resource \'wave1kv\' was disallowed by policy. Policy identifiers: \'[{"policyAssignment":{"name":"Tags",'
    f'"id":"{ASSIGNMENT}"}},"policyDefinition":{{"name":"Need a tag","id":"{DEFINITION}"}}}}]\'.'
)
RBAC = (
    "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
    "definitions were changed recently, please observe propagation time.\r\n"
    f"Caller: appid={APP};oid={ADELE};iss=https://sts.windows.net/{HOME}/\r\n"
    f"Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: '{VAULT}/secrets/s'\r\n"
    "Assignment: (not found)\r\nDecisionReason: 'DeniedWithNoValidRBAC'\r\nVault: wave1kv;location=westeurope\r\n"
)
BY_POLICY = (
    f"The user, group or application 'appid={APP};oid={ADELE};numgroups=0;iss=https://x/{HOME}/' does not have "
    "secrets get permission on key vault 'wave1kv;location=westeurope'."
)
FIREWALL = (
    "Client address is not authorized and caller is not a trusted service.\r\nClient address: 198.51.100.7\r\n"
    f"Caller: appid={APP};oid={ADELE};iss=https://sts.windows.net/{HOME}/\r\nVault: wave1kv;location=westeurope"
)


def body(code: str, message: str, **more: Any) -> str:
    return json.dumps({"error": {"code": code, "message": message, **more}})


def the_error(text: str) -> AzureError:
    return azure_errors(pasted(text))[0]


@pytest.mark.parametrize(
    "text",
    [
        REFUSED,
        body("AuthorizationFailed", REFUSED),
        f"ERROR: (AuthorizationFailed) {REFUSED}\nCode: AuthorizationFailed\nMessage: {REFUSED}",
        body("DeploymentFailed", "", details=[{"code": "Conflict", "message": body("AuthorizationFailed", REFUSED)}]),
        f"<pre>{REFUSED.replace(chr(39), '&#39;')}</pre>",
        json.dumps(body("AuthorizationFailed", REFUSED)),
        f"10:00:01 WARN {body('AuthorizationFailed', REFUSED)} retry 3",
    ],
)
def test_a_refusal_names_who_what_and_where(text: str) -> None:
    error = the_error(text)
    said = error.details
    assert error.code == "AuthorizationFailed"
    assert (said.account, said.account_name) == (ADELE, "adele@contoso.com")
    assert (said.action, said.scope) == ("Microsoft.Migrate/migrateProjects/write", PROJECT)
    assert [one.command for one in next_commands(error)] == [
        f"migaudit can --account {ADELE} --action {said.action} --scope {PROJECT}",
        f"migaudit who-can --action {said.action} --scope {PROJECT}",
    ]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        (
            LINKED,
            "LinkedAuthorizationFailed",
            {
                "linked_action": "Microsoft.Network/virtualNetworks/subnets/join/action",
                "linked_scope": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
            },
        ),
        (DENIED, "DenyAssignmentAuthorizationFailed", {"action": "Microsoft.KeyVault/vaults/write", "scope": GROUP}),
        (
            "The subscription is not registered to use namespace 'Microsoft.OffAzure'. See https://aka.ms/rps-not-found",
            "MissingSubscriptionRegistration",
            {"provider": "Microsoft.OffAzure"},
        ),
        (
            f"cannot perform delete operation because following scope(s) are locked: '{GROUP}'. Please remove the lock",
            "ScopeLocked",
            {"locked": (GROUP,)},
        ),
        (
            "The vault name 'wave1kv' is already in use. Vault names are globally unique so the name may be taken.",
            "VaultAlreadyExists",
            {"vault": "wave1kv"},
        ),
        (
            body("Forbidden", RBAC, innererror={"code": "ForbiddenByRbac"}),
            "ForbiddenByRbac",
            {
                "account": ADELE,
                "action": "Microsoft.KeyVault/vaults/secrets/getSecret/action",
                "data_action": True,
                "vault": "wave1kv",
            },
        ),
        (
            body("Forbidden", BY_POLICY, innererror={"code": "ForbiddenByPolicy"}),
            "ForbiddenByPolicy",
            {"action": "Microsoft.KeyVault/vaults/secrets/getSecret/action", "data_action": True, "vault": "wave1kv"},
        ),
        (
            body("Forbidden", FIREWALL, innererror={"code": "ForbiddenByFirewall"}),
            "ForbiddenByFirewall",
            {"address": "198.51.100.7", "vault": "wave1kv"},
        ),
        (
            body(
                "InvalidAuthenticationTokenTenant",
                f"The access token is from the wrong issuer 'https://sts.windows.net/{OTHER}/'. It must match the "
                f"tenant 'https://sts.windows.net/{HOME}/' associated with this subscription.",
            ),
            "InvalidAuthenticationTokenTenant",
            {"tenants": (OTHER, HOME)},
        ),
        (
            "AADSTS700016: Application with identifier '" + APP + "' was not found in the directory 'Contoso'.",
            "AADSTS700016",
            {"application": APP},
        ),
    ],
)
def test_an_error_names_what_it_is_about(text: str, code: str, named: dict[str, Any]) -> None:
    error = the_error(text)
    assert error.code == code
    assert {field: getattr(error.details, field) for field in named} == named


def test_a_policy_is_named_with_what_the_message_and_the_body_say_of_it() -> None:
    info = {"policyDefinitionEffect": "deny", "policyAssignmentId": ASSIGNMENT, "policySetDefinitionId": "/set"}
    error = the_error(
        body("RequestDisallowedByPolicy", POLICY, additionalInfo=[{"type": "PolicyViolation", "info": info}])
    )
    assert error.details.policies == (
        PolicyInError(assignment=ASSIGNMENT, definition=DEFINITION, initiative="/set", effect="deny", name="Tags"),
    )
    assert [one.command for one in next_commands(error)] == [
        f"az policy assignment show --name tags --scope /subscriptions/{SUBSCRIPTION}"
    ]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            f"because following scope(s) are locked: '{GROUP}/providers/a/b/c'.",
            f"az lock list --resource-group rg-migrate --subscription {SUBSCRIPTION}",
        ),
        (
            f"because following scope(s) are locked: '/subscriptions/{SUBSCRIPTION}'.",
            f"az lock list --subscription {SUBSCRIPTION}",
        ),
        (FIREWALL, "az keyvault network-rule add --name wave1kv --ip-address 198.51.100.7"),
        (
            f"subscription '{SUBSCRIPTION}': The subscription is not registered to use namespace 'Microsoft.OffAzure'.",
            f"az provider register --namespace Microsoft.OffAzure --subscription {SUBSCRIPTION}",
        ),
        ("The vault name 'kv1' is already in use. Vault names are x", "az keyvault show-deleted --name kv1"),
    ],
)
def test_an_error_leads_to_a_command(text: str, command: str) -> None:
    assert command in [one.command for one in next_commands(the_error(text))]


@pytest.mark.parametrize("name", ["$(reboot)", "a;b", "`id`", "x\ny", "--help", "a b"])
def test_a_name_in_a_message_is_one_word_of_a_command_or_none(name: str) -> None:
    text = REFUSED.replace("wave-1", name).replace("adele@contoso.com", name)
    for error in azure_errors(pasted(text)):
        for one in next_commands(error):
            words = shlex.split(one.command)
            assert words[0] == "migaudit"
            assert "reboot" not in words
            assert all(word not in {"id", "b", "reboot)"} for word in words)


def test_an_error_said_five_times_is_one_error() -> None:
    assert len(azure_errors(pasted("\n".join([body("AuthorizationFailed", REFUSED)] * 5)))) == 1


def test_two_accounts_are_two_errors() -> None:
    other = REFUSED.replace(ADELE, APP)
    accounts = [error.details.account for error in azure_errors(pasted(f"{REFUSED}\n\n{other}"))]
    assert accounts == [ADELE, APP]
