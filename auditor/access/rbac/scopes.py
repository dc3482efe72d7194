"""Where a scope lies: what stands above it by its path and in the tree of management groups, and what is not known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import MANAGEMENT_GROUPS
from auditor.inventory.reads import Gap

ROOT_KEY = ""
MANAGEMENT_PREFIX = "/providers/microsoft.management/managementgroups/"


def scope_key(text: str | None) -> str:
    """Return a scope as it is compared: lower case, no slash at the end; the root is the empty text."""
    key = (text or "").strip().lower().rstrip("/")
    return "/" + "/".join(filter(None, key.split("/"))) if "//" in key else key


def made_at(identity: str, provider: str = "microsoft.authorization") -> str:
    """Return the scope key an extension resource stands on (an assignment, a lock): what precedes its provider part."""
    head, found, _ = scope_key(identity).rpartition(f"/providers/{provider}/")
    return head if found else scope_key(identity)


def management_group_name(key: str) -> str | None:
    """Return the name if `key` is exactly a management group's, else None."""
    name = key.removeprefix(MANAGEMENT_PREFIX)
    return name if name != key and name and "/" not in name else None


@dataclass(frozen=True, slots=True)
class ScopePlace:
    """A scope and all that stands above it.

    `paths` are the keys above it by its path, itself and the root included; `groups` the keys of the management groups
    above it (itself, if it is one); `whole` says that no further management group can stand above it.
    """

    scope: ArmId
    key: str
    paths: tuple[str, ...]
    groups: frozenset[str]
    whole: bool

    @property
    def governed(self) -> bool:
        """Whether management groups can stand above it at all: a subscription, what lies in it, or such a group."""
        return self.scope.subscription is not None or self.scope.management_group is not None


class ScopeTree:
    """The tree of management groups as far as `parent` links tell, and the inherited assignments that prove more."""

    def __init__(
        self, parents: Mapping[str, frozenset[str]], tenant_root: str, tree_gaps: tuple[Gap, ...], inventory: Inventory
    ) -> None:
        """Keep parents by node key; the root management group is named after the tenant."""
        self._parents = parents
        self._tenant_root = tenant_root
        self._tree_gaps = tree_gaps
        self._inventory = inventory
        self._above: dict[str, frozenset[str]] = {}

    @classmethod
    def of(cls, inventory: Inventory) -> "ScopeTree":
        """Return the tree that the inventory's `parent` links draw."""
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
        """Return where `scope` lies."""
        key = scope_key(scope.key)
        segments = key.split("/")
        paths = tuple("/".join(segments[:count]) for count in range(len(segments), 0, -1))
        node = _node_of(scope)
        if node is None:
            return ScopePlace(scope, key, paths, frozenset(), whole=True)
        groups = self._upwards(node)
        known = bool(groups) and (self._tenant_root in groups or not self._tree_gaps)
        if scope.management_group is None and node not in self._parents:
            known = False  # every subscription has a parent: without a link its place was not seen
        return ScopePlace(scope, key, paths, groups, whole=known)

    def covers(self, place: ScopePlace, key: str, made_by: str = "") -> bool | None:
        """Say whether something at the scope `key` reaches down to `place`; None where its place is unknown.

        `made_by` is the id of what stands there: an `inheritedBy` link of it proves its reach without the tree.
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
        below = not place.groups.isdisjoint(self._upwards(key))  # a node has one parent: it hangs below our own chain
        return False if place.whole or below else None

    def _inherited(self, place: ScopePlace, made_by: str) -> bool | None:
        """Whether the subscription's own list returned it: that lists everything above, so absence counts too."""
        subscription = place.scope.subscription_id
        if not made_by or subscription is None:
            return None
        heirs = {scope_key(link.to) for link in self._inventory.links("inheritedBy", made_by)}
        if subscription.key in heirs:
            return True
        what = made_by.rstrip("/").rpartition("/")[0].lower().rpartition("/providers/")[2]
        if heirs and not self._inventory.gaps(what, subscription, below=False):
            return False
        return None

    def unplaced(self, key: str) -> tuple[Gap, ...]:
        """Return the gaps that explain why the place of the management group `key` is not known."""
        if self._tree_gaps:
            return self._tree_gaps
        message = "no `parent` link tells where this management group stands"
        return (Gap(MANAGEMENT_GROUPS, key, 0, "PlaceUnknown", message, f"{MANAGEMENT_GROUPS}/read"),)

    def _upwards(self, node: str) -> frozenset[str]:
        """The management groups at and above a node."""
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
    """The keys a link's child may mean: an id, or a bare name of a subscription or of a management group."""
    key = scope_key(text)
    return (key,) if key.startswith("/") else (f"/subscriptions/{key}", MANAGEMENT_PREFIX + key)
