"""What projects leave behind when they are deleted, kind by kind, each thing with its owner and its verdict."""

from collections.abc import Collection, Iterator

from auditor.facts.context import Context
from auditor.facts.remain import Remain, RemainKind, judged
from auditor.facts.remains_deleted import deleted_vaults, deleted_workspaces
from auditor.facts.remains_of_access import applications, role_assignments
from auditor.facts.remains_of_discovery import assessment_projects, master_sites, sites
from auditor.facts.remains_of_network import private_endpoints
from auditor.facts.remains_of_storage import locks, storage_accounts
from auditor.facts.remains_of_vaults import key_vaults, recovery_vaults
from auditor.facts.workspace_verdict import judgements

BESIDE_WORKSPACES = frozenset(RemainKind) - {RemainKind.WORKSPACE}
"""What a Log Analytics workspace's own subject does not tell."""


def remains(context: Context, kinds: Collection[RemainKind] = BESIDE_WORKSPACES) -> Iterator[Remain]:
    """Yield what belongs, or may belong, to projects, whether they are gone or not; only the kinds that are asked for.

    What nothing at all ties to Azure Migrate is passed over, save workspaces: of these each has its verdict.
    """
    if RemainKind.WORKSPACE in kinds:
        yield from judgements(context)
    storage = list(storage_accounts(context))
    things = [
        *assessment_projects(context),
        *sites(context),
        *master_sites(context),
        *key_vaults(context),
        *recovery_vaults(context),
        *storage,
    ]
    tied = [
        *things,
        *locks(context, storage),
        *private_endpoints(context, things),
        *applications(context),
        *deleted_workspaces(context),
        *deleted_vaults(context),
    ]
    yield from (judged(one) for one in tied if one.kind in kinds)
    if RemainKind.ROLE_ASSIGNMENT in kinds:
        yield from role_assignments(context, things)
