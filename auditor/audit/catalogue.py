"""The catalogue of errors and questions: what each means, what causes it, what of that Azure shows, what mends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from auditor.data import rules_dir

TOPICS = {
    "projects": "Projects",
    "appliance": "Appliance",
    "discovery": "Discovery",
    "assessment": "Assessment",
    "readiness": "Azure readiness",
    "dependencies": "Dependency visualization",
    "portal": "Azure portal logs",
}
"""The topics in the order of a migration; each is a file of the catalogue."""


class BadCatalogue(ValueError):
    """A file of the catalogue that cannot be used, and why."""


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition that can cause it: seen by `rules`, or with the reason why nothing in Azure shows it."""

    text: str
    rules: tuple[str, ...] = ()
    unseen: str = ""


class CatalogueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One error or question.

    `errors` are the ids that tools show, such as `60025`, or `9000-9037` for a range; `aliases` other words it is known
    by. `steps` come the least harmful first. `changed` tells what is different from the documentation of 2019.
    """

    id: str
    title: str
    meaning: str
    steps: tuple[str, ...]
    errors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    changed: str = ""
    references: tuple[str, ...] = ()
    topic: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that see one of its causes, each once."""
        return tuple(dict.fromkeys(rule for cause in self.causes for rule in cause.rules))

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it can be asked for by."""
        ids = (one for error in self.errors for one in _each(error))
        return tuple(dict.fromkeys((self.id, *self.errors, *ids, *self.aliases, self.title)))

    @property
    def heading(self) -> str:
        """The title, and behind it the errors that it does not name itself."""
        untold = [error for error in self.errors if error not in self.title]
        return f"{self.title} ({', '.join(untold)})" if untold else self.title


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every entry, by topic and in the order of its file."""

    entries: tuple[CatalogueEntry, ...]

    def about(self, name: str) -> tuple[CatalogueEntry, ...]:
        """Return the entries that bear `name` as id, error, alias or title, whatever its letter case."""
        wanted = _plain(name)
        return tuple(entry for entry in self.entries if wanted in {_plain(one) for one in entry.names})

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of every entry."""
        return tuple(name for entry in self.entries for name in entry.names)


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that travels with migaudit; raises `BadCatalogue` for a file that cannot be used."""
    return catalogue_in(rules_dir() / "catalogue")


def catalogue_in(folder: Path) -> Catalogue:
    """Return the catalogue whose files, one a topic, stand in `folder`."""
    entries = tuple(entry for topic in TOPICS for entry in _entries(folder / f"{topic}.yaml", topic))
    _unique(entries)
    return Catalogue(entries)


def _entries(path: Path, topic: str) -> Iterable[CatalogueEntry]:
    import yaml

    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = msgspec.convert(read, tuple[CatalogueEntry, ...])
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as bad:
        raise BadCatalogue(f"{path}: {bad}") from bad
    return (msgspec.structs.replace(entry, topic=topic) for entry in entries)


def _unique(entries: tuple[CatalogueEntry, ...]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise BadCatalogue(f"the catalogue has two entries `{entry.id}`")
        seen.add(entry.id)


def _each(error: str) -> Iterable[str]:
    """Every id that `error` stands for: itself, or all of a range."""
    first, dash, last = error.partition("-")
    ranged = dash and first.isdecimal() and last.isdecimal()
    return map(str, range(int(first), int(last) + 1)) if ranged else (error,)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split()).strip(" .?")
