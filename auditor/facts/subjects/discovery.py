"""Facts about the discovery of one site: whether data still comes, and whether deleted machines are still listed."""

from collections.abc import Iterable
from datetime import datetime

from auditor.facts.estate.joins import Estate
from auditor.facts.estate.owning_projects import project_ref
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, any_of, hidden_by
from auditor.facts.presence import NOT_IN_BODY
from auditor.facts.readiness.discovery import SiteDiscovery
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import OwningProject, Subject, Value, subject
from auditor.inventory.arm_id import ArmId
from auditor.inventory.resources.offazure import Site


def discovery_subject(site: SiteDiscovery, now: datetime, projects: Iterable[OwningProject] = ()) -> Subject:
    """Return the discovery of a site as a subject."""
    last = max((one for one in (site.newest, site.heartbeat) if one is not None), default=None)
    seen = (Evidence(site.id, "no data" if last is None else f"newest data: {last:%Y-%m-%d %H:%M} UTC"),)
    facts: dict[str, Fact[Value]] = {
        "name": Known(site.name),
        "id": Known(site.id),
        "has_data": any_of([Known(last is not None, seen), *hidden_by(site.gaps)]),
        "stale": _stale(site, now, seen),
        "has_deleted": any_of(
            [
                Known(site.deleted_late > 0, (Evidence(site.id, f"deleted machines: {site.deleted_late:,}"),)),
                *hidden_by(site.gaps),
                *hidden_by(_undated(site)),
            ]
        ),
    }
    late = site.deleted_late
    texts = {
        "newest": "never" if last is None else f"{last:%Y-%m-%d %H:%M} UTC",
        "deleted": f"{late:,} machine{' that was' if late == 1 else 's that were'} deleted more than 30 minutes ago",
    }
    return subject(SubjectKind.DISCOVERY, site.id, site.name, facts, texts, projects=projects)


def projects_of_site(estate: Estate, site: SiteDiscovery) -> tuple[OwningProject, ...]:
    """Return the project that a site names, or whose solutions name the site; none where that was not read."""
    held = estate.inventory.get(site.id)
    project = estate.project_of(held) if isinstance(held, Site) else None
    return () if project is None else (project_ref(estate, project),)


def _undated(site: SiteDiscovery) -> tuple[Gap, ...]:
    if not site.undated:
        return ()
    machines, are = ("1 machine", "it is") if site.undated == 1 else (f"{site.undated:,} machines", "they are")
    message = f"what Azure returned does not tell of {machines} whether or since when {are} deleted"
    return (Gap(f"{ArmId.parse(site.id).type}/machines", site.id, 0, NOT_IN_BODY, message),)


def _stale(site: SiteDiscovery, now: datetime, seen: tuple[Evidence, ...]) -> Fact[bool]:
    """Return whether nothing came for a day; recent data of any kind denies it, whatever was not read."""
    is_stale = site.is_stale(now)
    if is_stale is False:
        return Known(False, seen)
    return Unknown(site.gaps) if site.gaps else Known(is_stale is True, seen)
