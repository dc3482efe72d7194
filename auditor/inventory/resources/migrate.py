"""Azure Migrate projects of both experiences, their solutions, and assessment projects."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from auditor.inventory.resources.offazure import ServicePrincipalDetails
from auditor.inventory.resources.resource import Body, Reference, Resource, check_reference


class MigrateProjectProperties(Body, frozen=True):
    """The properties of a project of the new experience."""

    provisioning_state: str | None = None
    public_network_access: str | None = None
    utility_storage_account_id: Reference | None = None
    private_endpoint_connections: Any = None
    summary: Any = None


class MigrateProject(Resource, frozen=True):
    """A project of the new experience."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Migrate/migrateProjects",)
    bare: ClassVar[bool] = True

    identity: Any = None
    properties: MigrateProjectProperties | None = None


class SolutionDetails(Body, frozen=True):
    """The details of a solution; the values of `extended_details` are texts, some of which contain JSON."""

    extended_details: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` where a detail, or a site in a map, is not a `Reference`."""
        for text in (self.extended_details or {}).values():
            if isinstance(text, str) and not text.lstrip().startswith(("[", "{")):
                check_reference(text)
            elif isinstance(text, str):
                for _, site in site_map(text):
                    check_reference(site)


class SolutionProperties(Body, frozen=True):
    """The tool, status and details of a solution."""

    tool: str | None = None
    status: str | None = None
    details: SolutionDetails | None = None


class Solution(Resource, frozen=True):
    """A solution of a project (discovery, assessment, migration)."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Migrate/migrateProjects/solutions",)

    properties: SolutionProperties = SolutionProperties()

    @property
    def extended_details(self) -> dict[str, str]:
        """The extended details that are texts, by key."""
        details = self.properties.details
        known = (details.extended_details if details else None) or {}
        return {key: value for key, value in known.items() if isinstance(value, str)}

    @property
    def sites_by_appliance(self) -> dict[str, str]:
        """The site ids by appliance name, from both versions of the map; V3 overrides V2, without case."""
        joined: dict[str, tuple[str, str]] = {}
        for key in ("applianceNameToSiteIdMapV2", "applianceNameToSiteIdMapV3"):
            for appliance, site in site_map(self.extended_details.get(key)):
                joined[appliance.lower()] = (appliance, site)
        return dict(joined.values())


def site_map(text: str | None) -> Iterator[tuple[str, str]]:
    """Yield (appliance, site id) from a map encoded as JSON in a text; nothing from any other text.

    Known encodings: an array of `{ApplianceName, SiteId}`, an object `{appliance: {SiteId}}`, an array of one-key
    objects, and `{appliance: "id"}`.
    """
    try:
        decoded = json.loads(text or "null")
    except ValueError:
        return
    for entry in decoded if isinstance(decoded, list) else [decoded]:
        if not isinstance(entry, dict):
            continue
        named, site = _of(entry, "appliancename"), _of(entry, "siteid")
        if isinstance(named, str) and isinstance(site, str):
            yield named, site
            continue
        for appliance, held in entry.items():
            site = _of(held, "siteid") if isinstance(held, dict) else held
            if isinstance(site, str) and site.startswith("/"):
                yield appliance, site


def _of(entry: dict[str, Any], key: str) -> object:
    return next((value for name, value in entry.items() if name.lower() == key), None)


class OldProjectProperties(Body, frozen=True):
    """The properties of a project of the old experience; `customer_workspace_id` may be an ARM id, a URL or nothing."""

    customer_workspace_id: str | None = None
    provisioning_state: str | None = None


class OldProject(Resource, frozen=True):
    """A project of the old experience."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Migrate/projects",)

    properties: OldProjectProperties = OldProjectProperties()


class AssessmentProjectProperties(Body, frozen=True):
    """The solution that an assessment project belongs to, and the workspace that the customer attached."""

    assessment_solution_id: Reference | None = None
    customer_workspace_id: str | None = None
    number_of_machines: int | None = None
    number_of_assessments: int | None = None
    provisioning_state: str | None = None


class AssessmentProject(Resource, frozen=True):
    """An assessment project; it survives the deletion of its project."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Migrate/assessmentProjects",)

    properties: AssessmentProjectProperties = AssessmentProjectProperties()


class CollectorAgent(Body, frozen=True):
    """The agent of an appliance, as recorded in an assessment project."""

    spn_details: ServicePrincipalDetails | None = None


class CollectorProperties(Body, frozen=True):
    """The agent and the site of a collector's appliance."""

    agent_properties: CollectorAgent | None = None
    discovery_site_id: Reference | None = None


class Collector(Resource, frozen=True):
    """The record of an appliance in an assessment project, which may outlive the appliance's site."""

    types: ClassVar[tuple[str, ...]] = (
        "Microsoft.Migrate/assessmentProjects/vmwarecollectors",
        "Microsoft.Migrate/assessmentProjects/hypervcollectors",
        "Microsoft.Migrate/assessmentProjects/servercollectors",
    )

    properties: CollectorProperties = CollectorProperties()

    @property
    def identity(self) -> ServicePrincipalDetails:
        """The identity of the appliance; empty where the collector does not contain it."""
        agent = self.properties.agent_properties
        return (agent.spn_details if agent else None) or ServicePrincipalDetails()

    @property
    def application_id(self) -> str:
        """The app id (lower case) of its Entra application; empty where the collector does not contain it."""
        return (self.identity.application_id or "").lower()
