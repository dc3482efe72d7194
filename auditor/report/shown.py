"""The findings that a text on the command line names: by rule, error, subject, account, project or resource group."""

from collections.abc import Iterable, Iterator, Sequence

from auditor.audit.findings import Finding
from auditor.nearest import did_you_mean
from auditor.report.place import Places
from auditor.report.result import ScanResult


class ShownFindings:
    """The findings of a result that any of several texts names, and what there is to say of texts that name none."""

    def __init__(self, result: ScanResult, texts: Sequence[str]) -> None:
        """Look for each of `texts`, without regard to letter case."""
        self._places = Places(result)
        wanted = {text.strip().casefold(): text.strip() for text in texts}
        found: set[str] = set()
        shown: list[Finding] = []
        names: set[str] = set()
        for finding in result.shown(all_verdicts=True):
            called = {name.casefold(): name for name in self._names(finding) if name}
            names.update(called.values())
            hit = wanted.keys() & called
            found |= hit
            if hit:
                shown.append(finding)
        self.findings = tuple(shown)
        """The findings, in the order of a report."""
        rules = {rule.id: _called(rule.id, rule.errors) for rule in result.rules}
        lacking = {key: text for key, text in wanted.items() if key not in found}
        self.without_subject = tuple(rule for rule, called in rules.items() if called.keys() & lacking.keys())
        """The rules that a text names and that have no finding: nothing that they are about was there."""
        every = names.union(*(called.values() for called in rules.values()))
        known = {key for called in rules.values() for key in called}
        self.unknown = tuple(_no_finding(text, every) for key, text in lacking.items() if key not in known)
        """A sentence, without a full stop, on each text that names neither a finding nor a rule."""

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


def _no_finding(text: str, known: set[str]) -> str:
    return f"`--show {text}`: no finding has this rule, error, name or id{did_you_mean(text, known)}"
