"""The grants that cover an operation for a principal at a scope: plain, conditional, eligible or possible."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.rbac.assignment_conditions import AssignmentRequest, admits
from auditor.access.rbac.completeness import Lapses
from auditor.access.rbac.conditions import targets
from auditor.access.rbac.grants import Grant, GrantIndex, GrantKind
from auditor.access.rbac.roles import NO_MATCH, Role, RoleBook, RoleMatch, Strength, missing_role
from auditor.access.rbac.scopes import ScopePlace, ScopeTree, management_group_name
from auditor.access.verdicts import Note, NoteKind, Plane, Reason, ReasonKind
from auditor.inventory.reads import Gap


@dataclass(frozen=True, slots=True)
class Match:
    """A grant that covers the question; `gaps` say why that is not certain."""

    grant: Grant
    role: Role | None
    match: RoleMatch
    conditions: tuple[Reason, ...] = ()
    gaps: tuple[Gap, ...] = ()
    eligible: bool = False


@dataclass(slots=True)
class Matches:
    """All matches of one question by their strength; `notes` name inferred exclusions."""

    plain: list[Match] = field(default_factory=list)
    conditional: list[Match] = field(default_factory=list)
    eligible: list[Match] = field(default_factory=list)
    possible: list[Match] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def take(self, match: Match) -> None:
        """Add a match to its list: uncertain before eligible, eligible before conditional."""
        if match.gaps:
            self.possible.append(match)
        elif match.eligible:
            self.eligible.append(match)
        elif match.conditions:
            self.conditional.append(match)
        else:
            self.plain.append(match)


class Matcher:
    """The search for grants that cover a question; it keeps no state of its own."""

    def __init__(
        self, grants: GrantIndex, roles: RoleBook, tree: ScopeTree, principals: Principals, lapses: Lapses
    ) -> None:
        """Keep the collaborators."""
        self._lapses = lapses
        self._grants = grants
        self._roles = roles
        self._tree = tree
        self._principals = principals

    def matches(
        self,
        identities: PrincipalIdentities,
        operation: str,
        plane: Plane,
        place: ScopePlace,
        request: AssignmentRequest | None = None,
    ) -> Matches:
        """Return every grant that covers `operation` (normalized) at `place` for the principal or its groups.

        `request` is the role assignment that the operation is to make; grants whose condition refuses it are left out.
        """
        found = Matches()
        question = _MatchQuestion(identities, operation, plane, place, self._lapses.unread(place), request)
        for grant, covers in self._reaching(identities, place):
            self._take(found, grant, covers, question)
        return found

    def _reaching(self, identities: PrincipalIdentities, place: ScopePlace) -> Iterator[tuple[Grant, bool | None]]:
        for member in (*identities.sure, *identities.perhaps, *identities.eligible):
            yield from self.covering(self._grants.of(member), place)
        if not identities.held:
            for grant in self._grants.foreign:
                covers = self._tree.covers(place, grant.scope, grant.id)
                if covers is not False and grant.principal not in identities.sure:
                    yield grant, covers

    def covering(
        self, by_scope: Mapping[str, Sequence[Grant]], place: ScopePlace
    ) -> Iterator[tuple[Grant, bool | None]]:
        """Yield the grants whose scope covers `place`, with True, or with None where that is not known."""
        for key in place.paths:
            if key in by_scope:  # a miss of `get` would cost an exception
                for grant in by_scope[key]:
                    yield grant, True
        if not place.governed:
            return
        for key in by_scope:
            if management_group_name(key) is not None and key not in place.paths:
                for grant in by_scope[key]:
                    covers = self._tree.covers(place, key, grant.id)
                    if covers is not False:
                        yield grant, covers

    def judged(
        self, grant: Grant, operation: str, plane: Plane, request: AssignmentRequest | None = None
    ) -> tuple[Role | None, RoleMatch, tuple[Reason, ...]]:
        """Return the role of a grant, its match with the operation, and the conditions that apply and are not met."""
        role = self._roles.role(grant.role)
        if role is None:
            return None, RoleMatch(Strength.PLAIN), ()
        match = role.match(operation, plane, request)
        if match.strength is Strength.NONE:
            return role, match, ()
        own = grant.condition if grant.condition is not None and targets(grant.condition, operation) else None
        admitted = None if own is None or request is None else admits(own, operation, request)
        if admitted is False:
            return role, NO_MATCH, ()
        return role, match, tuple(_conditions(grant, role, match, None if admitted else own))

    def _take(self, found: Matches, grant: Grant, covers: bool | None, question: "_MatchQuestion") -> None:
        role, match, conditions = self.judged(grant, question.operation, question.plane, question.request)
        if match.strength is Strength.NONE:
            if match.inferred and role is not None:
                text = f"an exclusion of role `{role.name}` applies only if `/*/` also matches no segment (inferred)"
                found.notes.append(Note(NoteKind.INFERRED, role.id, text))
            return
        gaps = tuple(self._doubts(grant, role, covers, question))
        eligible = not grant.standing or grant.principal in question.identities.eligible
        found.take(Match(grant, role, match, conditions, gaps, eligible))

    def _doubts(
        self, grant: Grant, role: Role | None, covers: bool | None, question: "_MatchQuestion"
    ) -> Iterator[Gap]:
        """Yield the gaps that leave open whether a grant reaches the principal here and now."""
        identities = question.identities
        if covers is None:
            yield from self._tree.unplaced(grant.scope)
        if role is None:
            yield missing_role(grant.role, grant.where)
        if grant.principal not in identities.sure and grant.principal not in identities.eligible:
            yield from self._principals.doubt(identities, grant.principal, grant.principal_type)
        if question.lapses and self._lapses.may_be_over(grant, identities, question.place):
            yield from question.lapses


@dataclass(frozen=True, slots=True)
class _MatchQuestion:
    """A question; `lapses` are the gaps in the active PIM instances at its place.

    `request` is the role assignment that the operation is to make, if it is known.
    """

    identities: PrincipalIdentities
    operation: str
    plane: Plane
    place: ScopePlace
    lapses: tuple[Gap, ...]
    request: AssignmentRequest | None = None


def _conditions(grant: Grant, role: Role, match: RoleMatch, own: str | None) -> Iterator[Reason]:
    """Yield the condition of the role, the grant's `own` condition, and the limits of a delegation."""
    if match.condition is not None:
        yield Reason(ReasonKind.CONDITION, role.id, match.condition)
    if own is not None:
        yield Reason(ReasonKind.CONDITION, grant.id, own.strip())
    if grant.limited:
        text = "only to assign the roles listed in the delegation to managed identities"
        yield Reason(ReasonKind.CONDITION, grant.id, text)


def explained(match: Match, principals: Principals, identities: PrincipalIdentities) -> tuple[Reason, ...]:
    """Return the reasons behind a match: the grant, the role definition, the path of groups, the conditions."""
    grant, role = match.grant, match.role
    name = grant.role if role is None else role.name
    until = f", until {grant.until}" if grant.until else ""
    held = "holds" if grant.standing else "is eligible for"
    whom = _whom(grant, identities)
    reasons = [Reason(grant.kind.value, grant.id, f"{whom} {held} role `{name}` at `{grant.where}`{until}")]
    if role is not None:
        text = f"role `{role.name}` allows `{match.match.pattern}` (permission object {match.match.index})"
        text += ", inferred: `/*/` is taken to match no segment too" if match.match.inferred else ""
        text += ", from the built-in roles shipped with migaudit" if role.shipped else ""
        reasons.append(Reason(ReasonKind.ROLE_DEFINITION, role.id, text))
    reasons.extend(principals.reasons(identities, grant.principal))
    reasons.extend(match.conditions)
    return tuple(reasons)


def _whom(grant: Grant, identities: PrincipalIdentities) -> str:
    if grant.kind is GrantKind.DELEGATION:
        return "through Lighthouse the account"
    if grant.is_foreign:
        return "a group of another tenant"
    return "the account" if grant.principal == identities.principal else "a group of the account"
