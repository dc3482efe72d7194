"""Registration modes of appliances: a signed-in user, a pre-made Entra application, or an Arc machine's identity."""

from enum import Enum

from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.joins import Estate
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, any_of, hidden_by, map_fact
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import APPLICATIONS, DELETED_APPLICATIONS, SERVICE_PRINCIPALS
from auditor.inventory.reads import UNDECIDABLE
from auditor.inventory.resources.directory import Application, DeletedApplication, ServicePrincipal

FOR_BOTH = "authandaccessaadapp"
"""The suffix of an application that an appliance made for itself and for its vault."""
SUFFIXES = ("agentauthaadapp", "resourceaccessaadapp", FOR_BOTH)
"""Suffixes of the names of applications that an appliance creates when a user registers it."""


class Mode(Enum):
    """The identity that registers an appliance."""

    USER = "user"
    APP = "app"
    ARC = "arc"


_OWN_IDENTITY = {"ServicePrincipal": Mode.APP, "ManagedIdentity": Mode.ARC}
"""The mode in which an account of this type registers as the appliance's own identity."""


class Directory:
    """The applications and service principals of one inventory, by application id."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._applications = {(app.app_id or "").lower(): app for app in inventory.objects(Application)}
        self._deleted = {(app.app_id or "").lower(): app for app in inventory.objects(DeletedApplication)}
        self._principals = {(it.app_id or "").lower(): it for it in inventory.objects(ServicePrincipal)}

    def application(self, app_id: str) -> Application | None:
        """Return the application with this application id, or None."""
        held = self._applications.get(app_id.lower())
        return None if isinstance(held, DeletedApplication) else held

    def deleted(self, app_id: str) -> DeletedApplication | None:
        """Return the deleted, restorable application with this application id, or None."""
        return self._deleted.get(app_id.lower())

    def principal(self, app_id: str) -> ServicePrincipal | None:
        """Return the service principal with this application id, or None."""
        return self._principals.get(app_id.lower())

    def mode_of(self, appliance: ApplianceOnSite) -> Fact[Mode]:
        """Return how the appliance registered.

        An Arc machine's id on the site, or a managed identity in the directory, means `arc`. An application means
        `user` if its name has one of the `SUFFIXES`, otherwise `app`. The mode is unknown if neither the site nor the
        directory contains the name.
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

    def is_gone(self, appliance: ApplianceOnSite) -> bool:
        """Return whether the directory was read and holds the appliance's application no more, not even to be restored.

        Such an appliance registers again and gets a new one. What an appliance of another tenant has cannot be seen.
        """
        app_id, identity = appliance.application_id or "", appliance.identity
        if not app_id or identity is None or identity.machine_resource_id:
            return False
        if (identity.tenant_id or "").lower() not in {"", self.inventory.tenant_id.lower()}:
            return False
        held = (self.application(app_id), self.principal(app_id), self.deleted(app_id))
        return not any(held) and not self._unread(app_id) and not self.inventory.gaps(DELETED_APPLICATIONS, "/")

    def _unread(self, app_id: str) -> tuple[Gap, ...]:
        return (*self.inventory.gaps(APPLICATIONS, app_id), *self.inventory.gaps(SERVICE_PRINCIPALS, app_id))

    def _mode_of_application(self, app_id: str) -> Fact[Mode]:
        held = self.application(app_id)
        if held is not None:
            return self._by_name(held, app_id)
        principal = self.principal(app_id)
        if principal is not None and (principal.service_principal_type or "").lower() == "managedidentity":
            return Known(Mode.ARC, (Evidence(principal.id, "a managed identity"),))
        gaps = self._unread(app_id)
        deleted = self.deleted(app_id)
        if deleted is not None and not gaps:
            return self._by_name(deleted, app_id)
        gaps = gaps or self.inventory.gaps(DELETED_APPLICATIONS, "/")
        if gaps:
            return Unknown(gaps)
        if principal is not None:
            return self._by_name(principal, app_id)
        message = "the directory holds no such application, whose name would show whether a registering user made it"
        return Unknown((Gap(APPLICATIONS, app_id, 0, UNDECIDABLE, message),))

    def _by_name(self, held: Application | ServicePrincipal, app_id: str) -> Fact[Mode]:
        if not held.display_name:
            return not_in_body(self.inventory, APPLICATIONS, app_id, "name of the application")
        mode = Mode.USER if has_made_name(held.display_name) else Mode.APP
        return Known(mode, (Evidence(held.id, f"name: {held.display_name}"),))


def has_made_name(name: str) -> bool:
    """Return whether the name is one that appliances give to the application they create for a user."""
    return name.lower().endswith(SUFFIXES)


def mode_of_registration(
    estate: Estate, directory: Directory, project: ArmId, kind: Fact[str], mode: Mode | None, *, asked: bool
) -> Fact[Mode]:
    """Return the mode in which appliances of the project will register.

    A given `mode` comes first. A named service principal (`asked`; `kind` is the type of the account) can only be an
    appliance's own identity. Otherwise a user registers, unless all appliances of the project registered another way.
    One whose application is gone, and with it the sign of how it registered, counts like no appliance.
    """
    if mode is not None:
        return Known(mode)
    if asked and isinstance(kind, Known) and kind.value in _OWN_IDENTITY:
        return Known(_OWN_IDENTITY[kind.value], kind.because)
    if asked and isinstance(kind, Unknown):
        return kind
    each = [(one, directory.mode_of(one)) for one in estate.appliances_of(project)]
    modes = [fact for one, fact in each if isinstance(fact, Known) or not directory.is_gone(one)]
    hidden = hidden_by(estate.site_gaps(project))
    no_appliance = Known(not modes and not hidden)  # an unseen appliance may have registered another way
    by_user = any_of([*(map_fact(lambda it: it is Mode.USER, fact) for fact in modes), no_appliance, *hidden])
    others = {fact.value for fact in modes if isinstance(fact, Known)}
    return map_fact(lambda user: Mode.USER if user else (Mode.ARC if others == {Mode.ARC} else Mode.APP), by_user)


def registers(mode: Mode, kind: str, *, asked: bool) -> bool:
    """Return whether an account of this type (see `account_type`) registers appliances in this mode."""
    if kind in _OWN_IDENTITY:
        return asked and mode is _OWN_IDENTITY[kind]
    return mode is Mode.USER
