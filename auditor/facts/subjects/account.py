"""Facts about one account: its identity, whether it can sign in, and whether it may create applications."""

from auditor.facts.entities.accounts import (
    account_name,
    account_type,
    enabled,
    guest,
    invitation_pending,
    invited_at,
    known_name,
)
from auditor.facts.fact import Fact, Known
from auditor.facts.rights.questions import AccountAccess, granted
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User


def account_subject(inventory: Inventory, account: AccountAccess) -> Subject:
    """Return the account as a subject."""
    held = inventory.object(account.object_id)
    name = account_name(inventory, account.object_id)
    kind = account_type(inventory, account.object_id)
    facts: dict[str, Fact[Value]] = {
        "name": known_name(inventory, account.object_id),
        "id": Known(account.object_id),
        "type": kind,
        "enabled": enabled(inventory, account.object_id),
        "guest": guest(inventory, account.object_id),
        "invitation_pending": invitation_pending(inventory, account.object_id),
        "may_create_applications": granted(account.access.may_create_applications(account.object_id)),
    }
    mail = (held.mail if isinstance(held, User) else None) or ""
    texts = {"who": name, "mail": mail, "invited_at": invited_at(inventory, account.object_id)}
    is_a = kind.value if isinstance(kind, Known) else ""
    return subject(SubjectKind.ACCOUNT, account.object_id, name, facts, texts, object_type=is_a)
