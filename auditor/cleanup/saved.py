"""Saved resources: those that recovering a deleted workspace does not restore, kept so that they can be recreated."""

from collections.abc import Iterator
from typing import Any

import msgspec

from auditor.facts.estate.environment import Context
from auditor.inventory.lists import LINKED_SERVICES, WORKSPACE_SOLUTIONS


class Saved(msgspec.Struct, frozen=True):
    """A resource that is deleted with a workspace and not recovered with it: its kind, id and body as read."""

    kind: str
    id: str
    body: dict[str, Any]


def lost_with(context: Context, workspace: str) -> tuple[Saved, ...]:
    """Return the solutions on a workspace and the services linked to it, by kind and id."""
    key = workspace.lower().rstrip("/")
    return tuple(sorted([*_solutions(context, key), *_linked(context, key)], key=lambda it: (it.kind, it.id.lower())))


def _solutions(context: Context, key: str) -> Iterator[Saved]:
    for body in _bodies(context, WORKSPACE_SOLUTIONS):
        held = body.get("properties")
        properties = {name.lower(): value for name, value in held.items()} if isinstance(held, dict) else {}
        if str(properties.get("workspaceresourceid", "")).lower().rstrip("/") == key:
            yield Saved("solution", body["id"], body)


def _linked(context: Context, key: str) -> Iterator[Saved]:
    for body in _bodies(context, LINKED_SERVICES):
        if str(body["id"]).lower().startswith(f"{key}/linkedservices/"):
            yield Saved("linked service", body["id"], body)


def _bodies(context: Context, what: str) -> Iterator[dict[str, Any]]:
    for record in context.inventory.of_type(what):
        if not record.deleted:
            yield msgspec.json.decode(record.body, type=dict[str, Any])
