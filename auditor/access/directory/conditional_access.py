"""Conditional Access: whether its policies refuse an account that signs in with a device code.

An appliance signs a user in by device code, to Azure Resource Manager and to Microsoft Graph. A policy refuses that if
it covers the account, one of these two applications and the flow, and blocks access or demands a managed device, which
a device code cannot prove. Conditions that depend on the sign-in itself (place, platform, risk) cannot be decided here.
Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from auditor.access.directory.entra import EntraRights
from auditor.access.directory.principals import PrincipalIdentities
from auditor.access.three_valued import all_of, any_of, negated
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Reason, ReasonKind, answer
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import CONDITIONAL_ACCESS_POLICIES, USERS
from auditor.inventory.reads import Gap
from auditor.inventory.resources.conditional_access import ConditionalAccessPolicy
from auditor.inventory.resources.directory import ServicePrincipal, User

UNDECIDABLE = "Undecidable"
"""Code of a gap for a policy whose effect depends on something that no answer of Azure contains."""

_APPLICATIONS = ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "00000003-0000-0000-c000-000000000000")
"""Azure Resource Manager and Microsoft Graph."""
_SUITES = frozenset({"office365", "microsoftadminportals"})
"""Sets of applications that a policy may name; neither contains one of `_APPLICATIONS`."""
_ALL, _NONE, _GUESTS = "all", "none", "guestsorexternalusers"
_WORDS: Mapping[str, frozenset[str]] = {
    "includeUsers": frozenset({_ALL, _NONE, _GUESTS}),
    "excludeUsers": frozenset({_GUESTS}),
    "includeApplications": frozenset({_ALL, _NONE}) | _SUITES,
    "excludeApplications": _SUITES,
}
"""The words that stand beside ids in a list of a policy; nobody documents another one, so its meaning is unknown."""
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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
_MFA_STRENGTH = "00000000-0000-0000-0000-000000000002"
_USERS_KNOWN = frozenset(
    f"{way}{what}" for way in ("include", "exclude") for what in ("Users", "Groups", "Roles", "GuestsOrExternalUsers")
)
_APPLICATIONS_KNOWN = frozenset(
    {
        "includeApplications",
        "excludeApplications",
        "includeUserActions",
        "includeAuthenticationContextClassReferences",
        "applicationFilter",
    }
)
_CONDITIONS_KNOWN = frozenset(
    {
        "users",
        "applications",
        "clientApplications",
        "clientAppTypes",
        "authenticationFlows",
        "locations",
        "platforms",
        "devices",
        "signInRiskLevels",
        "userRiskLevels",
        "servicePrincipalRiskLevels",
        "insiderRiskLevels",
        "agentIdRiskLevels",
    }
)
_RISKS = ("signInRiskLevels", "userRiskLevels", "servicePrincipalRiskLevels", "insiderRiskLevels", "agentIdRiskLevels")
_CONTROLS_KNOWN = frozenset(
    {"operator", "builtInControls", "customAuthenticationFactors", "termsOfUse", "authenticationStrength"}
)
_CONTROLS: Mapping[str, bool | None] = {
    "block": False,
    "mfa": True,
    "compliantdevice": False,
    "domainjoineddevice": False,
}
"""Whether a sign-in by device code can satisfy a control; what depends on the user or the application is missing."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The result for one part of a policy: whether it is met, and why that cannot be decided."""

    met: bool | None
    doubts: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """Whether one policy refuses the sign-in, or would if it were in force."""

    policy: ConditionalAccessPolicy
    refuses: bool | None
    text: str
    gaps: tuple[Gap, ...] = ()


_MET, _NOT_MET = Condition(True), Condition(False)


class ConditionalAccess:
    """The Conditional Access policies of an inventory, evaluated for sign-in by device code."""

    def __init__(self, inventory: Inventory, entra: EntraRights) -> None:
        """Keep the inventory, and the directory roles that policies may name."""
        self._inventory = inventory
        self._entra = entra

    def device_code(self, identities: PrincipalIdentities) -> AccessAnswer:
        """Return whether the account may sign in by device code; `DENY` names the policies that refuse it."""
        if isinstance(self._inventory.object(identities.principal), ServicePrincipal):
            return answer(AccessVerdict.ALLOW, ())
        found = [self._outcome(policy, identities) for policy in self._in_state("enabled")]
        refusing = [one for one in found if one.refuses]
        if refusing:
            return answer(AccessVerdict.DENY, tuple(_reason(one) for one in refusing))
        unread = (*self._inventory.gaps(CONDITIONAL_ACCESS_POLICIES, "/"), *self._of_unknown_state())
        gaps = (*unread, *(gap for one in found if one.refuses is None for gap in one.gaps))
        return answer(AccessVerdict.UNKNOWN if gaps else AccessVerdict.ALLOW, (), tuple(dict.fromkeys(gaps)))

    def reported(self, identities: PrincipalIdentities) -> tuple[PolicyOutcome, ...]:
        """Return the report-only policies that would refuse the account's sign-in by device code, if in force."""
        if isinstance(self._inventory.object(identities.principal), ServicePrincipal):
            return ()
        found = (self._outcome(policy, identities) for policy in self._in_state("enabledforreportingbutnotenforced"))
        return tuple(one for one in found if one.refuses)

    def _policies(self) -> list[ConditionalAccessPolicy]:
        return sorted(self._inventory.objects(ConditionalAccessPolicy), key=lambda policy: policy.id.lower())

    def _in_state(self, state: str) -> Iterator[ConditionalAccessPolicy]:
        return (policy for policy in self._policies() if (policy.state or "").lower() == state)

    def _of_unknown_state(self) -> Iterator[Gap]:
        states = {"enabled", "disabled", "enabledforreportingbutnotenforced"}
        for policy in self._policies():
            if (policy.state or "").lower() not in states:
                yield _undecidable(policy, "its state is not known")

    def _outcome(self, policy: ConditionalAccessPolicy, identities: PrincipalIdentities) -> PolicyOutcome:
        """Return whether the policy, whatever its state, refuses the account's sign-in by device code."""
        if policy.conditions is None:
            return PolicyOutcome(policy, None, "", (_undecidable(policy, "its conditions were not returned"),))
        conditions = policy.conditions
        refuses, text = _controls(policy.grant_controls)
        every = [
            self._accounts(_part(conditions, "users"), identities),
            _applications(_part(conditions, "applications")),
            _flow(conditions.get("authenticationFlows")),
            _client(conditions.get("clientAppTypes")),
            *_of_the_sign_in(conditions),
            refuses,
        ]
        met = all_of(one.met for one in every)
        if met is not None:
            return PolicyOutcome(policy, met, text)
        unknown = _open(*every)
        doubts = (_undecidable(policy, ", ".join(dict.fromkeys(unknown.doubts))),) if unknown.doubts else ()
        return PolicyOutcome(policy, None, text, (*unknown.gaps, *doubts))

    def _accounts(self, users: Mapping[str, Any] | None, identities: PrincipalIdentities) -> Condition:
        """Return whether the policy covers the account; its exclusions come before its inclusions."""
        if users is None:
            return Condition(None, ("whom it covers is not understood",))
        if _strange(users, _USERS_KNOWN):
            return Condition(None, ("whom it covers is not wholly understood",))
        included, excluded = (self._named(users, way, identities) for way in ("include", "exclude"))
        if excluded.met is True:
            return _NOT_MET
        if not any(users.get(name) for name in _USERS_KNOWN if name.startswith("include")):
            return Condition(None, ("it names nobody whom it covers",))
        if included.met is False:
            return _NOT_MET
        return _MET if included.met and excluded.met is False else _open(included, excluded)

    def _named(self, users: Mapping[str, Any], way: str, identities: PrincipalIdentities) -> Condition:
        named = {what: _texts(users.get(f"{way}{what}")) for what in ("Users", "Groups", "Roles")}
        if None in named.values():
            return Condition(None, ("whom it covers is not understood",))
        each = [
            *(_understood(f"{way}{what}", texts or []) for what, texts in named.items()),
            _MET if way == "include" and _ALL in (named["Users"] or []) else _NOT_MET,
            self._by_id(named["Users"] or [], identities),
            self._by_group(named["Groups"] or [], identities),
            self._by_role(named["Roles"] or [], identities),
            self._by_guest_type(users.get(f"{way}GuestsOrExternalUsers"), identities),
        ]
        met = any_of(one.met for one in each)
        return _open(*each) if met is None else Condition(met)

    def _by_id(self, named: Collection[str], identities: PrincipalIdentities) -> Condition:
        if identities.principal.lower() in named:
            return _MET
        if _GUESTS not in named:
            return _NOT_MET
        external = self._external(identities.principal)
        return self._unread_account(identities.principal) if external is None else Condition(external[0] or external[1])

    def _by_group(self, named: Collection[str], identities: PrincipalIdentities) -> Condition:
        if not named:
            return _NOT_MET
        if {group.lower() for group in identities.sure} & set(named):
            return _MET
        if identities.gaps or {group.lower() for group in identities.perhaps} & set(named):
            doubt = "whether the account is in a group that it names is not known"
            return Condition(None, () if identities.gaps else (doubt,), identities.gaps)
        return _NOT_MET

    def _by_role(self, named: Collection[str], identities: PrincipalIdentities) -> Condition:
        """Return whether the account holds one of the roles over the whole tenant; policies ignore other scopes."""
        if not named:
            return _NOT_MET
        links = (link for holder in identities.sure for link in self._inventory.links("directoryRole", holder))
        if any(link.to.lower() in named and link.scope.strip() in {"", "/"} for link in links):
            return _MET
        gaps = self._entra.roles_unread(identities)
        return Condition(None, (), gaps) if gaps else _NOT_MET

    def _by_guest_type(self, named: Any, identities: PrincipalIdentities) -> Condition:
        if named is None:
            return _NOT_MET
        types = named.get("guestOrExternalUserTypes") if isinstance(named, Mapping) else None
        if not isinstance(types, str):
            return Condition(None, _WHICH_GUESTS)
        held = self._external(identities.principal)
        if held is None:
            return self._unread_account(identities.principal)
        guest, external = held
        if not guest and not external:
            return _NOT_MET
        own = "b2bcollaborationguest" if guest and external else "internalguest" if guest else "b2bcollaborationmember"
        named_kinds = {kind.strip().lower() for kind in types.split(",")}
        if own not in named_kinds:
            return _NOT_MET if named_kinds <= _GUESTS_KNOWN else Condition(None, _WHICH_GUESTS)
        tenants = named.get("externalTenants")
        everyone = tenants is None or (
            isinstance(tenants, Mapping) and str(tenants.get("membershipKind")).lower() == _ALL
        )
        if own == "internalguest" or everyone:
            return _MET
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


def _open(*parts: Condition) -> Condition:
    """Return the condition that nobody knows to be met, with the doubts and gaps of its unknown parts."""
    unknown = [one for one in parts if one.met is None]
    return Condition(
        None, tuple(text for one in unknown for text in one.doubts), tuple(gap for one in unknown for gap in one.gaps)
    )


def _understood(name: str, texts: Collection[str]) -> Condition:
    """Return that nothing is met by texts that are ids or known words; any other may stand for anybody or anything."""
    strange = sorted(text for text in texts if text not in _WORDS.get(name, ()) and _GUID.fullmatch(text) is None)
    return Condition(None, (f"`{strange[0]}` in its `{name}` is not understood",)) if strange else _NOT_MET


def _applications(named: Mapping[str, Any] | None) -> Condition:
    """Return whether the policy covers an application that an appliance signs in to."""
    if named is None or _strange(named, _APPLICATIONS_KNOWN):
        return Condition(None, ("which applications it covers is not understood",))
    included, excluded = _texts(named.get("includeApplications")), _texts(named.get("excludeApplications"))
    if included is None or excluded is None:
        return Condition(None, ("which applications it covers is not understood",))
    left = set(_APPLICATIONS) - set(excluded)
    if not left:
        return _NOT_MET
    doubts = [_understood("excludeApplications", excluded)]
    if named.get("applicationFilter"):
        doubts.append(Condition(None, ("which applications it covers is not known",)))
    if _ALL not in included and not left & set(included):
        doubts.append(_understood("includeApplications", included))
        others = ("includeUserActions", "includeAuthenticationContextClassReferences")
        if not included and not any(named.get(what) for what in others):
            doubts.append(Condition(None, ("it names no application that it covers",)))
        return _open(*doubts) if any(one.met is None for one in doubts[1:]) else _NOT_MET
    return _open(*doubts) if any(one.met is None for one in doubts) else _MET


def _flow(flows: Any) -> Condition:
    """Return whether the policy covers sign-in by device code; one that names no flow covers all of them."""
    if flows is None:
        return _MET
    methods = flows.get("transferMethods") if isinstance(flows, Mapping) else None
    named = {method.strip().lower() for method in methods.split(",")} if isinstance(methods, str) else set()
    if "devicecodeflow" in named:
        return _MET
    if named == {"authenticationtransfer"}:
        return _NOT_MET
    return Condition(None, ("which ways of signing in it covers is not understood",))


def _client(types: Any) -> Condition:
    """Return whether the policy covers clients like an appliance, a public client outside the browser."""
    named = _texts(types)
    if named is None:
        return Condition(None, ("which clients it covers is not understood",))
    if not named or _ALL in named or "mobileappsanddesktopclients" in named:
        return _MET
    if set(named) <= {"exchangeactivesync", "other"}:
        return _NOT_MET
    return Condition(None, ("it covers browsers, and the code is typed into one",))


def _of_the_sign_in(conditions: Mapping[str, Any]) -> Iterator[Condition]:
    """Yield the conditions that depend on the sign-in itself, where the policy has any."""
    for what, include, exclude, text in (
        ("locations", "includeLocations", "excludeLocations", "it depends on the place of the sign-in"),
        ("platforms", "includePlatforms", "excludePlatforms", "it depends on the platform of the sign-in"),
    ):
        held = conditions.get(what)
        if held is None:
            continue
        everywhere = isinstance(held, Mapping) and _texts(held.get(include)) == [_ALL] and not held.get(exclude)
        if not everywhere:
            yield Condition(None, (text,))
    if any(conditions.get(risk) for risk in _RISKS):
        yield Condition(None, ("it depends on the risk of the sign-in or of the user",))
    devices = conditions.get("devices")
    if devices is not None and (not isinstance(devices, Mapping) or any(devices.values())):
        yield Condition(None, ("it depends on the device",))
    if strange := _strange(conditions, _CONDITIONS_KNOWN):
        yield Condition(None, (f"its condition `{strange[0]}` is not understood",))


def _controls(controls: Mapping[str, Any] | msgspec.UnsetType | None) -> tuple[Condition, str]:
    """Return whether the policy's controls refuse a sign-in by device code, and in which words."""
    if controls is None:
        return _NOT_MET, ""
    if isinstance(controls, msgspec.UnsetType):
        return Condition(None, ("what it demands was not returned",)), ""
    named = _texts(controls.get("builtInControls"))
    others = [controls.get(what) for what in ("authenticationStrength", "customAuthenticationFactors", "termsOfUse")]
    if named is None or _strange(controls, _CONTROLS_KNOWN):
        return Condition(None, ("what it demands is not understood",)), ""
    if controls.get("builtInControls") is None and others == [None, None, None]:
        return Condition(None, ("it demands something that was not returned",)), ""
    each = [_CONTROLS.get(name) for name in named]
    strength, *lists = others
    if strength is not None:
        each.append(True if isinstance(strength, Mapping) and strength.get("id") == _MFA_STRENGTH else None)
    each += [None for held in lists if held not in (None, [])]
    if not each:
        return _NOT_MET, ""
    text = "blocks access (AADSTS53003)" if "block" in named else "demands a managed device (AADSTS53000)"
    met = negated(_satisfied(each, str(controls.get("operator")).lower()))
    if met is False and "block" in named:
        met = None  # a policy that blocks offers no other way, so this one contradicts itself
    return Condition(met, () if met is not None else ("whether a device code satisfies it is not known",)), text


def _satisfied(each: Collection[bool | None], operator: str) -> bool | None:
    """Return whether the controls are satisfied together; the operator matters only where not all of them agree."""
    one, every = any_of(each), all_of(each)
    if operator == "or":
        return one
    return every if operator == "and" or one == every else None


def _reason(outcome: PolicyOutcome) -> Reason:
    policy = outcome.policy
    text = f"the Conditional Access policy `{policy.label}` covers sign-in by device code, and {outcome.text}"
    return Reason(ReasonKind.CONDITIONAL_ACCESS, policy.id, text)


def _undecidable(policy: ConditionalAccessPolicy, why: str) -> Gap:
    message = f"the Conditional Access policy `{policy.label}` may refuse sign-in by device code: {why}"
    return Gap(CONDITIONAL_ACCESS_POLICIES, policy.id, 0, UNDECIDABLE, message)


def _part(conditions: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    held = conditions.get(name)
    return held if isinstance(held, Mapping) else None


def _texts(value: Any) -> list[str] | None:
    """Return a list of texts in lower case; empty for null, and None for anything else."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        return None
    return [text.strip().lower() for text in value]


def _strange(held: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """Return the names of filled properties that are not known, without annotations of the protocol."""
    return sorted(name for name, value in held.items() if value and name not in known and "@odata." not in name)
