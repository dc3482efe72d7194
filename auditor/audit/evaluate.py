"""Evaluation of rules on subjects, in three-valued logic: unknown facts are not passed to the rule language."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter, itemgetter

from auditor.audit.findings import Finding, Fix, Gap, SubjectRef, Verdict
from auditor.audit.rules.book import FixTemplate, Languages, Rule
from auditor.audit.rules.expressions import Bound, Expression, FactValue, Truth
from auditor.facts.fact import Known, by_kind, once
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject

RULE_ERROR = "RuleError"
"""Code of a gap for an expression that failed by itself, such as an index beyond the end of a list."""


def evaluate(rules: Iterable[Rule], subjects: Iterable[Subject], unseen: Iterable[Subject] = ()) -> tuple[Finding, ...]:
    """Return one finding for each rule and each subject of its kind, in the order of a report.

    A rule fails or passes only if known facts decide its conditions; otherwise it is unknown, also if it is unknown
    whether the rule applies. For the `unseen` subjects only the unknown findings are returned.
    """
    by_kind: dict[SubjectKind, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_kind[rule.subject].append(rule)
    languages = Languages()
    judged: list[tuple[str, str, list[Finding]]] = []
    for subject, is_seen in chain(((one, True) for one in subjects), ((one, False) for one in unseen)):
        if subject.kind not in by_kind:
            continue
        known: dict[str, FactValue] = {name: it.value for name, it in subject.facts.items() if isinstance(it, Known)}
        named = SubjectRef(subject.kind.value, subject.id, subject.name)
        judge = _Judge(subject, named, known, languages.of(subject.kind).bind(known))
        findings = (judge.verdict_of(rule) for rule in by_kind[subject.kind])
        kept = [finding for finding in findings if is_seen or finding.verdict is Verdict.UNKNOWN]
        judged.append((named.kind, named.id.lower(), kept))
    judged.sort(key=itemgetter(0, 1))
    return tuple(sorted((finding for _, _, found in judged for finding in found), key=attrgetter("rank")))


@dataclass(frozen=True, slots=True)
class _Judge:
    """The evaluation of the rules of one kind on one subject."""

    subject: Subject
    named: SubjectRef
    known: Mapping[str, FactValue]
    bound: Bound

    def verdict_of(self, rule: Rule) -> Finding:
        verdict, errors = self._verdict(rule)
        facts = [self.subject.facts[name] for name in rule.mentions if name in self.subject.facts]
        evidence = once(item for fact in facts for item in fact.evidence)
        gaps = by_kind([*(gap for fact in facts for gap in fact.gaps), *errors])
        shown = {**self.known, **self.subject.texts}
        return Finding(
            rule=rule.id,
            title=rule.title,
            verdict=verdict,
            severity=rule.severity,
            errors=rule.errors,
            subject=self.named,
            message=_message(rule, verdict, shown, gaps),
            evidence=evidence,
            gaps=gaps if verdict in {Verdict.UNKNOWN, Verdict.FAIL} else (),
            fixes=tuple(self._fixes(rule, shown)) if verdict is Verdict.FAIL else (),
            confidence=rule.confidence,
        )

    def _verdict(self, rule: Rule) -> tuple[Verdict, list[Gap]]:
        applies = self._holds(rule.applies_when)
        if applies.value is False:
            return Verdict.NOT_APPLICABLE, []
        fails = self._holds(rule.fail_when)
        if applies.value is None or fails.value is None:
            errors = [truth.error for truth in (applies, fails) if truth.error]
            return Verdict.UNKNOWN, [Gap("rule", rule.id, 0, RULE_ERROR, error) for error in errors]
        return (Verdict.FAIL if fails.value else Verdict.PASS), []

    def _holds(self, condition: Expression | None) -> Truth:
        return condition.over(self.bound) if condition else Truth(True)

    def _fixes(self, rule: Rule, shown: Mapping[str, FactValue]) -> Iterable[Fix]:
        for fix in rule.fixes:
            if self._holds(fix.when).value is not False:
                yield _filled(fix, shown)


def _filled(fix: FixTemplate, shown: Mapping[str, FactValue]) -> Fix:
    return Fix(
        title=fix.title.text(shown),
        portal=tuple(step.text(shown) for step in fix.portal),
        az=fix.az.command(shown) if fix.az else None,
        changes=fix.changes.text(shown),
        safe=fix.safe,
    )


def _message(rule: Rule, verdict: Verdict, shown: Mapping[str, FactValue], gaps: tuple[Gap, ...]) -> str:
    match verdict:
        case Verdict.FAIL:
            return rule.message.text(shown)
        case Verdict.UNKNOWN:
            return f"could not be checked: {_in_words(gaps)}"
        case Verdict.PASS:
            return "checked: not the case"
        case Verdict.NOT_APPLICABLE:
            return "does not apply here"


def _in_words(gaps: tuple[Gap, ...]) -> str:
    """Return the first gap as a sentence, and how many more there are."""
    if not gaps:
        return "the rule itself could not be evaluated"
    more = f"; and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    return f"{gaps[0].words}{more}"
