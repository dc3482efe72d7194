"""Rules as they are evaluated: when one applies, when it fails, what it then says."""

from dataclasses import dataclass

from auditor.audit.findings import Confidence, Severity
from auditor.audit.rules.expressions import Expression, Language
from auditor.audit.rules.templates import Template
from auditor.facts.schema import SubjectKind, facts_of


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
