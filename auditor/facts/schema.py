"""The facts that rules may speak about: the single source for the rule language, its documentation and its checks."""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files


class SubjectKind(Enum):
    """What a rule can be about."""

    REGISTRATION = "registration"
    PROJECT = "project"
    APPLIANCE = "appliance"
    VAULT = "vault"
    APPLICATION = "application"
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    REMAIN = "remain"


class FactType(Enum):
    """The CEL type of a fact."""

    BOOL = "bool"
    STRING = "string"
    INT = "int"
    STRINGS = "list<string>"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """One fact: its dotted name, its CEL type, and in one line what it means.

    A fact that is `in_messages_only` fills placeholders of messages and fixes. It may say "at least these", so no
    expression may decide on it.
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
    """Return every declared fact by its name, in the order of the catalogue."""
    import yaml

    catalogue = yaml.safe_load(files("auditor.facts").joinpath("schema.yaml").read_text(encoding="utf-8"))
    declared: dict[str, FactDeclaration] = {}
    for kind, rows in catalogue.items():
        for short, (type_, meaning) in rows.items():
            only_text = type_ == "text"
            name = f"{SubjectKind(kind).value}.{short}"
            declared[name] = FactDeclaration(name, FactType("string" if only_text else type_), meaning, only_text)
    return declared


@cache
def facts_of(kind: SubjectKind) -> dict[str, FactDeclaration]:
    """Return the declared facts of one kind of subject by name."""
    return {name: fact for name, fact in facts().items() if fact.kind is kind}
