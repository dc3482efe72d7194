"""An environment in which everything that somebody may name is called by a name that wants to be more."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import By, Link, arm_record, event_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.report.hostile_names import NAMES

_NAMED = re.compile(
    r"microsoft\.(migrate/\w*projects|offazure/\w*sites|keyvault/vaults|operationalinsights/workspaces"
    r"|resources/resourcegroups|authorization/(locks|policyassignments))",
    re.IGNORECASE,
)
"""Types whose resources somebody names."""
_SPOKEN = frozenset({"displayName", "userPrincipalName", "mail", "roleName"})
_FREE = frozenset({"description", "notes", "message", "reason"})

_REFUSED = re.compile(r"[\x00-\x1f\x7f-\x9f?#/]")
"""What cannot stand in a resource's name: an id that holds it is refused as it is read."""


class _Rest(msgspec.Struct):
    links: tuple[Link, ...]
    reads: tuple[Read, ...] | None
    gaps: tuple[Gap, ...]


def hostile_world(snapshot: Snapshot) -> Snapshot:
    """Return `snapshot` with what is named, addressed or described in it called by hostile names, ties unharmed."""
    names = itertools.cycle(NAMES)
    raw = [*(one.body for one in snapshot.arm), *(one.body for one in snapshot.graph)]
    bodies = list(map(msgspec.json.decode, raw))
    spoken = {text.lower() for body in bodies for text in _spoken(body)} - _names(snapshot)
    tied = {old: f"{next(names)}{at}" for at, old in enumerate(sorted(spoken))}
    in_ids = itertools.cycle(name for name in NAMES if not _REFUSED.search(name))
    tied_in_ids = {old: f"{next(in_ids)}{at}" for at, old in enumerate(sorted(_names(snapshot)))}
    in_texts, ids = _replacing({**tied, **tied_in_ids}), _replacing(tied_in_ids)

    def renamed(value: object, field: str = "") -> object:
        if isinstance(value, dict):
            return {key: renamed(item, "tag" if field == "tags" else key) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item, field) for item in value]
        if not isinstance(value, str):
            return value
        if field in _FREE:
            return next(names)
        return ids(value) if value.startswith("/") else in_texts(value)

    def body(raw: bytes) -> dict[str, object]:
        return msgspec.convert(renamed(msgspec.json.decode(raw)), dict[str, object])

    held = {"links": snapshot.links, "reads": snapshot.reads, "gaps": snapshot.gaps}
    rest = msgspec.convert(renamed(msgspec.to_builtins(held)), _Rest)
    return Snapshot.of(
        msgspec.structs.replace(snapshot.header, by=By(snapshot.header.by.object_id, NAMES[0])),
        arm=[arm_record(body(one.body), deleted=one.deleted) for one in snapshot.arm],
        graph=[graph_record(body(one.body), deleted=one.deleted) for one in snapshot.graph],
        events=[event_record(body(one.body)) for one in snapshot.events],
        links=rest.links,
        reads=rest.reads,
        gaps=rest.gaps,
    )


def _replacing(tied: Mapping[str, str]) -> Callable[[str], str]:
    pattern = re.compile("|".join(re.escape(old) for old in sorted(tied, key=len, reverse=True)), re.IGNORECASE)
    return lambda text: pattern.sub(lambda found: tied[found[0].lower()], text)


def _names(snapshot: Snapshot) -> set[str]:
    return {one.id.rpartition("/")[2].lower() for one in snapshot.arm if _NAMED.fullmatch(one.type)}


def _spoken(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _SPOKEN and isinstance(item, str) and len(item) > 3:
                yield item
            if key == "tags" and isinstance(item, dict):
                yield from (text for text in item.values() if isinstance(text, str) and len(text) > 3)
            yield from _spoken(item)
    elif isinstance(value, list):
        for item in value:
            yield from _spoken(item)
