"""The conditions and controls of a Conditional Access policy, apart from whom it covers.

Each is met, not met, or open: what nobody documents, and what depends on the sign-in itself (place, platform, risk).
Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from auditor.access.three_valued import all_of, any_of, negated
from auditor.inventory.reads import Gap

_SUITES = frozenset({"office365", "microsoftadminportals"})
"""Sets of applications that a policy may name; neither contains an application that an appliance signs in to."""
ALL, _NONE, GUESTS = "all", "none", "guestsorexternalusers"
EVERY_WORKLOAD = "serviceprincipalsinmytenant"
_WORDS: Mapping[str, frozenset[str]] = {
    "includeUsers": frozenset({ALL, _NONE, GUESTS}),
    "excludeUsers": frozenset({GUESTS}),
    "includeApplications": frozenset({ALL, _NONE}) | _SUITES,
    "excludeApplications": _SUITES,
    "includeServicePrincipals": frozenset({EVERY_WORKLOAD}),
}
"""The words that stand beside ids in a list of a policy; nobody documents another one, so its meaning is unknown."""
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MFA_STRENGTH = "00000000-0000-0000-0000-000000000002"
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


@dataclass(frozen=True, slots=True)
class Condition:
    """The result for one part of a policy: whether it is met, and why that cannot be decided."""

    met: bool | None
    doubts: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


MET, NOT_MET = Condition(True), Condition(False)


@dataclass(frozen=True, slots=True)
class WayToSignIn:
    """One way to sign in: its words, the applications that it is for, and whether it satisfies a control.

    `applications` are those that it is always for, `perhaps` those that it may be for. A control that is missing in
    `satisfies` depends on something that is not known.
    """

    words: str
    applications: frozenset[str]
    perhaps: frozenset[str]
    satisfies: Mapping[str, bool]


_RESOURCE_MANAGER = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
_GRAPH = "00000003-0000-0000-c000-000000000000"
_KEY_VAULT = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
DEVICE_CODE = WayToSignIn(
    "sign-in by device code",
    frozenset({_RESOURCE_MANAGER, _GRAPH}),
    frozenset({_KEY_VAULT}),
    {"block": False, "mfa": True, "compliantdevice": False, "domainjoineddevice": False},
)
"""The sign-in of a user at an appliance: a device code cannot prove that a device is managed.

Registering needs the user's own permissions in the project's key vault; no page says that the appliance uses them with
a token of the user.
"""
OWN_CREDENTIAL = WayToSignIn(
    "the sign-in of the application",
    frozenset({_RESOURCE_MANAGER}),
    frozenset({_GRAPH, _KEY_VAULT}),
    {"block": False},
)
"""The sign-in of an application with its own credential, for which `block` is the only control that Azure documents."""


def left_open(*parts: Condition) -> Condition:
    """Return the condition that nobody knows to be met, with the doubts and gaps of its unknown parts."""
    unknown = [one for one in parts if one.met is None]
    return Condition(
        None, tuple(text for one in unknown for text in one.doubts), tuple(gap for one in unknown for gap in one.gaps)
    )


def understood(name: str, named: Collection[str]) -> Condition:
    """Return that nothing is met by texts that are ids or known words; any other may stand for anybody or anything."""
    odd = sorted(text for text in named if text not in _WORDS.get(name, ()) and _GUID.fullmatch(text) is None)
    return Condition(None, (f"`{odd[0]}` in its `{name}` is not understood",)) if odd else NOT_MET


def applications(named: Mapping[str, Any] | None, sign_in: WayToSignIn) -> Condition:
    """Return whether the policy covers an application that this sign-in is for."""
    if named is None or strange(named, _APPLICATIONS_KNOWN):
        return Condition(None, ("which applications it covers is not understood",))
    included, excluded = texts(named.get("includeApplications")), texts(named.get("excludeApplications"))
    if included is None or excluded is None:
        return Condition(None, ("which applications it covers is not understood",))
    left, perhaps = sign_in.applications - set(excluded), sign_in.perhaps - set(excluded)
    if not left and not perhaps:
        return NOT_MET
    doubts = [understood("excludeApplications", excluded)]
    if named.get("applicationFilter"):
        doubts.append(Condition(None, ("which applications it covers is not known",)))
    if left and (ALL in included or left & set(included)):
        return left_open(*doubts) if any(one.met is None for one in doubts) else MET
    if ALL in included or perhaps & set(included):
        doubts.append(Condition(None, ("whether the appliance signs in to what it covers is not known",)))
    doubts.append(understood("includeApplications", included))
    others = ("includeUserActions", "includeAuthenticationContextClassReferences")
    if not included and not any(named.get(what) for what in others):
        doubts.append(Condition(None, ("it names no application that it covers",)))
    return left_open(*doubts) if any(one.met is None for one in doubts[1:]) else NOT_MET


def of_the_sign_in(conditions: Mapping[str, Any]) -> Iterator[Condition]:
    """Yield the conditions that depend on the sign-in itself, where the policy has any."""
    for what, include, exclude, text in (
        ("locations", "includeLocations", "excludeLocations", "it depends on the place of the sign-in"),
        ("platforms", "includePlatforms", "excludePlatforms", "it depends on the platform of the sign-in"),
    ):
        held = conditions.get(what)
        if held is None:
            continue
        everywhere = isinstance(held, Mapping) and texts(held.get(include)) == [ALL] and not held.get(exclude)
        if not everywhere:
            yield Condition(None, (text,))
    if any(conditions.get(risk) for risk in _RISKS):
        yield Condition(None, ("it depends on the risk of the sign-in or of the account",))
    devices = conditions.get("devices")
    if devices is not None and (not isinstance(devices, Mapping) or any(devices.values())):
        yield Condition(None, ("it depends on the device",))
    if odd := strange(conditions, _CONDITIONS_KNOWN):
        yield Condition(None, (f"its condition `{odd[0]}` is not understood",))


BLOCKED, NO_DEVICE = "AADSTS53003", "AADSTS53000"
"""The errors of a sign-in that a policy blocks, and of one that cannot prove a managed device."""


def controls(held: Mapping[str, Any] | msgspec.UnsetType | None, sign_in: WayToSignIn) -> tuple[Condition, str, str]:
    """Return whether the policy's controls refuse the sign-in, and in which words and with which error."""
    if held is None:
        return NOT_MET, "", ""
    if isinstance(held, msgspec.UnsetType):
        return Condition(None, ("what it demands was not returned",)), "", ""
    named = texts(held.get("builtInControls"))
    others = [held.get(what) for what in ("authenticationStrength", "customAuthenticationFactors", "termsOfUse")]
    if named is None or strange(held, _CONTROLS_KNOWN):
        return Condition(None, ("what it demands is not understood",)), "", ""
    if held.get("builtInControls") is None and others == [None, None, None]:
        return Condition(None, ("what it demands was not returned",)), "", ""
    each = [sign_in.satisfies.get(name) for name in named]
    strength, *lists = others
    if strength is not None:
        is_mfa = isinstance(strength, Mapping) and strength.get("id") == _MFA_STRENGTH
        each.append(sign_in.satisfies.get("mfa") if is_mfa else None)
    each += [None for one in lists if one not in (None, [])]
    if not each:
        return NOT_MET, "", ""
    what, error = ("blocks access", BLOCKED) if "block" in named else ("demands a managed device", NO_DEVICE)
    met = negated(_satisfied(each, str(held.get("operator")).lower()))
    if met is False and "block" in named:
        met = None  # a policy that blocks offers no other way, so this one contradicts itself
    doubts = () if met is not None else (f"whether {sign_in.words} satisfies it is not known",)
    return Condition(met, doubts), f"{what} ({error})", error


def _satisfied(each: Collection[bool | None], operator: str) -> bool | None:
    """Return whether the controls are satisfied together; the operator matters only where not all of them agree."""
    one, every = any_of(each), all_of(each)
    if operator == "or":
        return one
    return every if operator == "and" or one == every else None


def part(conditions: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the conditions of one kind; None where they are missing or not understood."""
    held = conditions.get(name)
    return held if isinstance(held, Mapping) else None


def texts(value: Any) -> list[str] | None:
    """Return a list of texts in lower case; empty for null, and None for anything else."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        return None
    return [text.strip().lower() for text in value]


def strange(held: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """Return the names of filled properties that are not known, without annotations of the protocol."""
    return sorted(name for name, value in held.items() if value and name not in known and "@odata." not in name)
