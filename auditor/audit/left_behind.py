"""What projects left behind, or may have: the subjects of rules about left-overs, as tables list them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.facts.fact import Known
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import OwningProject, Subject

KINDS = frozenset({SubjectKind.WORKSPACE, SubjectKind.REMAIN})
UNDECIDED = "undecided"
_KEPT = frozenset({"attached", "not_migrate"})
"""Verdicts on what a project that exists uses, and on what Azure Migrate never had."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A thing that stays after its projects, or may stay: what it holds, and what its price depends on, in words.

    `kind` is `workspace` or a kind of leftover, `verdict` is `orphaned`, `in_use` or `undecided`. `gaps` is the number
    of reads that are missing for a verdict.
    """

    subject_kind: str
    kind: str
    id: str
    name: str
    projects: tuple[OwningProject, ...]
    location: str
    verdict: str
    since: str
    holds: str
    costs: str
    locked: bool | None
    gaps: int


class LeftBehindFound:
    """The left-overs among subjects that pass by."""

    def __init__(self, kinds: Iterable[SubjectKind]) -> None:
        """Look for left-overs if subjects of their kinds are among `kinds`."""
        self._looks = bool(KINDS & set(kinds))
        self._found: list[LeftBehind] = []

    @property
    def found(self) -> tuple[LeftBehind, ...] | None:
        """Those that passed by, by kind and id; None where no rule is about them, so that nobody looked."""
        return tuple(sorted(self._found, key=lambda one: (one.kind, one.id.lower()))) if self._looks else None

    def looking_at(self, subjects: Iterable[Subject]) -> Iterator[Subject]:
        """Yield the subjects, and keep what is left behind."""
        for subject in subjects:
            if subject.kind in KINDS and (one := _left_behind(subject)) is not None:
                self._found.append(one)
            yield subject


def _left_behind(subject: Subject) -> LeftBehind | None:
    of = subject.kind.value
    facts, texts = subject.facts, subject.texts
    verdict, locked, kind = facts[f"{of}.verdict"], facts[f"{of}.locked"], facts.get(f"{of}.kind")
    said = str(verdict.value) if isinstance(verdict, Known) else UNDECIDED
    if said in _KEPT:
        return None
    return LeftBehind(
        subject_kind=of,
        kind=str(kind.value) if isinstance(kind, Known) else of,
        id=subject.id,
        name=subject.name,
        projects=subject.projects,
        location=subject.location,
        verdict=said,
        since=texts.get(f"{of}.since", ""),
        holds=texts.get(f"{of}.holds", ""),
        costs=texts.get(f"{of}.costs", ""),
        locked=bool(locked.value) if isinstance(locked, Known) else None,
        gaps=len(verdict.gaps),
    )
