"""The uses of a workspace that migaudit does not look for, read from `not_looked_at.yaml`."""

from functools import cache
from importlib.resources import files

import msgspec.yaml


class NotLookedAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A use that is not looked for: why, and how it may show nevertheless (empty where it does not)."""

    title: str
    why: str
    shown: str = ""


@cache
def not_looked_at() -> tuple[NotLookedAt, ...]:
    """Return these uses, in the order of the file."""
    read = msgspec.yaml.decode(
        files("auditor.facts.leftovers.workspaces").joinpath("not_looked_at.yaml").read_text(encoding="utf-8")
    )
    return msgspec.convert(read, tuple[NotLookedAt, ...])


def titles_not_looked_at() -> str:
    """Return their titles as a phrase."""
    return "; ".join(one.title for one in not_looked_at())
