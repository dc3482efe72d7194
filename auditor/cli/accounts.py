"""Which account a text on the command line means."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.cli.failures import UsageFailed
from auditor.nearest import no_such

if TYPE_CHECKING:
    from auditor.inventory.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its object id, and the name people know it by (the id where it has none)."""

    id: str
    name: str


def account_in(inventory: "Inventory", text: str) -> Account:
    """Return the account that `text` names.

    An object id that the directory part of the snapshot does not hold is taken as it is: role assignments name accounts
    that nobody looked up. Raises `UsageFailed` where a name is unknown (with the nearest) or means several.
    """
    from auditor.collect.scope import is_guid
    from auditor.inventory.accounts import find_account

    found = find_account(inventory, text)
    if len(found) > 1:
        names = " or ".join(f"`{one.id}`" for one in found)
        raise UsageFailed(f"more than one account is called `{text}`; name one of {names}")
    if found:
        return Account(found[0].id, found[0].label)
    if is_guid(text) or _is_principal(inventory, text):
        return Account(text, text)
    raise UsageFailed(no_such("account", text, _known_names(inventory)))


def _is_principal(inventory: "Inventory", text: str) -> bool:
    """Whether a link or an assignment speaks of an object with this id."""
    from auditor.inventory.resources.authorization import AssignmentInstance, EligibilityInstance

    activable = (one.properties for one in inventory.all(EligibilityInstance))
    active = (one.properties for one in inventory.all(AssignmentInstance))
    named = {(held.principal_id or "").lower() for held in (*activable, *active)}
    linked = inventory.links("transitiveMemberOf", text) or inventory.links("directoryRole", text)
    return bool(linked) or text.lower() in inventory.assignments.principals or text.lower() in named


def _known_names(inventory: "Inventory") -> list[str]:
    from auditor.inventory.resources.directory import Group, ServicePrincipal, User

    mails = [user.mail for user in inventory.objects(User) if user.mail]
    return [*mails, *(one.label for kind in (User, ServicePrincipal, Group) for one in inventory.objects(kind))]
