"""What a rule says of itself, for reports that carry their rules with them."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.audit.findings import Severity
from auditor.audit.rules.book import Rule


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule without its expressions: what is wrong where it fails, why that matters, where to read on."""

    id: str
    title: str
    why: str
    severity: Severity
    errors: tuple[str, ...]
    references: tuple[str, ...]


def rule_texts(rules: Iterable[Rule]) -> tuple[RuleText, ...]:
    """Return the texts of the rules, by id."""
    texts = (RuleText(it.id, it.title, it.why, it.severity, it.errors, it.references) for it in rules)
    return tuple(sorted(texts, key=lambda text: text.id))
