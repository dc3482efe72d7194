"""Whether a scan asked for assessments and machines, apart from what is read from them, which few scans need."""

from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    ASSESSED_MACHINES,
    ASSESSMENT_GROUPS,
    ASSESSMENTS,
    GROUP_ASSESSED_MACHINES,
    GROUP_ASSESSMENTS,
)

_ASKED_FOR = frozenset(
    one.lower()
    for one in (ASSESSMENT_GROUPS, GROUP_ASSESSMENTS, ASSESSMENTS, GROUP_ASSESSED_MACHINES, ASSESSED_MACHINES)
)


def were_asked_for(inventory: Inventory) -> bool:
    """Return whether assessments and machines were asked for: a plain scan leaves them out, which is no gap.

    A snapshot that does not say what it is about was made by hand, and what it lacks may have been asked for.
    """
    reads, asked = inventory.snapshot.reads, inventory.header.asked
    return (
        reads is None
        or asked is None
        or asked.deep
        or any(read.what.lower() in _ASKED_FOR for read in reads)
        or any(gap.what.lower() in _ASKED_FOR and not gap.was_not_requested for gap in inventory.snapshot.gaps)
    )
