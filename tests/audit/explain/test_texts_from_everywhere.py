"""Texts of clients, portals, logs and mails in many languages: what is answered, named, or no error at all."""

import json
from typing import Any

import pytest

from auditor.audit.catalogue import catalogue
from auditor.audit.explain.explanation import explanation
from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir

RULES = load_rules(rules_dir())
SUBSCRIPTION = "1c0ffee1-0000-4000-8000-00000000a001"
ADELE = "1c0ffee1-0000-4000-8000-00000000b001"
TENANT = "1c0ffee1-0000-4000-8000-00000000d001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
PROJECT = f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/p"
REFUSED = (
    f"The client 'a@contoso.com' with object id '{ADELE}' does not have authorization to perform action "
    f"'Microsoft.Migrate/migrateProjects/write' over scope '{PROJECT}' or the scope is invalid. If access was recently "
    "granted, please refresh your credentials."
)
LOCKED = (
    f"The scope '{PROJECT}' cannot perform write operation because following scope(s) are locked: '{GROUP}'. Please "
    "remove the lock and try again."
)
AUTHORIZATION = json.dumps({"error": {"code": "AuthorizationFailed", "message": REFUSED}})
POLICY = f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/al"
TEMPLATE = (
    f"The template deployment failed with error: 'Authorization failed for template resource 'x' of type "
    f"'Microsoft.KeyVault/vaults'. The client 'a@contoso.com' with object id '{ADELE}' does not have permission to "
    f"perform action 'Microsoft.KeyVault/vaults/write' at scope '{GROUP}/providers/Microsoft.KeyVault/vaults/x'.'."
)
ASKED: dict[str, Any] = {"account": ADELE, "scope": PROJECT}

ANSWERED: list[tuple[str, str, dict[str, Any]]] = [
    # Resource Manager, through its clients
    (
        json.dumps(
            {
                "status": "Failed",
                "error": {
                    "code": "DeploymentFailed",
                    "message": "At least one resource deployment operation failed.",
                    "details": [{"code": "Forbidden", "message": AUTHORIZATION}],
                },
            }
        ),
        "authorization-failed",
        ASKED,
    ),
    (
        json.dumps({"error": {"code": "InvalidTemplateDeployment", "message": TEMPLATE}}),
        "authorization-failed",
        {"account": ADELE, "scope": f"{GROUP}/providers/Microsoft.KeyVault/vaults/x"},
    ),
    (
        f"HTTP/1.1 403 Forbidden\r\nx-ms-request-id: {TENANT}\r\n\r\n{AUTHORIZATION}",
        "authorization-failed",
        ASKED,
    ),
    (f"Microsoft.Rest.Azure.CloudException: {REFUSED}\r\n   at X()\r\n", "authorization-failed", ASKED),
    (f"Error: unexpected status 403 with error: AuthorizationFailed: {REFUSED}", "authorization-failed", ASKED),
    (f"{{'error': {{'code': 'AuthorizationFailed', 'message': \"{REFUSED}\"}}}}", "authorization-failed", ASKED),
    (f"error:\n  code: AuthorizationFailed\n  message: >\n    {REFUSED}", "authorization-failed", ASKED),
    (f"| code | AuthorizationFailed |\n|---|---|\n| message | {REFUSED} |", "authorization-failed", ASKED),
    (f"> {REFUSED}".replace(" over scope", "\n> over scope"), "authorization-failed", ASKED),
    (AUTHORIZATION[: AUTHORIZATION.index("/providers")], "authorization-failed", {"account": ADELE, "scope": ""}),
    (
        f"│ Error: creating\n│ on main.tf line 60052\n│ with error: ScopeLocked: {LOCKED}".replace(
            " following", "\n│ following"
        ),
        "scope-locked",
        {"locked": (GROUP,)},
    ),
    (
        "<html><body><div>{&quot;code&quot;:&quot;ScopeLocked&quot;,&quot;message&quot;:&quot;"
        + LOCKED.replace("'", "&#39;")
        + "&quot;}</div></body></html>",
        "scope-locked",
        {"locked": (GROUP,)},
    ),
    ('b\'{"error":{"code":"ScopeLocked","message":"locked"}}\'', "scope-locked", {}),
    (
        "New-AzResourceGroupDeployment: Error: Code=RequestDisallowedByPolicy; Message=Resource 'kv' was disallowed by "
        'policy. Policy identifiers: \'[{"policyAssignment":{"name":"Allowed","id":"' + POLICY + "\"}}]'.",
        "policy-refuses",
        {},
    ),
    (
        (
            'Code="MissingSubscriptionRegistration" Message="The subscription is not registered to use namespace '
            "'Microsoft.OffAzure'. See https://aka.ms/rps-not-found\""
        ),
        "provider-not-registered",
        {"provider": "Microsoft.OffAzure"},
    ),
    (
        (
            f"Azure.RequestFailedException: The user, group or application "
            f"'appid=x;oid={ADELE};iss=https://x/{TENANT}/' "
            "does not have secrets set permission on key vault 'kv1abc;location=westeurope'.\nStatus: 403 (Forbidden)"
        ),
        "vault-refuses-by-access-policy",
        {"vault": "kv1abc", "account": ADELE},
    ),
    # Entra and Graph
    (
        (
            f'{{"error":"invalid_client","error_description":"AADSTS7000222: The keys for app \'{ADELE}\' are expired. '
            'Trace ID: 9c \\r\\nCorrelation ID: d","error_codes":[7000222]}'
        ),
        "application-secret-refused",
        {},
    ),
    ("Sorry, but we’re having trouble signing you in.\nAADSTS50020: User account 'x'", "account-not-in-tenant", {}),
    (f"Request Id: {SUBSCRIPTION[:-5]}60052\nError Code: 50105", "account-not-assigned-to-application", {}),
    ("errorCode: 53003", "blocked-by-conditional-access", {}),
    ("AADSTS 53003", "blocked-by-conditional-access", {}),
    ("AADSTS-53003", "blocked-by-conditional-access", {}),
    (
        (
            "Microsoft.Graph.ServiceException: Code: Authorization_RequestDenied\r\nMessage: Insufficient "
            "privileges to "
            "complete the operation.\r\nInner error:\r\n\tdate: 2026"
        ),
        "graph-request-denied",
        {},
    ),
    # other languages
    ("Le client « a@contoso.com » : AuthorizationFailed", "authorization-failed", {}),
    (
        f"Der Client „a@contoso.com“ ist nicht berechtigt ({PROJECT}). Code: AuthorizationFailed",
        "authorization-failed",
        {},
    ),
    ("El cliente no tiene autorización (AuthorizationFailed)", "authorization-failed", {}),
    ("错误 ID：60052", "registration-refused", {}),  # noqa: RUF001 - full-width signs are meant
    ("６００５２", "registration-refused", {}),  # noqa: RUF001 - full-width digits are meant
    ("エラー ID: 60039", "registration-project-not-found", {}),
    ("Ошибка 60052", "registration-refused", {}),
    ("Erreur n° 60052", "registration-refused", {}),
    ("codice errore: 60025", "entra-operation-failed", {}),
    # the appliance
    (f"10:00:01 [ERR] ErrorId=60052 CorrelationId={SUBSCRIPTION[:-5]}60039", "registration-refused", {}),
    ("<Error><Code>60030</Code><Message>Forbidden</Message></Error>", "key-vault-operation-failed", {}),
    ("[60039] Project not found", "registration-project-not-found", {}),
    ("Error ID\n60052\nError message\nThe appliance…", "registration-refused", {}),
    ("Errors 60030-60031", "key-vault-operation-failed", {}),
    ("error 60052/60053", "registration-refused", {}),
    ("Unable to connect to the remote server. UnableToConnectToServer", "vcenter-connection", {}),
    ("error code: 0x80070005 (E_ACCESSDENIED)", "server-winrm-denied", {}),
]
NO_ERROR = [
    "process 60052 exited",
    "PID 60052",
    "port 60052 is open",
    "60052 bytes sent",
    "Request took 60052 ms",
    "Price: 60052 EUR",
    "ticket #60052 about printers",
    "on main.tf line 60052",
    "AuthorizationFailedAuthorizationFailed",
    "NotAuthorizationFailed",
    "eyJhbGciOiJub25lIn0.eyJlcnIiOiI2MDA1MiJ9.",
    "Code: Request_ResourceNotFound\r\nMessage: Resource 'x' does not exist.",
    "error 53003 in SQL",
]


@pytest.mark.parametrize(("text", "entry", "named"), ANSWERED)
def test_what_somebody_has_leads_to_its_entry_and_names_its_things(
    text: str, entry: str, named: dict[str, Any]
) -> None:
    found = explanation(text, catalogue(), RULES)
    assert [one.entries[0].id for one in found.shown][:1] == [entry]
    details = [{field: getattr(error.details, field) for field in named} for error in found.errors]
    assert named in details or not named


@pytest.mark.parametrize("text", NO_ERROR)
def test_what_is_no_error_is_not_explained(text: str) -> None:
    assert explanation(text, catalogue(), RULES).shown == ()
