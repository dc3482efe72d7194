"""An environment as it looks when one list was refused, or lost a page."""

from dataclasses import replace
from random import Random

from auditor.inventory.reads import Gap
from tests.access.environments import Environment, Row


def hidden(world: Environment, what: str, at: str, choices: Random) -> Environment:
    """Return `world` without what the list `what` at `at` held (all of it or a part), and with the gap that says so."""
    whole = choices.random() < 0.6
    lost = {id(row) for row in world.arm if _belongs(row, what, at) and (whole or choices.random() < 0.5)}
    link = {"graph/transitivememberof": "transitiveMemberOf", "microsoft.management/managementgroups": "parent"}
    rel = link.get(what.lower(), "")
    links = [
        item
        for item in world.links
        if item.rel != rel or at not in {"/", item.from_} or not (whole or choices.random() < 0.5)
    ]
    reads = None
    if world.reads is not None:
        reads = [read for read in world.reads if (read.what, read.scope) != (what, at)]
    refusal = Gap(what, at, 403, "AuthorizationFailed")
    arm = [row for row in world.arm if id(row) not in lost]
    return replace(world, arm=arm, links=links, reads=reads, gaps=[*world.gaps, refusal])


def _belongs(row: Row, what: str, at: str) -> bool:
    if row["type"].lower() != what.lower():
        return False
    inside = row["id"].lower().startswith(at.lower().rstrip("/") + "/")
    return inside if at != "/" else not row["id"].lower().startswith("/subscriptions/")
