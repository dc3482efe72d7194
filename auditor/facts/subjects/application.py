"""Facts about one Entra application that appliances sign in with, existing or deleted."""

from datetime import datetime

from auditor.facts.entities.applications import (
    application_exists,
    application_name,
    has_principal,
    in_another_tenant,
    owners_of,
    principal_enabled,
    signing_in,
    soft_deleted,
)
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.owning_projects import projects_of
from auditor.facts.fact import Evidence, Fact, Known, Unknown, any_of, hidden_by, map_fact, unless_gaps
from auditor.facts.presence import not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.inventory.lists import APPLICATIONS


def application_subject(context: Context, app_id: str, appliances: tuple[ApplianceOnSite, ...]) -> Subject:
    """Return the application as a subject; `appliances` are the appliances that sign in with it."""
    name = application_name(context, app_id)
    existing = application_exists(context, appliances[0])
    restorable = soft_deleted(context, app_id)
    names = sorted({appliance.name for appliance in appliances})
    facts: dict[str, Fact[Value]] = {
        "id": Known(app_id),
        "name": _display_name(context, app_id),
        "exists": existing,
        "soft_deleted": restorable,
        "has_principal": has_principal(context, app_id),
        "enabled": principal_enabled(context, app_id),
        "foreign": in_another_tenant(context, appliances[0]),
        "mode": map_fact(lambda mode: mode.value, context.directory.mode_of(appliances[0])),
        "appliances": unless_gaps(names, context.estate.hidden_appliances, *signing_in(appliances)),
        "shared": _shared(context, appliances),
        "owners": owners_of(context, app_id),
        **_credential_facts(context, app_id),
    }
    principal = context.directory.principal(app_id)
    vaults = {context.estate.vault_of(appliance) for appliance in appliances}
    texts = {
        "appliance": listed(names),
        "restorable": _restorable(restorable),
        "principal": principal.id if principal is not None else "",
        "vault": listed(sorted(vault.name for vault in vaults if vault is not None)),
    }
    projects = projects_of(context.estate, appliances)
    return subject(SubjectKind.APPLICATION, app_id, name, facts, texts, projects=projects)


def _display_name(context: Context, app_id: str) -> Fact[str]:
    held = context.directory.application(app_id)
    if held is not None and held.display_name:
        return Known(held.display_name, (Evidence(held.id),))
    return not_in_body(context.inventory, APPLICATIONS, app_id, "name of the application")


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
        else not_in_body(context.inventory, APPLICATIONS, app_id, "expiry date of a credential")
    )
    return {"has_credential": Known(bool(credentials), because), "credential_days_left": left}


def _shared(context: Context, appliances: tuple[ApplianceOnSite, ...]) -> Fact[bool]:
    return any_of([Known(len(appliances) > 1, signing_in(appliances)), *hidden_by(context.estate.hidden_appliances)])


def _restorable(fact: Fact[bool]) -> str:
    if isinstance(fact, Unknown):
        return "whether it can be restored could not be read"
    return "it was deleted less than 30 days ago and can be restored" if fact.value else "it cannot be restored"
