"""What Azure counts in assessments and groups, beside what it lists: machines known only by number, contradictions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.facts.readiness.assessments import ChosenAssessment
from auditor.facts.readiness.suitability import SUITABILITIES, Suitability, in_words, suitability_of
from auditor.facts.readiness.tally import Counts
from auditor.inventory.reads import COUNTS_DIFFER, Gap
from auditor.inventory.resources.assessments import Assessment, AssessmentGroup


@dataclass(frozen=True, slots=True)
class ListedMachines:
    """The machines that one assessment lists: their digests, the number of entries, and Azure's words for these."""

    identities: frozenset[bytes]
    entries: int
    words: Mapping[Suitability, int]

    @property
    def repeated(self) -> int:
        """The number of entries about a machine that another entry is about too."""
        return self.entries - len(self.identities)


def stated_machines(assessment: Assessment) -> int:
    """Return how many machines Azure counts in an assessment; 0 also where it does not say."""
    return max(assessment.number_of_machines or 0, sum(assessment.suitability_summary.values()))


def unlisted_in(assessment: Assessment, listed: ListedMachines) -> int:
    """Return how many machines Azure counts in an assessment beyond those that it lists."""
    return max(stated_machines(assessment) - listed.entries, 0)


def unlisted_in_groups(
    waves: Iterable[tuple[ChosenAssessment, ListedMachines]], groups: Iterable[AssessmentGroup]
) -> int:
    """Return how many machines Azure counts in the groups of assessments beyond those that any of these lists.

    Assessments of one group are about the same machines. A machine that two groups have may count twice.
    """
    known: dict[tuple[str, str], set[bytes]] = {}
    stated: dict[tuple[str, str], int] = {}
    for chosen, listed in waves:
        assessment = chosen.assessment
        key = assessment.group_key
        known.setdefault(key, set()).update(listed.identities)
        stated[key] = max(stated.get(key, 0), stated_machines(assessment) - listed.repeated)
    for group in groups:
        key = group.group_key
        stated[key] = max(stated.get(key, 0), group.machine_count or 0)
    return sum(max(count - len(known.get(key, ())), 0) for key, count in stated.items())


def contradictions(chosen: ChosenAssessment, listed: ListedMachines) -> Iterator[Gap]:
    """Yield a gap where a calculated assessment counts other machines than its list has: neither number is certain."""
    assessment = chosen.assessment
    stated = assessment.number_of_machines
    if not chosen.state.has_numbers:
        return
    if stated is not None and stated not in {listed.entries, len(listed.identities)}:
        yield _gap(chosen, f"Azure counts {stated:,} machines and lists {listed.entries:,}")
    summary: Counter[Suitability] = Counter()
    for word, count in assessment.suitability_summary.items():
        summary[suitability_of(word)] += count
    if assessment.suitability_summary and any(summary[one] != listed.words.get(one, 0) for one in SUITABILITIES):
        yield _gap(chosen, f"its summary counts {_counted(summary)}; its list has {_counted(listed.words)}")


def _gap(chosen: ChosenAssessment, message: str) -> Gap:
    return Gap(chosen.what, chosen.assessment.id, 0, COUNTS_DIFFER, message)


def _counted(words: Mapping[Suitability, int]) -> str:
    return ", ".join(f"{words.get(one, 0):,} {in_words(one)}" for one in SUITABILITIES if words.get(one)) or "nothing"


def with_unlisted(counts: Counts, unlisted: int) -> Counts:
    """Return the counts with further machines, of which nothing but their number is known."""
    if not unlisted:
        return counts
    unknown = counts.by_suitability[Suitability.UNKNOWN] + unlisted
    by_suitability = {**counts.by_suitability, Suitability.UNKNOWN: unknown}
    return replace(counts, machines=counts.machines + unlisted, by_suitability=by_suitability)
