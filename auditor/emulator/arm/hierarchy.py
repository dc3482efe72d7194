"""The management group tree and what a subscription inherits, from the snapshot's links."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from auditor.inventory.snapshot.records import Link

_GROUPS = "/providers/microsoft.management/managementgroups/"


class Hierarchy:
    """Parents, children and inherited rows; all ids in lower case."""

    def __init__(self, links: Iterable[Link]) -> None:
        self.parent: dict[str, str] = {}
        self.spelling: dict[str, str] = {}
        self._children: dict[str, list[str]] = defaultdict(list)
        self._inherited: dict[str, list[str]] = defaultdict(list)
        for link in links:
            if link.rel == "parent":
                child, parent = self._place(link.from_), self._place(link.to)
                self.parent[child] = parent
                self._children[parent].append(child)
            elif link.rel == "inheritedBy":
                self._inherited[link.to.lower().rstrip("/")].append(link.from_.lower())

    def above(self, place: str) -> tuple[str, ...]:
        """The management groups above a subscription or management group, nearest first, then the root."""
        chain, seen = [], {place}
        parent = self.parent.get(place)
        while parent is not None and parent not in seen:
            chain.append(parent)
            seen.add(parent)
            parent = self.parent.get(parent)
        return (*chain, "")

    def below(self, group: str) -> Iterator[str]:
        """Everything below a management group, parents before their children."""
        waiting, seen = [group], {group}
        while waiting:
            for child in self._children.get(waiting.pop(0), ()):
                if child not in seen:
                    seen.add(child)
                    waiting.append(child)
                    yield child

    def children(self, group: str) -> tuple[str, ...]:
        """What lies directly below a management group."""
        return tuple(self._children.get(group, ()))

    def inherited_by(self, subscription: str) -> tuple[str, ...]:
        """The ids of the rows that a link says the subscription's lists also return."""
        return tuple(self._inherited.get(subscription, ()))

    def _place(self, text: str) -> str:
        full = text if text.startswith("/") else f"/providers/Microsoft.Management/managementGroups/{text}"
        key = full.lower().rstrip("/")
        self.spelling.setdefault(key, full)
        return key


def is_management_group(key: str) -> bool:
    """Say whether an id is that of a management group."""
    return key.startswith(_GROUPS) and "/" not in key[len(_GROUPS) :]
