"""Which account a text on the command line means, in this tenant or in another."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.access.access import Access
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import USERS
from auditor.inventory.reads import Gap
from auditor.inventory.resources.directory import Application, Group, ServicePrincipal, User
from auditor.nearest import did_you_mean

if TYPE_CHECKING:
    from auditor.inventory.arm_id import ArmId
    from auditor.inventory.inventory import Inventory

from typing import TYPE_CHECKING

from auditor.nearest import no_such

if TYPE_CHECKING:
    from auditor.inventory.inventory import Inventory

from collections.abc import Callable

from auditor.collect.request import UnknownAccount
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.subscriptions import Tenant
from auditor.inventory.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class MeantAccount:
    """An account: its object id, and the name people know it by (the id where it has none)."""

    id: str
    name: str


def account_in(inventory: "Inventory", text: str) -> MeantAccount:
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
        return MeantAccount(found[0].id, found[0].label)
    if is_guid(text) or _is_principal(inventory, text):
        return MeantAccount(text, text)
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


def read_despite_strangers(read: Callable[[tuple[str, ...]], Snapshot], accounts: tuple[str, ...]) -> Snapshot:
    """Return what `read` yields for those of `accounts` that are not of another tenant.

    What the directory does not hold is either a slip, which raises `UnknownAccount`, or an address of another tenant.
    Only what was read tells which domains are this tenant's.
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


def is_foreign_address(inventory: Inventory, text: str) -> bool:
    """Return whether `text` is an address of a domain that nobody of this tenant signs in with."""
    domain = text.rpartition("@")[2].casefold()
    return "@" in text and "#" not in text and bool(_domains(inventory)) and domain not in _domains(inventory)


def _domains(inventory: Inventory) -> frozenset[str]:
    """The tenant's own domains, as far as the tenant and the sign-in names of its users tell."""
    found: set[str] = set()
    for tenant in inventory.all(Tenant):
        if tenant.arm_id.name.lower() == inventory.tenant_id.lower():
            body = inventory.body(tenant.arm_id) or {}
            domains = body.get("domains")
            listed = domains if isinstance(domains, list) else []
            found |= {str(one).casefold() for one in (*listed, tenant.default_domain) if one}
    names = (user.user_principal_name or "" for user in inventory.objects(User))
    return frozenset(found | {name.rpartition("@")[2].casefold() for name in names if "@" in name})


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


def asked_account(inventory: "Inventory", text: str, terminal: Terminal) -> MeantAccount:
    """Return the account that `text` means, after saying on stderr what it was taken for.

    Raises `UsageFailed` for a name that is unknown, or that several accounts bear.
    """
    meant = account_meant(inventory, text)
    if meant.told:
        terminal.note(meant.told)
    held = inventory.object(meant.id)
    return MeantAccount(meant.id, meant.id if held is None else held.label)


def answer_about(access: Access, who: MeantAccount, action: str, scope: "ArmId", plane: Plane) -> AccessAnswer:
    """Return the engine's answer; of somebody of another tenant nothing can be known here, so it is unknown."""
    if access.inventory.object(who.id) is None and is_foreign_address(access.inventory, who.id):
        message = "the account is of another tenant: which object stands for it here, if any, cannot be read"
        return AccessAnswer(AccessVerdict.UNKNOWN, (), (Gap(USERS, who.id, 0, "OtherTenant", message),))
    return access.can(who.id, action, scope, plane)
