"""ARM resource ids: parsed once, compared by segment and without case, shown as they came."""

import re

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
    """A text that is no ARM id, with the reason."""

    def __init__(self, text: str, reason: str) -> None:
        """Keep the offending text and say what is wrong with it."""
        super().__init__(f"`{text}` is not an ARM resource id: {reason}")
        self.text = text
        self.reason = reason


class ArmId:
    """One ARM id.

    Equality, hashing and containment go by whole segments and ignore case, as ARM does: `rg` does not contain `rg2`.
    `text` keeps the original spelling (less a trailing slash) for display.
    """

    __slots__ = ("key", "text")

    text: str
    key: str

    def __init__(self, text: str) -> None:
        """Take a text that is known to be well formed; use `parse` for text from outside."""
        self.text = text
        self.key = text.lower()

    @classmethod
    def parse(cls, text: str) -> "ArmId":
        """Return the id that `text` spells; `/` is the tenant root.

        Raises `MalformedArmId` for anything without a leading slash, with an empty segment, a dot segment, one that
        begins or ends with a blank, a query, a control character, or with a `subscriptions`, `resourceGroups` or
        provider part that lacks its name.
        """
        if not text.startswith("/"):
            raise MalformedArmId(text, "it must start with `/`")
        body = text.rstrip("/")
        if not body:
            return ROOT
        if _SUSPECT.search(body):
            raise MalformedArmId(text, _reason(body))
        _check_shape(text, body.lower().split("/")[1:])
        return cls(body)

    @property
    def is_root(self) -> bool:
        """Whether this is the tenant root `/`."""
        return self.key == ""

    @property
    def segments(self) -> tuple[str, ...]:
        """The path segments in their original spelling; empty for the root."""
        return tuple(self.text[1:].split("/")) if self.text else ()

    @property
    def name(self) -> str:
        """The last segment, or the empty text for the root."""
        return self.segments[-1] if self.segments else ""

    @property
    def subscription(self) -> str | None:
        """The subscription's id (a GUID in lower case), or None outside a subscription."""
        parts = self.key.split("/", 3)
        return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else None

    @property
    def subscription_id(self) -> "ArmId | None":
        """The ARM id of the subscription this lies in, or None."""
        return None if self.subscription is None else self._head(2)

    @property
    def resource_group(self) -> str | None:
        """The name of the resource group this lies in as spelt here, or None."""
        group = self.resource_group_id
        return None if group is None else group.name

    @property
    def resource_group_id(self) -> "ArmId | None":
        """The ARM id of the resource group this lies in, or None."""
        segments = self.segments
        inside = self.subscription is not None and len(segments) > 3 and segments[2].lower() == "resourcegroups"
        return self._head(4) if inside else None

    @property
    def management_group(self) -> str | None:
        """The name of the management group this is or stands on, or None."""
        parts = self.key.split("/")
        inside = len(parts) > 4 and parts[1] == PROVIDERS and tuple(parts[2:4]) == _MANAGEMENT_GROUPS
        return self.segments[3] if inside else None

    @property
    def type(self) -> str:
        """The resource type this id spells, in the spelling of the id; the empty text for the root.

        Subscriptions, resource groups, tenants and provider registrations, which have no provider segment of their own,
        are named `Microsoft.Resources/…` as Azure documents them.
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
        """What this lies directly below: parent resource, scope of an extension, resource group, subscription or root.

        The place of a management group or a subscription in the tree is no part of its id: its parent here is the root.
        """
        tail = self._tail()
        if tail and tail[0].lower() == PROVIDERS and len(tail) > 4:
            return self._head(len(self.segments) - 2)
        return self.scope

    @property
    def scope(self) -> "ArmId":
        """What a resource with a provider part stands on; for a resource group its subscription, else the root."""
        return self._head(len(self.segments) - len(self._tail()))

    def is_within(self, other: "ArmId") -> bool:
        """Whether this is `other` or lies below it by its path; everything lies within the root."""
        return self.key == other.key or self.key.startswith(other.key + "/")

    def _tail(self) -> tuple[str, ...]:
        """The part behind the scope: from the last `providers` segment on, or one `kind/name` pair."""
        segments = self.segments
        for index in range(len(segments) - 1, -1, -1):
            if segments[index].lower() == PROVIDERS and index % 2 == 0:
                return segments[index:]
        return segments[-2:]

    def _head(self, count: int) -> "ArmId":
        return ArmId("/" + "/".join(self.segments[:count])) if count > 0 else ROOT

    def __eq__(self, other: object) -> bool:
        """Ids are equal when their texts are, without case."""
        return isinstance(other, ArmId) and self.key == other.key

    def __hash__(self) -> int:
        """Equal ids hash alike."""
        return hash(self.key)

    def __lt__(self, other: "ArmId") -> bool:
        """Order by the lower-case text, so that lists of ids are stable."""
        return self.key < other.key

    def __str__(self) -> str:
        """The id as it came; the root as `/`."""
        return self.text or "/"

    def __repr__(self) -> str:
        """The id for people who debug."""
        return f"ArmId({str(self)!r})"


def _reason(body: str) -> str:
    """What is wrong with a text that `_SUSPECT` found something in."""
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
"""The tenant root, spelt `/`."""
