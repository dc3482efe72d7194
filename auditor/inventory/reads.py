"""What reading a list came to: read to its end, or the gap that was left."""

from typing import Annotated

import msgspec

NOT_READ = "NotRead"
"""Code of a gap for a list that nobody asked for."""
INTERRUPTED = "Interrupted"
"""Code of a gap for a list that was planned or begun when the scan was stopped."""
MALFORMED = "Malformed"
"""Code of a gap for a body that came, but could not be understood."""
ONLY_READABLE = "OnlyReadableListed"
"""Code of a gap for a list that Azure answered, but only with what the account may read."""


class Gap(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """A list (or one resource of it) that was not, or not wholly, read.

    `status` is the HTTP status, 0 where no answer came; `needs` the permission that would cure it, where one would.
    """

    what: str
    scope: str
    status: Annotated[int, msgspec.Meta(ge=0, le=599)]
    code: str = ""
    message: str = ""
    needs: str | None = None


class Read(msgspec.Struct, frozen=True, order=True):
    """A list that was read to its end: absence from it proves absence."""

    what: str
    scope: str
    status: str = "complete"
    count: Annotated[int, msgspec.Meta(ge=0)] = 0
