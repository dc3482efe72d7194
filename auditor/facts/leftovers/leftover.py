"""What a project left behind, or may have: one shape for every kind of thing, and the verdict about it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once, unless_gaps
from auditor.facts.leftovers.associations import Ties
from auditor.facts.subject import listed
from auditor.inventory.arm_id import ArmId

_SAID = 4
"""How many unread lists a sentence names; the rest is counted, and all of them stand beside it."""


class RemainKind(StrEnum):
    """The kinds of things that stay when a project is deleted."""

    WORKSPACE = "workspace"
    ASSESSMENT_PROJECT = "assessment-project"
    SITE = "site"
    MASTER_SITE = "master-site"
    KEY_VAULT = "key-vault"
    RECOVERY_VAULT = "recovery-vault"
    STORAGE_ACCOUNT = "storage-account"
    LOCK = "lock"
    PRIVATE_ENDPOINT = "private-endpoint"
    ROLE_ASSIGNMENT = "role-assignment"
    APPLICATION = "application"
    DELETED_WORKSPACE = "deleted-workspace"
    DELETED_KEY_VAULT = "deleted-key-vault"

    @property
    def is_migrates_own(self) -> bool:
        """Whether everything of this kind belongs to Azure Migrate."""
        return self in {RemainKind.ASSESSMENT_PROJECT, RemainKind.SITE, RemainKind.MASTER_SITE}


class RemainVerdict(StrEnum):
    """What is to be thought of a thing."""

    ORPHANED = "orphaned"
    """It was associated, every project is gone, every check of another use was read and found nothing."""
    IN_USE = "in_use"
    ATTACHED = "attached"
    """A project that exists uses it."""
    UNDECIDED = "undecided"
    NOT_MIGRATE = "not_migrate"


@dataclass(frozen=True, slots=True)
class Serving:
    """What else a thing serves: by title the evidence, and what could not be read."""

    hits: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    unread: tuple[Gap, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Everything that shows a use."""
        return once(item for items in self.hits.values() for item in items)

    @property
    def used(self) -> Fact[bool]:
        """Whether anything else uses it: one hit proves it; that nothing does takes every check."""
        return Known(True, self.evidence) if self.hits else unless_gaps(False, self.unread)


THERE: Fact[bool] = Known(True)
NOTHING_ELSE = Serving()
"""What nothing else can use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remain:
    """One thing that belongs, or may belong, to projects, and the verdict about it.

    `why` is the verdict's reason in one sentence; `unread` all that was unread and bears on it: with the verdict
    undecided it says what would cure that. `since`, `holds` and `costs` are phrases, as far as Azure tells: since when
    the projects are gone and who deleted them, what it holds, what its price hangs on. `released_on` is when something
    soft-deleted goes away and frees its name.
    """

    kind: RemainKind
    id: str
    name: str
    verdict: RemainVerdict
    why: str
    projects: tuple[str, ...] = ()
    evidence_for: tuple[Evidence, ...] = ()
    evidence_against: tuple[Evidence, ...] = ()
    unread: tuple[Gap, ...] = ()
    uses: tuple[str, ...] = ()
    since: str = ""
    holds: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    released_on: datetime | None = None

    @property
    def is_left(self) -> bool:
        """Whether it has lost its projects, or may have."""
        return self.verdict in {RemainVerdict.ORPHANED, RemainVerdict.IN_USE, RemainVerdict.UNDECIDED}

    @property
    def owner(self) -> str:
        """Whose it is, in words."""
        return f"the project {listed(self.projects)}" if self.projects else "no project that it names"

    @property
    def fact(self) -> Fact[str]:
        """The verdict as a fact: unknown, with its gaps, where it is undecided."""
        if self.verdict is RemainVerdict.UNDECIDED:
            return Unknown(self.unread)
        return Known(self.verdict.value, once([*self.evidence_against, *self.evidence_for]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a thing beside the verdict; see `Remain`."""

    since: str = ""
    holds: Iterable[str] = ()
    costs: Iterable[str] = ()
    released_on: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """A thing before the verdict: what ties it to projects, what else it serves, what is told of it.

    `there` is unknown where only others tell of the thing, and what would show it was not read.
    """

    kind: RemainKind
    name: str
    ties: Ties
    there: Fact[bool] = THERE
    serving: Serving = NOTHING_ELSE
    told: Told = Told()


def judged(tied: Tied) -> Remain:
    """Return the verdict that the ties of a thing and what else it serves come to.

    Orphaned only if association and the end of every project are proven, every check of another use was read, and none
    hit. What hides a project hides also whether the thing is attached to it, so that no further reading can turn a
    verdict into another one: it can only settle what was undecided.
    """
    ties, serving, told = tied.ties, tied.serving, tied.told
    verdict, why = _verdict(tied)
    alive = (item for tie in ties.found if _is(tie.alive, True) for item in (tie.because, *_because(tie.alive)))
    return Remain(
        kind=tied.kind,
        id=ties.id,
        name=tied.name,
        verdict=verdict,
        why=why,
        projects=ties.projects,
        evidence_for=once([*ties.because, *_because(ties.gone)]) if ties.found else ties.weak,
        evidence_against=once([*alive, *serving.evidence]),
        unread=once(
            [*_why(tied.there), *_why(ties.associated), *_why(ties.attached), *_why(ties.gone), *serving.unread]
        ),
        uses=tuple(serving.hits),
        since=told.since,
        holds=tuple(told.holds),
        costs=tuple(told.costs),
        released_on=told.released_on,
    )


def _verdict(tied: Tied) -> tuple[RemainVerdict, str]:
    kind, ties, serving = tied.kind, tied.ties, tied.serving
    associated, attached, gone = ties.associated, ties.attached, ties.gone
    if _is(associated, False):
        weak = f" but {ties.weak[0].note}" if ties.weak else ""
        return RemainVerdict.NOT_MIGRATE, f"nothing ties it to Azure Migrate{weak}"
    if isinstance(tied.there, Unknown):
        return RemainVerdict.UNDECIDED, f"whether it still exists is not known: {cure(tied.there.why)}"
    if _is(attached, True):
        alive = sorted({tie.project for tie in ties.found if _is(tie.alive, True)})
        return RemainVerdict.ATTACHED, f"the project {listed(alive)}, which exists, uses it"
    if isinstance(associated, Unknown):
        open_ = "which project it belongs to" if kind.is_migrates_own else "whether Azure Migrate ever had it"
        return RemainVerdict.UNDECIDED, f"{open_} is not known: {cure(associated.why)}"
    hidden = (*_why(attached), *_why(gone))
    if hidden:
        return RemainVerdict.UNDECIDED, f"whether its project still exists is not known: {cure(hidden)}"
    if serving.hits:
        return RemainVerdict.IN_USE, f"it is used by {', '.join(serving.hits)}"
    if serving.unread:
        return RemainVerdict.UNDECIDED, f"whether anything else uses it is not known: {cure(serving.unread)}"
    checked = "" if serving is NOTHING_ELSE else ", and no check of another use found anything"
    return RemainVerdict.ORPHANED, f"the project {listed(ties.projects)} is gone{checked}"


def counted(count: int, noun: str) -> str:
    """Return how many of something there are, in words."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def cure(gaps: tuple[Gap, ...]) -> str:
    """Say what was unread and what would cure it."""
    sentences = once(_sentence(gap) for gap in gaps)
    more = [f"and {len(sentences) - _SAID:,} more"] if len(sentences) > _SAID else []
    return "; ".join([*sentences[:_SAID], *more])


def _sentence(gap: Gap) -> str:
    what = f"`{gap.what}` at `{gap.scope}` was not read"
    if gap.needs and gap.status in {401, 403}:
        return f"{what}: grant `{gap.needs}`"
    takes = f"; it takes `{gap.needs}`" if gap.needs and gap.status else ""
    return f"{what}: {gap.message or gap.code}{takes}"


def _is(fact: Fact[bool], value: bool) -> bool:
    return isinstance(fact, Known) and fact.value is value


def _why(fact: Fact[bool]) -> tuple[Gap, ...]:
    return fact.why if isinstance(fact, Unknown) else ()


def _because(fact: Fact[bool]) -> tuple[Evidence, ...]:
    return fact.because if isinstance(fact, Known) else ()


LOCK = "lock"
"""How the names of the locks end that a project puts on its storage account; before that stands its own name."""


def under_locks(context: Context, identity: ArmId, *, projects: Collection[str] = ()) -> Serving:
    """Return what the locks over a thing show; those that one of `projects` put there are no use."""
    own = {f"{name}{LOCK}".lower() for name in projects}
    standing = context.references.locks_over(identity)
    foreign = tuple(Evidence(one.id, "a lock holds it") for one in standing if one.arm_id.name.lower() not in own)
    return Serving({"a lock": foreign} if foreign else {}, context.references.hidden_locks(identity))
