"""The fixes for a step that will fail: those that change nothing first, then the smallest change."""

from collections.abc import Iterator
from dataclasses import replace

from auditor.audit.findings import Fix, Reversal
from auditor.audit.preflight import texts
from auditor.audit.preflight.commands import activate, end_exemption, exempt
from auditor.audit.preflight.vault_fixes import anew, by_owning_tenant, freed, opened, recover, remade, retrusted
from auditor.facts.entities.accounts import PRINCIPAL_TYPES, account_name, account_type, invitation_pending, invited_at
from auditor.facts.entities.applications import application_name, users_that_own
from auditor.facts.entities.tenants import foreign_owner
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Unknown, once
from auditor.facts.policies.project_policies import SPARED
from auditor.facts.preflight.activations import activations_of
from auditor.facts.preflight.capable_accounts import can_do, first_capable
from auditor.facts.preflight.check import StepCheck
from auditor.facts.preflight.missing import DIRECTORY, Missing, missing_of, wanted_of
from auditor.facts.preflight.not_found import unread_subscriptions
from auditor.facts.preflight.obstacles import APPLICATION, BEING_DELETED, ENDPOINT, NAME, Obstacle, ObstacleEffect
from auditor.facts.preflight.openings import Way, openings_of
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.preflight.policy_offers import policy_offers
from auditor.facts.preflight.recoveries import purged_of, recoveries_of, taken_of
from auditor.facts.preflight.role_offers import RoleOffers
from auditor.facts.preflight.vaults import vault_to_come
from auditor.facts.rights.directory_rights import CREATE_APPLICATION, READ_SERVICE_PRINCIPALS
from auditor.facts.rights.granters import ADMINISTRATOR, ASSIGNS, granters, owners_or
from auditor.facts.rights.steps import Part
from auditor.facts.rights.vault_access import owner_that_is_trusted

NEW_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/write"
_ANOTHER_ACCOUNT = frozenset({Part.RIGHTS, Part.PROVIDERS, Part.VAULT, Part.ENTRA, Part.ACCOUNT})
"""Parts of a step for which another account may succeed."""

CONTRIBUTOR = "a Contributor or Owner there"
LOCKS = "an Owner or User Access Administrator there"
NETWORK = "a Network Contributor or Owner there"
POLICIES = "a Resource Policy Contributor or Owner there"
VAULTS = "a Key Vault Contributor, Contributor or Owner there"
APPLICATIONS = "an Application Administrator or Cloud Application Administrator"
ROLES_IN_ENTRA = "a Privileged Role Administrator"
"""Who can usually do what a fix asks for."""
_OPENED_BY = {
    Way.ADDRESS: (VAULTS, "Microsoft.KeyVault/vaults/write"),
    Way.SERVICE_ENDPOINT: (NETWORK, "Microsoft.Network/virtualNetworks/subnets/write"),
    Way.NEW_ENDPOINT: (VAULTS, "Microsoft.KeyVault/vaults/privateEndpointConnections/write"),
    Way.PERIMETER: (VAULTS, "Microsoft.KeyVault/vaults/write"),
}
_PAST_BY = {
    "conditionalAccess": "a Conditional Access Administrator",
    "subscription": "the owner or the billing administrator of the subscription",
}


class Fixes:
    """Finder of fixes for the accounts of one plan."""

    def __init__(self, context: Context, plan: RegistrationPlan) -> None:
        self._context = context
        self._plan = plan
        self._offers = RoleOffers(context)

    def of(self, check: StepCheck) -> tuple[Fix, ...]:
        """Return the fixes of a step without duplicates, those that change nothing first."""
        missing = missing_of(check)
        return once([*self._without_change(check, missing), *self._with_change(check, missing)])

    def _without_change(self, check: StepCheck, missing: tuple[Missing, ...]) -> Iterator[Fix]:
        inventory = self._context.inventory
        who = account_name(inventory, check.account)
        moment = f"{inventory.now:%Y-%m-%dT%H:%M:%SZ}"
        for offer in activations_of(self._context, check):
            yield texts.activation(offer, who, activate(offer, check.account, moment, inventory.header.cloud))
        if any(check.failing(part) for part in _ANOTHER_ACCOUNT):
            yield from self._another_account(check)
        unable = once((check.account, *(it.id for it in check.obstacles if it.kind == "account")))
        for one in unable if check.failing(Part.ACCOUNT) else ():
            pending = invitation_pending(inventory, one)
            if pending.is_true:
                yield texts.accept(invited_at(inventory, one))
        kind = _principal_type(self._context, check.account)
        refused = check.failing(Part.SIGN_IN) and kind != "ServicePrincipal"
        if refused or any(right.actions == (CREATE_APPLICATION,) for right in missing):
            yield texts.premade()
        yield from _awaited(check)
        if check.failing(Part.PROJECT) and not check.is_being_deleted(str(self._plan.project)):
            yield texts.other_project(self._plan, searched=check.searched)
        if check.searched:
            for gap in (
                unread_subscriptions(inventory) if not self._plan.placed or check.parts[Part.PROJECT].gaps else ()
            ):
                yield texts.other_subscription(gap.scope, self._plan.project.name)
        if any(right.actions == (NEW_GROUP,) for right in missing):
            yield texts.group(self._plan)

    def _another_account(self, check: StepCheck) -> Iterator[Fix]:
        for app_id in check.has.applications.foreign if check.failing(Part.ENTRA) else ():
            users = users_that_own(self._context, app_id)
            owners = [one.label for one in users if can_do(self._context, self._plan, check.step, one.id).is_true]
            if owners:
                yield texts.by_owner(owners, application_name(self._context, app_id))
        capable = [
            one.name for one in first_capable(self._context, self._plan, check.step) if one.id != check.account.lower()
        ]
        if capable:
            yield texts.by_other(check.step.title, capable)

    def _with_change(self, check: StepCheck, missing: tuple[Missing, ...]) -> Iterator[Fix]:
        """Yield what has to be changed; first a lock or a disabled subscription, which refuse all else."""
        yield from self._past_blocks(check)
        yield from self._restored(check)
        yield from self._reached(check)
        yield from self._refused(check, missing)
        yield from self._granted(check)
        who, kind = account_name(self._context.inventory, check.account), _principal_type(self._context, check.account)
        yield from self._in_directory(check, missing, who, kind)
        for disabled in once(it.id for it in check.obstacles if it.kind == "account" and "disabled" in it.text):
            kind = _principal_type(self._context, disabled)
            enabled = texts.enable(account_name(self._context.inventory, disabled), disabled, kind)
            yield replace(enabled, by="a User Administrator" if kind == "User" else APPLICATIONS)

    def _past_blocks(self, check: StepCheck) -> Iterator[Fix]:
        """Yield the fixes of blocking obstacles that have one of their own kind."""
        who, kind = account_name(self._context.inventory, check.account), _principal_type(self._context, check.account)
        for obstacle in _blocking(check):
            for past in _past(obstacle, who, kind, check.step.id):
                if obstacle.kind == "lock":
                    place = obstacle.id.rpartition("/providers/")[0]
                    yield self._by(past, check, LOCKS, "Microsoft.Authorization/locks/delete", place)
                else:
                    yield replace(past, by=_PAST_BY.get(obstacle.kind, ""))

    def _restored(self, check: StepCheck) -> Iterator[Fix]:
        """Yield the registration of providers, and what brings back or replaces deleted vaults."""
        context = self._context
        unregistered = [one for one in check.has.providers.each if one.lacking and check.failing(Part.PROVIDERS)]
        for scope in once(one.register.scope for one in unregistered):
            namespaces = [one.namespace for one in unregistered if one.register.scope == scope]
            registered = texts.register(namespaces, scope)
            yield self._by(registered, check, CONTRIBUTOR, f"{namespaces[0]}/register/action", scope)
        for deleted in recoveries_of(context, check):
            place = f"/subscriptions/{deleted.subscription}"
            yield self._by(recover(deleted), check, CONTRIBUTOR, "Microsoft.KeyVault/vaults/write", place)
        yield from map(freed, taken_of(context, check))
        purged, certain = purged_of(context, check)
        if purged:
            yield anew(purged, certain=certain)

    def _reached(self, check: StepCheck) -> Iterator[Fix]:
        """Yield what opens networks, endpoints and sign-ins; of what only may be in the way, as perhaps needed."""
        may_block = {(it.kind, it.id.lower()) for it in check.obstacles if it.effect is ObstacleEffect.MAY_BLOCK}
        for opening in openings_of(self._context, check, self._plan.addresses):
            way = opened(opening)
            if opening.way is not Way.BY_ENDPOINT:
                way = self._by(way, check, *_OPENED_BY[opening.way], opening.subnet or opening.vault)
            yield replace(way, perhaps=("firewall", opening.vault.lower()) in may_block)
        broken = [it for it in check.obstacles if it.kind == ENDPOINT]
        for it in broken:
            managed = self._by(remade(it.id), check, NETWORK, "Microsoft.Network/privateEndpoints/write", it.id)
            yield replace(managed, perhaps=it.effect is ObstacleEffect.MAY_BLOCK)
        for it in check.obstacles:
            if it.kind == APPLICATION:
                yield replace(self._signing_in(it.id), perhaps=it.effect is ObstacleEffect.MAY_BLOCK)

    def _refused(self, check: StepCheck, missing: tuple[Missing, ...]) -> Iterator[Fix]:
        """Yield what helps against deny assignments, vaults of other tenants, and policies."""
        context = self._context
        who = account_name(context.inventory, check.account)
        for denial in once(item for right in missing for item in right.denied_by):
            yield replace(texts.lift_denial(denial.id, who), by="the person who created the deny assignment")
        for vault in once(one.id for right in missing for one in right.refused_by):
            owner = owner_that_is_trusted(context, vault)
            if owner:
                yield by_owning_tenant(owner)
            else:
                yield self._by(retrusted(vault), check, CONTRIBUTOR, "Microsoft.KeyVault/vaults/write", vault)
        owner = foreign_owner(context, self._plan.project)
        if owner and any(vault_to_come(context, self._plan.project, check.step)):
            yield by_owning_tenant(owner)
        group = str(self._plan.project.resource_group_id or self._plan.project)
        for exemption in _exemptions(context, group, check):
            action = "Microsoft.Authorization/policyExemptions/write"
            yield replace(self._by(exemption, check, POLICIES, action, group), perhaps=True)

    def _granted(self, check: StepCheck) -> Iterator[Fix]:
        """Yield the access policies and roles that give what is missing.

        No role is offered for registering providers: somebody who may registers them once, which grants nothing.
        """
        context, account = self._context, check.account
        who, kind = account_name(context.inventory, account), _principal_type(context, account)
        wanted = tuple(one for one in wanted_of(check) if not one.actions[0].lower().endswith("/register/action"))
        for policy in policy_offers(context, account, wanted):
            action = "Microsoft.KeyVault/vaults/accessPolicies/write"
            yield self._by(texts.policy(policy, who, account), check, VAULTS, action, policy.vault)
        for offer in self._offers.of(wanted, self._plan.project, check.step):
            yield self._by(texts.role(offer, who, account, kind), check, ADMINISTRATOR, ASSIGNS, offer.scope)

    def _by(self, fix: Fix, check: StepCheck, roles: str, action: str, scope: str) -> Fix:
        """Return the fix with who can do it."""
        return replace(fix, by=granters(self._context.access, roles, action, scope, besides=check.account))

    def _signing_in(self, app_id: str) -> Fix:
        directory = self._context.directory
        principal = directory.principal(app_id)
        if principal:
            return replace(texts.enable_application(app_id, principal.id), by=APPLICATIONS)
        if directory.application(app_id):
            return replace(texts.create_principal(app_id), by=APPLICATIONS)
        if directory.deleted(app_id):
            return replace(texts.restore_application(app_id), by=APPLICATIONS)
        return texts.register_again(app_id)

    def _in_directory(self, check: StepCheck, missing: tuple[Missing, ...], who: str, kind: str) -> Iterator[Fix]:
        for right in missing:
            if right.plane != DIRECTORY:
                continue
            if right.actions == (READ_SERVICE_PRINCIPALS,):
                reader = texts.directory_reader(who, check.account, self._context.inventory.header.cloud)
                yield replace(reader, by=ROLES_IN_ENTRA)
            elif right.actions == (CREATE_APPLICATION,):
                developer = texts.developer(who, check.account, self._context.inventory.header.cloud)
                yield replace(developer, by=ROLES_IN_ENTRA)
            elif right.scope != "/" and kind != "Group":
                owned = texts.own(right.scope, application_name(self._context, right.scope), who, check.account)
                yield replace(owned, by=owners_or(self._context, APPLICATIONS, right.scope, besides=check.account))
            elif right.scope == "/":
                yield texts.own_later(who)


def _blocking(check: StepCheck) -> Iterator[Obstacle]:
    yield from (obstacle for obstacle in check.obstacles if obstacle.effect is ObstacleEffect.BLOCKS)


def _past(obstacle: Obstacle, who: str, principal_type: str, step: str) -> Iterator[Fix]:
    """Yield the fix of a blocking obstacle that has one of its own kind."""
    if obstacle.kind == "lock":
        yield texts.unlock(obstacle.id)
    elif obstacle.kind == "conditionalAccess":
        of_application = principal_type == "ServicePrincipal"
        yield texts.exclude_application(obstacle.id, who) if of_application else texts.exclude(obstacle.id, who, step)
    elif obstacle.kind == NAME:
        yield texts.other_name(obstacle.id.rpartition("/")[2])
    elif obstacle.kind == BEING_DELETED:
        yield texts.after_deletion(obstacle.id)
    elif obstacle.kind == "subscription":
        yield texts.reactivate(obstacle.id)


def _awaited(check: StepCheck) -> Iterator[Fix]:
    """Yield the wait for each provider that is being registered and that the account may not register."""
    for one in check.has.providers.each:
        if one.is_registering and not one.usable.is_true:
            yield texts.registering(one.namespace, one.register.scope)


def _principal_type(context: Context, account: str) -> str:
    kind = account_type(context.inventory, account)
    return "User" if isinstance(kind, Unknown) else PRINCIPAL_TYPES.get(kind.value, kind.value)


def _exemptions(context: Context, group: str, check: StepCheck) -> Iterator[Fix]:
    """Yield an exemption of the resource group from each policy that may refuse, with an end."""
    ends = f"{context.inventory.now + SPARED:%Y-%m-%dT00:00:00Z}"
    for obstacle in check.obstacles:
        if obstacle.kind == "policy":
            yield _exemption(obstacle, group, ends)


def _exemption(policy: Obstacle, group: str, ends: str) -> Fix:
    only = "".join(f" `{name}`" for name in policy.references)
    what = f"from its policies{only} only" if only else "from it"
    return Fix(
        f"Have the resource group exempted from the policy `{policy.id.rpartition('/')[2]}` for the time of the step",
        (
            "Compare first what the policy asks for with the project: a private endpoint, a location, a tag.",
            f"Open Policy > Assignments > `{policy.id}`, choose Create exemption, and exempt `{group}` {what}.",
            f"Let it end at {ends}, and inform the person who assigned the policy.",
        ),
        exempt(policy.id, group, policy.references, ends),
        "Until the exemption ends, these policies protect nothing in the resource group.",
        safe=False,
        undo=Reversal("Delete the exemption before it ends.", end_exemption(group)),
    )
