"""The shapes of lists: what the items of each list must contain for a page to count as an answer.

An error with status 200, an empty object, items without an id, or the items of another list must not pass for an empty
or shorter list.
"""

from collections.abc import Hashable, Iterator
from typing import Any

import msgspec

from auditor.inventory.arm_id import ArmId, MalformedArmId

Body = dict[str, Any]

ORIGINAL_TYPE = "x_type"
"""The property that keeps the original type of an item that was given another one."""

_SUBSCRIPTIONS = "/subscriptions/"
_NAMES = ("id", "eventDataId", "name")
"""The properties that may identify an item within its list, the most reliable first."""


class WrongShape(ValueError):
    """An answer does not have the shape of its list, for the given reason."""


class ListShape(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of one list.

    Attributes:
        types: the resource types (lower case) in an item's id or `type`, or the `@odata.type`s of an object; empty
            where any is accepted.
        texts: the properties that contain a text in every item.
        holds: the properties that every item has, with any value.
        bare: whether a page is the array of items itself, without an object around it.
        maybe_bare: whether a page comes in either form.
        graph: whether the items are directory objects.
        shared: whether the list of a subscription may contain items of other subscriptions.
        children: whether the items are below `scope`.
        scope: the id (lower case) whose list it is; set by `at`.
    """

    types: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ("id",)
    holds: tuple[str, ...] = ()
    bare: bool = False
    maybe_bare: bool = False
    graph: bool = False
    shared: bool = False
    children: bool = False
    scope: str = ""

    def at(self, scope: str) -> "ListShape":
        """Return the shape of the list at the ARM id `scope`."""
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
        """Return whether an id certainly belongs to another list than that of this scope."""
        key = f"/{identity.strip('/').lower()}/"
        if key.startswith(f"{self.scope}/"):
            return False
        if self.children and (parsed := _parsed(identity)) is not None and parsed.type.lower() in self.types:
            return True
        inside = "/".join((*self.scope.split("/", 3)[:3], ""))
        return inside.startswith(_SUBSCRIPTIONS) and key.startswith(_SUBSCRIPTIONS) and not key.startswith(inside)

    def _of_this_list(self, item: Body) -> Body:
        """Return the item; where its id belongs to this list and its `type` does not, with the type in its id.

        The original type is kept as `x_type`. Otherwise the item would be missing from the resources of its type.
        """
        stated, identity = item.get("type"), item.get("id")
        if not isinstance(stated, str) or not stated or stated.lower() in self.types or not isinstance(identity, str):
            return item
        return item if self.graph or _type_of(identity) not in self.types else by_its_id(item)

    def _kinds(self, item: Body) -> Iterator[str]:
        """Yield the kinds of an item in lower case: the `@odata.type`, or the types in `type` and id.

        The first is only for lists of directory objects.
        """
        if self.graph:
            yield str(item.get("@odata.type", "")).lower()
            return
        kinds = [kind.lower()] if isinstance(kind := item.get("type"), str) and kind else []
        identity = item.get("id")
        if isinstance(identity, str) and (kind_in_id := _type_of(identity)):
            kinds.append(kind_in_id)
        yield from kinds or [""]

    def key(self, item: Body) -> Hashable:
        """Return the key that identifies an item within its list, without case, or None where it has none.

        Workspaces that were deleted one after the other may have the same id, but differ in their `customerId`.
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


def objects(kind: str, *more: str, also: tuple[str, ...] = ()) -> ListShape:
    """Return the shape of a list of directory objects of one kind, whose `@odata.type` is optional.

    `more` are further properties that contain a text, `also` further kinds.
    """
    kinds = frozenset({kind.lower(), *(one.lower() for one in also), ""})
    return ListShape(types=kinds, texts=("id", *more), graph=True)


def mixed_objects(*kinds: str) -> ListShape:
    """Return the shape of a list of directory objects of several kinds, whose `@odata.type` is required."""
    return ListShape(types=frozenset(kind.lower() for kind in kinds), texts=("id", "@odata.type"), graph=True)


def by_its_id(item: Body) -> Body:
    """Return an item with the type in its id; a different original type is kept as `x_type`."""
    stated, parsed = item.get("type"), _parsed(str(item.get("id")))
    if stated is None or parsed is None or not parsed.type or str(stated).lower() == parsed.type.lower():
        return item
    return {**item, "type": parsed.type, ORIGINAL_TYPE: stated}


def type_in(identity: object) -> str:
    """Return the type in the id of an item, in lower case; empty where it is none, or contains none."""
    return _type_of(identity) if isinstance(identity, str) else ""


def _type_of(identity: str) -> str:
    """Return the type in an id, in lower case; empty where it contains none."""
    parsed = _parsed(identity)
    return parsed.type.lower() if parsed else ""


def _parsed(identity: str) -> ArmId | None:
    """Return the parsed id, or None; some of Azure's ids lack the leading slash, which is added."""
    try:
        return ArmId.parse(identity if identity.startswith("/") else f"/{identity}")
    except MalformedArmId:
        return None
