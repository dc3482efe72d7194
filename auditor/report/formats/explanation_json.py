"""Explanations as JSON, in the published format `migaudit/explain/1`."""

from typing import Any

import msgspec

from auditor.audit.catalogue import Catalogue, CatalogueEntry
from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.explanation import Explanation
from auditor.audit.explain.lookup import for_everyone
from auditor.audit.explain.names_in_text import FoundEntry
from auditor.audit.explain.next_commands import next_commands
from auditor.audit.rules.book import FixTemplate, Rule

SCHEMA = "migaudit/explain/1"


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Return the JSON document for a text: the entries, those in question first, and what was found in it."""
    return _document(found.entries, found.rules) | found_json(found)


def found_json(found: Explanation) -> dict[str, Any]:
    """Return what was found in a text: entries, errors of Azure, and ids that are unknown."""
    return {
        "found": [_match(match) for match in found.matches],
        "azure_errors": [_error(error) for error in found.errors],
        "unknown": list(found.unknown),
        "other_products": [
            {"number": one.number, "product": one.product, "entries": list(one.entries)} for one in found.others
        ],
    }


def list_json(catalogue: Catalogue, rules: tuple[Rule, ...]) -> dict[str, Any]:
    """Return the JSON document for everything that can be explained."""
    return _document(catalogue.entries, rules)


def _document(entries: tuple[CatalogueEntry, ...], rules: tuple[Rule, ...]) -> dict[str, Any]:
    return {"schema": SCHEMA, "entries": [_entry(entry) for entry in entries], "rules": [_rule(rule) for rule in rules]}


def _match(match: FoundEntry) -> dict[str, Any]:
    return {"entry": match.entry.id, "by": match.by.name.lower(), "matched": match.matched or None}


def _error(error: AzureError) -> dict[str, Any]:
    said = {key: value for key, value in msgspec.to_builtins(error.details).items() if value}
    commands = [{"purpose": one.purpose, "command": one.command} for one in next_commands(error)]
    return {"code": error.code, **said, "next": commands}


def _entry(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "topic": entry.topic,
        "title": entry.title,
        "errors": list(entry.errors),
        "aliases": list(entry.aliases),
        "meaning": entry.meaning,
        "causes": [
            {
                "text": cause.text,
                "visible": cause.is_visible,
                "rules": list(cause.rules),
                "counted": cause.counted or None,
                "why_not_visible": cause.unseen or None,
            }
            for cause in entry.causes
        ],
        "steps": list(entry.steps),
        "changed_since_2019": entry.changed or None,
        "references": list(entry.references),
        "dated": entry.dated or None,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "errors": list(rule.errors),
        "subject": rule.subject.value,
        "severity": rule.severity.value,
        "why": rule.why,
        "fixes": [_fix(fix) for fix in rule.fixes],
        "references": list(rule.references),
    }


def _fix(fix: FixTemplate) -> dict[str, Any]:
    return {
        "title": for_everyone(fix.title),
        "portal": [for_everyone(step) for step in fix.portal],
        "az": for_everyone(fix.az) if fix.az else None,
        "changes": for_everyone(fix.changes),
        "safe": fix.safe,
    }
