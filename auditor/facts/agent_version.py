"""Whether an appliance runs an older agent than others of its kind: Azure holds no other proof of being outdated."""

from auditor.facts.estate.appliances import Seat
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, unless_gaps
from auditor.facts.presence import not_in_body


def outdated(context: Context, seat: Seat) -> tuple[Fact[bool], str]:
    """Return whether an appliance of the same kind has a newer version of the agent, and the newest of them.

    Azure tells nowhere which version is the latest. Only versions of one first number are compared: which of two
    numberings is the later one cannot be told.
    """
    own = seat.agent.version_numbers if seat.agent else None
    if own is None:
        return not_in_body(context.inventory, seat.what, str(seat.site.arm_id), "version of the agent"), ""
    newest, other = context.estate.newest_agents[seat.kind, own[0]]
    text = ".".join(map(str, newest))
    if newest > own:
        return Known(True, (Evidence(str(other.site.arm_id), f"version: {text}"),)), text
    hidden = tuple(gap for gap in context.estate.hidden_seats if gap.what.lower() == seat.what.lower())
    return unless_gaps(False, hidden), text
