"""What every format of readiness says alike: one line per assessment and per site, in the same words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.audit.readiness.report import (
    AssessedWave,
    AssessmentState,
    Counts,
    ReadinessReport,
    SiteDiscovery,
    Suitability,
    wave_criterion,
    wave_stars,
)
from auditor.report.inert import inert

SUITABILITY = {
    Suitability.READY: "ready",
    Suitability.CONDITIONAL: "ready with conditions",
    Suitability.UNKNOWN: "unknown",
    Suitability.NOT_READY: "not ready",
}
ORDER = (Suitability.READY, Suitability.CONDITIONAL, Suitability.NOT_READY, Suitability.UNKNOWN)
"""The suitabilities as they are shown, best first, unknown last."""
STATES = {
    AssessmentState.COMPUTED: "calculated",
    AssessmentState.OUTDATED: "outdated",
    AssessmentState.OUT_OF_SYNC: "out of sync",
    AssessmentState.COMPUTING: "being calculated",
    AssessmentState.FAILED: "failed",
    AssessmentState.DELETED: "deleted",
    AssessmentState.UNKNOWN: "unknown state",
}
_NAMED = 5
"""How many errors of an assessment, and codes of a site, a line names; the others are counted."""
SHAPES = "assessments of other kinds in the shape without groups (avsAssessments, sqlAssessments, …)"
"""What is never read, beside the kinds that a group names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveLine:
    """One assessment as one line; `numbers` are by `ORDER`, None where they are unknown.

    The number of machines is `least` where its list was not read to its end and Azure counts fewer, or none.
    """

    name: str
    group: str
    project: str
    id: str
    machines: int | None
    least: bool
    numbers: tuple[int | None, ...]
    stars: int | None
    confidence: str
    criterion: str
    state: str
    remarks: tuple[str, ...]


def wave_line(wave: AssessedWave) -> WaveLine:
    """Return an assessment as one line."""
    chosen, counts = wave.chosen, wave.counts
    assessment = chosen.assessment
    known = wave.has_numbers
    rating = wave_stars(wave)
    return WaveLine(
        name=assessment.arm_id.name,
        group=assessment.group,
        project=chosen.project,
        id=assessment.id,
        machines=counts.machines if counts.machines or known else assessment.number_of_machines,
        least=wave.is_least,
        numbers=tuple(
            counts.by_suitability[one] if known or (one is Suitability.UNKNOWN and counts.machines) else None
            for one in ORDER
        ),
        stars=rating,
        confidence="unread" if "confidence" in assessment.unread else "none" if rating is None else f"{rating}/5",
        criterion=wave_criterion(wave),
        state=STATES[chosen.state],
        remarks=tuple(_remarks(wave)),
    )


def _remarks(wave: AssessedWave) -> Iterator[str]:
    """Yield what a reader of the numbers must know, each as a sentence without a capital."""
    chosen = wave.chosen
    if chosen.state is not AssessmentState.COMPUTED:
        status = chosen.assessment.status
        stated = f" (`{status}`)" if chosen.state is AssessmentState.UNKNOWN and status else ""
        yield f"{STATES[chosen.state]}{stated}: {chosen.state.meaning}"
    yield from (f"{one}: neither is certain" for one in wave.contradictions)
    if len(wave.gaps) > len(wave.contradictions):
        were = f"; {wave.read:,} {'was' if wave.read == 1 else 'were'}" if wave.read else ""
        yield f"not all of its machines could be read{were}"
    if wave.unlisted:
        yield f"{wave.unlisted:,} of its machines Azure counts and does not list, so that they are unknown"
    if chosen.state.has_numbers:
        yield from _of_machines(wave.counts)
        yield from _of_errors_and_prices(wave)


def _of_machines(counts: Counts) -> Iterator[str]:
    if counts.differing:
        yield f"of {counts.differing:,} machines several entries say different things: the worst counts"
    if counts.lowered:
        yield (
            f"{counts.lowered:,} {_count_as(counts.lowered)} worse than Azure's own word, for what it says of "
            "disks, adapters or reasons"
        )
    if counts.partly_unread:
        yield f"of {counts.partly_unread:,} machines a part has a form that is not known here, and is unread"


def _of_errors_and_prices(wave: AssessedWave) -> Iterator[str]:
    assessment = wave.chosen.assessment
    if assessment.error_summary:
        most = sorted(assessment.error_summary.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{inert(name, 80)} ({machines:,})" for name, machines in most[:_NAMED])
        yield f"machines with errors, as Azure counts them: {named}{_more(len(most))}"
    if assessment.ea_subscription and not assessment.offer:
        yield f"prices of the agreement of subscription {assessment.ea_subscription}"
    elif assessment.offer:
        agreement = f", agreement of subscription {assessment.ea_subscription}" if assessment.ea_subscription else ""
        yield f"offer {assessment.offer}{agreement}"


def _more(count: int) -> str:
    return f" and {count - _NAMED:,} more" if count > _NAMED else ""


def _count_as(machines: int) -> str:
    return "machine counts as" if machines == 1 else "machines count as"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLine:
    """One site as one line: its machines, how old its newest data and its last heartbeat are, and remarks."""

    machines: str
    newest: str
    heartbeat: str
    remarks: tuple[str, ...]


def site_line(site: SiteDiscovery, now: datetime) -> SiteLine:
    """Return what a site shows about its discovery; empty texts for what it does not show."""
    return SiteLine(
        machines=f"{site.machines:,}{'+' if site.gaps else ''}",
        newest="" if site.newest is None else age(now - site.newest),
        heartbeat="" if site.heartbeat is None else age(now - site.heartbeat),
        remarks=tuple(_of_site(site)),
    )


def site_words(site: SiteDiscovery, now: datetime) -> tuple[str, ...]:
    """Return what a site shows about its discovery, each as a phrase."""
    line = site_line(site, now)
    least = "at least " if site.gaps else ""
    said = [f"{least}{site.machines:,} machine{'' if site.machines == 1 else 's'}"]
    if line.newest:
        said.append(f"newest data {line.newest}")
    said.append(f"heartbeat {line.heartbeat}" if line.heartbeat else "no heartbeat of an appliance")
    return (*said, *line.remarks)


def _of_site(site: SiteDiscovery) -> Iterator[str]:
    """Yield what else is to be known of a site, each as a phrase."""
    if site.deleted:
        late = f", {site.deleted_late:,} of them for more than 30 minutes" if site.deleted_late else ""
        yield f"{site.deleted:,} deleted but still shown{late}"
    if site.off:
        yield f"{site.off:,} off"
    if site.without_dynamic_memory:
        yield f"{site.without_dynamic_memory:,} without dynamic memory"
    if site.dependencies:
        states = ", ".join(f"{count:,} {state}" for state, count in site.dependencies.items())
        yield f"dependency mapping: {states}"
    if site.with_errors:
        codes = ", ".join(f"{code} ({count:,})" for code, count in list(site.errors.items())[:_NAMED])
        yield f"{site.with_errors:,} with errors: {codes}{_more(len(site.errors))}"
    if site.gaps:
        yield "not all of its machines could be read"


def age(passed: timedelta) -> str:
    """Return how long ago something was, in its largest unit."""
    minutes = int(passed / timedelta(minutes=1))
    if minutes < 0:
        return "in the future"
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count:,} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def not_looked_at(report: ReadinessReport) -> tuple[str, ...]:
    """Return what was left out on purpose, each as a phrase."""
    kinds = report.readiness.other_kinds
    named = [f"{count:,} × {kind}" for kind, count in kinds.items()]
    return (*named, SHAPES)
