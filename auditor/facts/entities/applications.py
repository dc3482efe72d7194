"""Entra applications of appliances: existence, service principal, name, owners, deletion and home tenant."""

from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once, unless_gaps
from auditor.facts.presence import not_in_body
from auditor.inventory.lists import APPLICATIONS, DELETED_APPLICATIONS, OWNERS, SERVICE_PRINCIPALS
from auditor.inventory.resources.directory import ServicePrincipal, User
from auditor.inventory.snapshot.records import Link

FOREIGN_TENANT = "ForeignTenant"
"""Code of a gap for an object of another tenant, which cannot be read from this tenant."""


def application_exists(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether the application that an appliance signs in with exists in the tenant.

    A service principal counts too: a managed identity and an application of another tenant have nothing else here. The
    fact is unknown for an appliance that signs in to another tenant.
    """
    app_id = appliance.application_id or ""
    held = context.directory.application(app_id) or context.directory.principal(app_id)
    if held is not None:
        return Known(True, (Evidence(held.id, "exists"),))
    foreign = in_another_tenant(context, appliance)
    if foreign.is_true:
        message = "the appliance signs in to another tenant, whose applications cannot be read from here"
        return Unknown((Gap(APPLICATIONS, app_id, 0, FOREIGN_TENANT, message),))
    gaps = (*context.inventory.gaps(APPLICATIONS, app_id), *context.inventory.gaps(SERVICE_PRINCIPALS, app_id))
    return unless_gaps(False, gaps, Evidence(app_id, "no such application"), *signing_in((appliance,)))


def has_principal(context: Context, app_id: str) -> Fact[bool]:
    """Return whether the tenant has a service principal of the application; without one Entra issues it no token."""
    held = context.directory.principal(app_id)
    if held is not None:
        return Known(True, (Evidence(held.id, "its service principal"),))
    application = context.directory.application(app_id)
    because = Evidence(application.id if application is not None else app_id, "has no service principal")
    return unless_gaps(False, context.inventory.gaps(SERVICE_PRINCIPALS, app_id), because)


def principal_enabled(context: Context, app_id: str) -> Fact[bool]:
    """Return whether the application's service principal is enabled; unknown where there is none."""
    held = context.directory.principal(app_id)
    if held is None or held.account_enabled is None:
        return not_in_body(context.inventory, SERVICE_PRINCIPALS, app_id, "accountEnabled")
    return Known(held.account_enabled, (Evidence(held.id, f"accountEnabled: {held.account_enabled}"),))


def usable_credential(context: Context, object_id: str) -> Fact[bool]:
    """Return whether a service principal's application has a credential that has not ended.

    True also where the directory holds no application of it: it is registered in another tenant.
    """
    principal = context.inventory.object(object_id)
    app_id = (principal.app_id if isinstance(principal, ServicePrincipal) else None) or ""
    held = context.directory.application(app_id)
    if held is None:
        note = "its application is registered in another tenant"
        return unless_gaps(True, context.inventory.gaps(APPLICATIONS, app_id), Evidence(object_id, note))
    if held.key_credentials is None or held.password_credentials is None:
        return not_in_body(context.inventory, APPLICATIONS, app_id, "credential")
    ends = [credential.ends for credential in (*held.key_credentials, *held.password_credentials)]
    if any(end is not None and end > context.inventory.now for end in ends):
        return Known(True, (Evidence(held.id, f"{len(ends)} credentials"),))
    if None in ends:
        return not_in_body(context.inventory, APPLICATIONS, app_id, "expiry date of a credential")
    note = "no valid certificate; its owner adds one, and the appliance registers with it"
    return Known(False, (Evidence(held.id, note),))


def application_name(context: Context, app_id: str) -> str:
    """Return the name to show: from the directory (deleted applications included), otherwise the application id."""
    directory = context.directory
    held = directory.application(app_id) or directory.principal(app_id) or directory.deleted(app_id)
    return held.label if held is not None else app_id


def soft_deleted(context: Context, app_id: str) -> Fact[bool]:
    """Return whether the application was deleted and can be restored."""
    held = context.directory.deleted(app_id)
    if held is not None:
        return Known(True, (Evidence(held.id, f"deleted {held.deleted_date_time or 'recently'}"),))
    return unless_gaps(False, context.inventory.gaps(DELETED_APPLICATIONS, "/"))


def in_another_tenant(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether the identity of the appliance is of another tenant than the scanned one."""
    tenant = appliance.identity.tenant_id if appliance.identity else None
    if not tenant:
        return not_in_body(context.inventory, appliance.what, str(appliance.site.arm_id), "tenant of the identity")
    return Known(tenant.lower() != context.inventory.tenant_id.lower(), signing_in((appliance,)))


def owners_of(context: Context, app_id: str) -> Fact[list[str]]:
    """Return the names of the owners of the application and of its service principal; both may change credentials."""
    ids, links = _owner_links(context, app_id)
    objects = ((link.to, context.inventory.object(link.to)) for link in links)
    names = sorted({found.label if found is not None else id_ for id_, found in objects})
    gaps = (
        *context.inventory.gaps(APPLICATIONS, app_id),
        *context.inventory.gaps(SERVICE_PRINCIPALS, app_id),
        *(gap for id_ in ids for gap in context.inventory.gaps(OWNERS, id_)),
    )
    return unless_gaps(names, gaps, *(Evidence(link.to, "owner") for link in links))


def users_that_own(context: Context, app_id: str) -> tuple[User, ...]:
    """Return the users among the known owners, by name."""
    owners = (context.inventory.object(link.to) for link in _owner_links(context, app_id)[1])
    users = {owner.id: owner for owner in owners if isinstance(owner, User)}
    return tuple(sorted(users.values(), key=lambda user: user.label))


def _owner_links(context: Context, app_id: str) -> tuple[list[str], list[Link]]:
    """Return the object ids of the application and its service principal, and the links to their owners."""
    held = [context.directory.application(app_id), context.directory.principal(app_id)]
    ids = [item.id for item in held if item is not None]
    return ids, [link for id_ in ids for link in context.inventory.links("owner", id_)]


def signing_in(appliances: tuple[ApplianceOnSite, ...]) -> tuple[Evidence, ...]:
    """Return the sites of appliances as evidence that these sign in with an application."""
    return once(Evidence(str(appliance.site.arm_id), "signs in with it") for appliance in appliances)
