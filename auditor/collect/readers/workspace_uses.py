"""The lists of other uses of a workspace of Azure Migrate, read only where there is such a workspace."""

import asyncio
from dataclasses import replace

from auditor.azure.errors import ReadFailed
from auditor.collect.arm_ids import placed
from auditor.collect.listing import Feature, Listing, Rest, Tracked
from auditor.collect.reader import Reader, gap_of
from auditor.collect.readers.from_rows import listed, listed_at, tracked
from auditor.collect.versions import NoSuchType
from auditor.inventory import lists as list_names
from auditor.inventory.lists import SENTINEL, WORKSPACES, Purpose

_NOT_ONBOARDED = "workspace '{name}' is not onboarded to microsoft sentinel"
"""The message for a workspace without Microsoft Sentinel, which comes with status 400 instead of an empty list."""


PER_WORKSPACE: tuple[Listing, ...] = tuple(
    replace(one, empty_said=_NOT_ONBOARDED) if one.what == SENTINEL else one
    for one in listed_at(WORKSPACES, Purpose.USES)
)
"""Read for each such workspace."""
PER_SUBSCRIPTION: tuple[Listing, ...] = listed(Purpose.USES)
"""Read in every subscription in scope where there is such a workspace anywhere, as items may refer to it from there."""
UNLISTED: tuple[Listing, ...] = tuple(one for one in PER_SUBSCRIPTION if one.what == list_names.DEFENDER_SETTINGS)
"""Those whose resources have no location, so that the list of all resources lacks them."""
IN_LIST_OF_ALL: tuple[Tracked, ...] = tuple(
    Tracked(what=one.what, feature=one.feature, whole=one, proves_absence=False)
    for one in PER_SUBSCRIPTION
    if one not in UNLISTED and one.parents is None
)
"""Those that a scan which is not deep reads only where the list of all resources shows a resource of the type.

Children, such as those of network watchers, are not in that list, and only a deep scan reads them.
"""
TRACKED: tuple[Tracked, ...] = tracked(Purpose.USES)
"""Looked for there in one list of resources; only types that it shows take further requests."""

DATA_SOURCE_KINDS = (
    "WindowsEvent",
    "WindowsPerformanceCounter",
    "IISLogs",
    "LinuxSyslog",
    "LinuxSyslogCollection",
    "LinuxPerformanceObject",
    "LinuxPerformanceCollection",
    "CustomLog",
    "CustomLogCollection",
    "AzureAuditLog",
    "AzureActivityLog",
    "ApplicationInsights",
    "ImportComputerGroup",
)
"""The kinds of data sources that people set up; others belong to a solution, and solutions are checked separately."""


def data_sources(kind: str) -> Listing:
    """Return the list of a workspace's data sources of one kind, as Azure requires the kind."""
    return Listing(
        what=f"{WORKSPACES}/dataSources",
        feature=Feature.WORKSPACE_USES,
        source=Rest("{scope}/dataSources", ("2020-08-01",), {"$filter": f"kind eq '{kind}'"}),
        below=True,
    )


DIAGNOSTIC_SETTINGS = Listing(
    what=list_names.DIAGNOSTIC_SETTINGS,
    feature=Feature.DEEP,
    source=Rest("{scope}/providers/Microsoft.Insights/diagnosticSettings", ("2021-05-01-preview",)),
    empty_on={"resourcetypenotsupported": 400},
    also_needs=("Microsoft.Resources/subscriptions/resources/read",),
    below=True,
)
"""Read for a subscription and each resource in it, as there is no list of the settings that send to a workspace.

Azure Monitor answers `ResourceTypeNotSupported`, and only that, for a type that cannot have settings.
"""

INGESTION = Listing(
    what=list_names.INGESTION,
    feature=Feature.DEEP,
    source=Rest("{scope}/query", ("v1",)),
    also_needs=("Microsoft.OperationalInsights/workspaces/query/Usage/read",),
)
"""Read from the query API instead of Resource Manager; declared here for its permissions."""


async def read_data_sources(reader: Reader, workspace: str) -> None:
    """Record the data sources of every kind; the list counts as read only if all kinds were read."""
    listing = data_sources(DATA_SOURCE_KINDS[0])
    reader.recording.plan(listing.what, workspace)
    outcomes = await asyncio.gather(*(_read(reader, workspace, kind) for kind in DATA_SOURCE_KINDS))
    failures = [outcome for outcome in outcomes if isinstance(outcome, ReadFailed)]
    if failures and len(failures) == len(outcomes) and all(isinstance(one, NoSuchType) for one in failures):
        reader.recording.absent(gap_of(listing.what, workspace, None, failures[0]))
        return
    if failures:
        reader.recording.gap(gap_of(listing.what, workspace, listing.needs[0], failures[0]))
        return
    reader.recording.complete(listing.what, workspace, sum(count for count in outcomes if isinstance(count, int)))


async def _read(reader: Reader, workspace: str, kind: str) -> int | ReadFailed:
    """Record the data sources of one kind; return their number, or the failure."""
    listing = data_sources(kind)
    count = 0
    try:
        async for page in reader.pages(listing.what, listing.source, workspace):
            count += len(page)
            for body in page:
                reader.recording.arm(placed(body, listing.what, workspace), listing.what, workspace)
    except ReadFailed as failure:
        return failure
    return count
