"""The `az` commands that fixes print: whether what one does is in place in a snapshot, and the snapshot after it.

Nothing here asks the access engine, so that it can contradict it.
"""

import json
import shlex
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from auditor.access.rbac.roles import RoleBook
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.records import Link, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

Body = dict[str, Any]
Options = dict[str, list[str]]
PLACEHOLDERS = frozenset({"ADDRESS", "OBJECT_ID"})
"""What a reader fills in."""
AUTHORIZATION = "Microsoft.Authorization"


@dataclass(frozen=True)
class Command:
    """One command: its words before the first option, and the values by option."""

    words: tuple[str, ...]
    options: Options

    def one(self, option: str) -> str:
        """Return the value of an option that has one; empty if it was not given."""
        return " ".join(self.options.get(option, []))

    @property
    def of_subscription(self) -> str:
        """The path of the subscription that it names, in lower case."""
        return f"/subscriptions/{self.one('--subscription')}".lower()


def parsed(text: str) -> Iterator[Command]:
    """Yield the commands of a line, as a POSIX shell would split it."""
    words: list[str] = []
    for word in [*shlex.split(text), "&&"]:
        if word != "&&":
            words.append(word)
            continue
        first = next(place for place, one in enumerate(words) if one.startswith("--"))
        options: Options = {}
        for one in words[first:]:
            if one.startswith("--"):
                options[one] = []
            else:
                options[list(options)[-1]].append(one)
        yield Command(tuple(words[1:first]), options)
        words = []


class Picture:
    """The bodies of a snapshot, to be looked up and changed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.arm: dict[str, Body] = {one.id.lower(): json.loads(one.body) for one in snapshot.arm if not one.deleted}
        self.graph: dict[str, Body] = {
            one.id.lower(): json.loads(one.body) for one in snapshot.graph if not one.deleted
        }
        self.links = set(snapshot.links)

    def changed(self) -> Snapshot:
        """Return the snapshot with these bodies; what was read stays as it was."""
        deleted = [one for one in self.snapshot.arm if one.deleted]
        gone = [one for one in self.snapshot.graph if one.deleted]
        return Snapshot.of(
            self.snapshot.header,
            arm=[*map(arm_record, self.arm.values()), *deleted],
            graph=[*map(graph_record, self.graph.values()), *gone],
            links=self.links,
            events=self.snapshot.events,
            reads=self.snapshot.reads,
            gaps=self.snapshot.gaps,
        )

    @cached_property
    def _roles(self) -> dict[str, str]:
        every = RoleBook.of(Inventory.of(self.snapshot)).every()
        return {role.name.lower(): role.id.rpartition("/")[2].lower() for role in every}

    def role(self, text: str) -> str:
        """Return the GUID of a role that is named or given by its id."""
        return self._roles.get(text.lower(), text.rpartition("/")[2].lower())

    def of_type(self, kind: str) -> Iterator[tuple[str, Body]]:
        """Yield the resources of a type, each with its id in lower case."""
        for identity, body in self.arm.items():
            if f"/providers/{kind}/".lower() in identity and identity.count("/", identity.rindex(kind.lower())) == 2:
                yield identity, body

    def named(self, kind: str, command: Command) -> list[Body]:
        """Return the resources of a type that bear the name in the subscription of a command."""
        name, under = command.one("--name").lower(), command.of_subscription
        return [
            body
            for identity, body in self.of_type(kind)
            if identity.startswith(f"{under}/") and identity.endswith(f"/{name}")
        ]

    def held(self, principal: str) -> Iterator[Body]:
        """Yield the lasting role assignments of a principal and its groups."""
        groups = {one.to.lower() for one in self.links if one.rel == "transitiveMemberOf" and one.from_ == principal}
        instances = [body["properties"] for _, body in self.of_type(f"{AUTHORIZATION}/roleAssignmentScheduleInstances")]
        passing = {(one.get("originRoleAssignmentId") or "").lower() for one in instances if one.get("endDateTime")}
        for identity, body in self.of_type(f"{AUTHORIZATION}/roleAssignments"):
            holder = (body["properties"].get("principalId") or "").lower()
            if holder in {principal.lower(), *groups} and identity not in passing:
                yield body

    def reaches(self, assignment: Body, scope: str) -> bool:
        """Return whether a role assignment applies at `scope`."""
        at = assignment["id"].lower().rpartition("/providers/microsoft.authorization/")[0]
        if at.startswith("/subscriptions/") or not at:
            return f"{scope.lower()}/".startswith(f"{at}/")
        subscription = "/".join(scope.lower().split("/")[:3])
        return any(
            one.rel == "inheritedBy"
            and one.from_.lower() == assignment["id"].lower()
            and one.to.lower() == subscription
            for one in self.links
        )

    def applications(self, app_id: str) -> Iterator[Body]:
        """Yield the application registrations of an id, that of the application or of the object."""
        for body in self.graph.values():
            if body["@odata.type"].endswith(".application") and app_id in {body["id"], body.get("appId")}:
                yield body

    def principals(self, app_id: str) -> Iterator[Body]:
        """Yield the service principals of an application's id, or of an object id."""
        for body in self.graph.values():
            if body["@odata.type"].endswith(".servicePrincipal") and app_id in {body["id"], body.get("appId")}:
                yield body


def is_in_place(picture: Picture, command: Command) -> bool:
    """Return whether what the command does is in place already, or can have no effect there."""
    return KINDS[_kind(command)].in_place(picture, command)


def carry_out(picture: Picture, command: Command) -> None:
    """Change the picture as the command would; what a reader has to fill in is left out."""
    if not PLACEHOLDERS & {value for values in command.options.values() for value in values}:
        KINDS[_kind(command)].carry_out(picture, command)


def _kind(command: Command) -> tuple[str, ...]:
    if command.words == ("rest",):
        return ("rest", command.one("--url").partition("?")[0].rstrip("/").split("/roleManagement/")[0][:8])
    return command.words


def _grants(picture: Picture, role: str, principal: str, scope: str, condition: str) -> bool:
    return any(
        picture.role(one["properties"]["roleDefinitionId"]) == role
        and one["properties"].get("condition") in {None, "", condition}
        and picture.reaches(one, scope)
        for one in picture.held(principal)
    )


def _has_role(picture: Picture, command: Command) -> bool:
    wanted = picture.role(command.one("--role"))
    whom, scope = command.one("--assignee-object-id"), command.one("--scope")
    return _grants(picture, wanted, whom, scope, command.one("--condition"))


def _give_role(picture: Picture, command: Command) -> None:
    role, whom, scope = picture.role(command.one("--role")), command.one("--assignee-object-id"), command.one("--scope")
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{role} {whom} {scope}".lower())
    identity = f"{scope}/providers/{AUTHORIZATION}/roleAssignments/{name}"
    properties = {
        "roleDefinitionId": f"/providers/{AUTHORIZATION}/roleDefinitions/{role}",
        "principalId": whom,
        "principalType": command.one("--assignee-principal-type"),
        "scope": scope,
        "condition": command.one("--condition") or None,
    }
    kind = f"{AUTHORIZATION}/roleAssignments"
    picture.arm[identity.lower()] = {"id": identity, "type": kind, "name": str(name), "properties": properties}


def _provider(command: Command) -> str:
    return f"{command.of_subscription}/providers/{command.one('--namespace')}".lower()


def _is_registered(picture: Picture, command: Command) -> bool:
    return (picture.arm.get(_provider(command), {}).get("registrationState") or "").lower() == "registered"


def _register(picture: Picture, command: Command) -> None:
    if _provider(command) in picture.arm:
        picture.arm[_provider(command)]["registrationState"] = "Registered"


def _admits(picture: Picture, command: Command) -> bool:
    for vault in picture.named("Microsoft.KeyVault/vaults", command):
        properties = vault["properties"]
        rules = properties.get("networkAcls") or {}
        if (properties.get("publicNetworkAccess") or "Enabled").lower() == "disabled":
            return True
        if (rules.get("defaultAction") or "Allow").lower() == "allow":
            return True
        listed = rules.get("ipRules")
        values = [one.get("value") for one in listed] if isinstance(listed, list) else []
        asked = command.options["--ip-address"]
        return all(one in values or f"{one}/32" in values or one.removesuffix("/32") in values for one in asked)
    return True


def _admit(picture: Picture, command: Command) -> None:
    for vault in picture.named("Microsoft.KeyVault/vaults", command):
        rules = vault["properties"].setdefault("networkAcls", {})
        listed = rules.get("ipRules") if isinstance(rules.get("ipRules"), list) else []
        rules["ipRules"] = [*listed, *({"value": one} for one in command.options["--ip-address"])]


def _has_policy(picture: Picture, command: Command) -> bool:
    found = picture.named("Microsoft.KeyVault/vaults", command)
    if not found or found[0]["properties"].get("enableRbacAuthorization"):
        return True
    held: dict[str, set[str]] = {}
    for policy in found[0]["properties"].get("accessPolicies") or ():
        if policy.get("objectId") == command.one("--object-id") and not policy.get("applicationId"):
            for category, names in policy["permissions"].items():
                held.setdefault(category, set()).update(name.lower() for name in names or ())
    asked = {
        option.removeprefix("--").removesuffix("-permissions") + "s": values
        for option, values in command.options.items()
        if option.endswith("-permissions")
    }
    return all("all" in held.get(kind, ()) or set(names) <= held.get(kind, set()) for kind, names in asked.items())


def _set_policy(picture: Picture, command: Command) -> None:
    for vault in picture.named("Microsoft.KeyVault/vaults", command):
        properties, whom = vault["properties"], command.one("--object-id")
        others = [one for one in properties.get("accessPolicies") or () if one.get("objectId") != whom]
        permissions = {
            f"{kind}s": command.options[f"--{kind}-permissions"]
            for kind in ("key", "secret", "certificate")
            if f"--{kind}-permissions" in command.options
        }
        tenant = properties.get("tenantId")
        properties["accessPolicies"] = [*others, {"tenantId": tenant, "objectId": whom, "permissions": permissions}]


def _is_exempt(picture: Picture, command: Command) -> bool:
    wanted = {one.lower() for one in command.options.get("--policy-definition-reference-ids", [])}
    scope = command.one("--scope").lower()
    for identity, body in picture.of_type(f"{AUTHORIZATION}/policyExemptions"):
        at = identity.rpartition("/providers/microsoft.authorization/")[0]
        of = (body["properties"].get("policyAssignmentId") or "").lower()
        names = {one.lower() for one in body["properties"].get("policyDefinitionReferenceIds") or ()}
        ends = body["properties"].get("expiresOn") or "9999"
        lasts = ends > f"{picture.snapshot.header.collected_at:%Y-%m-%dT%H:%M:%S}"
        here = f"{scope}/".startswith(f"{at}/") and of == command.one("--policy-assignment").lower()
        if here and lasts and (not names or (wanted and wanted <= names)):
            return True
    return False


def _exempt(picture: Picture, command: Command) -> None:
    scope, assignment = command.one("--scope"), command.one("--policy-assignment")
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{scope} {assignment}".lower())
    identity = f"{scope}/providers/{AUTHORIZATION}/policyExemptions/{name}"
    properties = {
        "policyAssignmentId": assignment,
        "policyDefinitionReferenceIds": command.options.get("--policy-definition-reference-ids", []),
        "exemptionCategory": "Waiver",
        "expiresOn": command.one("--expires-on"),
    }
    kind = f"{AUTHORIZATION}/policyExemptions"
    picture.arm[identity.lower()] = {"id": identity, "type": kind, "name": str(name), "properties": properties}


def _owns(picture: Picture, command: Command) -> bool:
    whom = command.one("--owner-object-id")
    return any(
        Link("owner", application["id"], whom) in {replaced(one) for one in picture.links}
        for application in picture.applications(command.one("--id"))
    )


def replaced(link: Link) -> Link:
    """Return a link without the scope that it holds in."""
    return Link(link.rel, link.from_, link.to)


def _own(picture: Picture, command: Command) -> None:
    for application in picture.applications(command.one("--id")):
        picture.links.add(Link("owner", application["id"], command.one("--owner-object-id")))


def _has_principal(picture: Picture, command: Command) -> bool:
    return any(picture.principals(command.one("--id")))


def _create_principal(picture: Picture, command: Command) -> None:
    app_id = command.one("--id")
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, app_id))
    kind = "#microsoft.graph.servicePrincipal"
    picture.graph[identity] = {
        "@odata.type": kind,
        "id": identity,
        "appId": app_id,
        "accountEnabled": True,
        "servicePrincipalType": "Application",
    }


def _is_enabled(picture: Picture, command: Command) -> bool:
    found = picture.graph.get(command.one("--id").lower(), {})
    return found.get("accountEnabled") is True


def _enable(picture: Picture, command: Command) -> None:
    picture.graph[command.one("--id").lower()]["accountEnabled"] = True


def _is_live(picture: Picture, command: Command) -> bool:
    return any(picture.named("Microsoft.KeyVault/vaults", command))


def _workspace_is_live(picture: Picture, command: Command) -> bool:
    found = picture.named("Microsoft.OperationalInsights/workspaces", command)
    group = f"/resourcegroups/{command.one('--resource-group')}/".lower()
    return any(group in body["id"].lower() for body in found)


def _subnet(picture: Picture, command: Command) -> Body | None:
    wanted = command.one("--ids").lower()
    for _, body in picture.of_type("Microsoft.Network/virtualNetworks"):
        for subnet in body["properties"].get("subnets") or ():
            if subnet["id"].lower() == wanted:
                return dict(subnet["properties"])
    return None


def _has_endpoints(picture: Picture, command: Command) -> bool:
    found = _subnet(picture, command)
    held = {one["service"].lower() for one in (found or {}).get("serviceEndpoints") or ()}
    return {one.lower() for one in command.options["--service-endpoints"]} <= held


def _is_gone(picture: Picture, command: Command) -> bool:
    return any(one.lower() not in picture.arm for one in command.options["--ids"])


def _remove(picture: Picture, command: Command) -> None:
    for one in command.options["--ids"]:
        picture.arm.pop(one.lower(), None)


def _application_is_gone(picture: Picture, command: Command) -> bool:
    application = command.one("--id")
    unread = any(gap.scope == application for gap in picture.snapshot.gaps)
    return not unread and not any(picture.applications(application))


def _is_not_replicated(picture: Picture, command: Command) -> bool:
    body = picture.arm.get(command.one("--ids").lower(), {})
    return not ((body.get("properties") or {}).get("replication") or {}).get("enabled")


def _stop_replicating(picture: Picture, command: Command) -> None:
    picture.arm[command.one("--ids").lower()]["properties"]["replication"]["enabled"] = False


def _has_directory_role(picture: Picture, command: Command) -> bool:
    body = json.loads(command.one("--body"))
    role, whom = body["roleDefinitionId"], body["principalId"]
    return any(
        one.rel == "directoryRole" and one.from_ == whom and one.to == role and one.scope in {"", "/"}
        for one in picture.links
    )


def _give_directory_role(picture: Picture, command: Command) -> None:
    body = json.loads(command.one("--body"))
    picture.links.add(Link("directoryRole", body["principalId"], body["roleDefinitionId"]))


def _is_active(picture: Picture, command: Command) -> bool:
    properties = json.loads(command.one("--body"))["properties"]
    scope = command.one("--url").partition("/providers/Microsoft.Authorization/")[0]
    role = properties["roleDefinitionId"].rpartition("/")[2].lower()
    return _grants(picture, role, properties["principalId"], scope, "")


def _nothing(_picture: Picture, _command: Command) -> None:
    """Leave the picture as it is: the effect is not modelled."""


@dataclass(frozen=True)
class Kind:
    """One kind of command: whether its effect is in place, and how it changes a picture."""

    in_place: Callable[[Picture, Command], bool]
    carry_out: Callable[[Picture, Command], None] = _nothing


_DELETIONS = (
    ("lock", "delete"),
    ("resource", "delete"),
    ("role", "assignment", "delete"),
    ("storage", "account", "delete"),
    ("servicebus", "namespace", "delete"),
    ("network", "private-endpoint", "delete"),
    ("monitor", "log-analytics", "workspace", "delete"),
)
KINDS: dict[tuple[str, ...], Kind] = {
    ("role", "assignment", "create"): Kind(_has_role, _give_role),
    ("provider", "register"): Kind(_is_registered, _register),
    ("provider", "show"): Kind(_is_registered),
    ("keyvault", "network-rule", "add"): Kind(_admits, _admit),
    ("keyvault", "set-policy"): Kind(_has_policy, _set_policy),
    ("keyvault", "recover"): Kind(_is_live),
    ("keyvault", "delete"): Kind(lambda picture, command: not _is_live(picture, command)),
    ("network", "vnet", "subnet", "update"): Kind(_has_endpoints),
    ("policy", "exemption", "create"): Kind(_is_exempt, _exempt),
    ("ad", "app", "owner", "add"): Kind(_owns, _own),
    ("ad", "app", "delete"): Kind(_application_is_gone),
    ("ad", "sp", "create"): Kind(_has_principal, _create_principal),
    ("ad", "sp", "update"): Kind(_is_enabled, _enable),
    ("ad", "user", "update"): Kind(_is_enabled, _enable),
    ("monitor", "log-analytics", "workspace", "recover"): Kind(_workspace_is_live),
    ("resource", "update"): Kind(_is_not_replicated, _stop_replicating),
    ("rest", "https://"): Kind(_has_directory_role, _give_directory_role),
    ("rest", "/subscri"): Kind(_is_active),
    ("rest", "/provide"): Kind(_is_active),
    **dict.fromkeys(_DELETIONS, Kind(_is_gone, _remove)),
}
"""The kinds of commands by the words before their options; a new kind in a fix has to be entered here."""


def after(snapshot: Snapshot, commands: Iterable[Command]) -> Snapshot:
    """Return the snapshot in which the commands have been carried out."""
    picture = Picture(snapshot)
    for command in commands:
        carry_out(picture, command)
    return replace(picture.changed(), reads=snapshot.reads)
