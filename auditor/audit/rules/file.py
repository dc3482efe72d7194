"""Reading of a rule file into a rule, with the place of every mistake in it."""

from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from auditor.audit.findings import Confidence, Severity
from auditor.audit.rules.expressions import BadExpression, Expression, Language
from auditor.audit.rules.mistakes import BadRule, BadRules
from auditor.audit.rules.rule import FixTemplate, Languages, Rule
from auditor.audit.rules.source import Fields, Items, Node, Text, YamlSource
from auditor.audit.rules.templates import BadTemplate, Template, command_template
from auditor.facts.schema import SubjectKind, facts_of
from auditor.nearest import did_you_mean, nearest

V = TypeVar("V")
E = TypeVar("E", bound=Enum)

REQUIRED = ("id", "title", "subject", "severity", "fail_when", "message", "why", "since")
OPTIONAL = ("errors", "confidence", "applies_when", "fixes", "references")
FIX_REQUIRED = ("title", "changes", "safe")
FIX_OPTIONAL = ("when", "portal", "az")


def read_rule(path: Path, languages: Languages) -> tuple[Rule, Text]:
    """Return the rule in a file, and the text node of its id; raises `BadRules` with every mistake in it."""
    source = YamlSource(path)
    if not isinstance(source.root, Fields):
        raise source.root.bad("a rule must be a mapping")
    reading = _RuleReading(languages)
    rule = reading.rule(source.root, path)
    if reading.mistakes:
        raise BadRules(reading.mistakes)
    return rule, _as_text(source.root.fields["id"], "id")


class _RuleReading:
    """The reading of one file, part by part, so that a mistake in one part does not hide those in others.

    A part with a mistake is None, whatever its declared type. Nobody sees that: a rule with mistakes is discarded.
    """

    def __init__(self, languages: Languages) -> None:
        self.mistakes: list[BadRule] = []
        self._languages = languages

    def rule(self, root: Fields, path: Path) -> Rule:
        """Return the rule in `root`; it is complete only if there are no mistakes."""
        self._known_fields(root, REQUIRED, OPTIONAL, "a rule")
        kind: SubjectKind | None = self._try(lambda: _member(_text(root, "subject"), SubjectKind))
        parser = _RuleParser(kind, self._languages.of(kind)) if kind else None
        return Rule(
            id=self._try(lambda: _id(_text(root, "id"), path)),
            errors=self._texts(root, "errors", lambda text: text.value),
            title=self._try(lambda: _text(root, "title").value),
            subject=cast("SubjectKind", kind),
            severity=self._try(lambda: _member(_text(root, "severity"), Severity)),
            confidence=self._try(
                lambda: (
                    _member(_text(root, "confidence"), Confidence) if "confidence" in root.fields else Confidence.HIGH
                )
            ),
            applies_when=self._condition(root, "applies_when", parser),
            fail_when=cast("Expression", self._condition(root, "fail_when", parser)),
            message=self._template(root, "message", parser),
            why=self._try(lambda: _stripped(_text(root, "why"))),
            fixes=tuple(self._fix(node, parser) for node in self._try(lambda: _items(root, "fixes")) or ()),
            references=self._texts(root, "references", _reference),
            since=self._try(lambda: _text(root, "since").value),
            file=str(path),
        )

    def _fix(self, node: Node, parser: "_RuleParser | None") -> FixTemplate:
        if not isinstance(node, Fields):
            self.mistakes.append(node.bad("a fix must be a mapping"))
            return cast("FixTemplate", None)
        self._known_fields(node, FIX_REQUIRED, FIX_OPTIONAL, "a fix")
        if "az" not in node.fields and "portal" not in node.fields:
            self.mistakes.append(node.bad("a fix needs `portal` steps or an `az` command"))
        return FixTemplate(
            title=self._template(node, "title", parser),
            portal=self._texts(node, "portal", parser.template) if parser else (),
            az=self._template(node, "az", parser, command=True) if "az" in node.fields else None,
            changes=self._template(node, "changes", parser),
            safe=self._try(lambda: _boolean(_text(node, "safe"))),
            when=self._condition(node, "when", parser),
        )

    def _known_fields(self, fields: Fields, required: tuple[str, ...], optional: tuple[str, ...], what: str) -> None:
        meant: set[str] = set()
        for name, key in fields.keys.items():
            if name not in required and name not in optional:
                meant.update(nearest(name, (*required, *optional), 1))
                hint = did_you_mean(name, (*required, *optional), 1)
                self.mistakes.append(key.bad(f"{what} has no field `{name}`{hint}"))
        for name in required:
            if name not in fields.fields and name not in meant:
                self.mistakes.append(fields.bad(f"{what} lacks `{name}`"))

    def _condition(self, fields: Fields, name: str, parser: "_RuleParser | None") -> Expression | None:
        """Return the condition; None if the subject of the rule is invalid."""
        if parser is None or name not in fields.fields:
            return None
        return self._try(lambda: parser.condition(_text(fields, name)))

    def _template(self, fields: Fields, name: str, parser: "_RuleParser | None", *, command: bool = False) -> Template:
        if parser is None:
            return cast("Template", None)
        parse = parser.command if command else parser.template
        return self._try(lambda: parse(_text(fields, name)))

    def _texts(self, fields: Fields, name: str, make: Callable[[Text], V]) -> tuple[V, ...]:
        items = self._try(lambda: _items(fields, name)) or ()
        return tuple(self._try(partial(_made, make, node, f"each of {name}")) for node in items)

    def _try(self, make: Callable[[], V]) -> V:
        try:
            return make()
        except BadRule as bad:
            self.mistakes.extend(bad.mistakes)
        except _MissingField:  # reported already
            pass
        return cast("V", None)


class _RuleParser:
    """Parser of the conditions and templates of a rule about one kind of subject."""

    def __init__(self, kind: SubjectKind, language: Language) -> None:
        self._kind = kind
        self._language = language

    def condition(self, text: Text) -> Expression:
        """Return `text` as a condition; raises `BadRules`."""
        try:
            return self._language.compile(text.value)
        except BadExpression as bad:
            mistakes = [text.bad_at(text.index_of(one.line, one.column), one.reason) for one in (bad, *bad.more)]
            raise BadRules(mistakes) from None

    def template(self, text: Text) -> Template:
        """Return `text` as a template of a message; raises `BadRules`."""
        return self._parsed(text, Template.of)

    def command(self, text: Text) -> Template:
        """Return `text` as a template of a command; raises `BadRules`."""
        return self._parsed(text, command_template)

    def _parsed(self, text: Text, parse: Callable[[str], Template]) -> Template:
        try:
            template = parse(text.value.strip())
        except BadTemplate as bad:
            offset = len(text.value) - len(text.value.lstrip())
            raise text.bad_at(bad.index + offset, bad.reason) from None
        known = facts_of(self._kind)
        unknown = [name for name in template.mentions if name not in known]
        if unknown:
            raise BadRules(
                text.bad_at(text.value.index(name), f"there is no fact `{name}`{did_you_mean(name, known, 1)}")
                for name in unknown
            )
        return template


class _MissingField(Exception):
    """Signal that a required field is missing."""


def _made(make: Callable[[Text], V], node: Node, name: str) -> V:
    return make(_as_text(node, name))


def _text(fields: Fields, name: str) -> Text:
    if name not in fields.fields:
        raise _MissingField
    return _as_text(fields.fields[name], name)


def _as_text(node: Node, name: str) -> Text:
    if not isinstance(node, Text) or node.tag == "null" or not node.value.strip():
        raise node.bad(f"`{name}` must be text")
    return node


def _items(fields: Fields, name: str) -> tuple[Node, ...]:
    node = fields.fields.get(name)
    if node is None:
        return ()
    if not isinstance(node, Items):
        raise node.bad(f"`{name}` must be a list")
    return node.items


def _id(text: Text, path: Path) -> str:
    if text.value != path.stem:
        raise text.bad(f"the id `{text.value}` must be the file's name, `{path.stem}`")
    return text.value


def _stripped(text: Text) -> str:
    return text.value.strip()


def _boolean(text: Text) -> bool:
    if text.tag != "bool":
        raise text.bad(f"`{text.value}` is neither `true` nor `false`")
    return text.value.lower() in {"true", "yes", "on"}


def _member(text: Text, kind: type[E]) -> E:
    for member in kind:
        if member.value == text.value:
            return member
    known = ", ".join(f"`{member.value}`" for member in kind)
    raise text.bad(f"`{text.value}` is none of {known}{did_you_mean(text.value, [one.value for one in kind], 1)}")


def _reference(text: Text) -> str:
    if not text.value.startswith("https://"):
        raise text.bad("a reference must be an address that begins with `https://`")
    return text.value
