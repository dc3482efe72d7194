"""Appliances, as the bodies of their sites describe them."""

from dataclasses import dataclass

from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import HYPERV_SITES, SERVER_SITES, VMWARE_SITES
from auditor.inventory.resources.offazure import AgentDetails, Appliance, ServicePrincipalDetails, Site

SITE_KINDS = {
    "microsoft.offazure/vmwaresites": ("VMware", VMWARE_SITES),
    "microsoft.offazure/hypervsites": ("HyperV", HYPERV_SITES),
    "microsoft.offazure/serversites": ("Server", SERVER_SITES),
}
"""The types of sites with appliances, each with its short name and its list; an import site has no appliance."""


@dataclass(frozen=True, slots=True)
class ApplianceOnSite:
    """One appliance on its site: the site, its description of the appliance, and the project it belongs to.

    `appliance` is None if only the site's name could be read. `project` is None if the site names none.
    """

    site: Site
    appliance: Appliance | None
    project: ArmId | None

    @property
    def kind(self) -> str:
        """`VMware`, `HyperV` or `Server`."""
        return SITE_KINDS[self.site.arm_id.type.lower()][0]

    @property
    def what(self) -> str:
        """The list that contains the site."""
        return SITE_KINDS[self.site.arm_id.type.lower()][1]

    @property
    def name(self) -> str:
        """The appliance's name, otherwise the site's."""
        return (self.appliance.appliance_name if self.appliance else None) or self.site.display_name

    @property
    def agent(self) -> AgentDetails | None:
        """The appliance's agent, as the site describes it."""
        return self.appliance.agent_details if self.appliance else None

    @property
    def identity(self) -> ServicePrincipalDetails | None:
        """The identity that the appliance signs in with, as the site describes it."""
        return self.appliance.service_principal_identity_details if self.appliance else None

    @property
    def application_id(self) -> str | None:
        """The id (lower case) of the Entra application it signs in with; None for an Arc machine's identity."""
        identity = self.identity
        if identity is None or identity.machine_resource_id or not identity.application_id:
            return None
        return identity.application_id.lower()
