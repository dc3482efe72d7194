"""What replication leaves: storage accounts, and the locks that keep them and their resource groups from deletion."""

from collections.abc import Iterable, Iterator

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.leftovers.associations import Tie, Ties, only_a_hint, since, tie_by_name, tie_to, ties_by_tags
from auditor.facts.leftovers.discovery import master_sites
from auditor.facts.leftovers.leftover import LOCK, RemainKind, Tied, Told, under_locks
from auditor.facts.presence import arm_id
from auditor.inventory.association import REPLICATION_STORAGE
from auditor.inventory.lists import MASTER_SITES, STORAGE_ACCOUNTS
from auditor.inventory.resources.authorization import Lock
from auditor.inventory.resources.offazure import MasterSite
from auditor.inventory.resources.storage import StorageAccount


def storage_accounts(context: Context) -> Iterator[Tied]:
    """Yield the storage accounts that projects or master sites name, or that a tag or a name ties to Azure Migrate."""
    masters = _by_account(context)
    for account in context.inventory.all(StorageAccount):
        ties = _ties(context, account, masters.get(account.arm_id.key, ()))
        if ties.suggested:
            locks = _own_locks(context, account, ties)
            told = Told(
                since=since(context, ties, account.arm_id.subscription_id),
                holds=["what replication or private discovery wrote there", *(_locked(lock) for lock in locks)],
                costs=_costs(account),
            )
            serving = under_locks(context, account.arm_id, projects=ties.projects)
            yield Tied(
                kind=RemainKind.STORAGE_ACCOUNT, name=account.display_name, ties=ties, serving=serving, told=told
            )


def locks(context: Context, accounts: Iterable[Tied]) -> Iterator[Tied]:
    """Yield the locks on such accounts that are called `<project>lock` after a project of the account's."""
    for tied in accounts:
        account = context.inventory.get(tied.ties.id)
        if not isinstance(account, StorageAccount):
            continue
        for lock in _own_locks(context, account, tied.ties):
            ties = Ties(lock.id, tied.ties.found, tied.ties.hidden)
            told = Told(
                since=tied.told.since,
                holds=[f"the storage account `{tied.name}` and its resource group, which cannot be deleted"],
            )
            yield Tied(kind=RemainKind.LOCK, name=lock.display_name, ties=ties, told=told)


def _ties(context: Context, account: StorageAccount, masters: Iterable[Ties]) -> Ties:
    named = account.display_name.lower().startswith(REPLICATION_STORAGE)
    found = [
        *(tie_to(context, one.project, one.because) for one in context.references.of(account.arm_id)),
        *(tie for master in masters for tie in master.found),
        *ties_by_tags(context, account),
    ]
    hidden: list[Gap] = [*context.references.hidden, *_master_gaps(context)]
    hidden.extend(gap for master in masters for gap in master.hidden)
    if named and not found:  # then only the lock tells which project made it
        hidden.extend(context.references.hidden_locks(account.arm_id))
        found.extend(tie for lock in _locks_on(context, account) for tie in _named_by(context, account, lock))
    hint = (
        only_a_hint(STORAGE_ACCOUNTS, account.id, "only its name suggests that a replication made it") if named else ()
    )
    return Ties(account.id, once(found), once(hidden), hint)


def _own_locks(context: Context, account: StorageAccount, ties: Ties) -> list[Lock]:
    own = {f"{name}{LOCK}".lower() for name in ties.projects}
    return [lock for lock in _locks_on(context, account) if lock.arm_id.name.lower() in own]


def _locks_on(context: Context, account: StorageAccount) -> list[Lock]:
    return [lock for lock in context.references.locks_over(account.arm_id) if lock.arm_id.scope == account.arm_id]


def _named_by(context: Context, account: StorageAccount, lock: Lock) -> Iterator[Tie]:
    name = lock.arm_id.name
    if name.lower().endswith(LOCK) and len(name) > len(LOCK):
        project = name[: -len(LOCK)]
        yield tie_by_name(context, account.arm_id, project, Evidence(lock.id, f"is called after {project}"))


def _by_account(context: Context) -> dict[str, list[Ties]]:
    """Return the ties of the master sites that keep their data in an account, by the account's key."""
    named = {one.id: one.properties.customer_storage_account_arm_id for one in _read_masters(context) if one.properties}
    found: dict[str, list[Ties]] = {}
    for master in master_sites(context) if any(named.values()) else ():
        account = arm_id(named.get(master.ties.id))
        if account is not None:
            found.setdefault(account.key, []).append(master.ties)
    return found


def _read_masters(context: Context) -> tuple[MasterSite, ...]:
    return context.inventory.all(MasterSite)


def _master_gaps(context: Context) -> tuple[Gap, ...]:
    scopes = (f"/subscriptions/{scope}" for scope in sorted(context.inventory.scanned))
    return once(gap for scope in scopes for gap in context.inventory.gaps(MASTER_SITES, scope))


def _locked(lock: Lock) -> str:
    return f"the lock `{lock.display_name}`, which keeps it and its resource group from being deleted"


def _costs(account: StorageAccount) -> Iterator[str]:
    sku = account.sku.get("name") if isinstance(account.sku, dict) else None
    if sku:
        yield f"the SKU {sku}"
    if account.kind:
        yield f"the kind {account.kind}"
