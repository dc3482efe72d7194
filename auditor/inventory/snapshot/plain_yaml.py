"""YAML limited to the values of JSON: other values are refused, and texts that could be misread are quoted."""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from auditor.inventory.snapshot.yaml_bounds import check_bounds

_MERGE = "tag:yaml.org,2002:merge"
_BOOLEAN = r"true|false|True|False|TRUE|FALSE"
_NULL = r"~|null|Null|NULL|"
_INTEGER = r"-?(0|[1-9][0-9]*)"
_FLOAT = r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)"


class BadYaml(ValueError):
    """A text is not such YAML: the line (from 1; 0 where unknown) and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep the line and the reason."""
        super().__init__(reason)
        self.line = line
        self.reason = reason


class PlainLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # chosen at run time: C where built
    """The loader: only true/false are booleans, no timestamps, no octal numbers; anchors and merges work.

    Values that JSON lacks (sets, binary data, infinity, integers beyond 64 bits) and duplicate keys are refused.
    """

    def construct_mapping(self, node: Node, deep: bool = False) -> dict[object, object]:
        """Return the mapping; raises for a duplicate key."""
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, MappingNode) else ():  # a tag can call any node a mapping
            if isinstance(key, ScalarNode) and key.tag != _MERGE:
                if key.value in seen:
                    raise _refusal(key, f"the key `{key.value}` stands twice")
                seen.add(key.value)
        held: dict[object, object] = super().construct_mapping(node, deep=deep)
        return held

    def construct_scalar(self, node: Node) -> str:
        """Return the text of a scalar; raises for a lone surrogate, which cannot be encoded."""
        text: str = super().construct_scalar(node)
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise _refusal(node, "half a character (a lone surrogate)")
        return text


def _refusal(node: Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _scalar(pattern: str, make: Callable[[str], object], problem: str) -> Callable[[PlainLoader, Node], object]:
    """Return a constructor for scalars that match `pattern`; it raises where `make` returns `_NONE`."""
    fits = re.compile(pattern).fullmatch

    def construct(loader: PlainLoader, node: Node) -> object:
        text = loader.construct_scalar(node)
        value = make(text) if fits(text) else _NONE
        if value is _NONE:
            shown = text if len(text) < 40 else f"{text[:40]}…"
            raise _refusal(node, f"`{shown}` is {problem}")
        return value

    return construct


_NONE = object()
"""The sign for no value, as None is a value."""


def _integer(text: str) -> object:
    value = int(text) if len(text) <= len(str(-(2**63))) else 2**64
    return value if -(2**63) <= value < 2**64 else _NONE


def _float(text: str) -> object:
    value = float(text)
    return value if math.isfinite(value) else _NONE


for _kind in ("set", "binary", "timestamp", "omap", "pairs"):
    PlainLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", PlainLoader.construct_undefined)
for _kind, _construct in (
    ("bool", _scalar(_BOOLEAN, lambda text: text.lower() == "true", "neither `true` nor `false`")),
    ("null", _scalar(_NULL, lambda _: None, "not `null`")),
    ("int", _scalar(_INTEGER, _integer, "no integer of 64 bits")),
    ("float", _scalar(f"{_FLOAT}|{_INTEGER}", _float, "no finite number")),
):
    PlainLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _construct)


_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Invisible characters, and those that change the display of other text."""


class PlainDumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc] # chosen at run time: C where built
    """The dumper: writes no anchors, and quotes texts that a YAML reader could misread."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002, D102 - the library's signature
        return True

    def represent_text(self, text: str) -> ScalarNode:
        """Return the node of `text`, in double quotes, which allow escapes, where it has invisible characters."""
        style = '"' if _UNSEEN.search(text) else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # type: ignore[no-any-return]


PlainDumper.add_representer(str, PlainDumper.represent_text)

PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", _BOOLEAN, "tTfF"),
    ("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", _INTEGER, "-0123456789"),
    ("tag:yaml.org,2002:float", _FLOAT, "-0123456789"),
    (_MERGE, r"<<", "<"),
):
    PlainLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))
    PlainDumper.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


@contextmanager
def composed(text: bytes) -> Iterator[tuple[PlainLoader, Node | None]]:
    """Yield the loader and the root node of a document (None for an empty one) that is within bounds.

    Raises `BadYaml`, also for errors while the block constructs values with the loader.
    """
    try:
        decoded = text.decode("utf-8-sig")
        check_bounds(decoded, PlainLoader)
        loader = PlainLoader(decoded)
        try:
            yield loader, loader.get_single_node()
        finally:
            loader.dispose()
    except UnicodeDecodeError as broken:
        raise BadYaml(text.count(b"\n", 0, broken.start) + 1, "the text is not UTF-8") from broken
    except yaml.MarkedYAMLError as broken:
        raise BadYaml(_line_of(broken), f"this is no valid YAML: {broken.problem or broken.context}") from broken
    except yaml.reader.ReaderError as broken:
        raise BadYaml(_line_at(text, broken), f"this is no valid YAML: {broken.reason}") from broken
    except (yaml.YAMLError, RecursionError) as broken:
        raise BadYaml(0, f"this is no valid YAML: {broken}") from broken


def line_of(node: Node) -> int:
    """Return the line, from 1, on which a node begins."""
    return int(node.start_mark.line) + 1


def _line_of(broken: yaml.MarkedYAMLError) -> int:
    mark: Any = broken.problem_mark or broken.context_mark
    return mark.line + 1 if mark else 0


def _line_at(text: bytes, broken: Any) -> int:
    """Return the line of a forbidden character; its position is in characters (Python parser) or bytes (C parser)."""
    plain = text.decode("utf-8-sig")
    before = plain[: broken.position].encode() if broken.encoding == "unicode" else plain.encode()[: broken.position]
    return before.count(b"\n") + 1


def dumped(document: object) -> bytes:
    """Return the document as readable YAML; equal documents give equal bytes."""
    text: str = yaml.dump(document, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=120)
    return _UNSEEN.sub(_escaped, text).encode()


def _escaped(found: re.Match[str]) -> str:
    return f"\\U{ord(found[0]):08x}"
