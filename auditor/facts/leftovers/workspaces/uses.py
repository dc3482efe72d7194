"""The checks for other uses of a workspace, read from `uses.yaml`, and their hits in one inventory."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import msgspec.yaml

from auditor.facts.estate.tenant_gaps import NOT_ASKED, TenantGaps
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.leftovers.leftover import OtherUses
from auditor.facts.leftovers.workspaces.by_default import ByDefault, NotUnderstood
from auditor.facts.leftovers.workspaces.ingestion import Arrivals, arrivals, older_arrivals
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId, plain_arm_id
from auditor.inventory.gap_kinds import by_kind
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DIAGNOSTIC_SETTINGS, WORKSPACES
from auditor.inventory.reads import MALFORMED
from auditor.inventory.resources.loganalytics import Workspace

AGENTS_REPORT = "agents that still report to it"
OTHER_DATA = "data of something else"
OLDER_DATA = "older data of something else"
_BELOW_A_WORKSPACE = "/providers/microsoft.operationalinsights/workspaces/"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GUID_IN_TEXT = re.compile(rf"(?<![0-9a-f])(?:{_GUID.pattern}|[0-9a-f]{{32}})(?![0-9a-f])", re.IGNORECASE)
"""A GUID with hyphens or without, anywhere in a text: a query or a URL may contain it."""
_USUAL_DAYS = 90
"""The longest retention in days that a table has without anybody's doing."""
_NAMESPACE = "microsoft.operationalinsights"
_ANYWHERE = ""
_DEEPER = "only a deep scan (`--deep`) asks every resource for it, which was not done in"


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

    def about(self, key: str, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the keys of the workspaces, or of scopes that may contain one, that an item shows to be in use.

        `key` is the id of the item in lower case, used as plain text: an id that is malformed elsewhere must not hide a
        use. Raises `NotUnderstood`.
        """
        return tuple(self._targets(key, body)) if self._counts(key, body) else ()

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
    read = msgspec.yaml.decode(
        files("auditor.facts.leftovers.workspaces").joinpath("uses.yaml").read_text(encoding="utf-8")
    )
    return tuple(row.use() for row in msgspec.convert(read, tuple[_UseRow, ...]))


def ends_of(titles: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return how to end the uses of these titles: each title with a phrase, in the order in which they are ended."""
    known = {use.title: (list(UsePart).index(use.part), use.end) for use in uses()} | _ENDS_OF_DATA
    return tuple((title, known[title][1]) for title in sorted(titles, key=lambda title: known[title][0]))


REPLICATION = "replication to another region"
"""The title of the obstacle that is turned off at the workspace itself."""
OF_DATA = (AGENTS_REPORT, OTHER_DATA, OLDER_DATA)
"""The uses that the received data shows."""

_ENDS_OF_DATA = {
    AGENTS_REPORT: (0, "remove the workspace from the agents that still report, or retire their machines"),
    OTHER_DATA: (0, "find what sends these types of data and give it another destination"),
    OLDER_DATA: (1, "ask who needs the data, and export it"),
}


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


@dataclass(frozen=True, slots=True)
class _UseItems:
    """The items of all lists, by title of the check: hits by the id they refer to, malformed items by scope."""

    hits: dict[str, dict[str, list[Evidence]]]
    not_understood: dict[str, dict[str, list[Gap]]]


class UsesFound:
    """The other uses of workspaces that the lists of one inventory show."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._known: dict[tuple[str, str], tuple[Gap, ...]] = {}
        self._everywhere = TenantGaps(inventory)

    def of(self, workspace: ArmId) -> OtherUses:
        """Return the other uses of `workspace`, from all checks together."""
        shown = {use: found for use in uses() if (found := self.hits(use, workspace))}
        hits = {use.title: found for use, found in shown.items() if not use.obstacle}
        obstacles = {use.title: found for use, found in shown.items() if use.obstacle}
        arrived = arrivals(self.inventory, workspace)
        if isinstance(arrived, Arrivals):
            kinds = {AGENTS_REPORT: arrived.reporting(self.inventory.now), OTHER_DATA: arrived.foreign()}
            hits |= {title: (arrived.shown(found),) for title, found in kinds.items() if found}
        older = older_arrivals(self.inventory, workspace)
        if isinstance(older, Arrivals) and OTHER_DATA not in hits and (kept := older.foreign()):
            hits[OLDER_DATA] = (older.shown(kept),)
        gaps = [gap for use in uses() for gap in self.gaps(use, workspace)]
        unread = (gap for one in (arrived, older) if not isinstance(one, Arrivals) for gap in one)
        return OtherUses(hits, by_kind([*gaps, *unread, *_compared_differently(workspace)]), obstacles)

    def hits(self, use: Use, workspace: ArmId) -> tuple[Evidence, ...]:
        """Return the items that show this use of `workspace`."""
        found = self._items.hits[use.title]
        keys = [workspace.key, *self._customers(workspace)]
        if use.hit in {Hit.COVERS, Hit.STANDS_ON}:
            above = (workspace.resource_group_id, workspace.subscription_id)
            keys.extend(scope.key for scope in above if scope is not None)
        return once(evidence for key in keys for evidence in found.get(key, ()))

    def _customers(self, workspace: ArmId) -> Iterator[str]:
        held = self.inventory.get(workspace)
        customer = (held.properties.customer_id if isinstance(held, Workspace) else None) or ""
        if _GUID.fullmatch(customer):
            yield _customer(customer)

    def gaps(self, use: Use, workspace: ArmId) -> tuple[Gap, ...]:
        """Return the gaps that prevent this check from proving that there is no such use."""
        if use.hit is Hit.KNOWS_IT and self._items.hits[use.title] and not any(self._customers(workspace)):
            return not_in_body(self.inventory, WORKSPACES, str(workspace), "customerId").why
        odd = self._items.not_understood[use.title]
        match use.where:
            case Where.WORKSPACE:
                unread = self.inventory.gaps(use.what, workspace, rests_on=())
                older = self.inventory.unread_property(workspace, ".".join(use.path)) if use.hit is Hit.ITSELF else ()
                return (*unread, *older, *odd.get(workspace.key, ()))
            case Where.SUBSCRIPTION:
                subscription = workspace.subscription_id or workspace
                return (*self._gaps_in(use.what, str(subscription)), *odd.get(subscription.key, ()))
            case Where.EVERYWHERE:
                gaps = self._everywhere.gaps(
                    use.what, unasked=_DEEPER if use.what == DIAGNOSTIC_SETTINGS else NOT_ASKED
                )
                return (*gaps, *odd.get(_ANYWHERE, ()))

    def _is_a_gap(self, what: str, identity: str) -> bool:
        return any(gap.scope.lower() == identity.lower() for gap in self.inventory.gaps(what, identity))

    def _gaps_in(self, what: str, scope: str) -> tuple[Gap, ...]:
        key = (what, scope.lower())
        if key not in self._known:
            self._known[key] = self.inventory.gaps(what, scope)
        return self._known[key]

    @cached_property
    def _items(self) -> _UseItems:
        found: dict[str, dict[str, list[Evidence]]] = {use.title: defaultdict(list) for use in uses()}
        odd: dict[str, dict[str, list[Gap]]] = {use.title: defaultdict(list) for use in uses()}
        for use in uses():
            for record in self.inventory.of_type(use.what):
                if record.deleted:
                    continue
                key = record.id.lower().rstrip("/")
                if use.hit is Hit.MADE_ON and _BELOW_A_WORKSPACE not in key:
                    continue  # there may be a hundred thousand of them
                try:
                    for target in use.about(key, msgspec.json.decode(record.body, type=dict[str, Any])):
                        found[use.title][target].append(Evidence(record.id, use.note))
                except NotUnderstood as reason:
                    if self._is_a_gap(use.what, record.id):
                        continue  # its body was not read, which is a gap already
                    gap = Gap(use.what, record.id, 0, MALFORMED, f"the body cannot be understood: {reason}")
                    for scope in (key, *_above(key), _ANYWHERE):
                        odd[use.title][scope].append(gap)
        return _UseItems(found, odd)


def _compared_differently(workspace: ArmId) -> Iterator[Gap]:
    """Yield a gap for a group with letters whose case Azure may fold in another way, so that a reference may differ."""
    if not (workspace.resource_group or "").isascii():
        message = "its resource group has letters outside ASCII, which a reference to it may write in another way"
        yield Gap(WORKSPACES, str(workspace), 0, MALFORMED, message)


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
