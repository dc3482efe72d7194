"""What the pages of each list promise to look like: only a page that keeps the promise is an answer.

An error that comes with status 200, an empty object, items that nothing tells apart, or the items of another list
are no empty and no shorter list: nobody knows what they stand for.
"""

from collections.abc import Hashable, Iterator
from typing import Any

import msgspec

from auditor.inventory.arm_id import ArmId, MalformedArmId

Body = dict[str, Any]

_NAMES = ("id", "eventDataId", "name")
"""What may tell an item from the others of its list, the surest first."""


class WrongShape(ValueError):
    """An answer that is not what its list promises, with the reason."""


class ListShape(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of one list.

    `types` are the resource types (lower case) that an item's id or its `type` spells, or the `@odata.type`s that an
    object may state; empty where any will do. `texts` are the properties that hold a text in every item, `holds` those
    that are there whatever they hold. A list that is `bare` comes without an envelope.
    """

    types: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ("id",)
    holds: tuple[str, ...] = ()
    bare: bool = False

    def items(self, body: object) -> list[Body]:
        """Return the items of a page; raises `WrongShape`."""
        if self.bare:
            value = body
        elif not isinstance(body, dict) or "value" not in body:
            raise WrongShape("the page is not an object with a `value`")
        else:
            value = body["value"]
        if not isinstance(value, list):
            raise WrongShape("the page holds no list of items")
        for item in value:
            self.check(item)
        return [self._of_this_list(item) for item in value] if self.types else value

    def check(self, item: object) -> None:
        """Raise `WrongShape` for what is no item of this list."""
        if not isinstance(item, dict):
            raise WrongShape("an item is not an object")
        for name in self.texts:
            value = item.get(name)
            if not isinstance(value, str) or not value.strip():
                raise WrongShape(f"an item has no `{name}`")
        for name in self.holds:
            if name not in item:
                raise WrongShape(f"an item has no `{name}`")
        if self.types and not any(kind in self.types for kind in _kinds(item)):
            raise WrongShape(f"an item is none of this list: {_shown(item)}")

    def _of_this_list(self, item: Body) -> Body:
        """The item; where its id says that it is of this list and its `type` denies it, with the id's type.

        What the `type` said stays as `x_type`. Else the item would be taken for something else, and be missing here.
        """
        stated, identity = item.get("type"), item.get("id")
        if not isinstance(stated, str) or not stated or stated.lower() in self.types or not isinstance(identity, str):
            return item
        parsed = None if "@odata.type" in item else _parsed(identity)
        if parsed is None or parsed.type.lower() not in self.types:
            return item
        return {**item, "type": parsed.type, "x_type": stated}

    def key(self, item: Body) -> Hashable:
        """Return what tells an item from the others, without case; None where nothing does."""
        named = (value for name in _NAMES if isinstance(value := item.get(name), str) and value)
        name = next(named, None)
        return None if name is None else name.lower()


def resources(*types: str, texts: tuple[str, ...] = ("id",), bare: bool = False) -> ListShape:
    """Return the shape of a list of ARM resources of these types."""
    return ListShape(types=frozenset(kind.lower() for kind in types), texts=texts, bare=bare)


def objects(kind: str, *more: str) -> ListShape:
    """Return the shape of a list of directory objects of one kind, which they need not state.

    `more` are further properties that hold a text.
    """
    return ListShape(types=frozenset({kind.lower(), ""}), texts=("id", *more))


def mixed_objects(*kinds: str) -> ListShape:
    """Return the shape of a list of directory objects of several kinds, each of which states its own."""
    return ListShape(types=frozenset(kind.lower() for kind in kinds), texts=("id", "@odata.type"))


def _kinds(item: Body) -> Iterator[str]:
    """Yield what an item says it is, in lower case: by its `@odata.type`, else by its `type` and by its id."""
    if "@odata.type" in item:
        yield str(item["@odata.type"]).lower()
        return
    said = False
    if isinstance(kind := item.get("type"), str) and kind:
        yield kind.lower()
        said = True
    identity = item.get("id")
    if isinstance(identity, str) and (spelt := _type_of(identity)):
        yield spelt
        said = True
    if not said:
        yield ""


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


def _shown(item: Body) -> str:
    return " or ".join(sorted(f"`{kind}`" if kind else "of no type" for kind in set(_kinds(item))))
