"""The `$filter` forms of generic resource lists, resource groups and data sources."""

from collections.abc import Callable, Iterable

from auditor.emulator.arm.errors import invalid_filter, refuse
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.target import RESOURCE
from auditor.emulator.odata import (
    And,
    BadFilter,
    Expression,
    Field,
    FilterCall,
    FilterComparison,
    Or,
    conjuncts,
    disjuncts,
    parse_filter,
)

Keep = Callable[[ArmRow], bool]


def generic_rows(index: ArmIndex, container: str, text: str | None) -> tuple[list[ArmRow], tuple[str, ...]]:
    """Return what `/resources` shows in `container` under the filter, and the types (lower case) that it names."""
    if not text:
        return index.within(RESOURCE, container), ()
    tree = _parsed(text)
    types = _only_types(tree)
    if types:
        rows = [row for type_ in types for row in index.within(type_, container)]
        listed = (
            {id(row) for row in index.within(RESOURCE, container)}
            if any("/" in t.partition("/")[2] for t in types)
            else None
        )
        return [row for row in rows if listed is None or id(row) in listed], types
    keep = _resource_test(tree, text)
    return [row for row in index.within(RESOURCE, container) if keep(row)], _named_types(tree)


def tagged_rows(rows: list[ArmRow], text: str | None) -> list[ArmRow]:
    """Return the resource groups that a filter by tag leaves; any other filter is refused."""
    if not text:
        return rows
    tree = _parsed(text)
    for part in conjuncts(tree):
        if not (
            isinstance(part, FilterComparison) and part.field.lower() in {"tagname", "tagvalue"} and part.op == "eq"
        ):
            raise invalid_filter(text)
    keep = _resource_test(tree, text)
    return [row for row in rows if keep(row)]


def of_one_kind(rows: list[ArmRow], text: str | None) -> list[ArmRow]:
    """Return a workspace's data sources of the kind that the mandatory filter names."""
    if not text:
        raise refuse(400, "InvalidParameter", "The $filter query parameter is required: kind eq '<data source kind>'.")
    match _parsed(text.replace("kind=", "kind eq ", 1)):
        case FilterComparison("kind", "eq", str() as kind):
            return [row for row in rows if str(row.fields.get("kind", "")).lower() == kind.lower()]
        case _:
            raise invalid_filter(text)


def _parsed(text: str) -> Expression:
    try:
        return parse_filter(text)
    except BadFilter as bad:
        raise invalid_filter(text) from bad


def _only_types(tree: Expression) -> tuple[str, ...]:
    """The types of a filter that is nothing but `resourceType eq … or resourceType eq …`."""
    types = [
        part.value.lower()
        for part in disjuncts(tree)
        if isinstance(part, FilterComparison)
        and part.field.lower() == "resourcetype"
        and part.op == "eq"
        and isinstance(part.value, str)
    ]
    return tuple(dict.fromkeys(types)) if len(types) == len(disjuncts(tree)) else ()


def _named_types(tree: Expression) -> tuple[str, ...]:
    if isinstance(tree, And | Or):
        return _named_types(tree.left) + _named_types(tree.right)
    return _only_types(tree)


def _resource_test(tree: Expression, text: str) -> Keep:
    match tree:
        case And(left, right):
            return _tags_test(tree, text) or _both(_resource_test(left, text), _resource_test(right, text))
        case Or(left, right):
            return _either(_resource_test(left, text), _resource_test(right, text))
        case FilterComparison(field, ("eq" | "ne") as op, str() as value):
            keep = _comparison(field.lower(), value.lower(), text)
            return keep if op == "eq" else _opposite(keep)
        case FilterCall(function, (str() as value, Field(field))) if (
            function.lower() == "substringof" and field.lower() == "name"
        ):
            return lambda row: value.lower() in row.key.rpartition("/")[2]
        case FilterCall(function, (Field(field), str() as value)) if (function.lower(), field.lower()) == (
            "startswith",
            "tagname",
        ):
            return lambda row: any(tag.lower().startswith(value.lower()) for tag, _ in _tags(row))
        case _:
            raise invalid_filter(text)


def _tags_test(tree: Expression, text: str) -> Keep | None:
    """`tagName eq 'a' and tagValue eq 'b'` speaks of one tag."""
    parts = [part for part in conjuncts(tree) if isinstance(part, FilterComparison) and isinstance(part.value, str)]
    named = {part.field.lower(): str(part.value).lower() for part in parts if part.op == "eq"}
    if set(named) != {"tagname", "tagvalue"}:
        if "tagname" in named or "tagvalue" in named:
            raise invalid_filter(text)  # tag filters stand alone
        return None
    return lambda row: (
        (named["tagname"], named["tagvalue"]) in {(tag.lower(), value.lower()) for tag, value in _tags(row)}
    )


def _comparison(field: str, value: str, text: str) -> Keep:
    tests: dict[str, Keep] = {
        "resourcetype": lambda row: row.type == value,
        "name": lambda row: row.key.rpartition("/")[2] == value,
        "resourcegroup": lambda row: row.key.split("/", 5)[4:5] == [value],
        "location": lambda row: str(row.fields.get("location", "")).lower().replace(" ", "") == value.replace(" ", ""),
        "tagname": lambda row: any(tag.lower() == value for tag, _ in _tags(row)),
        "identity/principalid": lambda row: _inner(row, "identity", "principalId") == value,
        "plan/name": lambda row: _inner(row, "plan", "name") == value,
        "plan/publisher": lambda row: _inner(row, "plan", "publisher") == value,
        "plan/product": lambda row: _inner(row, "plan", "product") == value,
    }
    if field not in tests:
        raise invalid_filter(text)
    return tests[field]


def _inner(row: ArmRow, outer: str, inner: str) -> str:
    held = row.fields.get(outer)
    return str(held.get(inner, "")).lower() if isinstance(held, dict) else ""


def _tags(row: ArmRow) -> Iterable[tuple[str, str]]:
    tags = row.fields.get("tags")
    return [(str(name), str(value)) for name, value in tags.items()] if isinstance(tags, dict) else []


def _both(left: Keep, right: Keep) -> Keep:
    return lambda row: left(row) and right(row)


def _either(left: Keep, right: Keep) -> Keep:
    return lambda row: left(row) or right(row)


def _opposite(keep: Keep) -> Keep:
    return lambda row: not keep(row)
