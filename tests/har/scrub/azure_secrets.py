"""Secrets where Azure and its tools put them: a call or a text for each place, with a secret planted in it."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.har.scrub.planted import GUID, base64_of, entry, error, headers

ARM = "https://management.azure.com"
SITE = f"/subscriptions/{GUID}/resourceGroups/rg1/providers/Microsoft.Web/sites/s1"
VAULT = f"/subscriptions/{GUID}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1"
STORAGE = f"/subscriptions/{GUID}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/st1"


def answered(url: str, body: Any, method: str = "POST") -> list[dict[str, Any]]:
    text = body if isinstance(body, str) else json.dumps(body)
    content = {"text": text, "mimeType": "application/json"}
    made = entry(url=f"{url}?api-version=2023-01-01", content=content, response={"status": 200})
    made["request"]["method"] = method
    return [made]


def sent(url: str, body: Any, method: str = "PUT") -> list[dict[str, Any]]:
    text = body if isinstance(body, str) else json.dumps(body)
    posted = {"method": method, "postData": {"mimeType": "application/json", "text": text}}
    return [entry(url=f"{url}?api-version=2023-01-01", request=posted, response={"status": 200})]


def batched(asked: str, answer: Any, *, is_later: bool = False, **shape: Any) -> list[dict[str, Any]]:
    """Return a batch in which `asked` is answered; `shape` says how, `is_later` that a GET brings the answer."""
    part = {"name": "a", shape.get("url", "url"): asked, "httpMethod": "POST"}
    body = base64_of(json.dumps(answer)) if shape.get("is_base64") else answer
    begun = shape.get("begins", "")
    responses = begun + json.dumps({"responses": [{"name": "a", "httpStatusCode": 200, "content": body}]})
    if shape.get("is_bare"):
        responses = begun + json.dumps({"responses": [{"httpStatusCode": 200, "content": body}]})
    if shape.get("is_whole_base64"):
        content = {"text": base64_of(responses), "encoding": "base64", "mimeType": "application/json"}
    else:
        content = {"text": responses, "mimeType": "application/json"}
    posted = {"postData": {"mimeType": "application/json", "text": begun + json.dumps({"requests": [part]})}}
    url = f"{ARM}/batch?api-version=2020-06-01"
    if not is_later:
        return [entry(url=url, request={"method": "POST", **posted}, response={"status": 200}, content=content)]
    later = shape.get("later", f"{ARM}/batch/operationResults/{GUID}?api-version=2020-06-01")
    accepted = entry(
        url=url,
        request={"method": "POST", **posted},
        response={"status": 202, "headers": headers(Location=later)},
        content={"text": ""},
    )
    return [accepted, entry(url=later, response={"status": 200}, content=content)]


def template(secret: str) -> dict[str, Any]:
    return {
        "properties": {
            "mode": "Incremental",
            "template": {
                "parameters": {"thing": {"type": "secureString"}, "other": {"type": "secureobject"}},
                "resources": [],
            },
            "parameters": {"thing": {"value": secret}, "other": {"value": {"x": secret}}},
        }
    }


CLOUD_INIT = "#cloud-config\nchpasswd:\n  list: |\n    root:{0}\n"
CALLS: dict[str, Callable[[str], list[dict[str, Any]]]] = {
    "vault secret by ARM": lambda secret: sent(f"{ARM}{VAULT}/secrets/s1", {"properties": {"value": secret}}),
    "vault secret in a template": lambda secret: sent(
        f"{ARM}/x/deployments/d1",
        {"template": {"resources": [{"type": "Microsoft.KeyVault/vaults/secrets", "properties": {"value": secret}}]}},
    ),
    "vault secret nested in a template": lambda secret: sent(
        f"{ARM}/x/deployments/d1",
        {
            "resources": [
                {
                    "type": "Microsoft.KeyVault/vaults",
                    "resources": [{"type": "secrets", "name": "x", "properties": {"value": secret}}],
                }
            ]
        },
    ),
    **{
        f"secret of {host}": lambda secret, host=host: answered(  # type: ignore[misc]
            f"https://kv1.{host}/secrets/s1", {"value": secret, "attributes": {"enabled": True}}, "GET"
        )
        for host in (
            "vault.azure.net",
            "privatelink.vaultcore.azure.net",
            "vaultcore.azure.net",
            "vault.azure.cn",
            "vault.usgovcloudapi.net",
            "managedhsm.azure.net",
            "privatelink.managedhsm.azure.net",
            "vault.azure.net:443",
        )
    },
    "secret that is set": lambda secret: sent(
        "https://kv1.privatelink.vaultcore.azure.net/secrets/s1", {"value": secret}
    ),
    "keys of a function": lambda secret: answered(f"{ARM}{SITE}/functions/f1/keys", {"default": secret}, "GET"),
    "keys of a function, listed": lambda secret: answered(f"{ARM}{SITE}/functions/f1/listkeys", {"default": secret}),
    "keys of a host": lambda secret: answered(f"{ARM}{SITE}/host/default/listkeys", {"functionKeys": {"x": secret}}),
    "key of a function that is set": lambda secret: sent(
        f"{ARM}{SITE}/functions/f1/keys/k1", {"properties": {"name": "k1", "value": secret}}
    ),
    "key of a host that is set": lambda secret: sent(
        f"{ARM}{SITE}/host/default/functionkeys/k1", {"properties": {"name": "k1", "value": secret}}
    ),
    "settings of an app": lambda secret: answered(
        f"{ARM}{SITE}/config/appsettings/list", {"properties": {"X": secret}}
    ),
    "settings that are set": lambda secret: sent(f"{ARM}{SITE}/config/appsettings", {"properties": {"X": secret}}),
    "connection strings that are set": lambda secret: sent(
        f"{ARM}{SITE}/config/connectionstrings", {"properties": {"X": {"value": secret, "type": "SQLAzure"}}}
    ),
    "settings of a site that is made": lambda secret: sent(
        f"{ARM}{SITE}", {"properties": {"siteConfig": {"appSettings": [{"name": "X", "value": secret}]}}}
    ),
    "list of keys in a batch": lambda secret: batched(f"{STORAGE}/listKeys", {"first": secret}),
    "the same in base64": lambda secret: batched(f"{STORAGE}/listKeys", {"first": secret}, is_base64=True),
    "the same by relativeUrl": lambda secret: batched(f"{STORAGE}/listKeys?x=1", {"first": secret}, url="relativeUrl"),
    "the same with a mark": lambda secret: batched(f"{STORAGE}/listKeys", {"first": secret}, begins="\ufeff"),
    "the same after a guard": lambda secret: batched(f"{STORAGE}/listKeys", {"first": secret}, begins=")]}',\n"),
    "the same without names": lambda secret: batched(f"{STORAGE}/listKeys", {"first": secret}, is_bare=True),
    "the same, all of it base64": lambda secret: batched(
        f"{STORAGE}/listKeys", {"first": secret}, is_whole_base64=True
    ),
    "the same, answered later": lambda secret: batched(f"{STORAGE}/listKeys", {"first": secret}, is_later=True),
    "the same, later without names": lambda secret: batched(
        f"{STORAGE}/listKeys", {"first": secret}, is_later=True, is_bare=True
    ),
    "the same, later elsewhere": lambda secret: batched(
        f"{STORAGE}/listKeys",
        {"first": secret},
        is_later=True,
        later=f"{ARM}/subscriptions/{GUID}/operationresults/abc",
    ),
    "keys that are listed later": lambda secret: [
        entry(
            url=f"{ARM}{STORAGE}/listKeys?x=1",
            request={"method": "POST"},
            response={"status": 202, "headers": headers(Location=f"{ARM}/subscriptions/{GUID}/operations/xyz?t=1")},
        ),
        *answered(f"{ARM}/subscriptions/{GUID}/operations/xyz", {"first": secret}, "GET"),
    ],
    "parameters of a template": lambda secret: sent(f"{ARM}/x/deployments/d1", template(secret)),
    "parameters of a template in a batch": lambda secret: sent(
        f"{ARM}/batch", {"requests": [{"name": "a", "url": "/x", "content": template(secret)}]}, "POST"
    ),
    "default of a parameter": lambda secret: sent(
        f"{ARM}/x", {"parameters": {"thing": {"type": "securestring", "defaultValue": secret}}}
    ),
    "columns and rows": lambda secret: answered(
        f"{ARM}/x", {"tables": [{"columns": [{"name": "a"}, {"name": "adminPassword"}], "rows": [["b", secret]]}]}
    ),
    "columns as texts": lambda secret: answered(f"{ARM}/x", {"columns": ["a", "dbPass"], "rows": [["b", secret]]}),
    "schema and rows": lambda secret: answered(
        f"{ARM}/x", {"schema": {"fields": [{"name": "userToken"}]}, "rows": [[secret], [secret]]}
    ),
    "patch": lambda secret: sent(f"{ARM}/x", [{"op": "add", "path": "/properties/adminPassword", "value": secret}]),
    "patch of a setting": lambda secret: sent(f"{ARM}/x", [{"op": "add", "path": "/a/dbPass", "value": {"x": secret}}]),
    "change in a log": lambda secret: answered(
        f"{ARM}/x", {"modifiedProperties": [{"displayName": "Password", "oldValue": None, "newValue": f'"{secret}"'}]}
    ),
    "old value in a log": lambda secret: answered(
        f"{ARM}/x", {"a": [{"oldValue": f'["{secret}"]', "displayName": "ClientSecret"}]}
    ),
    "value before name": lambda secret: answered(f"{ARM}/x", [{"value": secret, "name": "dbPass"}]),
    "script of an extension": lambda secret: sent(
        f"{ARM}/x/extensions/e", {"properties": {"settings": {"commandToExecute": f"net user ada {secret} /add"}}}
    ),
    "script with an option": lambda secret: sent(
        f"{ARM}/x/runCommand", {"script": [f"docker login -u ada -p {secret} x.azurecr.io"]}, "POST"
    ),
    "script with a long option": lambda secret: sent(
        f"{ARM}/x/runCommand", {"script": [f"az vm create --admin-password {secret} --name x"]}, "POST"
    ),
    "script with a secure string": lambda secret: sent(
        f"{ARM}/x/runCommand", {"script": [f"$p = ConvertTo-SecureString '{secret}' -AsPlainText -Force"]}, "POST"
    ),
    "script with a variable": lambda secret: sent(
        f"{ARM}/x/runCommand", {"script": [f"export PGPASSWORD={secret}; psql"]}, "POST"
    ),
    "script with a slash": lambda secret: sent(f"{ARM}/x", {"commandToExecute": f"setup.exe /p:{secret} /q"}),
    "protected settings": lambda secret: sent(
        f"{ARM}/x", {"properties": {"protectedSettings": {"commandToExecute": f"echo {secret}"}}}
    ),
    "custom data": lambda secret: sent(
        f"{ARM}/x", {"properties": {"osProfile": {"customData": base64_of(CLOUD_INIT.format(secret))}}}
    ),
    "user data": lambda secret: sent(
        f"{ARM}/x",
        {
            "properties": {
                "userData": base64_of(f"#!/bin/bash\nexport DB_PASS={secret}\necho 'ada:{secret}' | chpasswd\n")
            }
        },
    ),
    "custom data that no one can judge": lambda secret: sent(
        f"{ARM}/x", {"osProfile": {"customData": base64_of(f"#!/bin/sh\nsetup {secret}\n")}}
    ),
    "XML of keys": lambda secret: answered(
        f"{ARM}/x",
        f"<StorageService><StorageServiceKeys><Primary>{secret}</Primary><Secondary>{secret}</Secondary>"
        "</StorageServiceKeys></StorageService>",
    ),
    "publish profile": lambda secret: answered(
        f"{ARM}{SITE}/publishxml",
        f'<publishData><publishProfile profileName="s1" userName="$s1" userPWD="{secret}" /></publishData>',
    ),
    "kubeconfig": lambda secret: answered(
        f"{ARM}/x/managedClusters/c/listClusterUserCredential",
        {"kubeconfigs": [{"name": "x", "value": base64_of(f"users:\n- name: a\n  user:\n    token: {secret}\n")}]},
    ),
    "kubeconfig elsewhere": lambda secret: answered(
        f"{ARM}/x",
        f"apiVersion: v1\nusers:\n- name: a\n  user:\n    client-key: {base64_of(secret)}\n    password: {secret}\n",
    ),
    "token of another answer": lambda secret: answered(
        f"{ARM}/x", {"data": {"login": {"jwt": secret, "refresh": {"value": 1}}}}
    ),
    "GraphQL": lambda secret: sent(
        f"{ARM}/x",
        {"query": f'mutation {{ login(user: "a", pass: "{secret}") {{ ok }} }}', "variables": {"pw": secret}},
    ),
    "hidden input": lambda secret: answered(
        f"{ARM}/x",
        f'<form><input type="hidden" name="wresult" value="{secret}"/><input value="{secret}" name="dbPass"></form>',
    ),
    "assignment": lambda secret: answered(
        f"{ARM}/x", f"<html><script>var dbPass = '{secret}'; let API_KEY=\"{secret}\";</script>"
    ),
    "cookie of a redirect": lambda secret: [
        entry(
            response={"status": 302, "redirectURL": "https://x/", "headers": headers(Set_Cookie=f"a={secret}; Path=/")}
        )
    ],
    "parameters that were posted": lambda secret: [
        entry(request={"postData": {"mimeType": "x", "params": [{"name": "dbPass", "value": secret}]}})
    ],
    "address of a frame": lambda secret: [
        entry(
            entry={"_initiator": {"stack": {"callFrames": [{"url": f"https://x/a.js?sas={quote(secret, safe='')}"}]}}}
        )
    ],
    "comment": lambda secret: [entry(entry={"comment": f"used dbPass={secret} here"})],
    "message of a socket": lambda secret: [
        entry(entry={"_webSocketMessages": [{"type": "send", "opcode": 1, "data": json.dumps({"vmAdminPw": secret})}]})
    ],
    "unusual headers": lambda secret: [
        entry(request={"headers": headers(x_ms_pass=secret, x_ms_pw=secret, x_ms_sas=secret)})
    ],
    "binary body": lambda secret: [
        entry(
            content={
                "mimeType": "application/octet-stream",
                "encoding": "base64",
                "text": base64.b64encode(b"\x0a\x10\x00\x01" + secret.encode() + b"\x12\x00").decode(),
            }
        )
    ],
    "file that is uploaded": lambda secret: sent(
        f"{ARM}/x", f'--b\r\nContent-Disposition: form-data; name="f"; filename="x.pfx"\r\n\r\n{secret}\r\n--b--\r\n'
    ),
    "error beside keys": lambda secret: [
        *answered(f"{ARM}{STORAGE}/listKeys", {"first": secret}),
        entry(content={"text": json.dumps(error())}),
    ],
    "password of a person": lambda secret: sent(
        "https://graph.microsoft.com/v1.0/users",
        {"passwordProfile": {"password": secret, "forceChangePasswordNextSignIn": True}},
        "POST",
    ),
    "secret of an application": lambda secret: answered(
        "https://graph.microsoft.com/v1.0/applications/x/addPassword", {"secretText": secret, "hint": secret[:3]}
    ),
    "SAML": lambda secret: sent(
        "https://x/saml",
        f"SAMLResponse={quote(base64_of(f'<a><b>{secret}</b></a>'), safe='')}&RelayState={quote(secret, safe='')}",
        "POST",
    ),
}
"""Calls of one secret each, as lists of entries."""
TEXTS: dict[str, Callable[[str], str]] = {
    "name in camel case": lambda secret: json.dumps({"dbPass": secret}),
    "name of a variable": lambda secret: json.dumps({"STRIPE_KEY": secret}),
    "abbreviation": lambda secret: json.dumps({"vmAdminPw": secret}),
    "lower case": lambda secret: f"smtppass={secret}",
    "webhook of Slack": lambda secret: f"https://hooks.slack.com/services/T00000000/B00000000/{secret}",
    "webhook of Teams": lambda secret: (
        f"https://contoso.webhook.office.com/webhookb2/{GUID}@{GUID}/IncomingWebhook/{secret}/{GUID}"
    ),
    "webhook of a workflow": lambda secret: (
        f"https://p.logic.azure.com:443/workflows/x/triggers/m/paths/invoke?sp=%2F&sv=1.0&sig={quote(secret, safe='')}"
    ),
    "webhook of automation": lambda secret: (
        f"https://x.webhook.we.azure-automation.net/webhooks?token={quote(secret, safe='')}"
    ),
    "webhook of Discord": lambda secret: f"https://discord.com/api/webhooks/123456789012345678/{secret}",
    "user before a host": lambda secret: f"cannot reach ada:{secret}@db01:5432",
    "command": lambda secret: f"mysql -u root -p{secret} db",
    "event hub": lambda secret: (
        f"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey={secret};EntityPath=x"
    ),
    "Cosmos": lambda secret: f"AccountEndpoint=https://x.documents.azure.com:443/;AccountKey={secret};",
    "Redis": lambda secret: f"x.redis.cache.windows.net:6380,password={secret},ssl=True",
    "ODBC": lambda secret: f"Driver={{ODBC}};Server=x;Uid=a;Pwd={secret};Encrypt=yes",
    "YAML": lambda secret: f"db:\n  user: a\n  dbPass: {secret}\n",
    "TOML": lambda secret: f'[db]\nsmtp_pass = "{secret}"\n',
    "docker configuration": lambda secret: json.dumps({"auths": {"x.azurecr.io": {"auth": base64_of(f"a:{secret}")}}}),
    "netrc": lambda secret: f"machine x login a password {secret}",
    "pgpass": lambda secret: f"PGPASSWORD={secret} psql -h x",
    "set of PowerShell": lambda secret: f"$env:DB_PASS = '{secret}'",
    "setx": lambda secret: f"setx DB_PASS {secret}",
    "secret of Kubernetes": lambda secret: f"apiVersion: v1\nkind: Secret\ndata:\n  x: {base64_of(secret)}\n",
    "SAML element": lambda secret: (
        f"<saml:Assertion ID='x'><saml:AttributeValue>{secret}</saml:AttributeValue></saml:Assertion>"
    ),
    "WS-Security": lambda secret: f"<wsse:BinarySecurityToken>{secret}</wsse:BinarySecurityToken>",
    "name beside a value": lambda secret: f"<Setting><Name>dbPass</Name><Value>{secret}</Value></Setting>",
    "in a call": lambda secret: f"connect(user='a', dbPass='{secret}')",
    "as a header": lambda secret: f"curl -H 'x-ms-pass: {secret}' https://x",
    "sudo": lambda secret: f"echo {secret} | sudo -S reboot",
    "AutoLogon": lambda secret: f"<AutoLogon><Password><Value>{secret}</Value></Password></AutoLogon>",
    "registry": lambda secret: f"reg add HKLM /v DefaultPassword /t REG_SZ /d {secret} /f",
    "dictionary": lambda secret: f"{{'dbPass': '{secret}', 'x': 1}}",
    "properties file": lambda secret: f"spring.datasource.dbpass={secret}",
}
"""Texts of one secret each."""
