"""Facts about one Entra application that an appliance signs in with, there or gone."""

from datetime import datetime

from auditor.facts.estate.appliances import Seat
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import APPLICATIONS, DELETED_APPLICATIONS, SERVICE_PRINCIPALS
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, any_of, hidden_by, map_fact, once, unless_gaps
from auditor.facts.presence import not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject

OWNERS = "graph/owners"
FOREIGN_TENANT = "ForeignTenant"
"""Code of a gap for an object of another tenant, which nobody here can read."""


def application_subject(context: Context, app_id: str, seats: tuple[Seat, ...]) -> Subject:
    """Return the application as a subject; `seats` are the appliances that sign in with it."""
    name = application_name(context, app_id)
    there = application_exists(context, seats[0])
    restorable = soft_deleted(context, app_id)
    appliances = sorted({seat.name for seat in seats})
    facts: dict[str, Fact[Value]] = {
        "id": Known(app_id),
        "name": _display_name(context, app_id),
        "exists": there,
        "soft_deleted": restorable,
        "foreign": _foreign(context, seats[0]),
        "mode": map_fact(lambda mode: mode.value, context.directory.mode_of(seats[0])),
        "appliances": unless_gaps(appliances, context.estate.hidden_seats, *_sites(seats)),
        "shared": _shared(context, seats),
        "owners": owners_of(context, app_id),
        **_credential_facts(context, app_id),
    }
    texts = {"appliance": listed(appliances), "restorable": _restorable(restorable)}
    return subject(SubjectKind.APPLICATION, app_id, name, facts, texts)


def application_exists(context: Context, seat: Seat) -> Fact[bool]:
    """Return whether the application an appliance signs in with is in the tenant.

    A service principal counts too: a managed identity, or an application whose home is another tenant, has nothing else
    here. An appliance that signs in to another tenant is nothing this tenant can tell about.
    """
    app_id = seat.application_id or ""
    held = context.directory.application(app_id) or context.directory.principal(app_id)
    if held is not None:
        return Known(True, (Evidence(held.id, "exists"),))
    foreign = _foreign(context, seat)
    if isinstance(foreign, Known) and foreign.value:
        message = "the appliance signs in to another tenant, whose applications cannot be read from here"
        return Unknown((Gap(APPLICATIONS, app_id, 0, FOREIGN_TENANT, message),))
    gaps = (*context.inventory.gaps(APPLICATIONS, app_id), *context.inventory.gaps(SERVICE_PRINCIPALS, app_id))
    return unless_gaps(False, gaps, Evidence(app_id, "no such application"), *_sites((seat,)))


def application_name(context: Context, app_id: str) -> str:
    """Return the name to show: the directory's, also of a deleted application, else the id."""
    directory = context.directory
    held = directory.application(app_id) or directory.principal(app_id) or directory.deleted(app_id)
    return held.label if held is not None else app_id


def soft_deleted(context: Context, app_id: str) -> Fact[bool]:
    """Return whether the application was deleted and can be restored."""
    held = context.directory.deleted(app_id)
    if held is not None:
        return Known(True, (Evidence(held.id, f"deleted {held.deleted_date_time or 'recently'}"),))
    return unless_gaps(False, context.inventory.gaps(DELETED_APPLICATIONS, "/"))


def _display_name(context: Context, app_id: str) -> Fact[str]:
    held = context.directory.application(app_id)
    if held is not None and held.display_name:
        return Known(held.display_name, (Evidence(held.id),))
    return not_in_body(context.inventory, APPLICATIONS, app_id, "name of the application")


def _foreign(context: Context, seat: Seat) -> Fact[bool]:
    tenant = seat.identity.tenant_id if seat.identity else None
    if not tenant:
        return not_in_body(context.inventory, seat.what, str(seat.site.arm_id), "tenant of the identity")
    return Known(tenant.lower() != context.inventory.tenant_id.lower(), _sites((seat,)))


def owners_of(context: Context, app_id: str) -> Fact[list[str]]:
    """The owners of the application and of its service principal; either may change its credentials."""
    held = [context.directory.application(app_id), context.directory.principal(app_id)]
    ids = [item.id for item in held if item is not None]
    links = [link for id_ in ids for link in context.inventory.links("owner", id_)]
    objects = ((link.to, context.inventory.object(link.to)) for link in links)
    names = sorted({found.label if found is not None else id_ for id_, found in objects})
    gaps = (
        *context.inventory.gaps(APPLICATIONS, app_id),
        *context.inventory.gaps(SERVICE_PRINCIPALS, app_id),
        *(gap for id_ in ids for gap in context.inventory.gaps(OWNERS, id_)),
    )
    return unless_gaps(names, gaps, *(Evidence(link.to, "owner") for link in links))


def _credential_facts(context: Context, app_id: str) -> dict[str, Fact[Value]]:
    held = context.directory.application(app_id)
    credentials = () if held is None else (*(held.key_credentials or ()), *(held.password_credentials or ()))
    if held is None or (held.key_credentials is None and held.password_credentials is None):
        unread = not_in_body(context.inventory, APPLICATIONS, app_id, "credential")
        return {"has_credential": unread, "credential_days_left": unread}
    because = (Evidence(held.id, f"{len(credentials)} credentials"),)
    ends: list[datetime] = [end for end in (credential.ends for credential in credentials) if end is not None]
    left: Fact[int] = (
        Known((max(ends) - context.inventory.now).days, because)
        if ends
        else not_in_body(context.inventory, APPLICATIONS, app_id, "end of a credential")
    )
    return {"has_credential": Known(bool(credentials), because), "credential_days_left": left}


def _shared(context: Context, seats: tuple[Seat, ...]) -> Fact[bool]:
    return any_of([Known(len(seats) > 1, _sites(seats)), *hidden_by(context.estate.hidden_seats)])


def _sites(seats: tuple[Seat, ...]) -> tuple[Evidence, ...]:
    return once(Evidence(str(seat.site.arm_id), "signs in with it") for seat in seats)


def _restorable(fact: Fact[bool]) -> str:
    if isinstance(fact, Unknown):
        return "whether it can be restored could not be read"
    return "it was deleted less than 30 days ago and can be restored" if fact.value else "it cannot be restored"
