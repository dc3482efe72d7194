"""The accounts that a command is about: how a name was understood, and reading although some are of other tenants."""

from collections.abc import Callable

from auditor.cli.terminal import Terminal
from auditor.collect.request import UnknownAccount
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.library.accounts import MeantAccount, Strangers, account_meant


def asked_account(inventory: Inventory, text: str, terminal: Terminal) -> MeantAccount:
    """Return the account that `text` means, and print on stderr how it was understood; raises `BadRequest`."""
    meant = account_meant(inventory, text)
    if meant.note:
        terminal.note(meant.note)
    return meant.within(inventory)


def read_despite_strangers(
    read: Callable[[tuple[str, ...], tuple[str, ...]], Snapshot], accounts: tuple[str, ...]
) -> Snapshot:
    """Return what `read` returns for those of `accounts` that are of this tenant, and for the addresses of others.

    Raises `UnknownAccount` for a name that is neither.
    """
    strangers = Strangers(accounts)
    while True:
        try:
            snapshot = read(strangers.named, strangers.addresses)
        except UnknownAccount as unknown:
            strangers.leave_out(unknown)
        else:
            strangers.check(snapshot)
            return snapshot
