"""Workspaces without a verdict yet, for which a deep scan (one request per resource) is worthwhile."""

from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.leftover import LeftoverVerdict
from auditor.facts.leftovers.verdict import judgements


def candidates(context: Context) -> tuple[str, ...]:
    """Return the sorted names of the workspaces that are undecided because of unread checks."""
    return tuple(sorted(one.name for one in judgements(context) if one.verdict is LeftoverVerdict.UNDECIDED))
