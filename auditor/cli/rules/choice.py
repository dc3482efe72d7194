"""The rules that a command evaluates: the rule book and the user's own, limited by error or by rule."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from auditor.audit.catalogue import CatalogueEntry, catalogue
from auditor.audit.rules.book import Rule, load_rules
from auditor.cli.failures import UsageFailed
from auditor.data import rules_dir
from auditor.nearest import no_such


def chosen_rules(
    folders: tuple[Path, ...] = (), ids: tuple[str, ...] = (), errors: tuple[str, ...] = ()
) -> tuple[Rule, ...]:
    """Return the rules of the rule book and of `folders`; with `ids` or `errors` only those that are named.

    An error stands for every rule that the catalogue names as one of its causes. Raises `BadRule` for an invalid file,
    and `UsageFailed` for a rule or an error that is unknown, and for an error of which Azure shows no cause.
    """
    every = load_rules(rules_dir(), *folders)
    if not ids and not errors:
        return every
    known = {rule.id for rule in every}
    for name in ids:
        if name not in known:
            raise UsageFailed(f"{no_such('rule', name, known)}\nsee `migaudit rules list`")
    wanted = {*ids, *_causing(errors, every)}
    return tuple(rule for rule in every if rule.id in wanted)


def no_rule_because(entries: Iterable[CatalogueEntry]) -> str:
    """Return why no rule judges a cause of one of these entries."""
    if any(entry.is_counted for entry in entries):
        return "no rule judges single machines; `migaudit readiness` counts those that report it"
    return "Azure does not show it"


def _causing(errors: Iterable[str], rules: Sequence[Rule]) -> Iterable[str]:
    """Yield the ids of the rules that detect a cause of one of the errors."""
    from auditor.audit.explain.explanation import named_error
    from auditor.audit.explain.lookup import known_errors

    for name in errors:
        found = named_error(name, catalogue(), rules)
        if found is None:
            unknown = no_such("error", name, known_errors(catalogue(), rules))
            raise UsageFailed(f"{unknown}\nsee `migaudit explain` for the errors that are known")
        if not found.rules:
            raise UsageFailed(
                f"no scan can find the cause of `{name}`: {no_rule_because(found.entries)}\n"
                f"`migaudit explain {found.entries[0].id}` says what can cause it and what to do"
            )
        yield from (rule.id for rule in found.rules)
