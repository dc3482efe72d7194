"""Why a machine gets its recommended size, in the assessment's own numbers."""

from dataclasses import dataclass

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
    """Return why the machine gets its size, or what is lacking to explain it; empty where Azure recommends none."""
    named = size_of(machine)
    if not named and not machine.recommended_cores:
        return ""
    stated = {value.lower() for value in (*machine.causes, *(one.code or "" for one in machine.issues))}
    parts = (
        _Part(
            "cores", machine.cores, machine.recommended_cores, machine.cores_utilization, "percentageofcoresutilized"
        ),
        _Part(
            "GB",
            _gigabytes(machine.memory_mb),
            _gigabytes(machine.recommended_memory_mb),
            machine.memory_utilization,
            "percentageofmemoryutilized",
        ),
    )
    said = "; ".join(_in_words(part, assessment, stated) for part in parts)
    return f"{named or 'a size'}: {said}"


@dataclass(frozen=True, slots=True)
class _Part:
    """Cores or memory: how much the machine has, the size has, and was used in percent; None is not known."""

    unit: str
    has: float | None
    gets: float | None
    used: float | None
    counter: str


def _in_words(part: _Part, assessment: Assessment, stated: set[str]) -> str:
    """Return why a machine that has so many cores, or so much memory, gets as much as the size has."""
    unit, has, factor = part.unit, part.has, assessment.scaling_factor
    thing = "memory" if unit == "GB" else unit
    criterion = (assessment.sizing_criterion or "").lower()
    is_missing = f"{part.counter}missing" in stated
    by_use = criterion == _PERFORMANCE and not is_missing
    lacking = [
        *(["how sizes are chosen"] if criterion not in {_PERFORMANCE, _ON_PREMISES} else []),
        *([] if has else [f"how much {thing} it has" if unit == "GB" else f"how many {thing} it has"]),
        *([f"a use of {thing} that is in range"] if by_use and f"{part.counter}outofrange" in stated else []),
        *([f"the use of {thing}"] if by_use and part.used is None else []),
        *(["the comfort factor"] if by_use and factor is None else []),
    ]
    if lacking or not has:
        return f"{thing} cannot be explained without {' and '.join(lacking)}"
    if not by_use or part.used is None or factor is None:
        why = ", since the counter is missing" if is_missing and criterion == _PERFORMANCE else ""
        return f"{has:g} {unit} as on-premises{why}{_of_size(part.gets, has)}"
    needed = part.used * has / 100 * factor
    return f"{part.used:g} % of {has:g} {unit} × {factor:g} = {needed:.1f}{_of_size(part.gets, needed)}"


def _of_size(gets: float | None, needed: float) -> str:
    """Return what the size has of it: which size is the next one depends on cores, memory, disks and adapters."""
    if not gets:
        return ""
    return f", which is more than the {gets:g} of the size" if gets + 0.05 < needed else f", and the size has {gets:g}"


def _gigabytes(megabytes: float | None) -> float | None:
    return None if megabytes is None else megabytes / _MB
