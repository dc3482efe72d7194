"""Whether what a text says is so in an environment: its questions put to the access engine, its errors to the rules."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.access.access import Access
from auditor.access.least_role import LeastRoles, WantedRole
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, ReasonKind
from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.explanation import Explanation
from auditor.audit.findings import Finding, Verdict
from auditor.cli.access.caveats import unless_no_operation, unless_scope_unseen
from auditor.cli.environment.accounts import MeantAccount, account_in, answer_about
from auditor.cli.failures import UsageFailed
from auditor.cli.why.named_obstacles import CauseVerdict, NamedObstacle, touches
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory

_CAUSE = {
    AccessVerdict.DENY: CauseVerdict.CONFIRMED,
    AccessVerdict.ELIGIBLE: CauseVerdict.CONFIRMED,
    AccessVerdict.ALLOW: CauseVerdict.REFUTED,
}
"""The cause *this account may not do this*, by the answer of the access engine; any other answer leaves it open."""


@dataclass(frozen=True, slots=True)
class AskedAccess:
    """One question about access that a text contains, with its answer."""

    code: str
    who: MeantAccount
    action: str
    plane: Plane
    scope: ArmId
    answer: AccessAnswer
    cure: str = ""
    """The command that gives the account what it lacks; empty where a role is not the cure, or none is small enough."""

    @property
    def verdict(self) -> CauseVerdict:
        """Whether the account lacks the right; what may stop an allowed action leaves open why it was refused."""
        return _CAUSE.get(self.answer.verdict, CauseVerdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Causes:
    """What was found out about a text: answers about access, and the findings of the rules that detect its errors."""

    questions: tuple[AskedAccess, ...]
    findings: tuple[Finding, ...]
    unjudged: tuple[str, ...] = ()
    """What no rule could judge, in words."""
    named: tuple[NamedObstacle, ...] = ()
    """What the errors say they were refused by."""

    @property
    def answers(self) -> tuple[AskedAccess | NamedObstacle, ...]:
        """What was asked about the errors themselves, each with a verdict."""
        return (*self.questions, *self.named)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The conditions that hold."""
        return tuple(one for one in self.findings if one.verdict is Verdict.FAIL)

    @property
    def confirming(self) -> tuple[Finding, ...]:
        """The conditions that hold and can be the cause.

        What is allowed now was not refused because of what the account lacks for something else, nor by another policy
        than the one that the error names.
        """
        return tuple(one for one in self.failing if not self._is_settled(one))

    @property
    def undecided(self) -> tuple[Finding, ...]:
        """The conditions that could not be decided and could be the cause."""
        return tuple(one for one in self.findings if one.verdict is Verdict.UNKNOWN and not self._is_settled(one))

    def _is_settled(self, finding: Finding) -> bool:
        """Whether what the error itself names was decided against, or is another thing than the finding is about."""
        if self.named and {one.id.lower() for one in self.named}.isdisjoint(finding.ids):
            return True
        open_ones = {one.code.lower() for one in self.answers if one.verdict is not CauseVerdict.REFUTED}
        settled = {one.code.lower() for one in self.answers} - open_ones
        return bool(settled & {error.lower() for error in finding.errors})

    @property
    def verdict(self) -> CauseVerdict:
        """Confirmed if anything holds, refuted if everything was decided and nothing holds."""
        asked = {one.verdict for one in self.answers}
        if CauseVerdict.CONFIRMED in asked or self.confirming:
            return CauseVerdict.CONFIRMED
        judged = any(one.verdict is Verdict.PASS for one in self.findings)
        open_ones = CauseVerdict.UNKNOWN in asked or self.undecided or self.unjudged
        return CauseVerdict.REFUTED if (asked or judged) and not open_ones else CauseVerdict.UNKNOWN


def asked_access(found: Explanation, inventory: Inventory, accounts: tuple[str, ...]) -> Iterator[AskedAccess]:
    """Yield the questions of the errors in a text; one that names no account is asked for each of `accounts`."""
    access = Access.of(inventory)
    for error in found.refusals:
        for action, where, plane in _asked(error):
            for account in (error.details.account,) if error.details.account else accounts:
                who = _meant(inventory, account, error)
                answer = unless_scope_unseen(answer_about(access, who, action, where, plane), where, inventory)
                answer = unless_no_operation(answer, action, plane, access)
                cure = _role_command(access, answer, who, action, plane, where)
                yield AskedAccess(error.code, who, action, plane, where, answer, cure)


def _role_command(
    access: Access, answer: AccessAnswer, who: MeantAccount, action: str, plane: Plane, where: ArmId
) -> str:
    """Return the command that assigns the smallest role with a right that nothing grants and nothing takes away.

    What is to be created does not exist yet, so the role is assigned at its resource group.
    """
    if answer.verdict is not AccessVerdict.DENY or {one.kind for one in answer.because} != {ReasonKind.NOTHING}:
        return ""
    if plane is Plane.DATA or access.inventory.object(who.id) is None:
        return ""
    roles = LeastRoles(access.roles).covering([WantedRole((action,), plane)])
    if len(roles) != 1:
        return ""
    scope = where if access.inventory.get(where) is not None else where.resource_group_id or where
    whom = ("--assignee", who.id, "--scope", scope.text)
    return shlex.join(("az", "role", "assignment", "create", "--role", roles[0].name, *whom))


def _asked(error: AzureError) -> Iterator[tuple[str, ArmId, Plane]]:
    said = error.details
    for action, scope, is_data in (
        (said.action, said.scope, said.data_action),
        (said.linked_action, said.linked_scope, False),
    ):
        try:
            where = ArmId.parse(scope) if action and scope else None
        except ValueError:  # a scope that was cut off, or is no id
            continue
        if where is not None:
            yield action, where, Plane.DATA if is_data else Plane.CONTROL


def _meant(inventory: Inventory, account: str, error: AzureError) -> MeantAccount:
    try:
        return account_in(inventory, account)
    except UsageFailed:
        return MeantAccount(account, error.details.account_name or account)


def related(finding: Finding, found: Explanation, asked_by: str = "") -> bool:
    """Whether a finding is about what the text names; to a text that names neither account nor place, all are.

    A text that names no account is about `asked_by`, where that is known.
    """
    named = {error.details.account for error in found.refusals} - {""}
    accounts = named or {asked_by} - {""}
    scopes = {scope.lower() for error in found.refusals for scope in _places(error)}
    ids = finding.ids
    things = {one.lower() for error in found.refusals for one in (error.details.vault, error.details.application)}
    if things - {""}:
        return any(one.rpartition("/")[2] in things for one in ids)
    if finding.subject.kind in {"account", "registration"}:
        who, _, project = ids[0].partition("@")
        is_theirs = not accounts or who in accounts
        return is_theirs and (not (project and scopes) or any(_together(project, scope) for scope in scopes))
    return not scopes or any(touches(one, scope) for one in ids for scope in scopes)


def _places(error: AzureError) -> tuple[str, ...]:
    said = error.details
    places = tuple(filter(None, (said.scope, said.linked_scope, *said.locked)))
    return places or ((f"/subscriptions/{said.subscription}",) if said.subscription else ())


def _together(project: str, scope: str) -> bool:
    """Whether a scope is the project's, above it, or in its resource group, where a registration makes things."""
    group = project.partition("/providers/")[0]
    return touches(project, scope) or f"{scope}/".startswith(f"{group}/")
