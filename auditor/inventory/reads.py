"""The outcomes of reading a list: a complete read, a gap, or both where the cloud has no such type."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

NOT_READ = "NotRead"
"""Code of a gap for a list that was not requested."""
ONLY_RESOURCE_GRAPH = "OnlyResourceGraph"
"""Code of a gap for a list in a subscription of which only what Azure Resource Graph shows was read."""
NOT_SCANNED = "NotScanned"
"""Code of a gap for subscriptions outside the scan."""
INTERRUPTED = "Interrupted"
"""Code of a gap for a list that was planned or incomplete when the scan was stopped."""
MALFORMED = "Malformed"
"""Code of a gap for a body that was received, but is malformed."""
ONLY_READABLE = "OnlyReadableListed"
"""Code of a gap for a list that Azure filtered by what the account may read."""
OLDER_VERSION = "OlderVersion"
"""Code of a gap for properties that an api-version does not have, in which the resources were read."""
NOT_PUBLISHED = "NotPublished"
"""Code of a gap for an action that no resource provider is known to have."""
COUNTS_DIFFER = "CountsDiffer"
"""Code of a gap for a list that Azure itself counts differently: neither the list nor the count is certain."""
ONLY_A_HINT = "OnlyAHint"
"""Code of a gap for something that only a name suggests: no list is unread, and none would settle it."""
UNDECIDABLE = "Undecidable"
"""Code of a gap for something that no answer of Azure contains: it depends on a sign-in, or is kept nowhere."""
UNDOCUMENTED = "Undocumented"
"""Code of a gap for something that was read, and of which Microsoft does not document what Azure makes of it."""
DEPENDS_ON_MEMBER = "DependsOnMember"
"""Code of a gap for a right that a group does not grant but some of its members may have."""
NOT_REGISTERING = "NotRegistering"
"""Code of a gap for an account that does not register an appliance in the mode in question."""
ALL_WITHOUT_PURGE = "AllWithoutPurge"
"""Code of a gap for purging under an access policy that grants `all`, which perhaps does not include purging."""
NOTHING_UNREAD = frozenset(
    {ONLY_A_HINT, UNDECIDABLE, UNDOCUMENTED, DEPENDS_ON_MEMBER, NOT_REGISTERING, ALL_WITHOUT_PURGE}
)
"""The codes of gaps that no reading of a list would settle."""


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
    def is_undecidable(self) -> bool:
        """Whether nothing is unread: no list, read or not, would settle it; its message says all."""
        return self.code in NOTHING_UNREAD

    @property
    def was_not_requested(self) -> bool:
        """Whether the list was not requested, although its place is part of the scan."""
        return self.code in {NOT_READ, ONLY_RESOURCE_GRAPH}

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
        again = is_passing(self.status) or self.was_not_requested or self.code in {INTERRUPTED, NOT_SCANNED}
        if again or self.needs is None:
            return ""
        return BY_READER if self.needs.lower() in _RETIRED else self.needs

    @property
    def words(self) -> str:
        """The gap as a sentence: list, scope, reason, and the permission that would close it."""
        if self.code in {NOT_SCANNED, NOT_PUBLISHED}:
            return self.answer
        if self.is_undecidable:
            return self.message
        cure = f"; grant `{self.cure}`" if self.cure else ""
        read = "was not read completely" if self.code in {OLDER_VERSION, COUNTS_DIFFER} else "was not read"
        return f"`{self.what}` at `{self.scope}`{self.others} {read}: {self.answer}{cure}"

    @property
    def others(self) -> str:
        """The places beside its scope in words; empty for a single gap."""
        return ""

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


NO_SUCH_TYPE: dict[str, frozenset[int]] = {
    "InvalidResourceType": frozenset({404}),
    "NoRegisteredProviderFound": frozenset({400, 404}),
}
"""The error codes, with their statuses, of a resource type or api-version that a cloud does not have."""

NOT_REGISTERED: dict[str, frozenset[int]] = {
    "InvalidResourceNamespace": frozenset({404}),
    "MissingSubscriptionRegistration": frozenset({409}),
    "SubscriptionNotRegistered": frozenset({409}),
}
"""The error codes, with their statuses, of a provider that is not registered in a subscription.

A resource needs its provider registered, and Azure does not unregister a provider that still has resources."""

_NEVER_ABSENT = frozenset({"microsoft.operationalinsights/workspaces", "microsoft.keyvault/vaults"})
_IN_EVERY_CLOUD = (
    "microsoft.resources/",
    "microsoft.authorization/denyassignments",
    "microsoft.authorization/locks",
    "microsoft.authorization/permissions",
    "microsoft.authorization/policy",
    "microsoft.authorization/roleassignments",
    "microsoft.authorization/roledefinitions",
)
"""Beginnings of the types that Resource Manager itself has in every cloud; an answer that denies one is not its own.

Only the schedules of PIM are younger than some clouds.

The same holds for the whole types `_NEVER_ABSENT`, on which every judgement about workspaces and vaults rests.
"""


def says_no_such_type(code: str, status: int) -> bool:
    """Return whether an error code and its status say that there is no such type or api-version."""
    return status in NO_SUCH_TYPE.get(code, ())


def says_not_registered(code: str, status: int) -> bool:
    """Return whether an error code and its status say that a provider is not registered in the subscription."""
    return status in NOT_REGISTERED.get(code, ())


def may_be_unregistered(what: str, scope: str) -> bool:
    """Return whether the provider of the list `what` may be unregistered at `scope`, inside a subscription.

    The providers of Resource Manager itself need no registration, and one that has a resource in `scope` has it.
    """
    namespace = what.lower().partition("/")[0]
    place = f"{scope.lower().rstrip('/')}/"
    return (
        place.startswith("/subscriptions/")
        and namespace not in {"microsoft.authorization", "microsoft.resources"}
        and f"/providers/{namespace}/" not in place
    )


def may_be_absent(what: str) -> bool:
    """Return whether a cloud may lack the type of the list `what`."""
    return what.lower() not in _NEVER_ABSENT and not what.lower().startswith(_IN_EVERY_CLOUD)


def absent_lists(reads: Iterable[Read] | None, gaps: Iterable[Gap]) -> frozenset[Gap]:
    """Return those of `gaps` that record a type that the cloud does not have, so that its list is empty.

    Such a list has a read without items beside the gap that keeps the answer of Azure. A type of which any list holds
    an item exists, whatever else was answered.
    """
    claims = [gap for gap in gaps if says_no_such_type(gap.code, gap.status) and may_be_absent(gap.what)]
    if not claims or reads is None:
        return frozenset()
    counts: dict[tuple[str, str], int] = {}
    holding: set[str] = set()
    for read in reads:
        counts[_key(read.what, read.scope)] = read.count
        if read.count:
            holding.add(read.what.lower())
    return frozenset(
        gap for gap in claims if counts.get(_key(gap.what, gap.scope)) == 0 and gap.what.lower() not in holding
    )


def _key(what: str, scope: str) -> tuple[str, str]:
    return (what.lower(), scope.lower().rstrip("/"))
