"""Items on a workspace that Azure makes itself, recognised by what only Azure sets and not by how a name begins."""

from collections.abc import Mapping
from typing import Any

import msgspec

_GALLERY, _PUBLISHER = "omsgallery/", "microsoft"
_OF_A_SEARCH = "general"
"""The category, beside the solution's own, in the names of saved searches that a solution brings with it."""


class NotUnderstood(ValueError):
    """An item without the data that the check needs in the documented form; the message gives the reason."""


class ByDefault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What exists on a workspace without anybody's doing, or because Azure Migrate made it.

    Attributes:
        names: whole names of items; a longer name is another item.
        solutions: solutions of Microsoft's gallery, by their plan.
        searches_of: solutions whose saved searches, by the names that Azure gives them, are meant.
    """

    names: tuple[str, ...] = ()
    solutions: tuple[str, ...] = ()
    searches_of: tuple[str, ...] = ()

    def holds(self, name: str, key: str, body: Mapping[str, Any]) -> bool:
        """Return whether an item with this name and id (lower case) is one of them; raises `NotUnderstood`."""
        return (
            name in (one.lower() for one in self.names)
            or any(_is_of_gallery(solution, name, body) for solution in self.solutions)
            or any(_is_search_of(solution.lower(), name, key) for solution in self.searches_of)
        )


def _is_of_gallery(solution: str, name: str, body: Mapping[str, Any]) -> bool:
    """Return whether a body is this solution of Microsoft's gallery.

    Its plan has the publisher `Microsoft` and a product such as `OMSGallery/ServiceMap`, whereas people give solutions
    of their own any name. Raises `NotUnderstood` for one with the name of the solution and without a whole plan.
    """
    publisher, product = (_part(_part(body, "plan"), part) for part in ("publisher", "product"))
    if isinstance(publisher, str) and isinstance(product, str):
        return publisher.lower() == _PUBLISHER and product.lower() == f"{_GALLERY}{solution.lower()}"
    if name.startswith(f"{solution.lower()}("):
        raise NotUnderstood("its `plan` does not show whose solution it is")
    return False


def _is_search_of(solution: str, name: str, key: str) -> bool:
    """Return whether a saved search is called `LogManagement(<workspace>)_General|<title>`, as Azure does."""
    workspace = key.rpartition("/savedsearches/")[0].rpartition("/")[2]
    head, separator, title = name.partition("|")
    return bool(separator and title) and head in {
        f"{solution}({workspace})_{category}" for category in (_OF_A_SEARCH, solution)
    }


def _part(body: object, name: str) -> object:
    """Return the value called `name`, in whatever letter case, or None."""
    held = body.items() if isinstance(body, Mapping) else ()
    return next((value for key, value in held if key.lower() == name.lower()), None)
