"""Rights in plain words: what an account may do with which things, and where, without the names of operations."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.audit.preflight.report import Missing
from auditor.report.terminal.preflight_words import by_scope

THINGS = {
    "microsoft.authorization/locks": "locks",
    "microsoft.authorization/roleassignments": "role assignments",
    "microsoft.compute/disks": "disks",
    "microsoft.compute/virtualmachines": "virtual machines",
    "microsoft.directory/applications": "applications",
    "microsoft.directory/applications/credentials": "the credentials of applications",
    "microsoft.directory/serviceprincipals": "service principals",
    "microsoft.directory/serviceprincipals/standard": "service principals",
    "microsoft.keyvault/vaults": "key vaults",
    "microsoft.keyvault/vaults/accesspolicies": "access policies of key vaults",
    "microsoft.keyvault/vaults/certificatecas": "certificate issuers",
    "microsoft.keyvault/vaults/certificatecontacts": "certificate contacts",
    "microsoft.keyvault/vaults/certificates": "certificates",
    "microsoft.keyvault/vaults/keyrotationpolicies": "rotation policies of keys",
    "microsoft.keyvault/vaults/keys": "keys",
    "microsoft.keyvault/vaults/secrets": "secrets",
    "microsoft.migrate/assessmentprojects": "assessment projects",
    "microsoft.migrate/assessmentprojects/hypervcollectors": "collectors of assessment projects",
    "microsoft.migrate/assessmentprojects/servercollectors": "collectors of assessment projects",
    "microsoft.migrate/assessmentprojects/vmwarecollectors": "collectors of assessment projects",
    "microsoft.migrate/migrateprojects": "Azure Migrate projects",
    "microsoft.migrate/migrateprojects/solutions": "the tools of Azure Migrate projects",
    "microsoft.network/networkinterfaces": "network interfaces",
    "microsoft.network/privatednszones": "private DNS zones",
    "microsoft.network/privatednszones/a": "addresses in private DNS zones",
    "microsoft.network/privatednszones/virtualnetworklinks": "links of private DNS zones to networks",
    "microsoft.network/privateendpoints": "private endpoints",
    "microsoft.network/privateendpoints/privatednszonegroups": "DNS settings of private endpoints",
    "microsoft.network/virtualnetworks": "virtual networks",
    "microsoft.network/virtualnetworks/subnets": "subnets",
    "microsoft.offazure/hypervsites": "discovery sites",
    "microsoft.offazure/hypervsites/clusters": "sources of discovery sites",
    "microsoft.offazure/hypervsites/hosts": "sources of discovery sites",
    "microsoft.offazure/mastersites": "discovery sites",
    "microsoft.offazure/serversites": "discovery sites",
    "microsoft.offazure/serversites/machines": "sources of discovery sites",
    "microsoft.offazure/vmwaresites": "discovery sites",
    "microsoft.offazure/vmwaresites/vcenters": "sources of discovery sites",
    "microsoft.recoveryservices/vaults": "Recovery Services vaults",
    "microsoft.recoveryservices/vaults/replicationfabrics/replicationprotectioncontainers/replicationmigrationitems": (
        "replicated machines"
    ),
    "microsoft.resources/deployments": "deployments",
    "microsoft.resources/subscriptions/resourcegroups": "resource groups",
    "microsoft.storage/storageaccounts": "storage accounts",
}
"""The things that operations are about, by their type in lower case."""
_VERBS = {
    "read": "read",
    "write": "create or change",
    "delete": "delete",
    "create": "create",
    "createasowner": "create",
    "update": "change",
    "getsecret": "read the content of",
    "setsecret": "write",
    "readmetadata": "list",
    "join": "join",
    "registertool": "add tools to",
    "registrationdetails": "read the registration details of",
    "applianceregistrationinfo": "register appliances with",
    "register": "register",
}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class RightsAt:
    """What is missing at one place: the place and the rights in plain words, a remark, and the operations."""

    place: str
    words: str
    remark: str
    operations: tuple[str, ...]


def rights_at(missing: Iterable[Missing]) -> tuple[RightsAt, ...]:
    """Return the missing rights by place and remark, each right once."""
    return tuple(
        RightsAt(
            place_in_words(scope, rights[0].plane),
            in_words(right.actions[0] for right in rights),
            remark.strip("()"),
            tuple(" or ".join(right.actions) for right in rights),
        )
        for (scope, remark), rights in by_scope(dict.fromkeys(missing)).items()
    )


def in_words(operations: Iterable[str]) -> str:
    """Return what operations allow, such as `create or change key vaults, discovery sites; read secrets`."""
    phrases: dict[str, dict[str, None]] = defaultdict(dict)
    for operation in operations:
        verb, thing = _read(operation)
        phrases[verb][thing] = None
    return "; ".join(f"{verb} {', '.join(things)}" for verb, things in phrases.items())


def _read(operation: str) -> tuple[str, str]:
    kind, _, verb = operation.removesuffix("/action").rpartition("/")
    thing = THINGS.get(kind.lower()) or f"`{kind}`"
    return _VERBS.get(verb.lower(), _WORD.sub(" ", verb).lower()), thing


def place_in_words(scope: str, plane: str) -> str:
    """Return a scope in words, with its name: the resource group `rg-migrate`."""
    parts = scope.strip("/").split("/")
    if plane == "directory":
        return "the directory" if len(parts) < 2 and not _is_id(scope) else f"the application `{parts[-1]}`"
    if len(parts) == 2 and parts[0].lower() == "subscriptions":
        return f"the subscription `{parts[1]}`"
    if len(parts) == 4 and parts[2].lower() == "resourcegroups":
        return f"the resource group `{parts[3]}`"
    kind = parts[-2].lower() if len(parts) > 1 else ""
    return f"{_PLACES.get(kind, 'the resource')} `{parts[-1]}`"


def _is_id(scope: str) -> bool:
    return bool(scope.strip("/")) and scope != "the directory"


_PLACES = {
    "migrateprojects": "the project",
    "vaults": "the key vault",
    "subnets": "the subnet",
    "virtualnetworks": "the virtual network",
}
