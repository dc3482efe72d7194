"""The rules that a command evaluates: the rule book and the user's own, limited by error or by rule."""

from pathlib import Path

from auditor.audit.rules.book import Rule, load_rules
from auditor.cli.failures import UsageFailed
from auditor.data import rules_dir
from auditor.nearest import no_such


def chosen_rules(
    folders: tuple[Path, ...] = (), ids: tuple[str, ...] = (), errors: tuple[str, ...] = ()
) -> tuple[Rule, ...]:
    """Return the rules of the rule book and of `folders`; with `ids` or `errors` only those that are named.

    Raises `BadRule` for an invalid file, and `UsageFailed` for a rule or an error that no rule file contains.
    """
    every = load_rules(rules_dir(), *folders)
    if not ids and not errors:
        return every
    known_ids = {rule.id for rule in every}
    known_errors = {error for rule in every for error in rule.errors}
    for kind, asked, known in (("rule", ids, known_ids), ("error", errors, known_errors)):
        for name in asked:
            if name not in known:
                raise UsageFailed(f"{no_such(kind, name, known)}\nsee `migaudit rules list`")
    return tuple(rule for rule in every if rule.id in ids or set(rule.errors) & set(errors))
