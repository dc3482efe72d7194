"""The causes of a machine's suitability: Azure's values for the machine, its disks and adapters, or issues in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.facts.readiness.suitability import Suitability, in_words, strange_word, suitability_of, worst
from auditor.inventory.resources.assessments import AssessedMachine, MigrationIssue, PartKind, PartStatement

NO_REASON = "NoReasonGiven"
"""The cause of a machine or disk that is not simply ready, for which Azure states none."""
UNREAD = "ReasonsNotReadable"
"""The cause of a machine with reasons in another form than Azure documents."""
FURTHER = "FurtherCauses"
"""The cause that stands for all beyond the number that is kept."""
MADE_HERE = frozenset({NO_REASON, UNREAD, FURTHER})

_NOTHING = frozenset({"unknown", "notapplicable", "none"})
_UNREADABLE = {"causes": "reasons", "issues": "reasons", "disks": "disks", "adapters": "network adapters"}
"""What cannot be understood where a field of a machine is unread."""
_MOVING_WITH_UEFI = (
    *(f"windows server {year}" for year in ("2012", "2016", "2019", "2022", "2025")),
    *("red hat", "rhel", "centos", "suse", "ubuntu", "debian", "oracle linux", "rocky", "alma"),
)
"""Systems, in lower case, that Azure Migrate moves with UEFI."""
_OLD_WINDOWS = ("2003", "2008")
"""The versions of Windows Server that cannot move with UEFI; `2008` includes 2008 R2."""


CauseKey = tuple[str, str, str, bool]


@dataclass(frozen=True, slots=True)
class SuitabilityCause:
    """One cause, Azure's `value` or the code of an issue.

    An issue of the newer shape also has words of its own: what it is, what may cause it, and what to do. One that is
    `reported` is an error from the time when the machine was measured, with Azure's summary of it. One that only
    `warns` is an issue that Azure calls a warning, about a machine that it calls ready.
    """

    level: PartKind
    value: str
    description: str = ""
    possible_cause: str = ""
    actions: tuple[str, ...] = ()
    category: str = ""
    reported: bool = False
    warns: bool = False

    @property
    def key(self) -> CauseKey:
        """What makes it the same cause on two machines: level and value without case, or the words of an issue."""
        return (self.level.value, self.value.lower(), self.description if self.is_issue else "", self.warns)

    @property
    def is_issue(self) -> bool:
        """Whether it is an issue of the newer shape, with words of its own."""
        in_words = self.description or self.possible_cause or self.actions or self.category
        return bool(in_words) and not self.reported

    @property
    def is_of_disk(self) -> bool:
        """Whether it is about a disk."""
        return self.level is PartKind.DISK

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
            or self.warns
            or value.endswith(("missing", "outofrange"))
            or value.startswith(("cannotreport", "recommendedsizehas"))
        )


@dataclass(frozen=True, slots=True)
class MachineVerdict:
    """Whether a machine can move, the causes of it, and Azure's own word.

    `because` says why it is worse than that word: in what Azure says of the machine's disks, adapters and reasons.
    """

    suitability: Suitability
    by_azure: Suitability
    causes: tuple[SuitabilityCause, ...]
    because: tuple[str, ...]


def verdict_of(machine: AssessedMachine, unread: Sequence[str]) -> MachineVerdict:
    """Return the worst of Azure's word for a machine and of what it says of the parts, and every cause once.

    `unread` are the fields of the machine of which nothing is known. A machine with a cause that keeps it from moving
    is never ready.
    """
    own, parts = suitability_of(machine.suitability), tuple(machine.parts)
    judged = ((part, suitability_of(part.word)) for part in parts if part.word is not None)
    worse = [(part, its) for part, its in judged if its is not Suitability.READY]
    causes = {cause.key: cause for cause in _stated(machine, own, parts)}
    stated = [one for one in causes.values() if not one.is_remark]
    reasons = [
        *((its, f"a {part.kind.value} is {in_words(its)}") for part, its in worse),
        *((Suitability.NOT_READY, f"its reason is {one.value}") for one in stated if _is_of_parts(one)),
        *(
            (Suitability.UNKNOWN, f"its {what} have a form that is not known here")
            for what in dict.fromkeys(_UNREADABLE[name] for name in unread if name in _UNREADABLE)
        ),
    ]
    if worst((own, *(found for found, _ in reasons))) is Suitability.READY and stated:
        reasons += ((Suitability.UNKNOWN, f"its reason is {one.value}") for one in stated)
    found = worst((own, *(each for each, _ in reasons)))
    because = dict.fromkeys(text for each, text in reasons if found is not own and each is found)
    if found is not Suitability.READY:
        without = [part for part, its in worse if its is not Suitability.UNKNOWN or its is found is not own]
        further = _without_reason(machine, without, unread, explained=bool(stated))
        causes |= {cause.key: cause for cause in further if cause.key not in causes}
    return MachineVerdict(found, own, tuple(causes.values()), tuple(because))


def _is_of_parts(cause: SuitabilityCause) -> bool:
    """Return whether a cause of a machine says that parts of it cannot move, as `OneOrMoreDisksNotSuitable`."""
    value = cause.value.lower()
    return value.startswith("oneormore") and value.endswith("notsuitable")


def _without_reason(
    machine: AssessedMachine, parts: Iterable[PartStatement], unread: Sequence[str], *, explained: bool
) -> Iterator[SuitabilityCause]:
    """Yield what stands for causes that Azure does not state, or in a form that is not known here.

    `parts` are those that keep the machine from moving.
    """
    if (word := strange_word(machine.suitability)) is not None:
        explained = True
        yield SuitabilityCause(PartKind.MACHINE, word)
    if not _UNREADABLE.keys().isdisjoint(unread):
        explained = True
        yield SuitabilityCause(PartKind.MACHINE, UNREAD)
    for part in parts:
        if not (machine.issues if machine.recommendations else any(_values(part.kind, part.causes))):
            explained = True
            yield SuitabilityCause(part.kind, strange_word(part.word) or NO_REASON)
    if not explained:
        yield SuitabilityCause(PartKind.MACHINE, NO_REASON)


def _stated(machine: AssessedMachine, own: Suitability, parts: Iterable[PartStatement]) -> Iterator[SuitabilityCause]:
    yield from _values(PartKind.MACHINE, machine.causes)
    for issue in machine.issues:
        yield _of_issue(issue, own)
    for part in parts:
        yield from _values(part.kind, part.causes)
    for error in machine.errors:
        if named := error.number or error.code:
            summary = error.summary or error.message or ""
            yield SuitabilityCause(PartKind.MACHINE, named, summary, reported=True)


def _values(level: PartKind, values: tuple[str, ...]) -> Iterator[SuitabilityCause]:
    return (SuitabilityCause(level, value) for value in values if value.lower() not in _NOTHING)


def _of_issue(issue: MigrationIssue, own: Suitability) -> SuitabilityCause:
    named = issue.code or issue.description or NO_REASON
    category = issue.category or "Issue"
    return SuitabilityCause(
        PartKind.MACHINE,
        named,
        issue.description or "",
        issue.cause or "",
        tuple(issue.actions),
        category,
        warns=own is Suitability.READY and category.lower() == "warning",
    )


def is_by_former_boot_rule(machine: AssessedMachine) -> bool:
    """Return whether a machine was refused for UEFI although its system moves with UEFI today.

    Since 2023 only Windows Server 2003, 2008 and 2008 R2 cannot; a system that is not known decides nothing.
    """
    if not any(value.lower() == "boottypenotsupported" for value in machine.causes) or not machine.os_name:
        return False
    name = machine.os_name.lower()
    return any(system in name for system in _MOVING_WITH_UEFI) and not any(one in name for one in _OLD_WINDOWS)
