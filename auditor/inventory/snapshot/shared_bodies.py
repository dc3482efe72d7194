"""Bodies of resource providers, of which the largest part is the same in every subscription and is kept once.

That part, `resourceTypes` with the locations and api-versions of each type, is tens of kilobytes for each provider, and
the same for most subscriptions of a cloud. Source:
https://learn.microsoft.com/rest/api/resources/providers/list?view=rest-resources-2021-04-01
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import msgspec

from auditor.inventory.lists import PROVIDERS

SharedBody = tuple[bytes, bytes, bytes]
"""A body as JSON in three parts, of which the second is one object for all bodies with an equal part."""

_KIND = PROVIDERS.lower()
_PART = "resourceTypes"
_PLACE = b'"resourceTypes":null'
_encode = msgspec.json.Encoder(order="sorted").encode


def shared(kind: str, body: Mapping[str, object], canonical: Callable[[object], bytes]) -> SharedBody | None:
    """Return the canonical body of a resource in parts; None for one that shares nothing with others."""
    if kind.lower() != _KIND or not body.get(_PART):
        return None
    before, place, after = canonical({**body, _PART: None}).partition(_PLACE)
    if not place or _PLACE in after:
        return None
    return before + _PLACE[: -len(b"null")], _kept(_encode(body[_PART]), canonical), after


def without_shared(parts: SharedBody) -> bytes:
    """Return the body with a null in the place of what it shares."""
    return b"%bnull%b" % (parts[0], parts[2])


@lru_cache(maxsize=512)
def _kept(part: bytes, canonical: Callable[[object], bytes]) -> bytes:
    """Return the canonical form of a part, the same object for equal parts as long as it was used lately."""
    kept = canonical(msgspec.json.decode(part))
    return part if kept == part else kept
