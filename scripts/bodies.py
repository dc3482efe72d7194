"""Reading answers of Azure, kept in a folder, as the readers do: `python -m scripts.bodies FOLDER`.

Prints what was refused, lost or misread; prints nothing where every answer was understood. Each file (`*.json`) holds
one answer, or an array of them:

    {"what": a list, "scope": whose list it is, "how": "list" | "get" | "item", "body": the answer, "source": any text}

`how` is `list` for a page of the list, `get` for one resource, `item` for one item of the list. Where the scope is
missing, `path` is the path that was requested. Answers belong to the list `what` by its name in
`auditor.inventory.lists`, whatever its letter case; those of the directory may be filed under its singular.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from auditor.azure.paging import items_of
from auditor.collect.arm_ids import placed
from auditor.collect.catalogue import PER_CANDIDATE, PER_LONE_ASSESSMENT, PER_RECOVERY_VAULT, TRACKED
from auditor.collect.directory.questions import QUESTIONS
from auditor.collect.recording import Recording
from auditor.inventory.inventory import Inventory
from auditor.inventory.list_shapes import WrongShape, by_its_id
from auditor.inventory.lists import (
    ANY_RESOURCE,
    DELETED_APPLICATIONS,
    DELETED_WORKSPACES,
    DIRECTORY_ELIGIBILITIES,
    LISTS,
    shape_of,
)
from auditor.inventory.resources.directory import DirectoryObject
from auditor.inventory.resources.fields import ReadByField
from auditor.inventory.resources.resource import Resource
from auditor.inventory.snapshot.records import By, Header
from auditor.inventory.uses.by_default import NotUnderstood
from auditor.inventory.uses.uses import uses

Body = dict[str, Any]

_BELOW = frozenset(
    listing.what.lower() for listing in (*PER_CANDIDATE, *PER_RECOVERY_VAULT, *PER_LONE_ASSESSMENT) if listing.below
)
"""The lists whose items are placed below their scope."""
_TRACKED = frozenset(kind.what.lower() for kind in TRACKED)
"""The types whose resources are taken from the list of all resources."""
_OTHER_NAMES = {"graph/directoryeligibilities": DIRECTORY_ELIGIBILITIES.lower()}
_COMMON = frozenset({"id", "name", "type", "location", "tags", "properties", "identity", "sku", "scope", "version"})
"""Names that stand at many places of a body and mean something else at each."""
_TENANT = "00000000-0000-0000-0000-000000000000"


def main(arguments: list[str]) -> int:
    """Print what is wrong with the answers in the folders; return 1 if anything is, 2 for a wrong call."""
    folders = [Path(one) for one in arguments]
    if not folders or not all(folder.is_dir() for folder in folders):
        print("usage: python -m scripts.bodies FOLDER...", file=sys.stderr)
        return 2
    lines = [line for folder in folders for line in faults(folder)]
    print(*lines, sep="\n", end="\n" if lines else "")
    return 1 if lines else 0


def faults(folder: Path) -> Iterator[str]:
    """Yield one line for each answer, item or value in the files of a folder that was not understood."""
    for file in sorted(folder.rglob("*.json")):
        held = msgspec.json.decode(file.read_bytes())
        for number, answer in enumerate(held if isinstance(held, list) else [held]):
            where = f"{file.relative_to(folder)}[{number}]" if isinstance(held, list) else str(file.relative_to(folder))
            yield from (f"{where}: {fault}" for fault in _of_answer(answer))


def _of_answer(answer: Body) -> Iterator[str]:
    what = _list_name(str(answer.get("what")))
    if what is None:
        yield f"refused: there is no list `{answer.get('what')}`"
        return
    try:
        items = list(_items(answer, what))
    except ValueError as wrong:
        yield f"refused: {what}: {wrong}"
        return
    yield from _in_directory(items, what) if what.startswith("graph/") else _of_resources(items, what, _scope(answer))


def _list_name(what: str) -> str | None:
    """Return the name of a list as the catalogue writes it; None where it has none."""
    key = what.lower()
    kind = LISTS.get(_OTHER_NAMES.get(key, key)) or LISTS.get(f"{key}s")
    return what if kind is None and key.startswith("microsoft.") else None if kind is None else kind.what


def _scope(answer: Body) -> str:
    """Return the scope of an answer: as stated, otherwise the subscription of its items, otherwise that of its path."""
    if isinstance(answer.get("scope"), str):
        return str(answer["scope"])
    body = _body(answer)
    items = body.get("value") if isinstance(body, dict) else body
    ids = [str(item.get("id")) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    texts = (*(one for one in ids if one.lower().startswith("/subscriptions/")), str(answer.get("path", "")))
    return "/".join(texts[0].split("?")[0].split("/")[:3])


def _body(answer: Body) -> Any:
    """Return the body; recordings may hold it as a text."""
    body = answer.get("body")
    if isinstance(body, dict) and body.keys() == {"string"}:
        return msgspec.json.decode(body["string"])
    return body


def _with_ids(item: Body, what: str, scope: str) -> Body:
    """Return an item of a generated example, whose id and type are random words, with those of its list."""
    made_up = all(isinstance(item.get(name), str) and "/" not in item[name] for name in ("id", "type"))
    if not made_up or what.startswith("graph/"):
        return item
    return {**item, "id": f"{scope}/{what.rpartition('/')[2]}/{item['id']}", "type": what}


def _items(answer: Body, what: str) -> Iterator[Body]:
    """Yield the items of an answer as the reader of the list passes them on; raises `ValueError` for a refused one."""
    body, scope = _body(answer), _scope(answer)
    of_everything = str(answer.get("path", "")).rstrip("/").endswith("/resources")
    shape = ANY_RESOURCE if of_everything else shape_of(what)
    shape = shape if what.startswith("graph/") else shape.at(scope)
    if isinstance(body, dict) and isinstance(body.get("value"), list):
        body = {**body, "value": [_with_ids(one, what, scope) for one in body["value"]]}
    is_list = isinstance(body, list) or (isinstance(body, dict) and "value" in body)
    if is_list and answer.get("how") != "get":
        items = items_of(body, shape)
    elif isinstance(body, dict):
        items = [by_its_id(body)] if answer.get("how") == "get" else items_of({"value": [body]}, shape)
    else:
        raise WrongShape("the answer is neither a list nor an object")
    for item in items:
        if of_everything and str(item.get("type")).lower() not in _TRACKED:
            continue
        yield placed(item, what, scope) if what.lower() in _BELOW else item


def _of_resources(items: list[Body], what: str, scope: str) -> Iterator[str]:
    recording = _recording()
    kept = []
    for item in items:
        record = recording.arm(item, what, scope, deleted=what == DELETED_WORKSPACES)
        kept += [(record, item)] if record is not None else []
    inventory = Inventory.of(recording.snapshot())
    ids = {(record.type.lower(), record.id.lower()) for record, _ in kept}
    if len(ids) < len(items):
        yield f"lost: {what}: {len(items)} items became {len(ids)} records"
    for record, item in kept:
        typed = _typed(inventory, record.type, record.id)
        if isinstance(typed, ReadByField):
            yield from (f"misread: {record.id}: `{name}` has a value of an unknown kind" for name in typed.unread)
        elif typed is not None and type(typed) is not Resource:
            yield from (f"misread: {record.id}: {fault}" for fault in _compared(typed, item))
        if item.get("type") and record.type.lower() not in {what.lower(), str(item["type"]).lower()}:
            yield f"misread: {record.id} is recorded as a {record.type}"
    yield from _of_uses(inventory, what, len(ids))
    yield from _unread(recording, inventory)


def _of_uses(inventory: Inventory, what: str, count: int) -> Iterator[str]:
    """Yield the items that the checks for other uses of workspaces do not find, or do not understand."""
    for use in (one for one in uses() if one.what.lower() == what.lower()):
        records = [one for one in inventory.of_type(use.what) if not one.deleted]
        if len(records) < count:
            yield f"lost: {use.title}: {len(records)} of {count} items are looked at"
        for record in records:
            try:
                use.about(record.id.lower(), msgspec.json.decode(record.body))
            except NotUnderstood as reason:
                yield f"misread: {record.id}: {use.title}: {reason}"


def _typed(inventory: Inventory, kind: str, identity: str) -> Resource | None:
    from auditor.inventory.inventory import RESOURCE_CLASSES

    classes = [cls for cls in RESOURCE_CLASSES if kind.lower() in {name.lower() for name in cls.types}]
    held = (one for cls in classes for one in inventory.all(cls))
    return next((one for one in held if one.id.lower() == identity.lower()), None)


def _in_directory(items: list[Body], what: str) -> Iterator[str]:
    recording = _recording()
    question = next((one for one in QUESTIONS if one.what == what), None)
    deleted = what == DELETED_APPLICATIONS
    kept = 0
    for item in items:
        body = item if question is None else question.body(dict(item))
        body.setdefault("@odata.type", "#microsoft.graph.directoryObject")
        record = recording.graph(body, what, "/", deleted=deleted)
        kept += record is not None
        inventory = Inventory.of(recording.snapshot())
        typed = None if record is None or deleted else inventory.object(record.id)
        if typed is not None and type(typed) is not DirectoryObject:
            yield from (f"misread: {typed.id}: {fault}" for fault in _compared(typed, body))
    if kept < len(items):
        yield f"lost: {what}: {len(items)} items became {kept} records"
    yield from _unread(recording, Inventory.of(recording.snapshot()))


def _unread(recording: Recording, inventory: Inventory) -> Iterator[str]:
    gaps = dict.fromkeys((*recording.snapshot().gaps, *inventory.malformed))
    yield from (f"refused: {gap.what} at {gap.scope}: {gap.message or gap.code}" for gap in gaps)


def _recording() -> Recording:
    recording = Recording()
    now = datetime.now(UTC).replace(microsecond=0)
    recording.header = Header(
        tenant_id=_TENANT, cloud="AzureCloud", collected_at=now, by=By(_TENANT, "bodies", "User"), tool="bodies"
    )
    return recording


def _compared(typed: msgspec.Struct, body: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield the fields whose typed value is not what the body holds: other, in another letter case, or elsewhere."""
    root = body if root is None else root
    for field in msgspec.structs.fields(typed):
        value, name = getattr(typed, field.name), field.encode_name
        if name in body:
            yield from _of_value(name, value, body[name], root)
            continue
        spelt = next((key for key in body if key.lower() == name.lower()), None)
        if spelt is not None and body[spelt] not in (None, "", [], {}):
            yield f"`{name}` is {_shown(value)}; the body has `{spelt}`: {_shown(body[spelt])}"
        elif name not in _COMMON:
            yield from (
                f"`{name}` is {_shown(value)}; the body has it at `{path}`: {_shown(found)}"
                for path, found in _elsewhere(root, name.lower())
            )


def _of_value(name: str, value: object, held: object, root: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, msgspec.Struct):
        if isinstance(held, dict):
            yield from _compared(value, held, held)
        elif held is not None:
            yield f"`{name}` is an object; the body has {_shown(held)}"
        return
    if isinstance(value, tuple) and isinstance(held, list):
        if len(value) != len(held):
            yield f"`{name}` has {len(value)} elements; the body has {len(held)}"
        for one, other in zip(value, held, strict=False):
            yield from _of_value(name, one, other, root)
        return
    plain = None if value is msgspec.UNSET else msgspec.to_builtins(value)
    if plain != held and str(plain) != str(held):
        yield f"`{name}` is {_shown(value)}; the body has {_shown(held)}"


def _elsewhere(value: object, name: str, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield where a body holds a value under a name, at any depth."""
    pairs: Iterable[tuple[str, object]] = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = ((str(number), one) for number, one in enumerate(value))
    for key, held in pairs:
        here = f"{path}.{key}" if path else key
        if key.lower() == name and held not in (None, "", [], {}):
            yield here, held
        else:
            yield from _elsewhere(held, name, here)


def _shown(value: object) -> str:
    text = "absent" if value is msgspec.UNSET else msgspec.json.encode(msgspec.to_builtins(value)).decode()
    return text if len(text) <= 120 else f"{text[:117]}..."


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
