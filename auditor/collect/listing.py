"""How a reader is declared: the list, where it is asked for, the permission it needs, how its items become records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from auditor.inventory.lists import needs_of

Body = dict[str, object]


class Feature(Enum):
    """What the reads are for; `migaudit permissions` sums the rights by it."""

    ENVIRONMENT = "environment"
    ACCESS = "access"
    PROJECTS = "projects"
    VAULTS = "vaults"
    WORKSPACES = "workspaces"
    REMAINS = "remains"
    ACCOUNTS = "accounts"
    APPLICATIONS = "applications"
    WORKSPACE_USES = "workspace-uses"
    DEEP = "deep"
    QUESTIONS = "questions"


class Keep(Enum):
    """How the items of a list become records."""

    LIVE = "live"
    DELETED = "deleted"
    INHERITED = "inherited"
    """Live; one that stands above the subscription whose list returned it is linked to that subscription."""
    PLACE = "place"
    """Only where a thing stands in the tree is kept: a link to its parent."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A list asked for by its path, in which `{scope}` stands for the ARM id it is asked of."""

    path: str
    api_version: str
    query: Mapping[str, str] = field(default_factory=dict)

    def at(self, scope: str) -> str:
        """Return the path at `scope`."""
        return self.path.replace("{scope}", scope.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Sdk:
    """A list asked for through an operation of an azure-mgmt client.

    `client` imports and returns the client's class, so that nothing is imported before it is needed; `operation` is the
    dotted name of the operation on it.
    """

    client: Callable[[], type[Any]]
    operation: str
    arguments: Mapping[str, str] = field(default_factory=dict)


NO_SUCH_PROVIDER = frozenset(
    {"missingsubscriptionregistration", "subscriptionnotregistered", "invalidresourcenamespace"}
)
"""Error codes that mean: this subscription has never been given the provider, so nothing of it can be there.

A resource needs its provider registered, and Azure does not unregister a provider that still has resources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list that Azure Resource Manager can be asked for.

    `empty_on` holds the error codes (lower case) that prove the list empty, `empty_said` how the message begins (lower
    case, `{name}` for the name of what was asked) that does where the code is `BadRequest`; `also_needs` permissions
    beyond the one that the catalogue of lists states for `what`. Items of a list that is `below` what it is asked of
    lie directly below it: one without such an id is given the one that ARM would spell. Of a list with `named` only
    the items whose ids end in one of these names (lower case) are kept and counted. A list with `parents` has no list
    of its own in a subscription: those are listed there, and each is then asked.
    """

    what: str
    feature: Feature
    source: Rest | Sdk
    keep: Keep = Keep.LIVE
    empty_on: frozenset[str] = NO_SUCH_PROVIDER
    empty_said: str = ""
    also_needs: tuple[str, ...] = ()
    below: bool = False
    named: frozenset[str] = frozenset()
    parents: "Listing | None" = None

    def wanted(self, page: list[Body]) -> list[Body]:
        """Return the items of a page that are kept."""
        if not self.named:
            return page
        return [body for body in page if str(body.get("id")).rpartition("/")[2].lower() in self.named]

    @property
    def needs(self) -> tuple[str, ...]:
        """The permissions the list needs, the one that a refusal names first."""
        own = permissions_for(self.what, self.also_needs)
        return own if self.parents is None else (*own, *self.parents.needs)


def at_group(listing: Listing, api_version: str) -> Listing:
    """Return a list of assignments as a management group is asked for it: what stands there and above, not below.

    Where the group itself stands is read for every question, so no links are made of what it inherits.
    """
    source = Rest(f"{{scope}}/providers/{listing.what}", api_version, {"$filter": "atScope()"})
    return replace(listing, source=source, keep=Keep.LIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A resource type that is found in the subscription's list of resources.

    With `api_versions` each resource is then read by itself; they are tried in turn where Azure does not know one, and
    `children` are lists asked of each. With `whole` that list is asked of the subscription where there are any. With
    neither, the list of resources tells enough.
    """

    what: str
    feature: Feature
    api_versions: tuple[str, ...] = ()
    children: tuple[Listing, ...] = ()
    whole: Listing | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The permissions it needs, the one that a refusal names first."""
        return permissions_for(self.what, ("Microsoft.Resources/subscriptions/resources/read",))


def permissions_for(what: str, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the catalogue's permission for `what`, then those in `also`."""
    first = needs_of(what)
    return also if first is None else (first, *also)
