"""The order in which what a deleted project left is undone, so that nothing keeps the next thing from being deleted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, by_kind, unless_gaps
from auditor.facts.leftovers.covering_locks import hidden_locks, locks_over
from auditor.facts.leftovers.every import every_leftover
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict
from auditor.inventory.arm_id import arm_id

_STEPS = {
    LeftoverKind.RECOVERY_VAULT: "stop every replication into the Recovery Services vault {0}, then delete the vault",
    LeftoverKind.REPLICATION_VAULT: "stop every replication into the replication vault {0}, then delete the vault",
    LeftoverKind.REPLICATION_FABRIC: "delete the replication fabric {0}",
    LeftoverKind.REPLICA_DISK: "see that the replica disk {0} went with its replication, and delete it otherwise",
    LeftoverKind.LOCK: "remove the lock {0}",
    LeftoverKind.ROLE_ASSIGNMENT: "remove {0}, a deleted principal",
    LeftoverKind.PRIVATE_ENDPOINT: "delete the private endpoint {0}",
    LeftoverKind.PRIVATE_DNS_ZONE: "unlink the private DNS zone {0} from its networks, then delete it",
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
"""What to do with each kind, in the order in which it is done: what replicates keeps everything else, and the lock of a
project keeps what it is on, the role assignments there, and the whole resource group. What is soft-deleted goes away
by itself."""

_OF_ANY = ""
"""Stands for the project of what is left by none that is known."""
_RANKS = {kind: rank for rank, kind in enumerate(_STEPS)}


def rank(kind: LeftoverKind) -> int:
    """Return the place of a kind in the order."""
    return _RANKS.get(kind, len(_RANKS))


class _LeftByProject:
    """What is provably left and what is undecided, by the name of the project (lower case)."""

    def __init__(self, every: Iterable[Leftover]) -> None:
        left: dict[str, list[Leftover]] = defaultdict(list)
        undecided: dict[str, list[Gap]] = defaultdict(list)
        for one in every:
            names = {name.lower() for name in one.projects}
            if one.verdict is LeftoverVerdict.UNDECIDED:
                for name in names or {_OF_ANY}:
                    undecided[name].extend(one.unread)
            elif one.verdict is LeftoverVerdict.ORPHANED and one.kind in _RANKS:
                for name in names:
                    left[name].append(one)
        self._left = {
            name: tuple(sorted(held, key=lambda one: (rank(one.kind), one.id.lower()))) for name, held in left.items()
        }
        self._undecided = {name: by_kind(gaps) for name, gaps in undecided.items()}

    def left(self, name: str) -> tuple[Leftover, ...]:
        return self._left.get(name.lower(), ())

    def undecided(self, name: str) -> tuple[Gap, ...]:
        """Return the gaps of what may be of this project, or of any."""
        return (*self._undecided.get(name.lower(), ()), *self._undecided.get(_OF_ANY, ()))


def left_by(context: Context, project: str) -> tuple[Leftover, ...]:
    """Return what the project of this name provably left, in the order in which it is undone."""
    return _by_project(context).left(project)


def has_left(context: Context, project: str) -> Fact[bool]:
    """Return whether the project of this name left anything; unknown where that is undecided for something."""
    proven = left_by(context, project)
    if proven:
        return Known(True, tuple(Evidence(one.id, "left behind") for one in proven))
    return unless_gaps(False, _by_project(context).undecided(project))


def _by_project(context: Context) -> _LeftByProject:
    if context not in _known:
        _known[context] = _LeftByProject(every_leftover(context))
    return _known[context]


_known: "WeakKeyDictionary[Context, _LeftByProject]" = WeakKeyDictionary()


def steps(context: Context, left: Iterable[Leftover]) -> str:
    """Return what to do with each of these, numbered, as one phrase; each lock comes before all that it covers."""
    items = tuple(left)
    phrases = [f"({number}) {step}" for number, step in enumerate(_each(context, items), start=1)]
    places = (place for one in items if (place := arm_id(one.id)) is not None)
    unread = ["whether further locks keep any of this was not read"] if hidden_locks(context, places) else []
    return "; ".join([*phrases, *unread])


def _each(context: Context, left: tuple[Leftover, ...]) -> Iterator[str]:
    own = {one.id.lower(): one for one in left if one.kind is LeftoverKind.LOCK}
    done: set[str] = set()
    for one in left:
        place = arm_id(one.id) if one.kind is not LeftoverKind.LOCK else None
        for cover in locks_over(context, place) if place is not None else ():
            key = cover.lock.id.lower()
            if key not in done:
                yield _step(own[key]) if key in own and not cover.others else cover.step
            done.add(key)
        if one.id.lower() not in done:
            yield _step(one)
        done.add(one.id.lower())


def _step(one: Leftover) -> str:
    name = one.name if one.kind is LeftoverKind.ROLE_ASSIGNMENT else f"`{one.name}`"
    held = f", which holds {one.holds[0]}" if one.kind is LeftoverKind.RECOVERY_VAULT and one.holds else ""
    return _STEPS[one.kind].format(f"{name}{held}")
