"""Targets of ARM paths: one resource or one list, its type and its container. All ids are in lower case."""

from dataclasses import dataclass
from functools import lru_cache

PROVIDER = "microsoft.resources/providers"
RESOURCE = "microsoft.resources/resources"
RESOURCE_GROUP = "microsoft.resources/resourcegroups"
SUBSCRIPTION = "microsoft.resources/subscriptions"
LOCATION = "microsoft.resources/locations"
TENANT = "microsoft.resources/tenants"
MANAGEMENT_GROUP = "microsoft.management/managementgroups"

_ALIASES = {"microsoft.keyvault/locations/deletedvaults": "microsoft.keyvault/deletedvaults"}


@dataclass(frozen=True, slots=True)
class Target:
    """A resource with the id `key` or, with `is_list`, the list of `type` in `container`.

    `names` are the name segments of the resource, without those of the container.
    """

    key: str
    type: str
    container: str
    is_list: bool
    names: tuple[str, ...] = ()

    @property
    def namespace(self) -> str:
        """The provider namespace."""
        return self.type.partition("/")[0]

    @property
    def subscription(self) -> str | None:
        """The id (GUID) of the subscription, or None outside of one."""
        parts = self.key.split("/", 3)
        return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else None

    @property
    def resource_group(self) -> str | None:
        """The name of the resource group, or None outside of one."""
        parts = self.key.split("/", 5)
        return parts[4] if len(parts) > 4 and self.subscription and parts[3] == "resourcegroups" else None


@lru_cache(maxsize=65536)
def parse_target(key: str) -> Target | None:
    """Return what the path `key` addresses, or None for a path that ARM does not have."""
    segments = key.split("/")[1:] if key else []
    for index in range(len(segments) - 1, -1, -1):
        if segments[index] == "providers" and index % 2 == 0:
            return _behind_provider(key, segments, index)
    return _plain(key, segments)


def _behind_provider(key: str, segments: list[str], index: int) -> Target:
    scope = "".join(f"/{segment}" for segment in segments[:index])
    tail = segments[index + 1 :]
    if len(tail) < 2:
        return Target(key, PROVIDER, scope, is_list=not tail, names=tuple(tail))
    kinds, names = tail[1::2], tuple(tail[2::2])
    type_ = "/".join([tail[0], *kinds])
    type_ = _ALIASES.get(type_, type_)
    if len(kinds) > len(names):
        container = key.rpartition("/")[0] if names else scope
        return Target(key, type_, container, is_list=True, names=names)
    return Target(key, type_, parent_of(key), is_list=False, names=names)


_LISTS_BELOW_SUBSCRIPTION = {"resources": RESOURCE, "resourcegroups": RESOURCE_GROUP, "locations": LOCATION}


def _plain(key: str, segments: list[str]) -> Target | None:
    match segments:
        case ["subscriptions"]:
            return Target(key, SUBSCRIPTION, "", is_list=True)
        case ["tenants"]:
            return Target(key, TENANT, "", is_list=True)
        case ["resources"]:
            return Target(key, RESOURCE, "", is_list=True)
        case ["subscriptions", name]:
            return Target(key, SUBSCRIPTION, "", is_list=False, names=(name,))
        case ["subscriptions", _, ("resources" | "resourcegroups" | "locations") as kind]:
            return Target(key, _LISTS_BELOW_SUBSCRIPTION[kind], key.rpartition("/")[0], is_list=True)
        case ["subscriptions", _, "resourcegroups", name]:
            return Target(key, RESOURCE_GROUP, parent_of(key), is_list=False, names=(name,))
        case ["subscriptions", _, "resourcegroups", _, "resources"]:
            return Target(key, RESOURCE, key.rpartition("/")[0], is_list=True)
        case _:
            return None


def type_of(key: str) -> str:
    """Return the type in the id `key`, or the empty text if it is not the id of a resource."""
    segments = key.split("/")[1:]
    if segments[:1] == ["tenants"]:
        return TENANT
    target = parse_target(key)
    return "" if target is None or target.is_list else target.type


def parent_of(key: str) -> str:
    """Return the id of the parent of `key`; for the outermost ids the root, which is the empty text."""
    if key.count("/") < 2:
        return ""  # also for a text that is not an id
    head = key.rsplit("/", 2)[0]
    cut = head.rsplit("/", 2)
    return cut[0] if len(cut) == 3 and cut[1] == "providers" else head


def subscription_of(key: str) -> str:
    """Return the id of the subscription of `key`, or the empty text outside of one."""
    parts = key.split("/", 3)
    return f"/subscriptions/{parts[2]}" if len(parts) > 2 and parts[1] == "subscriptions" else ""


@lru_cache(maxsize=262144)
def ancestry(key: str) -> tuple[str, ...]:
    """Return `key` and the ids above it in its path, nearest first, without the root."""
    ids = []
    while key:
        ids.append(key)
        key = parent_of(key)
    return tuple(ids)
