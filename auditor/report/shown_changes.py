"""The changes between two results that a text on the command line names, as `--show` of a scan names findings."""

import re
from collections.abc import Iterable, Iterator, Sequence

from auditor.audit.compare.comparison import VerdictChange
from auditor.audit.compare.verdict_set import Stand, VerdictSet
from auditor.audit.findings import account_in
from auditor.report.shown import NamedItems, no_finding

_GROUP = re.compile(r"/subscriptions/([^/]+)(?:/resourceGroups/([^/]+))?", re.IGNORECASE)


class ShownChanges:
    """The changes that any of several texts names, and what there is to say of texts that name none."""

    def __init__(
        self, changes: Iterable[VerdictChange], compared: Iterable[VerdictSet | None], texts: Sequence[str]
    ) -> None:
        """Look for each of `texts` among the changes; `compared` are the verdicts that they are between."""
        named = NamedItems.of(changes, lambda one: _names(one.stand), texts)
        self._shown = frozenset(named.items)
        self.changes = named.items
        """The changes, in the order of a report."""
        sets = [one for one in compared if one is not None]
        rules = {rule for one in sets for rule in one.rules or ()}
        known = {name.casefold() for one in sets for stand in one.stands.values() for name in _names(stand)}
        known |= {rule.casefold() for rule in rules}
        self.unchanged = tuple(text for key, text in named.lacking.items() if key in known)
        """The texts that name what was judged and has no problem in either result."""
        every = named.names | rules
        self.unknown = tuple(no_finding(text, every) for key, text in named.lacking.items() if key not in known)
        """A sentence, without a full stop, on each text that names nothing in the results."""

    @property
    def has_answer(self) -> bool:
        """Whether anything can be shown: a change, or that there is none."""
        return bool(self.changes or self.unchanged)

    def of(self, changes: Iterable[VerdictChange]) -> tuple[VerdictChange, ...]:
        """Return those of `changes` that are shown."""
        return tuple(one for one in changes if one in self._shown)


def _names(stand: Stand) -> Iterator[str]:
    """Yield what a verdict is called: its rule and errors, its subject, and where that is."""
    subject = stand.subject
    yield from (stand.rule, *stand.errors, subject.name, subject.id, account_in(subject))
    yield from subject.name.split(" → ")
    for project in subject.projects:
        yield from (project.id, project.name)
    if found := _GROUP.search(subject.at or subject.id):
        yield from (found[1], found[2] or "")
