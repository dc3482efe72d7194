"""The reading of a subscription whose lists may be recalled together when the scan is gone on with."""

from collections.abc import Sequence

from auditor.collect.listing import Listing
from auditor.collect.reader import Reader
from auditor.collect.workers import Job


class Visit:
    """The reading of some lists of a subscription (ARM id), by `jobs` jobs.

    Of the lists `filtered`, Azure leaves out what the account may not read; `refusable` ones show whether it may. An
    answer to the former that is recalled beside a new one to the latter, or the other way round, would prove nothing if
    the account had other rights in between. So they are recalled only if one run read all of them and they show the
    right.
    """

    def __init__(
        self, reader: Reader, subscription: str, jobs: int, filtered: Sequence[str], refusable: Sequence[Listing]
    ) -> None:
        self._recording = reader.recording
        self._subscription = subscription
        self._rights = reader.arm.rights_shown(subscription)
        self._left = jobs
        self._filtered = filtered
        self._refusable = refusable

    async def read(self, job: Job) -> None:
        """Run one of the jobs; after the last one, note whether the account may read the subscription."""
        await job()
        self._left -= 1
        if not self._left and self._shows_rights():
            self._rights.keep()

    def _shows_rights(self) -> bool:
        recording, place = self._recording, self._subscription
        if not all(recording.is_complete(what, place) for what in self._filtered):
            return False
        some = any(recording.count_at(one.what, place) for one in self._refusable)
        return some or all(recording.is_complete(one.what, place) for one in self._refusable)
