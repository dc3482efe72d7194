"""What the pages of each list promise to look like: only a page that keeps the promise is an answer.

An error that comes with status 200, an empty object, items that nothing tells apart, or the items of another list
are no empty and no shorter list: nobody knows what they stand for.
"""

from collections.abc import Hashable, Iterator
from typing import Any

import msgspec

from auditor.inventory.arm_id import ArmId, MalformedArmId

Body = dict[str, Any]

ORIGINAL_TYPE = "x_type"
"""Where an item keeps the type that it stated, if it got another one."""

_IN_ONE = "/subscriptions/"
_NAMES = ("id", "eventDataId", "name")
"""What may tell an item from the others of its list, the surest first."""


class WrongShape(ValueError):
    """An answer that is not what its list promises, with the reason."""


class ListShape(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of one list.

    `types` are the resource types (lower case) that an item's id or its `type` spells, or the `@odata.type`s that an
    object may state; empty where any will do. `texts` are the properties that hold a text in every item, `holds` those
    that are there whatever they hold. A list that is `bare` comes without an envelope; one of `graph` holds directory
    objects.

    The items of a list that is asked of a subscription are its own, unless the list is `shared`, and those of a list of
    `children` lie below what it is asked of: `scope` (lower case), which `at` sets.
    """

    types: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ("id",)
    holds: tuple[str, ...] = ()
    bare: bool = False
    graph: bool = False
    shared: bool = False
    children: bool = False
    scope: str = ""

    def at(self, scope: str) -> "ListShape":
        """Return the shape of the list as it is asked of the ARM id `scope`."""
        return self if self.shared else msgspec.structs.replace(self, scope=scope.lower().rstrip("/"))

    def accepted(self, items: list[Body]) -> list[Body]:
        """Return the items of a page, each with a type of this list; raises `WrongShape`."""
        for item in items:
            self.check(item)
        return [self._of_this_list(item) for item in items] if self.types else items

    def check(self, item: Body) -> None:
        """Raise `WrongShape` unless `item` belongs to this list."""
        for name in self.texts:
            value = item.get(name)
            if not isinstance(value, str) or not value.strip():
                raise WrongShape(f"an item has no `{name}`")
        for name in self.holds:
            if name not in item:
                raise WrongShape(f"an item has no `{name}`")
        if self.types and not any(kind in self.types for kind in self._kinds(item)):
            shown = " or ".join(sorted(f"`{kind}`" if kind else "of no type" for kind in set(self._kinds(item))))
            raise WrongShape(f"an item is none of this list: {shown}")
        if self.scope and isinstance(identity := item.get("id"), str) and self._is_elsewhere(identity):
            raise WrongShape(f"an item belongs to another list than that of `{self.scope}`: `{identity}`")

    def _is_elsewhere(self, identity: str) -> bool:
        """Whether an id is none that the list of this scope can hold; one that is odd tells nothing of the kind."""
        key = f"/{identity.strip('/').lower()}/"
        if key.startswith(f"{self.scope}/"):
            return False
        if self.children and (parsed := _parsed(identity)) is not None and parsed.type.lower() in self.types:
            return True
        inside = "/".join((*self.scope.split("/", 3)[:3], ""))
        return inside.startswith(_IN_ONE) and key.startswith(_IN_ONE) and not key.startswith(inside)

    def _of_this_list(self, item: Body) -> Body:
        """The item; where its id says that it is of this list and its `type` denies it, with the id's type.

        What the `type` said stays as `x_type`. Else the item would be taken for something else, and be missing here.
        """
        stated, identity = item.get("type"), item.get("id")
        if not isinstance(stated, str) or not stated or stated.lower() in self.types or not isinstance(identity, str):
            return item
        return item if self.graph or _type_of(identity) not in self.types else by_its_id(item)

    def _kinds(self, item: Body) -> Iterator[str]:
        """Yield what an item says it is, in lower case: an object by its `@odata.type`, else by its type and by its id.

        In an ARM list an `@odata.type` says nothing.
        """
        if self.graph:
            yield str(item.get("@odata.type", "")).lower()
            return
        said = [kind.lower()] if isinstance(kind := item.get("type"), str) and kind else []
        identity = item.get("id")
        if isinstance(identity, str) and (spelt := _type_of(identity)):
            said.append(spelt)
        yield from said or [""]

    def key(self, item: Body) -> Hashable:
        """Return what tells an item from the others, without case; None where nothing does.

        Workspaces that were deleted one after the other may have had one id: only their `customerId` tells them apart.
        """
        named = (value for name in _NAMES if isinstance(value := item.get(name), str) and value)
        name = next(named, None)
        if name is None:
            return None
        held = item.get("properties")
        customer = held.get("customerId") if isinstance(held, dict) else None
        return (name.lower(), customer.lower()) if isinstance(customer, str) else name.lower()


def resources(*types: str, shared: bool = False, children: bool = False) -> ListShape:
    """Return the shape of a list of ARM resources of these types."""
    return ListShape(types=frozenset(kind.lower() for kind in types), shared=shared, children=children)


def objects(kind: str, *more: str) -> ListShape:
    """Return the shape of a list of directory objects of one kind, which they need not state.

    `more` are further properties that hold a text.
    """
    return ListShape(types=frozenset({kind.lower(), ""}), texts=("id", *more), graph=True)


def mixed_objects(*kinds: str) -> ListShape:
    """Return the shape of a list of directory objects of several kinds, each of which states its own."""
    return ListShape(types=frozenset(kind.lower() for kind in kinds), texts=("id", "@odata.type"), graph=True)


def by_its_id(item: Body) -> Body:
    """Return an item with the type that its id spells; another one that it states is kept as `x_type`."""
    stated, parsed = item.get("type"), _parsed(str(item.get("id")))
    if stated is None or parsed is None or not parsed.type or str(stated).lower() == parsed.type.lower():
        return item
    return {**item, "type": parsed.type, ORIGINAL_TYPE: stated}


def _type_of(identity: str) -> str:
    """The type that an id spells, in lower case; empty where it spells none."""
    parsed = _parsed(identity)
    return parsed.type.lower() if parsed else ""


def _parsed(identity: str) -> ArmId | None:
    """An id in its parts; some of Azure's lack the leading slash."""
    try:
        return ArmId.parse(identity if identity.startswith("/") else f"/{identity}")
    except MalformedArmId:
        return None
