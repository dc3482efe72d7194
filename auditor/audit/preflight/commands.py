"""The `az` commands of the fixes of a preflight, with each value quoted for a POSIX shell."""

import json
import shlex
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from auditor.facts.preflight.activations import Activation
from auditor.facts.preflight.policy_offers import PolicyOffer
from auditor.facts.preflight.role_offers import RoleOffer

APPLICATION_DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
_GRAPH = {
    "azureusgovernment": "https://graph.microsoft.us",
    "azurechinacloud": "https://microsoftgraph.chinacloudapi.cn",
}
_HOURS = "PT8H"
_WHY = "Register an Azure Migrate appliance"
_FLAGS = {"secrets": "--secret-permissions", "keys": "--key-permissions", "certificates": "--certificate-permissions"}


def join(*words: str) -> str:
    """Return the words as one command, quoted where a shell would interpret them."""
    return shlex.join(words)


def give_role(offer: RoleOffer, account: str, principal_type: str) -> str:
    """Return the command that assigns a role; giving the object id and its type avoids a directory look-up."""
    whom = ("--assignee-object-id", account, "--assignee-principal-type", principal_type)
    limit = ("--condition", only_assigning(offer.only_roles), "--condition-version", "2.0") if offer.only_roles else ()
    return join("az", "role", "assignment", "create", "--role", offer.role, *whom, "--scope", offer.scope, *limit)


def take_role(offer: RoleOffer, account: str) -> str:
    """Return the command that removes the role assignment of `give_role`."""
    what = ("--assignee", account, "--role", offer.role, "--scope", offer.scope)
    return join("az", "role", "assignment", "delete", *what)


def only_assigning(roles: Sequence[str]) -> str:
    """Return the condition that lets a role assign and remove only `roles` (GUIDs), and only for service principals."""
    attribute = "Microsoft.Authorization/roleAssignments"
    named = f"RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{', '.join(roles)}}}"
    kind = "PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal'"
    return " AND ".join(
        f"((!(ActionMatches{{'{attribute}/{verb}'}})) OR "
        f"(@{source}[{attribute}:{named} AND @{source}[{attribute}:{kind}))"
        for verb, source in (("write", "Request"), ("delete", "Resource"))
    )


def set_policy(offer: PolicyOffer, account: str) -> str:
    """Return the command that sets an account's access policy in one vault."""
    permissions: list[str] = []
    for category, names in offer.permissions.items():
        permissions += [_FLAGS[category], *names]
    where = ("--name", offer.name, "--subscription", offer.subscription)
    return join("az", "keyvault", "set-policy", *where, "--object-id", account, *permissions)


def reset_policy(offer: PolicyOffer, account: str) -> str:
    """Return the command that gives back the access policy that the account had before, or none."""
    where = ("--name", offer.name, "--subscription", offer.subscription, "--object-id", account)
    if not offer.before:
        return join("az", "keyvault", "delete-policy", *where)
    permissions = [word for category, names in offer.before.items() for word in (_FLAGS[category], *names)]
    return join("az", "keyvault", "set-policy", *where, *permissions)


def activate(offer: Activation, account: str, moment: str, cloud: str) -> str | None:
    """Return the command that activates an eligible role for 8 hours; None if only the portal can.

    Azure requires a new GUID for the request. It is derived from the eligibility and the time, so that the same
    preflight prints the same command and a later one a different command.
    """
    if offer.group or not offer.definition or not offer.direct:
        return None
    if offer.directory:
        return _activate_in_directory(offer, account, cloud)
    request = uuid5(NAMESPACE_URL, f"{offer.id.lower()}@{moment}")
    url = f"{offer.scope}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests/{request}"
    properties = {
        "principalId": account,
        "roleDefinitionId": offer.definition,
        "requestType": "SelfActivate",
        **({"linkedRoleEligibilityScheduleId": offer.schedule} if offer.schedule else {}),
        "justification": _WHY,
        "scheduleInfo": {"expiration": {"type": "AfterDuration", "duration": _HOURS}},
    }
    return _rest("PUT", f"{url}?api-version=2020-10-01", {"properties": properties})


def _activate_in_directory(offer: Activation, account: str, cloud: str) -> str:
    body = {
        "action": "selfActivate",
        "principalId": account,
        "roleDefinitionId": offer.definition,
        "directoryScopeId": offer.scope or "/",
        "justification": _WHY,
        "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": _HOURS}},
    }
    return _rest("POST", f"{_graph(cloud)}/v1.0/roleManagement/directory/roleAssignmentScheduleRequests", body)


def give_directory_role(role: str, account: str, cloud: str) -> str:
    """Return the command that gives an account a directory role (its template id) over the whole directory."""
    body = {"principalId": account, "roleDefinitionId": role, "directoryScopeId": "/"}
    return _rest("POST", f"{_graph(cloud)}/v1.0/roleManagement/directory/roleAssignments", body)


def _graph(cloud: str) -> str:
    return _GRAPH.get(cloud.lower(), "https://graph.microsoft.com")


def register_providers(namespaces: Sequence[str], subscription: str) -> str:
    """Return the command that registers resource providers, one after the other."""
    command = ("az", "provider", "register", "--subscription", subscription, "--namespace")
    return " && ".join(join(*command, namespace) for namespace in namespaces)


def provider_state(namespace: str, subscription: str) -> str:
    """Return the command that shows the registration state of a resource provider."""
    what = ("--namespace", namespace, "--query", "registrationState", "--output", "tsv")
    return join("az", "provider", "show", "--subscription", subscription, *what)


def recover_vault(name: str, location: str, subscription: str) -> str:
    """Return the command that recovers a soft-deleted vault."""
    where: Sequence[str] = ("--name", name, *(("--location", location) if location else ()))
    return join("az", "keyvault", "recover", *where, *(("--subscription", subscription) if subscription else ()))


def exempt(assignment: str, scope: str, references: Sequence[str], ends: str) -> str:
    """Return the command that exempts a scope from a policy assignment, or from some policies of its initiative."""
    only = ("--policy-definition-reference-ids", *references) if references else ()
    create = ("az", "policy", "exemption", "create", "--name", "azure-migrate", "--exemption-category", "Waiver")
    return join(*create, "--policy-assignment", assignment, "--scope", scope, *only, "--expires-on", ends)


def end_exemption(scope: str) -> str:
    """Return the command that deletes the exemption of `exempt`."""
    return join("az", "policy", "exemption", "delete", "--name", "azure-migrate", "--scope", scope)


def add_address(name: str, subscription: str, addresses: Sequence[str]) -> str:
    """Return the command that adds addresses to the firewall of a vault."""
    where = ("--name", name, "--subscription", subscription)
    return join("az", "keyvault", "network-rule", "add", *where, "--ip-address", *addresses)


def remove_address(name: str, subscription: str, addresses: Sequence[str]) -> str:
    """Return the command that takes addresses out of the firewall of a vault."""
    where = ("--name", name, "--subscription", subscription)
    return join("az", "keyvault", "network-rule", "remove", *where, "--ip-address", *addresses)


def give_service_endpoint(subnet: str, services: Sequence[str]) -> str:
    """Return the command that sets the service endpoints of a subnet; it replaces the whole list."""
    return join("az", "network", "vnet", "subnet", "update", "--ids", subnet, "--service-endpoints", *services)


def _rest(method: str, url: str, body: object) -> str:
    return join("az", "rest", "--method", method, "--url", url, "--body", json.dumps(body, separators=(",", ":")))
