"""The coverage of a snapshot: which lists were read to their end, and which gaps affect a list at a scope."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from sys import intern

from auditor.inventory.arm_id import ArmId
from auditor.inventory.gap_kinds import ManyGaps
from auditor.inventory.lists import LISTS, RESOURCE_GRAPH, ScopeKind, needs_of
from auditor.inventory.reads import (
    MALFORMED,
    NOT_READ,
    NOT_SCANNED,
    OLDER_VERSION,
    ONLY_RESOURCE_GRAPH,
    Gap,
    Read,
    absent_lists,
)

_ONLY_SHOWN = "only Resource Graph was read, which proves no absence; `--source arm` reads every list"


class ListCoverage:
    """The reads and gaps of one snapshot by list and scope; lists and scopes are compared without case."""

    def __init__(
        self, reads: Iterable[Read] | None, gaps: Iterable[Gap], scanned: frozenset[str] = frozenset()
    ) -> None:
        """Index `reads` and `gaps`, except those of absent types.

        `surveyed` are the subscriptions (ids in lower case) of which only what Resource Graph shows was read.

        With None as `reads`, every list without a gap counts as read in the subscriptions `scanned` (ids in lower
        case), or in all if that is empty.
        """
        self._scanned = scanned
        self._reads: dict[str, set[str]] | None = None
        reads, gaps = None if reads is None else tuple(reads), tuple(gaps)
        if reads is not None:
            self._reads = defaultdict(set)
            for read in reads:
                self._reads[read.what.lower()].add(scope_key(read.scope))
        shown = () if self._reads is None else self._reads.get(RESOURCE_GRAPH.lower(), ())
        self.surveyed = frozenset(scope.rpartition("/")[2] for scope in shown)
        self._gaps: dict[str, _GapsOfList] = defaultdict(_GapsOfList)
        self._of_older_versions: dict[str, _GapsOfList] = defaultdict(_GapsOfList)
        self._shared: dict[str, Gap] = {}
        absent = absent_lists(reads, gaps)
        for gap in gaps:
            if gap not in absent:
                self.add(gap)

    def add(self, gap: Gap) -> None:
        """Add a gap, also one that was found while decoding a body."""
        kinds = self._of_older_versions if gap.code == OLDER_VERSION else self._gaps
        kinds[gap.what.lower()].add(gap)

    def of_older_versions(self, what: str, scope: ArmId | str, *, below: bool = True) -> tuple[Gap, ...]:
        """Return the `OLDER_VERSION` gaps of the list `what` that affect resources at `scope`."""
        held = self._of_older_versions.get(what.lower())
        return held.touching(_key(scope), below=below) if held is not None else ()

    def malformed(self, what: str) -> Sequence[Gap]:
        """Return the gaps of malformed bodies of the list `what`, wherever they are."""
        held = self._gaps.get(what.lower())
        return held.malformed if held is not None else ()

    def gaps(self, what: str, scope: ArmId | str, *, below: bool) -> tuple[Gap, ...]:
        """Return the gaps that affect the list `what` at `scope`.

        Where it was not read there is one gap, `NotRead`, or `NotScanned` in a subscription outside the scan.

        Those of older api-versions are not among them.
        """
        list_name, key = what.lower(), _key(scope)
        held = self._gaps.get(list_name)
        found = held.touching(key, below=below) if held is not None else ()
        if found or self._was_read(list_name, key):
            return found
        if self._is_outside(list_name, key):
            return (Gap(what, str(scope), 0, NOT_SCANNED, "the subscription is outside this scan", needs_of(what)),)
        if self.surveyed and key.startswith("/subscriptions/") and key.split("/", 3)[2] in self.surveyed:
            return (self._only_surveyed(what),)
        return (Gap(what, str(scope), 0, NOT_READ, "this scan did not ask for it", needs_of(what)),)

    @cached_property
    def alike(self) -> Mapping[str, Hashable]:
        """What was read, and what was not, of each subscription in `surveyed`: the same for those that are alike."""
        read, gaps = (
            {
                one: frozenset(what for what, scopes in lists if f"/subscriptions/{one}" in scopes)
                for one in self.surveyed
            }
            for lists in ([*(self._reads or {}).items()], [(what, held.scopes) for what, held in self._gaps.items()])
        )
        return {one: (read[one], (one, gaps[one]) if gaps[one] else None) for one in self.surveyed}

    def unsettled(self, what: str, scopes: Iterable[str], *, unread: bool = True) -> set[str]:
        """Return those of many scopes at which a list has gaps; without `unread`, only gaps that are recorded.

        It costs little per scope, as most lists of most subscriptions were read to their end.
        """
        name = what.lower()
        keys = {scope_key(scope): scope for scope in scopes}
        found = set[str]()
        for kinds in (self._gaps, self._of_older_versions):
            if (held := kinds.get(name)) is not None:
                found |= held.touched(keys.keys())
        if unread:
            found.update(key for key in self._maybe_unread(name, keys.keys()) if not self._was_read(name, key))
        return {keys[key] for key in found}

    def _maybe_unread(self, what: str, keys: Set[str]) -> Set[str]:
        read = None if self._reads is None else self._reads.get(what)
        return keys if read is None else keys - read

    def _only_surveyed(self, what: str) -> Gap:
        """Return the gap of a list in every subscription of which only what Resource Graph shows was read.

        They share one, since there can be thousands of them and nothing more is known of one than of another.
        """
        if what.lower() not in self._shared:
            places = [f"/subscriptions/{one}" for one in self.surveyed]
            scopes = sorted(one for one in places if not self._was_read(what.lower(), one))
            count = len(scopes)
            words = f"in {count:,} subscription{'s' if count != 1 else ''} {_ONLY_SHOWN}"
            needs = needs_of(what)
            each = frozenset(Gap(what, scope, 0, ONLY_RESOURCE_GRAPH, words, needs) for scope in scopes)
            self._shared[what.lower()] = ManyGaps(what, "/", 0, ONLY_RESOURCE_GRAPH, words, needs, each)
        return self._shared[what.lower()]

    def _was_read(self, what: str, key: str) -> bool:
        if self._reads is None:
            return not self._is_outside(what, key)
        read = self._reads.get(what)
        if read is None:
            return False
        return key in read or not read.isdisjoint(_upwards(key))

    def _is_outside(self, what: str, key: str) -> bool:
        """Return whether a list lies in a subscription that was only seen, and is none of the whole tenant."""
        if not self._scanned or not key.startswith("/subscriptions/") or key.split("/")[2] in self._scanned:
            return False
        kind = LISTS.get(what)
        return kind is None or kind.scope is not ScopeKind.TENANT


class _GapsOfList:
    """The gaps of one list by scope; those below a scope are found by binary search in the sorted scopes."""

    def __init__(self) -> None:
        self._by_scope: dict[str, list[Gap]] = defaultdict(list)
        self.malformed: list[Gap] = []
        self._scopes: list[str] | None = None

    def add(self, gap: Gap) -> None:
        held = self._by_scope[scope_key(gap.scope)]
        if gap not in held:
            held.append(gap)
            if gap.code == MALFORMED:
                self.malformed.append(gap)
        self._scopes = None

    @property
    def scopes(self) -> Set[str]:
        """The scopes of the gaps."""
        return self._by_scope.keys()

    def touching(self, key: str, *, below: bool) -> tuple[Gap, ...]:
        """Return the gaps at the scope and above it, and with `below` those inside it."""
        if not self._by_scope:
            return ()
        scopes = [scope for scope in _upwards(key) if scope in self._by_scope]
        if below:
            scopes.extend(self._inside(key))
        return tuple(gap for scope in scopes for gap in self._by_scope[scope])

    def touched(self, keys: Set[str]) -> set[str]:
        """Return those of the scopes at, above or inside which there are gaps."""
        if not self._by_scope:
            return set()
        above = {scope for gap in self._by_scope for scope in _upwards(gap)}
        return {key for key in keys if key in above or not self._by_scope.keys().isdisjoint(_upwards(key))}

    def _inside(self, key: str) -> Iterator[str]:
        if self._scopes is None:
            self._scopes = sorted(self._by_scope)
        if key == "":
            yield from (scope for scope in self._scopes if scope)
            return
        prefix = key + "/"
        for index in range(bisect_left(self._scopes, prefix), len(self._scopes)):
            if not self._scopes[index].startswith(prefix):
                return
            yield self._scopes[index]


def scope_key(scope: str) -> str:
    """Return the scope in lower case for comparison, as one shared text object; the empty text for the tenant."""
    return intern(_key(scope))


def _key(scope: ArmId | str) -> str:
    """Return the key of a scope that is asked about; an id has it already."""
    return scope.key if isinstance(scope, ArmId) else scope.lower().rstrip("/")


@lru_cache(maxsize=8192)
def _upwards(key: str) -> tuple[str, ...]:
    """Return the scope itself, all scopes above it by its path, and the tenant."""
    if not key.startswith("/"):
        return (key, "") if key else ("",)
    parts = key.split("/")
    return tuple("/".join(parts[:count]) for count in range(len(parts), 0, -1))
