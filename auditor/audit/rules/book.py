"""The rule book: all rules in folders of rule files."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from auditor.audit.rules.mistakes import LARGEST_FILE, BadRule, BadRules
from auditor.audit.rules.rule import FixTemplate, Languages, Rule
from auditor.facts.schema import SCHEMA
from auditor.files import content, why
from auditor.prepared import digest, prepared

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
            rule = _rule(path, languages, rules)
        except BadRule as bad:
            mistakes.extend(bad.mistakes)
        else:
            rules[rule.id] = rule
    if mistakes:
        raise BadRules(mistakes)
    return tuple(rules[id_] for id_ in sorted(rules))


def _rule(path: Path, languages: Languages, others: Mapping[str, Rule]) -> Rule:
    """Return the rule in a file; raises `BadRule`, also where one of the others has its id."""
    rule = prepared_rule(path)
    if rule is not None and rule.id not in others:
        return rule
    from auditor.audit.rules.file import read_rule

    rule, id_text = read_rule(path, languages)
    if rule.id in others:
        raise id_text.bad(f"the rule `{rule.id}` is already defined in {others[rule.id].file}")
    return rule


def prepared_rule(path: Path) -> Rule | None:
    """Return the rule in a file if its content was prepared; None for any other file, also one that cannot be read."""
    try:
        raw = content(path, LARGEST_FILE)
    except OSError:
        return None
    rule = prepared(rule_key(path, raw), Rule)
    return None if rule is None else replace(rule, file=str(path))


def rule_key(path: Path, raw: bytes) -> str:
    """Return the digest of all that decides whether a file is a correct rule: its name, its content, the facts."""
    return digest(path.stem.encode(errors="surrogateescape"), raw, _declared())


@cache
def _declared() -> bytes:
    return SCHEMA.read_bytes()


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
