"""Findings and fixes with the names of what they have ids of: in their prose, not in their commands."""

from dataclasses import replace

from auditor.audit.findings import Evidence, Finding, Fix, Verdict
from auditor.facts.entities.named_ids import NamedIds

_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def named_fix(fix: Fix, names: NamedIds) -> Fix:
    """Return a fix with names in its words, and in what undoes it; its commands stay."""
    undo = None if fix.undo is None else replace(fix.undo, words=names.text(fix.undo.words))
    portal = tuple(map(names.text, fix.portal))
    return replace(fix, title=names.text(fix.title), portal=portal, changes=names.text(fix.changes), undo=undo)


def named_finding(finding: Finding, names: NamedIds) -> Finding:
    """Return a finding with names in its message, its fixes and the notes of its evidence."""
    if finding.verdict in _SETTLED and not finding.evidence:
        return finding  # there can be a million, which say nothing of their own
    return replace(
        finding,
        message=names.text(finding.message),
        evidence=tuple(_named_evidence(item, names) for item in finding.evidence),
        fixes=tuple(named_fix(fix, names) for fix in finding.fixes),
    )


def _named_evidence(item: Evidence, names: NamedIds) -> Evidence:
    """Return a record with names in its note, also its own where its id is one of the directory."""
    note = names.text(item.note)
    name = "" if "/" in item.id else names.name(item.id)
    if name and name not in note:
        note = f"{name}: {note}" if note else name
    return item if note == item.note else Evidence(item.id, note)
