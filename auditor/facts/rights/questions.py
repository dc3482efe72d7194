"""Questions to the access engine, and its answers as facts: rights that are granted now, missing or conditional."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from auditor.access.access import Access
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, ReasonKind
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, once, unless_gaps
from auditor.facts.presence import beyond
from auditor.facts.rights.steps import ApplianceKind, At, Need, Step, When
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    DENY_ASSIGNMENTS,
    DIRECTORY_ELIGIBILITIES,
    GROUP_ELIGIBILITIES,
    MEMBERSHIPS,
    PRIVATE_ENDPOINTS,
    SUBSCRIPTIONS,
)

CONDITIONAL = "ConditionalGrant"
"""Code of a gap for a right under a condition that can only be judged during a request."""

_ONLY_ELIGIBLE = frozenset({GROUP_ELIGIBILITIES, DIRECTORY_ELIGIBILITIES})
"""Lists of eligibilities: they show access that could be activated, never access that is active now."""


@dataclass(frozen=True)
class AskedRight:
    """One right at one scope; any one of `actions` is enough, and `answers` holds one answer per action.

    `assigns` are the GUIDs of the roles that an action which assigns roles has to give; then there is one answer, for
    the role that is hardest to give. `when` is the case that the right is needed in.
    """

    label: str
    scope: str
    answers: tuple[AccessAnswer, ...]
    actions: tuple[str, ...] = ()
    plane: Plane = Plane.CONTROL
    assigns: tuple[str, ...] = ()
    when: When | None = None

    @cached_property
    def granted(self) -> Fact[bool]:
        """Whether the account has it now; one allowed action is enough."""
        facts = [granted(answer, self.label, self.scope) for answer in self.answers]
        known = [fact for fact in facts if isinstance(fact, Known)]
        allowed = [fact for fact in known if fact.value]
        if allowed:
            return allowed[0]
        if len(known) == len(facts):
            return Known(False, once(item for fact in known for item in fact.because))
        return Unknown(once(gap for fact in facts for gap in fact.gaps))

    @property
    def eligible(self) -> bool:
        """Whether activating a role would grant it."""
        return any(answer.verdict is AccessVerdict.ELIGIBLE for answer in self.answers)

    @property
    def denied_by(self) -> tuple[Evidence, ...]:
        """The deny assignments that deny it, whatever roles the account holds."""
        return once(
            Evidence(reason.id, reason.text)
            for answer in self.answers
            if answer.verdict is AccessVerdict.DENY
            for reason in answer.because
            if reason.kind is ReasonKind.DENY_ASSIGNMENT
        )

    @property
    def refused_by(self) -> tuple[Evidence, ...]:
        """The key vault that trusts another tenant, and so refuses it whatever roles and policies say."""
        return once(
            Evidence(reason.id, reason.text)
            for answer in self.answers
            for reason in answer.because
            if reason.kind is ReasonKind.VAULT_TENANT
        )

    @property
    def conditional(self) -> Fact[bool]:
        """Whether it depends on a condition; unknown if an unread list could grant it unconditionally."""
        if any(answer.verdict is AccessVerdict.ALLOW for answer in self.answers):
            return Known(False)
        gaps = once(gap for answer in self.answers for gap in answer.gaps)
        return unless_gaps(any(answer.verdict is AccessVerdict.CONDITIONAL for answer in self.answers), gaps)

    def __str__(self) -> str:
        return f"{self.label} at {self.scope}"


@dataclass(frozen=True, slots=True)
class AccountAccess:
    """An account whose rights are asked about: its object id and the access engine."""

    access: Access
    object_id: str

    def ask(self, actions: Sequence[str], scope: ArmId, plane: Plane = Plane.CONTROL) -> AskedRight:
        """Ask the engine about `actions` at `scope`; any one of them is enough."""
        answers = tuple(
            self.access.decide(self.object_id, action, _created_at(action, scope), plane) for action in actions
        )
        return AskedRight(" or ".join(actions), str(scope), answers, tuple(actions), plane)

    def ask_to_assign(self, action: str, roles: Sequence[str], scope: ArmId) -> AskedRight:
        """Ask the engine whether every one of `roles` (GUIDs) may be assigned at `scope` by `action`."""
        answers = [self.access.may_assign(self.object_id, role, scope) for role in roles]
        hardest = min(answers, key=lambda one: _ease(granted(one, action, str(scope))))
        return AskedRight(action, str(scope), (hardest,), (action,), assigns=tuple(roles))


def _created_at(action: str, scope: ArmId) -> ArmId:
    """Return where Azure asks for `action` on a resource in a group: at the resource, here one that does not exist yet.

    A deny assignment that does not apply to child scopes keeps nobody from what is done to the resources of its group.
    Roles and locks of the group itself are asked for at the group.
    """
    provider, _, rest = action.partition("/")
    if (
        not scope.is_resource_group
        or not rest
        or (provider.lower() in _ON_THE_GROUP and not rest.lower().startswith("deployments/"))
    ):
        return scope
    types = rest.split("/")[: -2 if rest.lower().endswith("/action") else -1]
    names = "/".join(f"{one}/{_NEW}" for one in types)
    return ArmId.parse(f"{scope}/providers/{provider}/{names}") if names else scope


_ON_THE_GROUP = frozenset({"microsoft.authorization", "microsoft.resources"})
_NEW = "~new"
"""A name that no resource has."""


def granted(answer: AccessAnswer, label: str = "", scope: str = "") -> Fact[bool]:
    """Return whether a right is granted now.

    An eligible right is not granted, since it must be activated first; nor is one for which only eligibilities were
    unread. A conditional right is unknown, since its condition is judged during the request. Gaps count wherever they
    could change the answer.
    """
    because = tuple(Evidence(reason.id, reason.text) for reason in answer.because if reason.id)
    match answer.verdict:
        case AccessVerdict.ALLOW:
            return Known(True, because)
        case AccessVerdict.CONDITIONAL:
            conditions = "; ".join(reason.text for reason in answer.because)
            return Unknown(
                (*answer.gaps, Gap(label, scope, 0, CONDITIONAL, f"granted under a condition: {conditions}"))
            )
        case AccessVerdict.DENY | AccessVerdict.ELIGIBLE if not answer.gaps:
            return Known(False, because)
        case AccessVerdict.UNKNOWN if answer.gaps and all(gap.what in _ONLY_ELIGIBLE for gap in answer.gaps):
            return Known(False, once(Evidence(gap.scope, "nothing grants it now") for gap in answer.gaps))
        case _:
            return Unknown(answer.gaps or (_unexplained(label, scope),))


def rights_of(
    account: AccountAccess,
    step: Step,
    project: ArmId,
    kind: ApplianceKind | None = None,
    *,
    cases: Collection[When] = (),
    target: ArmId | None = None,
    subnet: ArmId | None = None,
) -> tuple[AskedRight, ...]:
    """Ask for every right on the control plane that a step of `project` needs.

    For an unknown kind of appliance (None), any kind's actions are enough. `cases` adds the rights that only these
    cases need. `target` is the resource group that machines are migrated to; without it, rights there are left out.
    `subnet` is that of the private endpoints; without it, only what the account is nowhere granted is decided.
    """
    where = {
        At.PROJECT: project,
        At.RESOURCE_GROUP: project.resource_group_id or project,
        At.SUBSCRIPTION: project.subscription_id or project,
    }
    if target is not None:
        where |= {At.TARGET_GROUP: target, At.TARGET_SUBSCRIPTION: target.subscription_id or target}
    if subnet is not None:
        where |= {At.SUBNET: subnet, At.VIRTUAL_NETWORK: subnet.parent}
    needs = [need for need in step.needs if (need.when is None or need.when in cases) and need.of(kind)]
    return tuple(
        _asked(account, need, where[need.at], kind) if need.at in where else _asked_anywhere(account, need, project)
        for need in needs
        if need.at in where or need.at in _IN_THE_NETWORK
    )


def _asked(account: AccountAccess, need: Need, scope: ArmId, kind: ApplianceKind | None) -> AskedRight:
    actions = need.of(kind)
    asked = account.ask_to_assign(actions[0], need.assigns, scope) if need.assigns else account.ask(actions, scope)
    return replace(asked, when=need.when)


def _asked_anywhere(account: AccountAccess, need: Need, project: ArmId) -> AskedRight:
    """Ask for an action on a subnet that is not known: lacking if no scope grants it, otherwise unknown.

    The right is then missing at the project's subscription.
    """
    scope = project.subscription_id or project
    places = [scope, *map(ArmId.parse, account.access.granted_scopes(account.object_id))]
    asked = account.ask(need.one_of, scope)
    found = [
        granted(account.access.decide(account.object_id, action, place)) for action in need.one_of for place in places
    ]
    gaps = (*beyond(account.access.inventory, SUBSCRIPTIONS), subnet_unknown(project))
    if not all(fact.is_false for fact in found) or len(gaps) > 1:
        asked = replace(asked, answers=(AccessAnswer(AccessVerdict.UNKNOWN, (), gaps),))
    return replace(asked, when=need.when)


_IN_THE_NETWORK = frozenset({At.SUBNET, At.VIRTUAL_NETWORK})


def subnet_unknown(project: ArmId) -> Gap:
    """Return the gap of rights on a subnet that is not known."""
    message = "which subnet the private endpoints will be in is not known: name it with `--private-subnet`"
    return Gap(PRIVATE_ENDPOINTS, str(project), 0, SUBNET_UNKNOWN, message)


SUBNET_UNKNOWN = "SubnetUnknown"
"""Code of a gap for a right on the subnet of private endpoints, where it is not known which one that is."""


def _ease(fact: Fact[bool]) -> int:
    """Return 0 for a right that is lacking, 1 for an unknown one, and 2 for one that is granted."""
    return 0 if fact.is_false else 2 if fact.is_true else 1


def all_granted(asked: Iterable[AskedRight]) -> Fact[bool]:
    """Return whether every right is granted."""
    return all_of(right.granted for right in asked)


def denied(inventory: Inventory, account: str, rights: Iterable[AskedRight]) -> Fact[bool]:
    """Return whether a deny assignment denies a right; false only if their lists and the account's groups were read."""
    asked = tuple(rights)
    denying = once(item for right in asked for item in right.denied_by)
    scopes = once(right.scope for right in asked)
    gaps = [gap for scope in scopes for gap in inventory.gaps(DENY_ASSIGNMENTS, scope, below=False)]
    gaps += inventory.gaps(MEMBERSHIPS, account)
    return Known(True, denying) if denying else unless_gaps(False, once(gaps))


def lacking(asked: Iterable[AskedRight]) -> tuple[AskedRight, ...]:
    """Return the rights that are known not to be granted; further ones may be unknown."""
    return tuple(right for right in asked if right.granted.is_false)


def missing(asked: Sequence[AskedRight]) -> Fact[list[str]]:
    """Return every missing right as text; unknown if one right is unknown, since the list might be longer."""
    facts = [right.granted for right in asked]
    gaps = once(gap for fact in facts for gap in fact.gaps)
    if gaps:
        return Unknown(gaps)
    short = lacking(asked)
    because = once(item for right in short for item in right.granted.evidence)
    return Known([str(right) for right in short], because)


def in_words(asked: Sequence[AskedRight], most: int = 3) -> str:
    """Return the rights that are known to be missing as a phrase, grouped by scope; empty if there are none."""
    by_scope: dict[str, list[str]] = {}
    for right in lacking(asked):
        by_scope.setdefault(right.scope, []).append(f"`{right.label}`")
    return "; ".join(f"{_shortened(labels, most)} at `{scope}`" for scope, labels in by_scope.items())


def _shortened(labels: list[str], most: int) -> str:
    shown = ", ".join(labels[:most])
    return shown if len(labels) <= most else f"{shown} and {len(labels) - most} more"


def _unexplained(label: str, scope: str) -> Gap:
    return Gap(label, scope, 0, "Undecided", "the answer could not be decided")
