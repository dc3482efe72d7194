"""Evaluation of rules on subjects, in three-valued logic: unknown facts are not passed to the rule language."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from auditor.audit.findings import Finding, Fix, Gap, OnlyCounted, SubjectRef, Verdict
from auditor.audit.named_ids import named_finding
from auditor.audit.rules.book import FixTemplate, Languages, Rule
from auditor.audit.rules.expressions import Bound, Expression, FactValue, Language, Truth
from auditor.facts.entities.named_ids import NamedIds
from auditor.facts.fact import Known, by_kind, once
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject

RULE_ERROR = "RuleError"
"""Code of a gap for an expression that failed by itself, such as an index beyond the end of a list."""


MOST_TRUTHS = 65_536
"""The largest number of truths that one evaluation keeps, so that facts with many values do not fill the memory."""

_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def evaluate(
    rules: Iterable[Rule],
    subjects: Iterable[Subject],
    unseen: Iterable[Subject] = (),
    *,
    only_counted: OnlyCounted | None = None,
    explains_settled: bool = True,
    names: NamedIds | None = None,
) -> tuple[Finding, ...]:
    """Return one finding for each rule and each subject of its kind, in the order of a report.

    A rule fails or passes only if known facts decide its conditions; otherwise it is unknown, also if it is unknown
    whether the rule applies. For the `unseen` subjects only the unknown findings are returned. With `only_counted`,
    those that pass or do not apply are counted there instead; unless `explains_settled`, they have no evidence. Where
    `names` are given, prose has them beside ids.
    """
    judges = _Judges(rules, explains_settled=explains_settled)
    judged: list[tuple[str, str, list[Finding]]] = []
    for subject in subjects:
        kept = list(judges.findings(subject, only_counted))
        judged.append((subject.kind.value, subject.id.lower(), kept))
    for subject in unseen:
        kept = [finding for finding in judges.findings(subject) if finding.verdict is Verdict.UNKNOWN]
        judged.append((subject.kind.value, subject.id.lower(), kept))
    judged.sort(key=itemgetter(0, 1))
    alike: dict[tuple[int, int, str], list[Finding]] = defaultdict(list)
    for _, _, found in judged:
        for finding in found:
            alike[finding.rank].append(finding if names is None else named_finding(finding, names))
    return tuple(finding for rank in sorted(alike) for finding in alike[rank])


class _Judges:
    """The rules of each kind of subject, with the engine that evaluates their conditions."""

    def __init__(self, rules: Iterable[Rule], *, explains_settled: bool) -> None:
        self._rules: dict[SubjectKind, list[Rule]] = defaultdict(list)
        for rule in rules:
            self._rules[rule.subject].append(rule)
        self._languages = Languages()
        self._engines: dict[SubjectKind, _Engine] = {}
        self._explains_settled = explains_settled

    def findings(self, subject: Subject, only_counted: OnlyCounted | None = None) -> Iterator[Finding]:
        """Yield the verdict of each rule on a subject; those that pass or do not apply may be only counted."""
        kind = subject.kind
        rules = self._rules.get(kind)
        if not rules:
            return
        if kind not in self._engines:
            self._engines[kind] = _Engine(self._languages.of(kind))
        named = SubjectRef(
            *(kind.value, subject.id, subject.name, subject.projects),
            object_type=subject.object_type,
            location=subject.location,
            account=subject.account,
        )
        known: dict[str, FactValue] = {name: it.value for name, it in subject.facts.items() if isinstance(it, Known)}
        judge = _Judge(subject, named, known, self._engines[kind])
        for rule in rules:
            verdict, errors = judge.verdict(rule)
            if only_counted is not None and verdict in _SETTLED:
                only_counted.take(verdict, named)
            else:
                yield judge.finding(rule, verdict, errors, explains_settled=self._explains_settled)


@dataclass(slots=True)
class _Engine:
    """The rule language of one kind of subject, and the truths of its conditions by the values that they mention.

    A condition is evaluated once for equal values: most rules about leftovers apply to one sort of things only.
    """

    language: Language
    truths: dict[tuple[object, ...], Truth] = field(default_factory=dict)


@dataclass(slots=True)
class _Judge:
    """The evaluation of the rules of one kind on one subject."""

    subject: Subject
    named: SubjectRef
    known: Mapping[str, FactValue]
    engine: _Engine
    bound: Bound | None = None

    def verdict(self, rule: Rule) -> tuple[Verdict, list[Gap]]:
        """Return the verdict of a rule, and the errors of its conditions."""
        applies = self._holds(rule.applies_when)
        if applies.value is False:
            return Verdict.NOT_APPLICABLE, []
        fails = self._holds(rule.fail_when)
        if applies.value is None or fails.value is None:
            errors = [truth.error for truth in (applies, fails) if truth.error]
            return Verdict.UNKNOWN, [Gap("rule", rule.id, 0, RULE_ERROR, error) for error in errors]
        return (Verdict.FAIL if fails.value else Verdict.PASS), []

    def finding(self, rule: Rule, verdict: Verdict, errors: Iterable[Gap], *, explains_settled: bool) -> Finding:
        """Return a verdict of a rule with what shows it, which may be left out where it passes or does not apply."""
        explains = explains_settled or verdict not in _SETTLED
        held = self.subject.facts
        facts = [held[name] for name in rule.mentions if name in held] if explains else []
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
            evidence=once(item for fact in facts for item in fact.evidence),
            gaps=gaps if verdict in {Verdict.UNKNOWN, Verdict.FAIL} else (),
            fixes=tuple(self._fixes(rule, shown)) if verdict is Verdict.FAIL else (),
            confidence=rule.confidence,
        )

    def _holds(self, condition: Expression | None) -> Truth:
        if condition is None:
            return Truth(True)
        values = [self.known.get(name) for name in condition.mentions]
        key = (condition.text, *[tuple(value) if isinstance(value, list) else value for value in values])
        truth = self.engine.truths.get(key)
        if truth is None:
            self.bound = self.bound or self.engine.language.bind(self.known)
            truth = condition.over(self.bound)
            if len(self.engine.truths) < MOST_TRUTHS:
                self.engine.truths[key] = truth
        return truth

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
