"""The principals that role assignments, deny assignments, PIM grants and access policies refer to by object id."""

from collections.abc import Iterator
from functools import partial

from auditor.azure.errors import ReadFailed
from auditor.collect.directory.client import Asker
from auditor.collect.directory.questions import reduced
from auditor.collect.listing import Body, permissions_for
from auditor.collect.reader import gap_of
from auditor.collect.recording import Recording
from auditor.collect.scope import is_guid
from auditor.collect.workers import Workers
from auditor.inventory.lists import (
    DENY_ASSIGNMENTS,
    DIRECTORY_OBJECTS,
    KEY_VAULTS,
    ROLE_ACTIVATIONS,
    ROLE_ASSIGNMENTS,
    ROLE_ELIGIBILITIES,
    shape_of,
)

CHUNK = 1000
"""The largest number of ids that Graph accepts in one request."""

_EVERYONE = "00000000-0000-0000-0000-000000000000"
_NAMES_PRINCIPALS = (
    ROLE_ASSIGNMENTS,
    ROLE_ELIGIBILITIES,
    ROLE_ACTIVATIONS,
    DENY_ASSIGNMENTS,
    KEY_VAULTS,
)
_ID_FIELDS = frozenset({"principalid", "objectid"})
_LIST_FIELDS = frozenset({"principals", "excludeprincipals"})


def principal_ids(body: Body) -> Iterator[str]:
    """Yield the object ids (lower case) in an assignment, a deny assignment or a vault; never that of "everyone"."""
    properties = body.get("properties")
    if not isinstance(properties, dict):
        return
    for name, value in properties.items():
        key = name.lower()
        if key in _ID_FIELDS:
            yield from _object_id(value)
        elif key in _LIST_FIELDS and isinstance(value, list):
            for principal in value:
                yield from _object_id(principal.get("id") if isinstance(principal, dict) else None)
        elif key == "accesspolicies" and isinstance(value, list):
            for policy in value:
                yield from _object_id(policy.get("objectId") if isinstance(policy, dict) else None)


def _object_id(value: object) -> Iterator[str]:
    if isinstance(value, str) and is_guid(value) and value != _EVERYONE:
        yield value.lower()


async def read_principals(asker: Asker, workers: Workers) -> None:
    """Record the principals of all object ids in the recording.

    Ids that a complete read did not find belong to deleted principals or to another tenant.
    """
    recording = asker.recording
    recording.plan(DIRECTORY_OBJECTS, "/")
    named = {found for body in recording.bodies(*_NAMES_PRINCIPALS) for found in principal_ids(body)}
    owners = {link.to.lower() for link in recording.links("owner") if is_guid(link.to)}
    ids = sorted(named | {owner for owner in owners if not recording.holds_object(owner)})
    unknown = [one for one in ids if not recording.holds_object(one)]
    chunks = [unknown[start : start + CHUNK] for start in range(0, len(unknown), CHUNK)]
    await workers.run(partial(_read_chunk, asker, chunk) for chunk in chunks)
    _conclude(recording, ids)


async def _read_chunk(asker: Asker, ids: list[str]) -> None:
    try:
        bodies = await asker.graph.by_ids(ids, shape=shape_of(DIRECTORY_OBJECTS))
        if strangers := {str(body["id"]).lower() for body in bodies} - set(ids):
            message = f"{len(strangers):,} of the objects in the answer were not asked for"
            raise ReadFailed(200, "UnexpectedShape", message, DIRECTORY_OBJECTS)  # noqa: TRY301 - handled as any other
    except ReadFailed as failure:
        needs = permissions_for(DIRECTORY_OBJECTS)[0]
        asker.recording.gap(gap_of(DIRECTORY_OBJECTS, "/", needs, failure))
        return
    for body in bodies:
        asker.recording.graph(reduced(body), DIRECTORY_OBJECTS, "/")


def _conclude(recording: Recording, ids: list[str]) -> None:
    recording.complete(DIRECTORY_OBJECTS, "/", sum(recording.holds_object(one) for one in ids))
