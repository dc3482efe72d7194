"""Rules: one YAML file each, checked as it is loaded, with the place of every mistake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from auditor.audit.expressions import BadExpression, Expression, Language
from auditor.audit.findings import Confidence, Severity
from auditor.audit.nearest import nearest
from auditor.audit.templates import BadTemplate, Template, command_template
from auditor.audit.yaml_source import BadRule, Fields, Items, Node, Source, Text
from auditor.facts.declared import SubjectKind, facts_of

__all__ = ["BadRule", "FixTemplate", "Languages", "Rule", "load_rules", "rule_from"]

E = TypeVar("E", bound=Enum)

REQUIRED = ("id", "title", "subject", "severity", "fail_when", "message", "why", "since")
OPTIONAL = ("errors", "confidence", "applies_when", "fixes", "references")
FIX_REQUIRED = ("title", "changes", "safe")
FIX_OPTIONAL = ("when", "portal", "az")


@dataclass(frozen=True, slots=True)
class FixTemplate:
    """A way out as the rule file writes it; shown unless `when` is known not to hold."""

    title: Template
    portal: tuple[Template, ...]
    az: Template | None
    changes: Template
    safe: bool
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it applies, when it fails, and what it then says."""

    id: str
    errors: tuple[str, ...]
    title: str
    subject: SubjectKind
    severity: Severity
    confidence: Confidence
    applies_when: Expression | None
    fail_when: Expression
    message: Template
    why: str
    fixes: tuple[FixTemplate, ...]
    references: tuple[str, ...]
    since: str
    file: str

    @property
    def mentions(self) -> tuple[str, ...]:
        """The facts that the rule decides on, in the order it mentions them."""
        asked = (self.applies_when, self.fail_when)
        return tuple(dict.fromkeys(name for condition in asked if condition for name in condition.mentions))


class Languages:
    """The rule language of each kind of subject, made when first needed."""

    def __init__(self) -> None:
        self._made: dict[SubjectKind, Language] = {}

    def of(self, kind: SubjectKind) -> Language:
        """Return the language that speaks about `kind`."""
        if kind not in self._made:
            self._made[kind] = Language(facts_of(kind).values())
        return self._made[kind]


def load_rules(*folders: Path) -> tuple[Rule, ...]:
    """Return every rule of the folders (or single files), by id.

    Raises `BadRule` with file, line and column for the first mistake, also for two rules with one id.
    """
    languages = Languages()
    rules: dict[str, Rule] = {}
    for path in _rule_files(folders):
        rule, id_text = rule_from(path, languages)
        if rule.id in rules:
            raise id_text.bad(f"a rule `{rule.id}` already stands in {rules[rule.id].file}")
        rules[rule.id] = rule
    return tuple(rules[id_] for id_ in sorted(rules))


def rule_from(path: Path, languages: Languages) -> tuple[Rule, Text]:
    """Return the rule that a file holds, and where its id stands; raises `BadRule` for the first mistake."""
    try:
        source = Source(path)
    except OSError as failed:
        raise BadRule(str(path), 1, 1, f"cannot be read: {failed.strerror or failed}") from failed
    fields = _fields(source.root, REQUIRED, OPTIONAL, "a rule")
    id_text = _text(fields, "id")
    if id_text.value != path.stem:
        raise id_text.bad(f"the id `{id_text.value}` must be the file's name, `{path.stem}`")
    kind = _member(_text(fields, "subject"), SubjectKind)
    language = languages.of(kind)
    applies_when = fields.fields.get("applies_when")
    rule = Rule(
        id=id_text.value,
        errors=tuple(item.value for item in _texts(fields, "errors")),
        title=_text(fields, "title").value,
        subject=kind,
        severity=_member(_text(fields, "severity"), Severity),
        confidence=_member(_text(fields, "confidence"), Confidence)
        if "confidence" in fields.fields
        else Confidence.HIGH,
        applies_when=_condition(_as_text(applies_when, "applies_when"), language) if applies_when else None,
        fail_when=_condition(_text(fields, "fail_when"), language),
        message=_template(_text(fields, "message"), kind, Template.of),
        why=_text(fields, "why").value.strip(),
        fixes=tuple(_fix(node, kind, language) for node in _items(fields, "fixes")),
        references=tuple(_reference(item) for item in _texts(fields, "references")),
        since=_text(fields, "since").value,
        file=str(path),
    )
    return rule, id_text


def _rule_files(folders: tuple[Path, ...]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_file():
            yield folder
            continue
        if not folder.is_dir():
            raise BadRule(str(folder), 1, 1, "there is no such folder of rules")
        yield from sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"} and path.is_file())


def _fix(node: Node, kind: SubjectKind, language: Language) -> FixTemplate:
    fields = _fields(node, FIX_REQUIRED, FIX_OPTIONAL, "a fix")
    if "az" not in fields.fields and "portal" not in fields.fields:
        raise fields.bad("a fix needs `portal` steps or an `az` command")
    when, az = fields.fields.get("when"), fields.fields.get("az")
    return FixTemplate(
        title=_template(_text(fields, "title"), kind, Template.of),
        portal=tuple(_template(step, kind, Template.of) for step in _texts(fields, "portal")),
        az=_template(_as_text(az, "az"), kind, command_template) if az else None,
        changes=_template(_text(fields, "changes"), kind, Template.of),
        safe=_boolean(_text(fields, "safe")),
        when=_condition(_as_text(when, "when"), language) if when else None,
    )


def _fields(node: Node, required: tuple[str, ...], optional: tuple[str, ...], what: str) -> Fields:
    if not isinstance(node, Fields):
        raise node.bad(f"{what} must be a mapping")
    for name, key in node.keys.items():
        if name not in required and name not in optional:
            close = nearest(name, (*required, *optional))
            hint = f"; did you mean `{close[0]}`?" if close else ""
            raise key.bad(f"{what} has no field `{name}`{hint}")
    for name in required:
        if name not in node.fields:
            raise node.bad(f"{what} lacks `{name}`")
    return node


def _text(fields: Fields, name: str) -> Text:
    return _as_text(fields.fields[name], name)


def _as_text(node: Node, name: str) -> Text:
    if not isinstance(node, Text) or node.tag == "null" or not node.value.strip():
        raise node.bad(f"`{name}` must be a text")
    return node


def _items(fields: Fields, name: str) -> tuple[Node, ...]:
    node = fields.fields.get(name)
    if node is None:
        return ()
    if not isinstance(node, Items):
        raise node.bad(f"`{name}` must be a list")
    return node.items


def _texts(fields: Fields, name: str) -> tuple[Text, ...]:
    return tuple(_as_text(node, f"each of {name}") for node in _items(fields, name))


def _boolean(text: Text) -> bool:
    if text.tag != "bool":
        raise text.bad(f"`{text.value}` is neither `true` nor `false`")
    return text.value.lower() in {"true", "yes", "on"}


def _member(text: Text, kind: type[E]) -> E:
    for member in kind:
        if member.value == text.value:
            return member
    known = ", ".join(f"`{member.value}`" for member in kind)
    raise text.bad(f"`{text.value}` is none of {known}")


def _reference(text: Text) -> str:
    if not text.value.startswith("https://"):
        raise text.bad("a reference is an address that begins with `https://`")
    return text.value


def _condition(text: Text, language: Language) -> Expression:
    try:
        return language.compile(text.value)
    except BadExpression as bad:
        raise text.bad_at(text.index_of(bad.line, bad.column), bad.reason) from None


def _template(text: Text, kind: SubjectKind, parse: Callable[[str], Template]) -> Template:
    try:
        template = parse(text.value.strip())
    except BadTemplate as bad:
        offset = len(text.value) - len(text.value.lstrip())
        raise text.bad_at(bad.index + offset, bad.reason) from None
    known = facts_of(kind)
    for name in template.mentions:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean {' or '.join(f'`{one}`' for one in close)}?" if close else ""
            raise text.bad_at(text.value.index(name), f"there is no fact `{name}`{hint}")
    return template
