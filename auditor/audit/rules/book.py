"""The rule book: all rules in folders of rule files."""

from collections.abc import Iterator
from pathlib import Path

from auditor.audit.rules.file import read_rule
from auditor.audit.rules.rule import FixTemplate, Languages, Rule
from auditor.audit.rules.source import BadRule, BadRules
from auditor.files import why

__all__ = ["BadRule", "FixTemplate", "Languages", "Rule", "load_rules"]

_SUFFIXES = (".yaml", ".yml")


def load_rules(*folders: Path) -> tuple[Rule, ...]:
    """Return every rule of the folders (or single files), sorted by id.

    Raises `BadRules` with file, line and column of every mistake, including two rules with one id.
    """
    languages = Languages()
    rules: dict[str, Rule] = {}
    mistakes: list[BadRule] = []
    for path in rule_files(folders):
        try:
            rule, id_text = read_rule(path, languages)
        except BadRule as bad:
            mistakes.extend(bad.mistakes)
            continue
        if rule.id in rules:
            mistakes.append(id_text.bad(f"the rule `{rule.id}` is already defined in {rules[rule.id].file}"))
        rules.setdefault(rule.id, rule)
    if mistakes:
        raise BadRules(mistakes)
    return tuple(rules[id_] for id_ in sorted(rules))


def rule_files(folders: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the rule files in the folders, and files that are named directly; raises `BadRule` for an empty folder.

    Everything with the suffix of a rule file counts as one, so that nothing is silently skipped.
    """
    for folder in folders:
        if not folder.is_dir():
            yield folder
            continue
        try:
            files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
        except OSError as failed:
            raise BadRule(str(folder), 1, 1, f"the folder cannot be read: {why(failed)}") from failed
        if not files:
            raise BadRule(str(folder), 1, 1, f"the folder contains no rule file ({' or '.join(_SUFFIXES)})")
        yield from files
