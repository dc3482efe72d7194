"""The checks for other uses of a Log Analytics workspace, read from `uses.yaml`: how an item of a list shows a use.

A scan stops reading about a workspace at the first proof of a use, and the facts use the same checks.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from auditor.inventory.arm_id import ArmId, plain_arm_id
from auditor.inventory.uses.by_default import ByDefault, NotUnderstood
from auditor.prepared import yaml_value

_BELOW_A_WORKSPACE = "/providers/microsoft.operationalinsights/workspaces/"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GUID_IN_TEXT = re.compile(rf"(?<![0-9a-f])(?:{_GUID.pattern}|[0-9a-f]{{32}})(?![0-9a-f])", re.IGNORECASE)
"""A GUID with hyphens or without, anywhere in a text: a query or a URL may contain it."""
_USUAL_DAYS = 90
"""The longest retention in days that a table has without anybody's doing."""
_NAMESPACE = "microsoft.operationalinsights"


class Where(Enum):
    """The scope of the lists that a check needs."""

    WORKSPACE = "workspace"
    SUBSCRIPTION = "subscription"
    EVERYWHERE = "everywhere"


class Hit(Enum):
    """The ways in which an item of a list shows a use."""

    BELOW = "below"
    POINTS_AT = "points_at"
    COVERS = "covers"
    KNOWS_IT = "knows_it"
    MENTIONS = "mentions"
    STANDS_ON = "stands_on"
    MADE_ON = "made_on"
    ITSELF = "itself"


class UsePart(Enum):
    """What a use does with the workspace, in the order in which uses are ended."""

    SENDS = "sends"
    READS = "reads"
    BOUND = "bound"
    GUARDS = "guards"


class States(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The states of something that takes a while to be switched on or off, at a path of the workspace itself."""

    path: str = ""
    under_way: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()

    def under_way_in(self, body: Mapping[str, Any]) -> bool:
        """Return whether a body shows that it is being switched; raises `NotUnderstood` for a state of neither kind."""
        found = False
        for value in _values(body, _path(self.path)) if self.path else ():
            state = str(value).lower()
            if state in (name.lower() for name in self.under_way):
                found = True
            elif state not in (name.lower() for name in self.settled):
                raise NotUnderstood(f"its `{self.path}` is `{value}`, which does not show whether it is off")
        return found


@dataclass(frozen=True, slots=True)
class Use:
    """One check: the list to read, and how an item of it shows another use of the workspace."""

    title: str
    what: str
    where: Where
    hit: Hit
    path: tuple[str, ...]
    always: tuple[str, ...]
    true_at: tuple[str, ...]
    suffix: str
    never: ByDefault
    part: UsePart
    end: str
    obstacle: bool
    states: "States"
    kept_longer: bool

    @property
    def note(self) -> str:
        """The note on a record that shows it."""
        return f"{self.title} keeps it from being deleted" if self.obstacle else f"{self.title} uses it"

    @property
    def phrase(self) -> str:
        """What the id of an item that shows the use contains, in lower case; there can be a million other items."""
        return _BELOW_A_WORKSPACE if self.hit is Hit.MADE_ON else ""

    def about(self, key: str, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the keys of the workspaces, or of scopes that may contain one, that an item shows to be in use.

        `key` is the id of the item in lower case, used as plain text: an id that is malformed elsewhere must not hide a
        use. Raises `NotUnderstood`.
        """
        return tuple(self._targets(key, body)) if self._counts(key, body) else ()

    def shown_by(self, identity: str, body: bytes) -> tuple[str, ...]:
        """Return `about` of a record, by its id and its body as text."""
        key = identity.lower().rstrip("/")
        if self.phrase not in key:
            return ()
        return self.about(key, msgspec.json.decode(body, type=dict[str, Any]))

    def keys_of(self, workspace: ArmId, customer: str | None) -> tuple[str, ...]:
        """Return the keys of `about` that mean a workspace, of which `customer` is the `customerId`."""
        keys = [workspace.key, *_known_as(customer)]
        if self.hit in {Hit.COVERS, Hit.STANDS_ON}:
            above = (workspace.resource_group_id, workspace.subscription_id)
            keys.extend(scope.key for scope in above if scope is not None)
        return tuple(keys)

    @staticmethod
    def is_known_by(customer: str | None) -> bool:
        """Return whether a `customerId` is one by which an item can name its workspace."""
        return any(_known_as(customer))

    def _counts(self, key: str, body: Mapping[str, Any]) -> bool:
        """Return whether an item counts; items that exist by default do not."""
        names = {one.rpartition("/")[2].lower() for one in (str(body.get("name") or key), key)}
        counted = {name.endswith(self.suffix) and not self.never.holds(name, key, body) for name in names}
        if len(counted) > 1:
            raise NotUnderstood("its name and its id disagree")
        return (
            counted == {True}
            and (not self.true_at or self._is_on(body))
            and (not self.kept_longer or _has_long_retention(body))
        )

    def _is_on(self, body: Mapping[str, Any]) -> bool:
        values = tuple(_values(body, self.true_at))
        if not values or not all(isinstance(value, bool) for value in values):
            raise NotUnderstood(f"its `{'.'.join(self.true_at)}` is neither true nor false")
        return any(values)

    def _targets(self, key: str, body: Mapping[str, Any]) -> Iterator[str]:
        match self.hit:
            case Hit.BELOW:
                yield from _above(key)
            case Hit.STANDS_ON | Hit.MADE_ON:
                item = plain_arm_id(key)
                if item is None or item.type.lower() != self.what.lower():
                    raise NotUnderstood("its id does not show what it applies to")
                yield item.scope.key
            case Hit.ITSELF:
                values = tuple(_values(body, self.path))
                if not all(isinstance(value, bool | str) for value in values):
                    raise NotUnderstood("its value is neither text nor true nor false")
                if any(values) or self.states.under_way_in(body):
                    yield key
            case _:
                self._check_contents(body)
                for value in _values(body, self.path):
                    yield from _READ_AS[self.hit](value)

    def _check_contents(self, body: Mapping[str, Any]) -> None:
        """Raise `NotUnderstood` for a body without properties, or without any of those in `always`."""
        held = dict(_held(body))
        if not held:
            raise NotUnderstood("it has no `properties`")
        if self.always and not any(held.get(name.lower()) for name in self.always):
            raise NotUnderstood(f"it contains no {' and no '.join(f'`{name}`' for name in self.always)}")


@cache
def uses() -> tuple[Use, ...]:
    """Return every check, in the order of the file."""
    rows = yaml_value(Path(__file__).with_name("uses.yaml"), tuple[_UseRow, ...])
    return tuple(row.use() for row in rows)


class _Only(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kept_longer: bool = False
    true_at: str = ""
    suffix: str = ""


class _UseRow(msgspec.Struct, forbid_unknown_fields=True):
    """One check in `uses.yaml`."""

    title: str
    what: str
    where: Where
    hit: Hit
    part: UsePart
    end: str
    obstacle: bool = False
    path: str = ""
    always: tuple[str, ...] = ()
    only: _Only = _Only()
    never: ByDefault = ByDefault()
    states: States = States()

    def use(self) -> Use:
        """Return the check with its paths split and its names in lower case."""
        return Use(
            title=self.title,
            what=self.what,
            where=self.where,
            hit=self.hit,
            path=_path(self.path),
            always=self.always,
            true_at=_path(self.only.true_at),
            suffix=self.only.suffix.lower(),
            never=self.never,
            part=self.part,
            end=self.end,
            obstacle=self.obstacle,
            states=self.states,
            kept_longer=self.only.kept_longer,
        )


def _has_long_retention(body: Mapping[str, Any]) -> bool:
    """Return whether a table keeps data after the time in which it can be queried.

    Nobody but its owner sets that. Raises `NotUnderstood` for days that are no numbers.
    """
    queried, total = _days(body, "retentionInDays") or _USUAL_DAYS, _days(body, "totalRetentionInDays")
    return total > queried or _days(body, "archiveRetentionInDays") > 0


def _days(body: Mapping[str, Any], name: str) -> int:
    days = [value for value in _values(body, ("properties", name)) if isinstance(value, int)]
    if len(days) < len(tuple(_values(body, ("properties", name)))):
        raise NotUnderstood(f"its `{name}` is no number of days")
    return max(days, default=0)


def _above(key: str) -> Iterator[str]:
    """Yield every path above an id, whatever its names look like."""
    parts = key.split("/")
    yield from ("/".join(parts[:count]) for count in range(len(parts) - 1, 1, -1))


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.replace("[", ".[").split(".")) if text else ()


def _held(body: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    """Yield the properties of a body with names in lower case; raises `NotUnderstood`."""
    for properties in _values(body, ("properties",)):
        if not isinstance(properties, dict):
            raise NotUnderstood("its `properties` are not an object")
        yield from ((name.lower(), value) for name, value in properties.items())


def _values(body: object, path: tuple[str, ...]) -> Iterator[object]:
    """Yield the values at `path` in a body; none if the value or one of its parents is missing, null or empty.

    Names are compared without case. `[]` descends into a list, of which each item must contain the value, and `[?]`
    into one of which some may. Raises `NotUnderstood` for a parent of another type.
    """
    if body is None or body == "":
        return
    if not path:
        yield body
    elif path[0] in {"[]", "[?]"}:
        yield from _of_items(body, path[1:], each=path[0] == "[]")
    elif not isinstance(body, dict):
        raise NotUnderstood(f"the value that should contain `{path[0]}` is not an object")
    else:
        for name, value in body.items():
            if name.lower() == path[0].lower():
                yield from _values(value, path[1:])


def _of_items(body: object, path: tuple[str, ...], *, each: bool) -> Iterator[object]:
    if not isinstance(body, list):
        raise NotUnderstood("a value that should be a list is not one")
    for item in body:
        held = tuple(_values(item, path))
        if not held and (each or not item):
            raise NotUnderstood("an item of a list in it lacks the expected value")
        yield from held


def places_above(identity: str) -> Iterator[str]:
    """Yield an id in lower case, and every path above it, whatever its names look like."""
    key = identity.lower().rstrip("/")
    yield key
    yield from _above(key)


def _known_as(customer: str | None) -> Iterator[str]:
    if _GUID.fullmatch(customer or ""):
        yield _customer(str(customer))


def _customer(text: str) -> str:
    """Return the key for the `customerId` of a workspace, which no id of a resource equals."""
    return f"customerId {text.lower().replace('-', '')}"


def _mentioned(value: object) -> Iterator[str]:
    """Yield the keys of the workspaces in a value that may be anything; raises `NotUnderstood` for half an id."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _mentioned(inner)
    elif isinstance(value, str):
        yield from map(_customer, _GUID_IN_TEXT.findall(unquote(value)))
        if _NAMESPACE in unquote(value).lower():
            yield from _pointed_at(value)


def _known(value: object) -> Iterator[str]:
    """Yield the key of the `customerId` of a workspace; raises `NotUnderstood`."""
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise NotUnderstood("its reference is not the GUID of a workspace")
    yield _customer(value)


def _pointed_at(value: object) -> Iterator[str]:
    """Yield the key of an id, and that of the workspace it is below; raises `NotUnderstood`."""
    target = plain_arm_id(value)
    if target is None:
        raise NotUnderstood("its reference is not the id of a resource")
    yield target.key
    head, below, tail = target.key.partition(_BELOW_A_WORKSPACE)
    if "/" in tail:
        yield f"{head}{below}{tail.partition('/')[0]}"


_READ_AS: Mapping[Hit, Callable[[object], Iterator[str]]] = {
    Hit.POINTS_AT: _pointed_at,
    Hit.COVERS: _pointed_at,
    Hit.KNOWS_IT: _known,
    Hit.MENTIONS: _mentioned,
}
"""How the value at a check's path names workspaces."""
