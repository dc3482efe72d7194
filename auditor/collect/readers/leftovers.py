"""The lists of possible leftovers: Recovery Services vaults, storage accounts, private endpoints, collectors."""

from collections.abc import Iterable, Iterator
from functools import partial

from auditor.collect.listing import Feature, Listing, Rest, Tracked
from auditor.collect.reader import Reader
from auditor.collect.readers.activity_log import ACTIVITY_LOG, read_deletions
from auditor.collect.recording import Recording, typed
from auditor.collect.workers import Job
from auditor.inventory import lists as list_names
from auditor.inventory.association import bereft, lone_assessments, recovery_candidates
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.migrate import AssessmentProject, MigrateProject, OldProject
from auditor.inventory.resources.network import PrivateEndpoint
from auditor.inventory.resources.offazure import MasterSite, Site
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.storage import StorageAccount

RECOVERY_VAULTS = Tracked(what=list_names.RECOVERY_VAULTS, feature=Feature.LEFTOVERS)
STORAGE_ACCOUNTS = Tracked(what=list_names.STORAGE_ACCOUNTS, feature=Feature.LEFTOVERS)
PRIVATE_ENDPOINTS = Tracked(
    what=list_names.PRIVATE_ENDPOINTS,
    feature=Feature.LEFTOVERS,
    whole=Listing(
        what=list_names.PRIVATE_ENDPOINTS,
        feature=Feature.LEFTOVERS,
        source=Rest(f"{{scope}}/providers/{list_names.PRIVATE_ENDPOINTS}", ("2024-05-01", "2020-05-01")),
    ),
)
FABRICS = Tracked(
    what=list_names.REPLICATION_FABRICS,
    feature=Feature.LEFTOVERS,
    api_versions=("2024-09-01", "2021-02-16-preview"),
)
"""Only the body of a fabric names its project; each takes one request."""
TRACKED = (
    RECOVERY_VAULTS,
    STORAGE_ACCOUNTS,
    PRIVATE_ENDPOINTS,
    FABRICS,
    *(
        Tracked(what=what, feature=Feature.LEFTOVERS)
        for what in (
            list_names.PRIVATE_DNS_ZONES,
            list_names.SERVICE_BUS,
            list_names.REPLICATION_VAULTS,
            list_names.DEPENDENCY_MAPS,
            *list_names.WORKLOAD_SITES,
        )
    ),
)
"""Found in every subscription's list of all resources, without a further request for most of them."""

PER_RECOVERY_VAULT = tuple(
    Listing(
        what=f"{list_names.RECOVERY_VAULTS}/{child}",
        feature=Feature.LEFTOVERS,
        source=Rest(f"{{scope}}/{child}", ("2023-08-01", "2021-08-01")),
        below=True,
    )
    for child in (
        "replicationVaultSettings",
        "replicationMigrationItems",
        "replicationProtectedItems",
        "backupProtectedItems",
    )
)
"""Read for each Recovery Services vault that its tag or name associates with Azure Migrate: its project and items."""

PER_LONE_ASSESSMENT = tuple(
    Listing(
        what=f"Microsoft.Migrate/assessmentProjects/{child}",
        feature=Feature.LEFTOVERS,
        source=Rest(f"{{scope}}/{child}", ("2019-10-01",)),
        below=True,
    )
    for child in ("vmwarecollectors", "hypervcollectors", "servercollectors")
)
"""Read for each assessment project without a project: the applications of its appliances."""

_MAY_BE_LEFT = (AssessmentProject, Site, MasterSite, Vault, RecoveryVault, StorageAccount, PrivateEndpoint)


def vault_jobs(reader: Reader) -> Iterator[Job]:
    """Yield the reads for Recovery Services vaults of Azure Migrate."""
    for vault in recovery_candidates(typed(reader.recording, RecoveryVault)):
        for listing in PER_RECOVERY_VAULT:
            reader.recording.plan(listing.what, vault.id)
            yield partial(reader.read, listing, vault.id)


def collector_jobs(reader: Reader) -> Iterator[Job]:
    """Yield the reads for assessment projects without a project."""
    held = typed(reader.recording, MigrateProject)
    for assessment in lone_assessments(typed(reader.recording, AssessmentProject), held):
        for listing in PER_LONE_ASSESSMENT:
            reader.recording.plan(listing.what, assessment.id)
            yield partial(reader.read, listing, assessment.id)


def log_jobs(reader: Reader, subscriptions: Iterable[str]) -> Iterator[Job]:
    """Yield the reads of the deletions of projects in `subscriptions`."""
    for subscription in subscriptions:
        reader.recording.plan(ACTIVITY_LOG.what, subscription)
        yield partial(read_deletions, reader, subscription)


def with_something_left(recording: Recording, subscriptions: Iterable[str]) -> list[str]:
    """Return those of `subscriptions` that contain something of a missing project."""
    projects = [*typed(recording, MigrateProject), *typed(recording, OldProject)]
    lonely = bereft((one for cls in _MAY_BE_LEFT for one in typed(recording, cls)), projects)
    return [one for one in subscriptions if one.lower() in lonely]
