"""The declaration of a list: its path or SDK operation, the permissions it needs, how its items become records."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from auditor.inventory.list_shapes import ListShape, type_in
from auditor.inventory.lists import needs_of, shape_of
from auditor.inventory.resources.fields import ReadByField, cut_to_fields

Body = dict[str, object]


class Feature(Enum):
    """The purpose of reads, by which `migaudit permissions` groups the permissions."""

    ENVIRONMENT = "environment"
    ACCESS = "access"
    PROJECTS = "projects"
    VAULTS = "vaults"
    WORKSPACES = "workspaces"
    LEFTOVERS = "remains"
    ACCOUNTS = "accounts"
    APPLICATIONS = "applications"
    WORKSPACE_USES = "workspace-uses"
    DEEP = "deep"
    READINESS = "readiness"
    QUESTIONS = "questions"


class Keep(Enum):
    """The way in which the items of a list become records."""

    LIVE = "live"
    DELETED = "deleted"
    INHERITED = "inherited"
    """Live; an item from above the subscription whose list returned it is linked to that subscription."""
    PLACE = "place"
    """No record, only a link to the parent in the tree of management groups."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A list read by its path, in which `{scope}` stands for the ARM id whose list it is.

    `versions` are the api-versions to ask for, newest first; an older one is asked for only where a cloud lacks the
    newer ones. What each of them returns is stated in `auditor/inventory/versions.yaml`. `wish` are further parameters
    of the query that may be refused: then the list is asked for without them.
    """

    path: str
    versions: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    wish: Mapping[str, str] = field(default_factory=dict)

    def at(self, scope: str) -> str:
        """Return the path at `scope`."""
        return self.path.replace("{scope}", scope.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Sdk:
    """A list read through an operation of an azure-mgmt client.

    `client` imports and returns the client's class, which delays the import; `operation` is the operation's dotted
    name. The first of `versions` is the api-version that the package is made for, so a test notices a package that
    moves to another one; the others are as in `Rest`.
    """

    client: Callable[[], type[Any]]
    operation: str
    versions: tuple[str, ...]
    arguments: Mapping[str, str] = field(default_factory=dict)


Refusals = Mapping[str, int]
"""Error codes (lower case) that have a meaning of their own, each with the only status that it comes with."""


@dataclass(frozen=True, slots=True)
class CutShape:
    """The shape of a list whose items are cut to the fields of `kind` before anything compares or keeps them."""

    whole: ListShape
    kind: type[ReadByField]

    bare = maybe_bare = False

    def at(self, scope: str) -> "CutShape":
        """Return the shape of the list at the ARM id `scope`."""
        return replace(self, whole=self.whole.at(scope))

    def accepted(self, items: list[Body]) -> list[Body]:
        """Return the items of a page, cut; raises `WrongShape`."""
        return [cut_to_fields(item, self.kind) for item in self.whole.accepted(items)]

    def key(self, item: Body) -> Hashable:
        """Return the key that identifies an item within its list, without case, or None where it has none."""
        return self.whole.key(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list of Azure Resource Manager.

    Attributes:
        what: the name of the list in `auditor.inventory.lists`.
        feature: the purpose of reading it.
        source: the path or operation that returns it.
        keep: how its items become records.
        empty_on: refusals that prove the list empty, beside that of a provider that is not registered.
        empty_said: the beginning (lower case) of the message that proves it empty where the code is `BadRequest`;
            `{name}` stands for the name of the resource whose list it is.
        also_needs: permissions beside the one that the catalogue of lists states for `what`.
        below: whether its items are directly below `scope`; one without such an id gets it.
        named: where not empty, only items whose ids end in one of these names (lower case) are kept and counted.
        parted: whether only items with ids of the type `what` are kept and counted: the others are in another list.
        cut: the class to whose fields the items are cut as they arrive, as their bodies are large.
        parents: for a list of children that no subscription lists: the list of their parents, each of which is asked.
    """

    what: str
    feature: Feature
    source: Rest | Sdk
    keep: Keep = Keep.LIVE
    empty_on: Refusals = field(default_factory=dict)
    empty_said: str = ""
    also_needs: tuple[str, ...] = ()
    below: bool = False
    named: frozenset[str] = frozenset()
    parted: bool = False
    cut: type[ReadByField] | None = None
    parents: "Listing | None" = None

    def wanted(self, page: list[Body]) -> list[Body]:
        """Return the items of a page that are kept."""
        if self.parted:
            return [body for body in page if type_in(body.get("id")) == self.what.lower()]
        if not self.named:
            return page
        return [body for body in page if str(body.get("id")).rpartition("/")[2].lower() in self.named]

    @property
    def shape(self) -> "ListShape | CutShape":
        """The shape of its pages."""
        shape = shape_of(self.what)
        return shape if self.cut is None else CutShape(shape, self.cut)

    @property
    def needs(self) -> tuple[str, ...]:
        """The permissions the list needs; the first is the one that a gap names."""
        own = permissions_for(self.what, self.also_needs)
        return own if self.parents is None else (*own, *self.parents.needs)


def at_group(listing: Listing) -> Listing:
    """Return the list of assignments of a management group: those made there and above, not below.

    Inherited items need no links, since the tree of management groups is read for every question.
    """
    source = Rest(f"{{scope}}/providers/{listing.what}", listing.source.versions, {"$filter": "atScope()"})
    return replace(listing, source=source, keep=Keep.LIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A resource type whose resources are found in the subscription's list of all resources.

    With `api_versions`, newest first, each resource is then read individually, with the first version that Azure knows,
    and so are its lists of `children`. With `whole` that list of the subscription is read where it has any resource of
    the type. With neither, the list of all resources is sufficient. Without `proves_absence` a type that it does not
    show counts as not read, since only the type's own list proves that there is none.
    """

    what: str
    feature: Feature
    api_versions: tuple[str, ...] = ()
    children: tuple[Listing, ...] = ()
    whole: Listing | None = None
    proves_absence: bool = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The permissions the type needs; the first is the one that a gap names."""
        return permissions_for(self.what, ("Microsoft.Resources/subscriptions/resources/read",))


def permissions_for(what: str, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the catalogue's permission for `what`, then those in `also`."""
    first = needs_of(what)
    return also if first is None else (first, *also)
