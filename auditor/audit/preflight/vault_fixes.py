"""The fixes for what an appliance cannot reach: key vaults, deleted ones included, and private endpoints."""

from auditor.audit.findings import Fix, Reversal
from auditor.audit.preflight.commands import add_address, give_service_endpoint, recover_vault, remove_address
from auditor.facts.preflight.openings import Opening, Way
from auditor.facts.preflight.recoveries import Recovery
from auditor.facts.subject import listed

NOTHING = "Nothing in Azure."


def recover(deleted: Recovery) -> Fix:
    """Return the fix of recovering a soft-deleted vault."""
    group = f"the resource group `{deleted.group}`" if deleted.group else "its resource group"
    again = (f"Create {group} again first, which is gone or may be: the vault comes back to it.",)
    kept = " It is protected against purging, so its name cannot be freed earlier." if deleted.protected else ""
    return Fix(
        f"Recover the deleted key vault `{deleted.name}`",
        (
            *(again if deleted.group_gone else ()),
            f"In the portal go to Key vaults > Manage deleted vaults in the subscription `{deleted.subscription}`.",
            f"Choose `{deleted.name}`, and recover it.{kept}",
            "Run the preflight again: only then the vault shows who has access to it.",
        ),
        recover_vault(deleted.name, deleted.location, deleted.subscription),
        f"Brings the vault back into {group} with its keys, secrets and access policies. Role assignments on it do not "
        "come back.",
        safe=True,
        undo=Reversal("Delete the vault again; it is then soft-deleted as it is today."),
    )


def freed(taken: Recovery) -> Fix:
    """Return the fix of a name that a soft-deleted vault of another resource group holds."""
    purge = (
        "It is protected against purging: its name is free only once its time is over."
        if taken.protected
        else "Or have it purged by someone who needs nothing from it: in the portal go to Key vaults > Manage deleted "
        f"vaults in the subscription `{taken.subscription}`, choose `{taken.name}`, and purge it."
    )
    purged = f"have the deleted key vault `{taken.name}` purged"
    renamed = (
        "The name of the vault is made of that of the project: choose another one, if the project is yet to be "
        "created, and run the preflight again with it."
    )
    return Fix(
        "Choose another name for the project, or "
        + (f"wait for the end of the deleted key vault `{taken.name}`" if taken.protected else purged),
        (
            renamed,
            purge,
        ),
        None,
        NOTHING if taken.protected else "Purging deletes the keys, secrets and certificates of the vault for good.",
        safe=taken.protected,
    )


def retrusted(vault: str) -> Fix:
    """Return the fix of a vault that trusts another tenant."""
    return Fix(
        f"Make the key vault `{vault.rpartition('/')[2]}` trust the tenant of its subscription",
        (
            "Follow Microsoft's steps for moving a vault to another tenant: set its tenant id, remove old policies.",
            "Run the preflight again: it then says which access the account needs in the vault.",
        ),
        None,
        "Accounts of the old tenant lose access to the vault.",
        safe=False,
    )


def by_owning_tenant(tenant: str) -> Fix:
    """Return the fix of using an account of the tenant that owns the subscription, and that its vaults trust."""
    return Fix(
        f"Use an account of the tenant `{tenant}`, which owns the subscription",
        (
            "Sign in at the appliance with an account of that tenant, or with one that it has invited as a guest.",
            "Read the environment as such an account of that tenant, and run the preflight again for it.",
        ),
        None,
        NOTHING,
        safe=True,
    )


def remade(endpoint: str) -> Fix:
    """Return the fix of a private endpoint that failed or was not approved."""
    name = endpoint.rpartition("/")[2]
    return Fix(
        f"Approve the private endpoint `{name}`, or make it again",
        (
            "If it waits for its approval: open what it leads to, go to Networking, and approve the connection.",
            f"Otherwise note subnet, target and DNS zone of `{endpoint}`, delete it, and create it again with them.",
            "On the appliance resolve the name of the target; it must give a private address.",
        ),
        None,
        "The network of the endpoint reaches what it leads to.",
        safe=True,
    )


def anew(names: tuple[str, ...], *, certain: bool) -> Fix:
    """Return the fix of registering with a new key where vaults are gone for good; perhaps only, if not `certain`."""
    why = f"as {listed(names)} cannot be recovered" if certain else f"unless {listed(names)} can be recovered"
    return Fix(
        f"Generate a new project key, and register the appliance with it, {why}",
        (
            "Generate a key in the project, which creates a vault.",
            "Run the installer script on an appliance that was registered before: it takes no other key until then.",
            "Register the appliance with the new key.",
        ),
        None,
        "The project gets a new, empty vault. The content of the old one does not come back.",
        safe=True,
    )


def opened(opening: Opening) -> Fix:
    """Return the fix of opening the network of a vault in one way."""
    return _FIXES[opening.way](opening)


def _address_rule(opening: Opening) -> Fix:
    named = opening.names
    what = listed(named) or "the public address of the appliance's network"
    checked = () if named else ("Run the preflight again with `--appliance-address` to see whether it is listed.",)
    return Fix(
        f"Add the appliance's address to the firewall of the key vault `{opening.name}`",
        (f"Open the key vault `{opening.vault}`, go to Networking, and add {what}.", *checked),
        add_address(opening.name, opening.subscription, named or ("ADDRESS",)),
        "The address reaches the vault; the vault still asks for permissions.",
        safe=True,
        undo=Reversal(
            "Take the address out of the firewall.",
            remove_address(opening.name, opening.subscription, named or ("ADDRESS",)),
        ),
    )


def _service_endpoint(opening: Opening) -> Fix:
    network, _, name = opening.subnet.partition("/subnets/")
    return Fix(
        f"Give the subnet `{name}` a service endpoint for Key Vault",
        (
            f"Open the virtual network `{network}`, and go to Subnets > `{name}`.",
            "Add the service endpoint Microsoft.KeyVault to those that it has.",
        ),
        give_service_endpoint(opening.subnet, opening.services) if opening.services else None,
        "Traffic from the subnet to key vaults keeps its private address; open connections to them end once.",
        safe=True,
        undo=Reversal("Remove the service endpoint Microsoft.KeyVault from the subnet."),
    )


def _by_endpoint(opening: Opening) -> Fix:
    return Fix(
        "Check that the appliance reaches the vault through its private endpoint",
        (
            f"On the appliance resolve the name of the key vault `{opening.name}`.",
            f"It must give the private address of {listed(opening.names)}.",
            "Run the preflight again with `--appliance-address` and the private address of the appliance.",
        ),
        None,
        NOTHING,
        safe=True,
    )


def _new_endpoint(opening: Opening) -> Fix:
    return Fix(
        f"Approve the private endpoint of the key vault `{opening.name}`, or create one",
        (
            f"Open the key vault `{opening.vault}`, and go to Networking > Private endpoint connections.",
            "Approve a pending one. If there is none, create one in a network that the appliance reaches.",
            "Make the name of the vault resolve to it there.",
        ),
        None,
        "A network interface with a private address for the vault.",
        safe=True,
    )


def _perimeter(opening: Opening) -> Fix:
    return Fix(
        f"Have the appliance admitted by the network security perimeter of the key vault `{opening.name}`",
        (f"Open the key vault `{opening.vault}`, go to Networking, and ask the owner of the perimeter for a rule.",),
        None,
        "What the rule names reaches the resources in the perimeter.",
        safe=False,
    )


_FIXES = {
    Way.ADDRESS: _address_rule,
    Way.SERVICE_ENDPOINT: _service_endpoint,
    Way.NEW_ENDPOINT: _new_endpoint,
    Way.BY_ENDPOINT: _by_endpoint,
    Way.PERIMETER: _perimeter,
}
