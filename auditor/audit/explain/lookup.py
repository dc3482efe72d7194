"""Lookup of a name to explain: the catalogue entries and rules that it stands for, and the rules that detect causes."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.audit.catalogue import Catalogue, CatalogueEntry
from auditor.audit.rules.book import FixTemplate, Rule
from auditor.audit.rules.templates import Template


@dataclass(frozen=True, slots=True)
class Explained:
    """The result for one name: the entries with that name, and the rules that detect one of their causes.

    If the name is a rule's, `by_rule` is true and `entries` are those with a cause that the rule detects.
    """

    name: str
    entries: tuple[CatalogueEntry, ...]
    rules: tuple[Rule, ...]
    by_rule: bool

    @property
    def fixes(self) -> tuple[tuple[Rule, FixTemplate], ...]:
        """The fixes of all rules, beginning with those by which nothing can be lost."""
        every = [(rule, fix) for rule in self.rules for fix in rule.fixes]
        return tuple(sorted(every, key=lambda pair: not pair[1].safe))


def explained(name: str, catalogue: Catalogue, rules: Sequence[Rule]) -> Explained | None:
    """Return what `name` (a rule, an error, an entry, an alias or a title) means, or None if it is unknown."""
    named = tuple(rule for rule in rules if rule.id == name.strip().lower())
    if named:
        entries = tuple(entry for entry in catalogue.entries if named[0].id in entry.rules)
        return Explained(named[0].id, entries, named, by_rule=True)
    return about_error(name, catalogue, rules)


def about_error(name: str, catalogue: Catalogue, rules: Sequence[Rule]) -> Explained | None:
    """Return what an error, an entry, an alias or a title means, or None if it is unknown; never a rule's own id.

    Its rules are those that its entries name as causes, and those of the user that name one of its errors.
    """
    entries = catalogue.about(name)
    seeing = _detecting(entries, rules, {name.strip(), *(error for entry in entries for error in entry.errors)})
    if not entries and not seeing:
        return None
    return Explained(name.strip(), entries, seeing, by_rule=False)


def about_entry(entry: CatalogueEntry, rules: Sequence[Rule]) -> Explained:
    """Return one entry with the rules that detect one of its causes."""
    return Explained(entry.id, (entry,), _detecting((entry,), rules, set(entry.errors)), by_rule=False)


def _detecting(entries: Sequence[CatalogueEntry], rules: Sequence[Rule], errors: set[str]) -> tuple[Rule, ...]:
    seen = {rule for entry in entries for rule in entry.rules}
    return tuple(rule for rule in rules if rule.id in seen or errors & set(rule.errors))


def known_names(catalogue: Catalogue, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return every name that can be explained."""
    return tuple(dict.fromkeys((*(rule.id for rule in rules), *known_errors(catalogue, rules))))


def known_errors(catalogue: Catalogue, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return every name that means an error or a question: of the catalogue, and of the rules."""
    errors = (error for rule in rules for error in rule.errors)
    return tuple(dict.fromkeys((*errors, *catalogue.names)))


def for_everyone(template: Template) -> str:
    """Return a template as general text, with placeholders such as `<account>` in place of facts."""
    return "".join(
        part if number % 2 == 0 else f"<{part.rpartition('.')[2].replace('_', '-')}>"
        for number, part in enumerate(template.parts)
    )
