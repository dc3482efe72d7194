"""Facts about one appliance, as its site describes it."""

from datetime import datetime

from auditor.facts.entities.tenants import of_another_tenant
from auditor.facts.estate.appliances import Seat
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, Unknown, map_fact, unless_gaps
from auditor.facts.presence import exists, not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.facts.subjects.discovery_sources import source_facts
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import KEY_VAULTS, PROJECTS


def outdated(context: Context, seat: Seat) -> tuple[Fact[bool], str]:
    """Return whether an appliance of the same kind has a newer version of the agent, and the newest of them.

    Azure tells nowhere which version is the latest. Only versions of one first number are compared: which of two
    numberings is the later one cannot be told.
    """
    own = seat.agent.version_numbers if seat.agent else None
    if own is None:
        return not_in_body(context.inventory, seat.what, str(seat.site.arm_id), "version of the agent"), ""
    newest, other = context.estate.newest_agents[seat.kind, own[0]]
    text = ".".join(map(str, newest))
    if newest > own:
        return Known(True, (Evidence(str(other.site.arm_id), f"version: {text}"),)), text
    hidden = tuple(gap for gap in context.estate.hidden_seats if gap.what.lower() == seat.what.lower())
    return unless_gaps(False, hidden), text


def appliance_subject(context: Context, seat: Seat) -> Subject:
    """Return the appliance as a subject; where several share a site, its id carries its name."""
    site = seat.site.arm_id
    shared = len(context.estate.seats_by_site[site.key]) > 1
    is_outdated, newest = outdated(context, seat)
    of_sources, source_errors = source_facts(context, seat)
    facts: dict[str, Fact[Value]] = {
        "name": Known(seat.name),
        "id": Known(str(site)),
        "outdated": is_outdated,
        "kind": Known(seat.kind),
        "mode": map_fact(lambda mode: mode.value, context.directory.mode_of(seat)),
        **_agent_facts(context, seat),
        **_certificate_facts(context, seat),
        **_project_facts(context, seat),
        **_vault_facts(context, seat),
        **of_sources,
        "application_id": _application_id(context, seat),
        "foreign": of_another_tenant(context, site, seat.what, seat.identity.tenant_id if seat.identity else None),
    }
    texts = {"resource_group": site.resource_group or "", "newest_version": newest, "source_errors": source_errors}
    texts |= _day("expired_on", facts["certificate_expires"]) | _day("last_seen", facts["last_heartbeat"])
    return subject(SubjectKind.APPLIANCE, f"{site}#{seat.name}" if shared else str(site), seat.name, facts, texts)


def _read(seat: Seat) -> bool:
    """Whether the site's details were read: a list item alone says nothing of its appliance."""
    return seat.appliance is not None


def _not_told(context: Context, seat: Seat, wanted: str) -> Unknown:
    return not_in_body(context.inventory, seat.what, str(seat.site.arm_id), wanted)


def _agent_facts(context: Context, seat: Seat) -> dict[str, Fact[Value]]:
    site = str(seat.site.arm_id)
    agent = seat.agent
    heartbeat = agent.last_heartbeat if agent else None
    version = agent.version if agent else None
    seen = (Evidence(site, f"lastHeartBeatUtc: {agent.last_heart_beat_utc}"),) if agent else ()
    silent: Fact[Value] = _not_told(context, seat, "heartbeat")
    last: Fact[Value] = silent
    if heartbeat is not None:
        silent, last = Known((context.inventory.now - heartbeat).days, seen), Known(heartbeat, seen)
    return {
        "registered": (
            Known(bool((agent and agent.id) or seat.identity), (Evidence(site),))
            if _read(seat)
            else _not_told(context, seat, "agent")
        ),
        "version": Known(version, (Evidence(site, f"version: {version}"),))
        if version
        else _not_told(context, seat, "version"),
        "has_heartbeat": Known(heartbeat is not None, seen) if _read(seat) else _not_told(context, seat, "heartbeat"),
        "days_silent": silent,
        "last_heartbeat": last,
    }


def _certificate_facts(context: Context, seat: Seat) -> dict[str, Fact[Value]]:
    """A certificate that cannot be parsed is there, but when it ends is unknown."""
    site = str(seat.site.arm_id)
    identity = seat.identity
    ends = identity.certificate_ends if identity else None
    has: Fact[Value] = (
        Known(bool(identity and identity.x_certificate), (Evidence(site),))
        if _read(seat)
        else _not_told(context, seat, "certificate")
    )
    if ends is None:
        unread = _not_told(context, seat, "end of the certificate")
        return {"has_certificate": has, "certificate_expires": unread, "certificate_days_left": unread}
    because = (Evidence(site, f"certificate ends {ends:%Y-%m-%d}"),)
    left = (ends - context.inventory.now).days
    return {
        "has_certificate": has,
        "certificate_expires": Known(ends, because),
        "certificate_days_left": Known(left, because),
    }


def _project_facts(context: Context, seat: Seat) -> dict[str, Fact[Value]]:
    site = str(seat.site.arm_id)
    project = seat.project
    if project is None:
        unread = _not_told(context, seat, "project")
        hidden = context.estate.solution_gaps(seat.site.arm_id.subscription_id or seat.site.arm_id)
        has: Fact[Value] = unless_gaps(False, hidden, Evidence(site)) if _read(seat) else unread
        return {"has_project": has, "project_id": unread, "project": unread, "project_exists": unread}
    because = (Evidence(site, f"discoverySolutionId: {project}"),)
    there = exists(context.inventory, project, PROJECTS)
    return {
        "has_project": Known(True, because),
        "project_id": Known(str(project), because),
        "project": Known(project.name, because),
        "project_exists": Known(there.value, (*because, *there.because)) if isinstance(there, Known) else there,
    }


def _vault_facts(context: Context, seat: Seat) -> dict[str, Fact[Value]]:
    vault: ArmId | None = context.estate.vault_of(seat)
    if vault is None:
        unread = _not_told(context, seat, "key vault")
        return {"vault_id": unread, "vault_exists": unread}
    because = (Evidence(str(seat.site.arm_id), f"keyVaultId: {vault}"),)
    return {"vault_id": Known(str(vault), because), "vault_exists": exists(context.inventory, vault, KEY_VAULTS)}


def _application_id(context: Context, seat: Seat) -> Fact[str]:
    if seat.application_id is None:
        return _not_told(context, seat, "application")
    return Known(seat.application_id, (Evidence(str(seat.site.arm_id), f"applicationId: {seat.application_id}"),))


def _day(name: str, fact: Fact[Value]) -> dict[str, str]:
    """The day of a moment for messages; nothing where it is unknown."""
    moment = fact.value if isinstance(fact, Known) else None
    return {name: f"{moment:%Y-%m-%d}"} if isinstance(moment, datetime) else {}
