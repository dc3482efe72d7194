"""What support needs to read a copy stays to the letter: errors, ids, names of what is about secrets, commands."""

import json

import pytest

from auditor.har.scrub.text import text_without_secrets
from tests.har.scrub.planted import GUID

HARMLESS = [
    "The value 'Standard_LRS' of property 'sku' is invalid.",
    "The Resource 'Microsoft.KeyVault/vaults/kv1' under resource group 'rg' was not found.",
    "Password is required",
    "The password is too weak",
    "password was changed on 2026-11-30",
    "the secret is disabled",
    "secret is expired.",
    "Pin is required",
    "pin to dashboard",
    "Use the code samples below",
    "enter the code below",
    "use code AADSTS50076 to find",
    "Parameter 'keyVaultName' has invalid value 'kv_1'",
    "The value 'abc' for 'tokenLifetime' is invalid",
    "Operation returned an invalid status code 'Forbidden'",
    "Error code: 60052 (0x80072EE7)",
    "az keyvault secret set --vault-name kv1 --name s1",
    "az login --use-device-code",
    "az login --service-principal",
    "docker login x.azurecr.io",
    "set the password policy to x",
    "config set defaults.location westeurope",
    (
        "GET "
        "https://management.azure.com/subscriptions/x/providers/Microsoft.Migrate/migrateProjects"
        "?api-version=2020-05-01 "
        "403 (Forbidden)"
    ),
    "https://portal.azure.com/#view/Microsoft_Azure_Migrate/AmhResourceMenuBlade/~/overview/resourceId/"
    "%2Fsubscriptions%2F" + GUID + "%2FresourceGroups%2Frg",
    "https://portal.azure.com/#@contoso.onmicrosoft.com/resource/subscriptions/" + GUID + "/overview",
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
    "value, not the client secret ID, for a secret added to app '" + GUID + "'.",
    "AADSTS500011: The resource principal named https://x.azure.com was not found in the tenant named Contoso. "
    "Trace ID: " + GUID + " Correlation ID: " + GUID + " Timestamp: 2026-11-30 10:00:00Z",
    "AADSTS65001: The user or administrator has not consented to use the application with ID '" + GUID + "' named 'x'.",
    "The access token is from the wrong issuer 'https://sts.windows.net/" + GUID + "/'. It must match the tenant",
    "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/"
    + GUID
    + "/, found https://sts.windows.net/x/.",
    (
        "Caller is not authorized to perform action on resource. Action: "
        "'Microsoft.KeyVault/vaults/secrets/getSecret/action' Resource: "
        "'/subscriptions/x/vaults/kv1/secrets/s1' Assignment: (not found) DenyAssignmentId: null"
    ),
    "The user, group or application 'appid="
    + GUID
    + ";oid="
    + GUID
    + ";iss=https://sts.windows.net/"
    + GUID
    + "/' does not have secrets get permission on key vault 'kv1;location=westeurope'.",
    (
        "Client address is not authorized and caller is not a trusted service.\r\nClient address: "
        "20.1.2.3\r\nCaller: appid=x;oid=y"
    ),
    "StorageAccountAlreadyTaken: The storage account named migratesa123 is already taken.",
    "KeyBasedAuthenticationNotPermitted: Key based authentication is not permitted on this storage account.",
    "Server=tcp:sql1.database.windows.net,1433 refused the connection",
    "x-ms-request-id:" + GUID,
    "error CS0246: Newtonsoft.Json, Version=13.0.0.0, Culture=neutral, PublicKeyToken=30ad4fe6b2a6aeed",
    (
        "at Microsoft.Azure.Migrate.Appliance.TokenProvider.GetToken(String tenantId, String clientId) "
        "in D:\\a\\1\\s\\TokenProvider.cs:line 52"
    ),
    "Exception: TokenAcquisitionFailed, HResult: 0x80131500",
    "TypeError: Cannot read properties of undefined (reading 'token')",
    json.dumps(
        {
            "error": {
                "code": "AuthorizationFailed",
                "message": "The client 'x' with object id 'y' does not have authorization to perform action "
                "'Microsoft.KeyVault/vaults/secrets/write' over scope '/subscriptions/z/vaults/kv/secrets/s'",
            }
        }
    ),
    json.dumps(
        {
            "properties": {
                "provisioningState": "Succeeded",
                "sku": {"name": "standard"},
                "vaultUri": "https://kv1.vault.azure.net/",
                "enabledForDeployment": True,
                "accessPolicies": [
                    {
                        "tenantId": GUID,
                        "objectId": GUID,
                        "permissions": {"keys": ["get"], "secrets": ["get", "list"], "storage": ["regeneratekey"]},
                    }
                ],
            }
        }
    ),
    json.dumps(
        {
            "properties": {
                "allowSharedKeyAccess": True,
                "keyCreationTime": {"key1": "2026-01-01T00:00:00Z", "key2": "2026-01-01T00:00:00Z"},
                "minimumTlsVersion": "TLS1_2",
                "encryption": {"keySource": "Microsoft.Storage"},
            }
        }
    ),
    json.dumps({"columns": ["name", "state"], "rows": [["a", "Enabled"]]}),
    json.dumps({"displayName": "Client secret expired", "value": "warning"}),
    json.dumps(
        {
            "appId": GUID,
            "keyCredentials": [
                {
                    "keyId": GUID,
                    "type": "AsymmetricX509Cert",
                    "usage": "Verify",
                    "customKeyIdentifier": "8A2E5C7D9B1F3A4C6E8D0B2F4A6C8E0D1B3F5A7C",
                }
            ],
            "passwordCredentials": [],
        }
    ),
    "| name | state |\n|---|---|\n| a | Enabled |",
    "net use Z: \\\\srv\\share",
    "reg query HKLM\\Software",
    "mysql -h db -u root",
    "ssh -p 2222 x",
    "kubectl get pods -p x",
]


@pytest.mark.parametrize("number", range(len(HARMLESS)))
def test_what_only_speaks_of_secrets_stays(number: int) -> None:
    assert text_without_secrets(HARMLESS[number]) == HARMLESS[number]
