"""Objects of JSON in which something other than the name of a property says that it is secret.

Templates with secure parameters, resources that are secrets, tables with named columns, variables that are encrypted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from auditor.har.scrub.names import by_name
from auditor.har.scrub.removals import Kind
from auditor.har.scrub.words import words

_ROWS = words("rows values data items records body")
_COLUMNS = words("columns fields headers columnnames header schema")
_NAMES_OF_COLUMN = ("name", "Name", "ColumnName", "columnName", "displayName", "id", "key", "field")
_ENCRYPTED = words("isencrypted encrypted issecret secret issecure secure sensitive issensitive protected")
_TYPES_OF_SECRETS = ("vaults/secrets", "/functions/keys", "/functionkeys", "/systemkeys")
_TYPES_OF_SETTINGS = ("sites/config", "slots/config")
_SETTINGS = words("appsettings connectionstrings azurestorageaccounts authsettings authsettingsv2")


@dataclass(frozen=True, slots=True)
class MarkedSecret:
    """A value that is secret, whatever its name."""

    value: Any
    kind: Kind = Kind.SECRET


def may_hold_marked(names: set[str]) -> bool:
    """Whether an object with these names, in lower case, may be one in which something is marked."""
    return (
        ("parameters" in names and not names.isdisjoint({"template", "definition"}))
        or {"type", "properties"} <= names
        or {"kind", "apiversion"} <= names
        or ("value" in names and not names.isdisjoint(_ENCRYPTED))
        or (not names.isdisjoint(_ROWS) and not names.isdisjoint(_COLUMNS))
    )


def secrets_marked(held: dict[str, Any]) -> dict[str, Any]:
    """Return an object with those values marked that are secret by what the object is; often the object itself."""
    marked: dict[str, Any] = {}
    for find in (_parameters, _resource, _rows, _encrypted):
        marked.update(find(held))
    return {**held, **marked} if marked else held


def _parameters(held: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the parameters of a deployment with those marked whose type in the template is secure."""
    template, given = held.get("template", held.get("definition")), held.get("parameters")
    if not isinstance(template, dict) or not isinstance(given, dict):
        return
    declared = template.get("parameters")
    secure = {
        name.lower()
        for name, one in (declared.items() if isinstance(declared, dict) else ())
        if isinstance(one, dict) and str(one.get("type", "")).lower().startswith("secure")
    }
    if secure:
        yield (
            "parameters",
            {name: MarkedSecret(one) if name.lower() in secure else one for name, one in given.items()},
        )


def _resource(held: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the properties of a resource of a template that is a secret, or the settings of an app."""
    kind, properties = held.get("type"), held.get("properties")
    if held.get("kind") == "Secret" and "apiVersion" in held:  # of Kubernetes
        yield from ((name, MarkedSecret(held[name])) for name in ("data", "stringData") if name in held)
    if not isinstance(kind, str) or not isinstance(properties, dict):
        return
    lower = kind.lower()
    if (lower.endswith(_TYPES_OF_SECRETS) or lower == "secrets") and "value" in properties:
        yield "properties", {**properties, "value": MarkedSecret(properties["value"])}
    of_settings = str(held.get("name", "")).lower().rstrip("'\")]").rsplit("/", 1)[-1] in _SETTINGS
    if of_settings and (lower.endswith(_TYPES_OF_SETTINGS) or lower == "config"):
        yield "properties", {name: MarkedSecret(one) for name, one in properties.items()}


def _rows(held: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the rows of a table with the values marked that stand in a column that is named like a secret."""
    listed = [(key, item) for key, item in held.items() if isinstance(item, list) and key.lower() in _ROWS]
    if not any(item and isinstance(item[0], list) for _, item in listed):
        return
    for name, stated in held.items():
        if name.lower() not in _COLUMNS:
            continue
        columns = stated
        if isinstance(stated, dict):
            columns = next((one for key, one in stated.items() if key.lower() in _COLUMNS), None)
        secret = dict(_secret_columns(columns)) if isinstance(columns, list) else {}
        if secret:
            yield from ((key, [_row(row, secret) for row in item]) for key, item in listed)


def _secret_columns(columns: list[Any]) -> Iterator[tuple[int, Kind]]:
    for number, column in enumerate(columns):
        name = column
        if isinstance(column, dict):
            name = next((column[key] for key in _NAMES_OF_COLUMN if isinstance(column.get(key), str)), "")
        about = by_name(name) if isinstance(name, str) else None
        if about is not None and not about.unsure:
            yield number, about.kind


def _row(row: Any, secret: dict[int, Kind]) -> Any:
    if not isinstance(row, list):
        return row
    return [MarkedSecret(one, secret[at]) if at in secret else one for at, one in enumerate(row)]


def _encrypted(held: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the value of a variable that is said to be encrypted, or secret."""
    if "value" in held and any(held[key] is True and key.lower() in _ENCRYPTED for key in held):
        yield "value", MarkedSecret(held["value"])
