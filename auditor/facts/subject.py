"""What a rule speaks about: a subject with its facts, and the phrases that its messages use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from auditor.facts.fact import Fact
from auditor.facts.schema import SubjectKind

Value = bool | int | str | list[str] | datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to judge: its kind, its id (an ARM id, an object id, an application id or a pair of them), its name.

    `facts` maps every declared fact of the kind to what is known of it; `texts` fills placeholders of messages only.
    """

    kind: SubjectKind
    id: str
    name: str
    facts: Mapping[str, Fact[Value]]
    texts: Mapping[str, str] = field(default_factory=dict)


def subject(
    kind: SubjectKind, id_: str, name: str, facts: Mapping[str, Fact[Value]], texts: Mapping[str, str] | None = None
) -> Subject:
    """Return the subject whose facts and texts are named without their kind here."""
    return Subject(
        kind,
        id_,
        name,
        {_full_name(kind, short): fact for short, fact in facts.items()},
        {_full_name(kind, short): text for short, text in (texts or {}).items()},
    )


@cache
def _full_name(kind: SubjectKind, short: str) -> str:
    """The name of a fact in rules; thousands of subjects share one text."""
    return f"{kind.value}.{short}"


def listed(names: Iterable[str]) -> str:
    """Return names as a phrase: each in backquotes."""
    return ", ".join(f"`{name}`" for name in names)
