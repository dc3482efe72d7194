"""The account that a text on the command line names, in this tenant or in another.

`account_in` looks a name up exactly. `account_meant` also accepts applications, groups and addresses of other tenants.
`asked_account` prints how the text was understood, and `answer_about` asks the access engine about the result.
`read_despite_strangers` reads an environment even if some of the accounts belong to another tenant.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.access.access import Access
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal
from auditor.collect.request import UnknownAccount
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import USERS
from auditor.inventory.reads import Gap
from auditor.inventory.resources.directory import Application, Group, ServicePrincipal, User
from auditor.inventory.resources.subscriptions import Tenant
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.nearest import did_you_mean, no_such

if TYPE_CHECKING:
    from auditor.inventory.arm_id import ArmId


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


def account_in(inventory: Inventory, text: str) -> MeantAccount:
    """Return the account that `text` names.

    An object id that is not in the directory part of the snapshot is accepted as it is, because role assignments refer
    to accounts that were never looked up. Raises `UsageFailed` for an unknown name (with the nearest) and for a name
    that several accounts share.
    """
    from auditor.collect.scope import is_guid
    from auditor.inventory.accounts import find_account

    found = find_account(inventory, text)
    if len(found) > 1:
        names = " or ".join(f"`{one.id}`" for one in found)
        raise UsageFailed(f"more than one account is called `{text}`; name one of {names}")
    if found:
        return MeantAccount(found[0].id, found[0].label)
    if is_guid(text) or _is_principal(inventory, text):
        return MeantAccount(text, text)
    raise UsageFailed(no_such("account", text, _known_names(inventory)))


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
    a domain of another tenant is accepted as it is: nothing can be known about it here. Raises `UsageFailed` for any
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
    except UsageFailed:
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
        raise UsageFailed(
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


def asked_account(inventory: Inventory, text: str, terminal: Terminal) -> MeantAccount:
    """Return the account that `text` means, and print on stderr how it was understood.

    Raises `UsageFailed` for a name that is unknown, or that several accounts share.
    """
    meant = account_meant(inventory, text)
    if meant.note:
        terminal.note(meant.note)
    held = inventory.object(meant.id)
    return MeantAccount(meant.id, meant.id if held is None else held.label)


def answer_about(access: Access, who: MeantAccount, action: str, scope: "ArmId", plane: Plane) -> AccessAnswer:
    """Return the engine's answer; it is unknown for an account of another tenant."""
    if access.inventory.object(who.id) is None and is_foreign_address(access.inventory, who.id):
        message = "the account belongs to another tenant: which object represents it here, if any, cannot be read"
        return AccessAnswer(AccessVerdict.UNKNOWN, (), (Gap(USERS, who.id, 0, "OtherTenant", message),))
    return access.can(who.id, action, scope, plane)


def read_despite_strangers(read: Callable[[tuple[str, ...]], Snapshot], accounts: tuple[str, ...]) -> Snapshot:
    """Return what `read` returns for `accounts`, without those that belong to another tenant.

    A name that is not in the directory is either a slip, which raises `UnknownAccount`, or an address of another
    tenant. Which domains belong to this tenant is known only after reading.
    """
    try:
        return read(accounts)
    except UnknownAccount as unknown:
        if unknown.several or "@" not in unknown.asked:
            raise
        snapshot = read_despite_strangers(read, tuple(text for text in accounts if text != unknown.asked))
        if not is_foreign_address(Inventory.of(snapshot), unknown.asked):
            raise
        return snapshot
