"""Why the measurements of a machine are missing, as far as its site shows it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from auditor.facts.readiness.sizing import is_performance_based
from auditor.inventory.resources.assessments import AssessedMachine, Assessment
from auditor.inventory.resources.offazure import SiteMachine

_OFF = frozenset({"off", "poweredoff", "poweroff", "stopped", "suspended", "saved", "paused"})
_CORES, _MEMORY = "percentageofcoresutilizedmissing", "percentageofmemoryutilizedmissing"
_IS_OFF, _IS_FIXED_MEMORY, _IS_DELETED, _SHIFT = 1, 2, 4, 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLATFORMS = {
    "vmwaresites": "VMware",
    "hypervsites": "Hyper-V",
    "serversites": "physical",
    "importsites": "imported",
}
UNKNOWN_PLATFORM = "unknown platform"
PLATFORMS = (*_PLATFORMS.values(), UNKNOWN_PLATFORM)


def digest(identity: str) -> bytes:
    """Return a short digest of an id, without case, by which 100,000 machines can be told apart in little memory."""
    return blake2b(identity.lower().rstrip("/").encode("utf-8", "surrogatepass"), digest_size=16).digest()


def platform_of(site_machine: str | None) -> str:
    """Return the platform that a machine was discovered on, by the id of the discovered machine."""
    segments = (site_machine or "").lower().split("/")
    return next((_PLATFORMS[one] for one in segments if one in _PLATFORMS), UNKNOWN_PLATFORM)


def is_off(machine: SiteMachine) -> bool:
    """Return whether a machine is known to be off."""
    return (machine.power or "").lower().replace(" ", "") in _OFF


class DiscoveredMachines:
    """What explains missing measurements of each discovered machine, packed into one number per machine."""

    def __init__(self) -> None:
        self._held: dict[bytes, int] = {}

    def add(self, machine: SiteMachine) -> None:
        """Take one machine of a site."""
        minutes = 0 if machine.created is None else max(0, int((machine.created - _EPOCH) / timedelta(minutes=1)))
        packed = minutes << _SHIFT
        packed |= _IS_OFF if is_off(machine) else 0
        packed |= _IS_FIXED_MEMORY if machine.dynamic_memory is False else 0
        packed |= _IS_DELETED if machine.is_deleted else 0
        self._held[digest(machine.id)] = packed

    def __len__(self) -> int:
        """Return how many machines were discovered."""
        return len(self._held)

    def reasons(self, machine: AssessedMachine, missing: Iterable[str], assessment: Assessment) -> tuple[str, ...]:
        """Return why measurements of the machine are missing (`missing`, in lower case), as far as that is known."""
        absent = set(missing)
        if not absent:
            return ()
        held = self._held.get(digest(machine.site_machine)) if machine.site_machine else None
        if platform_of(machine.site_machine) == "imported":
            return ("it was imported without them",)
        if held is None:
            return ("the discovered machine was not read",)
        return tuple(_reasons(held, machine, absent, assessment)) or (
            "its site shows no reason: it was off in the period, or the appliance did not report then",
        )


def _reasons(held: int, machine: AssessedMachine, missing: set[str], assessment: Assessment) -> Iterable[str]:
    if held & _IS_DELETED:
        yield "it is deleted on-premises"
    if held & _IS_OFF:
        yield "it is off, and a machine that is off has no measurements"
    hyperv = platform_of(machine.site_machine) == "Hyper-V"
    if hyperv and held & _IS_FIXED_MEMORY and _MEMORY in missing and _CORES not in missing:
        yield "its memory is not dynamic, and Hyper-V then reports no use of memory"
    created, began = held >> _SHIFT, assessment.perf_start
    if created and began is not None and is_performance_based(assessment):
        found = _EPOCH + timedelta(minutes=created)
        if found > began:
            yield f"it was discovered on {found:%Y-%m-%d}, after the period began on {began:%Y-%m-%d}"
