"""Rows of machines: what an assessment says about one machine, one row at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.readiness.causes import SuitabilityCause, causes_of, is_by_former_boot_rule
from auditor.facts.readiness.counters import DiscoveredMachines, platform_of
from auditor.facts.readiness.readiness import Assessed
from auditor.facts.readiness.sizing import size_in_words, size_of
from auditor.facts.readiness.suitability import AssessmentState, Suitability, stars
from auditor.inventory.resources.assessments import AssessedMachine, Assessment

_MB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """One machine of one assessment; None is what Azure does not state."""

    project: str
    group: str
    assessment: str
    state: AssessmentState
    name: str
    suitability: Suitability
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
    for chosen, machine, suitability in assessed.machines():
        yield _row(chosen.assessment, chosen.project, chosen.state, machine, suitability, assessed.discovered)


def _row(
    assessment: Assessment,
    project: str,
    state: AssessmentState,
    machine: AssessedMachine,
    suitability: Suitability,
    discovered: DiscoveredMachines,
) -> MachineRow:
    unread = machine.unread
    causes = tuple(causes_of(machine, unread)) if state.has_numbers else ()
    missing = tuple(one.value for one in causes if one.is_missing_counter)
    absent = {one.lower() for one in missing}
    return MachineRow(
        project=project,
        group=assessment.group,
        assessment=assessment.arm_id.name,
        state=state,
        name=machine.display_name,
        suitability=suitability,
        causes=causes,
        platform=platform_of(machine.site_machine),
        system=" ".join(part for part in (machine.os_name, machine.os_version) if part),
        boot_type=machine.boot_type or "",
        cores=machine.cores,
        memory_gb=None if machine.memory_mb is None else machine.memory_mb / _MB,
        size=size_of(machine) if state.has_numbers else "",
        recommended_cores=machine.recommended_cores if state.has_numbers else None,
        recommended_memory_gb=(
            machine.recommended_memory_mb / _MB
            if state.has_numbers and machine.recommended_memory_mb is not None
            else None
        ),
        why_size=size_in_words(machine, assessment) if state.has_numbers else "",
        counters_missing=missing,
        why_missing=discovered.reasons(machine, absent, assessment),
        stars=stars(machine.confidence),
        former_boot_rule=state.has_numbers and is_by_former_boot_rule(machine),
        unread=unread,
        id=machine.id,
        site_machine=machine.site_machine or "",
    )
