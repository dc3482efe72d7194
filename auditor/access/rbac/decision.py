"""The decision procedure of Azure RBAC: deny, allow, conditional, eligible, unknown, implicit deny, in this order."""

from collections.abc import Iterable

from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.rbac.assignment_conditions import AssignmentRequest
from auditor.access.rbac.completeness import Completeness
from auditor.access.rbac.denials import Denial, DenyIndex
from auditor.access.rbac.grants import GrantKind
from auditor.access.rbac.matching import Match, Matcher, Matches, explained
from auditor.access.rbac.scopes import ScopePlace
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, Reason, ReasonKind, answer
from auditor.inventory.reads import Gap


class Rbac:
    """The decision procedure, applied to the grants and deny assignments that reach the principal."""

    def __init__(
        self, matcher: Matcher, denials: DenyIndex, completeness: Completeness, principals: Principals
    ) -> None:
        """Keep the collaborators."""
        self._matcher = matcher
        self._denials = denials
        self._completeness = completeness
        self._principals = principals

    def decide(
        self,
        identities: PrincipalIdentities,
        operation: str,
        plane: Plane,
        place: ScopePlace,
        request: AssignmentRequest | None = None,
    ) -> AccessAnswer:
        """Return whether the principal may do `operation` (normalized) at `place`, obstacles aside.

        `request` is the role assignment that the operation is to make, if it is known: conditions are decided for it.
        The first that applies decides: an enforced deny assignment, an unconditional grant, a conditional one, an
        eligible one, an unread list that could still grant, nothing. A positive answer becomes unknown where the deny
        assignments are not completely known.
        """
        denials = self._denials.denials(identities, operation, plane, place)
        if denials.certain:
            return answer(AccessVerdict.DENY, _reasons_of(denials.certain))
        matches = self._matcher.matches(identities, operation, plane, place, request)
        granting, verdict = _strongest(matches)
        if not granting:
            return self._negative(matches, identities, place)
        because = [*self._explain(granting, identities), *_reasons_of(denials.conditional)]
        undenied = (*self._completeness.of_denials(place), *(gap for item in denials.possible for gap in item.gaps))
        if undenied:
            return answer(AccessVerdict.UNKNOWN, [*because, *_reasons_of(denials.possible)], undenied, matches.notes)
        if verdict is AccessVerdict.ALLOW:
            conditional = bool(denials.conditional)
            return answer(AccessVerdict.CONDITIONAL if conditional else AccessVerdict.ALLOW, because, (), matches.notes)
        return answer(verdict, because, self._unread(matches, identities, place), matches.notes)

    def activations(
        self,
        identities: PrincipalIdentities,
        operation: str,
        plane: Plane,
        place: ScopePlace,
        request: AssignmentRequest | None = None,
    ) -> tuple[frozenset[str], ...]:
        """Return the ways to gain `operation` (normalized) by activating; none that is denied or conditional.

        Each is the set of what has to be activated together: ids of eligibilities, and of groups to join.
        """
        if self._denials.denials(identities, operation, plane, place).certain:
            return ()
        matches = self._matcher.matches(identities, operation, plane, place, request)
        return tuple(
            frozenset(
                (
                    *(() if match.grant.standing else (match.grant.id,)),
                    *identities.eligible.get(match.grant.principal, ())[:1],
                )
            )
            for match in matches.eligible
            if not match.conditions
        )

    def _negative(self, matches: Matches, identities: PrincipalIdentities, place: ScopePlace) -> AccessAnswer:
        unread = self._unread(matches, identities, place)
        if unread:
            return answer(AccessVerdict.UNKNOWN, self._explain(matches.possible, identities), unread, matches.notes)
        nothing = Reason(
            ReasonKind.NOTHING, str(place.scope), "everything that could grant this was read, and nothing does"
        )
        return answer(AccessVerdict.DENY, (nothing,), (), matches.notes)

    def _unread(self, matches: Matches, identities: PrincipalIdentities, place: ScopePlace) -> tuple[Gap, ...]:
        possible = (gap for match in matches.possible for gap in match.gaps)
        return (*self._completeness.of_grants(place, identities), *possible)

    def _explain(self, matches: Iterable[Match], identities: PrincipalIdentities) -> list[Reason]:
        ordered = sorted(matches, key=lambda match: (match.grant.kind.name, match.grant.id.lower()))
        shown = {match.grant.id.lower() for match in ordered if match.grant.kind is GrantKind.ASSIGNMENT}
        return [
            reason
            for match in ordered
            if match.grant.kind is not GrantKind.ACTIVATION or (match.grant.origin or "").lower() not in shown
            for reason in explained(match, self._principals, identities)
        ]


def _strongest(matches: Matches) -> tuple[list[Match], AccessVerdict]:
    for found, verdict in (
        (matches.plain, AccessVerdict.ALLOW),
        (matches.conditional, AccessVerdict.CONDITIONAL),
        (matches.eligible, AccessVerdict.ELIGIBLE),
    ):
        if found:
            return found, verdict
    return [], AccessVerdict.DENY


def _reasons_of(denials: Iterable[Denial]) -> list[Reason]:
    return [reason for denial in denials for reason in denial.because]
