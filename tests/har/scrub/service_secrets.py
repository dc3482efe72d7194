"""Secrets in calls of services, in pages, addresses and messages: a call for each place, with a secret planted."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.har.scrub.azure_secrets import ARM, SITE, STORAGE, VAULT, answered, sent
from tests.har.scrub.planted import base64_of as b
from tests.har.scrub.planted import base64url_of, entry, headers


def body(text: str, mime: str = "application/json") -> list[dict[str, Any]]:
    return [entry(content={"text": text, "mimeType": mime}, response={"status": 200})]


def said(message: str) -> list[dict[str, Any]]:
    return body(json.dumps({"error": {"code": "x", "message": message}}))


def batch(part: dict[str, Any], url: str = f"{ARM}/batch", **more: Any) -> list[dict[str, Any]]:
    posted = {"mimeType": "application/json", "text": json.dumps({"requests": [part]})}
    return [entry(url=url, request={"method": "POST", "postData": posted}, response={"status": 200}, **more)]


CALLS_OF_SERVICES: dict[str, Callable[[str], list[dict[str, Any]]]] = {
    "graph batch addPassword": lambda s: batch(
        {"id": "1", "method": "POST", "url": "/applications/x/addPassword", "body": {}},
        "https://graph.microsoft.com/v1.0/$batch",
        content={"text": json.dumps({"responses": [{"id": "1", "status": 200, "body": {"secretText": s, "odd": s}}]})},
    ),
    "batch put secret": lambda s: batch(
        {
            "name": "a",
            "httpMethod": "PUT",
            "url": VAULT + "/secrets/s1?api-version=1",
            "content": {"properties": {"value": s}},
        }
    ),
    "batch put appsettings b64": lambda s: batch(
        {
            "name": "a",
            "httpMethod": "PUT",
            "url": SITE + "/config/appsettings",
            "content": b(json.dumps({"properties": {"X": s}})),
        }
    ),
    "batch multipart": lambda s: sent(
        f"{ARM}/batch",
        f"--b\r\nContent-Type: application/http\r\n\r\nPUT {VAULT}/secrets/s1 HTTP/1.1\r\n\r\n"
        + json.dumps({"properties": {"value": s}})
        + "\r\n--b--",
        "POST",
    ),
    "listKeys 201 later azure-async": lambda s: [
        entry(
            url=f"{ARM}{STORAGE}/regenerateKey?x=1",
            request={"method": "POST"},
            response={"status": 202, "headers": headers(Azure_AsyncOperation=f"{ARM}/ops/9?api-version=1&t=2")},
        ),
        entry(
            url=f"{ARM}/ops/9?api-version=1&t=2",
            response={"status": 200},
            content={"text": json.dumps({"status": "Succeeded", "properties": {"first": s}})},
        ),
    ],
    "later before": lambda s: [
        entry(url=f"{ARM}/ops/9?api-version=1", response={"status": 200}, content={"text": json.dumps({"first": s})}),
        entry(
            url=f"{ARM}{STORAGE}/listKeys?x=1",
            request={"method": "POST"},
            response={"status": 202, "headers": headers(Location=f"{ARM}/ops/9?x")},
        ),
    ],
    "location twice": lambda s: [
        entry(
            url=f"{ARM}{STORAGE}/listKeys?x=1",
            request={"method": "POST"},
            response={"status": 202, "headers": headers(Location=f"{ARM}/ops/1")},
        ),
        entry(url=f"{ARM}/ops/1", response={"status": 202, "headers": headers(Location=f"{ARM}/ops/2")}),
        entry(url=f"{ARM}/ops/2", response={"status": 200}, content={"text": json.dumps({"first": s})}),
    ],
    "redirect listkeys": lambda s: [
        entry(
            url=f"{ARM}{STORAGE}/listKeys?x=1",
            request={"method": "POST"},
            response={"status": 307, "redirectURL": f"{ARM}/moved/1", "headers": headers(Location=f"{ARM}/moved/1")},
        ),
        entry(url=f"{ARM}/moved/1", response={"status": 200}, content={"text": json.dumps({"first": s})}),
    ],
    "listKeys b64": lambda s: [
        entry(
            url=f"{ARM}{STORAGE}/listKeys",
            request={"method": "POST"},
            response={"status": 200},
            content={"encoding": "base64", "mimeType": "application/json", "text": b(json.dumps({"first": s}))},
        )
    ],
    "listKeys text": lambda s: answered(f"{ARM}{STORAGE}/listKeys", s + "\n"),
    "listKeys bom": lambda s: answered(f"{ARM}{STORAGE}/listKeys", "\ufeff" + json.dumps({"first": s})),
    "listKeys string status": lambda s: [
        entry(url=f"{ARM}{STORAGE}/listKeys", response={"status": "200"}, content={"text": json.dumps({"first": s})})
    ],
    "listKeys 0 status": lambda s: [
        entry(url=f"{ARM}{STORAGE}/listKeys", response={"status": 0}, content={"text": json.dumps({"first": s})})
    ],
    "listKeys error w/ key": lambda s: [
        entry(
            url=f"{ARM}{STORAGE}/listKeys",
            response={"status": 500},
            content={"text": json.dumps({"keys": [{"keyName": "a", "value": s}]})},
        )
    ],
    "listKeys upper": lambda s: answered(f"{ARM}{STORAGE}/LISTKEYS/", {"first": s}),
    "cosmos readonlykeys": lambda s: answered(f"{ARM}/x/databaseAccounts/c/readonlykeys", {"x": s}),
    "redis listKeys get": lambda s: answered(f"{ARM}/x/redis/r/listKeys", {"x": s}, "GET"),
    "ai listkeys": lambda s: answered(f"{ARM}/x/accounts/a/listKeys", {"key1": s, "key2": s}),
    "sql import": lambda s: sent(
        f"{ARM}/x/import", {"storageKeyType": "StorageAccessKey", "storageKey": s, "administratorLoginPassword": s}
    ),
    "vm extension protected": lambda s: sent(
        f"{ARM}/x/extensions/e", {"properties": {"protectedSettings": {"script": b("echo " + s)}}}
    ),
    "vm extension fileUris": lambda s: sent(
        f"{ARM}/x/extensions/e",
        {"properties": {"settings": {"fileUris": [f"https://st.blob.core.windows.net/c/x.sh?sv=1&sig={s}"]}}},
    ),
    "vm script b64": lambda s: sent(
        f"{ARM}/x/extensions/e", {"properties": {"settings": {"script": b(f"export PW={s}")}}}
    ),
    "vpn sharedKey": lambda s: sent(f"{ARM}/x/connections/c/sharedkey", {"value": s}),
    "vpn get": lambda s: answered(f"{ARM}/x/connections/c/sharedkey", {"value": s}, "GET"),
    "expressroute authz": lambda s: answered(
        f"{ARM}/x/authorizations/a", {"properties": {"authorizationKey": s}}, "GET"
    ),
    "vpn radius": lambda s: sent(
        f"{ARM}/x",
        {
            "properties": {
                "radiusServerSecret": s,
                "vpnClientConfiguration": {"radiusServers": [{"radiusServerSecret": s}]},
            }
        },
    ),
    "bot": lambda s: answered(
        f"{ARM}/x/channels/c/listChannelWithKeys", {"properties": {"sites": [{"key": s, "key2": s}]}}
    ),
    "iot": lambda s: answered(f"{ARM}/x/IotHubKeys/iothubowner/listkeys", {"primaryKey": s}),
    "signalr conn": lambda s: answered(
        f"{ARM}/x", {"primaryConnectionString": f"Endpoint=https://x;AccessKey={s};Version=1.0;"}
    ),
    "acr token": lambda s: answered("https://x.azurecr.io/oauth2/exchange", {"refresh_token": s}),
    "acr generateCredentials": lambda s: answered(
        f"{ARM}/x/generateCredentials", {"passwords": [{"name": "p1", "value": s}]}
    ),
    "aks listClusterAdminCredential": lambda s: answered(
        f"{ARM}/x/listClusterAdminCredential", {"kubeconfigs": [{"name": "a", "value": b(s)}]}
    ),
    "hybridcompute": lambda s: sent(
        f"{ARM}/x/machines/m", {"properties": {"clientPublicKey": "x", "privateLinkScopeResourceId": "y"}, "pass": s}
    ),
    "loganalytics sharedKeys": lambda s: answered(f"{ARM}/x/workspaces/w/sharedKeys", {"primarySharedKey": s}),
    "automation jobs param": lambda s: sent(
        f"{ARM}/x/jobs/j", {"properties": {"parameters": {"AdminPassword": s, "Cred": s}}}
    ),
    "static site secrets": lambda s: answered(f"{ARM}/x/staticSites/s/listSecrets", {"properties": {"apiKey": s}}),
    "devops token": lambda s: answered(
        "https://dev.azure.com/x/_apis/token/sessiontokens", {"displayName": "x", "token": s}
    ),
    "kv rest backup": lambda s: answered("https://kv1.vault.azure.net/secrets/s1/backup", {"value": s}),
    "kv query": lambda s: answered(
        "https://kv1.vault.azure.net/secrets?maxresults=1",
        {"value": [{"id": "https://kv1.vault.azure.net/secrets/s1", "value": s}]},
        "GET",
    ),
    "graph b2c key": lambda s: answered(
        "https://graph.microsoft.com/beta/trustFramework/keySets/x/getActiveKey", {"k": s, "kty": "oct"}
    ),
    "graph sync secrets": lambda s: sent(
        "https://graph.microsoft.com/v1.0/servicePrincipals/x/synchronization/secrets",
        {"value": [{"key": "SecretToken", "value": s}]},
    ),
    "graph temp access pass": lambda s: answered(
        "https://graph.microsoft.com/v1.0/users/x/authentication/temporaryAccessPassMethods", {"temporaryAccessPass": s}
    ),
    "graph passwordMethods": lambda s: sent(
        "https://graph.microsoft.com/v1.0/users/x/authentication/methods/y/resetPassword", {"newPassword": s}
    ),
    "delegation": lambda s: sent(
        "https://portal.azure.com/api/DelegationToken",
        {"extensionName": "x", "portalAuthorization": s, "altPortalAuthorization": s},
    ),
    "delegation answer": lambda s: answered(
        "https://portal.azure.com/api/DelegationToken",
        {"value": {"authHeader": "Bearer " + s, "refreshToken": s, "portalAuthorization": s, "expiresInMs": 1}},
    ),
    "msal cache": lambda s: body(json.dumps({"x.login-accesstoken": {"credentialType": "AccessToken", "secret": s}})),
    "urlenc body json mime": lambda s: [
        entry(request={"postData": {"mimeType": "application/json", "text": f"username=a&passwd={s}"}})
    ],
    "form text plain": lambda s: [
        entry(request={"postData": {"mimeType": "text/plain", "text": f"login=a\r\npasswd={s}\r\n"}})
    ],
    "params file": lambda s: [
        entry(
            request={
                "postData": {
                    "mimeType": "multipart/form-data",
                    "params": [{"name": "f", "fileName": "a.txt", "contentType": "text/plain", "value": s}],
                }
            }
        )
    ],
    "params upper": lambda s: [
        entry(request={"postData": {"mimeType": "x", "params": [{"Name": "dbPass", "Value": s}]}})
    ],
    "deep json str": lambda s: body(json.dumps({"a": json.dumps({"b": json.dumps({"c": json.dumps({"dbPass": s})})})})),
    "html attr json": lambda s: body(f"<div data-config='{json.dumps({'dbPass': s})}'></div>", "text/html"),
    "html comment": lambda s: body(f"<!-- dbPass: {s} -->", "text/html"),
    "html script json": lambda s: body(
        f"<script type=application/json>{json.dumps({'user': {'pw': s}})}</script>", "text/html"
    ),
    "html onclick": lambda s: body(
        f"<a onclick=\"login('a','{s}')\" data-pass='{s}'>x</a>".replace(f"login('a','{s}')", "x()"), "text/html"
    ),
    "js obj nested": lambda s: body(f"<script>window.config={{db:{{host:'x',pass:'{s}'}}}}</script>", "text/html"),
    "js template": lambda s: body(f"<script>const t = `Bearer {s}12345`;</script>", "text/html"),
    "js setItem": lambda s: body(
        f"<script>sessionStorage['token']='{s}'; localStorage.setItem(\"jwt\", \"{s}\")</script>", "text/html"
    ),
    "js header": lambda s: body(f"<script>xhr.setRequestHeader('x-ms-pass','{s}')</script>", "text/html"),
    "js fetch": lambda s: body(f"<script>fetch('/x',{{headers:{{'X-Api-Key':'{s}'}}}})</script>", "text/html"),
    "xml ns": lambda s: body(
        f"<a:credentials xmlns:a='x'><a:user>ada</a:user><a:pass>{s}</a:pass></a:credentials>", "application/xml"
    ),
    "xml attr upper": lambda s: body(f"<Db PASSWORD=\"{s}\" Pwd='{s}'/>", "application/xml"),
    "xml kv nested": lambda s: body(f"<dict><key>dbPass</key><string>{s}</string></dict>", "application/xml"),
    "xml text escaped json": lambda s: body(
        f"<string>{{&quot;dbPass&quot;:&quot;{s}&quot;}}</string>", "application/xml"
    ),
    "saml b64 form": lambda s: [
        entry(
            request={
                "postData": {
                    "mimeType": "application/x-www-form-urlencoded",
                    "text": "SAMLResponse=" + quote(b(f"<saml><x>{s}</x></saml>"), safe=""),
                }
            }
        )
    ],
    "wresult": lambda s: [
        entry(
            request={
                "postData": {
                    "mimeType": "application/x-www-form-urlencoded",
                    "text": "wa=wsignin1.0&wresult="
                    + quote(f"<t:RequestSecurityTokenResponse>{s}</t:RequestSecurityTokenResponse>", safe=""),
                }
            }
        )
    ],
    "cookie in comment": lambda s: [entry(entry={"comment": f"Cookie: ESTSAUTH={s}; x=y"})],
    "cookie obj": lambda s: [
        entry(request={"cookies": [{"name": "ESTSAUTH", "value": s, "domain": "x", "comment": s}]})
    ],
    "set-cookie attr": lambda s: [
        entry(response={"cookies": [{"name": "a", "value": s, "expires": "2026-01-01T00:00:00Z", "path": "/" + s}]})
    ],
    "header odd": lambda s: [
        entry(
            request={
                "headers": [
                    {"name": "X-Vault-Token", "value": s},
                    {"name": "PRIVATE-TOKEN", "value": s},
                    {"name": "x-goog-api-key", "value": s},
                    {"name": "api-key", "value": s},
                    {"name": "X-Amz-Security-Token", "value": s},
                ]
            }
        )
    ],
    "header raw": lambda s: [entry(request={"headersText": "GET / HTTP/1.1\r\nAuthorization: Bearer " + s, "_raw": s})],
    "ms-auth header": lambda s: [
        entry(
            request={"headers": [{"name": "x-ms-client-auth", "value": s}, {"name": "x-ms-user-password", "value": s}]}
        )
    ],
    "url fragment spa": lambda s: [entry(url=f"https://x/#state=1&code={s}&session_state={s}")],
    "url userinfo": lambda s: [entry(url=f"ftp://ada:{s}@h/x")],
    "url enc name": lambda s: [entry(url=f"https://x/?user%5Bdb_pass%5D={s}")],
    "url json": lambda s: [entry(url="https://x/?q=" + quote(json.dumps({"dbPass": s})))],
    "url b64 json": lambda s: [entry(url="https://x/?q=" + base64url_of(json.dumps({"dbPass": s})))],
    "data url": lambda s: [entry(url="data:text/plain;base64," + b(f"dbPass={s}"))],
    "ws text": lambda s: [
        entry(entry={"_webSocketMessages": [{"type": "send", "opcode": 1, "data": f"login ada pass={s}"}]})
    ],
    "ws mqtt b64": lambda s: [
        entry(entry={"_webSocketMessages": [{"type": "send", "opcode": 2, "data": b(f"MQTT\x04ada\x10{s}")}]})
    ],
    "ws stomp": lambda s: [
        entry(
            entry={
                "_webSocketMessages": [
                    {"type": "send", "opcode": 1, "data": f"CONNECT\nlogin:ada\npasscode:{s}\n\n\x00"}
                ]
            }
        )
    ],
    "sse": lambda s: [entry(entry={"_eventSourceMessages": [{"eventName": "x", "data": json.dumps({"pw": s})}]})],
    "page title": lambda s: [entry(entry={"pageref": f"page token={s}"})],
    "initiator url": lambda s: [
        entry(entry={"_initiator": {"type": "parser", "url": f"https://x/?access_token={s}", "lineNumber": 1}})
    ],
    "error": lambda s: [entry(response={"_error": f"net::ERR for https://ada:{s}@x/"})],
    "message echo": lambda s: said(f"Login failed for user 'sa' with password '{s}'."),
    "message echo2": lambda s: said(f"The value '{s}' of property 'adminPassword' is invalid."),
    "message echo3": lambda s: said(f"Parameter adminPassword has invalid value {s}"),
    "message echo4": lambda s: said(f"Invalid value for adminPassword: '{s}'"),
    "message echo5": lambda s: said(f'Cannot open database using connection string "Server=x;Uid=a;Pwd={s}"'),
    "invalid key": lambda s: body(
        json.dumps({"error": {"code": "invalid_api_key", "message": f"Incorrect API key provided: {s}. You can find"}})
    ),
    "settings by the host of an app": lambda s: answered(
        "https://s1.scm.azurewebsites.net/api/settings", {"X": s}, "GET"
    ),
    "settings of App Configuration": lambda s: answered(
        "https://a.azconfig.io/kv", {"items": [{"key": "x", "value": s}]}, "GET"
    ),
    "protected parameters of a run command": lambda s: sent(
        f"{ARM}/x", {"properties": {"protectedParameters": [{"name": "a", "value": s}]}}
    ),
    "endpoint of DevOps": lambda s: sent(f"{ARM}/x", {"authorization": {"parameters": {"serviceprincipalkey": s}}}),
    "link to a file": lambda s: body(json.dumps({"x": f"https://c-my.sharepoint.com/d.aspx?UniqueId=x&tempauth={s}"})),
    "state of a subscription of Graph": lambda s: sent(
        "https://graph.microsoft.com/v1.0/subscriptions", {"clientState": s}
    ),
    "code of a sign-in": lambda s: sent("https://login.microsoftonline.com/x", {"AdditionalAuthData": s}, "POST"),
    "registration of a sign-in": lambda s: body(json.dumps({"sessionCtx": s, "ActivationCode": s})),
    "message of a template": lambda s: said(
        f"The provided value '{s}' for the template parameter 'adminPassword' at line '1' is not valid."
    ),
    "sentence of a tool": lambda s: said(f"login for user sa with password {s} failed"),
}
