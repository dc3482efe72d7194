"""Leftovers: one shape for every kind of thing that belongs, or may belong, to projects, and the verdict on each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, by_kind, once, unless_gaps
from auditor.facts.leftovers.associations import Associations
from auditor.facts.subject import OwningProject, listed
from auditor.inventory.reads import NOT_READ

_NAMED = 4
"""The number of gaps that a sentence names; the rest is counted."""


class LeftoverKind(StrEnum):
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
    SERVICE_BUS = "service-bus"
    REPLICATION_VAULT = "replication-vault"
    REPLICATION_FABRIC = "replication-fabric"
    REPLICA_DISK = "replica-disk"
    DEPENDENCY_MAP = "dependency-map"
    WORKLOAD_SITE = "workload-site"
    PRIVATE_DNS_ZONE = "private-dns-zone"
    DELETED_WORKSPACE = "deleted-workspace"
    DELETED_KEY_VAULT = "deleted-key-vault"

    @property
    def is_migrates_own(self) -> bool:
        """Whether everything of this kind belongs to Azure Migrate."""
        return self in {
            LeftoverKind.ASSESSMENT_PROJECT,
            LeftoverKind.SITE,
            LeftoverKind.MASTER_SITE,
            LeftoverKind.DEPENDENCY_MAP,
            LeftoverKind.WORKLOAD_SITE,
        }


class LeftoverVerdict(StrEnum):
    """The verdicts on a thing."""

    ORPHANED = "orphaned"
    """It was associated, every project is gone, and every check of another use was read and found nothing."""
    IN_USE = "in_use"
    ATTACHED = "attached"
    """An existing project uses it."""
    UNDECIDED = "undecided"
    NOT_MIGRATE = "not_migrate"


@dataclass(frozen=True, slots=True)
class OtherUses:
    """Other uses of a thing: the evidence by title of the use, and the checks that could not be read.

    `obstacles` are no uses: Azure refuses to delete the thing while they are there.
    """

    hits: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    unread: tuple[Gap, ...] = ()
    obstacles: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence of other uses."""
        return once(item for items in self.hits.values() for item in items)

    @property
    def further(self) -> str:
        """The end of a sentence that names its other uses, where a scan did not ask for further ones."""
        unasked = any(gap.code == NOT_READ for gap in self.unread)
        return "; further uses were not read" if self.hits and unasked else ""

    @property
    def used(self) -> Fact[bool]:
        """Whether anything else uses it: one hit proves it, and only all checks together disprove it."""
        return Known(True, self.evidence) if self.hits else unless_gaps(False, self.unread)


EXISTS: Fact[bool] = Known(True)
NO_OTHER_USE = OtherUses()
"""For kinds of things that nothing else can use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """One thing that belongs, or may belong, to projects, and the verdict on it.

    `projects` are their names, `refs` the same with their ids where these are known.
    `why` is the reason of the verdict in one sentence, `unread` are the gaps that affect it. `since`, `holds` and
    `costs` are phrases, as far as Azure provides them: when and by whom the projects were deleted, what the thing
    contains, and what its price depends on. `released_on` is when a soft-deleted thing is purged and frees its name.
    `obstacles` are the titles of what must be turned off or removed before a workspace can be deleted; for the locks
    over any thing see `covering_locks`.
    """

    kind: LeftoverKind
    id: str
    name: str
    verdict: LeftoverVerdict
    why: str
    projects: tuple[str, ...] = ()
    refs: tuple[OwningProject, ...] = ()
    evidence_for: tuple[Evidence, ...] = ()
    evidence_against: tuple[Evidence, ...] = ()
    unread: tuple[Gap, ...] = ()
    uses: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    since: str = ""
    holds: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    released_on: datetime | None = None

    @property
    def is_left(self) -> bool:
        """Whether its projects are gone, or may be."""
        return self.verdict in {LeftoverVerdict.ORPHANED, LeftoverVerdict.IN_USE, LeftoverVerdict.UNDECIDED}

    @property
    def owner(self) -> str:
        """The projects that it belongs to, in words."""
        return f"the project {listed(self.projects)}" if self.projects else "no known project"

    @property
    def fact(self) -> Fact[str]:
        """The verdict as a fact; unknown, with its gaps, if undecided."""
        if self.verdict is LeftoverVerdict.UNDECIDED:
            return Unknown(self.unread)
        return Known(self.verdict.value, once([*self.evidence_against, *self.evidence_for]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A thing before the verdict: its associations with projects and its other uses.

    `existing` (whether the thing exists) is unknown if other records refer to the thing and its own list is unread. The
    last four fields are copied into the `Leftover`.
    """

    kind: LeftoverKind
    name: str
    associations: Associations
    existing: Fact[bool] = EXISTS
    other_uses: OtherUses = NO_OTHER_USE
    since: str = ""
    holds: Iterable[str] = ()
    costs: Iterable[str] = ()
    released_on: datetime | None = None


def judged(candidate: Candidate) -> Leftover:
    """Return the candidate with the verdict that follows from its associations and its other uses.

    It is orphaned only if an association and the end of every project are proven, and every check of another use was
    read without a hit. A gap that hides a project also hides whether the thing is attached to it, so further reads
    can decide an undecided verdict but never change a decided one.
    """
    associations, other_uses = candidate.associations, candidate.other_uses
    verdict, why = _verdict(candidate)
    alive = (
        item
        for association in associations.found
        if association.alive.is_true
        for item in (association.because, *association.alive.evidence)
    )
    return Leftover(
        kind=candidate.kind,
        id=associations.id,
        name=candidate.name,
        verdict=verdict,
        why=why,
        projects=associations.projects,
        refs=associations.refs,
        evidence_for=once([*associations.because, *associations.gone.evidence])
        if associations.found
        else associations.weak,
        evidence_against=once([*alive, *other_uses.evidence, *_items(other_uses.obstacles)]),
        unread=by_kind(
            [
                *candidate.existing.gaps,
                *associations.associated.gaps,
                *associations.attached.gaps,
                *associations.gone.gaps,
                *other_uses.unread,
            ]
        ),
        uses=tuple(other_uses.hits),
        obstacles=tuple(other_uses.obstacles),
        since=candidate.since,
        holds=tuple(candidate.holds),
        costs=tuple(candidate.costs),
        released_on=candidate.released_on,
    )


def _items(shown: Mapping[str, tuple[Evidence, ...]]) -> Iterable[Evidence]:
    return (item for items in shown.values() for item in items)


def _verdict(candidate: Candidate) -> tuple[LeftoverVerdict, str]:
    kind, associations, other_uses = candidate.kind, candidate.associations, candidate.other_uses
    associated, attached, gone = associations.associated, associations.attached, associations.gone
    if associated.is_false:
        weak = f" but {associations.weak[0].note}" if associations.weak else ""
        return LeftoverVerdict.NOT_MIGRATE, f"nothing associates it with Azure Migrate{weak}"
    if isinstance(candidate.existing, Unknown):
        return (
            LeftoverVerdict.UNDECIDED,
            f"whether it still exists is not known: {in_words(candidate.existing.why)}",
        )
    if attached.is_true:
        alive = sorted({association.project for association in associations.found if association.alive.is_true})
        return LeftoverVerdict.ATTACHED, f"the project {listed(alive)}, which exists, uses it"
    if isinstance(associated, Unknown):
        open_ = "which project it belongs to" if kind.is_migrates_own else "whether Azure Migrate ever used it"
        return LeftoverVerdict.UNDECIDED, f"{open_} is not known: {in_words(associated.why)}"
    hidden = (*attached.gaps, *gone.gaps)
    if hidden:
        return LeftoverVerdict.UNDECIDED, f"whether its project still exists is not known: {in_words(hidden)}"
    if other_uses.hits:
        return LeftoverVerdict.IN_USE, f"it is used by {', '.join(other_uses.hits)}{other_uses.further}"
    if other_uses.unread:
        return (
            LeftoverVerdict.UNDECIDED,
            f"whether anything else uses it is not known: {in_words(other_uses.unread)}",
        )
    checked = "" if other_uses is NO_OTHER_USE else ", and no check of another use found anything"
    return LeftoverVerdict.ORPHANED, f"the project {listed(associations.projects)} is gone{checked}"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is 1."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_words(gaps: tuple[Gap, ...]) -> str:
    """Return the sentences of gaps (list, reason and cure), with only the first few of many."""
    sentences = once(gap.words for gap in gaps)
    more = [f"and {len(sentences) - _NAMED:,} more"] if len(sentences) > _NAMED else []
    return "; ".join([*sentences[:_NAMED], *more])
