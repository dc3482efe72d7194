"""The commands of the rule book, carried out against an emulator as the Azure CLI would carry them out."""

import json
import shlex
import uuid
from dataclasses import dataclass
from typing import Any

import requests

from auditor.emulator.options import Endpoints

VAULTS = "2023-07-01"
WORKSPACES = "2023-09-01"
VERSIONS = {
    "locks": "2016-09-01",
    "roleAssignments": "2022-04-01",
    "policyExemptions": "2022-07-01-preview",
}


@dataclass(frozen=True)
class AzureCommands:
    """A signed-in client that understands the commands which rules propose, and no others."""

    endpoints: Endpoints

    def run(self, command: str) -> None:
        """Carry out one command; fails where the emulator refuses it."""
        words = shlex.split(command)
        first_option = next(place for place, word in enumerate(words) if word.startswith("--"))
        options = _options(words[first_option:])
        match words[1:first_option]:
            case [*_, "delete"] if "--ids" in options:
                for identity in options["--ids"].split():
                    self._delete(identity)
            case ["provider", "register"]:
                self._ask("POST", f"{_subscription(options)}/providers/{options['--namespace']}/register", "2021-04-01")
            case ["role", "assignment", "create" | "delete" as change]:
                {"create": self._assign, "delete": self._take}[change](options)
            case ["resource", "update"]:
                self._update(options)
            case ["policy", "exemption", "create"]:
                self._exempt(options)
            case ["monitor", "log-analytics", "workspace", "recover"]:
                self._recover_workspace(options)
            case ["keyvault", *changed]:
                self._change_vault(changed, options)
            case ["ad", *changed]:
                self._change_directory(changed, options)
            case _:
                raise AssertionError(f"nothing carries out `{command}`")

    def _delete(self, identity: str) -> None:
        kind = identity.rsplit("/", 2)[1]
        self._ask("DELETE", identity, VERSIONS.get(kind) or self._newest_version(identity))

    def _update(self, options: dict[str, str]) -> None:
        """Read a resource, set one of its properties, and write it back, as `az resource update` does."""
        body = self._ask("GET", options["--ids"], options["--api-version"])
        path, _, value = options["--set"].partition("=")
        *above, name = path.split(".")
        held = body
        for one in above:
            held = held[one]
        held[name] = json.loads(value)
        self._ask("PUT", options["--ids"], options["--api-version"], body)

    def _newest_version(self, identity: str) -> str:
        """Return the newest stable api-version of a type as its provider states it, as `az resource` does."""
        subscription, namespace, kind = (identity.split("/")[place] for place in (2, -3, -2))
        provider = self._ask("GET", f"/subscriptions/{subscription}/providers/{namespace}", "2021-04-01")
        [versions] = [
            one["apiVersions"] for one in provider["resourceTypes"] if one["resourceType"].lower() == kind.lower()
        ]
        return str(next(one for one in versions if not one.endswith("preview")))

    def _assign(self, options: dict[str, str]) -> None:
        scope = options["--scope"]
        listed = self._ask("GET", f"{scope}/providers/Microsoft.Authorization/roleDefinitions", "2022-04-01")["value"]
        [role] = [one["id"] for one in listed if one["properties"]["roleName"] == options["--role"]]
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{scope} {role} {options['--assignee-object-id']}")
        properties = {
            "roleDefinitionId": role,
            "principalId": options["--assignee-object-id"],
            "principalType": options["--assignee-principal-type"],
        }
        identity = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
        self._ask("PUT", identity, VERSIONS["roleAssignments"], {"properties": properties})

    def _take(self, options: dict[str, str]) -> None:
        listing = f"{options['--scope']}/providers/Microsoft.Authorization/roleAssignments"
        roles = self._ask("GET", listing.replace("roleAssignments", "roleDefinitions"), "2022-04-01")["value"]
        [role] = [one["name"] for one in roles if one["properties"]["roleName"] == options["--role"]]
        for held in self._ask("GET", listing, VERSIONS["roleAssignments"])["value"]:
            about = held["properties"]
            same = about["principalId"] == options["--assignee"] and about["scope"] == options["--scope"]
            if same and about["roleDefinitionId"].endswith(role):
                self._delete(held["id"])

    def _exempt(self, options: dict[str, str]) -> None:
        properties = {
            "policyAssignmentId": options["--policy-assignment"],
            "exemptionCategory": options["--exemption-category"],
            "policyDefinitionReferenceIds": options.get("--policy-definition-reference-ids", "").split(),
            "expiresOn": options["--expires-on"],
        }
        identity = f"{options['--scope']}/providers/Microsoft.Authorization/policyExemptions/{options['--name']}"
        self._ask("PUT", identity, VERSIONS["policyExemptions"], {"properties": properties})

    def _recover_workspace(self, options: dict[str, str]) -> None:
        group = f"{_subscription(options)}/resourceGroups/{options['--resource-group']}"
        provider = f"{group}/providers/Microsoft.OperationalInsights"
        listed = self._ask("GET", f"{provider}/deletedWorkspaces", WORKSPACES)["value"]
        [deleted] = [one for one in listed if one["name"].lower() == options["--workspace-name"].lower()]
        body = {"location": deleted["location"]}
        self._ask("PUT", f"{provider}/workspaces/{deleted['name']}", WORKSPACES, body)

    def _change_vault(self, changed: list[str], options: dict[str, str]) -> None:
        match changed:
            case ["set-policy"]:
                self._set_policy(options)
            case ["delete-policy"]:
                vault = self._vault(options)
                held = vault["properties"]["accessPolicies"]
                vault["properties"]["accessPolicies"] = [
                    one for one in held if one["objectId"] != options["--object-id"]
                ]
                self._ask("PUT", vault["id"], VAULTS, vault)
            case ["network-rule", "add"]:
                vault = self._vault(options)
                rules = vault["properties"]["networkAcls"].setdefault("ipRules", [])
                rules.append({"value": options["--ip-address"]})
                self._ask("PUT", vault["id"], VAULTS, vault)
            case ["delete"]:
                self._delete(self._vault(options)["id"])
            case ["recover"]:
                self._recover(options)
            case _:
                raise AssertionError(f"nothing carries out `az keyvault {' '.join(changed)}`")

    def _set_policy(self, options: dict[str, str]) -> None:
        vault = self._vault(options)
        policy = {
            "tenantId": vault["properties"]["tenantId"],
            "objectId": options["--object-id"],
            "permissions": {
                f"{kind}s": options[f"--{kind}-permissions"].split() for kind in ("key", "secret", "certificate")
            },
        }
        others = [one for one in vault["properties"]["accessPolicies"] if one["objectId"] != options["--object-id"]]
        vault["properties"]["accessPolicies"] = [*others, policy]
        self._ask("PUT", vault["id"], VAULTS, vault)

    def _recover(self, options: dict[str, str]) -> None:
        listed = self._ask("GET", f"{_subscription(options)}/providers/Microsoft.KeyVault/deletedVaults", VAULTS)
        [deleted] = [one["properties"] for one in listed["value"] if one["name"] == options["--name"]]
        body = {"location": deleted["location"], "properties": {"createMode": "recover"}}
        self._ask("PUT", deleted["vaultId"], VAULTS, body)

    def _change_directory(self, changed: list[str], options: dict[str, str]) -> None:
        """Carry out `az ad`, which finds applications by their appId or object id, as service principals."""
        match changed:
            case ["user", "update"]:
                enabled = {"accountEnabled": json.loads(options["--account-enabled"])}
                self._graph("PATCH", f"users/{options['--id']}", enabled)
            case ["app", "owner", "add"]:
                owner = f"{self.endpoints.graph}/v1.0/directoryObjects/{options['--owner-object-id']}"
                application = self._found("applications", f"appId eq '{options['--id']}'", options["--id"])
                self._graph("POST", f"applications/{application}/owners/$ref", {"@odata.id": owner})
            case ["app", "owner", "remove"]:
                application = self._found("applications", f"appId eq '{options['--id']}'", options["--id"])
                self._graph("DELETE", f"applications/{application}/owners/{options['--owner-object-id']}/$ref")
            case ["app", "delete"]:
                application = self._found("applications", f"appId eq '{options['--id']}'", options["--id"])
                self._graph("DELETE", f"applications/{application}")
            case ["sp", "create"]:
                self._graph("POST", "servicePrincipals", {"appId": options["--id"], "accountEnabled": True})
            case ["sp", "update"]:
                named = f"servicePrincipalNames/any(c:c eq '{options['--id']}')"
                principal = self._found("servicePrincipals", named, options["--id"])
                name, _, value = options["--set"].partition("=")
                self._graph("PATCH", f"servicePrincipals/{principal}", {name: json.loads(value)})
            case _:
                raise AssertionError(f"nothing carries out `az ad {' '.join(changed)}`")

    def _found(self, collection: str, keep: str, identity: str) -> str:
        """Return the object id of the one that `keep` finds, or else `identity`, which then is the object id."""
        found = self._graph("GET", collection, keep=keep)["value"]
        return str(found[0]["id"] if found else identity)

    def _vault(self, options: dict[str, str]) -> dict[str, Any]:
        listed = self._ask("GET", f"{_subscription(options)}/providers/Microsoft.KeyVault/vaults", VAULTS)["value"]
        [vault] = [one for one in listed if one["name"].lower() == options["--name"].lower()]
        return dict(vault)

    def _ask(self, method: str, path: str, version: str, body: dict[str, Any] | None = None) -> Any:
        return self._send(method, self.endpoints.arm, path, {"api-version": version}, body)

    def _graph(self, method: str, path: str, body: dict[str, Any] | None = None, keep: str = "") -> Any:
        return self._send(method, self.endpoints.graph, f"/v1.0/{path}", {"$filter": keep} if keep else {}, body)

    def _send(self, method: str, service: str, path: str, query: dict[str, str], body: dict[str, Any] | None) -> Any:
        answer = requests.request(
            method,
            f"{service}{path}",
            params=query,
            json=body,
            headers={"Authorization": f"Bearer {self._token(service)}"},
            verify=self.endpoints.ca_file,
            timeout=60,
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def _token(self, service: str) -> str:
        point = self.endpoints
        answer = requests.post(
            f"{point.login}/{point.tenant_id}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": point.client_id,
                "client_secret": point.client_secret,
                "scope": f"{service}/.default",
            },
            verify=point.ca_file,
            timeout=60,
        )
        return str(answer.json()["access_token"])


def _options(words: list[str]) -> dict[str, str]:
    """Return the values by option; several values of one option are joined by a space."""
    found: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            found[word] = []
        else:
            found[list(found)[-1]].append(word)
    return {option: " ".join(values) for option, values in found.items()}


def _subscription(options: dict[str, str]) -> str:
    return f"/subscriptions/{options['--subscription']}"
