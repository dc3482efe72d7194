"""Gaps of one list over all visible subscriptions, summarised."""

from functools import cached_property

from auditor.inventory.gap_kinds import by_kind, many
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import SUBSCRIPTIONS, needs_of
from auditor.inventory.reads import NOT_READ, NOT_SCANNED, Gap
from auditor.inventory.resources.subscriptions import Subscription
from auditor.inventory.unscanned import unlisted

NOT_ASKED = "this scan did not ask for it in"
_NAMED = 3
_UNASKED = frozenset({NOT_READ, NOT_SCANNED})


class TenantGaps:
    """The gaps of lists in every subscription of the tenant that is known of, scanned or not."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._known: dict[tuple[str, bool, tuple[str, ...] | None], tuple[Gap, ...]] = {}

    def gaps(
        self, what: str, *, below: bool = True, rests_on: tuple[str, ...] | None = None, unasked: str = NOT_ASKED
    ) -> tuple[Gap, ...]:
        """Return the gaps of the list `what`; all subscriptions that were not asked become one gap.

        `below` and `rests_on` are as in `Inventory.gaps`; `unasked` begins the message of a gap for a list that was not
        requested.
        """
        key = (what, below, rests_on)
        if key not in self._known:
            self._known[key] = by_kind(self._found(what, below, rests_on, unasked))
        return self._known[key]

    def _found(self, what: str, below: bool, rests_on: tuple[str, ...] | None, unasked: str) -> list[Gap]:
        refused: list[Gap] = []
        inside: list[str] = []
        outside: list[str] = []
        unsettled = self.inventory.unsettled(what, self._subscriptions)
        for scope in (one for one in self._subscriptions if one in unsettled):
            gaps = self.inventory.gaps(what, scope, below=below, rests_on=rests_on)
            refused.extend(gap for gap in gaps if gap.code not in _UNASKED)
            if any(gap.code in _UNASKED for gap in gaps):
                (inside if scope.rpartition("/")[2] in self.inventory.scanned else outside).append(scope)
        if inside:
            refused.append(self._not_asked(what, NOT_READ, unasked, inside))
        if outside:
            refused.append(self._not_asked(what, NOT_SCANNED, "this scan did not look into", outside))
        return [*refused, *unlisted(self.inventory), *self.inventory.gaps(SUBSCRIPTIONS, "/", below=False)]

    def _not_asked(self, what: str, code: str, words: str, scopes: list[str]) -> Gap:
        """Return one gap for several subscriptions; the first few are named."""
        held = (self.inventory.get(scope) for scope in scopes[:_NAMED])
        names = [
            f"`{one.display_name}`" if isinstance(one, Subscription) else f"`{scope.rpartition('/')[2]}`"
            for scope, one in zip(scopes, held, strict=False)
        ]
        more = f" and {len(scopes) - _NAMED:,} more" if len(scopes) > _NAMED else ""
        kind = "the subscription" if len(scopes) == 1 else f"{len(scopes):,} subscriptions:"
        message = f"{words} {kind} {', '.join(names)}{more}"
        return many([Gap(what, scope, 0, code, message, needs_of(what)) for scope in scopes], scope="/")

    @cached_property
    def _subscriptions(self) -> list[str]:
        """The subscriptions to ask for gaps, sorted by their ids."""
        seen = {held.arm_id.name.lower() for held in self.inventory.all(Subscription)}
        return [f"/subscriptions/{name}" for name in self.inventory.unlike(seen | self.inventory.scanned)]
