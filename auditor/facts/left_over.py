"""Whether what appliances use serves no project any more: every project of theirs is gone."""

from auditor.facts.context import Context
from auditor.facts.estate import PROJECTS
from auditor.facts.fact import Evidence, Fact, Gap, Known, all_of, hidden_by, not_
from auditor.facts.presence import exists
from auditor.facts.seat import Seat


def projects_gone(context: Context, seats: tuple[Seat, ...], hidden: tuple[Gap, ...]) -> Fact[bool]:
    """Return whether each of `seats` belongs to a project that is gone; `hidden` is what may hide further ones.

    An appliance without a project proves nothing: what it uses may be in use.
    """
    return all_of([*(_gone(context, seat) for seat in seats), *hidden_by(hidden)])


def _gone(context: Context, seat: Seat) -> Fact[bool]:
    if seat.project is None:
        return Known(False, (Evidence(str(seat.site.arm_id), "names no project"),))
    return not_(exists(context.inventory, seat.project, PROJECTS))
