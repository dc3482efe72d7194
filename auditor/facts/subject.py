"""Subjects: the things that rules judge, each with its facts and with phrases for messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from auditor.facts.fact import Fact
from auditor.facts.schema import SubjectKind

Value = bool | int | str | list[str] | datetime


EVERYWHERE = "/subscriptions"
"""The id of a subject that stands for things that were not seen and may be in any subscription."""


@dataclass(frozen=True, slots=True, order=True)
class OwningProject:
    """A project that a thing belongs to: its name, and its ARM id where that is known, otherwise an empty text.

    It may be gone, or never have been read: that a thing belongs to it is shown by the thing.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to judge: its kind, its name, and its id (an ARM id, an object id, an application id or a pair).

    `facts` holds every declared fact of the kind; `texts` fills placeholders of messages only. `projects` are those
    that it belongs to, sorted. `object_type` is what an account is in the directory: `User`, `ServicePrincipal`,
    `Group`; empty where that was not read, and for everything else. `location` is the Azure region of a resource, where
    its body was read. `account` is the name of the account that a pair is about; the name of the pair may be read in
    more than one way.
    """

    kind: SubjectKind
    id: str
    name: str
    facts: Mapping[str, Fact[Value]]
    texts: Mapping[str, str] = field(default_factory=dict)
    projects: tuple[OwningProject, ...] = ()
    object_type: str = ""
    location: str = ""
    account: str = ""


def subject(
    kind: SubjectKind,
    id_: str,
    name: str,
    facts: Mapping[str, Fact[Value]],
    texts: Mapping[str, str] | None = None,
    *,
    projects: Iterable[OwningProject] = (),
    object_type: str = "",
    location: str | None = "",
) -> Subject:
    """Return a subject from facts and texts whose names lack the prefix of their kind."""
    return Subject(
        kind,
        id_,
        name,
        {_full_name(kind, short): fact for short, fact in facts.items()},
        {_full_name(kind, short): text for short, text in (texts or {}).items()},
        tuple(sorted(set(projects))),
        object_type,
        location or "",
    )


@cache
def _full_name(kind: SubjectKind, short: str) -> str:
    """Return the name of a fact in rules; cached, so that thousands of subjects share one string."""
    return f"{kind.value}.{short}"


def listed(names: Iterable[str]) -> str:
    """Return names as a phrase, each in backquotes, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)
