"""The `$filter` forms of ARM lists: resources, resource groups, data sources, and authorization lists."""

from collections.abc import Callable, Iterable

from auditor.emulator.arm.errors import invalid_filter, refuse
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.scopes import (
    DENY_ASSIGNMENTS,
    EXEMPTIONS,
    LOCKS,
    POLICIES,
    ROLE_ASSIGNMENTS,
    SCHEDULES,
    ScopedLists,
)
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
    """Return what `/resources` lists in `container` under the filter, and the types (lower case) in the filter."""
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
    """Return the resource groups that match a filter by tag; raises `Refusal` for any other filter."""
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
    """Return the data sources of the kind in the mandatory filter; raises `Refusal`."""
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
    """Return the types of a filter of the form `resourceType eq … or resourceType eq …`; empty for any other."""
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
    """Return the test for `tagName eq 'a' and tagValue eq 'b'`, which must hold for one tag; None without tags."""
    parts = [part for part in conjuncts(tree) if isinstance(part, FilterComparison) and isinstance(part.value, str)]
    named = {part.field.lower(): str(part.value).lower() for part in parts if part.op == "eq"}
    if set(named) != {"tagname", "tagvalue"}:
        if "tagname" in named or "tagvalue" in named:
            raise invalid_filter(text)  # tag filters cannot be combined with others
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


_FORMS: dict[str, tuple[str, ...]] = {
    ROLE_ASSIGNMENTS: ("atScope()", "principalId", "assignedTo()", "atScope()+assignedTo()"),
    DENY_ASSIGNMENTS: (
        "atScope()",
        "denyAssignmentName",
        "principalId",
        "gdprExportPrincipalId",
        "atScope()+principalId",
    ),
    LOCKS: ("atScope()",),
    EXEMPTIONS: ("atScope()", "atExactScope()"),
    POLICIES: ("atScope()", "atExactScope()", "atScopeAndBelow()", "policyDefinitionId"),
    **dict.fromkeys(
        SCHEDULES,
        ("atScope()", "principalId", "assignedTo()", "asTarget()", "atScope()+principalId", "atScope()+assignedTo()"),
    ),
}


def scoped_rows(
    lists: ScopedLists, type_: str, scope: str, text: str | None, caller: str, *, guess: bool
) -> list[ArmRow]:
    """Return the rows of the list of `type_` at `scope` that match the filter `text`; raises `Refusal` for a bad one.

    `guess` is explained at `ScopedLists.rows`.
    """
    if not text:
        return lists.rows(type_, scope, guess=guess)
    parts = _parts(type_, text)
    below = not {"atScope()", "atExactScope()"} & parts.keys()
    above = not {"atExactScope()", "atScopeAndBelow()"} & parts.keys()
    rows = lists.rows(type_, scope, below=below, above=above, guess=guess)
    for form, argument in parts.items():
        keep = _keep(lists, form, argument or caller)
        if keep is not None:
            rows = [row for row in rows if keep(row)]
    return rows


def assigned_to(type_: str, text: str | None) -> str:
    """Return the principal (lower case) that the filter of a list of `type_` asks about, groups and all; else empty.

    Raises `Refusal` as `scoped_rows` does.
    """
    return _parts(type_, text).get("assignedTo()", "").lower() if text else ""


def _parts(type_: str, text: str) -> dict[str, str]:
    """Return the argument of each form in the filter; raises `Refusal` for an unsupported combination."""
    try:
        forms = [_form(part) for part in conjuncts(parse_filter(text))]
    except BadFilter as bad:
        raise _unsupported(type_, text) from bad
    parts = dict(forms)
    if len(parts) != len(forms):
        raise _unsupported(type_, text)
    if "+".join(sorted(parts, key=lambda form: (form != "atScope()", form))) not in _FORMS[type_]:
        raise _unsupported(type_, text)
    return parts


def _form(part: Expression) -> tuple[str, str]:
    match part:
        case FilterCall(name, ()) if name.lower() != "assignedto":
            return f"{_canonical(name)}()", ""
        case FilterCall(name, (str() as argument,)) if argument and name.lower() == "assignedto":
            return f"{_canonical(name)}()", argument
        case FilterComparison(field, "eq", str() as value):
            return _canonical(field), value
        case _:
            raise BadFilter("this form is not supported")


_SPELLINGS = {
    form.strip("()").lower(): form.strip("()") for forms in _FORMS.values() for form in forms if "+" not in form
}


def _canonical(name: str) -> str:
    return _SPELLINGS.get(name.lower(), name)


def _keep(lists: ScopedLists, form: str, argument: str) -> Keep | None:
    wanted = argument.lower()
    if form in {"assignedTo()", "asTarget()"}:
        principals = lists.principals_of(wanted)
        return lambda row: bool(_principals(row) & principals)
    if form in {"principalId", "gdprExportPrincipalId"}:
        return lambda row: wanted in _principals(row)
    if form == "denyAssignmentName":
        return lambda row: str(row.properties.get("denyAssignmentName", "")).lower() == wanted
    if form == "policyDefinitionId":
        return lambda row: str(row.properties.get("policyDefinitionId", "")).lower() == wanted
    return None


def _principals(row: ArmRow) -> set[str]:
    held = row.properties
    several = held.get("principals")
    named = [item.get("id") for item in several if isinstance(item, dict)] if isinstance(several, list) else []
    return {str(principal).lower() for principal in (held.get("principalId"), *named) if principal}


def _unsupported(type_: str, text: str) -> Exception:
    supported = " or ".join(f"'{form}'" for form in _FORMS[type_])
    return refuse(400, "UnsupportedFilter", f"The filter '{text}' is not supported. Supported filters are {supported}.")
