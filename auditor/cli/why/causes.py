"""Whether what a text says is so in an environment: its questions put to the access engine, its errors to the rules."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from auditor.access.access import Access
from auditor.access.least_role import LeastRoles, WantedRole
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, ReasonKind
from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.explanation import Explanation
from auditor.audit.findings import Finding, Verdict
from auditor.cli.why.about import PEOPLE
from auditor.cli.why.named_obstacles import CauseVerdict, NamedObstacle, parsed
from auditor.collect.request import BadRequest
from auditor.facts.entities.named_ids import NamedIds
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.keyvault import Vault
from auditor.library.accounts import MeantAccount, account_in
from auditor.library.caveats import answer_of
from auditor.report.place import Place, Places

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
    names: NamedIds
    cure: str = ""
    """The command that gives the account what it lacks; empty where a role is not the cure, or none is small enough."""
    is_exact: bool = True
    """Whether the action is what was refused; `read` stands for `get` and `list`, of which a policy can hold one."""

    @property
    def verdict(self) -> CauseVerdict:
        """Whether the account lacks the right; what may stop an allowed action leaves open why it was refused."""
        if self.answer.verdict is AccessVerdict.ALLOW and not self.is_exact:
            return CauseVerdict.UNKNOWN
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
    places: Places | None = None
    """Where the findings are; None where no rule was asked."""

    def placed(self, findings: Iterable[Finding]) -> Iterator[tuple[Finding, Place]]:
        """Yield the findings, which are of these causes, each with its place."""
        return ((one, self.places.of(one)) for one in findings if self.places is not None)

    @property
    def answers(self) -> tuple[AskedAccess | NamedObstacle, ...]:
        """What was asked about the errors themselves, each with a verdict."""
        return (*self.questions, *self.named)

    def without_people(self) -> "Causes":
        """Return the causes without those about accounts, which say nothing where nobody knows who got the errors."""
        return replace(self, findings=tuple(one for one in self.findings if one.subject.kind not in PEOPLE))

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The conditions that hold."""
        return tuple(one for one in self.findings if one.verdict is Verdict.FAIL)

    @property
    def confirming(self) -> tuple[Finding, ...]:
        """The conditions that hold and can be the cause.

        What an error says it was refused by decides: what the account lacks for something else, or another policy than
        the one that the error names, did not refuse it.
        """
        asked = {one.code.lower() for one in self.answers}
        confirmed = {one.code.lower() for one in self.answers if one.verdict is CauseVerdict.CONFIRMED}
        return tuple(
            one
            for one in self.failing
            if not self._is_settled(one)
            and (asked.isdisjoint(codes := {error.lower() for error in one.errors}) or not confirmed.isdisjoint(codes))
        )

    @property
    def undecided(self) -> tuple[Finding, ...]:
        """The conditions that could not be decided and could be the cause."""
        return tuple(one for one in self.findings if one.verdict is Verdict.UNKNOWN and not self._is_settled(one))

    def _is_settled(self, finding: Finding) -> bool:
        """Whether what the error itself names was decided against, or is another thing than the finding is about."""
        errors = {error.lower() for error in finding.errors}
        obstacles = {one.id.lower() for one in self.named if one.code.lower() in errors}
        if obstacles and obstacles.isdisjoint(finding.ids):
            return True
        open_ones = {one.code.lower() for one in self.answers if one.verdict is not CauseVerdict.REFUTED}
        settled = {one.code.lower() for one in self.answers} - open_ones
        return bool(settled & errors)

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
    access, names = Access.of(inventory), NamedIds(inventory)
    for error in found.refusals:
        for action, where, plane in _asked(error, inventory):
            for account in (error.details.account,) if error.details.account else accounts:
                who = _meant(inventory, account, error)
                answer = answer_of(access, who.id, action, where, plane)
                cure = _role_command(access, answer, who, action, plane, where)
                is_exact = not (_by_policies(inventory, where) and action.endswith("/read"))
                yield AskedAccess(error.code, who, action, plane, where, answer, names, cure, is_exact)


def _by_policies(inventory: Inventory, where: ArmId) -> bool:
    held = inventory.get(where)
    return isinstance(held, Vault) and held.properties.by_roles is not True


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


def _asked(error: AzureError, inventory: Inventory) -> Iterator[tuple[str, ArmId, Plane]]:
    """Yield the action that was refused, and where; beside one on a linked scope, the first one was allowed.

    A vault with access policies names itself only, which is enough: names of vaults are unique in all of Azure.
    """
    said = error.details
    action, scope = (said.linked_action, said.linked_scope) if said.linked_action else (said.action, said.scope)
    where = parsed(scope)
    if where is None and said.data_action:
        where = next(
            (one.arm_id for one in inventory.all(Vault) if one.arm_id.name.lower() == said.vault.lower()), None
        )
    if action and where is not None:
        yield action, where, Plane.DATA if said.data_action and not said.linked_action else Plane.CONTROL


def _meant(inventory: Inventory, account: str, error: AzureError) -> MeantAccount:
    try:
        return account_in(inventory, account)
    except BadRequest:
        return MeantAccount(account, error.details.account_name or account)
