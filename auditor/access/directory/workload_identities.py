"""Conditional Access for workload identities: whether a policy covers a service principal.

It covers applications that are registered for this tenant alone. Managed identities and applications for several
tenants are out of its reach.
Source: https://learn.microsoft.com/entra/identity/conditional-access/workload-identity
"""

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.access.directory.policy_conditions import (
    ALL,
    EVERY_WORKLOAD,
    MET,
    NOT_MET,
    Condition,
    left_open,
    part,
    strange,
    texts,
    understood,
)
from auditor.access.three_valued import any_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import ServicePrincipal

_KNOWN = frozenset({"includeServicePrincipals", "excludeServicePrincipals", "servicePrincipalFilter"})
_WHICH = Condition(None, ("which service principals it covers is not understood",))
_SINGLE_TENANT = "azureadmyorg"


def covers(conditions: Mapping[str, Any], held: ServicePrincipal, inventory: Inventory) -> Iterator[Condition]:
    """Yield whether the policy covers the service principal and the way in which it signs in."""
    named = conditions.get("clientApplications")
    if named is None or named == {}:
        yield NOT_MET
        return
    yield _named(part(conditions, "clientApplications"), held)
    yield _within_reach(held, inventory)
    if conditions.get("authenticationFlows") is not None:
        yield Condition(None, ("it names ways in which users sign in",))
    clients = texts(conditions.get("clientAppTypes"))
    if clients is None or (clients and ALL not in clients):
        yield Condition(None, ("which clients it covers is not understood",))


def _named(clients: Mapping[str, Any] | None, held: ServicePrincipal) -> Condition:
    """Return whether the policy names the service principal; its exclusions come before its inclusions."""
    if clients is None or strange(clients, _KNOWN):
        return _WHICH
    included, excluded = (texts(clients.get(f"{way}ServicePrincipals")) for way in ("include", "exclude"))
    if included is None or excluded is None:
        return _WHICH
    own, filtered = held.id.lower(), clients.get("servicePrincipalFilter")
    if own in excluded:
        return NOT_MET
    if not included and not filtered:
        return Condition(None, ("it names no service principal that it covers",)) if excluded else NOT_MET
    doubts = [understood("excludeServicePrincipals", excluded)]
    if filtered:
        doubts.append(Condition(None, ("it depends on the attributes of the service principal",)))
    is_named = any_of((EVERY_WORKLOAD in included, own in included))
    if not is_named:
        doubts.append(understood("includeServicePrincipals", included))
    is_open = any(one.met is None for one in (doubts if is_named else doubts[1:]))
    return left_open(*doubts) if is_open else MET if is_named else NOT_MET


def _within_reach(held: ServicePrincipal, inventory: Inventory) -> Condition:
    """Return whether Conditional Access reaches the service principal at all."""
    kind, owner = (held.service_principal_type or "").lower(), (held.app_owner_organization_id or "").lower()
    audience = (held.sign_in_audience or "").lower()
    if kind == "managedidentity" or (owner and owner != inventory.tenant_id.lower()):
        return NOT_MET
    if kind != "application":
        return Condition(None, ("of which kind the service principal is, is not known",))
    if not audience:
        return Condition(None, ("whether the application is for this tenant alone is not known",))
    return MET if audience == _SINGLE_TENANT else NOT_MET
