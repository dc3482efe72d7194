"""How an appliance registered: a signed-in user, a pre-made Entra application, or the identity of an Arc machine."""

from enum import Enum

from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown
from auditor.facts.presence import not_in_body
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import APPLICATIONS, DELETED_APPLICATIONS, SERVICE_PRINCIPALS
from auditor.inventory.resources.directory import Application, DeletedApplication, ServicePrincipal

SUFFIXES = ("agentauthaadapp", "resourceaccessaadapp", "authandaccessaadapp")
"""How the names end of the applications that an appliance makes when a user registers it; people give any other."""

UNDECIDABLE = "Undecidable"
"""Code of a gap for what Azure does not tell at all."""


class Mode(Enum):
    """Who registers an appliance."""

    USER = "user"
    APP = "app"
    ARC = "arc"


class Directory:
    """The applications of one inventory by application id."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._applications = {(app.app_id or "").lower(): app for app in inventory.objects(Application)}
        self._deleted = {(app.app_id or "").lower(): app for app in inventory.objects(DeletedApplication)}
        self._principals = {(it.app_id or "").lower(): it for it in inventory.objects(ServicePrincipal)}

    def application(self, app_id: str) -> Application | None:
        """Return the application with this application id, or None where none is held."""
        held = self._applications.get(app_id.lower())
        return None if isinstance(held, DeletedApplication) else held

    def deleted(self, app_id: str) -> DeletedApplication | None:
        """Return the deleted, restorable application with this application id, or None where none is held."""
        return self._deleted.get(app_id.lower())

    def principal(self, app_id: str) -> ServicePrincipal | None:
        """Return the service principal with this application id, or None where none is held."""
        return self._principals.get(app_id.lower())

    def mode_of(self, appliance: ApplianceOnSite) -> Fact[Mode]:
        """Return how the appliance registered.

        An Arc machine's id on the site, or a managed identity in the directory, says `arc`. An application's name says
        `user` if it ends as appliances name theirs, else `app`: a pre-made one has any name. Where neither the site nor
        the directory tells the name, the mode stays unknown.
        """
        identity = appliance.identity
        site = str(appliance.site.arm_id)
        if identity is None or not (identity.machine_resource_id or identity.application_id):
            return not_in_body(self.inventory, appliance.what, site, "identity of the appliance")
        if identity.machine_resource_id:
            return Known(Mode.ARC, (Evidence(site, f"identity of the Arc machine {identity.machine_resource_id}"),))
        if has_made_name((identity.audience or "").rstrip("/").rpartition("/")[2]):
            return Known(Mode.USER, (Evidence(site, f"audience: {identity.audience}"),))
        return self._mode_of_application(identity.application_id or "")

    def _mode_of_application(self, app_id: str) -> Fact[Mode]:
        held = self.application(app_id)
        if held is not None:
            return self._by_name(held, app_id)
        principal = self.principal(app_id)
        if principal is not None and (principal.service_principal_type or "").lower() == "managedidentity":
            return Known(Mode.ARC, (Evidence(principal.id, "a managed identity"),))
        gaps = (*self.inventory.gaps(APPLICATIONS, app_id), *self.inventory.gaps(SERVICE_PRINCIPALS, app_id))
        deleted = self.deleted(app_id)
        if deleted is not None and not gaps:
            return self._by_name(deleted, app_id)
        gaps = gaps or self.inventory.gaps(DELETED_APPLICATIONS, "/")
        if gaps:
            return Unknown(gaps)
        if principal is not None:
            return self._by_name(principal, app_id)
        message = "the application is gone, so its name can no longer tell whether a registering user made it"
        return Unknown((Gap(APPLICATIONS, app_id, 0, UNDECIDABLE, message),))

    def _by_name(self, held: Application | ServicePrincipal, app_id: str) -> Fact[Mode]:
        if not held.display_name:
            return not_in_body(self.inventory, APPLICATIONS, app_id, "name of the application")
        mode = Mode.USER if has_made_name(held.display_name) else Mode.APP
        return Known(mode, (Evidence(held.id, f"name: {held.display_name}"),))


def has_made_name(name: str) -> bool:
    """Return whether an application is called as appliances call those that they make for a registering user."""
    return name.lower().endswith(SUFFIXES)
