"""The lists of possible leftovers: Recovery Services vaults, storage accounts, private endpoints, collectors."""

from collections.abc import Iterable, Iterator
from functools import partial

from auditor.collect.reader import Reader
from auditor.collect.readers.activity_log import ACTIVITY_LOG, read_deletions
from auditor.collect.readers.from_rows import listed, listed_at, tracked
from auditor.collect.recording import Recording, typed
from auditor.collect.workers import Job
from auditor.inventory.association import bereft, lone_assessments, recovery_candidates
from auditor.inventory.lists import ASSESSMENT_PROJECTS, RECOVERY_VAULTS, Purpose
from auditor.inventory.resources.further import (
    DependencyMap,
    PrivateDnsZone,
    ReplicationVault,
    ServiceBusNamespace,
    WorkloadSite,
)
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, MigrateProject, OldProject
from auditor.inventory.resources.network import PrivateEndpoint
from auditor.inventory.resources.offazure import MasterSite, Site
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.resource import Resource
from auditor.inventory.resources.storage import StorageAccount

TRACKED = tracked(Purpose.REMAINS)
"""Found in every subscription's list of all resources, without a further request for most of them."""
PER_SUBSCRIPTION = listed(Purpose.REMAINS)
"""Read in every subscription."""
PER_RECOVERY_VAULT = listed_at(RECOVERY_VAULTS, Purpose.REMAINS)
"""Read for each Recovery Services vault that its tag or name associates with Azure Migrate: its project and items."""
PER_LONE_ASSESSMENT = listed_at(ASSESSMENT_PROJECTS, Purpose.REMAINS)
"""Read for each assessment project without a project: the applications of its appliances."""

_MAY_BE_LEFT: tuple[type[Resource], ...] = (
    AssessmentProject,
    DependencyMap,
    MasterSite,
    PrivateDnsZone,
    PrivateEndpoint,
    RecoveryVault,
    ReplicationVault,
    ServiceBusNamespace,
    Site,
    StorageAccount,
    Vault,
    WorkloadSite,
)
"""What names its project, or has its tag."""


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


def with_something_left(
    recording: Recording, subscriptions: Iterable[str], workspaces: Iterable[Workspace]
) -> list[str]:
    """Return those of `subscriptions` that contain something of a missing project, such as one of `workspaces`."""
    projects = [*typed(recording, MigrateProject), *typed(recording, OldProject)]
    inside = {"/".join(one.id.lower().split("/", 3)[:3]) for one in workspaces}
    inside |= bereft((one for cls in _MAY_BE_LEFT for one in typed(recording, cls)), projects)
    return [one for one in subscriptions if one.lower() in inside]
