"""Leftover vaults of projects: key vaults of appliances and of replication, and Recovery Services vaults."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.leftovers.associations import (
    Association,
    Associations,
    association_with,
    associations_by_tags,
    only_a_hint,
    since,
)
from auditor.facts.leftovers.leftover import Candidate, LeftoverKind, OtherUses, counted
from auditor.facts.leftovers.project_locks import with_locks
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.association import REPLICATION_KEY_VAULT, named_for_migrate
from auditor.inventory.lists import KEY_VAULTS, RECOVERY_VAULTS, shape_of
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.recoveryservices import RecoveryVault, VaultSetting

SETTINGS = f"{RECOVERY_VAULTS}/replicationVaultSettings"
MIGRATIONS = f"{RECOVERY_VAULTS}/replicationMigrationItems"
_USES = {
    "Azure Backup": f"{RECOVERY_VAULTS}/backupProtectedItems",
    "servers that replicate through it": f"{RECOVERY_VAULTS}/replicationProtectedItems",
}


def key_vaults(context: Context) -> Iterator[Candidate]:
    """Yield the key vaults that appliances use, projects refer to, or with a tag or name of Azure Migrate."""
    for vault in context.inventory.each(Vault):
        tagged = associations_by_tags(context, vault)
        associations = vault_associations(context, vault.id, vault.arm_id, tagged, vault.display_name)
        if associations is not None:
            associations = with_locks(context, vault.arm_id, associations)
            yield Candidate(
                kind=LeftoverKind.KEY_VAULT,
                name=vault.display_name,
                associations=associations,
                since=since(context, associations, vault.arm_id.subscription_id),
                holds=_kept(vault),
                costs=_sku(vault.properties.sku),
            )


def vault_associations(
    context: Context, id_: str, vault: ArmId, tagged: Iterable[Association], name: str
) -> Associations | None:
    """Return the associations of a live or soft-deleted key vault; None if nothing suggests any.

    `id_` is the id of the judged resource, `vault` the id by which appliances and projects refer to it.
    """
    estate = context.estate
    appliances = estate.appliances_by_vault.get(vault.key, ())
    found = once(
        [
            *appliance_associations(context, appliances),
            *(association_with(context, one.project, one.because) for one in context.references.of(vault)),
            *tagged,
        ]
    )
    homeless = homeless_gaps(context, appliances)
    hidden = (*homeless, *estate.hidden_appliances, *estate.hidden_vaults, *context.references.hidden)
    hinted = name.lower().startswith(REPLICATION_KEY_VAULT)
    hint = only_a_hint(KEY_VAULTS, id_, "only its name suggests that a replication created it") if hinted else ()
    return Associations(id_, found, once(hidden), hint) if found or homeless or hint else None


def appliance_associations(context: Context, appliances: Iterable[ApplianceOnSite]) -> Iterator[Association]:
    """Yield the associations with the projects of appliances."""
    for appliance in appliances:
        if appliance.project is not None:
            yield association_with(
                context,
                appliance.project,
                Evidence(str(appliance.site.arm_id), f"the appliance {appliance.name} uses it"),
            )


def homeless_gaps(context: Context, appliances: Iterable[ApplianceOnSite]) -> tuple[Gap, ...]:
    """Return the gaps that hide the projects of appliances that name none, and so may still use the thing."""
    homeless = (appliance for appliance in appliances if appliance.project is None)
    inventory = context.inventory
    return once(
        gap
        for appliance in homeless
        for gap in not_in_body(inventory, appliance.what, str(appliance.site.arm_id), "project").why
    )


def recovery_vaults(context: Context) -> Iterator[Candidate]:
    """Yield the Recovery Services vaults that a project replicates into, or with a tag or name of Azure Migrate."""
    named: dict[str, list[VaultSetting]] = {}
    for setting in context.inventory.all(VaultSetting):
        named.setdefault(setting.arm_id.parent.key, []).append(setting)
    for vault in context.inventory.all(RecoveryVault):
        found = once(
            [
                *_of_settings(context, named.get(vault.arm_id.key, ())),
                *(association_with(context, one.project, one.because) for one in context.references.of(vault.arm_id)),
                *associations_by_tags(context, vault),
            ]
        )
        if not found and not named_for_migrate(vault):
            continue
        hidden = once([*context.inventory.gaps(SETTINGS, vault.arm_id), *context.references.hidden])
        associations = Associations(vault.id, found, hidden)
        other_uses = _other_uses(context, vault.arm_id)
        yield Candidate(
            kind=LeftoverKind.RECOVERY_VAULT,
            name=vault.display_name,
            associations=associations,
            other_uses=other_uses,
            since=since(context, associations, vault.arm_id.subscription_id),
            holds=_replicated(context, vault),
            costs=_sku(vault.sku),
        )


def _of_settings(context: Context, settings: Iterable[VaultSetting]) -> Iterator[Association]:
    for setting in settings:
        solution = arm_id(setting.properties.migration_solution_id)
        if solution is not None:
            yield association_with(
                context, solution.parent, Evidence(setting.id, "migrationSolutionId names its project")
            )


def _other_uses(context: Context, vault: ArmId) -> OtherUses:
    items = {
        title: tuple(Evidence(one, f"{title} uses it") for one in _below(context, what, vault))
        for title, what in _USES.items()
    }
    gaps = (gap for what in _USES.values() for gap in context.inventory.gaps(what, vault))
    hits = {title: shown for title, shown in items.items() if shown}
    return OtherUses(hits, once(gaps))


def _below(context: Context, what: str, vault: ArmId) -> list[str]:
    """Return the ids of the items of a list of `vault`; their types are the list's own or that of their containers."""
    kept = _kept_below.setdefault(context, {})
    if what not in kept:
        found: dict[str, list[str]] = defaultdict(list)
        for kind in sorted(shape_of(what).types):
            for record in context.inventory.of_type(kind):
                found["/".join(record.id.lower().split("/", _DEPTH)[:_DEPTH])].append(record.id)
        kept[what] = found
    inside = f"{vault.key}/"
    return [one for one in kept[what].get(vault.key, ()) if one.lower().startswith(inside)]


_kept_below: "WeakKeyDictionary[Context, dict[str, dict[str, list[str]]]]" = WeakKeyDictionary()
"""The ids of the items of each list, by the key of the vault that they are in."""
_DEPTH = 9
"""The number of parts of a vault's id, with the empty one in front of the first slash."""


def _replicated(context: Context, vault: RecoveryVault) -> Iterator[str]:
    if context.inventory.gaps(MIGRATIONS, vault.arm_id):
        yield "servers being migrated, which were not read"
    else:
        yield f"{counted(len(_below(context, MIGRATIONS, vault.arm_id)), 'server')} being migrated"


def _kept(vault: Vault) -> Iterator[str]:
    """Yield what a vault may contain; no list that migaudit reads shows it."""
    yield "perhaps secrets, keys and certificates"
    if vault.properties.enable_purge_protection:
        yield "its name, which purge protection keeps reserved after a deletion"


def _sku(sku: object) -> Iterator[str]:
    name = sku.get("name") if isinstance(sku, dict) else None
    if name:
        yield f"the SKU {name}"
