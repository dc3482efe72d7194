"""The account that a text names, in this tenant or in another.

`account_in` looks a name up exactly. `account_meant` also accepts applications, groups and addresses of other tenants.
"""

import re
from dataclasses import dataclass

from auditor.collect.request import BadRequest, UnknownAccount
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import Application, Group, ServicePrincipal, User
from auditor.inventory.resources.subscriptions import Tenant
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.nearest import did_you_mean, no_such

_ADDRESS = re.compile(r"[\w.!%&'*+/=?^{|}~-]+@[\w-]+(\.[\w-]+)+").fullmatch


@dataclass(frozen=True, slots=True)
class MeantAccount:
    """An account: its object id, and the name people know it by (the id where it has none)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Meant:
    """The object id of the account that a text means, and a note on how the text was understood (may be empty)."""

    id: str
    note: str = ""

    def within(self, inventory: Inventory) -> MeantAccount:
        """Return the account with the name that `inventory` knows it by."""
        held = inventory.object(self.id)
        return MeantAccount(self.id, self.id if held is None else held.label)


class Strangers:
    """The accounts that something is read about, sorted into those of this tenant and those of others.

    A name that is not in the directory is either a slip or an address of another tenant. Which domains belong to this
    tenant is known only after reading, so that it is read again without the names that may be addresses of others.
    """

    def __init__(self, accounts: tuple[str, ...]) -> None:
        """Take all of them for accounts of this tenant."""
        self.named = accounts
        self._unknown: list[UnknownAccount] = []

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those that may be of other tenants."""
        return tuple(one.asked for one in self._unknown)

    def leave_out(self, unknown: UnknownAccount) -> None:
        """Leave out a name that the directory does not have; raises it again if it is no address."""
        if unknown.several or "@" not in unknown.asked:
            raise unknown
        self.named = tuple(text for text in self.named if text != unknown.asked)
        self._unknown.append(unknown)

    def check(self, snapshot: Snapshot) -> None:
        """Raise `UnknownAccount` for an address in a domain of the tenant that was read."""
        if self._unknown:
            inventory = Inventory.of(snapshot)
            for unknown in self._unknown:
                if not is_foreign_address(inventory, unknown.asked):
                    raise unknown


def account_in(inventory: Inventory, text: str) -> MeantAccount:
    """Return the account that `text` names.

    An object id that is not in the directory part of the snapshot is accepted as it is, because role assignments refer
    to accounts that were never looked up. Raises `BadRequest` for an unknown name (with the nearest) and for a name
    that several accounts share.
    """
    from auditor.collect.scope import is_guid
    from auditor.inventory.accounts import find_account

    found = find_account(inventory, text)
    if len(found) > 1:
        names = " or ".join(f"`{one.id}`" for one in found)
        raise BadRequest(f"more than one account is called `{text}`; name one of {names}")
    if found:
        return MeantAccount(found[0].id, found[0].label)
    if is_guid(text) or _is_principal(inventory, text):
        return MeantAccount(text, text)
    raise BadRequest(no_such("account", text, _known_names(inventory)))


def _is_principal(inventory: Inventory, text: str) -> bool:
    """Return whether a link, an assignment or an eligibility refers to an object with this id."""
    from auditor.inventory.resources.authorization import AssignmentInstance, EligibilityInstance

    activable = (one.properties for one in inventory.all(EligibilityInstance))
    active = (one.properties for one in inventory.all(AssignmentInstance))
    named = {(held.principal_id or "").lower() for held in (*activable, *active)}
    linked = inventory.links("transitiveMemberOf", text) or inventory.links("directoryRole", text)
    return bool(linked) or text.lower() in inventory.assignments.principals or text.lower() in named


def _known_names(inventory: Inventory) -> list[str]:
    mails = [user.mail for user in inventory.objects(User) if user.mail]
    return [*mails, *(one.label for kind in (User, ServicePrincipal, Group) for one in inventory.objects(kind))]


def account_meant(inventory: Inventory, text: str) -> Meant:
    """Return the account that `text` names.

    The ids of an application mean its service principal, and the name or id of a group means its members. An address in
    a domain of another tenant is accepted as it is: nothing can be known about it here. Raises `BadRequest` for any
    other name that is unknown, and for one that several accounts share.
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
    except BadRequest:
        if is_foreign_address(inventory, text):
            meant = did_you_mean(text, _namesakes(inventory, text))
            return Meant(text, f"`{text}` belongs to another tenant: nothing can be known about it here{meant}")
        raise
    held = inventory.object(found.id)
    if isinstance(held, ServicePrincipal) and (held.app_id or "").lower() == text.lower():
        return Meant(held.id, f"`{text}` is an application id; its service principal `{held.id}` is used")
    return Meant(found.id, _of_group(held) if isinstance(held, Group) else "")


def _of_application(inventory: Inventory, application: Application) -> Meant:
    app_id = (application.app_id or "").lower()
    own = [one for one in inventory.objects(ServicePrincipal) if one.app_id and one.app_id.lower() == app_id]
    if not own:
        raise BadRequest(
            f"`{application.id}` is the object id of the application `{application.label}`, which has no service "
            "principal in this tenant: only a service principal can be given rights"
        )
    return Meant(
        own[0].id,
        f"`{application.id}` is the object id of an application; its service principal `{own[0].id}` is used",
    )


def _of_group(group: Group) -> str:
    return f"`{group.label}` is a group: the answer is about its members"


def _namesakes(inventory: Inventory, address: str) -> list[str]:
    """Return the users of this tenant with the same name before the `@`: the domain may be a slip."""
    name = address.partition("@")[0].casefold()
    return [user.label for user in inventory.objects(User) if user.label.partition("@")[0].casefold() == name]


def is_foreign_address(inventory: Inventory, text: str) -> bool:
    """Return whether `text` is an address in a domain that nobody in this tenant signs in with."""
    domain = text.rpartition("@")[2].casefold()
    return bool(_ADDRESS(text)) and bool(_domains(inventory)) and domain not in _domains(inventory)


def _domains(inventory: Inventory) -> frozenset[str]:
    """Return the tenant's own domains, as far as the tenant and the sign-in names of its users show them."""
    found: set[str] = set()
    for tenant in inventory.all(Tenant):
        if tenant.arm_id.name.lower() == inventory.tenant_id.lower():
            body = inventory.body(tenant.arm_id) or {}
            domains = body.get("domains")
            listed = domains if isinstance(domains, list) else []
            found |= {str(one).casefold() for one in (*listed, tenant.default_domain) if one}
    names = (user.user_principal_name or "" for user in inventory.objects(User))
    return frozenset(found | {name.rpartition("@")[2].casefold() for name in names if "@" in name})
