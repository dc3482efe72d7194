"""Why a machine gets its recommended size, in the assessment's own numbers."""

from auditor.inventory.resources.assessments import AssessedMachine, Assessment

_PERFORMANCE = "performancebased"
_ON_PREMISES = "asonpremises"
_MB = 1024


def is_performance_based(assessment: Assessment) -> bool:
    """Return whether sizes are chosen by measured use."""
    return (assessment.sizing_criterion or "").lower() == _PERFORMANCE


def criterion_in_words(assessment: Assessment) -> str:
    """Return the sizing criterion with what it depends on, such as `performance-based, 95th percentile of a week`."""
    criterion = (assessment.sizing_criterion or "").lower()
    if criterion == _ON_PREMISES:
        return "as on-premises"
    if criterion != _PERFORMANCE:
        return assessment.sizing_criterion or "sizing not read"
    parts = ["performance-based"]
    percentile = (assessment.percentile or "").lower().removeprefix("percentile")
    if assessment.percentile:
        parts.append(f"{percentile}th percentile" if percentile.isdecimal() else assessment.percentile)
    if assessment.time_range:
        parts.append(f"last {assessment.time_range.lower()}" if assessment.time_range.isalpha() else "")
    if assessment.scaling_factor is not None:
        parts.append(f"comfort factor {assessment.scaling_factor:g}")
    return ", ".join(part for part in parts if part)


def size_of(machine: AssessedMachine) -> str:
    """Return the size that Azure recommends; empty where it has none, for which it also writes `Unknown`."""
    size = machine.recommended_size or ""
    return "" if size.lower() == "unknown" else size


def size_in_words(machine: AssessedMachine, assessment: Assessment) -> str:
    """Return why the machine gets its size; empty where Azure recommends none."""
    named = size_of(machine)
    if not named and not machine.recommended_cores:
        return ""
    missing = {value.lower() for value in machine.causes}
    cores = _part(
        machine.cores,
        machine.recommended_cores,
        machine.cores_utilization,
        assessment,
        "cores",
        counter_missing="percentageofcoresutilizedmissing" in missing,
    )
    memory = _part(
        None if machine.memory_mb is None else machine.memory_mb / _MB,
        None if machine.recommended_memory_mb is None else machine.recommended_memory_mb / _MB,
        machine.memory_utilization,
        assessment,
        "GB",
        counter_missing="percentageofmemoryutilizedmissing" in missing,
    )
    size = named or "a size"
    parts = "; ".join(part for part in (cores, memory) if part)
    return f"{size}: {parts}" if parts else size


def _part(
    has: float | None,
    gets: float | None,
    used: float | None,
    assessment: Assessment,
    unit: str,
    *,
    counter_missing: bool,
) -> str:
    """Return why a machine that has so many cores, or so much memory, gets as much as the size has."""
    factor = assessment.scaling_factor
    if has is None:
        return ""
    next_size = "" if gets is None else f", and the next size has {gets:g}"
    if not is_performance_based(assessment):
        on_premises = (assessment.sizing_criterion or "").lower() == _ON_PREMISES
        return f"{has:g} {unit} as on-premises{next_size}" if on_premises else ""
    if counter_missing:
        return f"{has:g} {unit} as on-premises, since the counter is missing{next_size}"
    if used is None or factor is None:
        return ""
    needed = has * used / 100 * factor
    if gets is not None and gets + 0.05 < needed:
        next_size = f", which is more than the {gets:g} of the size"
    return f"{used:g} % of {has:g} {unit} × {factor:g} = {needed:.1f}{next_size}"
