"""What every ARM resource has, and how a body becomes one."""

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
"""What names another resource by its id: a text that seems to be such an id has to be one, in ARM's own spelling.

Else it would be taken for the name of something else. Whatever spells no id (nothing, a name) is let through.
"""

_is_reference = re.compile(_REFERENCE).match


def check_reference(text: str) -> None:
    """Raise `ValueError` for a text that is no `Reference`."""
    if _is_reference(text) is None:
        raise ValueError("what it names by its id is no id of a resource")


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A part of a body: camel-case keys, everything optional."""


class Resource(Body, frozen=True):
    """An ARM resource: `id` as it came; `types` are the resource types the class stands for (compared without case).

    `bare` kinds may be known from the list of all resources alone, which gives no `properties`.
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
        """The name to show: the body's, else the id's last segment."""
        return self.name or self.id.rstrip("/").rpartition("/")[2]

    @property
    def tag_values(self) -> Mapping[str, str]:
        """The tags by lower-case key; empty where they are missing, null or no object (Azure returns `""` at times)."""
        return tags_of(self.tags)


def tags_of(tags: object) -> Mapping[str, str]:
    """Return what a body's tags say, by lower-case key."""
    if not isinstance(tags, dict):
        return {}
    return {str(key).lower(): str(value) for key, value in tags.items() if value is not None}


@lru_cache(maxsize=65536)
def _parsed(text: str) -> ArmId:
    return ArmId.parse(text)


def moment(text: str | None) -> datetime | None:
    """The moment a body's timestamp spells, or None."""
    return instant(text)
