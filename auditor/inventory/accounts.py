"""The search for an account in an inventory by any of its names."""

from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import Application, DirectoryObject, Group, ServicePrincipal, User


def find_account(inventory: Inventory, text: str) -> tuple[DirectoryObject, ...]:
    """Return the objects that `text` names: none, one, or several.

    The first kind of name that matches anything counts, in the order of Microsoft's own tools: object id, sign-in name
    (UPN), mail, the guest form `user_domain#EXT#`, app id of a service principal. The object id of an application
    stands for its service principal, which is what holds roles. An empty text names nothing.
    """
    text = text.strip()
    if not text:
        return ()
    held = inventory.object(text)
    if isinstance(held, User | Group | ServicePrincipal):
        return (held,)
    wanted = text.lower()
    app_id = (held.app_id or "").lower() if isinstance(held, Application) else wanted
    users = inventory.objects(User)
    for found in (
        tuple(user for user in users if (user.user_principal_name or "").lower() == wanted),
        tuple(user for user in users if (user.mail or "").lower() == wanted),
        tuple(user for user in users if _is_guest_form(user, wanted)),
        tuple(one for one in inventory.objects(ServicePrincipal) if app_id and (one.app_id or "").lower() == app_id),
    ):
        if found:
            return found
    return ()


def guest_nickname(text: str) -> str:
    """Return the mail nickname of a guest with the mail `text`: `user@domain` → `user_domain#EXT#`."""
    name = text.partition("#")[0] if "#" in text else text
    return name.replace("@", "_") + "#EXT#"


def _is_guest_form(user: User, wanted: str) -> bool:
    nickname = guest_nickname(wanted).lower()
    held = (user.mail_nickname or "").lower()
    return held == nickname or (user.user_principal_name or "").lower().partition("@")[0] == nickname
