"""Lists from which Azure silently leaves out what the account may not read, and when they prove nothing."""

from collections.abc import Iterable

from auditor.collect.catalogue import PER_SUBSCRIPTION, TRACKED
from auditor.collect.listing import Listing, Tracked
from auditor.collect.readers.environment import PROVIDERS, RESOURCE_GROUPS
from auditor.collect.recording import Recording
from auditor.inventory.reads import ONLY_READABLE, Gap

_FILTERED: tuple[Listing | Tracked, ...] = (RESOURCE_GROUPS, *TRACKED)
_REFUSED = tuple(listing for listing in PER_SUBSCRIPTION if listing.what not in {RESOURCE_GROUPS.what, PROVIDERS.what})
"""The other lists of a subscription; which providers it has is told to people who may read nothing else of it."""


def doubt_filtered(recording: Recording, subscription: str, asked: Iterable[Listing] = _REFUSED) -> None:
    """Turn the reads of filtered lists into gaps where the subscription itself is closed to the account.

    Resource groups and resources are listed as far as the account may read them, without an error for the rest. Every
    other list of a subscription is refused to whoever has no right at the subscription: if all of them were, then an
    answered filtered list shows a part, and its silence proves nothing. `asked` are those that were asked for.
    """
    gaps = [recording.gap_at(listing.what, subscription) for listing in asked]
    if not all(gap is not None and gap.status == 403 for gap in gaps):
        return
    message = "Azure lists here only what the account may read, and it may read nothing at the subscription itself"
    for listing in _FILTERED:
        if recording.is_complete(listing.what, subscription):
            recording.gap(Gap(listing.what, subscription, 200, ONLY_READABLE, message, listing.needs[0]))
