"""Replication of a project: whether it replicates a machine already."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, once, unless_gaps
from auditor.facts.presence import exists
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.association import recovery_candidates
from auditor.inventory.lists import PROJECTS, RECOVERY_VAULTS, SOLUTIONS
from auditor.inventory.resources.recoveryservices import RecoveryVault, VaultSetting

_SETTINGS = f"{RECOVERY_VAULTS}/replicationVaultSettings"
_ITEMS = f"{RECOVERY_VAULTS}/replicationMigrationItems"


def replicates(context: Context, project: ArmId) -> Fact[bool]:
    """Return whether `project` replicates a machine: its summary counts one, or one of its vaults contains one.

    It is known to replicate nothing if it does not exist, or if nothing was unread that could show a machine.
    """
    counted = _counted(context, project)
    if counted:
        return Known(True, (Evidence(str(project), f"replicatingCount: {counted}"),))
    vaults = _vaults(context, project)
    for record in context.inventory.of_type(_ITEMS):
        if any(record.id.lower().startswith(f"{vault.key}/") for vault in vaults):
            return Known(True, (Evidence(record.id, "a machine that is being migrated"),))
    because = Evidence(str(project), "no machine replicates yet")
    existing = exists(context.inventory, project, PROJECTS)
    if existing.is_false:
        return Known(False, (because,))
    return unless_gaps(False, _hidden(context, project, vaults), because)


def _counted(context: Context, project: ArmId) -> int | None:
    """Return how many servers the project's summary counts as replicating, or None if it has no such count."""
    held = context.estate.projects.get(project.key)
    summary = held.properties.summary if held and held.properties else None
    servers = summary.get("servers") if isinstance(summary, dict) else None
    count = servers.get("replicatingCount") if isinstance(servers, dict) else None
    return count if isinstance(count, int) else None


def _vaults(context: Context, project: ArmId) -> tuple[ArmId, ...]:
    """Return the Recovery Services vaults that the project's solutions name, or whose settings name the project."""
    solutions = context.estate.solutions_by_project.get(project.key, ())
    named = [arm_id(one.extended_details.get("vaultId")) for one in solutions]
    for setting in context.inventory.all(VaultSetting):
        solution = arm_id(setting.properties.migration_solution_id)
        if solution is not None and solution.parent == project:
            named.append(setting.arm_id.parent)
    return once(one for one in named if one is not None and one.type.lower() == RECOVERY_VAULTS.lower())


def _hidden(context: Context, project: ArmId, vaults: tuple[ArmId, ...]) -> tuple[Gap, ...]:
    inventory = context.inventory
    return once(
        [
            *inventory.gaps(PROJECTS, project),
            *inventory.gaps(SOLUTIONS, project),
            *inventory.gaps(RECOVERY_VAULTS, project.subscription_id or project, below=False),
            *(gap for vault in vaults for gap in inventory.gaps(_ITEMS, vault)),
            *(
                gap
                for vault in recovery_candidates(inventory.all(RecoveryVault))
                if vault.arm_id.subscription == project.subscription
                for gap in inventory.gaps(_SETTINGS, vault.arm_id)
            ),
        ]
    )
