"""Leftovers of replication: storage accounts, and the locks that protect them and their resource groups."""

from collections.abc import Iterable, Iterator

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Gap, once
from auditor.facts.leftovers.associations import (
    Associations,
    association_with,
    associations_by_tags,
    only_a_hint,
    since,
)
from auditor.facts.leftovers.discovery import master_sites
from auditor.facts.leftovers.leftover import Candidate, LeftoverKind
from auditor.facts.leftovers.project_locks import kept_by, own_locks, with_locks
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.association import REPLICATION_STORAGE
from auditor.inventory.lists import MASTER_SITES, STORAGE_ACCOUNTS
from auditor.inventory.resources.offazure import MasterSite
from auditor.inventory.resources.storage import StorageAccount


def storage_accounts(context: Context) -> Iterator[Candidate]:
    """Yield the storage accounts that projects or master sites refer to, or with a tag or name of Azure Migrate."""
    masters, hidden = _by_account(context), _master_gaps(context)
    for account in context.inventory.all(StorageAccount):
        associations = _associations(context, account, masters.get(account.arm_id.key, ()), hidden)
        if associations.suggested:
            locks = own_locks(context, account.arm_id, associations)
            yield Candidate(
                kind=LeftoverKind.STORAGE_ACCOUNT,
                name=account.display_name,
                associations=associations,
                since=since(context, associations, account.arm_id.subscription_id),
                holds=["what replication or private discovery stored in it", *(kept_by(lock) for lock in locks)],
                costs=_costs(account),
            )


_KEPT = {
    LeftoverKind.STORAGE_ACCOUNT: "the storage account",
    LeftoverKind.SERVICE_BUS: "the Service Bus namespace",
    LeftoverKind.KEY_VAULT: "the key vault",
}
"""The kinds of things that replication locks."""


def locks(context: Context, things: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield the locks on what replication uses that are named `<project>lock` after a project of the thing."""
    for candidate in things:
        if candidate.kind not in _KEPT:
            continue
        for lock in own_locks(context, ArmId.parse(candidate.associations.id), candidate.associations):
            associations = Associations(lock.id, candidate.associations.found, candidate.associations.hidden)
            yield Candidate(
                kind=LeftoverKind.LOCK,
                name=lock.display_name,
                associations=associations,
                since=candidate.since,
                holds=[f"{_KEPT[candidate.kind]} `{candidate.name}` and its resource group, which cannot be deleted"],
            )


def _associations(
    context: Context, account: StorageAccount, masters: Iterable[Associations], master_gaps: tuple[Gap, ...]
) -> Associations:
    named = account.display_name.lower().startswith(REPLICATION_STORAGE)
    found = [
        *(association_with(context, one.project, one.because) for one in context.references.of(account.arm_id)),
        *(association for master in masters for association in master.found),
        *associations_by_tags(context, account),
    ]
    hidden: list[Gap] = [*context.references.hidden, *master_gaps]
    hidden.extend(gap for master in masters for gap in master.hidden)
    hint = (
        only_a_hint(STORAGE_ACCOUNTS, account.id, "only its name suggests that a replication created it")
        if named
        else ()
    )
    associations = Associations(account.id, once(found), once(hidden), hint)
    return with_locks(context, account.arm_id, associations) if associations.suggested else associations


def _by_account(context: Context) -> dict[str, list[Associations]]:
    """Return the associations of master sites by the key of the storage account with their data."""
    named = {one.id: one.properties.customer_storage_account_arm_id for one in _read_masters(context) if one.properties}
    found: dict[str, list[Associations]] = {}
    for master in master_sites(context) if any(named.values()) else ():
        account = arm_id(named.get(master.associations.id))
        if account is not None:
            found.setdefault(account.key, []).append(master.associations)
    return found


def _read_masters(context: Context) -> tuple[MasterSite, ...]:
    return context.inventory.all(MasterSite)


def _master_gaps(context: Context) -> tuple[Gap, ...]:
    inventory = context.inventory
    scopes = [f"/subscriptions/{scope}" for scope in inventory.unlike(inventory.scanned)]
    unsettled = sorted(inventory.unsettled(MASTER_SITES, scopes))
    return once(gap for scope in unsettled for gap in inventory.gaps(MASTER_SITES, scope))


def _costs(account: StorageAccount) -> Iterator[str]:
    sku = account.sku.get("name") if isinstance(account.sku, dict) else None
    if sku:
        yield f"the SKU {sku}"
    if account.kind:
        yield f"the kind {account.kind}"
