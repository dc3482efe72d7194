"""The causes of a machine's suitability: Azure's values for the machine, its disks and adapters, or issues in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.facts.readiness.suitability import Suitability, strange_word, suitability_of
from auditor.inventory.resources.assessments import AssessedMachine, AssessedPart, MigrationIssue

NO_REASON = "NoReasonGiven"
"""The cause of a machine or disk that is not simply ready, for which Azure states none."""
UNREAD = "ReasonsNotReadable"
"""The cause of a machine with reasons in another form than Azure documents."""
FURTHER = "FurtherCauses"
"""The cause that stands for all beyond the number that is kept."""
MADE_HERE = frozenset({NO_REASON, UNREAD, FURTHER})

_NOTHING = frozenset({"unknown", "notapplicable", "none"})
_FITS = frozenset({"suitable", "unknown", "none", "notapplicable"})
_MOVING_WITH_UEFI = (
    *(f"windows server {year}" for year in ("2012", "2016", "2019", "2022", "2025")),
    *("red hat", "rhel", "centos", "suse", "ubuntu", "debian", "oracle linux", "rocky", "alma"),
)
"""Systems, in lower case, that Azure Migrate moves with UEFI."""
_OLD_WINDOWS = ("2003", "2008")
"""The versions of Windows Server that cannot move with UEFI; `2008` includes 2008 R2."""


class CauseLevel(Enum):
    """The part of a machine that a cause is about."""

    MACHINE = "machine"
    DISK = "disk"
    ADAPTER = "network adapter"


@dataclass(frozen=True, slots=True)
class SuitabilityCause:
    """One cause, Azure's `value` or the code of an issue.

    An issue of the newer shape also has words of its own: what it is, what may cause it, and what to do. One that is
    `reported` is an error from the time when the machine was measured, with Azure's summary of it.
    """

    level: CauseLevel
    value: str
    description: str = ""
    possible_cause: str = ""
    actions: tuple[str, ...] = ()
    category: str = ""
    reported: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same cause on two machines: level and value without case, or the words of an issue."""
        return (self.level.value, self.value.lower(), self.description if self.is_issue else "")

    @property
    def is_issue(self) -> bool:
        """Whether it is an issue of the newer shape, with words of its own."""
        in_words = self.description or self.possible_cause or self.actions or self.category
        return bool(in_words) and not self.reported

    @property
    def is_missing_counter(self) -> bool:
        """Whether measurements are missing, so that something was sized by what is allocated."""
        return self.value.lower().endswith("missing")

    @property
    def is_remark(self) -> bool:
        """Whether it only concerns the recommended size or its cost, and keeps no machine from moving."""
        value = self.value.lower()
        return (
            self.reported
            or value.endswith(("missing", "outofrange"))
            or value.startswith(("cannotreport", "recommendedsizehas"))
        )


def causes_of(machine: AssessedMachine, unread: Sequence[str]) -> Iterator[SuitabilityCause]:
    """Yield the causes of a machine, each once; `unread` are the fields of it of which nothing is known."""
    seen: set[tuple[str, str, str]] = set()
    for cause in _every(machine, unread):
        if cause.key not in seen:
            seen.add(cause.key)
            yield cause


def _every(machine: AssessedMachine, unread: Sequence[str]) -> Iterator[SuitabilityCause]:
    obstacles = 0
    for cause in _stated(machine):
        obstacles += not cause.is_remark
        yield cause
    if (word := strange_word(machine)) is not None:
        obstacles += 1
        yield SuitabilityCause(CauseLevel.MACHINE, word)
    if not {"causes", "disks", "adapters", "issues"}.isdisjoint(unread):
        obstacles += 1
        yield SuitabilityCause(CauseLevel.MACHINE, UNREAD)
    if not obstacles and suitability_of(machine) is not Suitability.READY:
        yield SuitabilityCause(CauseLevel.MACHINE, NO_REASON)


def _stated(machine: AssessedMachine) -> Iterator[SuitabilityCause]:
    yield from _values(CauseLevel.MACHINE, machine.causes)
    issues = machine.issues
    for issue in issues:
        yield _of_issue(issue)
    for disk, word in machine.disk_suitability:
        yield from _of_part(CauseLevel.DISK, disk, word, explained=bool(issues))
    for adapter in machine.adapters:
        yield from _of_part(CauseLevel.ADAPTER, adapter, adapter.suitability, explained=bool(issues))
    for error in machine.errors:
        if named := error.number or error.code:
            summary = error.summary or error.message or ""
            yield SuitabilityCause(CauseLevel.MACHINE, named, summary, reported=True)


def _values(level: CauseLevel, values: tuple[str, ...]) -> Iterator[SuitabilityCause]:
    return (SuitabilityCause(level, value) for value in values if value.lower() not in _NOTHING)


def _of_part(level: CauseLevel, part: AssessedPart, word: str | None, *, explained: bool) -> Iterator[SuitabilityCause]:
    stated = list(_values(level, part.causes))
    yield from stated
    if not stated and not explained and (word or "suitable").lower() not in _FITS:
        yield SuitabilityCause(level, NO_REASON)


def _of_issue(issue: MigrationIssue) -> SuitabilityCause:
    named = issue.code or issue.description or NO_REASON
    return SuitabilityCause(
        CauseLevel.MACHINE,
        named,
        issue.description or "",
        issue.cause or "",
        tuple(issue.actions),
        issue.category or "Issue",
    )


def is_by_former_boot_rule(machine: AssessedMachine) -> bool:
    """Return whether a machine was refused for UEFI although its system moves with UEFI today.

    Since 2023 only Windows Server 2003, 2008 and 2008 R2 cannot; a system that is not known decides nothing.
    """
    if not any(value.lower() == "boottypenotsupported" for value in machine.causes) or not machine.os_name:
        return False
    name = machine.os_name.lower()
    return any(system in name for system in _MOVING_WITH_UEFI) and not any(one in name for one in _OLD_WINDOWS)
