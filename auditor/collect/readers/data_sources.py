"""The data sources of a workspace: one list in the snapshot, read from Azure with one request per kind."""

import asyncio

from auditor.azure.errors import ReadFailed
from auditor.collect.arm_ids import placed
from auditor.collect.reader import Reader, gap_of
from auditor.collect.readers.workspace_uses import DATA_SOURCE_KINDS, data_sources
from auditor.inventory.lists import shape_of


async def read_data_sources(reader: Reader, workspace: str) -> None:
    """Record the data sources of every kind; the list counts as read only if all kinds were read."""
    listing = data_sources(DATA_SOURCE_KINDS[0])
    reader.recording.plan(listing.what, workspace)
    outcomes = await asyncio.gather(*(_read(reader, workspace, kind) for kind in DATA_SOURCE_KINDS))
    failures = [outcome for outcome in outcomes if isinstance(outcome, ReadFailed)]
    if failures:
        reader.recording.gap(gap_of(listing.what, workspace, listing.needs[0], failures[0]))
        return
    reader.recording.complete(listing.what, workspace, sum(count for count in outcomes if isinstance(count, int)))


async def _read(reader: Reader, workspace: str, kind: str) -> int | ReadFailed:
    """Record the data sources of one kind; return their number, or the failure."""
    listing = data_sources(kind)
    count = 0
    try:
        async for page in reader.pages(listing.source, workspace, shape_of(listing.what)):
            count += len(page)
            for body in page:
                reader.recording.arm(placed(body, listing.what, workspace), listing.what, workspace)
    except ReadFailed as failure:
        return failure
    return count
