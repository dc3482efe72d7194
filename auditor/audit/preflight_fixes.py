"""The ways out of a step that does not go: what changes nothing first, then the least change."""

from collections.abc import Iterator

from auditor.audit.findings import Fix
from auditor.audit.preflight_commands import activate, give_role, join, make_developer, set_policy
from auditor.facts.able import first_able
from auditor.facts.account import PRINCIPAL_TYPES, account_name, account_type, invitation_pending
from auditor.facts.activations import Activation, activations_of
from auditor.facts.application import application_name, owners_of
from auditor.facts.context import Context
from auditor.facts.fact import Known, Unknown, once
from auditor.facts.missing import CREATE_APPLICATION, DIRECTORY, Missing, missing_of
from auditor.facts.obstacles import Effect
from auditor.facts.plan import Plan
from auditor.facts.role_offers import RoleOffer, RoleOffers
from auditor.facts.step_check import StepCheck
from auditor.facts.steps import Part
from auditor.facts.subject import listed
from auditor.facts.vault_policy import PolicyOffer, policy_offers

NOTHING = "Nothing in Azure."
NEW_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/write"
_ANOTHER_ACCOUNT = frozenset({Part.RIGHTS, Part.PROVIDERS, Part.VAULT, Part.ENTRA, Part.ACCOUNT})
"""Parts that another account may have in order."""


class Fixes:
    """Finds the ways out for the account of one plan."""

    def __init__(self, context: Context, plan: Plan) -> None:
        self._context = context
        self._plan = plan
        self._offers = RoleOffers(context)

    def of(self, check: StepCheck) -> tuple[Fix, ...]:
        """Return the fixes of a step, those that change nothing first; none twice."""
        missing = missing_of(check)
        return once([*self._without_change(check, missing), *self._with_change(check, missing)])

    def _without_change(self, check: StepCheck, missing: tuple[Missing, ...]) -> Iterator[Fix]:
        who = account_name(self._context.inventory, check.account)
        moment = f"{self._context.inventory.now:%Y-%m-%dT%H:%M:%SZ}"
        for offer in activations_of(self._context, check.account, check.asked):
            yield _activation(offer, who, check.account, moment)
        if any(check.failing(part) for part in _ANOTHER_ACCOUNT):
            yield from self._another_account(check)
        pending = invitation_pending(self._context.inventory, check.account)
        if check.failing(Part.ACCOUNT) and isinstance(pending, Known) and pending.value:
            yield _accept(who)
        if any(right.actions == (CREATE_APPLICATION,) for right in missing):
            yield _premade()
        if check.failing(Part.PROJECT):
            yield _other_project(self._plan)
        if any(right.actions == (NEW_GROUP,) for right in missing):
            yield _group(self._plan)

    def _another_account(self, check: StepCheck) -> Iterator[Fix]:
        for app_id in check.applications.foreign if check.failing(Part.ENTRA) else ():
            owners = owners_of(self._context, app_id)
            if isinstance(owners, Known) and owners.value:
                yield _by_owner(owners.value, application_name(self._context, app_id))
        able = [
            one.name for one in first_able(self._context, self._plan, check.step) if one.id != check.account.lower()
        ]
        if able:
            yield _by_other(check.step.title, able)

    def _with_change(self, check: StepCheck, missing: tuple[Missing, ...]) -> Iterator[Fix]:
        context, account = self._context, check.account
        who, kind = account_name(context.inventory, account), _principal_type(context, account)
        for one in check.providers.each:
            if isinstance(one.registered, Known) and not one.registered.value and check.failing(Part.PROVIDERS):
                yield _register(one.namespace, one.register.scope)
        for denial in once(item for right in missing for item in right.denied_by):
            yield _lift_denial(denial.id, who)
        for obstacle in check.obstacles:
            if obstacle.kind == "lock" and obstacle.effect is Effect.BLOCKS:
                yield _unlock(obstacle.id)
        for policy in policy_offers(context, account, missing):
            yield _policy(policy, who, account)
        for offer in self._offers.of(missing, self._plan.project):
            yield _role(offer, who, account, kind)
        yield from self._in_directory(check, missing, who, kind)
        if any("disabled" in it.text for it in check.obstacles if it.kind == "account"):
            yield _enable(who, account, kind)

    def _in_directory(self, check: StepCheck, missing: tuple[Missing, ...], who: str, kind: str) -> Iterator[Fix]:
        for right in missing:
            if right.plane != DIRECTORY:
                continue
            if right.actions == (CREATE_APPLICATION,):
                yield _developer(who, check.account, self._context.inventory.header.cloud)
            elif right.scope != "/" and kind != "Group":
                yield _own(right.scope, application_name(self._context, right.scope), who, check.account)
            elif right.scope == "/":
                yield _own_later(who)


def _principal_type(context: Context, account: str) -> str:
    kind = account_type(context.inventory, account)
    return "User" if isinstance(kind, Unknown) else PRINCIPAL_TYPES.get(kind.value, kind.value)


def _activation(offer: Activation, who: str, account: str, moment: str) -> Fix:
    blade = "Groups" if offer.group else "Azure resources"
    what = "the membership of" if offer.group else "the role"
    where = f" at `{offer.scope}`" if offer.scope else ""
    return Fix(
        f"Activate {what} `{offer.role}`, for which the account is eligible",
        (
            f"Sign in to the Azure portal as `{who}` and open Privileged Identity Management > My roles > {blade}.",
            f"Activate `{offer.role}`{where}, and finish the step within the time it is active.",
        ),
        activate(offer, account, moment),
        "Nothing lasting: what the account was already trusted with is active for some hours.",
        safe=True,
    )


def _by_other(title: str, names: list[str]) -> Fix:
    steps = (f"{title}: sign in as {' or '.join(f'`{name}`' for name in names)}.",)
    return Fix("Use an account that can do this today", steps, None, NOTHING, safe=True)


def _by_owner(names: list[str], application: str) -> Fix:
    steps = (
        f"Sign out in the appliance configuration manager, and sign in as {listed(names)}, owner of `{application}`.",
    )
    return Fix("Use the account that owns the application", steps, None, NOTHING, safe=True)


def _accept(who: str) -> Fix:
    steps = (
        f"Find the invitation that was sent to `{who}`, open its link and accept.",
        "Sign out of the Azure portal and sign in again. Reloading the page is not enough.",
    )
    return Fix("Accept the invitation", steps, None, "Nothing but the guest's own state.", safe=True)


def _premade() -> Fix:
    steps = (
        "Have an application made in advance, give it a role on the resource group, and register with it.",
        "Check it first with `--mode app` and the application as `--account`.",
    )
    return Fix("Register with an application made in advance", steps, None, "Nothing for this account.", safe=True)


def _other_project(plan: Plan) -> Fix:
    where = f"the resource group `{plan.project.resource_group}` and the name `{plan.project.name}`"
    steps = (
        "In the portal search for Azure Migrate, go to All projects, and see in which resource group the project is.",
        f"If there is none, choose Create project, {where}; the step `create-project` checks that.",
    )
    changes = "At most a new, empty project."
    return Fix("Use the project that exists, or create it first", steps, None, changes, safe=True)


def _group(plan: Plan) -> Fix:
    subscription = plan.project.subscription or ""
    steps = (
        f"Open the subscription `{subscription}` as someone who may make resource groups, and choose Resource groups.",
        f"Create `{plan.project.resource_group}`; then ask again: a role on the group alone may do.",
    )
    title = "Have the resource group created by someone who may"
    return Fix(title, steps, None, "A new, empty resource group. It grants nothing to anybody.", safe=True)


def _register(namespace: str, subscription: str) -> Fix:
    return Fix(
        f"Have the resource provider `{namespace}` registered by someone who may",
        (
            f"Open the subscription `{subscription}` as its Contributor or Owner, and go to Resource providers.",
            f"Choose `{namespace}`, then Register.",
        ),
        join("az", "provider", "register", "--subscription", subscription.rpartition("/")[2], "--namespace", namespace),
        "Lets resources of this provider be made in the subscription. It grants nothing to anybody.",
        safe=True,
    )


def _lift_denial(identity: str, who: str) -> Fix:
    return Fix(
        "Have the deny assignment changed by whoever made it",
        (
            f"Open its scope, go to Access control (IAM) > Deny assignments, and find `{identity}`.",
            "No role overrides it.",
            f"One of a deployment stack or a managed application is changed there, by excluding `{who}`.",
        ),
        None,
        "Lifts for the account what the deny assignment was made to protect.",
        safe=False,
    )


def _unlock(identity: str) -> Fix:
    return Fix(
        "Remove the lock for the time of this step, and put it back",
        (f"Open the scope of `{identity}`, go to Locks, and delete the lock; create it again afterwards.",),
        join("az", "lock", "delete", "--ids", identity),
        "Everything below the lock can be changed and deleted by those who may, until it is put back.",
        safe=False,
    )


def _policy(offer: PolicyOffer, who: str, account: str) -> Fix:
    told = "; ".join(f"{category}: {', '.join(names)}" for category, names in offer.permissions.items())
    return Fix(
        f"Add an access policy for the account to the key vault `{offer.name}`",
        (
            f"Open the key vault `{offer.vault}`, go to Access policies and choose Create.",
            f"Choose {told}; then `{who}`, and create the policy.",
        ),
        set_policy(offer, account),
        "The account may read and change what the policy names in this vault.",
        safe=True,
    )


def _role(offer: RoleOffer, who: str, account: str, principal_type: str) -> Fix:
    return Fix(
        f"Give the account the role `{offer.role}`",
        (
            f"Open `{offer.scope}`, go to Access control (IAM), and choose Add role assignment.",
            f"Choose `{offer.role}`, then `{who}` as member, and assign it.",
        ),
        give_role(offer, account, principal_type),
        f"The smallest built-in role that gives the {len(offer.rights)} missing rights there: of the operations "
        f"that the known roles spell out it grants {offer.operations}; {offer.writes} of them change something.",
        safe=True,
    )


def _developer(who: str, account: str, cloud: str) -> Fix:
    return Fix(
        "Give the account the directory role `Application Developer`",
        (
            "In the Microsoft Entra admin center go to Roles & admins, and open Application Developer.",
            f"Choose Add assignments, then `{who}`, and assign it.",
        ),
        make_developer(account, cloud),
        "The account may register applications of its own. It gets no right over those of others.",
        safe=True,
    )


def _own(app_id: str, name: str, who: str, account: str) -> Fix:
    return Fix(
        f"Make the account an owner of the application `{name}`",
        (
            f"In the Microsoft Entra admin center go to App registrations > All applications, and open `{app_id}`.",
            f"Go to Owners, choose Add owners, and add `{who}`.",
        ),
        join("az", "ad", "app", "owner", "add", "--id", app_id, "--owner-object-id", account),
        "The account may change the application and its credentials, and through them do whatever the application may.",
        safe=True,
    )


def _own_later(who: str) -> Fix:
    return Fix(
        "Start discovery with the account that registers, or share the application once it is there",
        (
            "Sign in at the appliance with the account that registers it, and start discovery as that account.",
            f"Or, after registering, add `{who}` to the owners of the application that it made.",
        ),
        None,
        "Nothing in Azure; with a second owner, that account may act as the application.",
        safe=True,
    )


def _enable(who: str, account: str, principal_type: str) -> Fix:
    kind = "user" if principal_type == "User" else "sp"
    flag = "--account-enabled" if kind == "user" else "--set"
    value = "true" if kind == "user" else "accountEnabled=true"
    return Fix(
        "Have the account enabled, if it was not disabled for good reason",
        (f"In the Microsoft Entra admin center open `{who}`, and switch Account enabled on.",),
        join("az", "ad", kind, "update", "--id", account, flag, value),
        "The account may sign in again, with everything it was ever given.",
        safe=False,
    )
