"""The sign-in of an appliance's own application, and the Conditional Access policies that refuse it.

An appliance that was registered signs in with the certificate of its application. A policy for workload identities may
refuse that; it covers no managed identity, so the identity of an Arc machine is out of its reach.
Sources: https://learn.microsoft.com/azure/migrate/migrate-appliance-architecture,
https://learn.microsoft.com/entra/identity/conditional-access/workload-identity
"""

from auditor.access.verdicts import AccessVerdict
from auditor.facts.entities.applications import FOREIGN_TENANT, has_principal, in_another_tenant
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown
from auditor.facts.presence import not_in_body
from auditor.facts.rights.questions import granted
from auditor.inventory.lists import CONDITIONAL_ACCESS_POLICIES, SERVICE_PRINCIPALS


def has_own_principal(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether the tenant has a service principal of the application that the appliance signs in with."""
    site, identity = str(appliance.site.arm_id), appliance.identity
    if identity is not None and identity.machine_resource_id:
        return Known(False, (Evidence(site, f"identity of the Arc machine {identity.machine_resource_id}"),))
    if appliance.application_id is None:
        return not_in_body(context.inventory, appliance.what, site, "application")
    return has_principal(context, appliance.application_id)


def own_sign_in(context: Context, appliance: ApplianceOnSite) -> tuple[Fact[bool], str]:
    """Return whether Conditional Access lets the appliance's application sign in, and what refuses it, in words.

    Unknown for an appliance of another tenant, whose policies decide instead of those that were read.
    """
    site = str(appliance.site.arm_id)
    if appliance.application_id is None:
        return not_in_body(context.inventory, appliance.what, site, "application"), ""
    principal = context.directory.principal(appliance.application_id)
    if principal is None:
        return not_in_body(context.inventory, SERVICE_PRINCIPALS, appliance.application_id, "such object"), ""
    if in_another_tenant(context, appliance).is_true:
        message = "the appliance signs in to another tenant, whose policies cannot be read from here"
        return Unknown((Gap(CONDITIONAL_ACCESS_POLICIES, site, 0, FOREIGN_TENANT, message),)), ""
    found = context.access.own_credential(principal.id)
    refusing = found.because if found.verdict is AccessVerdict.DENY else ()
    return granted(found), "; ".join(reason.text for reason in refusing)
