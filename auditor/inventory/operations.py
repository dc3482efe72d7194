"""The published operations of the resource providers that migaudit has to do with, by provider.

They are data, in `data/operations.jsonl`, one line a provider with its source and the date of that source. A list that
is not `complete` holds the operations that are certain; the provider has more.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec


class ProviderOperations(msgspec.Struct, frozen=True, rename="camel"):
    """The operations of one provider: control-plane actions, and data actions."""

    provider: str
    complete: bool
    source: str
    date: str
    actions: tuple[str, ...]
    data_actions: tuple[str, ...] = ()

    def covers(self, pattern: str, *, data: bool = False) -> bool:
        """Return whether an action, which may have wildcards, names at least one of these operations."""
        wanted = re.compile(re.escape(pattern.strip().lower()).replace(r"\*", ".*"))
        return any(wanted.fullmatch(action.lower()) for action in (self.data_actions if data else self.actions))


@cache
def providers() -> dict[str, ProviderOperations]:
    """Return the operations of each provider by its namespace in lower case."""
    text = Path(__file__).with_name("data").joinpath("operations.jsonl").read_bytes()
    rows = (msgspec.json.decode(line, type=ProviderOperations) for line in text.splitlines() if line.strip())
    return {row.provider.lower(): row for row in rows}


def published() -> Iterator[str]:
    """Yield every operation of every provider, of both planes."""
    for row in providers().values():
        yield from row.actions
        yield from row.data_actions


def is_published(action: str, *, data: bool = False) -> bool | None:
    """Return whether Azure has an action, which may have wildcards; None where the lists do not say.

    They do not say it of other providers, and of what is missing from a list that is not complete.
    """
    namespace = action.strip().lower().partition("/")[0]
    if "*" in namespace:
        return True
    row = providers().get(namespace)
    if row is None:
        return None
    return row.covers(action, data=data) or (False if row.complete else None)
