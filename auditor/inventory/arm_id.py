"""ARM resource ids, compared by segment and without case."""

import re
from collections.abc import Iterator
from functools import lru_cache

PROVIDERS = "providers"
_SCOPE_TYPES = {
    "subscriptions": "Microsoft.Resources/subscriptions",
    "resourcegroups": "Microsoft.Resources/resourceGroups",
    "tenants": "Microsoft.Resources/tenants",
}
_MANAGEMENT_GROUPS = ("microsoft.management", "managementgroups")
_ROOTS = frozenset({"subscriptions", PROVIDERS, "tenants"})
_SUSPECT = re.compile(r"[\x00-\x1f\x7f?#]|/\s|/(?=/|$)|\s(?=/|$)|/\.\.?(?=/|$)")


class MalformedArmId(ValueError):
    """A text is not a well-formed ARM id, for the given reason."""

    def __init__(self, text: str, reason: str) -> None:
        """Keep the text and the reason."""
        super().__init__(f"`{text}` is not an ARM resource id: {reason}")
        self.text = text
        self.reason = reason


class ArmId:
    """One ARM id.

    Equality, hashing and containment compare complete segments without case, as ARM does: `rg` does not contain `rg2`.
    `text` keeps the original letter case, without a trailing slash, for display.
    """

    __slots__ = ("key", "text")

    text: str
    key: str

    def __init__(self, text: str) -> None:
        """Take a text that is known to be well formed; `parse` takes any text."""
        self.text = text
        self.key = text.lower()

    @classmethod
    def parse(cls, text: str) -> "ArmId":
        """Return the id that `text` is; `/` is the tenant root.

        Raises `MalformedArmId` for a text without a leading slash; with a segment that is empty, `.` or `..`, or begins
        or ends with a blank; with a query or a control character; or with a `subscriptions`, `resourceGroups` or
        provider part that lacks its name.
        """
        if not text.startswith("/"):
            raise MalformedArmId(text, "it must start with `/`")
        body = text.rstrip("/")
        if not body:
            return ROOT
        if not _is_plain(body) and _SUSPECT.search(body):
            raise MalformedArmId(text, _reason(body))
        _check_shape(text, body.lower().split("/")[1:])
        return cls(body)

    @property
    def is_root(self) -> bool:
        """Whether this is the tenant root `/`."""
        return self.key == ""

    @property
    def segments(self) -> tuple[str, ...]:
        """The path segments in their original letter case; empty for the root."""
        return tuple(self.text[1:].split("/")) if self.text else ()

    @property
    def name(self) -> str:
        """The last segment, or the empty text for the root."""
        return self.text.rpartition("/")[2]

    @property
    def subscription(self) -> str | None:
        """The GUID of the subscription in lower case, or None outside a subscription."""
        parts = self.key.split("/", 3)
        return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else None

    @property
    def subscription_id(self) -> "ArmId | None":
        """The ARM id of the subscription that contains this, or None."""
        return None if self.subscription is None else ArmId("/".join(self.text.split("/", 3)[:3]))

    @property
    def resource_group(self) -> str | None:
        """The name of the resource group that contains this, in the letter case of this id, or None."""
        parts = self.text.split("/", 5)
        return parts[4] if self._is_in_group(parts) else None

    @property
    def resource_group_id(self) -> "ArmId | None":
        """The ARM id of the resource group that contains this, or None."""
        parts = self.text.split("/", 5)
        return ArmId("/".join(parts[:5])) if self._is_in_group(parts) else None

    @property
    def is_resource_group(self) -> bool:
        """Whether this is a resource group itself."""
        parts = self.key.split("/", 5)
        return len(parts) == 5 and self._is_in_group(parts)

    @staticmethod
    def _is_in_group(parts: list[str]) -> bool:
        return len(parts) > 4 and parts[1].lower() == "subscriptions" and parts[3].lower() == "resourcegroups"

    @property
    def paths(self) -> Iterator[str]:
        """The keys of this and of every path above it, the nearest first; none for the root."""
        key = self.key
        while key:
            yield key
            key = key.rpartition("/")[0]

    @property
    def management_group(self) -> str | None:
        """The name of the management group that this is or is assigned to, or None."""
        parts = self.key.split("/")
        inside = len(parts) > 4 and parts[1] == PROVIDERS and tuple(parts[2:4]) == _MANAGEMENT_GROUPS
        return self.segments[3] if inside else None

    @property
    def type(self) -> str:
        """The resource type in this id, in the letter case of the id; the empty text for the root.

        The types of subscriptions, resource groups, tenants and provider registrations, whose ids contain no provider,
        are `Microsoft.Resources/…` as Azure documents them.
        """
        if self.is_root:
            return ""
        tail = self._tail()
        if tail[0].lower() != PROVIDERS:
            return _SCOPE_TYPES.get(tail[-2].lower(), "") if len(tail) > 1 else ""
        if len(tail) == 2:
            return "Microsoft.Resources/providers"
        return "/".join([tail[1], *tail[2::2]])

    @property
    def parent(self) -> "ArmId":
        """The id directly above: parent resource, scope of an extension, resource group, subscription or root.

        Management groups and subscriptions have the root as parent here, as their ids do not contain the real one.
        """
        tail = self._tail()
        if tail and tail[0].lower() == PROVIDERS and len(tail) > 4:
            return self._head(len(self.segments) - 2)
        return self.scope

    @property
    def scope(self) -> "ArmId":
        """The scope of a resource with a provider part; the subscription of a resource group; otherwise the root."""
        return self._head(len(self.segments) - len(self._tail()))

    def is_within(self, other: "ArmId") -> bool:
        """Return whether this is `other` or below it by its path; everything is within the root."""
        return self.key == other.key or self.key.startswith(other.key + "/")

    def _tail(self) -> tuple[str, ...]:
        """Return the part after the scope: from the last `providers` segment on, or one `kind/name` pair."""
        segments = self.segments
        for index in range(len(segments) - 1, -1, -1):
            if segments[index].lower() == PROVIDERS and index % 2 == 0:
                return segments[index:]
        return segments[-2:]

    def _head(self, count: int) -> "ArmId":
        return ArmId("/" + "/".join(self.segments[:count])) if count > 0 else ROOT

    def __eq__(self, other: object) -> bool:
        """Return whether both texts are equal without case."""
        return isinstance(other, ArmId) and self.key == other.key

    def __hash__(self) -> int:
        """Return a hash that ignores case."""
        return hash(self.key)

    def __lt__(self, other: "ArmId") -> bool:
        """Order by the lower-case text, so that lists of ids have a stable order."""
        return self.key < other.key

    def __str__(self) -> str:
        """Return the original text; `/` for the root."""
        return self.text or "/"

    def __repr__(self) -> str:
        """Return the id for debugging."""
        return f"ArmId({str(self)!r})"


def _is_plain(body: str) -> bool:
    """Return whether `_SUSPECT` certainly finds nothing, as it does in nearly every id; several times faster."""
    odd = "//" in body or "/." in body or "/ " in body or " /" in body or "?" in body or "#" in body
    return not odd and body.isprintable() and body[-1] != " "


def _reason(body: str) -> str:
    """Return what is wrong with a text that matches `_SUSPECT`."""
    segments = body[1:].split("/")
    if any(not segment.strip() for segment in segments):
        return "a segment is empty"
    if any(segment != segment.strip() for segment in segments):
        return "a segment begins or ends with a blank"
    if any(segment in {".", ".."} for segment in segments):
        return "it holds a `.` or `..` segment"
    return "it holds a control character, `?` or `#`"


def _check_shape(text: str, lowered: list[str]) -> None:
    first = lowered[0]
    if first not in _ROOTS:
        raise MalformedArmId(text, "it starts with neither `/subscriptions`, `/providers` nor `/tenants`")
    if len(lowered) == 1:
        raise MalformedArmId(text, f"`{first}` lacks its name")
    if first == "subscriptions" and len(lowered) > 2 and lowered[2] not in {"resourcegroups", PROVIDERS}:
        raise MalformedArmId(text, f"`{lowered[2]}` cannot follow a subscription")
    if lowered[-1] == PROVIDERS and len(lowered) % 2:
        raise MalformedArmId(text, "the provider namespace is missing")
    if lowered[-1] == "resourcegroups" and len(lowered) == 3:
        raise MalformedArmId(text, "the resource group's name is missing")


ROOT = ArmId("")
"""The tenant root, written `/`."""


def plain_arm_id(value: object) -> ArmId | None:
    """Return a value as an ARM id, or None for anything else, such as an id with escaped or invisible characters.

    Azure may read such an id as that of another resource, so that it must not count as naming none.
    """
    return arm_id(value) if isinstance(value, str) and value.isprintable() and "%" not in value else None


@lru_cache(maxsize=65536)
def arm_id(text: str | None) -> ArmId | None:
    """Return `text` as an ARM id, or None for anything else, such as a placeholder or a URL."""
    try:
        return ArmId.parse(text) if text else None
    except MalformedArmId:
        return None


def scope_key(text: str | None) -> str:
    """Return the comparable form of a scope: lower case, no trailing slash, the root as the empty string."""
    key = (text or "").strip().lower().rstrip("/")
    return "/" + "/".join(filter(None, key.split("/"))) if "//" in key else key


def made_at(identity: str, provider: str = "microsoft.authorization") -> str:
    """Return the scope key of an extension resource (an assignment, a lock): its id before the provider part."""
    head, found, _ = scope_key(identity).rpartition(f"/providers/{provider}/")
    return head if found else scope_key(identity)


def scope_of(identity: str, stated: str | None) -> str:
    """Return the key of the scope that an extension resource states, or else of the one in its id."""
    return scope_key(stated) if stated else made_at(identity)
