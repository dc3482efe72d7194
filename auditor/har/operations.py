"""What a call does, in words, from its method and its path."""

import re
from dataclasses import dataclass

from auditor.har.addresses import Address
from auditor.har.services import Service

_NOUNS = {
    "microsoft.migrate/migrateprojects": "Azure Migrate project",
    "microsoft.migrate/migrateprojects/solutions": "solution of an Azure Migrate project",
    "microsoft.migrate/assessmentprojects": "assessment project",
    "microsoft.migrate/projects": "Azure Migrate project of the old experience",
    "microsoft.offazure/vmwaresites": "VMware site",
    "microsoft.offazure/hypervsites": "Hyper-V site",
    "microsoft.offazure/serversites": "site of physical servers",
    "microsoft.offazure/importsites": "import site",
    "microsoft.offazure/mastersites": "master site",
    "microsoft.keyvault/vaults": "key vault",
    "microsoft.recoveryservices/vaults": "Recovery Services vault",
    "microsoft.storage/storageaccounts": "storage account",
    "microsoft.operationalinsights/workspaces": "Log Analytics workspace",
    "microsoft.network/privateendpoints": "private endpoint",
    "microsoft.network/virtualnetworks": "virtual network",
    "microsoft.network/virtualnetworks/subnets": "subnet",
    "microsoft.authorization/roleassignments": "role assignment",
    "microsoft.authorization/roledefinitions": "role definition",
    "microsoft.authorization/locks": "lock",
    "microsoft.authorization/policyassignments": "policy assignment",
    "microsoft.resources/deployments": "deployment",
    "microsoft.resourcegraph/resources": "Resource Graph",
}
_VERBS = {"PUT": "create or change", "PATCH": "change", "DELETE": "delete", "POST": "ask for", "?": "reach"}
_RIGHTS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_PROVIDER = re.compile(r"(?P<above>.*)/providers/(?P<namespace>[^/]+)(?P<rest>(?:/.*)?)", re.IGNORECASE | re.DOTALL)
_SEGMENT = re.compile(r"[^/]+")
_FOLLOWED = frozenset({"operationstatuses", "operationresults", "asyncoperations", "operationsstatus"})
"""Types of addresses at which the state of a long operation is asked for."""
_LONGEST_NAME = 120
_OF_SIGN_IN = (
    ("/devicecode", "get a device code"),
    ("/token", "get a token"),
    ("/authorize", "sign in"),
    ("/kmsi", "stay signed in"),
    ("/login", "sign in"),
    ("/logout", "sign out"),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a call does: `words` begin with a verb. `action` is Azure's own name for it, `scope` what it acts on.

    Both, and the type, are empty where the path does not say.
    """

    words: str
    type: str = ""
    action: str = ""
    scope: str = ""


def operation_of(service: Service, method: str, address: Address) -> Operation:
    """Return what a call does."""
    match service:
        case Service.ARM:
            return _of_arm(method, address.path)
        case Service.KEY_VAULT:
            return _of_vault(method, address)
        case Service.SIGN_IN:
            path = address.path.lower()
            return Operation(next((words for part, words in _OF_SIGN_IN if part in path), "sign in"))
        case Service.GRAPH | Service.ENTRA:
            return Operation(_of_directory(method, address.path))
        case _:
            return Operation(f"{_verb(method)} `{_short(address.path)}` of {service.value}")


def _of_arm(method: str, path: str) -> Operation:
    found = _PROVIDER.fullmatch(path)
    if found is None:
        return _of_container(method, path)
    above, namespace = found["above"], found["namespace"]
    rest = _SEGMENT.findall(found["rest"])
    if method == "POST" and len(rest) == 1 and rest[0].lower() in {"register", "unregister"}:
        words = f"{rest[0].lower()} the resource provider `{_short(namespace)}`{_place(above)}"
        return Operation(words, namespace, f"{namespace}/{rest[0]}/action", above)
    types, instances = rest[::2], rest[1::2]
    is_list = len(types) > len(instances)
    action = types.pop() if method == "POST" and is_list and instances else ""
    kind = "/".join((namespace, *types))
    noun = _NOUNS.get(kind.lower(), f"`{_short(kind)}`")
    if types and types[-1].lower() in _FOLLOWED:
        words = f"follow an operation of `{_short(namespace)}` that was accepted"
    elif types and types[-1].lower().endswith("jobs") and method == "GET" and not is_list:
        words = f"follow the job `{_short(instances[-1])}` of `{_short(namespace)}`"
    elif types and types[-1].lower() == "checknameavailability":
        words = f"ask `{_short(namespace)}` whether a name is available"
    elif not types:
        words = f"{_verb(method)} the resource provider `{_short(namespace)}`"
    elif action:
        words = f"`{_short(action)}` of the {noun} `{_short(instances[-1])}`"
    elif is_list:
        words = f"list every {noun}" if method == "GET" else f"send a request to {noun}"
    else:
        words = f"{_verb(method)} the {noun} `{_short(instances[-1])}`"
    right = f"{action}/action" if action else _RIGHTS.get(method, "action")
    scope = above if is_list and not instances else path.rpartition("/")[0] if is_list else path
    return Operation(f"{words}{_place(above)}", kind, f"{kind}/{right}" if types else "", scope)


def _of_container(method: str, path: str) -> Operation:
    """Return what a call to a subscription, a group or something beside them does."""
    parts = _SEGMENT.findall(path)
    lower = [part.lower() for part in parts]
    if lower[:1] == ["subscriptions"] and len(parts) >= 3 and lower[2] == "resourcegroups":
        if len(parts) == 3:
            return Operation(f"list the resource groups{_place(path)}", "Microsoft.Resources/resourceGroups")
        right = f"Microsoft.Resources/subscriptions/resourceGroups/{_RIGHTS.get(method, 'action')}"
        words = f"{_verb(method)} the resource group `{_short(parts[3])}`"
        if len(parts) > 4:
            return Operation(
                f"{_verb(method)} `{_short('/'.join(parts[4:]))}` of the resource group `{_short(parts[3])}`"
            )
        return Operation(words, "Microsoft.Resources/resourceGroups", right, path)
    if lower == ["subscriptions"]:
        return Operation("list the subscriptions")
    if lower[:1] == ["subscriptions"] and len(parts) == 2:
        return Operation(
            f"{_verb(method)} the subscription `{_short(parts[1])}`", "Microsoft.Resources/subscriptions", scope=path
        )
    if lower[:1] == ["batch"]:
        return Operation("send several requests at once")
    return Operation(f"{_verb(method)} `{_short(path)}`")


def _of_vault(method: str, address: Address) -> Operation:
    vault = address.host.partition(".")[0]
    parts = _SEGMENT.findall(address.path)
    if not parts:
        return Operation(f"{_verb(method)} the content of the key vault `{vault}`")
    kind = parts[0].rstrip("s") if parts[0] in {"secrets", "keys", "certificates"} else f"`{_short(parts[0])}`"
    if len(parts) == 1:
        return Operation(f"list the {kind}s of the key vault `{vault}`", f"Microsoft.KeyVault/vaults/{parts[0]}")
    return Operation(
        f"{_verb(method)} the {kind} `{_short(parts[1])}` in the key vault `{vault}`",
        f"Microsoft.KeyVault/vaults/{parts[0]}",
    )


def _of_directory(method: str, path: str) -> str:
    parts = _SEGMENT.findall(path)
    if parts and re.fullmatch(r"(?:v\d\.\d|beta|api)", parts[0], re.IGNORECASE):
        parts = parts[1:]
    shown = f"`/{_short('/'.join(parts))}`"
    if method == "POST" and len(parts) == 1 and "$" not in parts[0]:
        return f"create one of {shown} in the directory"
    return f"{_verb(method)} {shown} in the directory"


def _verb(method: str) -> str:
    return _VERBS.get(method, "read" if method in {"GET", "HEAD"} else f"`{_short(method)}`")


def _place(above: str) -> str:
    """Return the group or the subscription of a scope, as a phrase that begins with a blank."""
    parts = _SEGMENT.findall(above)
    lower = [part.lower() for part in parts]
    if len(parts) >= 4 and lower[2] == "resourcegroups":
        return f" in `{_short(parts[3])}`"
    return f" in the subscription `{_short(parts[1])}`" if lower[:1] == ["subscriptions"] and len(parts) >= 2 else ""


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
