"""The order in which what a deleted project left is undone, so that nothing keeps the next thing from being deleted."""

from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, unless_gaps
from auditor.facts.leftovers.every import leftovers
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict

_STEPS = {
    LeftoverKind.RECOVERY_VAULT: "stop every replication into the Recovery Services vault {0}, then delete the vault",
    LeftoverKind.REPLICATION_VAULT: "stop every replication into the replication vault {0}, then delete the vault",
    LeftoverKind.REPLICATION_FABRIC: "delete the replication fabric {0}",
    LeftoverKind.REPLICA_DISK: "see that the replica disk {0} went with its replication, and delete it otherwise",
    LeftoverKind.ROLE_ASSIGNMENT: "remove {0}, a deleted principal",
    LeftoverKind.PRIVATE_ENDPOINT: "delete the private endpoint {0}",
    LeftoverKind.PRIVATE_DNS_ZONE: "unlink the private DNS zone {0} from its networks, then delete it",
    LeftoverKind.LOCK: "remove the lock {0}",
    LeftoverKind.STORAGE_ACCOUNT: "delete the storage account {0}",
    LeftoverKind.SERVICE_BUS: "delete the Service Bus namespace {0}",
    LeftoverKind.DEPENDENCY_MAP: "delete the dependency map {0}",
    LeftoverKind.WORKLOAD_SITE: "delete the site {0} of databases or applications",
    LeftoverKind.SITE: "switch the appliance off and delete the site {0}",
    LeftoverKind.MASTER_SITE: "delete the master site {0}",
    LeftoverKind.ASSESSMENT_PROJECT: "delete the assessment project {0}",
    LeftoverKind.APPLICATION: "delete the Entra application {0}",
    LeftoverKind.KEY_VAULT: "look into the key vault {0}, then delete it",
    LeftoverKind.WORKSPACE: "delete the workspace {0} (`migaudit cleanup`)",
}
"""What to do with each kind, in the order in which it is done: what replicates keeps everything else, and a lock keeps
the resource that it is on and the whole resource group. What is soft-deleted goes away by itself."""

_RANKS = {kind: rank for rank, kind in enumerate(_STEPS)}
_known: "WeakKeyDictionary[Context, tuple[Leftover, ...]]" = WeakKeyDictionary()


def rank(kind: LeftoverKind) -> int:
    """Return the place of a kind in the order."""
    return _RANKS.get(kind, len(_RANKS))


def left_by(context: Context, project: str) -> tuple[Leftover, ...]:
    """Return what the project of this name provably left, in the order in which it is undone."""
    if context not in _known:
        _known[context] = tuple(leftovers(context, frozenset(LeftoverKind)))
    name = project.lower()
    held = (one for one in _known[context] if one.kind in _RANKS and name in (other.lower() for other in one.projects))
    orphaned = (one for one in held if one.verdict is LeftoverVerdict.ORPHANED)
    return tuple(sorted(orphaned, key=lambda one: (rank(one.kind), one.id.lower())))


def has_left(context: Context, project: str) -> Fact[bool]:
    """Return whether the project of this name left anything; unknown where that is undecided for something."""
    proven = left_by(context, project)
    if proven:
        return Known(True, tuple(Evidence(one.id, "left behind") for one in proven))
    open_ = (one for one in _known[context] if one.verdict is LeftoverVerdict.UNDECIDED)
    name = project.lower()
    may_be = (one for one in open_ if not one.projects or name in (other.lower() for other in one.projects))
    return unless_gaps(False, (gap for one in may_be for gap in one.unread))


def steps(left: Iterable[Leftover]) -> str:
    """Return what to do with each of these, numbered, as one phrase."""
    return "; ".join(f"({number}) {step}" for number, step in enumerate(_each(left), start=1))


def _each(left: Iterable[Leftover]) -> Iterator[str]:
    for one in left:
        name = one.name if one.kind is LeftoverKind.ROLE_ASSIGNMENT else f"`{one.name}`"
        held = f", which holds {one.holds[0]}" if one.kind is LeftoverKind.RECOVERY_VAULT and one.holds else ""
        yield _STEPS[one.kind].format(f"{name}{held}")
