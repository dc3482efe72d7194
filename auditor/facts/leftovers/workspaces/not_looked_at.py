"""The uses of a workspace that migaudit does not look for, read from `not_looked_at.yaml`."""

from functools import cache
from pathlib import Path

import msgspec

from auditor.prepared import yaml_value


class NotLookedAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A use that is not looked for: why, and how it may show nevertheless (empty where it does not)."""

    title: str
    why: str
    shown: str = ""


@cache
def not_looked_at() -> tuple[NotLookedAt, ...]:
    """Return these uses, in the order of the file."""
    return yaml_value(Path(__file__).with_name("not_looked_at.yaml"), tuple[NotLookedAt, ...])


def titles_not_looked_at() -> str:
    """Return their titles as a phrase."""
    return "; ".join(one.title for one in not_looked_at())
