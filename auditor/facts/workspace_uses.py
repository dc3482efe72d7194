"""The checks of what else a workspace serves, read from `workspace_uses.yaml`, and their hits in one inventory."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import msgspec

from auditor.facts.everywhere import NOT_ASKED, Everywhere
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.ingestion import Arrivals, arrivals
from auditor.facts.presence import arm_id
from auditor.facts.remain import DIAGNOSTICS, Serving
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory

AGENTS_REPORT = "agents that still report to it"
OTHER_DATA = "data of something else"
_DEEPER = "only a deep scan (`--deep`) asks every resource for it, here in"


class Where(Enum):
    """Whose lists a check needs."""

    WORKSPACE = "workspace"
    SUBSCRIPTION = "subscription"
    EVERYWHERE = "everywhere"


class Hit(Enum):
    """How a use shows in an item."""

    BELOW = "below"
    POINTS_AT = "points_at"
    COVERS = "covers"
    STANDS_ON = "stands_on"
    ITSELF = "itself"


@dataclass(frozen=True, slots=True)
class Use:
    """One check: the list to read, and how an item of it shows that the workspace serves something else."""

    title: str
    what: str
    where: Where
    hit: Hit
    path: tuple[str, ...]
    true_at: tuple[str, ...]
    suffix: str
    never_names: frozenset[str]
    never_prefixes: tuple[str, ...]

    def counts(self, name: str, body: Mapping[str, Any]) -> bool:
        """Return whether an item says anything: one that is there by itself does not."""
        short = name.rpartition("/")[2].lower()
        if short.partition("(")[0] in self.never_names or short.startswith(self.never_prefixes):
            return False
        if self.true_at and not any(value is True for value in _values(body, self.true_at)):
            return False
        return short.endswith(self.suffix)

    def targets(self, key: str, body: Mapping[str, Any]) -> Iterator[str]:
        """Yield the keys of what an item is about: workspaces, or scopes that may hold one.

        `key` is its id in lower case, taken as text: an id that is odd elsewhere must not make a use go unseen.
        """
        match self.hit:
            case Hit.BELOW:
                yield from _above(key)
            case Hit.STANDS_ON:
                yield key.rpartition("/providers/")[0]
            case Hit.ITSELF:
                if any(value is True or (isinstance(value, str) and value) for value in _values(body, self.path)):
                    yield key
            case Hit.POINTS_AT | Hit.COVERS:
                for value in _values(body, self.path):
                    target = arm_id(value) if isinstance(value, str) else None
                    if target is not None:
                        yield target.key


@cache
def uses() -> tuple[Use, ...]:
    """Return every check, in the order of the file."""
    import yaml

    rows = yaml.safe_load(files("auditor.facts").joinpath("workspace_uses.yaml").read_text(encoding="utf-8"))
    return tuple(_use(row) for row in rows)


def _use(row: dict[str, Any]) -> Use:
    only, never = row.get("only", {}), row.get("never", {})
    return Use(
        title=row["title"],
        what=row["what"],
        where=Where(row["where"]),
        hit=Hit(row["hit"]),
        path=_path(row.get("path")),
        true_at=_path(only.get("true_at")),
        suffix=only.get("suffix", "").lower(),
        never_names=frozenset(name.lower() for name in never.get("names", ())),
        never_prefixes=tuple(prefix.lower() for prefix in never.get("prefixes", ())),
    )


class UsesFound:
    """What the lists of one inventory say about other uses of its workspaces."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._known: dict[tuple[str, str], tuple[Gap, ...]] = {}
        self._everywhere = Everywhere(inventory)

    def of(self, workspace: ArmId) -> Serving:
        """Return what else `workspace` serves, every check together."""
        hits = {use.title: shown for use in uses() if (shown := self.hits(use, workspace))}
        came = arrivals(self.inventory, workspace)
        if isinstance(came, Arrivals):
            kinds = {AGENTS_REPORT: came.reporting(self.inventory.now), OTHER_DATA: came.foreign()}
            hits |= {title: (came.shown(found),) for title, found in kinds.items() if found}
        gaps = [gap for use in uses() for gap in self.gaps(use, workspace)]
        return Serving(hits, once([*gaps, *(came if not isinstance(came, Arrivals) else ())]))

    def hits(self, use: Use, workspace: ArmId) -> tuple[Evidence, ...]:
        """Return the items that show this use of `workspace`."""
        found = self._hits[use.title]
        keys = [workspace.key]
        if use.hit in {Hit.COVERS, Hit.STANDS_ON}:
            above = (workspace.resource_group_id, workspace.subscription_id)
            keys.extend(scope.key for scope in above if scope is not None)
        return once(evidence for key in keys for evidence in found.get(key, ()))

    def gaps(self, use: Use, workspace: ArmId) -> tuple[Gap, ...]:
        """Return what keeps this check from being sure that there is no such use."""
        match use.where:
            case Where.WORKSPACE:
                return self.inventory.gaps(use.what, workspace)
            case Where.SUBSCRIPTION:
                return self._gaps_in(use.what, str(workspace.subscription_id or workspace))
            case Where.EVERYWHERE:
                return self._everywhere.gaps(use.what, unasked=_DEEPER if use.what == DIAGNOSTICS else NOT_ASKED)

    def _gaps_in(self, what: str, scope: str) -> tuple[Gap, ...]:
        key = (what, scope.lower())
        if key not in self._known:
            self._known[key] = self.inventory.gaps(what, scope)
        return self._known[key]

    @cached_property
    def _hits(self) -> dict[str, dict[str, list[Evidence]]]:
        """Evidence by the title of its check and by the key of what it is about."""
        found: dict[str, dict[str, list[Evidence]]] = {}
        for use in uses():
            by_target = found[use.title] = defaultdict(list)
            for record in self.inventory.of_type(use.what):
                if record.deleted:
                    continue
                body = msgspec.json.decode(record.body, type=dict[str, Any])
                key = record.id.lower().rstrip("/")
                if use.counts(str(body.get("name") or key.rpartition("/")[2]), body):
                    for target in use.targets(key, body):
                        by_target[target].append(Evidence(record.id, f"{use.title} uses it"))
        return found


def _above(key: str) -> Iterator[str]:
    """Yield everything above an id by its path, whatever a name in it looks like."""
    parts = key.split("/")
    yield from ("/".join(parts[:count]) for count in range(len(parts) - 1, 1, -1))


def _path(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").replace("[]", ".[]").split(".")) if text else ()


def _values(body: object, path: tuple[str, ...]) -> Iterator[object]:
    """Yield what stands at `path` of a body; names are compared without case, `[]` goes into a list."""
    if not path:
        yield body
    elif path[0] == "[]":
        for item in body if isinstance(body, list) else ():
            yield from _values(item, path[1:])
    elif isinstance(body, dict):
        for name, value in body.items():
            if name.lower() == path[0].lower():
                yield from _values(value, path[1:])
