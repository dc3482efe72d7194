"""What readiness is asked about, by names: what is read of it is also what is counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.resources.assessments import Assessment, AssessmentGroup
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.resources.offazure import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessScope:
    """What was asked for: names without case, None for all; `subscriptions` are ids in lower case.

    A project is named as in the portal, or by its assessment project.
    """

    project: str | None = None
    resource_group: str | None = None
    group: str | None = None
    assessment: str | None = None
    subscriptions: frozenset[str] | None = None

    @classmethod
    def of(cls, project: str | None, resource_group: str | None = None) -> "ReadinessScope":
        """Return the scope of a project, by name or id; raises `MalformedArmId` for what only looks like an id."""
        if project is None or not project.startswith("/"):
            return cls(project=project, resource_group=resource_group)
        identity = ArmId.parse(project)
        inside = None if identity.subscription is None else frozenset({identity.subscription})
        return cls(project=identity.name, resource_group=identity.resource_group, subscriptions=inside)

    def within(self, subscriptions: frozenset[str] | None) -> "ReadinessScope":
        """Return what of the scope is in these subscriptions; None for all of it."""
        if subscriptions is None or self.subscriptions is None:
            return replace(self, subscriptions=self.subscriptions if subscriptions is None else subscriptions)
        return replace(self, subscriptions=self.subscriptions & subscriptions)

    def has_place(self, identity: ArmId) -> bool:
        """Return whether a resource is in the subscriptions and the resource group of the scope."""
        if self.subscriptions is not None and identity.subscription not in self.subscriptions:
            return False
        return _is(self.resource_group, identity.resource_group or "")

    def has_project(self, held: AssessmentProject) -> bool:
        """Return whether an assessment project is in the scope."""
        names = {held.arm_id.name.lower(), portal_name(held).lower()}
        return self.has_place(held.arm_id) and (self.project is None or self.project.lower() in names)

    def has_site(self, site: Site, projects: Iterable[AssessmentProject]) -> bool:
        """Return whether a site is in the scope, of which `projects` are.

        That is by the project that it names; of one that names none, by the resource group of these projects.
        """
        if self.project is None:
            return self.has_place(site.arm_id)
        named = arm_id(site.properties.discovery_solution_id if site.properties else None)
        if named is None:
            groups = {one.arm_id.resource_group_id for one in projects}
            return self.has_place(site.arm_id) and site.arm_id.resource_group_id in groups
        names = {self.project.lower(), *(portal_name(one).lower() for one in projects)}
        return self.has_place(site.arm_id) and named.parent.name.lower() in names

    def has_group(self, held: AssessmentGroup) -> bool:
        """Return whether a group of a project in the scope is in it too."""
        return _is(self.group, held.arm_id.name)

    def has_assessment(self, held: Assessment) -> bool:
        """Return whether an assessment of a project in the scope is in it too."""
        return _is(self.group, held.group) and _is(self.assessment, held.arm_id.name)


EVERYTHING = ReadinessScope()


def portal_name(project: AssessmentProject) -> str:
    """Return the name of the project in the portal, otherwise that of the assessment project."""
    solution = arm_id(project.properties.assessment_solution_id)
    return project.arm_id.name if solution is None else solution.parent.name


def _is(wanted: str | None, name: str) -> bool:
    return wanted is None or wanted.casefold() == name.casefold()
