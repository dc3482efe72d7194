"""Rules as they are evaluated, and the part of them that reports show."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from auditor.audit.findings import Confidence, Severity
from auditor.audit.rules.expressions import Expression, Language
from auditor.audit.rules.templates import Template
from auditor.data import rules_dir
from auditor.facts.schema import SubjectKind, facts_of


@dataclass(frozen=True, slots=True)
class FixTemplate:
    """A fix as the rule file defines it; shown unless `when` is known to be false."""

    title: Template
    portal: tuple[Template, ...]
    az: Template | None
    changes: Template
    safe: bool
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it applies, when it fails, and the message and fixes for that."""

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
        """The facts in the rule's conditions, in the order of their first mention."""
        asked = (self.applies_when, self.fail_when)
        return tuple(dict.fromkeys(name for condition in asked if condition for name in condition.mentions))


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule without its expressions, as reports show it: what is wrong, why that matters, where to read on."""

    id: str
    title: str
    why: str
    severity: Severity
    errors: tuple[str, ...]
    references: tuple[str, ...]
    subject: str = ""
    """The kind of things that the rule judges."""
    is_shipped: bool = False
    """Whether it is of migaudit's own rule book, so that the documentation has a page of it."""


def rule_texts(rules: Iterable[Rule]) -> tuple[RuleText, ...]:
    """Return the texts of the rules, sorted by id."""
    shipped = str(rules_dir())
    texts = (
        RuleText(
            *(it.id, it.title, it.why, it.severity, it.errors, it.references, it.subject.value),
            is_shipped=str(Path(it.file).parent) == shipped,
        )
        for it in rules
    )
    return tuple(sorted(texts, key=lambda text: text.id))


class Languages:
    """The rule languages by kind of subject, each created when first needed."""

    def __init__(self) -> None:
        self._made: dict[SubjectKind, Language] = {}

    def of(self, kind: SubjectKind) -> Language:
        """Return the language for subjects of `kind`."""
        if kind not in self._made:
            self._made[kind] = Language(facts_of(kind).values())
        return self._made[kind]
