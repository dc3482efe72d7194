"""Whom `can` is about, and the answer about somebody of another tenant."""

from typing import TYPE_CHECKING

from auditor.access.access import Access
from auditor.access.verdicts import Answer, Plane, Verdict
from auditor.cli.accounts import Account
from auditor.cli.environment.accounts import account_meant
from auditor.cli.strangers import is_foreign_address
from auditor.cli.terminal import Terminal
from auditor.inventory.reads import Gap

if TYPE_CHECKING:
    from auditor.inventory.arm_id import ArmId
    from auditor.inventory.inventory import Inventory


def asked_account(inventory: "Inventory", text: str, terminal: Terminal) -> Account:
    """Return the account that `text` means, after saying on stderr what it was taken for.

    Raises `UsageFailed` for a name that is unknown, or that several accounts bear.
    """
    meant = account_meant(inventory, text)
    if meant.told:
        terminal.note(meant.told)
    held = inventory.object(meant.id)
    return Account(meant.id, meant.id if held is None else held.label)


def answer_about(access: Access, who: Account, action: str, scope: "ArmId", plane: Plane) -> Answer:
    """Return the engine's answer; of somebody of another tenant nothing can be known here, so it is unknown."""
    if access.inventory.object(who.id) is None and is_foreign_address(access.inventory, who.id):
        message = "the account is of another tenant: which object stands for it here, if any, cannot be read"
        return Answer(Verdict.UNKNOWN, (), (Gap("graph/users", who.id, 0, "OtherTenant", message),))
    return access.can(who.id, action, scope, plane)
