"""Joins over one inventory: project ← site → vault and application, project ← assessment project → workspace."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

from auditor.facts.estate.appliances import SITE_KINDS, ApplianceOnSite
from auditor.facts.estate.deletions import Deletion, deletions
from auditor.facts.estate.recoverable import recoverable_vaults, recoverable_workspaces
from auditor.facts.fact import Gap, by_kind, once
from auditor.facts.presence import NOT_IN_BODY, not_in_body
from auditor.inventory.arm_id import ArmId, arm_id, plain_arm_id
from auditor.inventory.association import lone_assessments, owner_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import KEY_VAULTS, PROJECTS, SOLUTIONS
from auditor.inventory.resources.keyvault import DeletedVault, Vault
from auditor.inventory.resources.loganalytics import DeletedWorkspace, Workspace
from auditor.inventory.resources.migrate import AssessmentProject, Collector, MigrateProject, OldProject, Solution
from auditor.inventory.resources.offazure import DiscoverySource, Site

V = TypeVar("V")

_WORKSPACE = "customerworkspaceid"
"""The property by which a project names its workspace, whatever its letter case."""


class Estate:
    """The joins of one inventory, each made once."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory

    @cached_property
    def projects(self) -> dict[str, MigrateProject]:
        """Projects of the new experience by the key of their id."""
        return {project.arm_id.key: project for project in self.inventory.all(MigrateProject)}

    @cached_property
    def old_projects(self) -> dict[str, OldProject]:
        """Projects of the old experience by the key of their id."""
        return {project.arm_id.key: project for project in self.inventory.all(OldProject)}

    @cached_property
    def appliances(self) -> tuple[ApplianceOnSite, ...]:
        """All appliances of all sites, and one placeholder for each site of which only the name is known."""
        found: list[ApplianceOnSite] = []
        for site in self.inventory.all(Site):
            if site.arm_id.type.lower() not in SITE_KINDS:
                continue
            project = self.project_of(site)
            appliances = tuple(site.appliances)
            found.extend(ApplianceOnSite(site, appliance, project) for appliance in appliances)
            if site.properties is None:
                found.append(ApplianceOnSite(site, None, project))
        return tuple(found)

    @cached_property
    def appliances_by_project(self) -> dict[str, tuple[ApplianceOnSite, ...]]:
        """Appliances by the key of their project, whatever the subscription of their site."""
        return _grouped(
            (appliance.project.key, appliance) for appliance in self.appliances if appliance.project is not None
        )

    def appliances_of(self, project: ArmId) -> tuple[ApplianceOnSite, ...]:
        """Return the appliances of `project` whose sites are in its subscription, where registering creates them."""
        every = self.appliances_by_project.get(project.key, ())
        return tuple(appliance for appliance in every if appliance.site.arm_id.subscription == project.subscription)

    @cached_property
    def appliances_by_site(self) -> dict[str, tuple[ApplianceOnSite, ...]]:
        """Appliances by the key of their site."""
        return _grouped((appliance.site.arm_id.key, appliance) for appliance in self.appliances)

    def sites_of_master(self, master: ArmId, joined: Iterable[str]) -> tuple[Site, ...]:
        """Return the sites that name a master site, and those with the keys `joined`, by type and id."""
        keys = {*joined, *self._sites_by_master.get(master.key, ())}
        found = sorted(self._sites[key] for key in keys if key in self._sites)
        every = self.inventory.all(Site)
        return tuple(every[index] for index in found)

    @cached_property
    def _sites(self) -> dict[str, int]:
        return {site.arm_id.key: index for index, site in enumerate(self.inventory.all(Site))}

    @cached_property
    def _sites_by_master(self) -> dict[str, tuple[str, ...]]:
        named = (
            (arm_id(site.properties.master_site_id), site.arm_id.key)
            for site in self.inventory.all(Site)
            if site.properties
        )
        return _grouped((master.key, key) for master, key in named if master is not None)

    @cached_property
    def groups_with_projects(self) -> tuple[str, ...]:
        """The keys of the resource groups in which a project of today's experience stands."""
        groups = {project.arm_id.resource_group_id for project in self.projects.values()}
        return tuple(group.key for group in groups if group is not None)

    @cached_property
    def sources_by_site(self) -> dict[str, tuple[DiscoverySource, ...]]:
        """Discovery sources by the key of their site."""
        return _grouped((one.arm_id.parent.key, one) for one in self.inventory.all(DiscoverySource))

    @cached_property
    def agent_versions(self) -> dict[tuple[str, int], dict[tuple[int, ...], ApplianceOnSite]]:
        """The agent versions, each with an appliance of it, by kind of appliance and first number of the version."""
        versions: dict[tuple[str, int], dict[tuple[int, ...], ApplianceOnSite]] = defaultdict(dict)
        for appliance in sorted(self.appliances, key=lambda appliance: appliance.site.arm_id.key):
            version = appliance.agent.version_numbers if appliance.agent else None
            if version:
                versions[appliance.kind, version[0]].setdefault(version, appliance)
        return versions

    @cached_property
    def appliances_by_vault(self) -> dict[str, tuple[ApplianceOnSite, ...]]:
        """Appliances by the key of the vault that they use."""
        pairs = ((self.vault_of(appliance), appliance) for appliance in self.appliances)
        return _grouped((vault.key, appliance) for vault, appliance in pairs if vault is not None)

    @cached_property
    def appliances_by_application(self) -> dict[str, tuple[ApplianceOnSite, ...]]:
        """Appliances by the id of the Entra application that they sign in with."""
        return _grouped(
            (appliance.application_id, appliance) for appliance in self.appliances if appliance.application_id
        )

    @cached_property
    def collectors_by_application(self) -> dict[str, tuple[Collector, ...]]:
        """Collectors of assessment projects by the id of the Entra application that their appliance signs in with."""
        return _grouped((one.application_id, one) for one in self.inventory.all(Collector) if one.application_id)

    @cached_property
    def hidden_collectors(self) -> tuple[Gap, ...]:
        """Gaps that may hide a collector of an assessment project without a project; other collectors are not read."""
        lone = lone_assessments(self.inventory.all(AssessmentProject), self.projects.values())
        return once(gap for one in lone for what in Collector.types for gap in self.inventory.gaps(what, one.arm_id))

    def referring_to(self, workspace: Workspace) -> tuple[AssessmentProject | OldProject, ...]:
        """Return the assessment projects and old projects that name a workspace, by its ARM id or by its GUID."""
        keys = (workspace.arm_id.key, (workspace.properties.customer_id or "").lower())
        return tuple(one for key in keys if key for one in self._referring.get(key, ()))

    def odd_references(self, subscription: ArmId) -> tuple[Gap, ...]:
        """Return one gap for each workspace reference in a subscription that is not an id of any kind."""
        odd = (one for one in self._naming_oddly if one.arm_id.is_within(subscription))
        message = "its reference to a workspace is not an id"
        return tuple(Gap(one.arm_id.type, one.id, 0, NOT_IN_BODY, message) for one in odd)

    @cached_property
    def _naming_oddly(self) -> tuple[AssessmentProject | OldProject, ...]:
        return tuple(one for one in self._naming if not _is_id(self._workspace_of(one)))

    @cached_property
    def _naming(self) -> tuple[AssessmentProject | OldProject, ...]:
        every: list[AssessmentProject | OldProject] = [*self.inventory.all(AssessmentProject)]
        every.extend(self.inventory.all(OldProject))
        return tuple(one for one in every if self._workspace_of(one))

    def _workspace_of(self, item: AssessmentProject | OldProject) -> str:
        """Return the text by which a project names its workspace; empty for none, and a blank for several texts."""
        properties = (self.inventory.body(item.id) or {}).get("properties")
        named = properties.items() if isinstance(properties, dict) else ()
        texts = {str(text).strip() for name, text in named if name.lower() == _WORKSPACE and text}
        return texts.pop() if len(texts) == 1 else " " * len(texts)

    @cached_property
    def _referring(self) -> dict[str, tuple[AssessmentProject | OldProject, ...]]:
        named = ((self._workspace_of(one), one) for one in self._naming)
        return _grouped((found.key if (found := arm_id(text)) else text.lower(), one) for text, one in named)

    @cached_property
    def projects_by_name(self) -> dict[str, tuple[ArmId, ...]]:
        """The ids of the projects of both experiences by their name in lower case."""
        every = (*self.projects.values(), *self.old_projects.values())
        return _grouped((project.arm_id.name.lower(), project.arm_id) for project in every)

    @cached_property
    def deletions(self) -> tuple[Deletion, ...]:
        """The deletions of projects in the Activity Log, the latest first."""
        return deletions(self.inventory)

    @cached_property
    def solutions_by_project(self) -> dict[str, tuple[Solution, ...]]:
        """Solutions by the key of their project."""
        return _grouped((one.arm_id.parent.key, one) for one in self.inventory.all(Solution))

    @cached_property
    def attached_by_project(self) -> dict[str, tuple[AssessmentProject, ...]]:
        """Assessment projects that refer to a workspace, by the key of their project."""
        held = ((owner_of(item), item) for item in self._naming if isinstance(item, AssessmentProject))
        return _grouped((project.key, item) for project, item in held if project is not None)

    @cached_property
    def projects_by_subscription(self) -> dict[tuple[str, bool], tuple[ArmId, ...]]:
        """The ids of projects by the key of their subscription and whether they are of the old experience."""
        groups: dict[tuple[str, bool], list[ArmId]] = defaultdict(list)
        for old, projects in ((False, self.projects.values()), (True, self.old_projects.values())):
            for project in projects:
                if project.arm_id.subscription_id is not None:
                    groups[project.arm_id.subscription_id.key, old].append(project.arm_id)
        return {key: tuple(ids) for key, ids in groups.items()}

    @cached_property
    def hidden_projects(self) -> tuple[Gap, ...]:
        """Gaps that may hide a project of the new experience in any scanned subscription."""
        scopes = self.inventory.unlike(self.inventory.scanned)
        return by_kind(
            gap for scope in scopes for gap in self.inventory.gaps(PROJECTS, f"/subscriptions/{scope}", below=False)
        )

    def vault_of(self, appliance: ApplianceOnSite) -> ArmId | None:
        """Return the id of the vault that the agent of an appliance names by id or by URI, or None."""
        agent = appliance.agent
        if agent is None:
            return None
        named = arm_id(agent.key_vault_id)
        if named is not None:
            return named
        if agent.key_vault_uri:
            return self._vaults_by_uri.get(_uri_key(agent.key_vault_uri))
        return None

    def site_gaps(self, project: ArmId) -> tuple[Gap, ...]:
        """Return the gaps that may hide an appliance of `project`: unread sites of its subscription or their details.

        A site that names another project hides nothing. A site that names none may belong to a solution's project.
        """
        subscription = project.subscription_id or project
        unread = [gap for gap in self._unread_sites(subscription) if self._may_hide(gap.scope, project)]
        return once([*unread, *self.solution_gaps(subscription)])

    @cached_property
    def hidden_appliances(self) -> tuple[Gap, ...]:
        """Gaps that may hide an appliance in any scanned subscription."""
        scopes = [ArmId.parse(f"/subscriptions/{scope}") for scope in self.inventory.unlike(self.inventory.scanned)]
        return by_kind(gap for scope in scopes for gap in (*self._unread_sites(scope), *self.solution_gaps(scope)))

    def solution_gaps(self, subscription: ArmId) -> tuple[Gap, ...]:
        """Return the gaps that may hide the project of a site that names none; empty if every site names its own."""
        if subscription.key not in self._homeless:
            return ()
        inside = self.projects_by_subscription.get((subscription.key, False), ())
        solutions = (gap for project in inside for gap in self.inventory.gaps(SOLUTIONS, project))
        return once([*self.inventory.gaps(PROJECTS, subscription, below=False), *solutions])

    def vault_gaps(self, appliances: Iterable[ApplianceOnSite]) -> tuple[Gap, ...]:
        """Return the gaps that may hide the vault of an appliance that names its vault by URI but not by id."""
        hidden = [appliance for appliance in appliances if id(appliance) in self._unresolved]
        return once(
            gap
            for appliance in hidden
            for gap in not_in_body(self.inventory, KEY_VAULTS, str(appliance.site.arm_id.subscription_id), "vault").why
        )

    @cached_property
    def hidden_vaults(self) -> tuple[Gap, ...]:
        """Gaps that may hide the vault of any appliance, see `vault_gaps`."""
        return self.vault_gaps(self.appliances)

    @cached_property
    def _unresolved(self) -> frozenset[int]:
        """The identities, in memory, of those of `appliances` that name a vault by a URI which no vault has."""
        named = (appliance for appliance in self.appliances if appliance.agent and appliance.agent.key_vault_uri)
        return frozenset(id(appliance) for appliance in named if self.vault_of(appliance) is None)

    @cached_property
    def deleted_vaults(self) -> dict[str, tuple[DeletedVault, ...]]:
        """Soft-deleted vaults that can be recovered, by the key of the id they had, and by their name in lower case."""
        every = recoverable_vaults(self.inventory)
        by_id = ((held.properties.vault_id.lower(), held) for held in every if held.properties.vault_id)
        return _grouped((*by_id, *((held.display_name.lower(), held) for held in every)))

    @cached_property
    def deleted_vaults_within(self) -> dict[str, tuple[DeletedVault, ...]]:
        """Soft-deleted vaults that can be recovered, by the keys of all places that they were in."""
        every = recoverable_vaults(self.inventory)
        return _grouped((key, held) for held in every for key in _places_of(held.properties.vault_id))

    @cached_property
    def deleted_workspaces_within(self) -> dict[str, tuple[DeletedWorkspace, ...]]:
        """Soft-deleted workspaces that can be recovered, by the keys of all places that they were in."""
        return _grouped((key, held) for held in recoverable_workspaces(self.inventory) for key in _places_of(held.id))

    def soft_deleted(self, vault: ArmId) -> tuple[DeletedVault, ...]:
        """Return the soft-deleted vaults that had this id, otherwise those that hold its name in all of Azure."""
        return self.deleted_vaults.get(vault.key) or self.deleted_vaults.get(vault.name.lower(), ())

    def former_id(self, vault: ArmId) -> ArmId:
        """Return the id with which a vault comes back if it is recovered; its own where nothing is soft-deleted."""
        found = self.soft_deleted(vault)
        return (arm_id(found[0].properties.vault_id) if found else None) or vault

    def _may_hide(self, scope: str, project: ArmId) -> bool:
        site = self.inventory.get(scope)
        named = self.project_of(site) if isinstance(site, Site) else None
        return named is None or named == project

    def project_of(self, site: Site) -> ArmId | None:
        """Return the project that a site names, otherwise the one whose solutions name the site, or None."""
        return owner_of(site) or self._projects_by_site.get(site.arm_id.key)

    def _unread_sites(self, subscription: ArmId) -> tuple[Gap, ...]:
        return once(gap for _, what in SITE_KINDS.values() for gap in self.inventory.gaps(what, subscription))

    @cached_property
    def _homeless(self) -> frozenset[str]:
        """The keys of subscriptions with a site that does not name its project."""
        nameless = (appliance.site for appliance in self.appliances if owner_of(appliance.site) is None)
        return frozenset(site.arm_id.subscription_id.key for site in nameless if site.arm_id.subscription_id)

    @cached_property
    def _projects_by_site(self) -> dict[str, ArmId]:
        """Projects by the key of a site, from the maps of solutions; used for sites that do not name their project."""
        return {
            site.key: solution.arm_id.parent
            for solution in self.inventory.all(Solution)
            for site in map(arm_id, solution.sites_by_appliance.values())
            if site is not None
        }

    @cached_property
    def _vaults_by_uri(self) -> dict[str, ArmId]:
        held = self.inventory.each(Vault)
        return {_uri_key(vault.properties.vault_uri): vault.arm_id for vault in held if vault.properties.vault_uri}


def _places_of(identity: str | None) -> Iterable[str]:
    """Return the keys of a resource and of every path above it; none for a text that is no id."""
    place = arm_id(identity)
    return () if place is None else place.paths


def _is_id(text: str) -> bool:
    return (
        plain_arm_id(text) is not None
        or re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text) is not None
    )


def _uri_key(uri: str) -> str:
    return uri.lower().rstrip("/")


def _grouped(pairs: Iterable[tuple[str, V]]) -> dict[str, tuple[V, ...]]:
    groups: dict[str, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
