"""The `$filter` forms of the authorization lists; any other is refused in ARM's words."""

from collections.abc import Callable

from auditor.emulator.arm.errors import refuse
from auditor.emulator.arm.index import ArmRow
from auditor.emulator.arm.scopes import (
    DENY_ASSIGNMENTS,
    EXEMPTIONS,
    LOCKS,
    POLICIES,
    ROLE_ASSIGNMENTS,
    SCHEDULES,
    ScopedLists,
)
from auditor.emulator.odata import BadFilter, Expression, FilterCall, FilterComparison, conjuncts, parse_filter

Keep = Callable[[ArmRow], bool]

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
    """Return the rows of the list of `type_` at `scope` under the filter `text`; raises the refusal of a bad one."""
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


def _parts(type_: str, text: str) -> dict[str, str]:
    """Return the filter as form → argument, after checking that the list supports their combination."""
    try:
        parts = dict(_form(part) for part in conjuncts(parse_filter(text)))
    except BadFilter as bad:
        raise _unsupported(type_, text) from bad
    if "+".join(sorted(parts, key=lambda form: (form != "atScope()", form))) not in _FORMS[type_]:
        raise _unsupported(type_, text)
    return parts


def _form(part: Expression) -> tuple[str, str]:
    match part:
        case FilterCall(name, ()):
            return f"{_spelt(name)}()", ""
        case FilterCall(name, (str() as argument,)):
            return f"{_spelt(name)}()", argument
        case FilterComparison(field, "eq", str() as value):
            return _spelt(field), value
        case _:
            raise BadFilter("this form is not supported")


_SPELLINGS = {
    form.strip("()").lower(): form.strip("()") for forms in _FORMS.values() for form in forms if "+" not in form
}


def _spelt(name: str) -> str:
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
