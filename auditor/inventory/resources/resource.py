"""The base of all ARM resources, and the types of their fields."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar

import msgspec

from auditor.inventory.arm_id import ArmId
from auditor.inventory.instants import instant

_CHARACTER = r"[^\s/%?#\\\x00-\x1f\x7f-\xa0\u200b-\u200f\u2060-\u206f\ufeff]"
_SEGMENT = rf"/{_CHARACTER}(?:(?:{_CHARACTER}| )*{_CHARACTER})?"
_REFERENCE = rf"(?is)\A(?:(?!.*subscriptions/).*|/subscriptions(?:{_SEGMENT})+/?)\Z"

Reference = Annotated[str, msgspec.Meta(pattern=_REFERENCE)]
"""A reference to another resource by its id.

A text that looks like an id must be a well-formed one, since otherwise it could be mistaken for that of another
resource. Any other text (empty, a name) is accepted.
"""

_is_reference = re.compile(_REFERENCE).match


def check_reference(text: str) -> None:
    """Raise `ValueError` for a text that is not a `Reference`."""
    if _is_reference(text) is None:
        raise ValueError("what it names by its id is no id of a resource")


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """The base of all parts of a body: keys in camel case, every field optional."""


class Resource(Body, frozen=True):
    """An ARM resource with its original `id`; `types` are the resource types of the class, compared without case.

    Resources of `bare` classes may come from the list of all resources, which contains no `properties`.
    """

    types: ClassVar[tuple[str, ...]] = ()
    deleted: ClassVar[bool] = False
    bare: ClassVar[bool] = False

    id: str
    name: str | None = None
    location: str | None = None
    tags: Any = None

    @property
    def arm_id(self) -> ArmId:
        """The parsed id."""
        return _parsed(self.id)

    @property
    def display_name(self) -> str:
        """The name to show: that in the body, otherwise the last segment of the id."""
        return self.name or self.id.rstrip("/").rpartition("/")[2]

    @property
    def tag_values(self) -> Mapping[str, str]:
        """The tags by lower-case key; empty where they are missing or not an object (Azure sometimes returns `""`)."""
        return tags_of(self.tags)


def tags_of(tags: object) -> Mapping[str, str]:
    """Return the tags of a body by lower-case key."""
    if not isinstance(tags, dict):
        return {}
    return {str(key).lower(): str(value) for key, value in tags.items() if value is not None}


@lru_cache(maxsize=65536)
def _parsed(text: str) -> ArmId:
    return ArmId.parse(text)


def moment(text: str | None) -> datetime | None:
    """Return the time of a timestamp in a body, or None."""
    return instant(text)
