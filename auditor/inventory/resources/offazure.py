"""OffAzure sites of the four appliance kinds, master sites and discovery sources."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from auditor.inventory import lists
from auditor.inventory.arm_id import ArmId
from auditor.inventory.resources.fields import BodyPart, Parts, ReadByField, code, count, flag, number, text, time
from auditor.inventory.resources.resource import Body, Reference, Resource, moment


class ServicePrincipalDetails(Body, frozen=True):
    """The Entra identity of an appliance: an application, or with `machine_resource_id` an Arc machine.

    `object_id` may be that of the application or of the service principal, so resolve by `application_id` first.
    """

    tenant_id: str | None = None
    application_id: str | None = None
    object_id: str | None = None
    audience: str | None = None
    machine_resource_id: str | None = None
    x_certificate: dict[str, Any] | None = msgspec.field(default=None, name="x_certificate")

    @property
    def certificate_ends(self) -> datetime | None:
        """The end of the certificate's validity; None where it is unknown."""
        ends = (self.x_certificate or {}).get("not_after")
        return moment(ends) if isinstance(ends, str) else None


class AgentDetails(Body, frozen=True):
    """The agent of an appliance: its version, last heartbeat and key vault."""

    id: str | None = None
    version: str | None = None
    last_heart_beat_utc: str | None = None
    key_vault_uri: str | None = None
    key_vault_id: Reference | None = None

    @property
    def last_heartbeat(self) -> datetime | None:
        """The time of the last heartbeat; None where there was none or it is unknown."""
        return moment(self.last_heart_beat_utc)

    @property
    def version_numbers(self) -> tuple[int, ...] | None:
        """The version as comparable numbers; None where it is unknown or has another form."""
        parts = (self.version or "").strip().split(".")
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            return tuple(map(int, parts))
        return None


class Appliance(Body, frozen=True):
    """An appliance of a site."""

    appliance_name: str | None = None
    agent_details: AgentDetails | None = None
    service_principal_identity_details: ServicePrincipalDetails | None = None


class SiteProperties(Appliance, frozen=True):
    """The properties of a site: its own appliance, and in newer api-versions further ones."""

    discovery_solution_id: Reference | None = None
    master_site_id: Reference | None = None
    provisioning_state: str | None = None
    site_appliance_properties_collection: tuple[Appliance, ...] | None = None


class Site(Resource, frozen=True):
    """A site of any of the four appliance kinds."""

    types: ClassVar[tuple[str, ...]] = (
        "Microsoft.OffAzure/VMwareSites",
        "Microsoft.OffAzure/HyperVSites",
        "Microsoft.OffAzure/ServerSites",
        "Microsoft.OffAzure/ImportSites",
    )
    bare: ClassVar[bool] = True

    properties: SiteProperties | None = None

    @property
    def appliances(self) -> Iterator[Appliance]:
        """The appliances of the site: its own, then the further ones of the collection."""
        if self.properties is None:
            return
        seen = set()
        for appliance in (self.properties, *(self.properties.site_appliance_properties_collection or ())):
            name = (appliance.appliance_name or "").lower()
            if (
                appliance.appliance_name or appliance.agent_details or appliance.service_principal_identity_details
            ) and name not in seen:
                seen.add(name)
                yield appliance


class MasterSiteProperties(Body, frozen=True):
    """The sites that a master site groups."""

    sites: tuple[Reference, ...] | None = None
    public_network_access: str | None = None
    customer_storage_account_arm_id: Reference | None = None


class MasterSite(Resource, frozen=True):
    """A master site."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.OffAzure/MasterSites",)
    bare: ClassVar[bool] = True

    properties: MasterSiteProperties | None = None


class HealthError(Body, frozen=True):
    """An error that an appliance reported about a source: its code, message and severity."""

    code: str | None = None
    message: str | None = None
    summary_message: str | None = None
    severity: str | None = None

    @property
    def text(self) -> str:
        """The message, otherwise the code, on one line; empty where it has neither."""
        return " ".join((self.message or self.summary_message or self.code or "").split())

    @property
    def is_warning(self) -> bool:
        """Whether its severity is less than an error."""
        return (self.severity or "").lower().startswith(("warn", "info"))


class SourceProperties(Body, frozen=True):
    """The address of a source, and the errors reported about it."""

    fqdn: str | None = None
    errors: tuple[HealthError, ...] | None = None


class DiscoverySource(Resource, frozen=True):
    """A vCenter Server, Hyper-V host or Hyper-V cluster that the appliance of a site discovers."""

    types: ClassVar[tuple[str, ...]] = (
        "Microsoft.OffAzure/VMwareSites/vCenters",
        "Microsoft.OffAzure/HyperVSites/hosts",
        "Microsoft.OffAzure/HyperVSites/clusters",
    )

    properties: SourceProperties | None = None

    @property
    def address(self) -> str:
        """Its network address, otherwise its name."""
        return (self.properties.fqdn if self.properties else None) or self.display_name

    @property
    def failures(self) -> tuple[HealthError, ...]:
        """The errors reported about it, without warnings."""
        every = (self.properties.errors if self.properties else None) or ()
        return tuple(error for error in every if not error.is_warning)


class ReportedError(BodyPart):
    """An error that an appliance or the assessment reported about a machine.

    `number` is its number, and `code` its name, which Azure sometimes leaves out.
    """

    number = code("id")
    code = code("code")
    severity = text("severity")
    summary = text("summaryMessage")
    message = text("message")
    updated = time("updatedTimeStamp")


class Machine(ReadByField, frozen=True):
    """The base of a machine as its site, or an assessment, describes it."""

    stated_name = text("displayName", "fqdn", "extendedDetails.displayName")
    errors = Parts(ReportedError, "errors", "extendedDetails.errors")
    created = time("createdTimestamp")
    updated = time("updatedTimestamp")

    @property
    def display_name(self) -> str:
        """The name of the machine; the last segment of the id, which is none, only where there is no other."""
        return self.stated_name or super().display_name


class SiteMachine(Machine, frozen=True):
    """A machine that an appliance discovered, in the list of its site.

    `dynamic_memory` is of Hyper-V, `dependency_mapping` (Enabled, Disabled) of VMware and newer versions. A deleted
    machine stays in the list for some time. Source: the published specifications of Microsoft.OffAzure, 2020-01-01 to
    2023-06-06, which spell some names in two ways.
    """

    types: ClassVar[tuple[str, ...]] = lists.SITE_MACHINES

    is_deleted = flag("isDeleted")
    dynamic_memory = flag("isDynamicMemoryEnabled")
    dependency_mapping = text("dependencyMapping")
    power = text("powerStatus", "powerState")
    cores = count("numberOfProcessorCore")
    memory_mb = number("allocatedMemoryInMB")
    firmware = text("firmware")
    os_name = text("guestOSDetails.osName", "operatingSystemDetails.osName")
    os_version = text("guestOSDetails.osVersion", "operatingSystemDetails.osVersion")
    os_type = text("guestOSDetails.osType", "operatingSystemDetails.osType")
    guest_details_from = time("guestDetailsDiscoveryTimestamp")

    @property
    def has_odd_deletion(self) -> bool:
        """Whether what it says of its deletion is not understood."""
        return self.is_deleted is None and self.held.get("isDeleted") is not None

    @property
    def site(self) -> ArmId:
        """The id of the site that discovered it."""
        return self.arm_id.parent
