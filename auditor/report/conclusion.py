"""The conclusion of a scan in words: problems, undecided, in order, or nothing that could be checked; and its notes.

A failing finding of severity `info` is a note, and no problem.
"No problem found" is said only where every verdict is known and at least one rule was decided.
"""

from collections import Counter
from enum import Enum

from auditor.audit.findings import Finding, Severity, SubjectRef, Verdict
from auditor.report.counted import counted
from auditor.report.result import ScanResult

NOTHING = "nothing-checked"
NOT_JUDGED = "not-judged"
LEFT_OUT = "less-severe-left-out"
"""The names that stand for a rule in formats that consist of findings only."""

_KINDS = {
    "registration": "project",
    "project": "project",
    "appliance": "appliance",
    "vault": "key vault of an appliance",
    "application": "application of an appliance",
    "account": "account to look at",
    "workspace": "workspace",
    "remain": "left-over of a deleted project",
    "assessment": "assessment",
    "discovery": "discovered site",
}


_OF_PROJECTS = frozenset({"registration", "project", "appliance", "vault", "application"})
"""Kinds of things that exist only where there is a project or an appliance."""


class ScanOutcome(Enum):
    """What a scan came to."""

    PROBLEMS = "problems"
    UNDECIDED = "undecided"
    IN_ORDER = "in_order"
    NOTHING_CHECKED = "nothing_checked"


def outcome(result: ScanResult) -> ScanOutcome:
    """Return what the scan came to; verdicts that a baseline left out count as judged, unknown ones as undecided.

    What was not judged, though it could cause an error that was asked about, leaves open whether all is in order.
    """
    counts, baseline = result.counts, result.baseline
    less = result.less_severe
    if result.problems or (less is not None and less.problems):
        return ScanOutcome.PROBLEMS
    hidden = (baseline is not None and baseline.unknown) or (less is not None and less.unknown)
    if counts[Verdict.UNKNOWN] or hidden:
        return ScanOutcome.UNDECIDED
    if _decided(result):
        return ScanOutcome.UNDECIDED if result.unjudged else ScanOutcome.IN_ORDER
    return ScanOutcome.NOTHING_CHECKED


def conclusion(result: ScanResult) -> str:
    """Return the outcome in a few words, with the number of notes; for a scan that checked nothing, also why."""
    notes = len(result.notes)
    return f"{_outcome_words(result)} · {counted(notes, f'{_new(result)}note')}" if notes else _outcome_words(result)


def _outcome_words(result: ScanResult) -> str:
    new = _new(result)
    match outcome(result):
        case ScanOutcome.PROBLEMS:
            if not result.problems and result.less_severe is not None:
                return f"no {new}problem of severity {result.less_severe.least.value} or more"
            counts = Counter(finding.severity for finding in result.problems)
            by_severity = ", ".join(f"{counts[one]:,} {one.value}" for one in Severity if counts[one])
            return f"{counted(len(result.problems), f'{new}problem')} ({by_severity})"
        case ScanOutcome.UNDECIDED:
            text = f"undecided: no {new}problem among what could be checked" if _decided(result) else "undecided"
            if not result.counts[Verdict.UNKNOWN] and _without_projects(result):
                text = f"undecided: {_no_project(result)}"
            return "; ".join((text, *result.unjudged))
        case ScanOutcome.IN_ORDER:
            if result.looked_at:
                return result.looked_at
            return _no_project(result) if _without_projects(result) else f"no {new}problem found"
        case ScanOutcome.NOTHING_CHECKED:
            why = result.looked_at or _why_nothing(result)
            return "; ".join((f"nothing was checked: {why}", *result.unjudged))


def sentence(result: ScanResult) -> str:
    """Return the conclusion as a sentence."""
    text = conclusion(result)
    return f"{text[:1].upper()}{text[1:]}."


def left_open(result: ScanResult) -> tuple[Finding, ...]:
    """Return findings that say that nothing was checked, what was not judged, or that less severe ones are left out.

    They are for formats that consist of findings only, where the absence of findings would read as good news.
    """
    whole, less = outcome(result), result.less_severe
    named: list[tuple[str, str, str]] = []
    if whole is ScanOutcome.NOTHING_CHECKED:
        named.append((NOTHING, "Nothing was checked", conclusion(result)))
    elif whole is ScanOutcome.UNDECIDED and result.unjudged and not result.counts[Verdict.UNKNOWN]:
        title = "Not everything that can cause the error was judged"
        named.append((NOT_JUDGED, title, conclusion(result)))
    if less is not None and less.words:
        words = f"{less.words} that are less severe than {less.least.value} are left out"
        named.append((LEFT_OUT, "Less severe findings are left out", words))
    subject = SubjectRef("scan", result.tenant_id, result.about)
    return tuple(
        Finding(rule, title, Verdict.UNKNOWN, Severity.INFO, (), subject, message) for rule, title, message in named
    )


def _new(result: ScanResult) -> str:
    return "new " if result.baseline else ""


def _decided(result: ScanResult) -> bool:
    """Return whether any rule was decided, in this scan or in its baseline."""
    here = result.counts[Verdict.PASS] or result.counts[Verdict.FAIL]
    less = result.less_severe is not None and (result.less_severe.problems or result.less_severe.notes)
    return bool(here or less or (result.baseline is not None and result.baseline.known))


def _why_nothing(result: ScanResult) -> str:
    """Return why no rule was decided: none applied, or nothing that they are about was found."""
    inside = _inside(result)
    held = result.counts[Verdict.NOT_APPLICABLE]
    if held:
        rules = "the rule does" if len(result.rules) == 1 else "the rules do"
        return f"{rules} not apply to what was read{inside}"
    kinds = list(dict.fromkeys(_KINDS[rule.subject] for rule in result.rules if rule.subject in _KINDS))
    *first, last = kinds or ["thing to judge"]
    named = f"{', '.join(first)}{' or ' if first else ''}{last}"
    return f"no {named} is in what was read{inside}"


def _no_project(result: ScanResult) -> str:
    return f"no project is in what was read{_inside(result)}; what else was checked is in order"


def _without_projects(result: ScanResult) -> bool:
    """Return whether rules are about projects and what belongs to them, but nothing of that kind was there."""
    asked = _OF_PROJECTS & {rule.subject for rule in result.rules}
    left_out = result.baseline is not None and bool(result.baseline.known)
    return bool(asked) and not left_out and not _OF_PROJECTS & result.kinds


def _inside(result: ScanResult) -> str:
    return f" within {' and '.join(f'`{one}`' for one in result.narrowed_to)}" if result.narrowed_to else ""
