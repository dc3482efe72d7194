"""What policies with the effects `append` and `modify` change in a request, and where an `append` refuses it.

An `append` that would replace a value of the request by another one refuses the request, as `deny` does; to an array,
named with `[*]`, it only adds. A `modify` replaces, adds or removes values, so that what is made differs from what was
requested.
Sources: https://learn.microsoft.com/azure/governance/policy/concepts/effect-append,
https://learn.microsoft.com/azure/governance/policy/concepts/effect-modify
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.access.obstacles.policy_expressions import Scope, is_unknown, valued
from auditor.access.obstacles.requested import ABSENT, UNKNOWN
from auditor.access.three_valued import any_of

APPEND, MODIFY = "append", "modify"
CHANGING = frozenset({APPEND, MODIFY})
"""The effects that change the body of a request."""
_OPERATIONS = frozenset({"addorreplace", "add", "remove"})
_NEVER_MATTER = frozenset({"enablesoftdelete", "softdeleteretentionindays", "enablepurgeprotection"})
"""Properties of key vaults, in lower case, whose values decide nothing about an appliance."""
_OPENING = frozenset(
    {("publicnetworkaccess", "enabled"), ("networkacls.defaultaction", "allow"), ("enablerbacauthorization", "false")}
)
"""Values of key vaults that let an appliance in as the vault which Azure Migrate makes would."""


@dataclass(frozen=True, slots=True)
class _Change:
    """One change: a field, and the value that it gets, `ABSENT` where it is removed; None for what is not understood.

    `replaces` says whether a value that the request has is replaced.
    """

    field: str | None
    value: Any = UNKNOWN
    replaces: bool = True


def conflicting(details: object, scope: Scope) -> tuple[bool | None, str]:
    """Return whether an `append` refuses the request, since it has another value, and for which values it does."""
    each = [(_conflicts(change, scope), change) for change in _appended(details, scope)]
    words = " or ".join(f"`{_last(one.field)}` is not {_shown(one.value)}" for met, one in each if met is not False)
    return any_of(met for met, _ in each), words


def changes_in_words(effect: str, details: object, scope: Scope) -> str:
    """Return what a policy changes in the request, as far as that may matter for an appliance; empty for nothing."""
    every = _appended(details, scope) if effect == APPEND else _modified(details, scope)
    return " and ".join(dict.fromkeys(_words(one) for one in every if _matters(one, scope)))


def _appended(details: object, scope: Scope) -> Iterator[_Change]:
    listed = details if isinstance(details, list) else [None]
    for item in listed:
        yield _change(item, scope, replaces=False)


def _modified(details: object, scope: Scope) -> Iterator[_Change]:
    parts = _lower(details)
    operations = parts.get("operations")
    for item in operations if isinstance(operations, list) else [None]:
        names = _lower(item)
        operation = str(names.get("operation")).lower()
        stated = valued(names.get("condition", True), scope)
        if operation not in _OPERATIONS:
            yield _Change(None)
        elif str(stated).lower() != "false":
            change = _change(item, scope, replaces=operation != "add")
            yield _Change(change.field, ABSENT) if operation == "remove" else change


def _change(item: object, scope: Scope, *, replaces: bool) -> _Change:
    names = _lower(item)
    field = valued(names.get("field"), scope)
    if not isinstance(field, str) or not field.strip():
        return _Change(None)
    return _Change(field.strip(), valued(names.get("value"), scope), replaces)


def _lower(item: object) -> Mapping[str, Any]:
    return {str(name).lower(): part for name, part in item.items()} if isinstance(item, Mapping) else {}


def _conflicts(change: _Change, scope: Scope) -> bool | None:
    if change.field is None:
        return None
    held = scope.field(change.field)
    if change.field.endswith("[*]") or held is ABSENT:
        return False
    if is_unknown(held) or is_unknown(change.value):
        return None
    if _same(held, change.value):
        return False
    return None if isinstance(held, list | Mapping) else True  # how whole arrays and objects combine is not documented


def _matters(change: _Change, scope: Scope) -> bool:
    """Return whether the change may matter for an appliance: what it sets is not there yet, and not without effect."""
    if change.field is None:
        return True
    name = change.field.lower()
    if name == "tags" or name.startswith(("tags[", "tags.")):
        return False
    held = scope.field(change.field)
    if change.value is ABSENT:
        return held is not ABSENT
    if not change.replaces and held is not ABSENT and not is_unknown(held) and not name.endswith("[*]"):
        return False
    if not is_unknown(held) and not is_unknown(change.value) and _same(held, change.value):
        return False
    path = name.removeprefix(f"{scope.requested.type}/")
    is_vault = scope.requested.type == _VAULT
    return not (is_vault and (path in _NEVER_MATTER or (path, str(change.value).lower()) in _OPENING))


_VAULT = "microsoft.keyvault/vaults"


def _same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


def _words(change: _Change) -> str:
    if change.field is None:
        return "changes it in a way that was not read or is not understood"
    if change.value is ABSENT:
        return f"removes `{_last(change.field)}`"
    return f"sets `{_last(change.field)}` to {_shown(change.value)}"


def _last(field: str | None) -> str:
    return (field or "something").rpartition("/")[2]


def _shown(value: Any) -> str:
    if is_unknown(value):
        return "a value that is not known"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
