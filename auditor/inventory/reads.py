"""The outcomes of reading a list: a complete read, or a gap."""

from typing import Annotated, Any

import msgspec

NOT_READ = "NotRead"
"""Code of a gap for a list that was not requested."""
NOT_SCANNED = "NotScanned"
"""Code of a gap for subscriptions outside the scan."""
INTERRUPTED = "Interrupted"
"""Code of a gap for a list that was planned or incomplete when the scan was stopped."""
MALFORMED = "Malformed"
"""Code of a gap for a body that was received, but is malformed."""
ONLY_READABLE = "OnlyReadableListed"
"""Code of a gap for a list that Azure filtered by what the account may read."""


BY_READER = "*/read (the built-in role Reader)"
"""The right to read a list for which Azure publishes no operation: no custom role can name one."""

_RETIRED = frozenset({"microsoft.migrate/projects/read"})
"""Permissions that older scans named and that are no operations any more."""


HIDDEN = "HiddenMembership"
"""Code of a gap for the members of a group that hides them, of whom the directory showed none."""


class Gap(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """A list, or one resource of it, that was not read or only in part.

    `status` is the HTTP status, 0 where no answer came; `needs` the missing permission, where that is the reason.
    """

    what: str
    scope: str
    status: Annotated[int, msgspec.Meta(ge=0, le=599)]
    code: str = ""
    message: str = ""
    needs: str | None = None

    @property
    def answer(self) -> str:
        """The reason of the gap in few words: Azure's status and code, or what is wrong with the answer."""
        if self.status >= 400:
            return f"{self.status} {self.code}".strip()
        return self.message or self.code or "no answer came"

    @property
    def cure(self) -> str:
        """The permission that would close the gap; empty where granting one would not help.

        After a fault of the service, a stopped scan, and for what was not requested, only another scan helps.
        """
        again = is_passing(self.status) or self.code in {INTERRUPTED, NOT_READ, NOT_SCANNED}
        if again or self.needs is None:
            return ""
        return BY_READER if self.needs.lower() in _RETIRED else self.needs

    @property
    def words(self) -> str:
        """The gap as a sentence: list, scope, reason, and the permission that would close it."""
        if self.code == NOT_SCANNED:
            return self.answer
        cure = f"; grant `{self.cure}`" if self.cure else ""
        return f"`{self.what}` at `{self.scope}` was not read: {self.answer}{cure}"

    def as_dict(self) -> dict[str, Any]:
        """Return every field by name, including those that a snapshot omits."""
        return msgspec.structs.asdict(self)


def is_passing(status: int) -> bool:
    """Return whether an HTTP status means a fault of the service that may be over at the next attempt."""
    return status in {408, 429} or status >= 500


class Read(msgspec.Struct, frozen=True, order=True):
    """A list that was read to its end: absence from it proves absence."""

    what: str
    scope: str
    status: str = "complete"
    count: Annotated[int, msgspec.Meta(ge=0)] = 0
