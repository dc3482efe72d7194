"""Workspaces that may turn out to be left behind: worth the reads that take one request a resource."""

from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.leftover import LeftoverVerdict
from auditor.facts.leftovers.verdict import judgements


def candidates(context: Context) -> tuple[str, ...]:
    """Return the names of the workspaces that only unread checks keep from a verdict, sorted."""
    return tuple(sorted(one.name for one in judgements(context) if one.verdict is LeftoverVerdict.UNDECIDED))
