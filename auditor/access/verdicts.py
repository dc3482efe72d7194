"""What a question about access is answered with: a verdict, what decided it, what was unread, what stands beside it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from auditor.inventory.reads import Gap


class AccessVerdict(Enum):
    """The five answers; `UNKNOWN` is an answer too: something that could settle the question was not read."""

    ALLOW = "allow"
    DENY = "deny"
    CONDITIONAL = "conditional"
    ELIGIBLE = "eligible"
    UNKNOWN = "unknown"


class Plane(Enum):
    """Which permission lists are asked: `actions` (control) or `dataActions` (data); never across."""

    CONTROL = "control"
    DATA = "data"


class ReasonKind(Enum):
    """What kind of record decided, or took part in, an answer."""

    ROLE_ASSIGNMENT = "roleAssignment"
    ACTIVATION = "roleAssignmentScheduleInstance"
    ELIGIBILITY = "roleEligibilityScheduleInstance"
    DELEGATION = "lighthouse"
    ROLE_DEFINITION = "roleDefinition"
    GROUP = "group"
    GROUP_ELIGIBILITY = "groupEligibility"
    CONDITION = "condition"
    DENY_ASSIGNMENT = "denyAssignment"
    ACCESS_POLICY = "accessPolicy"
    VAULT_MODEL = "vaultModel"
    DIRECTORY_ROLE = "directoryRole"
    DIRECTORY_ELIGIBILITY = "directoryRoleEligibility"
    OWNER = "owner"
    TENANT_POLICY = "authorizationPolicy"
    NOTHING = "nothing"


class NoteKind(Enum):
    """What a note beside an answer is about."""

    ACCOUNT = "account"
    CLASSIC_ADMINISTRATOR = "classicAdministrator"
    DATA_DENY = "dataDeny"
    ESCALATION = "escalation"
    FIREWALL = "firewall"
    INFERRED = "inferred"
    LOCK = "lock"
    PIM = "pim"
    POLICY = "policy"
    PROVIDER = "provider"
    SELF_CHECK = "selfCheck"
    STALE = "stale"
    SUBSCRIPTION = "subscription"
    TAKEN_NAME = "takenName"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Reason:
    """A record that decided an answer: its kind, its id as Azure spells it, and what in it mattered."""

    kind: ReasonKind
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that does not change the verdict, but whoever acts on it must know."""

    kind: NoteKind
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """A verdict with everything that explains it.

    `gaps` is what was unread and could change the answer. It is empty for `ALLOW` and `DENY`. `CONDITIONAL` and
    `ELIGIBLE` may carry gaps: they hold at least, and an unconditional grant may hide in what was not read.
    """

    verdict: AccessVerdict
    because: tuple[Reason, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing unread could change the verdict."""
        return self.verdict is not AccessVerdict.UNKNOWN and not self.gaps

    def with_notes(self, notes: Iterable[Note]) -> "AccessAnswer":
        """Return the same answer with `notes` added, each once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))


def answer(
    verdict: AccessVerdict, because: Iterable[Reason] = (), gaps: Iterable[Gap] = (), notes: Iterable[Note] = ()
) -> AccessAnswer:
    """Return an answer whose reasons keep their order and whose gaps are sorted, each once."""
    return AccessAnswer(verdict, tuple(dict.fromkeys(because)), in_order(gaps), tuple(dict.fromkeys(notes)))


def in_order(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps sorted, each once."""
    return tuple(sorted(set(gaps), key=lambda gap: (gap.what, gap.scope, gap.status, gap.code, gap.message)))
