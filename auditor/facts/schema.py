"""The fact schema: every fact that rules may use, for the rule language, its documentation and its checks."""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from auditor.prepared import yaml_value

SCHEMA = Path(__file__).with_name("schema.yaml")
"""The file that declares every fact."""


class SubjectKind(Enum):
    """The kinds of subjects that a rule can be about."""

    REGISTRATION = "registration"
    PROJECT = "project"
    APPLIANCE = "appliance"
    VAULT = "vault"
    APPLICATION = "application"
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    REMAIN = "remain"
    ASSESSMENT = "assessment"
    DISCOVERY = "discovery"


class FactType(Enum):
    """The CEL type of a fact."""

    BOOL = "bool"
    STRING = "string"
    INT = "int"
    STRINGS = "list<string>"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """One declared fact: its dotted name, its CEL type, and its meaning in one line.

    A fact that is `in_messages_only` fills placeholders of messages and fixes. It may be incomplete ("at least
    these"), so expressions must not use it.
    """

    name: str
    type: FactType
    meaning: str
    in_messages_only: bool = False

    @property
    def kind(self) -> SubjectKind:
        """The kind of subject that has this fact."""
        return SubjectKind(self.name.partition(".")[0])


@cache
def facts() -> dict[str, FactDeclaration]:
    """Return every declared fact by its name, in the order of `schema.yaml`."""
    rows = yaml_value(SCHEMA, dict[SubjectKind, dict[str, tuple[str, str]]])
    declared = (
        FactDeclaration(
            f"{kind.value}.{short}", FactType("string" if type_ == "text" else type_), meaning, type_ == "text"
        )
        for kind, facts_of_kind in rows.items()
        for short, (type_, meaning) in facts_of_kind.items()
    )
    return {fact.name: fact for fact in declared}


@cache
def facts_of(kind: SubjectKind) -> dict[str, FactDeclaration]:
    """Return the declared facts of one kind of subject by name."""
    return {name: fact for name, fact in facts().items() if fact.kind is kind}
