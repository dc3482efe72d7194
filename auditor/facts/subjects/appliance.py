"""Facts about one appliance: agent, certificate, project, vault and application, as its site describes them."""

from datetime import datetime

from auditor.facts.entities.applications import application_name
from auditor.facts.entities.tenants import of_another_tenant
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.owning_projects import projects_of
from auditor.facts.fact import Evidence, Fact, Known, Unknown, map_fact, unless_gaps
from auditor.facts.leftovers.order import has_left, left_by, steps
from auditor.facts.presence import exists, not_in_body
from auditor.facts.rights.own_sign_in import has_own_principal, own_sign_in
from auditor.facts.rights.own_vault_access import is_denied, reads_vault, uses_vault_itself
from auditor.facts.rights.vault_access import (
    decides_by_roles,
    owner_in_words,
    trusts_a_former_owner,
    trusts_another_tenant,
    trusts_its_owner,
)
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.facts.subjects.discovery_sources import source_facts
from auditor.facts.subjects.vault import frozen
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import KEY_VAULTS, PROJECTS


def appliance_subject(context: Context, appliance: ApplianceOnSite) -> Subject:
    """Return the appliance as a subject; its id includes its name if several appliances share the site."""
    site = appliance.site.arm_id
    shared = len(context.estate.appliances_by_site[site.key]) > 1
    of_version, newest = version_facts(context, appliance)
    of_sources, source_errors = source_facts(context, appliance)
    admitted, refusal = own_sign_in(context, appliance)
    facts: dict[str, Fact[Value]] = {
        "name": Known(appliance.name),
        "id": Known(str(site)),
        "kind": Known(appliance.kind),
        "mode": map_fact(lambda mode: mode.value, context.directory.mode_of(appliance)),
        **of_version,
        **_agent_facts(context, appliance),
        **_certificate_facts(context, appliance),
        **_project_facts(context, appliance),
        **_vault_facts(context, appliance),
        **of_sources,
        "application_id": _application_id(context, appliance),
        "has_principal": has_own_principal(context, appliance),
        "application_admitted": admitted,
        "foreign": of_another_tenant(
            context, site, appliance.what, appliance.identity.tenant_id if appliance.identity else None
        ),
    }
    texts = {"resource_group": site.resource_group or "", "newest_version": newest, "source_errors": source_errors}
    texts |= {"application": application_name(context, appliance.application_id or ""), "sign_in_refusal": refusal}
    texts |= _undo(context, appliance) | _vault_texts(context, appliance)
    texts |= _day("expired_on", facts["certificate_expires"]) | _day("last_seen", facts["last_heartbeat"])
    identity = f"{site}#{appliance.name}" if shared else str(site)
    projects = projects_of(context.estate, (appliance,))
    location = appliance.site.location
    return subject(SubjectKind.APPLIANCE, identity, appliance.name, facts, texts, projects=projects, location=location)


def version_facts(context: Context, appliance: ApplianceOnSite) -> tuple[dict[str, Fact[Value]], str]:
    """Return whether appliances of the same kind have other versions of the agent, and newer ones, and the newest.

    Azure does not publish the latest version. Only versions with the same first number are compared, since the order
    of different numberings is not known.
    """
    own = appliance.agent.version_numbers if appliance.agent else None
    if own is None:
        unread = _not_in_site(context, appliance, "version of the agent")
        return {"comparable": unread, "outdated": unread}, ""
    versions = context.estate.agent_versions[appliance.kind, own[0]]
    newest = max(versions)
    seen = tuple(
        Evidence(str(versions[one].site.arm_id), f"version: {'.'.join(map(str, one))}")
        for one in (newest, min(versions))
        if one != own
    )[:1]
    hidden = tuple(gap for gap in context.estate.hidden_appliances if gap.what.lower() == appliance.what.lower())
    comparable: Fact[bool] = Known(True, seen) if seen else unless_gaps(False, hidden)
    outdated: Fact[bool] = Known(True, seen) if newest > own else unless_gaps(False, hidden)
    return {"comparable": comparable, "outdated": outdated}, ".".join(map(str, newest))


def _read(appliance: ApplianceOnSite) -> bool:
    """Return whether the site's details were read; a list item alone does not describe its appliance."""
    return appliance.appliance is not None


def _not_in_site(context: Context, appliance: ApplianceOnSite, wanted: str) -> Unknown:
    return not_in_body(context.inventory, appliance.what, str(appliance.site.arm_id), wanted)


def _agent_facts(context: Context, appliance: ApplianceOnSite) -> dict[str, Fact[Value]]:
    site = str(appliance.site.arm_id)
    agent = appliance.agent
    heartbeat = agent.last_heartbeat if agent else None
    version = agent.version if agent else None
    seen = (Evidence(site, f"lastHeartBeatUtc: {agent.last_heart_beat_utc}"),) if agent else ()
    silent: Fact[Value] = _not_in_site(context, appliance, "heartbeat")
    last: Fact[Value] = silent
    if heartbeat is not None:
        silent, last = Known((context.inventory.now - heartbeat).days, seen), Known(heartbeat, seen)
    return {
        "registered": (
            Known(bool((agent and agent.id) or appliance.identity), (Evidence(site),))
            if _read(appliance)
            else _not_in_site(context, appliance, "agent")
        ),
        "version": Known(version, (Evidence(site, f"version: {version}"),))
        if version
        else _not_in_site(context, appliance, "version"),
        "has_heartbeat": Known(heartbeat is not None, seen)
        if _read(appliance)
        else _not_in_site(context, appliance, "heartbeat"),
        "days_silent": silent,
        "last_heartbeat": last,
    }


def _certificate_facts(context: Context, appliance: ApplianceOnSite) -> dict[str, Fact[Value]]:
    """Return the facts about the certificate; if it cannot be parsed, it exists and its expiry is unknown."""
    site = str(appliance.site.arm_id)
    identity = appliance.identity
    ends = identity.certificate_ends if identity else None
    has: Fact[Value] = (
        Known(bool(identity and identity.x_certificate), (Evidence(site),))
        if _read(appliance)
        else _not_in_site(context, appliance, "certificate")
    )
    if ends is None:
        unread = _not_in_site(context, appliance, "expiry date of the certificate")
        return {"has_certificate": has, "certificate_expires": unread, "certificate_days_left": unread}
    because = (Evidence(site, f"certificate ends {ends:%Y-%m-%d}"),)
    left = (ends - context.inventory.now).days
    return {
        "has_certificate": has,
        "certificate_expires": Known(ends, because),
        "certificate_days_left": Known(left, because),
    }


def _project_facts(context: Context, appliance: ApplianceOnSite) -> dict[str, Fact[Value]]:
    site = str(appliance.site.arm_id)
    project = appliance.project
    if project is None:
        unread = _not_in_site(context, appliance, "project")
        hidden = context.estate.solution_gaps(appliance.site.arm_id.subscription_id or appliance.site.arm_id)
        has: Fact[Value] = unless_gaps(False, hidden, Evidence(site)) if _read(appliance) else unread
        names = ("project_id", "project", "project_exists", "project_has_left")
        return {"has_project": has, **dict.fromkeys(names, unread)}
    because = (Evidence(site, f"discoverySolutionId: {project}"),)
    existing = exists(context.inventory, project, PROJECTS)
    return {
        "has_project": Known(True, because),
        "project_id": Known(str(project), because),
        "project": Known(project.name, because),
        "project_exists": Known(existing.value, (*because, *existing.because))
        if isinstance(existing, Known)
        else existing,
        "project_has_left": Known(False) if existing.is_true else has_left(context, project.name),
    }


def _vault_facts(context: Context, appliance: ApplianceOnSite) -> dict[str, Fact[Value]]:
    vault: ArmId | None = context.estate.vault_of(appliance)
    if vault is None:
        unread = _not_in_site(context, appliance, "key vault")
        return dict.fromkeys(_VAULT_FACTS, unread)
    because = (Evidence(str(appliance.site.arm_id), f"keyVaultId: {vault}"),)
    return {
        "vault_id": Known(str(vault), because),
        "vault_exists": exists(context.inventory, vault, KEY_VAULTS),
        "vault_locked": frozen(context, (vault,))[0],
        "vault_denied": is_denied(context, appliance),
        "vault_by_roles": decides_by_roles(context.inventory, vault),
        "vault_foreign": trusts_another_tenant(context.inventory, vault),
        "vault_of_owner": trusts_its_owner(context, vault),
        "vault_moved": trusts_a_former_owner(context, vault),
        "application_uses_vault": uses_vault_itself(context, appliance),
        "application_reads_vault": reads_vault(context, appliance),
    }


_VAULT_FACTS = (
    "vault_id",
    "vault_exists",
    "vault_locked",
    "vault_denied",
    "vault_by_roles",
    "vault_foreign",
    "vault_of_owner",
    "vault_moved",
    "application_uses_vault",
    "application_reads_vault",
)


def _vault_texts(context: Context, appliance: ApplianceOnSite) -> dict[str, str]:
    vault = context.estate.vault_of(appliance)
    principal = context.directory.principal(appliance.application_id or "")
    locks = frozen(context, (vault,))[1] if vault is not None else []
    return {
        **({"vault_lock": locks[0]} if locks else {}),
        "vault": vault.name if vault is not None else "",
        "vault_owner": owner_in_words(context, (vault,) if vault is not None else ()),
        "vault_subscription": (vault.subscription or "") if vault is not None else "",
        "principal": principal.id if principal is not None else "",
    }


def _application_id(context: Context, appliance: ApplianceOnSite) -> Fact[str]:
    if appliance.application_id is None:
        return _not_in_site(context, appliance, "application")
    return Known(
        appliance.application_id, (Evidence(str(appliance.site.arm_id), f"applicationId: {appliance.application_id}"),)
    )


def _day(name: str, fact: Fact[Value]) -> dict[str, str]:
    """Return the day of a moment for messages; empty if it is unknown."""
    moment = fact.value if isinstance(fact, Known) else None
    return {name: f"{moment:%Y-%m-%d}"} if isinstance(moment, datetime) else {}


def _undo(context: Context, appliance: ApplianceOnSite) -> dict[str, str]:
    project = appliance.project
    if project is None or exists(context.inventory, project, PROJECTS).is_true:
        return {"project_undo": ""}
    return {"project_undo": steps(context, left_by(context, project.name))}
