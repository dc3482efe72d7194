"""What a rule speaks about: a subject with its facts, and the phrases that its messages use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from auditor.facts.declared import SubjectKind
from auditor.facts.fact import Fact

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
    prefix = f"{kind.value}."
    return Subject(
        kind,
        id_,
        name,
        {prefix + short: fact for short, fact in facts.items()},
        {prefix + short: text for short, text in (texts or {}).items()},
    )


def listed(names: Iterable[str]) -> str:
    """Return names as a phrase: each in backquotes."""
    return ", ".join(f"`{name}`" for name in names)
