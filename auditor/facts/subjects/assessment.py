"""Facts about one assessment: its state, its rating, and whether its machines can move."""

from collections.abc import Iterable

from auditor.facts.estate.joins import Estate
from auditor.facts.estate.owning_projects import project_ref
from auditor.facts.fact import Evidence, Fact, Known, Unknown, any_of, hidden_by
from auditor.facts.presence import NOT_IN_BODY
from auditor.facts.readiness.readiness import AssessedWave
from auditor.facts.readiness.sizing import is_performance_based
from auditor.facts.readiness.suitability import AssessmentState, Suitability, stars
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import OwningProject, Subject, Value, subject
from auditor.inventory.association import owner_of
from auditor.inventory.reads import Gap
from auditor.inventory.resources.migrate import AssessmentProject

NOT_CALCULATED = "NotCalculated"
"""Code of a gap for the numbers of an assessment that is not calculated."""


def assessment_subject(wave: AssessedWave, projects: Iterable[OwningProject] = ()) -> Subject:
    """Return an assessment as a subject."""
    chosen, counts = wave.chosen, wave.counts
    assessment = chosen.assessment
    identity = assessment.id
    said = counts.said
    rated = assessment.confidence
    rating = _unless_odd(wave, ("confidence",), rated is not None, f"confidenceRatingInPercentage: {rated}")
    facts: dict[str, Fact[Value]] = {
        "name": Known(assessment.arm_id.name),
        "id": Known(identity),
        "project": Known(chosen.project),
        "group": Known(assessment.group),
        **_state(wave),
        "performance_based": _unless_odd(
            wave,
            ("sizing_criterion",),
            is_performance_based(assessment),
            f"sizingCriterion: {assessment.sizing_criterion}",
        ),
        "rated": rating,
        "stars": Known(stars(rated) or 0, rating.evidence) if rated is not None else _not_stated(wave, "rating"),
        "has_not_ready": _some(wave, said[Suitability.NOT_READY], "machines that cannot move"),
        "has_conditional": _some(wave, said[Suitability.CONDITIONAL], "machines that need a check or a change"),
        "has_unknown": _some(wave, wave.left_open, "machines of which nothing is said"),
        "has_missing_counters": _some(wave, counts.missing_counters, "machines without measurements"),
    }
    machines = f"{'at least ' if wave.is_least else ''}{counts.machines:,} machine{'' if counts.machines == 1 else 's'}"
    texts = {
        "state": chosen.state.meaning,
        "not_ready": f"{_of(said[Suitability.NOT_READY], machines)} cannot move as they are",
        "conditional": f"{_of(said[Suitability.CONDITIONAL], machines)} can move after a check or a change",
        "unknown": f"of {_of(wave.left_open, machines)} it does not say whether they can move",
        "missing_counters": f"of {_of(counts.missing_counters, machines)} measurements are missing",
    }
    return subject(SubjectKind.ASSESSMENT, identity, assessment.arm_id.name, facts, texts, projects=projects)


def projects_of_assessment(estate: Estate, wave: AssessedWave) -> tuple[OwningProject, ...]:
    """Return the project whose solution the assessment project names; the portal's name of it where it names none."""
    held = estate.inventory.get(wave.chosen.assessment.project)
    owner = owner_of(held) if isinstance(held, AssessmentProject) else None
    return (OwningProject("", wave.chosen.project),) if owner is None else (project_ref(estate, owner),)


def _state(wave: AssessedWave) -> dict[str, Fact[Value]]:
    state, assessment = wave.chosen.state, wave.chosen.assessment
    if state is AssessmentState.UNKNOWN:
        unknown = _not_stated(
            wave, "status" if assessment.status is None else f"status that is known here: it is {assessment.status}"
        )
        return {"calculated": unknown, "up_to_date": unknown}
    because = (Evidence(assessment.id, f"status: {assessment.status}"),)
    return {
        "calculated": Known(state.has_numbers, because),
        "up_to_date": Known(state is AssessmentState.COMPUTED, because),
    }


def _some(wave: AssessedWave, count: int, what: str) -> Fact[bool]:
    """Return whether there are such machines; one that was read proves it, and only a list that was read denies it."""
    identity = wave.chosen.assessment.id
    if not wave.chosen.state.has_numbers:
        return Unknown((Gap(wave.chosen.what, identity, 0, NOT_CALCULATED, "the assessment is not calculated"),))
    because = (Evidence(identity, f"{what}: {count:,} of {wave.counts.machines:,}"),)
    return any_of([Known(count > 0, because), *hidden_by(wave.gaps)])


def _unless_odd(wave: AssessedWave, fields: tuple[str, ...], value: bool, note: str) -> Fact[bool]:
    assessment = wave.chosen.assessment
    if not set(fields).isdisjoint(assessment.unread):
        return _not_stated(wave, " or ".join(fields))
    return Known(value, (Evidence(assessment.id, note),))


def _not_stated(wave: AssessedWave, wanted: str) -> Unknown:
    assessment = wave.chosen.assessment
    what = assessment.arm_id.type
    return Unknown((Gap(what, assessment.id, 0, NOT_IN_BODY, f"what Azure returned contains no {wanted}"),))


def _of(count: int, machines: str) -> str:
    return f"{count:,} of {machines}"
