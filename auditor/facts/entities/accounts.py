"""Accounts: name, type, and whether each can sign in (known to this tenant, enabled, invitation accepted)."""

from collections.abc import Callable, Iterator

from auditor.access.directory.members import depends_on_member, is_group, members_of
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, not_, once
from auditor.facts.presence import NOT_IN_BODY, not_in_body
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DIRECTORY_OBJECTS, USERS, needs_of
from auditor.inventory.resources.directory import PENDING, Application, DirectoryObject, Group, ServicePrincipal, User
from auditor.inventory.resources.offazure import Site

_EXTERNAL = "#ext#"

PRINCIPAL_TYPES = {"ManagedIdentity": "ServicePrincipal"}
"""Account types that `az role assignment create` calls by another name."""

NOT_IN_DIRECTORY = "NotInDirectory"
"""Code of a gap for an account that is missing from a completely read directory."""


def unseen(inventory: Inventory, object_id: str) -> tuple[Gap, ...]:
    """Return the gaps of an account that the directory did not return; empty for other accounts.

    Such an account was permanently deleted or belongs to another tenant. Its groups there cannot be read here, so even
    a missing right cannot be established.
    """
    if inventory.object(object_id) is not None or _made_this(inventory, object_id) or _deleted(inventory, object_id):
        return ()
    if "@" in object_id:
        message = "an address of another tenant: the groups and roles of an account there cannot be read from here"
        return (Gap(DIRECTORY_OBJECTS, object_id, 0, NOT_IN_DIRECTORY, message),)
    unread = (*inventory.gaps(USERS, object_id), *inventory.gaps(DIRECTORY_OBJECTS, object_id))
    message = "this directory holds no such account: it was deleted, or belongs to another tenant"
    text = _application_here(inventory, object_id) or f"{message}, where nothing can be read"
    return once(unread) or (Gap(DIRECTORY_OBJECTS, object_id, 0, NOT_IN_DIRECTORY, text),)


def _application_here(inventory: Inventory, object_id: str) -> str:
    """Return in words that the id is an application's, and no account's; empty if no site or object shows that."""
    wanted = object_id.lower()
    applications = {(one.app_id or "").lower() for one in inventory.objects(Application)}
    if wanted not in applications and not any(wanted in _identities(site) for site in inventory.all(Site)):
        return ""
    return "only known as the id of an application: this directory holds no service principal of it"


def _identities(site: Site) -> Iterator[str]:
    """Yield the application ids of the appliances of a site, in lower case."""
    held = site.properties
    for one in (held, *(held.site_appliance_properties_collection or ())) if held else ():
        identity = one.service_principal_identity_details
        if identity and identity.application_id:
            yield identity.application_id.lower()


def may_sign_in(inventory: Inventory, object_id: str) -> Fact[bool]:
    """Return whether the account can get a token; true for the account that made the snapshot.

    A group can if every member can, and cannot if no member can.
    """
    if is_group(inventory, object_id):
        return of_every_member(
            inventory, object_id, lambda one: may_sign_in(inventory, one), "whether a member can sign in"
        )
    if _made_this(inventory, object_id):
        return Known(True, (Evidence(object_id, "read this environment"),))
    if _deleted(inventory, object_id):
        return Known(False, (Evidence(object_id, "the account was deleted"),))
    return all_of((enabled(inventory, object_id), not_(invitation_pending(inventory, object_id))))


def of_every_member(inventory: Inventory, group: str, ask: Callable[[str], Fact[bool]], what: str) -> Fact[bool]:
    """Return what `ask` says about every member of a group; unknown where they differ or were not read."""
    each = [ask(member) for member in members_of(inventory, group)]
    found = {fact.value if isinstance(fact, Known) else None for fact in each}
    if len(found) == 1 and None not in found:
        return all_of(each)
    return Unknown((depends_on_member(group, what),))


def _made_this(inventory: Inventory, object_id: str) -> bool:
    return inventory.header.by.object_id.lower() == object_id.lower()


def _deleted(inventory: Inventory, object_id: str) -> bool:
    key = object_id.lower()
    return inventory.object(key) is None and any(
        record.deleted and record.id.lower() == key for record in inventory.snapshot.graph
    )


def account_name(inventory: Inventory, object_id: str) -> str:
    """Return the name to show for an account: from the directory, the snapshot (its own account), or the object id."""
    held = inventory.object(object_id)
    if held is not None:
        return held.label
    by = inventory.header.by
    return by.name if by.object_id.lower() == object_id.lower() and by.name else object_id


def known_name(inventory: Inventory, object_id: str) -> Fact[str]:
    """Return the name of an account in the directory."""
    held = inventory.object(object_id)
    return _unread(inventory, object_id) if held is None else Known(held.label, (Evidence(object_id),))


def account_type(inventory: Inventory, object_id: str) -> Fact[str]:
    """Return `User`, `ServicePrincipal`, `ManagedIdentity` or `Group`."""
    held = inventory.object(object_id)
    because = (Evidence(object_id),)
    if isinstance(held, User):
        return Known("User", because)
    if isinstance(held, Group):
        return Known("Group", because)
    if isinstance(held, ServicePrincipal):
        managed = (held.service_principal_type or "").lower() == "managedidentity"
        return Known("ManagedIdentity" if managed else "ServicePrincipal", because)
    by = inventory.header.by
    if by.object_id.lower() == object_id.lower() and by.type == "User":
        return Known("User", because)
    return _unread(inventory, object_id)


def enabled(inventory: Inventory, object_id: str) -> Fact[bool]:
    """Return whether the account is enabled; always true for a group, which cannot be disabled."""
    held = inventory.object(object_id)
    if isinstance(held, Group):
        return Known(True, (Evidence(object_id),))
    if isinstance(held, User | ServicePrincipal) and held.account_enabled is not None:
        return Known(held.account_enabled, (Evidence(object_id, f"accountEnabled: {held.account_enabled}"),))
    return _unread(inventory, object_id)


def guest(inventory: Inventory, object_id: str) -> Fact[bool]:
    """Return whether the account is a guest of the tenant."""
    held = inventory.object(object_id)
    if isinstance(held, User):
        if held.is_guest is None:
            return not_in_body(inventory, USERS, object_id, "userType")
        return Known(held.is_guest, (Evidence(object_id, f"userType: {held.user_type}"),))
    return _unread(inventory, object_id) if held is None else Known(False, (Evidence(object_id),))


def invitation_pending(inventory: Inventory, object_id: str) -> Fact[bool]:
    """Return whether the account was invited and has not accepted the invitation.

    Graph returns `externalUserState` only on request; null then means never invited. Without that field, only an
    account whose name is not an external one can be judged.
    """
    held = inventory.object(object_id)
    if not isinstance(held, User):
        return _unread(inventory, object_id) if held is None else Known(False, (Evidence(object_id),))
    state = held.external_user_state
    if isinstance(state, str):
        return Known(state.lower() == PENDING, (Evidence(object_id, f"externalUserState: {state}"),))
    if state is None:
        return Known(False, (Evidence(object_id, "never invited"),))
    if held.is_guest is False and _EXTERNAL not in (held.user_principal_name or _EXTERNAL).lower():
        return Known(False, (Evidence(object_id, f"userType: {held.user_type}"),))
    return not_in_body(inventory, USERS, object_id, "externalUserState")


def invited_at(inventory: Inventory, object_id: str) -> str:
    """Return in words the address that an invitation of the account is sent to.

    A guest's sign-in name (`name_domain#EXT#@tenant`) is made from that address, and is none itself.
    """
    held = inventory.object(object_id)
    mail = held.mail if isinstance(held, User) else None
    return f"`{mail}`" if mail else "an address that the directory does not show"


def looks_external(held: DirectoryObject) -> bool:
    """Return whether a directory object is a guest or an invited user."""
    if not isinstance(held, User):
        return False
    return held.is_guest is True or isinstance(held.external_user_state, str)


def _unread(inventory: Inventory, object_id: str) -> Unknown:
    gaps = (*inventory.gaps(USERS, object_id), *inventory.gaps(DIRECTORY_OBJECTS, object_id))
    missing = Gap(USERS, object_id, 0, NOT_IN_BODY, "the directory did not return this account", needs_of(USERS))
    return Unknown(once(gaps) or unseen(inventory, object_id) or (missing,))
