"""The catalogue of errors and questions: meaning, causes, which causes Azure shows, and fixes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from auditor.audit.words import words
from auditor.data import rules_dir
from auditor.prepared import yaml_value

_LONGEST = 2_000
"""Maximum number of characters of a name that is looked up."""
_NUMBER = re.compile(r"-?\d+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{8}")

TOPICS = {
    "projects": "Projects",
    "connectivity": "Checks of the appliance, connectivity and private link",
    "sign-in": "Signing in",
    "appliance": "Appliance",
    "key-vault": "Key Vault",
    "azure": "Azure Resource Manager and Microsoft Graph",
    "discovery": "Discovery",
    "servers": "Single servers and hosts",
    "workloads": "SQL Server and web applications",
    "assessment": "Assessment",
    "readiness": "Azure readiness",
    "dependencies": "Dependency visualization",
    "replication": "Replication",
    "portal": "Azure portal logs",
}
"""The topics in the order of a migration; each has a file in the catalogue."""


Month = Annotated[str, msgspec.Meta(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")]
"""A month such as `2026-07`, or nothing where it is not known."""


class BadCatalogue(ValueError):
    """Failure to read a file of the catalogue, with the reason."""


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One possible cause: the `rules` that detect it, or in `unseen` the reason why Azure does not show it.

    `counted` says what `migaudit readiness` counts of it: what Azure shows with each machine, which no rule judges.
    """

    text: str
    rules: tuple[str, ...] = ()
    unseen: str = ""
    counted: str = ""

    @property
    def is_visible(self) -> bool:
        """Whether Azure shows it."""
        return bool(self.rules or self.counted)


class CatalogueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One error or question.

    `errors` are the ids that tools show, such as `60025`, or `9000-9037` for a range; `aliases` are other names for it.
    `products` are the kinds of appliances that show it, where not all do; what is wrong with another is no cause of it.
    `steps` begin with the least harmful one. `changed` says what differs from the documentation of 2019. `dated` is
    the month of the pages in `references` that the entry rests on.
    """

    id: str
    title: str
    meaning: str
    steps: tuple[str, ...]
    errors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    products: tuple[Literal["VMware", "Hyper-V", "physical"], ...] = ()
    changed: str = ""
    references: tuple[str, ...] = ()
    dated: Month = ""
    topic: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that detect one of its causes, without duplicates."""
        return tuple(dict.fromkeys(rule for cause in self.causes for rule in cause.rules))

    @property
    def is_counted(self) -> bool:
        """Whether a cause of it is counted by `migaudit readiness`, machine by machine."""
        return any(cause.counted for cause in self.causes)

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which it can be looked up."""
        ids = (one for error in self.errors for one in _each(error))
        return tuple(dict.fromkeys((self.id, *self.errors, *ids, *self.aliases, self.heading, self.title)))

    @property
    def asked_as(self) -> str:
        """The name by which `--error` asks for it: its first error, or its id."""
        return self.errors[0] if self.errors else self.id

    @property
    def heading(self) -> str:
        """The title, followed by the errors that the title does not contain."""
        unnamed = [error for error in self.errors if error not in self.title]
        return f"{self.title} ({', '.join(unnamed)})" if unnamed else self.title


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All entries, by topic and in the order of their files."""

    entries: tuple[CatalogueEntry, ...]

    def about(self, name: str) -> tuple[CatalogueEntry, ...]:
        """Return the entries with `name` as id, error, alias or title, in any case, punctuation and spelling.

        A hexadecimal error is found by its decimal forms too, which PowerShell and WMI print.
        """
        return tuple(self._by_name.get(_key(name), {}).values()) if len(name) <= _LONGEST else ()

    @cached_property
    def _by_name(self) -> Mapping[str, Mapping[str, CatalogueEntry]]:
        found: dict[str, dict[str, CatalogueEntry]] = defaultdict(dict)
        for entry in self.entries:
            for name in entry.names:
                for key in {_key(name), *_decimals(name)} - {""}:
                    found[key][entry.id] = entry
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """All names of all entries."""
        return tuple(name for entry in self.entries for name in entry.names)


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that is shipped with migaudit; raises `BadCatalogue` for an invalid file."""
    return catalogue_in(rules_dir() / "catalogue")


def catalogue_in(folder: Path) -> Catalogue:
    """Return the catalogue in `folder`, which contains one file per topic."""
    entries = tuple(entry for topic in TOPICS for entry in _entries(folder / f"{topic}.yaml", topic))
    _unique(entries)
    return Catalogue(entries)


def _entries(path: Path, topic: str) -> Iterable[CatalogueEntry]:
    try:
        entries = yaml_value(path, tuple[CatalogueEntry, ...])
    except (OSError, msgspec.DecodeError) as bad:
        raise BadCatalogue(f"{path}: {bad}") from bad
    return (msgspec.structs.replace(entry, topic=topic) for entry in entries)


def _unique(entries: tuple[CatalogueEntry, ...]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise BadCatalogue(f"the catalogue has two entries `{entry.id}`")
        seen.add(entry.id)


def _each(error: str) -> Iterable[str]:
    """Return every id that `error` stands for: itself, all ids of a range, or the bare number that Entra shows.

    A number from 50000 to 50019 without its prefix is one of the appliance, for hosts of Hyper-V.
    """
    first, dash, last = error.partition("-")
    if dash and first.isdecimal() and last.isdecimal():
        return map(str, range(int(first), int(last) + 1))
    number = error.removeprefix("AADSTS")
    is_entras = number.isdecimal() and not 50000 <= int(number) < 50020
    return (error, number) if is_entras else (error,)


def _key(name: str) -> str:
    """Return a name as it is compared; a number keeps its sign."""
    stripped = name.strip()
    return stripped if _NUMBER.fullmatch(stripped) else " ".join(words(stripped))


def _decimals(name: str) -> Iterable[str]:
    if not _HEXADECIMAL.fullmatch(name):
        return ()
    number = int(name, 16)
    return str(number), str(number - 2**32)
