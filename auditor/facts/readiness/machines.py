"""Rows of machines: what an assessment says about one machine, one row at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.readiness.causes import SuitabilityCause, is_by_former_boot_rule
from auditor.facts.readiness.counters import DiscoveredMachines, platform_of
from auditor.facts.readiness.readiness import Assessed, CountedMachine
from auditor.facts.readiness.sizing import size_in_words, size_of
from auditor.facts.readiness.suitability import AssessmentState, Suitability, stars

_MB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """One machine of one assessment; None is what Azure does not state.

    `because` says why its suitability is worse than Azure's own word; it `differs` where several entries of the list
    are about it and say different things, of which the worst counts.
    """

    project: str
    group: str
    assessment: str
    state: AssessmentState
    name: str
    suitability: Suitability
    by_azure: Suitability | None
    because: tuple[str, ...]
    differs: bool
    causes: tuple[SuitabilityCause, ...]
    platform: str
    system: str
    boot_type: str
    cores: int | None
    memory_gb: float | None
    size: str
    recommended_cores: int | None
    recommended_memory_gb: float | None
    why_size: str
    counters_missing: tuple[str, ...]
    why_missing: tuple[str, ...]
    stars: int | None
    former_boot_rule: bool
    unread: tuple[str, ...]
    id: str
    site_machine: str


def machine_rows(assessed: Assessed) -> Iterator[MachineRow]:
    """Yield a row for each machine of each assessment, of assessments without numbers with nothing but its name."""
    return (_row(one, assessed.discovered) for one in assessed.machines())


def _row(counted: CountedMachine, discovered: DiscoveredMachines) -> MachineRow:
    machine, chosen, verdict = counted.machine, counted.chosen, counted.verdict
    assessment, known = chosen.assessment, chosen.state.has_numbers
    missing = tuple(dict.fromkeys(one.value for one in counted.causes if one.is_missing_counter))
    return MachineRow(
        project=chosen.project,
        group=assessment.group,
        assessment=assessment.arm_id.name,
        state=chosen.state,
        name=machine.display_name,
        suitability=counted.suitability,
        by_azure=None if verdict is None else verdict.by_azure,
        because=() if verdict is None else verdict.because,
        differs=counted.differs,
        causes=counted.causes,
        platform=platform_of(machine.site_machine),
        system=" ".join(part for part in (machine.os_name, machine.os_version) if part),
        boot_type=machine.boot_type or "",
        cores=machine.cores,
        memory_gb=_gigabytes(machine.memory_mb),
        size=size_of(machine) if known else "",
        recommended_cores=machine.recommended_cores if known else None,
        recommended_memory_gb=_gigabytes(machine.recommended_memory_mb) if known else None,
        why_size=size_in_words(machine, assessment) if known else "",
        counters_missing=missing,
        why_missing=discovered.reasons(machine, {one.lower() for one in missing}, assessment),
        stars=stars(machine.confidence),
        former_boot_rule=known and is_by_former_boot_rule(machine),
        unread=counted.unread,
        id=machine.id,
        site_machine=machine.site_machine or "",
    )


def _gigabytes(megabytes: float | None) -> float | None:
    return None if megabytes is None else megabytes / _MB
