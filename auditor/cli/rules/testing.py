"""Test of rules on whole environments: how often each fails, passes, and is unknown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Verdict
from auditor.audit.rules.book import Rule
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import needs_of
from auditor.inventory.reads import Gap
from auditor.inventory.resources.directory import ServicePrincipal, User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot

WANTED = (Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN)
"""The verdicts that each rule must reach at least once: one that never passes is as useless as one that never fails."""

NOBODYS = "a-project-that-nobody-made"
"""The name of a project that does not exist in any environment."""


@dataclass(slots=True)
class RuleTrial:
    """The verdicts of one rule: the count of each, and its first subject as `environment: subject`."""

    rule: Rule
    counts: dict[Verdict, int] = field(default_factory=dict)
    first: dict[Verdict, str] = field(default_factory=dict)

    @property
    def lacking(self) -> tuple[Verdict, ...]:
        """The verdicts that it never reached."""
        return tuple(verdict for verdict in WANTED if verdict not in self.counts)

    def add(self, verdict: Verdict, where: str) -> None:
        """Count a verdict."""
        self.counts[verdict] = self.counts.get(verdict, 0) + 1
        self.first.setdefault(verdict, where)


def tried(rules: Sequence[Rule], files: Iterable[Path]) -> tuple[RuleTrial, ...]:
    """Return the verdicts of each rule in the environments of `files`, as they are and with every list incomplete.

    With incomplete lists, what was read stays known, but nothing is known to be absent.
    """
    trials = {rule.id: RuleTrial(rule) for rule in rules}
    for path in files:
        for name, snapshot in _environments(path):
            for finding in evaluate(rules, _everything(Inventory.of(snapshot))):
                trials[finding.rule].add(finding.verdict, f"{name}: {finding.subject.name}")
    return tuple(trials.values())


def _environments(path: Path) -> Iterator[tuple[str, Snapshot]]:
    snapshot = with_reads(load(path))
    yield path.stem, snapshot
    cut = tuple(
        Gap(read.what, read.scope, 0, "Interrupted", "cut short for a test", needs_of(read.what))
        for read in snapshot.reads or ()
    )
    yield f"{path.stem} with every list cut short", replace(snapshot, reads=(), gaps=(*snapshot.gaps, *cut))


def _everything(inventory: Inventory) -> Iterator[Subject]:
    """Yield every subject, and a project that is asked for but does not exist."""
    access, accounts = Access.of(inventory), _accounts(inventory)
    yield from subjects(inventory, access, accounts=accounts)
    asked_for = subjects(inventory, access, accounts=(), projects=(NOBODYS,))
    yield from (one for one in asked_for if one.kind is SubjectKind.PROJECT)


def _accounts(inventory: Inventory) -> tuple[str, ...]:
    """Return the account that made the snapshot, all accounts in the directory, and all that have a role."""
    held = (*inventory.objects(User), *inventory.objects(ServicePrincipal))
    every = (inventory.header.by.object_id, *(one.id for one in held), *inventory.assignments.principals)
    return tuple(dict.fromkeys(one for one in every if one))
