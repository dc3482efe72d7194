"""Whom a preflight is about: an account by any of its names, a group, or somebody of another tenant."""

from dataclasses import dataclass

from auditor.cli.accounts import account_in
from auditor.cli.failures import UsageFailed
from auditor.cli.strangers import is_foreign_address
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import Application, Group, ServicePrincipal, User
from auditor.nearest import did_you_mean


@dataclass(frozen=True, slots=True)
class Meant:
    """The object id of the account that was meant, and what has to be said about it (may be empty)."""

    id: str
    told: str = ""


def account_meant(inventory: Inventory, text: str) -> Meant:
    """Return the account that `text` names.

    The ids of an application mean its service principal, a group's name or id means its members, and an address of a
    domain that is not this tenant's is taken as it is: nothing can be known of it here. Raises `UsageFailed` for any
    other name that is unknown, and for one that several accounts bear.
    """
    application = inventory.object(text)
    if isinstance(application, Application):
        return _of_application(inventory, application)
    groups = [one for one in inventory.objects(Group) if one.label.casefold() == text.casefold()]
    if len(groups) == 1:
        return Meant(groups[0].id, _of_group(groups[0]))
    services = [one for one in inventory.objects(ServicePrincipal) if one.label.casefold() == text.casefold()]
    if len(services) == 1:
        return Meant(services[0].id)
    try:
        found = account_in(inventory, text)
    except UsageFailed:
        if is_foreign_address(inventory, text):
            meant = did_you_mean(text, _namesakes(inventory, text))
            return Meant(text, f"`{text}` is of another tenant: nothing can be known of it here{meant}")
        raise
    held = inventory.object(found.id)
    if isinstance(held, ServicePrincipal) and (held.app_id or "").lower() == text.lower():
        return Meant(held.id, f"`{text}` is an application id; its service principal `{held.id}` is taken")
    return Meant(found.id, _of_group(held) if isinstance(held, Group) else "")


def _namesakes(inventory: Inventory, address: str) -> list[str]:
    """The users of this tenant with the same name before the `@`: the domain may be a slip."""
    name = address.partition("@")[0].casefold()
    return [user.label for user in inventory.objects(User) if user.label.partition("@")[0].casefold() == name]


def _of_application(inventory: Inventory, application: Application) -> Meant:
    own = [one for one in inventory.objects(ServicePrincipal) if one.app_id and one.app_id.lower() == _key(application)]
    if not own:
        raise UsageFailed(
            f"`{application.id}` is the object id of the application `{application.label}`, which has no service "
            "principal in this tenant: only a service principal can be given rights"
        )
    return Meant(
        own[0].id,
        f"`{application.id}` is the object id of an application; its service principal `{own[0].id}` is taken",
    )


def _key(application: Application) -> str:
    return (application.app_id or "").lower()


def _of_group(group: Group) -> str:
    return f"`{group.label}` is a group: this is about its members"
