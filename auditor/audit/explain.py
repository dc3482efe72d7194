"""What a name asks about: an error or question of the catalogue, a rule, or both, with every rule that sees a cause."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.audit.catalogue import Catalogue, CatalogueEntry
from auditor.audit.rules.book import FixTemplate, Rule
from auditor.audit.rules.templates import Template


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of a name: the entries that bear it, and the rules that see one of their causes.

    Where the name is a rule's, `entries` are those that count it among their causes, and `by_rule` is true.
    """

    name: str
    entries: tuple[CatalogueEntry, ...]
    rules: tuple[Rule, ...]
    by_rule: bool

    @property
    def fixes(self) -> tuple[tuple[Rule, FixTemplate], ...]:
        """The ways out of every rule, those by which nothing can be lost first."""
        every = [(rule, fix) for rule in self.rules for fix in rule.fixes]
        return tuple(sorted(every, key=lambda pair: not pair[1].safe))


def explained(name: str, catalogue: Catalogue, rules: Sequence[Rule]) -> Explained | None:
    """Return what `name` (a rule, an error, an entry, an alias or a title) means, or None where nobody knows it."""
    named = tuple(rule for rule in rules if rule.id == name.strip().lower())
    if named:
        entries = tuple(entry for entry in catalogue.entries if named[0].id in entry.rules)
        return Explained(named[0].id, entries, named, by_rule=True)
    entries = catalogue.about(name)
    seen = {rule for entry in entries for rule in entry.rules}
    errors = {name.strip(), *(error for entry in entries for error in entry.errors)}
    seeing = tuple(rule for rule in rules if rule.id in seen or errors & set(rule.errors))
    if not entries and not seeing:
        return None
    return Explained(name.strip(), entries, seeing, by_rule=False)


def known_names(catalogue: Catalogue, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return every name that can be explained."""
    errors = (error for rule in rules for error in rule.errors)
    return tuple(dict.fromkeys((*(rule.id for rule in rules), *errors, *catalogue.names)))


def for_everyone(template: Template) -> str:
    """Return a template as a text for everyone: its facts as names to fill in, such as `<account>`."""
    return "".join(
        part if number % 2 == 0 else f"<{part.rpartition('.')[2].replace('_', '-')}>"
        for number, part in enumerate(template.parts)
    )
