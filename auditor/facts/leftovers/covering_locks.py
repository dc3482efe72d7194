"""The locks that keep a leftover from being deleted, and what else each of them protects.

A lock changes nothing about whether a thing is left behind. It has to be removed before the thing can be deleted, and
may be removed without further ado only if it protects nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, any_of, hidden_by, once
from auditor.facts.leftovers.every import leftovers_by_id
from auditor.facts.leftovers.leftover import LeftoverVerdict
from auditor.facts.leftovers.project_locks import owners_of
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import (
    KEY_VAULTS,
    LISTS,
    OLD_PROJECTS,
    PROJECTS,
    RECOVERY_VAULTS,
    STORAGE_ACCOUNTS,
    WORKSPACES,
)
from auditor.inventory.resources.authorization import Lock

_NAMED = 3
"""The number of things that a phrase names; the rest is counted."""
_PROJECTS = (PROJECTS.lower(), OLD_PROJECTS.lower())
_LISTS = (PROJECTS, OLD_PROJECTS, KEY_VAULTS, STORAGE_ACCOUNTS, RECOVERY_VAULTS, WORKSPACES)
"""The lists of what a lock on a resource group or a subscription may protect."""


@dataclass(frozen=True, slots=True)
class CoveringLock:
    """A lock over a leftover: `others` are the ids of what it protects beside leftovers, `unsure` may hide further."""

    lock: Lock
    others: tuple[ArmId, ...]
    unsure: tuple[Gap, ...]

    @property
    def place(self) -> str:
        """What it stands on, in words."""
        scope = self.lock.arm_id.scope
        if scope == scope.subscription_id:
            return f"the subscription `{scope.name}`"
        return f"the resource group `{scope.name}`" if scope == scope.resource_group_id else f"`{scope.name}`"

    @property
    def protects(self) -> str:
        """What else it protects, in words."""
        named = [f"{_noun(one)}`{one.name}`" for one in self.others[:_NAMED]]
        more = [f"{len(self.others) - _NAMED:,} more"] if len(self.others) > _NAMED else []
        *first, last = [*named, *more] or [""]
        return f"{', '.join(first)} and {last}" if first else last

    @property
    def step(self) -> str:
        """What to do about it before anything that it covers can be deleted, in words."""
        name = f"the lock `{self.lock.display_name}` on {self.place}"
        if not self.others:
            return f"remove {name}{', which protects everything in it' if _is_wide(self.lock.arm_id.scope) else ''}"
        return f"ask the owner of {name} to lift it for as long as this takes, as it also protects {self.protects}"


def locks_over(context: Context, identity: ArmId) -> tuple[CoveringLock, ...]:
    """Return the locks that keep a thing from being deleted, of whatever level, the widest first."""
    return tuple(_covering(context, lock) for lock in reversed(context.references.locks_over(identity)))


def _covering(context: Context, lock: Lock) -> CoveringLock:
    known = _known.setdefault(context, {})
    if lock.id not in known:
        others, unsure = _protected(context, lock.arm_id.scope)
        known[lock.id] = CoveringLock(lock, once([*owners_of(context, lock), *others]), unsure)
    return known[lock.id]


_known: "WeakKeyDictionary[Context, dict[str, CoveringLock]]" = WeakKeyDictionary()


def protects_others(locks: Iterable[CoveringLock]) -> Fact[bool]:
    """Return whether one of these locks protects anything that is not left behind."""
    held = tuple(locks)
    others = (Evidence(str(one), f"protected by {each.lock.id}") for each in held for one in each.others)
    found = once(others)
    if found:
        return Known(True, found)
    return any_of([Known(False), *hidden_by(once(gap for each in held for gap in each.unsure))])


def in_words(locks: Iterable[CoveringLock]) -> str:
    """Return these locks as one phrase: where each stands, and what else it protects."""
    return "; ".join(_phrase(one) for one in locks)


def _phrase(one: CoveringLock) -> str:
    also = f", which also protects {one.protects}" if one.others else ""
    return f"`{one.lock.display_name}` on {one.place}{also}"


def _is_wide(scope: ArmId) -> bool:
    """Return whether this is a subscription or a resource group, rather than a resource."""
    return scope in {scope.subscription_id, scope.resource_group_id}


def _noun(identity: ArmId) -> str:
    return "the project " if identity.type.lower() in _PROJECTS else ""


def _protected(context: Context, scope: ArmId) -> tuple[tuple[ArmId, ...], tuple[Gap, ...]]:
    """Return the resources at a scope and below that are not left behind, projects first, and what leaves it open."""
    verdicts = leftovers_by_id(context)
    others: list[ArmId] = []
    lists = _LISTS if _is_wide(scope) else ()
    unsure = [gap for what in lists for gap in context.inventory.gaps(what, scope)]
    for identity in _resources(context, scope):
        found = verdicts.get(identity.key)
        if found is not None and found.verdict is LeftoverVerdict.UNDECIDED:
            unsure += found.unread
        elif found is None and (unread := _unread(context, identity)):
            unsure += unread
        elif found is None or found.verdict is not LeftoverVerdict.ORPHANED:
            others.append(identity)
    others.sort(key=lambda one: (one.type.lower() not in _PROJECTS, one.key))
    return tuple(others), once(unsure)


def _unread(context: Context, identity: ArmId) -> tuple[Gap, ...]:
    """Return the gaps that hide what a thing is, of a type that a scan reads."""
    if context.inventory.get(identity) is not None or identity.type.lower() not in LISTS:
        return ()
    return context.inventory.gaps(identity.type, identity)


def _resources(context: Context, scope: ArmId) -> Iterator[ArmId]:
    """Yield the resources that a lock at this scope protects; where it stands on one, that exists, read or not."""
    if not _is_wide(scope):
        yield _whole(scope)
        return
    yield from context.references.resources_in(scope)


def _whole(scope: ArmId) -> ArmId:
    """Return the resource that contains this one, or this one itself."""
    while scope.parent.resource_group_id is not None and scope.parent != scope.resource_group_id:
        scope = scope.parent
    return scope


def hidden_locks(context: Context, ids: Iterable[ArmId]) -> tuple[Gap, ...]:
    """Return the gaps that may hide a lock over one of these."""
    return once(gap for identity in ids for gap in context.references.hidden_locks(identity))
