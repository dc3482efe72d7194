"""The place of a scope: its ancestors by path and in the tree of management groups, as far as they are known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.inventory.arm_id import ArmId, scope_key
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import MANAGEMENT_GROUPS
from auditor.inventory.reads import Gap

ROOT_KEY = ""
MOST_PLACES = 1_024
"""The largest number of places that are kept."""
MANAGEMENT_PREFIX = "/providers/microsoft.management/managementgroups/"


def management_group_name(key: str) -> str | None:
    """Return the name of a management group if `key` is exactly one, otherwise None."""
    name = key.removeprefix(MANAGEMENT_PREFIX)
    return name if name != key and name and "/" not in name else None


@dataclass(frozen=True, slots=True)
class ScopePlace:
    """A scope and its ancestors.

    `paths` are the keys of its path from itself to the root; `groups` the keys of its management groups (itself
    included, if it is one); `whole` means that no further management group can be above it.
    """

    scope: ArmId
    key: str
    paths: tuple[str, ...]
    groups: frozenset[str]
    whole: bool

    @property
    def governed(self) -> bool:
        """Whether management groups can be above it: it is in a subscription or is a management group."""
        return self.scope.subscription is not None or self.scope.management_group is not None


class ScopeTree:
    """The tree of management groups, from `parent` links and from `inheritedBy` links of assignments."""

    def __init__(
        self, parents: Mapping[str, frozenset[str]], tenant_root: str, tree_gaps: tuple[Gap, ...], inventory: Inventory
    ) -> None:
        """Keep the parents by node key; the root management group has the tenant's id as its name."""
        self._parents = parents
        self._tenant_root = tenant_root
        self._tree_gaps = tree_gaps
        self._inventory = inventory
        self._above: dict[str, frozenset[str]] = {}
        self._heirs: dict[str, frozenset[str]] = {}
        self._places: dict[str, ScopePlace] = {}

    @classmethod
    def of(cls, inventory: Inventory) -> "ScopeTree":
        """Return the tree of the inventory's `parent` links."""
        parents: dict[str, set[str]] = defaultdict(set)
        for link in inventory.snapshot.links:
            if link.rel == "parent":
                for child in _nodes(link.from_):
                    parents[child].add(_group_key(link.to))
        return cls(
            {child: frozenset(above) for child, above in parents.items()},
            MANAGEMENT_PREFIX + inventory.tenant_id.lower(),
            inventory.gaps(MANAGEMENT_GROUPS, "/"),
            inventory,
        )

    def place(self, scope: ArmId) -> ScopePlace:
        """Return `scope` with its ancestors; the last ones are kept, since many questions are about one place."""
        found = self._places.get(scope.text)
        if found is None:
            if len(self._places) >= MOST_PLACES:
                self._places.clear()
            found = self._places[scope.text] = self._place(scope)
        return found

    def _place(self, scope: ArmId) -> ScopePlace:
        key = scope_key(scope.key)
        segments = key.split("/")
        paths = tuple("/".join(segments[:count]) for count in range(len(segments), 0, -1))
        node = _node_of(scope)
        if node is None:
            return ScopePlace(scope, key, paths, frozenset(), whole=True)
        groups = self._upwards(node)
        known = bool(groups) and (self._tenant_root in groups or not self._tree_gaps)
        if scope.management_group is None and node not in self._parents:
            known = False  # every subscription has a parent, so a missing link was not read
        return ScopePlace(scope, key, paths, groups, whole=known)

    def covers(self, place: ScopePlace, key: str, made_by: str = "") -> bool | None:
        """Return whether a resource at the scope `key` applies to `place`; None where that is not known.

        `made_by` is the id of that resource: its `inheritedBy` links prove where it applies without the tree.
        """
        name = management_group_name(key)
        if name is None or key in place.paths:
            return key in place.paths
        if not place.governed:
            return False
        if key in place.groups or key == self._tenant_root:
            return True
        inherited = self._inherited(place, made_by)
        if inherited is not None:
            return inherited
        below = not place.groups.isdisjoint(
            self._upwards(key)
        )  # a node has only one parent, so `key` is on another branch
        return False if place.whole or below else None

    def _inherited(self, place: ScopePlace, made_by: str) -> bool | None:
        """Return whether the subscription's own list, which includes inherited resources, contained this one."""
        subscription = place.scope.subscription_id
        if not made_by or subscription is None:
            return None
        heirs = self._heirs_of(made_by)
        if subscription.key in heirs:
            return True
        what = made_by.rstrip("/").rpartition("/")[0].lower().rpartition("/providers/")[2]
        if heirs and not self._inventory.gaps(what, subscription, below=False):
            return False
        return None

    def _heirs_of(self, made_by: str) -> frozenset[str]:
        found = self._heirs.get(made_by)
        if found is None:
            found = frozenset(scope_key(link.to) for link in self._inventory.links("inheritedBy", made_by))
            self._heirs[made_by] = found
        return found

    def unplaced(self, key: str) -> tuple[Gap, ...]:
        """Return the gaps that explain why the place of the management group `key` is not known."""
        if self._tree_gaps:
            return self._tree_gaps
        message = "no `parent` link shows where this management group is in the tree"
        return (Gap(MANAGEMENT_GROUPS, key, 0, "PlaceUnknown", message, f"{MANAGEMENT_GROUPS}/read"),)

    def _upwards(self, node: str) -> frozenset[str]:
        """Return the management groups at and above a node."""
        found = self._above.get(node)
        if found is None:
            found = frozenset(self._walk(node))
            self._above[node] = found
        return found

    def _walk(self, node: str) -> Iterable[str]:
        seen: set[str] = {node} if management_group_name(node) else set()
        waiting = [node]
        while waiting:
            for parent in self._parents.get(waiting.pop(), ()):
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return seen


def _node_of(scope: ArmId) -> str | None:
    if scope.management_group is not None:
        return MANAGEMENT_PREFIX + scope.management_group.lower()
    return None if scope.subscription_id is None else scope.subscription_id.key


def _group_key(text: str) -> str:
    key = scope_key(text)
    return key if key.startswith("/") else MANAGEMENT_PREFIX + key


def _nodes(text: str) -> tuple[str, ...]:
    """Return the keys that a link's child may refer to: an id, or a bare subscription or management group name."""
    key = scope_key(text)
    return (key,) if key.startswith("/") else (f"/subscriptions/{key}", MANAGEMENT_PREFIX + key)
