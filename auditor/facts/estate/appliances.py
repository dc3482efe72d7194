"""One appliance where it sits, as its site tells of it."""

from dataclasses import dataclass

from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import HYPERV_SITES, SERVER_SITES, VMWARE_SITES
from auditor.inventory.resources.offazure import AgentDetails, Appliance, ServicePrincipalDetails, Site

SITE_KINDS = {
    "microsoft.offazure/vmwaresites": ("VMware", VMWARE_SITES),
    "microsoft.offazure/hypervsites": ("HyperV", HYPERV_SITES),
    "microsoft.offazure/serversites": ("Server", SERVER_SITES),
}
"""The sites that have appliances; an import site has none."""


@dataclass(frozen=True, slots=True)
class ApplianceOnSite:
    """One appliance where it sits: its site, what the site says of it, and the project it belongs to.

    `appliance` is None where only the site's name could be read. `project` is None where the site names none.
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
        """The list that the site is in."""
        return SITE_KINDS[self.site.arm_id.type.lower()][1]

    @property
    def name(self) -> str:
        """The appliance's name, else the site's."""
        return (self.appliance.appliance_name if self.appliance else None) or self.site.display_name

    @property
    def agent(self) -> AgentDetails | None:
        """What the site says of the appliance's agent."""
        return self.appliance.agent_details if self.appliance else None

    @property
    def identity(self) -> ServicePrincipalDetails | None:
        """What the site says of the identity that the appliance signs in with."""
        return self.appliance.service_principal_identity_details if self.appliance else None

    @property
    def application_id(self) -> str | None:
        """The id (lower case) of the Entra application it signs in with; None for an Arc machine's identity."""
        identity = self.identity
        if identity is None or identity.machine_resource_id or not identity.application_id:
            return None
        return identity.application_id.lower()
