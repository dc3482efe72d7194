"""Custom roles that can be assigned in one resource group only: the list of their subscription lacks them.

The list of the resource group has them. It is read only where an assignment in the group names a definition that no
other list had, and only for groups that matter: with resources of Azure Migrate, vaults or workspaces, or named.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from auditor.collect.reader import Reader
from auditor.collect.readers.authorization import CUSTOM_ROLES
from auditor.collect.recording import Recording
from auditor.collect.workers import Job
from auditor.inventory.lists import ROLE_ACTIVATIONS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, ROLE_ELIGIBILITIES

_GRANTS = (ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES, ROLE_ACTIVATIONS)
_THAT_MATTER = (
    "microsoft.migrate/",
    "microsoft.offazure/",
    "microsoft.keyvault/vaults",
    "microsoft.operationalinsights/workspaces",
    "microsoft.recoveryservices/vaults",
)


def group_role_jobs(reader: Reader, named: Iterable[str]) -> list[Job]:
    """Return one read per resource group where a definition is missing; `named` are ids in further groups."""
    return [partial(reader.read, CUSTOM_ROLES, group) for group in _groups(reader.recording, named)]


def _groups(recording: Recording, named: Iterable[str]) -> list[str]:
    known = {guid_of(record.id) for record in recording.records(ROLE_DEFINITIONS.lower())}
    matter = {_group(identity) for identity in (*named, *(record.id for record in recording.records(*_THAT_MATTER)))}
    found: dict[str, str] = {}
    for record in recording.records(*(what.lower() for what in _GRANTS)):
        key = _group(record.id)
        if key and key in matter and key not in found:
            role = role_in(msgspec.json.decode(record.body, type=dict[str, object]))
            if role and role not in known:
                found[key] = "/".join(record.id.split("/", 5)[:5])
    return sorted(found.values(), key=str.lower)


def _group(identity: str) -> str:
    """Return the id (lower case) of the resource group that an id is, or lies in; empty outside of groups."""
    parts = identity.lower().split("/", 5)[:5]
    inside = len(parts) == 5 and parts[1] == "subscriptions" and parts[3] == "resourcegroups"
    return "/".join(parts) if inside else ""


def role_in(body: Mapping[str, object]) -> str:
    """Return the GUID (lower case) of the role that the body of an assignment names; empty if it names none."""
    held = body.get("properties")
    named = held.get("roleDefinitionId") if isinstance(held, dict) else None
    return guid_of(named) if isinstance(named, str) else ""


def guid_of(definition: str) -> str:
    """Return the GUID (lower case) of a role in the id of its definition."""
    return definition.rstrip("/").rpartition("/")[2].lower()
