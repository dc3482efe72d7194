"""Reading of a file of suppressions, with the place of every mistake in it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from auditor.audit.rules.source import Fields, Items, Node, Text, YamlSource
from auditor.audit.suppressions import Suppression
from auditor.nearest import did_you_mean, no_such

_FIELDS = ("rule", "subject", "reason", "owner", "expires")
_REQUIRED = ("rule", "subject", "reason", "owner")


def load_suppressions(path: Path, rules: Iterable[str]) -> tuple[Suppression, ...]:
    """Return the entries of `path`; raises `BadRule` (file, line, column) for every kind of mistake.

    `rules` are the ids that exist: an entry for another one is an error, which suggests the nearest.
    """
    source = YamlSource(path)
    root = source.root
    listed = root.fields.get("suppressions") if isinstance(root, Fields) else None
    if not isinstance(root, Fields) or listed is None:
        raise root.bad("the file needs one key, `suppressions`, with a list")
    for name, key in root.keys.items():
        if name != "suppressions":
            raise key.bad(f"unknown key `{name}`; the only key of the file is `suppressions`")
    if not isinstance(listed, Items):
        raise listed.bad("`suppressions` must be a list")
    known = frozenset(rules)
    return tuple(_entry(item, known) for item in listed.items)


def _entry(item: Node, known: frozenset[str]) -> Suppression:
    if not isinstance(item, Fields):
        raise item.bad("an entry must be a mapping with `rule`, `subject`, `reason` and `owner`")
    for name, key in item.keys.items():
        if name not in _FIELDS:
            raise key.bad(f"unknown key `{name}`{did_you_mean(name, _FIELDS, 1)}")
    texts = {name: _text(item.fields[name], name) for name in item.fields}
    for name in _REQUIRED:
        if name not in texts:
            raise item.bad(f"`{name}` is missing")
    rule = texts["rule"].value
    if rule not in known:
        raise texts["rule"].bad(no_such("rule", rule, known))
    line, column = item.node.start_mark.line + 1, item.node.start_mark.column + 1
    return Suppression(
        rule,
        texts["subject"].value,
        texts["reason"].value,
        texts["owner"].value,
        _day(texts["expires"]) if "expires" in texts else None,
        f"{item.source.file}:{line}:{column}",
    )


def _text(node: Node, name: str) -> Text:
    if not isinstance(node, Text):
        raise node.bad(f"`{name}` must be text")
    if not node.value.strip() or node.tag == "null":
        raise node.bad(f"`{name}` is empty")
    return node


def _day(text: Text) -> date:
    try:
        if len(text.value) == len("2026-12-31"):
            return date.fromisoformat(text.value)
    except ValueError:
        pass
    raise text.bad(f"`{text.value}` is not a date; write it as 2026-12-31")
