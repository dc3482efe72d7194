"""The suitability of a machine, the state of an assessment, and the stars of a confidence rating."""

from collections.abc import Iterable
from enum import Enum

from auditor.inventory.resources.assessments import Assessment

MOST_STARS = 5
_PER_STAR = 20
"""Percent per star: 0 to 20 % is one star, 81 to 100 % are five."""


class Suitability(Enum):
    """Whether a machine can move, in the order in which contradicting assessments are taken: the last one counts."""

    READY = "ready"
    CONDITIONAL = "ready_with_conditions"
    UNKNOWN = "unknown"
    NOT_READY = "not_ready"


SUITABILITIES = tuple(Suitability)

_WORDS = {
    "suitable": Suitability.READY,
    "conditionallysuitable": Suitability.CONDITIONAL,
    "notsuitable": Suitability.NOT_READY,
    "readinessunknown": Suitability.UNKNOWN,
    "unknown": Suitability.UNKNOWN,
}


def suitability_of(word: str | None) -> Suitability:
    """Return what a word of Azure's means; unknown too for one that is missing or not known here."""
    return _WORDS.get((word or "").lower(), Suitability.UNKNOWN)


def worst(every: Iterable[Suitability]) -> Suitability:
    """Return the one that counts of several."""
    return max(every, key=SUITABILITIES.index)


def in_words(suitability: Suitability) -> str:
    """Return a suitability as it is shown."""
    return suitability.value.replace("_", " ")


def strange_word(word: str | None) -> str | None:
    """Return Azure's word for the suitability where it is not known here."""
    return word if word is not None and word.lower() not in _WORDS else None


class AssessmentState(Enum):
    """The state of an assessment: whether its numbers exist, and whether they are those of today."""

    COMPUTED = "computed"
    OUTDATED = "outdated"
    OUT_OF_SYNC = "out_of_sync"
    COMPUTING = "being_computed"
    FAILED = "failed"
    DELETED = "deleted"
    UNKNOWN = "unknown"

    @property
    def has_numbers(self) -> bool:
        """Whether what the assessment says about machines counts; otherwise it is unknown."""
        return self in {AssessmentState.COMPUTED, AssessmentState.OUTDATED, AssessmentState.OUT_OF_SYNC}

    @property
    def meaning(self) -> str:
        """What the state means for the numbers, in one sentence without a capital."""
        return _MEANINGS[self]


_MEANINGS = {
    AssessmentState.COMPUTED: "its numbers are complete",
    AssessmentState.OUTDATED: (
        "machines of it changed on-premises (cores, memory, disks, adapters, system or boot type) after it was "
        "calculated: recalculate it"
    ),
    AssessmentState.OUT_OF_SYNC: (
        "its group or its settings changed after it was calculated, so that it is about other machines or another "
        "target: recalculate it"
    ),
    AssessmentState.COMPUTING: "it is not calculated yet, so that its numbers are unknown",
    AssessmentState.FAILED: "its calculation failed, so that its numbers are unknown: recalculate it",
    AssessmentState.DELETED: "it is deleted, so that its numbers do not count",
    AssessmentState.UNKNOWN: "its state is not known here, so that its numbers are unknown",
}

_STATES = {
    "completed": AssessmentState.COMPUTED,
    "outdated": AssessmentState.OUTDATED,
    "outofsync": AssessmentState.OUT_OF_SYNC,
    "created": AssessmentState.COMPUTING,
    "updated": AssessmentState.COMPUTING,
    "running": AssessmentState.COMPUTING,
    "invalid": AssessmentState.FAILED,
    "failed": AssessmentState.FAILED,
    "deleted": AssessmentState.DELETED,
}


def state_of(assessment: Assessment) -> AssessmentState:
    """Return the state of an assessment; unknown for a status that is missing, odd, or not known here."""
    return _STATES.get((assessment.status or "").lower(), AssessmentState.UNKNOWN)


def stars(percent: int | None) -> int | None:
    """Return a confidence rating as the portal's stars, 1 to 5; None where there is no rating, which is not 0."""
    return None if percent is None else min(MOST_STARS, max(1, -(-percent // _PER_STAR)))
