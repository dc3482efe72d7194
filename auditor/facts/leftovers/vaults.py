"""The vaults that projects leave: key vaults of appliances and of replication, Recovery Services vaults."""

from collections.abc import Iterable, Iterator

from auditor.facts.estate.appliances import Seat
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.leftovers.associations import Tie, Ties, only_a_hint, since, tie_to, ties_by_tags
from auditor.facts.leftovers.leftover import RemainKind, Serving, Tied, Told, counted, under_locks
from auditor.facts.presence import arm_id, not_in_body
from auditor.inventory.arm_id import ArmId
from auditor.inventory.association import REPLICATION_KEY_VAULT, named_for_migrate
from auditor.inventory.lists import KEY_VAULTS, RECOVERY_VAULTS
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.recoveryservices import RecoveryVault, VaultSetting

SETTINGS = f"{RECOVERY_VAULTS}/replicationVaultSettings"
MIGRATIONS = f"{RECOVERY_VAULTS}/replicationMigrationItems"
_USES = {
    "Azure Backup": f"{RECOVERY_VAULTS}/backupProtectedItems",
    "servers that replicate through it": f"{RECOVERY_VAULTS}/replicationProtectedItems",
}


def key_vaults(context: Context) -> Iterator[Tied]:
    """Yield the key vaults that appliances use, that projects name, or that a tag or a name ties to Azure Migrate."""
    for vault in context.inventory.all(Vault):
        ties = vault_ties(context, vault.id, vault.arm_id, ties_by_tags(context, vault), vault.display_name)
        if ties is not None:
            told = Told(
                since=since(context, ties, vault.arm_id.subscription_id),
                holds=_kept(vault),
                costs=_sku(vault.properties.sku),
            )
            serving = under_locks(context, vault.arm_id)
            yield Tied(kind=RemainKind.KEY_VAULT, name=vault.display_name, ties=ties, serving=serving, told=told)


def vault_ties(context: Context, id_: str, vault: ArmId, tagged: Iterable[Tie], name: str) -> Ties | None:
    """Return what ties a key vault, live or soft-deleted, to projects; None where nothing suggests that anything does.

    `id_` is the id of what is judged, `vault` the one that appliances and projects know the vault by.
    """
    estate = context.estate
    seats = estate.seats_by_vault.get(vault.key, ())
    found = once(
        [
            *seat_ties(context, seats),
            *(tie_to(context, one.project, one.because) for one in context.references.of(vault)),
            *tagged,
        ]
    )
    homeless = homeless_gaps(context, seats)
    hidden = (*homeless, *estate.hidden_seats, *estate.vault_gaps(estate.seats), *context.references.hidden)
    hinted = name.lower().startswith(REPLICATION_KEY_VAULT)
    hint = only_a_hint(KEY_VAULTS, id_, "only its name suggests that a replication made it") if hinted else ()
    return Ties(id_, found, once(hidden), hint) if found or homeless or hint else None


def seat_ties(context: Context, seats: Iterable[Seat]) -> Iterator[Tie]:
    """Yield the projects of appliances."""
    for seat in seats:
        if seat.project is not None:
            yield tie_to(context, seat.project, Evidence(str(seat.site.arm_id), f"the appliance {seat.name} uses it"))


def homeless_gaps(context: Context, seats: Iterable[Seat]) -> tuple[Gap, ...]:
    """Return what hides the projects of appliances that name none: what such an appliance uses may be in use."""
    homeless = (seat for seat in seats if seat.project is None)
    inventory = context.inventory
    return once(
        gap for seat in homeless for gap in not_in_body(inventory, seat.what, str(seat.site.arm_id), "project").why
    )


def recovery_vaults(context: Context) -> Iterator[Tied]:
    """Yield the Recovery Services vaults that a project replicates into, or that are tagged or called like one."""
    named: dict[str, list[VaultSetting]] = {}
    for setting in context.inventory.all(VaultSetting):
        named.setdefault(setting.arm_id.parent.key, []).append(setting)
    for vault in context.inventory.all(RecoveryVault):
        found = once(
            [
                *_of_settings(context, named.get(vault.arm_id.key, ())),
                *(tie_to(context, one.project, one.because) for one in context.references.of(vault.arm_id)),
                *ties_by_tags(context, vault),
            ]
        )
        if not found and not named_for_migrate(vault):
            continue
        hidden = once([*context.inventory.gaps(SETTINGS, vault.arm_id), *context.references.hidden])
        ties = Ties(vault.id, found, hidden)
        told = Told(
            since=since(context, ties, vault.arm_id.subscription_id),
            holds=_replicated(context, vault),
            costs=_sku(vault.sku),
        )
        serving = _serving(context, vault.arm_id)
        yield Tied(kind=RemainKind.RECOVERY_VAULT, name=vault.display_name, ties=ties, serving=serving, told=told)


def _of_settings(context: Context, settings: Iterable[VaultSetting]) -> Iterator[Tie]:
    for setting in settings:
        solution = arm_id(setting.properties.migration_solution_id)
        if solution is not None:
            yield tie_to(context, solution.parent, Evidence(setting.id, "migrationSolutionId names its project"))


def _serving(context: Context, vault: ArmId) -> Serving:
    locked = under_locks(context, vault)
    items = {
        title: tuple(Evidence(one, f"{title} uses it") for one in _below(context, what, vault))
        for title, what in _USES.items()
    }
    gaps = (gap for what in _USES.values() for gap in context.inventory.gaps(what, vault))
    hits = {title: shown for title, shown in items.items() if shown}
    return Serving({**hits, **locked.hits}, once([*gaps, *locked.unread]))


def _below(context: Context, what: str, vault: ArmId) -> list[str]:
    inside = f"{vault.key}/"
    return [record.id for record in context.inventory.of_type(what) if record.id.lower().startswith(inside)]


def _replicated(context: Context, vault: RecoveryVault) -> Iterator[str]:
    if context.inventory.gaps(MIGRATIONS, vault.arm_id):
        yield "servers on the way to Azure, which were not read"
    else:
        yield f"{counted(len(_below(context, MIGRATIONS, vault.arm_id)), 'server')} on the way to Azure"


def _kept(vault: Vault) -> Iterator[str]:
    """What a vault may hold: nothing that an auditor reads lists it."""
    yield "perhaps secrets, keys and certificates"
    if vault.properties.enable_purge_protection:
        yield "its name, which its purge protection keeps taken after a deletion"


def _sku(sku: object) -> Iterator[str]:
    name = sku.get("name") if isinstance(sku, dict) else None
    if name:
        yield f"the SKU {name}"
