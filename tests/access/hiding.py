"""The effect on an environment of a list that was refused or lost a page."""

from dataclasses import replace
from random import Random

from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import Link
from tests.access.environments import Environment, Row

_RELATIONS = {
    "graph/transitivememberof": "transitiveMemberOf",
    "microsoft.management/managementgroups": "parent",
    "graph/directoryroles": "directoryRole",
    "graph/owners": "owner",
}
"""Lists that are kept as links of the object that they were requested for, with the relation."""
_OBJECTS = {
    "graph/users": ("user", "id"),
    "graph/groups": ("group", "id"),
    "graph/applications": ("application", "appId"),
    "graph/serviceprincipals": ("servicePrincipal", "appId"),
    "graph/directoryroleeligibilities": ("unifiedRoleEligibilityScheduleInstance", "principalId"),
    "graph/groupeligibilities": ("privilegedAccessGroupEligibilityScheduleInstance", "principalId"),
    "graph/authorizationpolicy": ("authorizationPolicy", ""),
}
"""Lists of the directory: the type of their objects, and the property with the id they were requested for."""


def hidden(world: Environment, what: str, at: str, choices: Random) -> Environment:
    """Return `world` without all or some contents of the list `what` at `at`, and with the gap for it."""
    whole = choices.random() < 0.6

    def stays(belongs: bool) -> bool:
        return not belongs or not (whole or choices.random() < 0.5)

    arm = [row for row in world.arm if stays(_is_listed(row, what, at))]
    graph = [row for row in world.graph if stays(_is_object(row, what, at))]
    links = [link for link in world.links if stays(_is_related(link, what, at))]
    reads = None
    if world.reads is not None:
        reads = [read for read in world.reads if (read.what, read.scope) != (what, at)]
    refusal = Gap(what, at, 403, "AuthorizationFailed")
    return replace(world, arm=arm, graph=graph, links=links, reads=reads, gaps=[*world.gaps, refusal])


def holds(world: Environment, what: str, at: str) -> bool:
    """Return whether the list `what` at `at` has any contents."""
    return (
        any(_is_listed(row, what, at) for row in world.arm)
        or any(_is_object(row, what, at) for row in world.graph)
        or any(_is_related(link, what, at) for link in world.links)
    )


def lists_any(world: Environment, ids: set[str], what: str, at: str) -> bool:
    """Return whether the list `what` at `at` contains a record with one of `ids` (lower case)."""
    return any(row["id"].lower() in ids and _is_listed(row, what, at) for row in world.arm)


def _is_listed(row: Row, what: str, at: str) -> bool:
    if row["type"].lower() != what.lower():
        return False
    inside = row["id"].lower().startswith(at.lower().rstrip("/") + "/")
    return inside if at != "/" else not row["id"].lower().startswith("/subscriptions/")


def _is_object(row: Row, what: str, at: str) -> bool:
    kind, name = _OBJECTS.get(what.lower(), ("", ""))
    return row["@odata.type"] == f"#microsoft.graph.{kind}" and (not name or str(row.get(name)).lower() == at.lower())


def _is_related(link: Link, what: str, at: str) -> bool:
    return link.rel == _RELATIONS.get(what.lower()) and at in {"/", link.from_}
