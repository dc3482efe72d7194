"""The api-versions from which on Azure returns the properties that checks rest on, read from `versions.yaml`."""

import re
from functools import cache
from pathlib import Path

import msgspec

from auditor.inventory.reads import OLDER_VERSION, Gap
from auditor.prepared import yaml_value

_ANSWERED = re.compile(r"this cloud answers in api-version (\d{4}-\d\d-\d\d(?:-[a-z]+)?)(?:,|$)")


class LaterProperty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A property that only newer api-versions return, with all that it contains: the first one, and the source."""

    property: str
    since: str
    source: str


class TypeVersions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The properties of some resource types: those in `has` are returned since `since`, those in `later` only later."""

    types: tuple[str, ...]
    since: str
    source: str
    has: tuple[str, ...] = ()
    later: tuple[LaterProperty, ...] = ()

    def covers(self, path: str) -> bool:
        """Return whether the table states the first api-version of the property at `path`."""
        return any(within(path, one) for one in (*self.has, *(late.property for late in self.later)))


@cache
def table() -> dict[str, TypeVersions]:
    """Return the rows of the table by resource type in lower case."""
    rows = yaml_value(Path(__file__).with_name("versions.yaml"), tuple[TypeVersions, ...])
    return {name.lower(): row for row in rows for name in row.types}


def lacking(what: str, version: str) -> tuple[LaterProperty, ...]:
    """Return the properties that Azure does not return for the type `what` in the api-version `version`."""
    row = table().get(what.lower())
    return tuple(late for late in row.later if order(version) < order(late.since)) if row else ()


def order(version: str) -> tuple[str, bool]:
    """Return the sort key of an api-version: its date, a preview before the final version of the same date."""
    return version[:10], not version[10:]


def within(path: str, property_: str) -> bool:
    """Return whether the property at `path` is `property_` or part of it; names are compared without case."""
    return f"{path.lower().replace('[]', '')}.".startswith(f"{property_.lower().replace('[]', '')}.")


def older_version_gap(what: str, scope: str, version: str) -> Gap | None:
    """Return the gap of a list or resource that was answered in `version`; None where nothing is missing in it."""
    missing = lacking(what, version)
    if not missing:
        return None
    shown = ", ".join(f"`{late.property}` (from {late.since})" for late in missing)
    return Gap(what, scope, 200, OLDER_VERSION, f"this cloud answers in api-version {version}, without {shown}")


def answered_version(gap: Gap) -> str | None:
    """Return the api-version in which a list or resource with such a gap was answered, or None where it is unknown."""
    found = _ANSWERED.match(gap.message)
    return found[1] if found is not None and gap.code == OLDER_VERSION else None


def hides(gap: Gap, path: str) -> bool:
    """Return whether the property at `path` is unread because of `gap`, an `OLDER_VERSION` one.

    With an unknown api-version, all properties that are not in every version are unread.
    """
    version = answered_version(gap)
    return any(within(path, late.property) for late in lacking(gap.what, version or "0000-00-00"))


def holds(body: object, path: str) -> bool:
    """Return whether a body has the property at `path`, with any value; names are compared without case."""
    for name in path.lower().split("."):
        held = {str(key).lower(): value for key, value in body.items()} if isinstance(body, dict) else {}
        if name not in held:
            return False
        body = held[name]
    return True
