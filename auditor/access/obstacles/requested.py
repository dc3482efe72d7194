"""A resource as a request would create or change it, and the fields of it that policies ask for.

Azure's page on the structure of policy definitions names the fields: `type`, `name`, `location`, `tags` and aliases of
the properties of a type. What is not known of a body is `UNKNOWN`; what is known not to be in it is `ABSENT`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from auditor.inventory.lists import KEY_VAULTS


class NoValue(Enum):
    """The two ways in which a field may have no value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


ABSENT: Final = NoValue.ABSENT
UNKNOWN: Final = NoValue.UNKNOWN

_TAG = re.compile(r"tags(?:\[\s*'?(?P<index>.*?)'?\s*\]|\.(?P<name>.+))", re.IGNORECASE)
_PLAIN = frozenset({"name", "kind", "location", "id", "identity.type"})
_VAULT_PROPERTIES = frozenset(
    {
        "tenantid",
        "sku",
        "accesspolicies",
        "vaulturi",
        "enabledfordeployment",
        "enabledfordiskencryption",
        "enabledfortemplatedeployment",
        "enablesoftdelete",
        "softdeleteretentionindays",
        "enablerbacauthorization",
        "createmode",
        "enablepurgeprotection",
        "networkacls",
        "publicnetworkaccess",
        "privateendpointconnections",
    }
)
"""The properties of a vault, in lower case: one that a body lacks is absent, any other alias is not understood."""


@dataclass(frozen=True)
class Requested:
    """A resource that a request writes: its type in lower case, and its body as far as it is known.

    `complete` says that the body was read from Azure, so that what it lacks is absent. In any other body a missing
    value is unknown, unless the body says `ABSENT` in its place, and except for tags: a body with `tags` names all.
    """

    type: str
    body: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False

    @property
    def has_own_place(self) -> bool:
        """Whether the type has tags and a location; resource groups and children of resources have not."""
        return self.type.count("/") == 1 and not self.type.startswith(_UNTAGGED)

    def field(self, name: str) -> Any:
        """Return the value of a field, `ABSENT` or `UNKNOWN`; a field of an array's items returns a list."""
        lower = name.strip().lower()
        if lower == "type":
            return self.type
        if lower == "fullname":
            lower = "name"
        if lower == "tags":
            return self._tags if self._tags is not ABSENT else {}
        tag = _TAG.fullmatch(name.strip())
        if tag:
            return self._tag(tag["index"] or tag["name"])
        if lower in _PLAIN:
            steps = lower.split(".")
            found = at(self.body, steps)
            known = found is not ABSENT or self.complete or self._no_location(lower) or _says_absent(self.body, steps)
            return found if known else UNKNOWN
        return self._alias(lower)

    def _no_location(self, name: str) -> bool:
        return name == "location" and not self.has_own_place and self.type.count("/") > 1

    @property
    def _tags(self) -> Any:
        held = at(self.body, ["tags"])
        if held is not ABSENT or self.complete or _says_absent(self.body, ["tags"]):
            return held if isinstance(held, Mapping) else ABSENT
        return UNKNOWN if self.has_own_place or self.type.count("/") == 1 else ABSENT

    def _tag(self, name: str) -> Any:
        tags = self._tags
        return tags if isinstance(tags, NoValue) else at(tags, [name.lower()])

    def _alias(self, alias: str) -> Any:
        """Return the value of an alias: the path of a property below the type that the alias begins with."""
        if not alias.startswith(f"{self.type}/"):
            return ABSENT if "/" in alias else UNKNOWN
        path = alias[len(self.type) + 1 :]
        if "/" in path:
            return UNKNOWN
        steps = path.split(".")
        below, beside = ["properties", *steps], steps
        found = next((one for path in (below, beside) if (one := at(self.body, path)) is not ABSENT), ABSENT)
        if found is not ABSENT or _says_absent(self.body, below) or _says_absent(self.body, beside):
            return found
        known = self.complete and self.type == KEY_VAULTS.lower() and steps[0].removesuffix("[*]") in _VAULT_PROPERTIES
        return ABSENT if known else UNKNOWN


_UNTAGGED = ("microsoft.authorization/", "microsoft.resources/")


def at(body: object, steps: Sequence[str]) -> Any:
    """Return the value at a path of lower-case names, compared without case; a step `x[*]` yields a list of values."""
    if not steps:
        return ABSENT if body is None else body
    name, rest = steps[0], steps[1:]
    if isinstance(body, NoValue):
        return body
    held = _named(body, name.removesuffix("[*]"))
    if not name.endswith("[*]") or isinstance(held, NoValue):
        return at(held, rest)
    if not isinstance(held, list):
        return UNKNOWN
    return Each([at(item, rest) for item in held])


def _says_absent(body: object, steps: Sequence[str]) -> bool:
    """Return whether the body itself says `ABSENT` at a path or above it, rather than merely lacking the value."""
    for name in steps:
        if not isinstance(body, Mapping):
            break
        body = next((value for key, value in body.items() if str(key).lower() == name.removesuffix("[*]")), None)
    return body is ABSENT


class Each(list[Any]):
    """The values of a field in each item of an array; a condition must hold for all of them."""


def _named(body: object, name: str) -> Any:
    if not isinstance(body, Mapping):
        return ABSENT
    found = next((value for key, value in body.items() if str(key).lower() == name), None)
    return ABSENT if found is None else found
