"""Leftovers of discovery and assessment: assessment projects, sites, and the master sites that join them."""

from collections.abc import Iterator

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.leftovers.associations import (
    Association,
    Associations,
    association_with,
    associations_by_tags,
    since,
)
from auditor.facts.leftovers.leftover import Candidate, LeftoverKind, counted
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import arm_id
from auditor.inventory.association import owner_of
from auditor.inventory.lists import ASSESSMENT_PROJECTS, MASTER_SITES
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.resources.offazure import MasterSite, Site


def assessment_projects(context: Context) -> Iterator[Candidate]:
    """Yield every assessment project; it belongs to the project whose solution it refers to."""
    for item in context.inventory.all(AssessmentProject):
        project = owner_of(item)
        found: tuple[Association, ...] = tuple(associations_by_tags(context, item))
        if project is not None:
            found = (association_with(context, project, Evidence(item.id, "assessmentSolutionId names its project")),)
        nobody = () if found else not_in_body(context.inventory, ASSESSMENT_PROJECTS, item.id, "project").why
        associations = Associations(item.id, found, nobody)
        name = item.display_name
        yield Candidate(
            kind=LeftoverKind.ASSESSMENT_PROJECT,
            name=name,
            associations=associations,
            since=since(context, associations, item.arm_id.subscription_id),
            holds=_assessed(item),
        )


def sites(context: Context) -> Iterator[Candidate]:
    """Yield every site; it belongs to the project it names, the project that names it, or the project in its tag."""
    for site in context.inventory.all(Site):
        associations = Associations(site.id, *_of_site(context, site))
        yield Candidate(
            kind=LeftoverKind.SITE,
            name=site.display_name,
            associations=associations,
            since=since(context, associations, site.arm_id.subscription_id),
            holds=_discovered(site),
        )


def master_sites(context: Context) -> Iterator[Candidate]:
    """Yield every master site; it belongs to the projects of its sites and to those that refer to it."""
    for master in context.inventory.all(MasterSite):
        associations = _of_master(context, master)
        count = len((master.properties.sites if master.properties else None) or ())
        yield Candidate(
            kind=LeftoverKind.MASTER_SITE,
            name=master.display_name,
            associations=associations,
            since=since(context, associations, master.arm_id.subscription_id),
            holds=[f"links to {counted(count, 'site')}"],
        )


def _of_site(context: Context, site: Site) -> tuple[tuple[Association, ...], tuple[Gap, ...]]:
    """Return the associations of a site and the gaps that may hide further ones."""
    unread = not_in_body(context.inventory, site.arm_id.type, site.id, "project").why
    if site.properties is None:
        return (), unread
    project = context.estate.project_of(site)
    if project is not None:
        return (
            association_with(
                context, project, Evidence(site.id, "belongs to it, according to the site or the project")
            ),
        ), ()
    found = tuple(associations_by_tags(context, site))
    return found, once([*context.references.hidden, *(() if found else unread)])


def _of_master(context: Context, master: MasterSite) -> Associations:
    joined = [key for key in map(_key, (master.properties.sites if master.properties else None) or ()) if key]
    inside = context.estate.sites_of_master(master.arm_id, joined)
    owned = [(site, context.estate.project_of(site)) for site in inside]
    found = [
        *(
            association_with(context, project, Evidence(site.id, "a site that it joins"))
            for site, project in owned
            if project
        ),
        *(association_with(context, one.project, one.because) for one in context.references.of(master.arm_id)),
        *associations_by_tags(context, master),
    ]
    unread = context.inventory.gaps(MASTER_SITES, master.arm_id)
    nobody = () if found else not_in_body(context.inventory, MASTER_SITES, master.id, "project").why
    hidden = (*unread, *context.references.hidden_sites, *context.references.hidden, *nobody)
    return Associations(master.id, once(found), once(hidden))


def _key(text: str | None) -> str | None:
    identity = arm_id(text)
    return None if identity is None else identity.key


def _assessed(item: AssessmentProject) -> Iterator[str]:
    properties = item.properties
    if properties.number_of_machines is not None:
        yield f"the discovery data of {counted(properties.number_of_machines, 'machine')}"
    if properties.number_of_assessments is not None:
        yield counted(properties.number_of_assessments, "assessment")


def _discovered(site: Site) -> Iterator[str]:
    for appliance in site.appliances:
        heard = appliance.agent_details.last_heartbeat if appliance.agent_details else None
        when = f", which last reported on {heard:%Y-%m-%d}" if heard else ""
        yield f"the discovery data of the appliance `{appliance.appliance_name or site.display_name}`{when}"
