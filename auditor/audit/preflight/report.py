"""The outcome of a preflight: for each step a verdict, missing rights, obstacles, gaps and fixes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from auditor.audit.findings import Fix
from auditor.audit.named_ids import named_fix
from auditor.audit.preflight.fixes import Fixes
from auditor.facts.entities.accounts import account_name
from auditor.facts.entities.named_ids import NamedIds
from auditor.facts.entities.projects import not_ready_in_words, project_state
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Gap, Known, Unknown, once
from auditor.facts.preflight.capable_accounts import CapableAccounts, capable_accounts
from auditor.facts.preflight.check import TARGET_NOT_NAMED, StepCheck, check_step, mode_of_plan
from auditor.facts.preflight.missing import Conditional, Missing, conditional_of, missing_of
from auditor.facts.preflight.not_found import SEEN_UNREAD, is_found, not_found_in_words
from auditor.facts.preflight.obstacles import MAY_BLOCK, Obstacle, ObstacleEffect
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.preflight.recoveries import lost_in_words
from auditor.facts.preflight.self_check import SelfCheckResult, self_check_of
from auditor.facts.presence import exists
from auditor.facts.rights.providers import REGISTERING
from auditor.facts.rights.questions import CONDITIONAL, SUBNET_UNKNOWN
from auditor.facts.rights.steps import DISCOVER, REGISTER, REPLICATE, Part, steps
from auditor.inventory.lists import PROJECTS

__all__ = [
    "SUBNET_UNKNOWN",
    "TARGET_NOT_NAMED",
    "AccountRef",
    "CapableAccounts",
    "Conditional",
    "Fix",
    "Gap",
    "Missing",
    "Obstacle",
    "ObstacleEffect",
    "Preflight",
    "ProjectRef",
    "SelfCheckResult",
    "StepOutcome",
    "StepVerdict",
    "preflight",
    "verdict_of",
]


_WHOLE_SENTENCES = frozenset({SEEN_UNREAD, TARGET_NOT_NAMED, SUBNET_UNKNOWN})
"""Codes of gaps whose message says all."""
_AT_APPLIANCE = frozenset({REGISTER, DISCOVER})
"""The steps for which somebody signs in at the appliance."""


class StepVerdict(Enum):
    """Prediction for a step."""

    GO = "go"
    NO_GO = "no-go"
    UNKNOWN = "unknown"


_OF_SUBSCRIPTION = 2
"""Slashes in the id of a subscription; what is below it is called by its own name, in a subscription said before."""


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account: its object id and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ProjectRef:
    """The project, existing or to be created; `exists` is None if that could not be read."""

    id: str
    name: str
    resource_group: str
    subscription: str
    exists: bool | None


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The outcome of one step.

    `because` says in words what prevents the step besides the rights in `missing`. `conditional` are rights that depend
    on a condition, `gaps` are lists that were not read; both make a step unknown. `fixes` begin with the smallest
    change. `checked` says in words what the verdict rests on.
    """

    id: str
    title: str
    verdict: StepVerdict
    account: AccountRef
    done: bool
    errors: tuple[str, ...]
    because: tuple[str, ...]
    missing: tuple[Missing, ...]
    conditional: tuple[Conditional, ...]
    obstacles: tuple[Obstacle, ...]
    gaps: tuple[Gap, ...]
    fixes: tuple[Fix, ...]
    in_headline: bool = True
    checked: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons for a verdict other than go, in words: obstacles first, then rights, conditions and gaps."""
        if self.verdict is StepVerdict.GO:
            return ()
        effect = ObstacleEffect.BLOCKS if self.verdict is StepVerdict.NO_GO else ObstacleEffect.MAY_BLOCK
        found = [*self.because, *(it.text for it in self.obstacles if it.effect is effect)]
        if self.missing:
            found.append(f"{len(self.missing)} {'rights are' if len(self.missing) > 1 else 'right is'} missing")
        if self.verdict is StepVerdict.UNKNOWN:
            found += [f"`{one.action}` is granted under a condition" for one in self.conditional]
            found += [gap.message if gap.code in _WHOLE_SENTENCES else gap.words for gap in self.gaps]
        return once(found)


@dataclass(frozen=True, slots=True)
class Preflight:
    """The outcome of all steps that were asked about; `mode` is None if it could not be read.

    `creates` says that a project which does not exist is judged as one to be created. `self_check` compares with
    Azure's own list of permissions of the signed-in account; None if that was not read. `target` is the id of the
    resource group that machines are migrated to; None if it was not named.
    """

    account: AccountRef
    discovery_account: AccountRef
    project: ProjectRef
    mode: str | None
    kind: str | None
    steps: tuple[StepOutcome, ...]
    creates: bool = True
    who: CapableAccounts | None = None
    self_check: SelfCheckResult | None = None
    target: str | None = None

    @property
    def headline(self) -> tuple[StepOutcome, ...]:
        """The steps that the verdict covers: all up to the start of discovery, or else those that were asked about."""
        return tuple(step for step in self.steps if step.in_headline) or self.steps

    @property
    def verdict(self) -> StepVerdict:
        """No-go if one step of the headline is no-go, otherwise unknown if one is unknown, otherwise go."""
        found = {step.verdict for step in self.headline}
        for verdict in (StepVerdict.NO_GO, StepVerdict.UNKNOWN):
            if verdict in found:
                return verdict
        return StepVerdict.GO

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons for the verdict, each with the title of its step; one that concerns several steps stands once."""
        titles: dict[str, str] = {}
        for step in self.headline:
            for reason in step.reasons if step.verdict is self.verdict else ():
                titles.setdefault(reason, step.title)
        return tuple(f"{title}: {reason}" for reason, title in titles.items())


def preflight(context: Context, plan: RegistrationPlan, *, who: bool = False) -> Preflight:
    """Return the outcome of `plan`; with `who` also all accounts that could register this appliance today."""
    fixes = Fixes(context, plan)
    mode = mode_of_plan(context, plan)
    checks = [check_step(context, plan, step) for step in plan.asked]
    names = NamedIds(context.inventory)
    return Preflight(
        _account(context, plan.account),
        _account(context, plan.discovery_account),
        _project(context, plan),
        mode.value.value if isinstance(mode, Known) else None,
        plan.kind.value if plan.kind else None,
        tuple(_named(_outcome(context, plan, check, fixes), names) for check in checks),
        plan.new,
        capable_accounts(context, plan, steps()[REGISTER]) if who else None,
        self_check_of(context, checks),
        None if plan.target is None else str(plan.target),
    )


def verdict_of(check: StepCheck) -> StepVerdict:
    """Return whether the step that was checked will succeed."""
    goes = check.goes
    if isinstance(goes, Unknown):
        return StepVerdict.UNKNOWN
    return StepVerdict.GO if goes.value else StepVerdict.NO_GO


def _outcome(context: Context, plan: RegistrationPlan, check: StepCheck, fixes: Fixes) -> StepOutcome:
    verdict = verdict_of(check)
    return StepOutcome(
        check.step.id,
        check.step.title,
        verdict,
        _account(context, check.account),
        check.is_done,
        check.errors if verdict is StepVerdict.NO_GO else (),
        tuple(_because(context, plan, check)),
        missing_of(check),
        conditional_of(check),
        () if check.is_done else check.obstacles,
        _unread(check),
        () if verdict is StepVerdict.GO else fixes.of(check),
        check.step.id != REPLICATE or plan.target is not None,
        tuple(_checked(check)),
    )


def _named(outcome: StepOutcome, names: NamedIds) -> StepOutcome:
    """Return an outcome with names beside the ids in its prose."""
    return replace(
        outcome,
        because=tuple(map(names.text, outcome.because)),
        missing=tuple(
            replace(one, called="" if one.scope.count("/") > _OF_SUBSCRIPTION else names.scope(one.scope))
            for one in outcome.missing
        ),
        obstacles=tuple(replace(one, text=names.text(one.text)) for one in outcome.obstacles),
        fixes=tuple(named_fix(fix, names) for fix in outcome.fixes),
    )


def _checked(check: StepCheck) -> Iterable[str]:
    """Yield in words what was looked at for a step."""
    if check.is_done:
        yield "the project exists and is ready"
        return
    if Part.RIGHTS not in check.parts:
        return
    places = len({right.scope.lower() for right in check.has.needed})
    yield f"{_counted(len(check.has.needed), 'right')} at {_counted(places, 'place')} in Azure"
    for vault, asked in check.has.vaults.rights.items():
        yield f"{_counted(len(asked), 'right')} in the key vault `{vault.name}`, and who may reach it over the network"
    if check.has.providers.each:
        yield f"the registration of {_counted(len(check.has.providers.each), 'resource provider')}"
    if check.directory or check.step.entra is not None:
        yield "rights in Microsoft Entra"
    yield "that the account can sign in" + (", also past Conditional Access" if check.step.id in _AT_APPLIANCE else "")
    yield "locks, policies, deny assignments, deletions under way and the state of the subscription"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _unread(check: StepCheck) -> tuple[Gap, ...]:
    """Return the gaps that make the step unknown; conditions and obstacles are reported separately."""
    goes = check.goes
    if not isinstance(goes, Unknown):
        return ()
    return tuple(gap for gap in goes.why if gap.code not in {CONDITIONAL, MAY_BLOCK, REGISTERING})


def _because(context: Context, plan: RegistrationPlan, check: StepCheck) -> Iterable[str]:
    if check.searched and check.failing(Part.PROJECT):
        yield not_found_in_words(context, plan)
    elif check.failing(Part.PROJECT) and not check.is_being_deleted(str(plan.project)):
        there = exists(context.inventory, plan.project, PROJECTS)
        state = project_state(context, plan.project)
        if there.is_true and isinstance(state, Known):
            yield f"the project is not ready: it {not_ready_in_words(state.value)}"
        else:
            yield f"there is no project `{plan.project.name}` in the resource group `{plan.project.resource_group}`"
    if check.failing(Part.MODE):
        yield from (item.note for item in check.parts[Part.MODE].evidence)
    if check.failing(Part.TARGET) and plan.target is not None:
        yield f"there is no resource group `{plan.target.name}` in the subscription `{plan.target.subscription}`"
    account = check.parts.get(Part.ACCOUNT)
    named = any(it.kind == "account" for it in check.obstacles)
    if check.failing(Part.ACCOUNT) and isinstance(account, Known) and not named:
        yield from (f"the account cannot sign in ({item.note})" for item in account.because)
    if not check.is_done:
        yield from lost_in_words(context, check)
    if check.failing(Part.ENTRA) and plan.by_two and not check.has.applications.foreign:
        yield "the application that registering creates will belong to the account that registers, not to this one"
    yield from (it.text for it in check.obstacles if it.effect is ObstacleEffect.BLOCKS and not check.is_done)


def _account(context: Context, object_id: str) -> AccountRef:
    return AccountRef(object_id, account_name(context.inventory, object_id))


def _project(context: Context, plan: RegistrationPlan) -> ProjectRef:
    held = context.estate.projects.get(plan.project.key)
    there = exists(context.inventory, plan.project, PROJECTS) if plan.new else is_found(context, plan)
    return ProjectRef(
        str(held.arm_id if held else plan.project),
        held.display_name if held else plan.project.name,
        plan.project.resource_group or "",
        plan.project.subscription or "",
        there.value if isinstance(there, Known) else None,
    )
