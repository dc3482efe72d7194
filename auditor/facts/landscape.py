"""The map of an environment: its places, and which place uses or owns which."""

from dataclasses import dataclass

KINDS = ("project", "appliance", "application", "vault", "workspace")
"""The kinds of places, in the order of the map; each is also a kind of subject."""


@dataclass(frozen=True, slots=True, order=True)
class MapPlace:
    """One place on the map. `id` is the id of its subject; `held` says whether the scan contains the thing itself.

    A place that is not held is only referred to: it was deleted, or was not read.
    """

    kind: str
    id: str
    name: str
    held: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """`from_` uses or owns `to`; both are ids of places, in lower case."""

    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class Landscape:
    """The sorted places and the sorted ways between them."""

    places: tuple[MapPlace, ...] = ()
    ways: tuple[Relation, ...] = ()


NOTHING = Landscape()
