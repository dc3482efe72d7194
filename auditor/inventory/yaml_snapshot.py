"""Snapshots as YAML: the same records grouped by kind, for people who write and read fixtures."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from auditor.inventory.assembly import Assembly, BadSnapshot
from auditor.inventory.snapshot import Snapshot
from auditor.inventory.yaml_bounds import check_bounds

_SECTIONS = {
    "arm": ("arm", False),
    "deleted": ("arm", True),
    "graph": ("graph", False),
    "links": ("link", False),
    "events": ("event", False),
    "reads": ("read", False),
    "gaps": ("gap", False),
}
"""Top-level key → the kind of its records and whether they are of something deleted (ARM or directory)."""


class PlainLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # chosen at run time: C where built
    """YAML as JSON has it: only true/false are booleans, no timestamps, no octal numbers; anchors and merges work.

    What JSON lacks (sets, binary data), or would lose (a key that stands twice), is refused.
    """

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[object, object]:
        """Return the mapping, unless a key stands in it twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, ScalarNode) and key.tag != _MERGE:
                if key.value in seen:
                    problem = f"the key `{key.value}` stands twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        held: dict[object, object] = super().construct_mapping(node, deep=deep)
        return held


_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters that cannot be seen, or that steer who looks at the file."""


class PlainDumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc] # chosen at run time: C where built
    """The writing side: no anchors, so that every record stands alone; quotes whatever a YAML reader could mistake."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002, D102 - the library's signature
        return True

    def represent_text(self, text: str) -> ScalarNode:
        """Return the node of `text`: in double quotes, which know escapes, where a character of it cannot be seen."""
        style = '"' if _UNSEEN.search(text) else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # type: ignore[no-any-return]


PlainDumper.add_representer(str, PlainDumper.represent_text)


_MERGE = "tag:yaml.org,2002:merge"
for _kind in ("set", "binary", "timestamp", "omap", "pairs"):
    PlainLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", PlainLoader.construct_undefined)
PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"true|false|True|False|TRUE|FALSE", "tTfF"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("tag:yaml.org,2002:float", r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", "-0123456789"),
    (_MERGE, r"<<", "<"),
):
    PlainLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))
    PlainDumper.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


def read(path: Path) -> Snapshot:
    """Return the snapshot in `path`; raises `BadSnapshot` (with the line) for anything not wholly right, `OSError`."""
    try:
        return _read(path, path.read_bytes())
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 0
        raise BadSnapshot(path, line, f"this is no valid YAML: {broken.problem or broken.context}") from broken
    except (yaml.YAMLError, RecursionError) as broken:
        raise BadSnapshot(path, 0, f"this is no valid YAML: {broken}") from broken


def _read(path: Path, text: bytes) -> Snapshot:
    check_bounds(text, PlainLoader)
    loader = PlainLoader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, MappingNode):
            raise BadSnapshot(path, 1, "a YAML snapshot is a mapping with `snapshot`, `arm`, `graph`, …")
        assembly = Assembly(path)
        sections = _sections(path, root)
        if "snapshot" not in sections:
            raise BadSnapshot(path, 1, "the header is missing (`snapshot`)")
        header = sections.pop("snapshot")
        assembly.take_header(_line(header), _header(loader.construct_object(header, deep=True)))
        for name, node in sections.items():
            _take_section(assembly, loader, name, node)
        return assembly.snapshot()
    finally:
        loader.dispose()


def _sections(path: Path, root: MappingNode) -> dict[str, Node]:
    sections: dict[str, Node] = {}
    for key, node in root.value:
        name = key.value if isinstance(key, ScalarNode) else ""
        if name in sections:
            raise BadSnapshot(path, _line(key), f"`{name}` stands twice")
        if name != "snapshot" and name not in _SECTIONS and not name.startswith("x-"):
            raise BadSnapshot(path, _line(key), f"`{name}` is no section; known are snapshot, {', '.join(_SECTIONS)}")
        sections[name] = node
    return {name: node for name, node in sections.items() if not name.startswith("x-")}


def _take_section(assembly: Assembly, loader: PlainLoader, name: str, node: Node) -> None:
    kind, deleted = _SECTIONS[name]
    if name == "reads":
        assembly.reads = []
    for item in _items(assembly.path, name, node):
        value = loader.construct_object(item, deep=True)
        of_graph = deleted and isinstance(value, dict) and "@odata.type" in value
        assembly.take(_line(item), "graph" if of_graph else kind, value, deleted=deleted)


def _items(path: Path, name: str, node: Node) -> Iterator[Node]:
    if isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null":
        return
    if not isinstance(node, SequenceNode):
        raise BadSnapshot(path, _line(node), f"`{name}` must be a list")
    yield from node.value


def _header(fields: object) -> object:
    """Accept the header with its version as `snapshot` or as `version` inside the mapping."""
    if isinstance(fields, dict) and "snapshot" not in fields:
        return {"snapshot": fields.get("version", 1), **fields}
    return fields


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def write(snapshot: Snapshot, stream: BinaryIO) -> None:
    """Write `snapshot` grouped by kind; equal snapshots give equal bytes."""
    sections: dict[str, object] = {"snapshot": snapshot.header.builtin()}
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
    kept = {name: value for name, value in sections.items() if value or name in {"snapshot", "reads"}}
    text = yaml.dump(kept, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=120)
    stream.write(_UNSEEN.sub(_escaped, text).encode())


def _escaped(found: re.Match[str]) -> str:
    return f"\\U{ord(found[0]):08x}"
