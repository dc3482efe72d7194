"""The findings that a text on the command line names: by rule, error, subject, account, project or resource group."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from auditor.audit.environment_report import FindingsReport
from auditor.audit.findings import Finding
from auditor.nearest import did_you_mean
from auditor.report.place import Places

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NamedItems(Generic[T]):
    """The items that any of several texts names, without regard to letter case; `lacking` are the texts that name none.

    `names` are those of all items, `lacking` is by the text in lower case.
    """

    items: tuple[T, ...]
    lacking: dict[str, str]
    names: frozenset[str]

    @classmethod
    def of(cls, items: Iterable[T], names_of: Callable[[T], Iterable[str]], texts: Sequence[str]) -> "NamedItems[T]":
        """Look for each of `texts` among the names of each item."""
        wanted = {text.strip().casefold(): text.strip() for text in texts}
        found: set[str] = set()
        shown: list[T] = []
        names: set[str] = set()
        for item in items:
            called = {name.casefold(): name for name in names_of(item) if name}
            names.update(called.values())
            hit = wanted.keys() & called
            found |= hit
            if hit:
                shown.append(item)
        lacking = {key: text for key, text in wanted.items() if key not in found}
        return cls(tuple(shown), lacking, frozenset(names))


class ShownFindings:
    """The findings of a report that any of several texts names, and what there is to say of texts that name none."""

    def __init__(self, report: FindingsReport, texts: Sequence[str]) -> None:
        """Look for each of `texts`, without regard to letter case."""
        self._places = Places(report)
        named = NamedItems.of(sorted(report.findings, key=lambda one: one.order), self._names, texts)
        self.findings = named.items
        """The findings, in the order of a report."""
        rules = {rule.id: _called(rule.id, rule.errors) for rule in report.rules}
        self.without_subject = tuple(rule for rule, called in rules.items() if called.keys() & named.lacking.keys())
        """The rules that a text names and that have no finding: nothing that they are about was there."""
        every = named.names.union(*(called.values() for called in rules.values()))
        known = {key for called in rules.values() for key in called}
        self.names = every
        """What the findings and the rules of the report are called."""
        self.lacking = tuple(text for key, text in named.lacking.items() if key not in known)
        """The texts that name neither a finding nor a rule."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """A sentence, without a full stop, on each text that names nothing."""
        return tuple(no_finding(text, self.names) for text in self.lacking)

    @property
    def has_answer(self) -> bool:
        """Whether anything can be shown: a finding, or that a rule has none."""
        return bool(self.findings or self.without_subject)

    def _names(self, finding: Finding) -> Iterator[str]:
        """Yield what a finding is called: its rule and errors, its subject, and where that is."""
        subject, place = finding.subject, self._places.of(finding)
        yield from (finding.rule, *finding.errors, subject.name, subject.id, place.resource_group)
        yield from (place.account.id, place.account.name, place.subscription.id, place.subscription.name)
        for project in place.projects:
            yield from (project.id, project.name)


def _called(rule: str, errors: Iterable[str]) -> dict[str, str]:
    """Return what a rule is called: its id and its errors, by themselves without letter case."""
    return {name.casefold(): name for name in (rule, *errors)}


def no_finding(text: str, known: Iterable[str]) -> str:
    """Return that nothing among what is `known` is called like that, and what is near."""
    return f"`--show {text}`: no finding has this rule, error, name or id{did_you_mean(text, sorted(set(known)))}"
