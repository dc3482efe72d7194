"""What each cause means and what to do about it: Azure's own words where it has some, otherwise the catalogue's."""

from collections.abc import Hashable
from dataclasses import dataclass

from auditor.audit.catalogue import Catalogue, CatalogueEntry, catalogue
from auditor.facts.readiness.causes import FURTHER, NO_REASON, UNREAD, SuitabilityCause
from auditor.facts.readiness.counters import PLATFORMS
from auditor.facts.readiness.tally import CauseCount

_LINUX = frozenset({"conditionally-endorsed-linux", "check-centos"})
_HYPERV = PLATFORMS[1]
_BOOT = "unsupported-boot-type"
_MADE_HERE = {
    NO_REASON: ("Azure gives no reason", "Open the machine in the assessment, and recalculate the assessment."),
    UNREAD: (
        "The reasons have a form that is not known here",
        "Open the machine in the assessment; the portal shows its reasons.",
    ),
    FURTHER: ("Further causes, not counted one by one", "`--format csv` shows the causes of each machine."),
}
_REPORTED = "Open the machine in the assessment; the portal shows the error with its possible causes."
_NOT_KNOWN = "Open the machine in the assessment; the portal explains this term of Azure's."


@dataclass(frozen=True, slots=True)
class CauseRemedy:
    """A cause with its machines, its title, and what to do about it.

    `is_known` is false for a value of Azure's that the catalogue does not have; `entry` is the id of the entry, by
    which `migaudit explain` shows more. `note` says what differs for some of the machines.
    """

    count: CauseCount
    title: str
    remedy: str
    entry: str
    is_known: bool
    note: str = ""

    @property
    def level(self) -> str:
        """The part of a machine that the cause is about."""
        return self.count.cause.level.value

    @property
    def value(self) -> str:
        """Azure's own value, or the code of its issue."""
        return self.count.cause.value


def remedy_of(count: CauseCount, known: Catalogue, former_boot_rule: int = 0) -> CauseRemedy:
    """Return a cause with what it means; `former_boot_rule` machines were refused by a rule that no longer holds."""
    cause = count.cause
    entry = _entry(cause, known)
    identity = entry.id if entry is not None else ""
    if cause.is_issue:
        remedy = cause.actions[0] if cause.actions else (entry.steps[0] if entry else cause.possible_cause)
        return CauseRemedy(count, cause.description or cause.value, remedy or _NOT_KNOWN, identity, is_known=True)
    if cause.value in _MADE_HERE:
        return CauseRemedy(count, *_MADE_HERE[cause.value], "", is_known=True)
    if entry is None and cause.reported:
        title = f"Error {cause.value}{f': {cause.description}' if cause.description else ''}"
        return CauseRemedy(count, title, _REPORTED, "", is_known=False)
    if entry is None:
        return CauseRemedy(count, f"`{cause.value}`: not known here", _NOT_KNOWN, "", is_known=False)
    return CauseRemedy(
        count, entry.title, entry.steps[0], identity, is_known=True, note=_note(count, entry, former_boot_rule)
    )


def entry_or_cause(cause: SuitabilityCause) -> Hashable:
    """Return what is the same for all values of one entry of the catalogue, on one part of machines."""
    entry = None if cause.is_issue else _entry(cause, catalogue())
    return cause.key if entry is None else (cause.level, entry.id)


def title_of(cause: SuitabilityCause, known: Catalogue) -> str:
    """Return a cause in a few words, for the row of a machine."""
    return remedy_of(CauseCount(cause, 0, {}, ()), known).title


def _entry(cause: SuitabilityCause, known: Catalogue) -> CatalogueEntry | None:
    """Return the one entry of a value; a name that means several things explains none."""
    if cause.value in _MADE_HERE:
        return None
    found = known.about(cause.value)
    if len(found) == 1 and cause.value == "InternalErrorOccurred" and cause.is_of_disk:
        return None  # the catalogue has this value for network adapters
    return found[0] if len(found) == 1 else None


def _note(count: CauseCount, entry: CatalogueEntry, former_boot_rule: int) -> str:
    if entry.id in _LINUX and (machines := count.platforms.get(_HYPERV, 0)):
        return f"Of these, {machines:,} on Hyper-V: discovery never knows the minor version there; compare it by hand."
    if entry.id == _BOOT and former_boot_rule:
        return (
            f"Of these, {former_boot_rule:,} with a system that moves with UEFI today: the assessment used the rule of "
            "2019; recalculate it."
        )
    return ""
