"""The answer to a question about access: a verdict, its reasons, the gaps that leave it open, and notes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from auditor.inventory.reads import Gap


class AccessVerdict(StrEnum):
    """The five verdicts; `UNKNOWN` means that something which could settle the question was not read."""

    ALLOW = "allow"
    DENY = "deny"
    CONDITIONAL = "conditional"
    ELIGIBLE = "eligible"
    UNKNOWN = "unknown"


class Plane(Enum):
    """The permission lists that are evaluated: `actions` (control) or `dataActions` (data), never both."""

    CONTROL = "control"
    DATA = "data"


class ReasonKind(Enum):
    """The kind of record that decided an answer or contributed to it."""

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
    VAULT_TENANT = "vaultTenant"
    DIRECTORY_ROLE = "directoryRole"
    DIRECTORY_ELIGIBILITY = "directoryRoleEligibility"
    OWNER = "owner"
    TENANT_POLICY = "authorizationPolicy"
    CONDITIONAL_ACCESS = "conditionalAccessPolicy"
    NOTHING = "nothing"


class NoteKind(Enum):
    """The subject of a note."""

    ACCOUNT = "account"
    CLASSIC_ADMINISTRATOR = "classicAdministrator"
    CONDITIONAL_ACCESS = "conditionalAccess"
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
    """A record that decided an answer: its kind, its id as Azure writes it, and the part of it that mattered."""

    kind: ReasonKind
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A fact that does not change the verdict but that anyone who acts on it must know."""

    kind: NoteKind
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """A verdict with everything that explains it.

    `gaps` lists what was unread and could change the answer. It is empty for `ALLOW` and `DENY`. `CONDITIONAL` and
    `ELIGIBLE` may have gaps: the account has at least that much, and an unread list may hold an unconditional grant.
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
        """Return the same answer with `notes` added, without duplicates."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))


def answer(
    verdict: AccessVerdict, because: Iterable[Reason] = (), gaps: Iterable[Gap] = (), notes: Iterable[Note] = ()
) -> AccessAnswer:
    """Return an answer without duplicates; reasons and notes keep their order, gaps are sorted."""
    return AccessAnswer(verdict, tuple(dict.fromkeys(because)), in_order(gaps), tuple(dict.fromkeys(notes)))


def in_order(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps sorted, without duplicates."""
    return tuple(sorted(set(gaps), key=lambda gap: (gap.what, gap.scope, gap.status, gap.code, gap.message)))
