"""The other uses of workspaces that the lists of one inventory show, and how each is ended."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from msgspec import structs

from auditor.facts.estate.tenant_gaps import NOT_ASKED, TenantGaps
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.leftovers.leftover import OtherUses
from auditor.facts.leftovers.workspaces.ingestion import Arrivals, arrivals, older_arrivals
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId
from auditor.inventory.gap_kinds import by_kind
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DIAGNOSTIC_SETTINGS, WORKSPACES
from auditor.inventory.reads import MALFORMED, NOT_READ
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.uses.by_default import NotUnderstood
from auditor.inventory.uses.uses import Hit, Use, UsePart, Where, places_above, uses

AGENTS_REPORT = "agents that still report to it"
OTHER_DATA = "data of something else"
OLDER_DATA = "older data of something else"
_ANYWHERE = ""
_EVERY_RESOURCE = "only a deep scan (`--deep`) asks every resource for it, which was not done in"
_NOT_DEEP = "only a deep scan (`--deep`) asks for every use of a workspace"


def ends_of(titles: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return how to end the uses of these titles: each title with a phrase, in the order in which they are ended."""
    known = {use.title: (list(UsePart).index(use.part), use.end) for use in uses()} | _ENDS_OF_DATA
    return tuple((title, known[title][1]) for title in sorted(titles, key=lambda title: known[title][0]))


REPLICATION = "replication to another region"
"""The title of the obstacle that is turned off at the workspace itself."""
OF_DATA = (AGENTS_REPORT, OTHER_DATA, OLDER_DATA)
"""The uses that the received data shows."""

_ENDS_OF_DATA = {
    AGENTS_REPORT: (0, "remove the workspace from the agents that still report, or retire their machines"),
    OTHER_DATA: (0, "find what sends these types of data and give it another destination"),
    OLDER_DATA: (1, "ask who needs the data, and export it"),
}


@dataclass(frozen=True, slots=True)
class _UseItems:
    """The items of all lists, by title of the check: hits by the id they refer to, malformed items by scope."""

    hits: dict[str, dict[str, list[Evidence]]]
    not_understood: dict[str, dict[str, list[Gap]]]


class UsesFound:
    """The other uses of workspaces that the lists of one inventory show."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._known: dict[tuple[str, str], tuple[Gap, ...]] = {}
        self._customers: dict[str, str | None] = {}
        self._everywhere = TenantGaps(inventory)

    def of(self, workspace: ArmId) -> OtherUses:
        """Return the other uses of `workspace`, from all checks together; they are looked for once in an inventory."""
        kept = _kept.setdefault(self.inventory, {})
        if workspace.key not in kept:
            kept[workspace.key] = self._of(workspace)
        return kept[workspace.key]

    def _of(self, workspace: ArmId) -> OtherUses:
        shown = {use: found for use in uses() if (found := self.hits(use, workspace))}
        hits = {use.title: found for use, found in shown.items() if not use.obstacle}
        obstacles = {use.title: found for use, found in shown.items() if use.obstacle}
        arrived = arrivals(self.inventory, workspace)
        if isinstance(arrived, Arrivals):
            kinds = {AGENTS_REPORT: arrived.reporting(self.inventory.now), OTHER_DATA: arrived.foreign()}
            hits |= {title: (arrived.shown(found),) for title, found in kinds.items() if found}
        older = older_arrivals(self.inventory, workspace)
        if isinstance(older, Arrivals) and OTHER_DATA not in hits and (kept := older.foreign()):
            hits[OLDER_DATA] = (older.shown(kept),)
        gaps = [gap for use in uses() for gap in self.gaps(use, workspace)]
        unread = (gap for one in (arrived, older) if not isinstance(one, Arrivals) for gap in one)
        return OtherUses(hits, by_kind([*gaps, *unread, *_compared_differently(workspace)]), obstacles)

    def hits(self, use: Use, workspace: ArmId) -> tuple[Evidence, ...]:
        """Return the items that show this use of `workspace`."""
        found = self._items.hits[use.title]
        keys = use.keys_of(workspace, self._customer(workspace))
        return once(evidence for key in keys for evidence in found.get(key, ()))

    def _customer(self, workspace: ArmId) -> str | None:
        if workspace.key not in self._customers:
            held = self.inventory.get(workspace)
            self._customers[workspace.key] = held.properties.customer_id if isinstance(held, Workspace) else None
        return self._customers[workspace.key]

    def gaps(self, use: Use, workspace: ArmId) -> tuple[Gap, ...]:
        """Return the gaps that prevent this check from proving that there is no such use."""
        customer = self._customer(workspace)
        if use.hit is Hit.KNOWS_IT and self._items.hits[use.title] and not use.is_known_by(customer):
            return not_in_body(self.inventory, WORKSPACES, str(workspace), "customerId").why
        odd = self._items.not_understood[use.title]
        match use.where:
            case Where.WORKSPACE:
                unread = tuple(map(_explained, self.inventory.gaps(use.what, workspace, rests_on=())))
                older = self.inventory.unread_property(workspace, ".".join(use.path)) if use.hit is Hit.ITSELF else ()
                return (*unread, *older, *odd.get(workspace.key, ()))
            case Where.SUBSCRIPTION:
                subscription = workspace.subscription_id or workspace
                return (*map(_explained, self._gaps_in(use.what, str(subscription))), *odd.get(subscription.key, ()))
            case Where.EVERYWHERE:
                deepest = use.what == DIAGNOSTIC_SETTINGS
                gaps = self._everywhere.gaps(use.what, unasked=_EVERY_RESOURCE if deepest else NOT_ASKED)
                gaps = gaps if deepest else tuple(map(_explained, gaps))
                return (*gaps, *odd.get(_ANYWHERE, ()))

    def _is_a_gap(self, what: str, identity: str) -> bool:
        return any(gap.scope.lower() == identity.lower() for gap in self.inventory.gaps(what, identity))

    def _gaps_in(self, what: str, scope: str) -> tuple[Gap, ...]:
        key = (what, scope.lower())
        if key not in self._known:
            self._known[key] = self.inventory.gaps(what, scope)
        return self._known[key]

    @property
    def _items(self) -> _UseItems:
        if self.inventory not in _kept_items:
            _kept_items[self.inventory] = self._found_items()
        return _kept_items[self.inventory]

    def _found_items(self) -> _UseItems:
        found: dict[str, dict[str, list[Evidence]]] = {use.title: defaultdict(list) for use in uses()}
        odd: dict[str, dict[str, list[Gap]]] = {use.title: defaultdict(list) for use in uses()}
        for use in uses():
            for record in self.inventory.mentioning(use.what, use.phrase):
                if record.deleted:
                    continue
                try:
                    for target in use.shown_by(record.id, record.body):
                        found[use.title][target].append(Evidence(record.id, use.note))
                except NotUnderstood as reason:
                    if self._is_a_gap(use.what, record.id):
                        continue  # its body was not read, which is a gap already
                    gap = Gap(use.what, record.id, 0, MALFORMED, f"the body cannot be understood: {reason}")
                    for scope in (*places_above(record.id), _ANYWHERE):
                        odd[use.title][scope].append(gap)
        return _UseItems(found, odd)


def _explained(gap: Gap) -> Gap:
    """Return the gap, with the way to cure it if the list was not asked for."""
    return structs.replace(gap, message=_NOT_DEEP) if gap.code == NOT_READ else gap


_kept: "WeakKeyDictionary[Inventory, dict[str, OtherUses]]" = WeakKeyDictionary()
_kept_items: "WeakKeyDictionary[Inventory, _UseItems]" = WeakKeyDictionary()


def _compared_differently(workspace: ArmId) -> Iterator[Gap]:
    """Yield a gap for a group with letters whose case Azure may fold in another way, so that a reference may differ."""
    if not (workspace.resource_group or "").isascii():
        message = "its resource group has letters outside ASCII, which a reference to it may write in another way"
        yield Gap(WORKSPACES, str(workspace), 0, MALFORMED, message)
