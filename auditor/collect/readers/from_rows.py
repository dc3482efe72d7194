"""The declarations of lists that are made from nothing but their rows in the catalogue of lists."""

from collections.abc import Iterator

from auditor.collect.listing import Feature, Listing, Rest, Tracked
from auditor.inventory.lists import LISTS, Found, ListKind, Purpose, ScopeKind

_FEATURES = {
    Purpose.USES: Feature.WORKSPACE_USES,
    Purpose.DISCOVERY: Feature.PROJECTS,
    Purpose.REMAINS: Feature.LEFTOVERS,
    Purpose.MACHINES: Feature.READINESS,
}


def listed(shows: Purpose) -> tuple[Listing, ...]:
    """Return the lists that are read in a subscription, whatever it contains."""
    return tuple(_listing(kind, shows) for kind in _of_subscriptions(shows) if kind.found is Found.LISTED)


def tracked(shows: Purpose) -> tuple[Tracked, ...]:
    """Return the types whose resources are found in a subscription's list of all resources."""
    return tuple(_tracked(kind, shows) for kind in _of_subscriptions(shows) if kind.found is not Found.LISTED)


def listed_at(parent: str, shows: Purpose) -> tuple[Listing, ...]:
    """Return the lists that are read at one resource of the type `parent`."""
    return tuple(_listing(kind, shows) for kind in LISTS.values() if kind.shows is shows and parent in kind.on)


def _of_subscriptions(shows: Purpose) -> Iterator[ListKind]:
    return (kind for kind in LISTS.values() if kind.shows is shows and kind.scope is ScopeKind.SUBSCRIPTION)


def _listing(kind: ListKind, shows: Purpose) -> Listing:
    """Return the declaration of a list.

    Children of the resource that is asked are below it; other children (`…/networkWatchers/flowLogs`) are asked of each
    of their parents, which a subscription lists.
    """
    feature = _FEATURES[shows]
    parent, _, child = kind.what.rpartition("/")
    parents = None
    if not kind.on and "/" in parent:
        parents = Listing(what=parent, feature=feature, source=Rest(f"{{scope}}/providers/{parent}", kind.api_versions))
    path = child if parents is not None or parent in kind.on else f"providers/{kind.what}"
    return Listing(
        what=kind.what,
        feature=feature,
        source=Rest(f"{{scope}}/{path}", kind.api_versions),
        below=bool(kind.on),
        parents=parents,
    )


def _tracked(kind: ListKind, shows: Purpose) -> Tracked:
    """Return the declaration of a type that the list of all resources shows; where each is read, so is what it has."""
    one_by_one = kind.found is Found.ONE_BY_ONE
    return Tracked(
        what=kind.what,
        feature=_FEATURES[shows],
        api_versions=kind.api_versions if one_by_one else (),
        children=listed_at(kind.what, shows) if one_by_one else (),
        whole=_listing(kind, shows) if kind.found is Found.WHERE_PRESENT else None,
    )
