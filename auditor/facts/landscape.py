"""The map of an environment: its places, and which of them use which."""

from dataclasses import dataclass

KINDS = ("project", "appliance", "application", "vault", "workspace")
"""The kinds of places, in the order of the picture; each is a kind of subject too."""


@dataclass(frozen=True, slots=True, order=True)
class MapPlace:
    """One thing in the picture. `id` is the id of its subject; `held` says whether the scan holds the thing itself.

    What is not held is only pointed at: it is gone, or was not read.
    """

    kind: str
    id: str
    name: str
    held: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """`from_` uses or owns `to`; both are ids of places, in lower case."""

    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class Landscape:
    """All places and the ways between them, sorted."""

    places: tuple[MapPlace, ...] = ()
    ways: tuple[Way, ...] = ()


NOTHING = Landscape()
