"""The comparison of a subscription's list of all resources with the searches and lists of single types."""

from collections.abc import Mapping, Set

from auditor.collect.catalogue import TRACKED
from auditor.collect.listing import Listing, Tracked
from auditor.collect.readers.migrate import ASSESSMENT_PROJECTS, OLD_PROJECTS
from auditor.collect.readers.workspace_uses import PER_SUBSCRIPTION
from auditor.collect.readers.workspace_uses import TRACKED as USES_TRACKED
from auditor.collect.recording import Recording
from auditor.inventory.reads import ONLY_READABLE, Gap

Shown = Mapping[str, Set[str]]
"""The ids (lower case) that the list of all resources shows, by type (lower case)."""

_SEARCHED: tuple[Tracked, ...] = (*TRACKED, *USES_TRACKED)
_COMPARED: tuple[Listing | Tracked, ...] = (*_SEARCHED, *PER_SUBSCRIPTION, ASSESSMENT_PROJECTS, OLD_PROJECTS)
COMPARED = frozenset(kind.what.lower() for kind in _COMPARED)
"""The types (lower case) of these resources; none is a type that this program deletes between two reads."""


def note_shown(recording: Recording, shown: Mapping[str, Shown]) -> None:
    """Record that these resources, which another recording was given, are there."""
    for by_type in shown.values():
        for kind, identities in by_type.items():
            recording.answered(kind)
            for identity in identities:
                recording.shown(identity, kind)


def doubt_unlike(recording: Recording, shown: Mapping[str, Shown]) -> None:
    """Record a gap of each type of which one list shows a resource of a subscription that the other lacks.

    `shown` is the list of all resources of each subscription. It has no resources of types that have no location, so
    that only a search for a type, which is the same list with a filter, can show too many.
    """
    held = recording.ids_by_type(COMPARED)
    for subscription, by_type in shown.items():
        for one in _COMPARED:
            if not recording.is_complete(one.what, subscription):
                continue
            everything = by_type.get(one.what.lower(), frozenset())
            found = held.get((one.what.lower(), subscription.lower()), frozenset())
            unlike = everything ^ found if isinstance(one, Tracked) else everything - found
            if unlike:
                message = f"its own list and that of all resources differ, by {len(unlike):,} such as `{min(unlike)}`"
                recording.gap(Gap(one.what, subscription, 200, ONLY_READABLE, message, one.needs[0]))
