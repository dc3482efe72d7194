"""A gap as JSON."""

from typing import Any

import msgspec

from auditor.inventory.reads import Gap


def gap_json(gap: Gap) -> dict[str, Any]:
    """Return a gap with all its fields, those included that a snapshot leaves out."""
    return msgspec.structs.asdict(gap)
