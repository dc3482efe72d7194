"""A YAML file as plain nodes that know the place of each character, so that errors can point at it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from auditor.audit.rules.mistakes import LARGEST_FILE, BadRule
from auditor.files import content, why

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML was built with it: a tenth of the time
DEEPEST = 8
"""Maximum nesting of lists and mappings; a rule needs four levels, other files fewer."""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: its text, its YAML tag, and its place."""

    value: str
    tag: str
    node: yaml.ScalarNode
    source: "YamlSource"

    def bad(self, reason: str) -> BadRule:
        """Return the error that points at the start of this scalar."""
        return self.source.bad(self.node, reason)

    def bad_at(self, index: int, reason: str) -> BadRule:
        """Return the error that points at character `index` of the value."""
        line, column = self.source.place(self.node, index)
        return BadRule(self.source.file, line, column, reason)

    def index_of(self, line: int, column: int) -> int:
        """Return the index of the character at `line` and `column`, counted from 1 within the value."""
        lines = self.value.split("\n")
        return sum(len(text) + 1 for text in lines[: line - 1]) + column - 1


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    items: tuple["Node", ...]
    node: yaml.SequenceNode
    source: "YamlSource"

    def bad(self, reason: str) -> BadRule:
        """Return the error that points at this sequence."""
        return self.source.bad(self.node, reason)


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with text keys, and the place of each key."""

    fields: dict[str, "Node"]
    keys: dict[str, Text]
    node: yaml.MappingNode
    source: "YamlSource"

    def bad(self, reason: str) -> BadRule:
        """Return the error that points at this mapping."""
        return self.source.bad(self.node, reason)


Node = Text | Items | Fields


class YamlSource:
    """One YAML file, parsed without constructing objects, with the place of each node."""

    def __init__(self, path: Path, largest: int = LARGEST_FILE) -> None:
        """Read and parse `path`, of at most `largest` bytes.

        Raises `BadRule` for a file that cannot be read, is not an ordinary file, is too large, is not UTF-8 or YAML, or
        uses anchors, aliases or two documents.
        """
        self.file = str(path)
        try:
            raw = content(path, largest)
        except OSError as failed:
            raise BadRule(self.file, 1, 1, f"cannot be read: {why(failed)}") from failed
        try:
            self.text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as broken:
            raise BadRule(self.file, raw.count(b"\n", 0, broken.start) + 1, 1, "the file is not UTF-8") from None
        self.root = self._parse()

    def bad(self, node: yaml.Node, reason: str) -> BadRule:
        """Return the error that points at the start of `node`."""
        return BadRule(self.file, node.start_mark.line + 1, node.start_mark.column + 1, reason)

    def place(self, node: yaml.ScalarNode, index: int) -> tuple[int, int]:
        """Return line and column, from 1, of character `index` of a scalar's value.

        The value is compared with its source character by character, skipping quotes, indentation, folds and escapes.
        """
        at = node.start_mark.index
        if node.style in {"|", ">"}:  # the text begins on the line below its indicator
            at = self.text.index("\n", at) + 1
        elif node.style:
            at += 1
        end = node.end_mark.index
        for character in node.value[:index]:
            if not character.isspace():
                at = self._find(character, at, end) + 1
        wanted = node.value[index] if index < len(node.value) else ""
        if wanted and not wanted.isspace():
            at = self._find(wanted, at, end)
        return self.text.count("\n", 0, at) + 1, at - (self.text.rfind("\n", 0, at) + 1) + 1

    def _find(self, character: str, start: int, end: int) -> int:
        found = self.text.find(character, start, end)
        return found if found >= 0 else min(start, end)

    def _parse(self) -> Node:
        try:
            depth = 0
            for event in yaml.parse(self.text, Loader=_LOADER):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > DEEPEST:
                    raise self._bad_mark(event.start_mark, "nested too deeply")
                anchor = getattr(event, "anchor", None)
                if anchor is not None:
                    raise self._bad_mark(event.start_mark, "anchors and aliases are not allowed")
            root = yaml.compose(self.text, Loader=_LOADER)
        except yaml.MarkedYAMLError as broken:
            mark = broken.problem_mark or broken.context_mark
            raise self._bad_mark(mark, f"not YAML: {broken.problem or broken.context}") from None
        except yaml.reader.ReaderError as broken:
            line = self.text.count("\n", 0, broken.position) + 1
            raise BadRule(self.file, line, 1, f"not YAML: {broken.reason}") from None
        if root is None:
            raise BadRule(self.file, 1, 1, "the file is empty")
        return self._node(root)

    def _bad_mark(self, mark: Any, reason: str) -> BadRule:
        return BadRule(self.file, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, reason)

    def _node(self, node: yaml.Node) -> Node:
        if isinstance(node, yaml.ScalarNode):
            return Text(node.value, node.tag.rpartition(":")[2], node, self)
        if isinstance(node, yaml.SequenceNode):
            return Items(tuple(self._node(item) for item in node.value), node, self)
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind
        return self._mapping(node)

    def _mapping(self, node: yaml.MappingNode) -> Fields:
        fields: dict[str, Node] = {}
        keys: dict[str, Text] = {}
        for key_node, value_node in node.value:
            key = self._node(key_node)
            if not isinstance(key, Text):
                raise self.bad(key_node, "a key must be plain text")
            if key.value in fields:
                raise key.bad(f"`{key.value}` is given twice")
            fields[key.value] = self._node(value_node)
            keys[key.value] = key
        return Fields(fields, keys, node, self)
