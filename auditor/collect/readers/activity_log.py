"""The deletions of Azure Migrate projects in the Activity Log, which keeps 90 days."""

from datetime import datetime, timedelta

from auditor.azure.errors import ReadFailed
from auditor.collect.listing import Body, Feature, Listing, Rest
from auditor.collect.reader import Reader, gap_of
from auditor.inventory import lists as list_names

ASKED_BACK = timedelta(days=89)
"""The length of the period that is read; Azure refuses a start of more than 90 days ago by its own clock."""

_API = ("2015-04-01",)
_DELETIONS = frozenset(
    f"microsoft.migrate/{kind}/delete" for kind in ("migrateprojects", "projects", "assessmentprojects")
)

ACTIVITY_LOG = Listing(
    what=list_names.ACTIVITY_LOG,
    feature=Feature.WORKSPACE_USES,
    source=Rest("{scope}/providers/microsoft.insights/eventtypes/management/values", _API),
)
"""Read in every subscription in scope where there is a workspace of Azure Migrate; its filter depends on the time."""


async def read_deletions(reader: Reader, subscription: str) -> None:
    """Record the deletions of projects among the events of Azure Migrate."""
    recording, what = reader.recording, ACTIVITY_LOG.what
    recording.plan(what, subscription)
    count = 0
    try:
        async for page in reader.pages(what, _source(recording.begun_at), subscription):
            deletions = [event for event in page if _is_deletion(event)]
            count += len(deletions)
            for event in deletions:
                recording.event(event)
    except ReadFailed as failure:
        recording.gap(gap_of(what, subscription, ACTIVITY_LOG.needs[0], failure))
        return
    recording.complete(what, subscription, count)


def _source(now: datetime) -> Rest:
    start, end = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (now - ASKED_BACK, now))
    condition = f"eventTimestamp ge '{start}' and eventTimestamp le '{end}' and resourceProvider eq 'Microsoft.Migrate'"
    return Rest("{scope}/providers/microsoft.insights/eventtypes/management/values", _API, {"$filter": condition})


def _is_deletion(event: Body) -> bool:
    operation = event.get("operationName")
    named = operation.get("value") if isinstance(operation, dict) else operation
    return str(named).lower() in _DELETIONS
