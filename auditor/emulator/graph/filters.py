"""The `$filter` forms that Graph supports for each kind of object; all others are refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from auditor.emulator.graph.errors import bad_request, unsupported_query
from auditor.emulator.odata import (
    And,
    AnyOf,
    BadFilter,
    Expression,
    Field,
    FilterCall,
    FilterComparison,
    Membership,
    Not,
    Or,
    parse_filter,
)

Keep = Callable[[Mapping[str, object]], bool]


@dataclass(frozen=True, slots=True)
class Filterable:
    """The properties of a kind that can be filtered: by equality, by prefix, by a lambda over a list, by order."""

    equal: frozenset[str]
    prefix: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    ordered: frozenset[str] = frozenset({"createdDateTime", "deletedDateTime"})


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILTERABLE: dict[str, Filterable] = {
    "user": Filterable(
        _names(
            "id userPrincipalName mail displayName givenName surname mailNickname accountEnabled userType employeeId "
            "externalUserState creationType department jobTitle city country onPremisesImmutableId "
            "onPremisesSyncEnabled"
        ),
        _names("userPrincipalName mail displayName givenName surname mailNickname"),
        _names("otherMails proxyAddresses businessPhones"),
    ),
    "group": Filterable(
        _names("id displayName mail mailNickname mailEnabled securityEnabled isAssignableToRole onPremisesSyncEnabled"),
        _names("displayName mail mailNickname"),
        _names("groupTypes proxyAddresses"),
    ),
    "servicePrincipal": Filterable(
        _names("id appId displayName servicePrincipalType accountEnabled appOwnerOrganizationId"),
        _names("displayName"),
        _names("servicePrincipalNames alternativeNames tags"),
    ),
    "application": Filterable(
        _names("id appId displayName uniqueName publisherDomain signInAudience"),
        _names("displayName"),
        _names("identifierUris tags"),
    ),
    "directoryRole": Filterable(_names("id roleTemplateId displayName")),
    "device": Filterable(_names("id deviceId displayName"), _names("displayName")),
    "directoryObject": Filterable(_names("id displayName"), _names("displayName")),
    "roleAssignment": Filterable(_names("id principalId roleDefinitionId directoryScopeId")),
    "unifiedRoleEligibilityScheduleInstance": Filterable(_names("id principalId roleDefinitionId directoryScopeId")),
    "privilegedAccessGroupEligibilityScheduleInstance": Filterable(_names("id principalId groupId accessId")),
    "roleDefinition": Filterable(_names("id templateId displayName isBuiltIn")),
}
_ADVANCED = "Operator '{0}' is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information"  # noqa: E501  the sentence is Graph's


def compile_filter(kind: str, text: str, *, advanced: bool) -> Keep:
    """Return the predicate of the filter `text` for objects of `kind`; raises `Refusal` for an unsupported form.

    `advanced` says whether the request has the parameter and the header that advanced queries need.
    """
    try:
        tree = parse_filter(text)
    except BadFilter as bad:
        raise bad_request(f"Invalid filter clause: {bad}") from bad
    return _compile(FILTERABLE.get(kind, FILTERABLE["directoryObject"]), tree, advanced=advanced)


def equalities(text: str | None) -> tuple[str, ...]:
    """Return the texts (lower case) that a filter compares with by `eq`; empty if it cannot be parsed."""
    if not text:
        return ()
    try:
        return tuple(_compared(parse_filter(text)))
    except BadFilter:
        return ()


def _compared(tree: Expression) -> list[str]:
    match tree:
        case And(left, right) | Or(left, right):
            return _compared(left) + _compared(right)
        case FilterComparison(_, "eq", str() as value):
            return [value.lower()]
        case _:
            return []


def _compile(known: Filterable, tree: Expression, *, advanced: bool) -> Keep:
    match tree:
        case And(left, right):
            first, second = _compile(known, left, advanced=advanced), _compile(known, right, advanced=advanced)
            return lambda fields: first(fields) and second(fields)
        case Or(left, right):
            first, second = _compile(known, left, advanced=advanced), _compile(known, right, advanced=advanced)
            return lambda fields: first(fields) or second(fields)
        case Not(inner):
            _needs_advanced("not", advanced=advanced)
            keep = _compile(known, inner, advanced=advanced)
            return lambda fields: not keep(fields)
        case FilterComparison():
            return _comparison(known, tree, advanced=advanced)
        case Membership(field, values):
            _check(field, known.equal)
            wanted = {_folded(value) for value in values}
            return lambda fields: _folded(fields.get(field)) in wanted
        case AnyOf(collection, condition):
            return _any(known, collection, condition)
        case FilterCall(name, arguments):
            return _call(known, name.lower(), arguments, advanced=advanced)


def _comparison(known: Filterable, test: FilterComparison, *, advanced: bool) -> Keep:
    field, value = test.field, test.value
    if test.op in {"eq", "ne"}:
        _check(field, known.equal | known.ordered)
        if test.op == "ne":
            _needs_advanced("ne", advanced=advanced)
            return lambda fields: _folded(fields.get(field)) != _folded(value)
        return lambda fields: _folded(fields.get(field)) == _folded(value)
    _check(field, known.ordered)
    order: dict[str, Callable[[str, str], bool]] = {
        "ge": lambda held, wanted: held >= wanted,
        "gt": lambda held, wanted: held > wanted,
        "le": lambda held, wanted: held <= wanted,
        "lt": lambda held, wanted: held < wanted,
    }
    compare = order[test.op]
    return lambda fields: isinstance(fields.get(field), str) and compare(str(fields[field]), str(value))


def _call(known: Filterable, name: str, arguments: tuple[object, ...], *, advanced: bool) -> Keep:
    match arguments:
        case (Field(field), str() as value) if name in {"startswith", "endswith"}:
            _check(field, known.prefix)
            wanted = value.lower()
            if name == "endswith":
                _needs_advanced("endsWith", advanced=advanced)
                return lambda fields: str(fields.get(field) or "").lower().endswith(wanted)
            return lambda fields: str(fields.get(field) or "").lower().startswith(wanted)
        case _:
            raise bad_request(f"Invalid filter clause: the function '{name}' is not supported here.")


def _any(known: Filterable, collection: str, condition: FilterComparison | FilterCall) -> Keep:
    _check(collection, known.lists)
    match condition:
        case FilterComparison("", "eq", value):
            return lambda fields: any(_folded(item) == _folded(value) for item in _items(fields.get(collection)))
        case FilterCall(name, (Field(), str() as value)) if name.lower() == "startswith":
            prefix = value.lower()
            return lambda fields: any(str(item).lower().startswith(prefix) for item in _items(fields.get(collection)))
        case _:
            raise bad_request(f"Invalid filter clause on '{collection}'.")


def _items(held: object) -> list[object]:
    return held if isinstance(held, list) else []


def _folded(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _check(field: str, supported: frozenset[str]) -> None:
    if field not in supported:
        raise unsupported_query(
            f"Unsupported or invalid query filter clause specified for property '{field}' of resource."
        )


def _needs_advanced(operator: str, *, advanced: bool) -> None:
    if not advanced:
        raise unsupported_query(_ADVANCED.format(operator))
