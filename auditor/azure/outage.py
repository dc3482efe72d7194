"""When an endpoint fails in one and the same way for so long that asking it for more is of no use."""

import asyncio

from auditor.azure.errors import ReadFailed

FEWEST = 6
"""Attempts that must have failed within that time: one slow request alone is no outage."""


class Outage:
    """The failures of one endpoint in a row, whichever request they answered; any other answer ends the row.

    After `patience` seconds of nothing else, it counts as an outage.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._kind = ""
        self._count = 0
        self._since = 0.0

    def failed(self, kind: str) -> None:
        """Note that an attempt failed; `kind` is the status or the sort of fault."""
        if kind != self._kind:
            self._kind, self._count, self._since = kind, 0, asyncio.get_running_loop().time()
        self._count += 1

    def answered(self) -> None:
        """Note that an attempt was answered."""
        self._kind, self._count = "", 0

    @property
    def has_lasted(self) -> bool:
        """Whether nothing else came for the whole time."""
        lasted = asyncio.get_running_loop().time() - self._since
        return self._count >= FEWEST and lasted >= self._patience

    def refuse(self, url: str) -> None:
        """Raise `ReadFailed` (`GivenUp`) for a request that would meet the outage; do nothing where there is none."""
        if self.has_lasted:
            seconds = asyncio.get_running_loop().time() - self._since
            message = (
                f"it was not asked: each of {self._count:,} attempts in {seconds:.0f} seconds ended in {self._kind}"
            )
            raise ReadFailed(0, "GivenUp", message, url)
