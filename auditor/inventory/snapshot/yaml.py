"""Snapshots as YAML: the same records grouped by kind, for fixtures that people write and read."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from auditor.files import content
from auditor.inventory.snapshot.assembly import Assembly, BadSnapshot
from auditor.inventory.snapshot.jsonl import end_of
from auditor.inventory.snapshot.plain_yaml import BadYaml, PlainLoader, composed, dumped, line_of
from auditor.inventory.snapshot.records import Header
from auditor.inventory.snapshot.seal import objection
from auditor.inventory.snapshot.snapshot import Snapshot

LARGEST_FILE = 256 * 1024 * 1024
"""The largest size in bytes of a YAML snapshot, which is read into memory; larger ones must be JSON Lines."""

_SECTIONS = {
    "arm": ("arm", False),
    "deleted": ("arm", True),
    "graph": ("graph", False),
    "links": ("link", False),
    "events": ("event", False),
    "reads": ("read", False),
    "gaps": ("gap", False),
}
"""The sections by top-level key: the kind of their records, and whether these are deleted."""


_NO_END = "the end is missing (`end`, with the count and the digest of the records): the file was cut off"
_SEALED = "its header says `sealed`, which holds for a file with an end alone"
_BY_OTHERS = "only what another tool than migaudit wrote, with `tool: hand` or the like in its header, goes without"


def read(path: Path) -> Snapshot:
    """Return the snapshot in `path`; raises `BadSnapshot` with the line for any error in the file, and `OSError`."""
    text = content(path, LARGEST_FILE)
    try:
        with composed(text) as (loader, root):
            return _read(path, text, loader, root)
    except BadYaml as broken:
        raise BadSnapshot(path, broken.line, broken.reason) from broken


def _read(path: Path, text: bytes, loader: PlainLoader, root: Node | None) -> Snapshot:
    if not isinstance(root, MappingNode):
        reason = "a YAML snapshot is a mapping with `snapshot`, `arm`, `graph`, …" if text else "the file is empty"
        raise BadSnapshot(path, 1, reason)
    assembly = Assembly(path)
    sections = _sections(path, root)
    if "snapshot" not in sections:
        raise BadSnapshot(path, 1, "the header is missing (`snapshot`)")
    header, end = sections.pop("snapshot"), sections.pop("end", None)
    fields = _header(loader.construct_object(header, deep=True))
    assembly.take_header(line_of(header), fields)
    for name, node in sections.items():
        _take_section(assembly, loader, name, node)
    snapshot = assembly.snapshot()
    is_sealed = isinstance(fields, dict) and "sealed" in fields
    if end is None and (is_sealed or _is_ours(snapshot.header)):
        raise BadSnapshot(path, _last_line(text), f"{_NO_END}; {_SEALED if is_sealed else _BY_OTHERS}")
    if end is not None:
        _check_end(path, text, snapshot, loader, end)
    return snapshot


def _is_ours(header: Header) -> bool:
    """Return whether migaudit made the snapshot; without a tool it counts as ours, as the file may be cut off."""
    return header.tool.strip().lower().startswith("migaudit") or not header.tool.strip()


def _last_line(text: bytes) -> int:
    return text.count(b"\n") + (not text.endswith(b"\n"))


def _check_end(path: Path, text: bytes, snapshot: Snapshot, loader: PlainLoader, end: Node) -> None:
    wrong = objection(loader.construct_object(end, deep=True), end_of(snapshot))
    if wrong is not None:
        raise BadSnapshot(path, line_of(end), wrong)
    if not text.endswith(b"\n"):
        raise BadSnapshot(path, _last_line(text), "the last line is cut off")


def _sections(path: Path, root: MappingNode) -> dict[str, Node]:
    sections: dict[str, Node] = {}
    for key, node in root.value:
        name = key.value if isinstance(key, ScalarNode) else ""
        if name in sections:
            raise BadSnapshot(path, line_of(key), f"`{name}` stands twice")
        if name not in {"snapshot", "end"} and name not in _SECTIONS and not name.startswith("x-"):
            known = ", ".join(["snapshot", *_SECTIONS, "end"])
            raise BadSnapshot(path, line_of(key), f"`{name}` is no section; known are {known}")
        sections[name] = node
    return {name: node for name, node in sections.items() if not name.startswith("x-")}


def _take_section(assembly: Assembly, loader: PlainLoader, name: str, node: Node) -> None:
    kind, deleted = _SECTIONS[name]
    if name == "reads":
        assembly.reads = {}
    for item in _items(assembly.path, name, node):
        value = loader.construct_object(item, deep=True)
        of_graph = deleted and isinstance(value, dict) and "@odata.type" in value
        assembly.take(line_of(item), "graph" if of_graph else kind, value, deleted=deleted)


def _items(path: Path, name: str, node: Node) -> Iterator[Node]:
    if isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null":
        return
    if not isinstance(node, SequenceNode):
        raise BadSnapshot(path, line_of(node), f"`{name}` must be a list")
    yield from node.value


def _header(fields: object) -> object:
    """Return the header with its version as `snapshot`; in a file it may also be `version`."""
    if isinstance(fields, dict) and "snapshot" not in fields:
        return {"snapshot": fields.get("version", 1), **fields}
    return fields


def write(snapshot: Snapshot, stream: BinaryIO) -> None:
    """Write `snapshot`, whose records are sorted, grouped by kind; equal snapshots give equal bytes.

    The header says that the file is sealed, so that a cut is noticed in snapshots of other tools too.
    """
    header = snapshot.header.builtin()
    sections: dict[str, object] = {"snapshot": {"tool": header.pop("tool"), "sealed": True, **header}}
    decode = msgspec.json.decode
    sections["arm"] = [decode(record.body) for record in snapshot.arm if not record.deleted]
    gone = [record.body for record in snapshot.arm if record.deleted]
    gone += [record.body for record in snapshot.graph if record.deleted]
    sections["deleted"] = [decode(body) for body in gone]
    sections["graph"] = [decode(record.body) for record in snapshot.graph if not record.deleted]
    sections["links"] = msgspec.to_builtins(snapshot.links)
    sections["events"] = [decode(event.body) for event in snapshot.events]
    if snapshot.reads is not None:
        sections["reads"] = msgspec.to_builtins(snapshot.reads)
    sections["gaps"] = msgspec.to_builtins(snapshot.gaps)
    sections["end"] = msgspec.to_builtins(end_of(snapshot))
    kept = {name: value for name, value in sections.items() if value or name in {"snapshot", "reads"}}
    stream.write(dumped(kept))
