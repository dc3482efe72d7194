"""The accounts that a command is about: how a name was understood, and reading although some are of other tenants."""

from collections.abc import Callable

from auditor.cli.terminal import Terminal
from auditor.collect.request import UnknownAccount
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.library.accounts import MeantAccount, account_meant, is_foreign_address


def asked_account(inventory: Inventory, text: str, terminal: Terminal) -> MeantAccount:
    """Return the account that `text` means, and print on stderr how it was understood; raises `BadRequest`."""
    meant = account_meant(inventory, text)
    if meant.note:
        terminal.note(meant.note)
    return meant.within(inventory)


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
