"""The answer of `readiness`: how many machines can move, what keeps the others, and what is not known about it."""

from dataclasses import dataclass

from auditor.audit.catalogue import Catalogue
from auditor.audit.environment_report import FindingsReport
from auditor.audit.findings import Verdict
from auditor.audit.readiness.remedies import CauseRemedy, remedy_of
from auditor.facts.readiness.discovery import SiteDiscovery
from auditor.facts.readiness.machines import MachineRow
from auditor.facts.readiness.readiness import AssessedWave, Readiness
from auditor.facts.readiness.sizing import criterion_in_words
from auditor.facts.readiness.suitability import AssessmentState, Suitability, stars
from auditor.facts.readiness.tally import Counts

__all__ = [
    "AssessedWave",
    "AssessmentState",
    "Counts",
    "MachineRow",
    "ReadinessReport",
    "SiteDiscovery",
    "Suitability",
    "wave_criterion",
    "wave_stars",
]


@dataclass(frozen=True, kw_only=True)
class ReadinessReport(FindingsReport):
    """What a renderer shows of the readiness of an environment; `remedies` are the causes, most machines first."""

    readiness: Readiness
    remedies: tuple[CauseRemedy, ...]

    @property
    def obstacles(self) -> tuple[CauseRemedy, ...]:
        """The causes that keep machines from moving as they are."""
        return tuple(one for one in self.remedies if not one.count.cause.is_remark)

    @property
    def remarks(self) -> tuple[CauseRemedy, ...]:
        """The causes that only concern sizes and costs."""
        return tuple(one for one in self.remedies if one.count.cause.is_remark)

    @property
    def is_whole(self) -> bool:
        """Whether every assessment in scope and every machine of it was read and calculated."""
        readiness = self.readiness
        unknown = readiness.gaps or readiness.waiting or readiness.unlisted
        return not unknown and all(one.is_whole for one in readiness.waves)

    @property
    def is_undecided(self) -> bool:
        """Whether anything is unknown: unread, not calculated, or without a verdict of Azure's."""
        unknown = self.readiness.total.by_suitability[Suitability.UNKNOWN]
        hidden = bool(self.readiness.hidden_sites)
        return not self.is_whole or hidden or bool(unknown) or bool(self.with_verdict(Verdict.UNKNOWN))

    @property
    def was_read(self) -> bool:
        """Whether assessments and machines were asked for at all."""
        gaps = self.readiness.gaps
        return bool(self.readiness.waves) or not gaps or any(not gap.was_not_requested for gap in gaps)

    @property
    def headline(self) -> str:
        """The answer in one sentence without its final stop."""
        total, waves = self.readiness.total, self.readiness.waves
        if not self.was_read:
            return "Unknown: assessments and machines were not read"
        if not waves and not total.machines:
            if self.readiness.gaps:
                return "Unknown: assessments could not be read"
            return "No assessment of virtual machines is in scope, so that nothing is known of any machine"
        if not total.machines and self.readiness.is_least:
            return "; ".join(("Unknown: no machine of the assessments could be read", *self.reservations))
        counts = total.by_suitability
        machines, them = ("machine", "it is") if total.machines == 1 else ("machines", "they are")
        least = "at least " if self.readiness.is_least else ""
        text = (
            f"{counts[Suitability.READY]:,} of {least}{total.machines:,} {machines} can move as {them}; "
            f"{counts[Suitability.CONDITIONAL]:,} after a check or a change, {counts[Suitability.NOT_READY]:,} not, "
            f"{counts[Suitability.UNKNOWN]:,} unknown"
        )
        return "; ".join((text, *self.reservations))

    @property
    def reservations(self) -> tuple[str, ...]:
        """What the numbers of the headline leave open, each without a capital."""
        readiness = self.readiness
        states = [one.chosen.state for one in readiness.waves]
        without = sum(not state.has_numbers for state in states)
        stale = sum(state in {AssessmentState.OUTDATED, AssessmentState.OUT_OF_SYNC} for state in states)
        said = []
        if readiness.is_least:
            said.append("not everything could be read: there may be more machines, and worse news of these")
        if without:
            leaves = f", which leaves {readiness.waiting:,} of the unknown ones" if readiness.waiting else ""
            said.append(f"{_assessments(without)} {_have(without)} no numbers{leaves}")
        if unassessed := len(readiness.unassessed):
            said.append(f"{unassessed:,} group{'' if unassessed == 1 else 's'} {_have(unassessed)} no assessment")
        if unlisted := readiness.unlisted:
            assessed = {one.chosen.assessment.group_key for one in readiness.waves}
            others = ", unless they are among the others" if len(assessed) + unassessed > 1 else ""
            said.append(f"{unlisted:,} of the unknown ones Azure counts and does not list{others}")
        if contradicted := sum(bool(one.contradictions) for one in readiness.waves):
            numbers = (
                f"{_assessments(contradicted)} {_have(contradicted)} other numbers than {_have_lists(contradicted)}"
            )
            said.append(f"{numbers}: neither is certain")
        if stale:
            said.append(f"{_assessments(stale)} {_are(stale)} no longer up to date")
        if lowered := readiness.total.lowered:
            count = "counts" if lowered == 1 else "count"
            why = "for what it says of disks, adapters or reasons"
            said.append(f"{_machines(lowered)} {count} as worse than Azure's own word, {why}")
        if readiness.total.differing:
            is_one = readiness.total.differing == 1
            machines = "1 machine has" if is_one else f"{readiness.total.differing:,} machines have"
            said.append(f"{machines} assessments that differ: the worst counts")
        return tuple(said)


def remedies_of(readiness: Readiness, catalogue: Catalogue) -> tuple[CauseRemedy, ...]:
    """Return the causes over all assessments with what to do about each."""
    former = readiness.total.former_boot_rule
    return tuple(remedy_of(one, catalogue, former) for one in readiness.total.causes)


def wave_stars(wave: AssessedWave) -> int | None:
    """Return the confidence rating of an assessment in stars; None where it has none."""
    return stars(wave.chosen.assessment.confidence)


def wave_criterion(wave: AssessedWave) -> str:
    """Return how an assessment chooses sizes, in words."""
    return criterion_in_words(wave.chosen.assessment)


def _assessments(count: int) -> str:
    return f"{count:,} assessment{'' if count == 1 else 's'}"


def _machines(count: int) -> str:
    return f"{count:,} machine{'' if count == 1 else 's'}"


def _have_lists(count: int) -> str:
    return "its list of machines" if count == 1 else "their lists of machines"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
