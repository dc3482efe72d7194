"""Fields that are read from a raw body one by one: an odd value makes one field unread, and not the whole body.

Each field names the properties it is read from. So a large body can be cut to what its fields read, without a second
list of properties beside them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, overload

import msgspec
from msgspec.structs import force_setattr

from auditor.inventory.instants import instant
from auditor.inventory.resources.resource import Resource

T = TypeVar("T")
P = TypeVar("P", bound="BodyPart")
_NEVER = "0001-01-01"
_NONE = frozenset({"none", "notapplicable"})
"""Values (lower case) of Azure's that stand for no cause."""
_FLAGS = {"true": True, "false": False}
_LARGEST = 10**9
"""No list, machine or disk that Azure knows has more of anything that is counted."""


class OddValue(ValueError):
    """A property has a value of another kind than Azure documents, so that nothing is known of it."""


class BodyField(Generic[T]):
    """A field of a body's `held` properties: the value at the first of `paths` that has one, otherwise `empty`.

    A path names properties, compared without case; `[]` in the paths of parts stands for each item of a list and each
    value of an object. `read` returns the value, and raises `OddValue`.
    """

    def __init__(self, read: Callable[[Any], T], *paths: str, empty: T) -> None:
        self.paths = paths
        self._ways = tuple(tuple(path.split(".")) for path in paths)
        self._read = read
        self._empty = empty

    @overload
    def __get__(self, holder: None, owner: type) -> "BodyField[T]": ...
    @overload
    def __get__(self, holder: "FieldHolder", owner: type) -> T: ...
    def __get__(self, holder: "FieldHolder | None", owner: type) -> "BodyField[T] | T":
        """Return the value; `empty` also where it is odd, which `FieldHolder.unread` tells."""
        if holder is None:
            return self
        try:
            return self._value(holder.held)
        except OddValue:
            return self._empty

    def reads(self) -> Iterator[str]:
        """Yield the paths of all properties that are read."""
        yield from self.paths

    def is_odd(self, held: Mapping[str, Any]) -> bool:
        """Return whether the value is unread because it is odd."""
        try:
            self._value(held)
        except OddValue:
            return True
        return False

    def _value(self, held: Mapping[str, Any]) -> T:
        for way in self._ways:
            found = held.get(way[0]) if len(way) == 1 else _at(held, way)  # most paths are single names
            if found is not None:
                return self._read(found)
        return self._empty


class Words(BodyField[tuple[str, ...]]):
    """A field with the words of all its properties together: texts, split at commas, without those for "none"."""

    def __init__(self, *paths: str) -> None:
        super().__init__(_words, *paths, empty=())

    def _value(self, held: Mapping[str, Any]) -> tuple[str, ...]:
        found = [word for way in self._ways for word in _words(_at(held, way))]
        return tuple(dict.fromkeys(found))


class Parts(BodyField[tuple[P, ...]]):
    """A field with the items of a list, or the values of an object, each as a part of the class `kind`.

    Items that are no objects are left out, and make the field odd.
    """

    def __init__(self, kind: type[P], *paths: str) -> None:
        super().__init__(
            lambda found: tuple(kind(one) for one in _items(found) if isinstance(one, dict)), *paths, empty=()
        )
        self._kind = kind

    def reads(self) -> Iterator[str]:
        """Yield the paths of all properties of the parts."""
        for path in self.paths:
            yield from (f"{path}[].{inner}" for inner in paths_of(self._kind))

    def is_odd(self, held: Mapping[str, Any]) -> bool:
        """Return whether the list, one of its items or a field of one is odd, unless that is only kept."""
        try:
            found = next((value for way in self._ways if (value := _at(held, way)) is not None), ())
            return any(not isinstance(one, dict) or self._has_odd(one) for one in _items(found))
        except OddValue:
            return True

    def _has_odd(self, held: Mapping[str, Any]) -> bool:
        kind: type = self._kind
        return any(one.is_odd(held) for one in _each_that_decides(kind, self._kind.only_kept))


class FieldHolder:
    """The base of what has fields: `held` are the properties that they are read from."""

    __slots__ = ()

    @property
    def held(self) -> Mapping[str, Any]:
        """The properties."""
        raise NotImplementedError

    @property
    def unread(self) -> tuple[str, ...]:
        """The names of the fields whose property has an odd value: nothing is known of them."""
        kind: type = type(self)
        return tuple(name for name, one in fields_of(kind).items() if one.is_odd(self.held))


class BodyPart(FieldHolder):
    """A part of a body with fields of its own; those that are `only_kept`, for the snapshot, decide nothing."""

    __slots__ = ("_held",)
    only_kept: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, held: Mapping[str, Any]) -> None:
        """Keep the properties of the part."""
        self._held = held

    @property
    def held(self) -> Mapping[str, Any]:
        """The properties of the part."""
        return self._held


class ReadByField(Resource, FieldHolder, frozen=True):
    """A resource whose properties are read field by field; only those that a field reads are kept."""

    properties: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the properties that a field reads, in the letter case of the fields."""
        force_setattr(self, "properties", _kept(self.properties, _tree_of(type(self)), spelt=True))

    @property
    def held(self) -> Mapping[str, Any]:
        """The properties of the body."""
        return self.properties


@cache
def fields_of(kind: type) -> Mapping[str, BodyField[Any]]:
    """Return the fields of a class by name, those of its bases too."""
    names = (name for base in reversed(kind.__mro__) for name, one in vars(base).items() if isinstance(one, BodyField))
    return {name: getattr(kind, name) for name in names}


@cache
def _each_that_decides(kind: type, only_kept: frozenset[str]) -> tuple[BodyField[Any], ...]:
    return tuple(one for name, one in fields_of(kind).items() if name not in only_kept)


def paths_of(kind: type) -> Iterator[str]:
    """Yield the path of every property that a class of this module reads."""
    for one in fields_of(kind).values():
        yield from one.reads()


def cut_to_fields(body: dict[str, Any], kind: type[ReadByField]) -> dict[str, Any]:
    """Return a body with the properties that the fields of `kind` read, and what identifies it.

    The resource of the result equals that of the body.
    """
    kept: dict[str, Any] = {name: body[name] for name in ("id", "name", "type", "x_id", "x_type") if name in body}
    if "properties" in body:
        kept["properties"] = _kept(body["properties"], _tree_of(kind), spelt=False)
    return kept


@dataclass(slots=True)
class _Tree:
    """What is read of a value: its properties by their name in lower case, or each item; all of it without either.

    `exact` are the properties by their name as the fields spell it.
    """

    name: str = ""
    named: "dict[str, _Tree]" = field(default_factory=dict)
    exact: "dict[str, _Tree]" = field(default_factory=dict)
    each: "_Tree | None" = None

    def below(self, step: str) -> "_Tree":
        """Return the part of the tree for a step of a path, made where it is new."""
        if step == "[]":
            self.each = self.each or _Tree()
            return self.each
        node = self.exact[step] = self.named.setdefault(step.lower(), _Tree(step))
        return node


@cache
def _tree_of(kind: type) -> _Tree:
    tree = _Tree()
    for path in paths_of(kind):
        node = tree
        for step in path.replace("[]", ".[]").split("."):
            node = node.below(step)
    return tree


def _kept(value: Any, tree: _Tree, *, spelt: bool) -> Any:
    """Return what `tree` reads of a value, which is odd exactly where the value is.

    With `spelt`, the names of properties have the letter case of the tree.
    """
    if not tree.named and tree.each is None:
        return value
    if isinstance(value, list):
        return [] if tree.each is None else [_kept(one, tree.each, spelt=spelt) for one in value]
    if not isinstance(value, dict):
        return value
    if tree.each is not None:
        return {name: _kept(inner, tree.each, spelt=spelt) for name, inner in value.items()}
    exact, kept = tree.exact, {}
    for name, inner in value.items():
        node = exact.get(name)
        if node is not None:
            whole = not node.named and node.each is None  # as most are, so that no call is made for them
            kept[name] = inner if whole else _kept(inner, node, spelt=spelt)
        elif name.lower() in tree.named:
            return _kept_in_any_case(value, tree, spelt=spelt)
    return kept


def _kept_in_any_case(value: dict[str, Any], tree: _Tree, *, spelt: bool) -> dict[str, Any]:
    """Return the same of an object that spells a name in another letter case; of several, one is kept."""
    chosen: dict[str, str] = {}
    for name in value:
        node = tree.named.get(name.lower())
        if node is not None and (name == node.name or name < chosen.get(node.name, "~") != node.name):
            chosen[node.name] = name
    return {
        (known if spelt else name): _kept(value[name], tree.named[known.lower()], spelt=spelt)
        for known, name in chosen.items()
    }


def _at(held: Any, way: tuple[str, ...]) -> Any:
    """Return the value at a path, None where there is none; raises `OddValue` where no object leads there."""
    for name in way:
        if held is None:
            return None
        if not isinstance(held, dict):
            raise OddValue
        held = held.get(name)
    return held


def _items(found: Any) -> list[Any]:
    if isinstance(found, dict):
        return list(found.values())
    if isinstance(found, list | tuple):
        return list(found)
    raise OddValue


def _words(found: Any) -> tuple[str, ...]:
    if found is None:
        return ()
    if isinstance(found, str) and found.lower() in _NONE:
        return ()
    texts = found if isinstance(found, list) else [found]
    if not all(isinstance(text, str) for text in texts):
        raise OddValue
    words = (word.strip() for text in texts for word in text.split(","))
    return tuple(word for word in words if word and word.lower() not in _NONE)


def text(*paths: str) -> BodyField[str | None]:
    """Return a field with a text; an empty one counts as none."""
    return BodyField(_text, *paths, empty=None)


def code(*paths: str) -> BodyField[str | None]:
    """Return a field with a code, a text or a whole number."""
    return BodyField(lambda found: str(found) if type(found) is int else _text(found), *paths, empty=None)


def number(*paths: str) -> BodyField[float | None]:
    """Return a field with a number, which a text may contain."""
    return BodyField(_number, *paths, empty=None)


def between(least: float, most: float, *paths: str) -> BodyField[float | None]:
    """Return a field with a number from `least` to `most`; any other is odd."""

    def read(found: Any) -> float:
        value = _number(found)
        if not least <= value <= most:
            raise OddValue
        return value

    return BodyField(read, *paths, empty=None)


def count(*paths: str) -> BodyField[int | None]:
    """Return a field with a whole number that is not negative, and that something in Azure can have."""
    return BodyField(_count, *paths, empty=None)


def percent(*paths: str) -> BodyField[int | None]:
    """Return a field with a whole percentage; a fraction is left out, so that none is said to be higher than it is."""
    return BodyField(_percent, *paths, empty=None)


def flag(*paths: str) -> BodyField[bool | None]:
    """Return a field with a truth value."""
    return BodyField(_flag, *paths, empty=None)


def time(*paths: str) -> BodyField[datetime | None]:
    """Return a field with a time, in UTC where it names no zone; the year 1 counts as none."""
    return BodyField(_time, *paths, empty=None)


def texts(*paths: str) -> BodyField[tuple[str, ...]]:
    """Return a field with a list of texts."""
    return BodyField(_texts, *paths, empty=())


def counts(*paths: str) -> BodyField[Mapping[str, int]]:
    """Return a field with whole numbers by name."""
    return BodyField(_counts, *paths, empty={})


def _text(found: Any) -> str | None:
    if not isinstance(found, str):
        raise OddValue
    return found.strip() or None


def _number(found: Any) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise OddValue
    try:
        value = float(found)
    except (ValueError, OverflowError):
        raise OddValue from None
    if value - value != 0:  # infinite, or no number
        raise OddValue
    return value


def _count(found: Any) -> int:
    value = _number(found)
    if not 0 <= value <= _LARGEST or value != int(value):
        raise OddValue
    return int(value)


def _percent(found: Any) -> int:
    value = _number(found)
    if not 0 <= value <= 100:
        raise OddValue
    return int(value)


def _flag(found: Any) -> bool:
    value = found if isinstance(found, bool) else _FLAGS.get(found.strip().lower()) if isinstance(found, str) else None
    if value is None:
        raise OddValue
    return value


def _time(found: Any) -> datetime | None:
    if not isinstance(found, str):
        raise OddValue
    moment = instant(found)
    if moment is None and found.strip() and not found.startswith(_NEVER):
        raise OddValue
    return moment


def _texts(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise OddValue
    return tuple(found)


def _counts(found: Any) -> Mapping[str, int]:
    if not isinstance(found, dict):
        raise OddValue
    return {name: _count(value) for name, value in found.items()}
