"""The holders of one access: every principal that can do an action at a scope, and whether the list is complete."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from auditor.access.directory.principals import Principals
from auditor.access.key_vault.permissions import is_vault_action
from auditor.access.key_vault.plane import Model, VaultPlane, model_of, vault_key
from auditor.access.pim import NO_LICENCE
from auditor.access.rbac.completeness import Completeness
from auditor.access.rbac.grants import Grant, GrantIndex, GrantKind
from auditor.access.rbac.matching import Matcher
from auditor.access.rbac.roles import Strength
from auditor.access.rbac.scopes import ROOT_KEY, ScopePlace, ScopeTree
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Note, Plane, ReasonKind, in_order
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DIRECTORY_OBJECTS, GROUP_ELIGIBILITIES, GROUP_MEMBERS, MEMBERSHIPS
from auditor.inventory.reads import NOT_READ, Gap
from auditor.inventory.resources.directory import Group, ServicePrincipal, User


class Holding(Enum):
    """The way a principal holds an access."""

    STANDING = "standing"
    GROUP = "group"
    MEMBER = "member"
    ROOT = "root"
    DELEGATED = "delegated"
    CONDITIONAL = "conditional"
    ELIGIBLE = "eligible"
    ORPHANED = "orphaned"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Holder:
    """A principal that is granted the access: its identity, its way of holding it, and the answer of `can`."""

    principal: str
    name: str
    kind: str
    holding: Holding
    answer: AccessAnswer


@dataclass(frozen=True, slots=True)
class WhoCan:
    """The holders of one access; where there are `gaps`, the list is only *at least these*.

    `members` are principals that hold the access through a group only; `expanded` adds them to the holders.
    """

    action: str
    scope: ArmId
    plane: Plane
    holders: tuple[Holder, ...]
    members: tuple[Holder, ...]
    gaps: tuple[Gap, ...]

    @property
    def at_least(self) -> bool:
        """Whether a list was not read completely, so that further principals may hold the access."""
        return bool(self.gaps)

    def of(self, holding: Holding) -> tuple[Holder, ...]:
        """Return the holders with one way of holding, sorted by name."""
        return tuple(holder for holder in self.holders if holder.holding is holding)

    def expanded(self) -> "WhoCan":
        """Return the same result with the members of groups added to the holders."""
        shown = {holder.principal for holder in self.holders}
        more = tuple(holder for holder in self.members if holder.principal not in shown)
        return replace(self, holders=tuple(sorted((*self.holders, *more), key=_order)), members=())

    def noted(self, notes_of: Callable[[str], Iterable[Note]]) -> "WhoCan":
        """Return the same result with the notes on each holder's account added to its answer.

        Of a principal that was deleted, or is of another tenant, its way of holding says that already.
        """

        def noted(holder: Holder) -> Holder:
            if holder.holding in {Holding.ORPHANED, Holding.DELEGATED}:
                return holder
            return replace(holder, answer=holder.answer.with_notes(notes_of(holder.principal)))

        return replace(self, holders=tuple(map(noted, self.holders)), members=tuple(map(noted, self.members)))


class Holders:
    """The search for holders: it gathers candidates from the grants, then asks the engine about each of them."""

    def __init__(
        self,
        inventory: Inventory,
        tree: ScopeTree,
        grants: GrantIndex,
        matcher: Matcher,
        principals: Principals,
        completeness: Completeness,
        vaults: VaultPlane,
        decide: Callable[[str, str, ArmId, Plane], AccessAnswer],
    ) -> None:
        """Keep the collaborators; `decide` answers for one principal."""
        self._inventory = inventory
        self._tree = tree
        self._grants = grants
        self._matcher = matcher
        self._principals = principals
        self._completeness = completeness
        self._vaults = vaults
        self._decide = decide

    def of(self, operation: str, scope: ArmId, plane: Plane) -> WhoCan:
        """Return every principal that is granted `operation` (normalized) at `scope`."""
        place = self._tree.place(scope)
        candidates, gaps = self._candidates(operation, plane, place)
        holders = [self._holder(principal, grants, operation, scope, plane) for principal, grants in candidates.items()]
        members = self._members(candidates)
        inherited = [
            self._holder(member, [], operation, scope, plane) for member in sorted(members) if member not in candidates
        ]
        return WhoCan(
            operation,
            scope,
            plane,
            tuple(sorted(filter(None, holders), key=_order)),
            tuple(sorted(filter(None, inherited), key=_order)),
            in_order((*gaps, *self._unlisted(candidates))),
        )

    def _unlisted(self, candidates: dict[str, list[Grant]]) -> Iterator[Gap]:
        """Yield the gaps that may hide members of the groups among the candidates."""
        for candidate, grants in candidates.items():
            if any(grant.is_foreign for grant in grants):
                message = "the members of a group of another tenant cannot be read"
                yield Gap(GROUP_MEMBERS, candidate, 0, "ForeignGroup", message)
        groups = [candidate for candidate in candidates if self._principals.may_be_group(candidate, None)]
        for group in groups:
            yield from self._principals.hidden_members(group) or self._inventory.gaps(GROUP_MEMBERS, group)
        if groups:
            for what in (MEMBERSHIPS, GROUP_ELIGIBILITIES):
                refused = (gap for gap in self._inventory.gaps(what, "/") if gap.code != NOT_READ)
                yield from (gap for gap in refused if gap.code.lower() != NO_LICENCE)

    def _candidates(
        self, operation: str, plane: Plane, place: ScopePlace
    ) -> tuple[dict[str, list[Grant]], tuple[Gap, ...]]:
        """Return the principals that grants name, with their grants, and the gaps in the lists of grants."""
        if plane is Plane.DATA and is_vault_action(operation) and vault_key(place) is not None:
            vault = self._vaults.vault(place)
            if vault is None or model_of(vault) is Model.UNKNOWN:
                return {}, self._vaults.undecided(place).gaps
            if model_of(vault) is Model.POLICIES:
                named = [(policy.object_id or "").strip().lower() for policy in vault.properties.access_policies or ()]
                return {object_id: [] for object_id in named}, self._vaults.policies_unread(vault)
        found: dict[str, list[Grant]] = defaultdict(list)
        for grant in self._reaching(place):
            _role, match, _conditions = self._matcher.judged(grant, operation, plane)
            if match.strength is not Strength.NONE:
                found[grant.principal].append(grant)
        unread = (*self._completeness.of_assignments(place), *self._completeness.of_denials(place))
        return dict(found), (*unread, *self._completeness.unasked(place))

    def _reaching(self, place: ScopePlace) -> Iterator[Grant]:
        for key in place.paths:
            yield from self._grants.at(key)
        for key in self._grants.groups:
            if key not in place.paths:
                for grant in self._grants.at(key):
                    if self._tree.covers(place, key, grant.id) is not False:
                        yield grant

    def _members(self, candidates: dict[str, list[Grant]]) -> set[str]:
        """Return every principal that is a member of a candidate or may become one."""
        found: set[str] = set()
        waiting = list(candidates)
        while waiting:
            group = waiting.pop()
            linked = [link.from_.lower() for link in self._inventory.links_to("transitiveMemberOf", group)]
            for member in (*linked, *self._principals.eligible_members(group)):
                if member not in found:
                    found.add(member)
                    waiting.append(member)
        return found

    def _holder(self, principal: str, grants: list[Grant], operation: str, scope: ArmId, plane: Plane) -> Holder | None:
        decided = self._decide(principal, operation, scope, plane)
        if decided.verdict is AccessVerdict.DENY:
            return None
        holding = self._holding(principal, grants, decided)
        return Holder(principal, self._principals.name(principal), self._kind(principal, grants), holding, decided)

    def _holding(self, principal: str, grants: list[Grant], decided: AccessAnswer) -> Holding:
        by_verdict = {
            AccessVerdict.UNKNOWN: Holding.UNDECIDED,
            AccessVerdict.CONDITIONAL: Holding.CONDITIONAL,
            AccessVerdict.ELIGIBLE: Holding.ELIGIBLE,
        }
        if self.is_orphan(principal, grants):
            return Holding.ORPHANED
        if decided.verdict in by_verdict:
            return by_verdict[decided.verdict]
        if grants and all(grant.kind is GrantKind.DELEGATION for grant in grants):
            return Holding.DELEGATED
        if any(grant.scope == ROOT_KEY for grant in grants):
            return Holding.ROOT
        if self._kind(principal, grants).lower().endswith("group"):
            return Holding.GROUP
        return Holding.STANDING if grants or self._is_named(decided) else Holding.MEMBER

    def _is_named(self, decided: AccessAnswer) -> bool:
        """Return whether the access comes from the account itself rather than from one of its groups."""
        return not any(reason.kind is ReasonKind.GROUP for reason in decided.because)

    def is_orphan(self, principal: str, grants: list[Grant]) -> bool:
        """Return whether the directory was read and holds no such object; a failed look-up proves nothing."""
        foreign = any(grant.kind is GrantKind.DELEGATION or grant.is_foreign for grant in grants)
        if foreign or self._inventory.object(principal) is not None:
            return False
        return not self._inventory.gaps(DIRECTORY_OBJECTS, principal)

    def _kind(self, principal: str, grants: list[Grant]) -> str:
        held = self._inventory.object(principal)
        for cls, name in ((User, "User"), (Group, "Group"), (ServicePrincipal, "ServicePrincipal")):
            if isinstance(held, cls):
                return name
        return next((grant.principal_type for grant in grants if grant.principal_type), "Unknown")


def _order(holder: Holder) -> tuple[str, str]:
    return (holder.name.lower(), holder.principal)
