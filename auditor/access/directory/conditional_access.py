"""Conditional Access: whether its policies refuse the sign-in of an appliance.

An appliance signs a user in by device code, or signs in with an application of its own. A policy refuses that if it
covers the account, an application that the sign-in is for and the flow, and blocks access or demands what the sign-in
cannot prove. Conditions that depend on the sign-in itself (place, platform, risk) cannot be decided here.
Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from auditor.access.directory.entra import EntraRights
from auditor.access.directory.members import depends_on_member, is_group
from auditor.access.directory.policy_conditions import (
    ALL,
    DEVICE_CODE,
    GUESTS,
    MET,
    NOT_MET,
    OWN_CREDENTIAL,
    Condition,
    WayToSignIn,
    applications,
    controls,
    left_open,
    of_the_sign_in,
    part,
    strange,
    texts,
    understood,
)
from auditor.access.directory.principals import PrincipalIdentities
from auditor.access.directory.workload_identities import covers
from auditor.access.three_valued import all_of, any_of
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Reason, ReasonKind, answer
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import CONDITIONAL_ACCESS_POLICIES, USERS
from auditor.inventory.reads import UNDECIDABLE, Gap
from auditor.inventory.resources.conditional_access import ConditionalAccessPolicy
from auditor.inventory.resources.directory import ServicePrincipal, User

_NOT_MADE_YET = "(not made yet)"
"""Stands for the id of a service principal that does not exist, which no policy names."""
_NOT_IN_FORCE = frozenset({"disabled", "enabledforreportingbutnotenforced"})
_GUESTS_KNOWN = frozenset(
    {
        "none",
        "internalguest",
        "b2bcollaborationguest",
        "b2bcollaborationmember",
        "b2bdirectconnectuser",
        "otherexternaluser",
        "serviceprovider",
    }
)
_WHICH_GUESTS = ("which guests it covers is not understood",)
_USERS_KNOWN = frozenset(
    f"{way}{what}" for way in ("include", "exclude") for what in ("Users", "Groups", "Roles", "GuestsOrExternalUsers")
)


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """Whether one policy refuses the sign-in, or would if it were in force, and with which error."""

    policy: ConditionalAccessPolicy
    sign_in: WayToSignIn
    refuses: bool | None
    text: str
    gaps: tuple[Gap, ...] = ()
    error: str = ""


class ConditionalAccess:
    """The Conditional Access policies of an inventory, evaluated for the sign-in of an appliance."""

    def __init__(self, inventory: Inventory, entra: EntraRights) -> None:
        """Keep the inventory, and the directory roles that policies may name."""
        self._inventory = inventory
        self._entra = entra

    def device_code(self, identities: PrincipalIdentities) -> AccessAnswer:
        """Return whether the account may sign in by device code; `DENY` names the policies that refuse it.

        A group does not sign in, so a policy that may be in force leaves its answer open.
        """
        if self._is_workload(identities):
            return answer(AccessVerdict.ALLOW, ())
        if is_group(self._inventory, identities.principal):
            return self._of_group(identities.principal)
        return self._decided(partial(self._outcome, identities=identities))

    def _of_group(self, group: str) -> AccessAnswer:
        unread = self._inventory.gaps(CONDITIONAL_ACCESS_POLICIES, "/")
        if not unread and all((policy.state or "").lower() in _NOT_IN_FORCE for policy in self._policies()):
            return answer(AccessVerdict.ALLOW, ())
        gap = depends_on_member(group, "whether Conditional Access lets a member sign in")
        return answer(AccessVerdict.UNKNOWN, (), (gap,))

    def own_credential(self, identities: PrincipalIdentities) -> AccessAnswer:
        """Return whether a service principal may sign in with its credential; `DENY` names the policies against it."""
        if not self._is_workload(identities):
            return answer(AccessVerdict.ALLOW, ())
        return self._decided(partial(self._outcome, identities=identities))

    def future_application(self) -> AccessAnswer:
        """Return whether an application that is yet to be made for this tenant alone may sign in with its credential.

        No policy names or excludes it yet, but one may cover every application of the tenant.
        """
        owner = self._inventory.tenant_id
        made = ServicePrincipal(
            _NOT_MADE_YET,
            service_principal_type="Application",
            sign_in_audience="AzureADMyOrg",
            app_owner_organization_id=owner,
        )
        return self._decided(lambda policy: self._evaluated(policy, OWN_CREDENTIAL, partial(self._covers, made)))

    def reported(self, identities: PrincipalIdentities) -> tuple[PolicyOutcome, ...]:
        """Return the report-only policies that would refuse the sign-in of the account, if in force."""
        found = (self._outcome(policy, identities) for policy in self._in_state("enabledforreportingbutnotenforced"))
        return tuple(one for one in found if one.refuses)

    def refusing(self, identities: PrincipalIdentities) -> tuple[PolicyOutcome, ...]:
        """Return the policies in force that refuse the sign-in of the account."""
        return tuple(one for policy in self._in_state("enabled") if (one := self._outcome(policy, identities)).refuses)

    def _decided(self, outcome: Callable[[ConditionalAccessPolicy], PolicyOutcome]) -> AccessAnswer:
        found = [outcome(policy) for policy in self._in_state("enabled")]
        refusing = [one for one in found if one.refuses]
        if refusing:
            return answer(AccessVerdict.DENY, tuple(_reason(one) for one in refusing))
        unread = (*self._inventory.gaps(CONDITIONAL_ACCESS_POLICIES, "/"), *self._of_unknown_state(outcome))
        gaps = (*unread, *(gap for one in found if one.refuses is None for gap in one.gaps))
        return answer(AccessVerdict.UNKNOWN if gaps else AccessVerdict.ALLOW, (), tuple(dict.fromkeys(gaps)))

    def _is_workload(self, identities: PrincipalIdentities) -> bool:
        return isinstance(self._inventory.object(identities.principal), ServicePrincipal)

    def _policies(self) -> list[ConditionalAccessPolicy]:
        return sorted(self._inventory.objects(ConditionalAccessPolicy), key=lambda policy: policy.id.lower())

    def _in_state(self, state: str) -> Iterator[ConditionalAccessPolicy]:
        return (policy for policy in self._policies() if (policy.state or "").lower() == state)

    def _of_unknown_state(self, outcome: Callable[[ConditionalAccessPolicy], PolicyOutcome]) -> Iterator[Gap]:
        for policy in self._policies():
            if (policy.state or "").lower() not in {"enabled", *_NOT_IN_FORCE} and (
                held := outcome(policy)
            ).refuses is not False:
                yield _undecidable(policy, "its state is not known", held.sign_in)

    def _sign_in(self, identities: PrincipalIdentities) -> WayToSignIn:
        return OWN_CREDENTIAL if self._is_workload(identities) else DEVICE_CODE

    def _outcome(self, policy: ConditionalAccessPolicy, identities: PrincipalIdentities) -> PolicyOutcome:
        """Return whether the policy, whatever its state, refuses the sign-in of the account."""
        whom = partial(self._of_the_account, identities=identities)
        return self._evaluated(policy, self._sign_in(identities), whom)

    def _evaluated(
        self,
        policy: ConditionalAccessPolicy,
        sign_in: WayToSignIn,
        whom: Callable[[Mapping[str, Any]], Iterator[Condition]],
    ) -> PolicyOutcome:
        """Return whether the policy, whatever its state, refuses a sign-in; `whom` says if it covers the account."""
        conditions = policy.conditions
        if conditions is None:
            gap = _undecidable(policy, "its conditions were not returned", sign_in)
            return PolicyOutcome(policy, sign_in, None, "", (gap,))
        refuses, text, error = controls(policy.grant_controls, sign_in)
        every = [
            *whom(conditions),
            applications(part(conditions, "applications"), sign_in),
            *of_the_sign_in(conditions),
            refuses,
        ]
        met = all_of(one.met for one in every)
        if met is not None:
            return PolicyOutcome(policy, sign_in, met, text, error=error)
        unknown = left_open(*every)
        why = ", ".join(dict.fromkeys(unknown.doubts))
        doubts = (_undecidable(policy, why, sign_in),) if why else ()
        return PolicyOutcome(policy, sign_in, None, text, (*unknown.gaps, *doubts))

    def _of_the_account(self, conditions: Mapping[str, Any], identities: PrincipalIdentities) -> Iterator[Condition]:
        """Yield whether the policy covers the account, and the way in which an account of its kind signs in."""
        held = self._inventory.object(identities.principal)
        if isinstance(held, ServicePrincipal):
            yield from self._covers(held, conditions)
        else:
            yield self._accounts(part(conditions, "users"), identities)
            yield _flow(conditions.get("authenticationFlows"))
            yield _client(conditions.get("clientAppTypes"))

    def _covers(self, held: ServicePrincipal, conditions: Mapping[str, Any]) -> Iterator[Condition]:
        return covers(conditions, held, self._inventory)

    def _accounts(self, users: Mapping[str, Any] | None, identities: PrincipalIdentities) -> Condition:
        """Return whether the policy covers the account; its exclusions come before its inclusions."""
        if users is None:
            return Condition(None, ("whom it covers is not understood",))
        if strange(users, _USERS_KNOWN):
            return Condition(None, ("whom it covers is not wholly understood",))
        included, excluded = (self._named(users, way, identities) for way in ("include", "exclude"))
        if excluded.met is True:
            return NOT_MET
        if not any(users.get(name) for name in _USERS_KNOWN if name.startswith("include")):
            return Condition(None, ("it names nobody whom it covers",))
        if included.met is False:
            return NOT_MET
        return MET if included.met and excluded.met is False else left_open(included, excluded)

    def _named(self, users: Mapping[str, Any], way: str, identities: PrincipalIdentities) -> Condition:
        named = {what: texts(users.get(f"{way}{what}")) for what in ("Users", "Groups", "Roles")}
        if None in named.values():
            return Condition(None, ("whom it covers is not understood",))
        each = [
            *(understood(f"{way}{what}", texts or []) for what, texts in named.items()),
            MET if way == "include" and ALL in (named["Users"] or []) else NOT_MET,
            self._by_id(named["Users"] or [], identities),
            self._by_group(named["Groups"] or [], identities),
            self._by_role(named["Roles"] or [], identities),
            self._by_guest_type(users.get(f"{way}GuestsOrExternalUsers"), identities),
        ]
        met = any_of(one.met for one in each)
        return left_open(*each) if met is None else Condition(met)

    def _by_id(self, named: Collection[str], identities: PrincipalIdentities) -> Condition:
        if identities.principal.lower() in named:
            return MET
        if GUESTS not in named:
            return NOT_MET
        external = self._external(identities.principal)
        return self._unread_account(identities.principal) if external is None else Condition(external[0] or external[1])

    def _by_group(self, named: Collection[str], identities: PrincipalIdentities) -> Condition:
        """Return whether one of the groups holds the account: policies cover the members of any type of group."""
        if not named:
            return NOT_MET
        if identities.groups & set(named):
            return MET
        if identities.gaps or {group.lower() for group in identities.perhaps} & set(named):
            doubt = "whether the account is in a group that it names is not known"
            return Condition(None, () if identities.gaps else (doubt,), identities.gaps)
        return NOT_MET

    def _by_role(self, named: Collection[str], identities: PrincipalIdentities) -> Condition:
        """Return whether the account holds one of the roles over the whole tenant; policies ignore other scopes."""
        if not named:
            return NOT_MET
        links = (link for holder in identities.sure for link in self._inventory.links("directoryRole", holder))
        if any(link.to.lower() in named and link.scope.strip() in {"", "/"} for link in links):
            return MET
        gaps = self._entra.roles_unread(identities)
        return Condition(None, (), gaps) if gaps else NOT_MET

    def _by_guest_type(self, named: Any, identities: PrincipalIdentities) -> Condition:
        if named is None:
            return NOT_MET
        types = named.get("guestOrExternalUserTypes") if isinstance(named, Mapping) else None
        if not isinstance(types, str):
            return Condition(None, _WHICH_GUESTS)
        held = self._external(identities.principal)
        if held is None:
            return self._unread_account(identities.principal)
        guest, external = held
        if not guest and not external:
            return NOT_MET
        own = "b2bcollaborationguest" if guest and external else "internalguest" if guest else "b2bcollaborationmember"
        named_kinds = {kind.strip().lower() for kind in types.split(",")}
        if own not in named_kinds:
            return NOT_MET if named_kinds <= _GUESTS_KNOWN else Condition(None, _WHICH_GUESTS)
        tenants = named.get("externalTenants")
        everyone = tenants is None or (
            isinstance(tenants, Mapping) and str(tenants.get("membershipKind")).lower() == ALL
        )
        if own == "internalguest" or everyone:
            return MET
        return Condition(None, ("whether it covers the guest's home tenant is not known",))

    def _external(self, principal: str) -> tuple[bool, bool] | None:
        """Return whether the account is a guest, and whether it comes from elsewhere; None where that is not known."""
        held = self._inventory.object(principal)
        if not isinstance(held, User) or held.is_guest is None:
            return None
        name = (held.user_principal_name or "").lower()
        if not name and held.external_user_state is msgspec.UNSET:
            return None
        return held.is_guest, "#ext#" in name or isinstance(held.external_user_state, str)

    def _unread_account(self, principal: str) -> Condition:
        gaps = tuple(self._inventory.gaps(USERS, principal))
        return Condition(None, () if gaps else ("whether the account is a guest is not known",), gaps)


def _reason(outcome: PolicyOutcome) -> Reason:
    policy = outcome.policy
    text = f"the Conditional Access policy `{policy.label}` covers {outcome.sign_in.words}, and {outcome.text}"
    return Reason(ReasonKind.CONDITIONAL_ACCESS, policy.id, text)


def _undecidable(policy: ConditionalAccessPolicy, why: str, sign_in: WayToSignIn) -> Gap:
    message = f"the Conditional Access policy `{policy.label}` may refuse {sign_in.words}: {why}"
    return Gap(CONDITIONAL_ACCESS_POLICIES, policy.id, 0, UNDECIDABLE, message)


def _flow(flows: Any) -> Condition:
    """Return whether the policy covers sign-in by device code; one that names no flow covers all of them."""
    if flows is None:
        return MET
    methods = flows.get("transferMethods") if isinstance(flows, Mapping) else None
    named = {method.strip().lower() for method in methods.split(",")} if isinstance(methods, str) else set()
    if "devicecodeflow" in named:
        return MET
    if named == {"authenticationtransfer"}:
        return NOT_MET
    return Condition(None, ("which ways of signing in it covers is not understood",))


def _client(types: Any) -> Condition:
    """Return whether the policy covers clients like an appliance, a public client outside the browser."""
    named = texts(types)
    if named is None:
        return Condition(None, ("which clients it covers is not understood",))
    if not named or ALL in named or "mobileappsanddesktopclients" in named:
        return MET
    if set(named) <= {"exchangeactivesync", "other"}:
        return NOT_MET
    return Condition(None, ("it covers browsers, and the code is typed into one",))
